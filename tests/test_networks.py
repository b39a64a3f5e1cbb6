"""Networks against autograd and an independent forward pass: scores, loss, both gradients, bad input."""

import copy
import math
import pickle
import re

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy import special

from dlbook.initializers import he, normal, xavier
from dlbook.layers import Affine, BatchNorm, Dropout, Relu, Sigmoid, Tanh
from dlbook.networks import MultiLayerNet, SimpleNet, TwoLayerNet

BATCHES = [1, 2, 7, 100]
FLOATS = [np.float32, np.float64]


def simple(dtype=np.float64, rng=0):
    return SimpleNet(np.random.default_rng(rng).normal(size=(4, 3)).astype(dtype))


def two_layer(dtype=np.float64, rng=0, hidden_size=5):
    return with_biases(TwoLayerNet(4, hidden_size, 3, weight_init_std=1, rng=rng, dtype=dtype), rng)


def with_biases(net, rng):
    """Draw the biases, too: if they were 0, one that is left out would not be missed."""
    rng = np.random.default_rng(rng + 1)
    for name, param in net.params.items():
        if name.startswith("b"):
            param += rng.normal(size=param.shape).astype(param.dtype)
    return net


def deep(dtype=np.float64, rng=0, hidden_sizes=(5, 2, 6), activation="relu"):
    return with_biases(
        MultiLayerNet(4, hidden_sizes, 3, activation, weight_init=0.7, rng=rng, dtype=dtype), rng
    )


def deep_sigmoid(dtype=np.float64, rng=0):
    return deep(dtype, rng, (5, 2), "sigmoid")


def linear(dtype=np.float64, rng=0):
    return deep(dtype, rng, ())


def deep_tanh(dtype=np.float64, rng=0):
    return deep(dtype, rng, (5, 2), "tanh")


NETS = [simple, two_layer, linear, deep, deep_sigmoid, deep_tanh]


def batch(n, rng=0):
    """Four numbers a sample; labels, one-hot rows and soft targets for three classes."""
    rng = np.random.default_rng(rng)
    labels = rng.integers(3, size=n)
    return rng.normal(size=(n, 4)), labels, np.identity(3)[labels], rng.dirichlet(np.ones(3), n)


def their_scores(net, params, x):
    """The forward pass in autograd's NumPy, written without dlbook."""
    if "W" in params:
        return anp.dot(x, params["W"])
    for i in range(1, len(params) // 2):
        x = anp.dot(x, params[f"W{i}"]) + params[f"b{i}"]
        x = their_activation(net)(x)
    last = len(params) // 2
    return anp.dot(x, params[f"W{last}"]) + params[f"b{last}"]


def their_activation(net):
    if has_relu(net):
        return lambda s: anp.maximum(s, 0)
    if getattr(net, "activation", None) is Tanh:
        return lambda s: 1 - 2 / (1 + anp.exp(2 * s))
    return lambda s: 1 / (1 + anp.exp(-s))


def far_from_kinks(net, x, distance=0.01):
    """Whether no ReLU is so near 0 that the steps of a numerical gradient could cross it."""
    if not has_relu(net):
        return True
    sums = []
    for layer in net.layers():
        x = layer.forward(x)
        if isinstance(layer, Affine):
            sums.append(np.abs(x).min())
    return min(sums[:-1], default=1) > distance


def has_relu(net):
    return getattr(net, "activation", None) is Relu


def their_loss(net, params, x, t):
    exponentials = anp.exp(their_scores(net, params, x))
    y = exponentials / anp.sum(exponentials, axis=1, keepdims=True)
    return -anp.sum(t * anp.log(y)) / len(x)


def their_gradient(net, x, t):
    return grad(lambda params: their_loss(net, params, x, t))(net.params)


# Against something independent


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("n", BATCHES)
def test_scores_probabilities_and_loss_agree_with_another_implementation(make, n):
    net = make()
    x, labels, one_hot, soft = batch(n)
    scores = their_scores(net, net.params, x)
    np.testing.assert_allclose(net.scores(x), scores, rtol=1e-12)
    np.testing.assert_allclose(net.predict(x), special.softmax(scores, axis=1), rtol=1e-12)
    for t, rows in [(labels, one_hot), (one_hot, one_hot), (soft, soft)]:
        assert net.loss(x, t) == pytest.approx(their_loss(net, net.params, x, rows), rel=1e-12)
        correct = scores.argmax(axis=1) == rows.argmax(axis=1)
        assert net.accuracy(x, t) == correct.mean()


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("n", BATCHES)
def test_gradient_agrees_with_autograd(make, n):
    net = make()
    x, labels, one_hot, soft = batch(n)
    for t, rows in [(labels, one_hot), (one_hot, one_hot), (soft, soft)]:
        theirs = their_gradient(net, x, rows)
        ours = net.gradient(x, t)
        assert ours.keys() == net.params.keys()
        for name in theirs:
            assert ours[name].shape == net.params[name].shape
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_numerical_gradient_agrees_with_autograd(make, n):
    net = make()
    x, labels, one_hot, _ = batch(n)
    theirs = their_gradient(net, x, one_hot)
    ours = net.numerical_gradient(x, labels)
    assert ours.keys() == net.params.keys()
    for name in theirs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-9)


# Samples, batches, types


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_a_single_sample_equals_a_batch_of_one(make, dtype):
    net = make(dtype)
    x, labels, one_hot, soft = batch(1)
    rtol = 10 * float(np.finfo(dtype).eps)
    assert net.scores(x[0]).shape == net.predict(x[0]).shape == (3,)
    np.testing.assert_allclose(net.scores(x[0]), net.scores(x)[0], rtol=rtol)
    np.testing.assert_allclose(net.predict(x[0]), net.predict(x)[0], rtol=rtol)
    for t in (labels, one_hot, soft):
        assert net.loss(x[0], t[0]) == pytest.approx(net.loss(x, t), rel=rtol)
        assert net.accuracy(x[0], t[0]) == net.accuracy(x, t)
        for name, gradient in net.gradient(x, t).items():
            np.testing.assert_allclose(net.gradient(x[0], t[0])[name], gradient, rtol=rtol, atol=rtol)
    assert net.loss(x[0], int(labels[0])) == net.loss(x[0], labels[0])


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("x_dtype", [np.float32, np.float64, np.uint8, int])
def test_everything_is_computed_in_the_float_type_of_the_parameters(make, dtype, x_dtype):
    net = make(dtype)
    x = np.array([[0, 1, 2, 3], [3, 0, 1, 0]], x_dtype)
    for t in ([0, 2], np.identity(3)[[0, 2]], np.identity(3, np.float32)[[0, 2]]):
        assert net.scores(x).dtype == net.predict(x).dtype == net.loss(x, t).dtype == dtype
        assert {array.dtype for array in net.gradient(x, t).values()} == {np.dtype(dtype)}
    gradient = net.numerical_gradient(x, [0, 2], h=1e-2)
    assert {array.dtype for array in gradient.values()} == {np.dtype(dtype)}
    assert type(net.accuracy(x, [0, 2])) is float


@pytest.mark.parametrize("make", NETS)
def test_float32_gradients_are_near_float64_gradients(make):
    x, labels, _, _ = batch(7)
    exact = make().gradient(x, labels)
    for name, gradient in make(np.float32).gradient(x, labels).items():
        np.testing.assert_allclose(gradient, exact[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", NETS)
def test_large_inputs_are_silent_and_finite(make):
    for dtype in FLOATS:
        net = make(dtype)
        x, labels, _, _ = batch(7)
        with np.errstate(all="raise", under="ignore"):
            assert np.isfinite(net.loss(1e4 * x, labels))
            np.testing.assert_allclose(net.predict(1e4 * x).sum(axis=1), 1, rtol=1e-6)
            assert all(np.isfinite(g).all() for g in net.gradient(1e4 * x, labels).values())


# Any depth


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("hidden_sizes", [(), (5,), (6, 2), (1, 7, 3), (4, 4, 4, 4)])
@pytest.mark.parametrize("n", [1, 3])
def test_a_network_of_any_depth_agrees_with_autograd_and_the_numerical_gradient(hidden_sizes, activation, n):
    net = deep(hidden_sizes=hidden_sizes, activation=activation, rng=3)
    x, labels, one_hot, _ = batch(n, rng=4)
    sizes = [4, *hidden_sizes, 3]
    assert net.depth == len(sizes) - 1
    assert list(net.params) == [f"{name}{i}" for i in range(1, len(sizes)) for name in "Wb"]
    for i in range(1, len(sizes)):
        assert net.params[f"W{i}"].shape == (sizes[i - 1], sizes[i])
        assert net.params[f"b{i}"].shape == (sizes[i],)
    np.testing.assert_allclose(net.scores(x), their_scores(net, net.params, x), rtol=1e-12)
    ours, theirs = net.gradient(x, labels), their_gradient(net, x, one_hot)
    numerical = net.numerical_gradient(x, labels)
    assert far_from_kinks(net, x, distance=1e-3)
    assert any(gradient.any() for gradient in ours.values())
    assert list(ours) == list(numerical) == list(net.params)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(ours[name], numerical[name], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_seed_draws_the_weights_of_the_two_layer_network(dtype):
    net = MultiLayerNet(4, [5], 3, "sigmoid", weight_init=0.3, rng=9, dtype=dtype)
    two = TwoLayerNet(4, 5, 3, weight_init_std=0.3, rng=9, dtype=dtype)
    assert pickle.dumps(net.params) == pickle.dumps(two.params)


# In training


def in_training(dtype=np.float64, rng=0, **options):
    """A network with all that training does to it, or what ``options`` leave of it."""
    options = {"weight_decay": 0.3, "batch_norm": True, "dropout": 0.4} | options
    net = MultiLayerNet(4, [5, 6], 3, "tanh", weight_init=0.7, rng=rng, dtype=dtype, **options)
    draw = np.random.default_rng(rng + 1)
    for name, param in net.params.items():
        if not name.startswith("W"):
            param += draw.normal(size=param.shape).astype(param.dtype)
    return net


OPTIONS = [
    {},
    {"weight_decay": 0},
    {"batch_norm": False},
    {"dropout": 0},
    {"batch_norm": False, "dropout": 0},
    {"weight_decay": 0, "batch_norm": False},
]


def training_loss(net, params, x, t, masks):
    """The loss in training in autograd's NumPy, written without dlbook."""
    decay = 0.0
    for i in (1, 2, 3):
        decay = decay + anp.sum(params[f"W{i}"] ** 2)
        x = anp.dot(x, params[f"W{i}"]) + params[f"b{i}"]
        if i == 3:
            break
        if net.batch_norm:
            centred = x - anp.mean(x, axis=0)
            x = centred / anp.sqrt(anp.mean(centred**2, axis=0) + 1e-5)
            x = params[f"gamma{i}"] * x + params[f"beta{i}"]
        x = anp.tanh(x)
        if net.dropout:
            x = x * masks[i - 1] / (1 - net.dropout)
    log_y = x - anp.log(anp.sum(anp.exp(x), axis=1, keepdims=True))
    return -anp.sum(t * log_y) / len(x) + 0.5 * net.weight_decay * decay


def next_masks(net, n):
    """The masks that the network is about to draw."""
    rng = copy.deepcopy(net.rng)
    return [rng.random((n, size), np.float32) >= net.dropout for size in (5, 6)]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("n", [3, 7, 100])
def test_the_gradient_in_training_agrees_with_autograd(options, n):
    net = in_training(**options)
    x, labels, one_hot, _ = batch(n)
    masks = next_masks(net, n)
    expected = training_loss(net, net.params, x, one_hot, masks)
    assert net.trial_loss(x, labels) == pytest.approx(expected, rel=1e-12)
    loss, ours = net.loss_and_gradient(x, labels)
    assert loss == pytest.approx(expected, rel=1e-12)
    theirs = grad(lambda params: training_loss(net, params, x, one_hot, masks))(net.params)
    assert ours.keys() == net.params.keys()
    for name, gradient in theirs.items():
        np.testing.assert_allclose(ours[name], gradient, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_two_gradients_in_training_agree_and_drop_the_same_units(options):
    net = in_training(**options)
    x, labels, _, _ = batch(7)
    for _ in range(2):
        numerical = net.numerical_gradient(x, labels)
        for name, gradient in net.gradient(x, labels).items():
            np.testing.assert_allclose(numerical[name], gradient, rtol=1e-5, atol=1e-8)


def test_a_trial_leaves_no_trace():
    net = in_training()
    x, labels, _, _ = batch(7)
    before = pickle.dumps(net)
    assert net.trial_loss(x, labels) == net.trial_loss(x, labels)
    net.numerical_gradient(x, labels)
    assert pickle.dumps(net) == before
    net.gradient(x, labels)
    assert pickle.dumps(net) != before


def test_in_use_nothing_is_dropped_and_each_sample_is_alone():
    net = in_training()
    x, labels, _, _ = batch(100)
    for _ in range(200):
        net.gradient(x, labels)
    before = pickle.dumps(net)
    scores, loss = net.scores(x), net.loss(x, labels)
    for i in range(len(x)):
        np.testing.assert_allclose(net.scores(x[i]), scores[i], rtol=1e-12)
    weights = sum(np.sum(net.params[f"W{i}"] ** 2) for i in (1, 2, 3))
    log_y = special.log_softmax(scores, axis=1)
    assert loss == pytest.approx(-log_y[np.arange(100), labels].mean() + 0.15 * weights)
    assert net.accuracy(x, labels) == np.mean(scores.argmax(axis=1) == labels)
    assert pickle.dumps(net) == before, "looking changes nothing"
    still = in_training(dropout=0)
    still.params, still.moving = net.params, net.moving
    np.testing.assert_allclose(still.scores(x), scores, rtol=1e-12)
    # After many equal batches the moving averages are theirs (but for N / (N - 1) in the variance).
    assert still.loss(x, labels) == pytest.approx(still.loss(x, labels, training=True), rel=0.01)


def test_the_moving_averages_are_those_of_the_sums_before_the_activation():
    net = in_training(dropout=0)
    x, labels, _, _ = batch(50)
    net.gradient(x, labels)
    sums = x @ net.params["W1"] + net.params["b1"]
    np.testing.assert_allclose(net.moving["mean1"], 0.1 * sums.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(net.moving["var1"], 0.9 + 0.1 * sums.var(axis=0, ddof=1), rtol=1e-12)


def test_where_each_layer_stands():
    net = in_training()
    hidden = [Affine, BatchNorm, Tanh, Dropout]
    assert [type(layer) for layer in net.layers()] == [*hidden, *hidden, Affine]
    for training in (True, False):
        modes = [layer.training for layer in net.layers(training) if hasattr(layer, "training")]
        assert modes == [training] * 4


@pytest.mark.parametrize("dtype", FLOATS)
def test_training_keeps_the_float_type(dtype):
    net = in_training(dtype)
    x, labels, _, _ = batch(7)
    loss, gradients = net.loss_and_gradient(x.astype(dtype), labels)
    arrays = [
        loss,
        *gradients.values(),
        *net.params.values(),
        *net.moving.values(),
        net.scores(x.astype(dtype)),
    ]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("net", [in_training(), two_layer(), simple()])
def test_loss_and_gradient_are_the_loss_and_the_gradient(net):
    x, labels, _, _ = batch(7)
    one, other, third = (copy.deepcopy(net) for _ in range(3))
    loss, gradients = one.loss_and_gradient(x, labels)
    assert loss == pytest.approx(third.trial_loss(x, labels), rel=1e-13)
    for name, gradient in other.gradient(x, labels).items():
        np.testing.assert_array_equal(gradients[name], gradient)


def test_one_sample_has_no_spread_to_normalise_by():
    net = in_training()
    x, labels, _, _ = batch(1)
    with pytest.raises(ValueError, match="x must be a batch of at least 2 samples in training"):
        net.gradient(x, labels)
    assert net.scores(x).shape == (1, 3)


def test_weight_decay_pulls_each_weight_towards_0_and_no_bias():
    heavy, light = (in_training(weight_decay=decay, batch_norm=False, dropout=0) for decay in (0.5, 0))
    x, labels, _, _ = batch(7)
    pull = {name: g - light.gradient(x, labels)[name] for name, g in heavy.gradient(x, labels).items()}
    for name, change in pull.items():
        expected = 0.5 * heavy.params[name] if name.startswith("W") else 0 * change
        np.testing.assert_allclose(change, expected, atol=1e-15)


@pytest.mark.parametrize("decay", [1e-3, 1, 2.5])
def test_weight_decay_adds_half_its_share_of_the_squared_weights_to_the_loss(decay):
    heavy, light = (in_training(weight_decay=it, batch_norm=False, dropout=0) for it in (decay, 0))
    x, labels, _, _ = batch(7)
    squares = math.fsum(w * w for i in (1, 2, 3) for w in heavy.params[f"W{i}"].flat)
    added = heavy.trial_loss(x, labels) - light.trial_loss(x, labels)
    assert added == pytest.approx(decay / 2 * squares, rel=1e-10)


@pytest.mark.parametrize(("name", "initialize"), [("xavier", xavier), ("he", he)])
def test_an_initializer_by_name_draws_all_matrices_in_turn(name, initialize):
    net = MultiLayerNet(40, [30, 20], 10, weight_init=name, rng=3)
    rng = np.random.default_rng(3)
    for i, shape in enumerate([(40, 30), (30, 20), (20, 10)], start=1):
        np.testing.assert_array_equal(net.params[f"W{i}"], initialize(shape, rng))
    other = MultiLayerNet(40, [30, 20], 10, weight_init=2, rng=3)
    np.testing.assert_array_equal(other.params["W1"], normal((40, 30), 2, rng=3))


def test_two_units_by_hand():
    net = MultiLayerNet(1, [2], 2, rng=0)
    net.params["W1"][:] = [[1, -1]]
    net.params["W2"][:] = [[2, 0], [0, 3]]
    net.params["b2"][:] = [0, 10]
    assert net.scores([[5], [-5]]).tolist() == [[10, 10], [0, 25]]
    gradient = net.gradient([[5]], [0])  # probabilities ½ and ½; only the first unit is awake
    assert {name: g.tolist() for name, g in gradient.items()} == {
        "W1": [[-5, 0]], "b1": [-1, 0], "W2": [[-2.5, 2.5], [0, 0]], "b2": [-0.5, 0.5]
    }  # fmt: skip


def test_the_layers_are_new_around_the_parameters_as_they_are():
    net = deep(hidden_sizes=(5, 6), activation="sigmoid")
    layers = net.layers()
    assert [type(layer) for layer in layers] == [Affine, Sigmoid, Affine, Sigmoid, Affine]
    assert not {id(layer) for layer in layers} & {id(layer) for layer in net.layers()}
    for i, layer in enumerate(layers[::2], start=1):
        assert np.shares_memory(layer.params["W"], net.params[f"W{i}"])
        assert np.shares_memory(layer.params["b"], net.params[f"b{i}"])
    x = batch(7)[0]
    np.testing.assert_array_equal(net.forward(x, layers), net.scores(x))


@pytest.mark.parametrize("make", NETS)
def test_parameters_that_are_changed_or_replaced_are_used(make):
    x, labels, _, _ = batch(3)
    for name in make().params:
        changed, replaced = make(), make()
        before = changed.loss(x, labels)
        bump = 0.5 * np.arange(changed.params[name].size).reshape(changed.params[name].shape)
        changed.params[name] += bump
        replaced.params[name] = replaced.params[name] + bump
        assert changed.loss(x, labels) == replaced.loss(x, labels) != before
        ours, theirs = changed.gradient(x, labels), replaced.gradient(x, labels)
        assert {n: g.tobytes() for n, g in ours.items()} == {n: g.tobytes() for n, g in theirs.items()}
        exact = their_gradient(changed, x, np.identity(3)[labels])
        np.testing.assert_allclose(ours[name], exact[name], rtol=1e-10, atol=1e-14)


def test_the_last_layer_is_missed_too():
    net = deep()
    del net.params["W4"], net.params["b4"]
    with pytest.raises(
        ValueError, match=r"^params must be a dict with the names .*'W4', 'b4'\], got \['W1',"
    ):
        net.scores(batch(1)[0])


# What is left alone


@pytest.mark.parametrize("make", [make for make in NETS if make is not two_layer])
def test_numerical_gradient_restores_the_parameters_when_the_loss_raises(make):
    net = make()
    x, labels, _, _ = batch(2)
    before = pickle.dumps(net.params)
    calls = 0
    loss = net.loss

    def failing_loss(x, t, **_):
        nonlocal calls
        calls += 1
        if calls == 6:
            raise ZeroDivisionError
        return loss(x, t)

    net.loss = failing_loss
    with pytest.raises(ZeroDivisionError):
        net.numerical_gradient(x, labels)
    assert pickle.dumps(net.params) == before


@pytest.mark.parametrize("make", NETS)
def test_gradients_are_new_arrays(make):
    net = make()
    x, labels, _, _ = batch(1)
    for way in (net.gradient, net.numerical_gradient):
        first, second = way(x, labels), way(x, labels)
        for name, param in net.params.items():
            assert not np.shares_memory(first[name], param)
            assert not np.shares_memory(first[name], second[name])


def test_simple_net_copies_its_weights():
    W = np.ones((2, 3))
    net = SimpleNet(W)
    net.W += 1
    assert np.all(W == 1)
    W[0, 0] = 9
    assert net.W[0, 0] == 2


@pytest.mark.parametrize("make", NETS)
def test_copies_and_pickles_are_independent_and_equal(make):
    net = make()
    x, labels, _, _ = batch(3)
    loss = net.loss(x, labels)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.loss(x, labels) == loss
        for param in twin.params.values():
            param += 1.5 * np.arange(param.shape[-1])
        assert twin.loss(x, labels) != loss
        assert net.loss(x, labels) == loss
        numerical = twin.numerical_gradient(x, labels)
        for name, gradient in twin.gradient(x, labels).items():
            np.testing.assert_allclose(gradient, numerical[name], atol=1e-7)


# The parameters belong to the user


def test_the_order_of_the_parameters_does_not_matter():
    # All of one shape, so that a mix-up would go unnoticed but for the values.
    net = TwoLayerNet(1, 1, 1, rng=0)
    net.params = {
        "b2": np.array([1.0]),
        "W2": np.array([[2.0]]),
        "b1": np.array([3.0]),
        "W1": np.array([[4.0]]),
    }
    assert net.scores([5]) == pytest.approx([special.expit(4 * 5 + 3) * 2 + 1])
    net.params = dict(sorted(net.params.items()))
    assert net.scores([5]) == pytest.approx([special.expit(4 * 5 + 3) * 2 + 1])
    assert net.gradient([5], 0).keys() == net.params.keys()


def test_the_weights_of_the_simple_net_are_one_and_the_same_under_both_names():
    net = SimpleNet(np.zeros((2, 3)))
    net.W = np.ones((2, 3))
    assert net.params["W"] is net.W
    assert net.scores([1, 2]).tolist() == [3, 3, 3]
    net.params["W"] = np.full((2, 3), 2.0)
    assert net.W is net.params["W"]
    assert net.scores([1, 2]).tolist() == [6, 6, 6]
    np.testing.assert_allclose(
        net.numerical_gradient([1, 2], 0)["W"], net.gradient([1, 2], 0)["W"], atol=1e-8
    )
    net.W -= 1
    assert net.params["W"].tolist() == [[1, 1, 1]] * 2


def bad_parameters(name, param):
    """What cannot be a parameter, and what the error says."""
    for bad in (np.nan, np.inf, -np.inf):
        last = np.arange(param.shape[-1]) == param.shape[-1] - 1
        yield (
            np.where(last, bad, param),
            ValueError,
            f"{name} must be finite everywhere .*, got float64 array",
        )
    # An integer matrix would cut the pixels of an image to 0.
    swapped = param.astype(param.dtype.newbyteorder())
    for bad in (*map(param.astype, (int, complex)), param.tolist(), None):
        yield bad, TypeError, f"{name} must be an array of floats, got"
    yield param.astype(np.float16), TypeError, f"{name} must be in float64 or float32, got"
    yield swapped, TypeError, f"{name} must be in the machine's own order of bytes, got"
    for bad in (param[:1], param.T[..., np.newaxis], np.append(param, param, axis=-1)):
        if bad.shape != param.shape:
            yield bad, ValueError, rf"{name} must be of shape {re.escape(str(param.shape))}, got"
    yield np.ma.masked_equal(param, param.max()), ValueError, f"{name} must be without masked entries"


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient", "numerical_gradient"])
def test_parameters_that_do_not_fit_or_are_missing_are_named(make, method):
    for name, param in make().params.items():
        net = make()
        for bad, error, words in bad_parameters(name, param):
            net.params[name] = bad
            with pytest.raises(error, match=f"^{words}"):
                getattr(net, method)(*batch(2)[:2])
        rest = {other: it for other, it in make().params.items() if other != name}
        for bad in (rest, net.params | {"W9": param}, [param], None):
            net.params = bad
            with pytest.raises(ValueError, match=f"^params must be a dict with the names .*'{name}'.*, got"):
                getattr(net, method)(*batch(2)[:2])
        if len(rest) > 0:
            net.params = rest | {name: param.astype(np.float32)}
            with pytest.raises(TypeError, match=r"must be float(32|64), like the other parameters, got"):
                getattr(net, method)(*batch(2)[:2])


@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient"])
def test_moving_averages_that_do_not_fit_are_named(method):
    """They would be broadcast, or moved to nowhere."""
    for name, average in in_training().moving.items():
        for bad, error, words in bad_parameters(name, average):
            net = in_training()
            net.moving[name] = bad
            with pytest.raises(error, match=f"^{words}"):
                getattr(net, method)(*batch(2)[:2])
        net = in_training()
        net.moving[name] = average.astype(np.float32)
        with pytest.raises(TypeError, match=f"^{name} must be float64, like the other parameters, got"):
            net.loss(*batch(2)[:2])
        for bad in ({}, net.moving | {"mean9": average}, None):
            net.moving = bad
            with pytest.raises(ValueError, match=f"^moving must be a dict with the names .*'{name}'.*, got"):
                net.loss(*batch(2)[:2])


def test_the_penalty_names_a_matrix_that_does_not_fit():
    net = in_training()
    net.params["W3"] = np.ones((6, 1))
    with pytest.raises(ValueError, match=r"^W3 must be of shape \(6, 3\), got"):
        net.penalty()


def test_the_gradient_of_rows_that_do_not_belong_together_is_refused():
    net = two_layer()
    x, z, scores = net.forward(batch(4)[0])
    for name, bad in {"z": z[:3], "scores": scores[:3]}.items():
        rows = {"x": x, "z": z, "scores": scores} | {name: bad}
        with pytest.raises(ValueError, match=rf"^{name} must be of shape \(4, [53]\), got"):
            net.backward(**rows, t=[0, 1, 2, 0])
    with pytest.raises(ValueError, match=r"^z must be of shape \(3, 5\), got"):
        net.backward(x[:3], z, scores, [0, 1, 2, 0])


# Used


@pytest.mark.parametrize("make", [*NETS, lambda: in_training()])
def test_a_network_names_the_class_with_the_largest_score(make):
    net = make()
    x = batch(2500)[0]
    labels = net.classify(x)
    assert labels.tolist() == [max(range(3), key=row.__getitem__) for row in net.predict(x).tolist()]
    assert net.accuracy(x, labels) == 1
    assert type(net.classify(x[7])) is int
    assert net.classify(x[7].tolist()) == labels[7]


@pytest.mark.parametrize("make", [*NETS, lambda: in_training()])
def test_settings_make_such_a_network(make):
    net = make()
    twin = type(net)(**net.settings())
    assert twin.settings() == net.settings()
    assert twin.shapes == net.shapes
    arrays = {"params": net.params, "moving": getattr(net, "moving", {})}
    assert net.shapes == {of: {n: it.shape for n, it in those.items()} for of, those in arrays.items()}


def test_settings_follow_what_is_changed():
    net = in_training()
    net.dropout, net.weight_decay, net.activation = 0.1, 0.2, Relu
    net.params = {name: it.astype(np.float32) for name, it in net.params.items()}
    changed = {"dropout": 0.1, "weight_decay": 0.2, "activation": "relu", "dtype": "float32"}
    assert net.settings() == in_training().settings() | changed


@pytest.mark.parametrize(("written", "meant"), [("ReLU", "relu"), ("TANH", "tanh"), ("Sigmoid", "sigmoid")])
def test_names_are_known_in_any_case(written, meant):
    one, other = (
        MultiLayerNet(4, [5], 3, name, weight_init=how, rng=0)
        for name, how in ((written, "He"), (meant, "he"))
    )
    assert one.activation is other.activation
    assert one.settings() == other.settings()
    assert pickle.dumps(one.params) == pickle.dumps(other.params)


def rows_of(net):
    """What a network shows of itself: its first line, the lines of its layers, its last line."""
    first, *rows, last = (line.strip() for line in repr(net).splitlines())
    return first, [(row.partition(" ")[0], re.findall(r"(\w+) (\([\d, ]*\))", row)) for row in rows], last


@pytest.mark.parametrize("make", [*NETS, lambda: in_training()])
def test_a_network_shows_its_settings_its_layers_and_its_parameters(make):
    net = make()
    first, rows, last = rows_of(net)
    assert eval(first).settings() == net.settings()
    assert dict(it for _, arrays in rows for it in arrays) == {n: str(p.shape) for n, p in net.params.items()}
    assert last == f"{sum(p.size for p in net.params.values()):,} parameters"
    if isinstance(net, MultiLayerNet):
        assert [layer for layer, _ in rows] == [type(layer).__name__ for layer in net.layers()]


def test_a_network_that_does_not_work_can_be_looked_at_all_the_same():
    for bad in ({}, {"W1": None}, {"W1": "W"}):
        net = in_training()
        net.params = bad
        assert repr(net).startswith("MultiLayerNet(input_size=4, ")


# Where the weights come from


def test_initial_weights_are_normal_and_biases_zero():
    net = TwoLayerNet(300, 200, 100, rng=0)
    assert {name: param.shape for name, param in net.params.items()} == {
        "W1": (300, 200), "b1": (200,), "W2": (200, 100), "b2": (100,)
    }  # fmt: skip
    for name in ("W1", "W2"):
        W = net.params[name] / 0.01
        assert abs(W.mean()) < 0.03
        assert W.std() == pytest.approx(1, abs=0.02)
        assert np.mean(np.abs(W) < 1) == pytest.approx(special.erf(np.sqrt(0.5)), abs=0.01)
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()
    assert TwoLayerNet(300, 200, 100, weight_init_std=3, rng=0).params["W1"].std() == pytest.approx(
        3, abs=0.1
    )
    assert not TwoLayerNet(3, 2, 1, weight_init_std=0).params["W1"].any()


def test_initial_weights_of_any_depth_are_normal_and_biases_zero():
    net = MultiLayerNet(200, [300, 150], 100, weight_init=2, rng=0)
    for i in (1, 2, 3):
        W = net.params[f"W{i}"] / 2
        assert abs(W.mean()) < 0.03
        assert W.std() == pytest.approx(1, abs=0.02)
        assert np.mean(np.abs(W) < 1) == pytest.approx(special.erf(np.sqrt(0.5)), abs=0.01)
        assert not net.params[f"b{i}"].any()
    assert MultiLayerNet(300, [200], 10, rng=0).params["W1"].std() == pytest.approx(0.01, rel=0.02)
    assert not MultiLayerNet(3, [2], 1, weight_init=0).params["W2"].any()
    assert MultiLayerNet(3, [2], 1).activation is Relu


def test_simple_net_draws_two_by_three_standard_normal_weights():
    assert SimpleNet().W.shape == (2, 3)
    W = np.array([SimpleNet(rng=seed).W for seed in range(500)])
    assert abs(W.mean()) < 0.06
    assert W.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("f4"), float, "f8"])
def test_the_float_type_can_be_named_in_any_way(dtype):
    for net in (TwoLayerNet(2, 2, 2, dtype=dtype), MultiLayerNet(2, [2], 2, dtype=dtype)):
        assert {param.dtype for param in net.params.values()} == {np.dtype(dtype)}


def test_simple_net_keeps_float32_and_turns_integers_into_floats():
    assert SimpleNet(np.ones((2, 3), np.float32)).W.dtype == np.float32
    assert SimpleNet([[1, 2], [3, 4]]).W.dtype == np.float64
    assert SimpleNet([[1, 2], [3, 4]]).scores([0.5, 0.5]).tolist() == [2, 3]
    assert SimpleNet([[3]]).scores([0.5]).tolist() == [1.5]


# What does not fit


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"hidden_sizes": 50}, TypeError, "hidden_sizes must be a list of sizes, got 50"),
        ({"hidden_sizes": "50"}, TypeError, "hidden_sizes must be a list of sizes, got '50'"),
        ({"hidden_sizes": None}, TypeError, "hidden_sizes must be a list of sizes, got None"),
        ({"hidden_sizes": [5, 0]}, ValueError, "hidden_sizes must be at least 1, got 0"),
        ({"hidden_sizes": [5, 2.0]}, TypeError, "hidden_sizes must be an integer, got 2.0"),
        ({"hidden_sizes": [[5]]}, TypeError, r"hidden_sizes must be an integer, got \[5\]"),
        (
            {"activation": "gelu"},
            ValueError,
            r"activation must be one of \['relu', 'sigmoid', 'tanh'\], got 'gelu'",
        ),
        ({"activation": None}, ValueError, "activation must be one of .*, got None"),
        ({"activation": ["relu"]}, ValueError, r"activation must be one of .*, got \['relu'\]"),
        ({"weight_init": -1}, ValueError, "weight_init must be a finite number, at least 0, got -1"),
        ({"weight_init": np.nan}, ValueError, "weight_init must be .*, got nan"),
        ({"weight_init": "hi"}, ValueError, r"weight_init must be one of \['he', 'xavier'\], got 'hi'"),
        ({"weight_init": None}, TypeError, "weight_init must be real numbers, got None"),
        ({"weight_init": he}, TypeError, "weight_init must be real numbers, got <function he"),
        ({"batch_norm": "yes"}, TypeError, "batch_norm must be True or False, got 'yes'"),
        ({"batch_norm": 1}, TypeError, "batch_norm must be True or False, got 1"),
        ({"batch_norm": np.ones(2)}, TypeError, "batch_norm must be True or False, got float64 array"),
    ],
)
def test_a_network_of_layers_that_makes_no_sense_is_refused(arguments, error, words):
    with pytest.raises(error, match=f"^{words}"):
        MultiLayerNet(**{"input_size": 2, "hidden_sizes": [2], "output_size": 2} | arguments)


@pytest.mark.parametrize(
    ("W", "error", "words"),
    [
        ([1.0, 2.0], ValueError, r"W must be a matrix, got float64 array of shape \(2,\)"),
        (3.0, ValueError, "W must be a matrix, got 3.0"),
        (np.ones((2, 2, 2)), ValueError, r"W must be a matrix, got float64 array of shape \(2, 2, 2\)"),
        (np.ones((0, 3)), ValueError, r"W must be a matrix, got float64 array of shape \(0, 3\)"),
    ],
)
def test_a_simple_net_that_makes_no_sense_is_refused(W, error, words):
    with pytest.raises(error, match=words):
        SimpleNet(W)
