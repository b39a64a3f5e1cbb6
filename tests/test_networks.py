"""Networks against autograd and an independent forward pass: scores, loss, both gradients, bad input."""

import copy
import math
import pickle

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from dlbook.gradients import gradient_check
from dlbook.initializers import he, normal, xavier
from dlbook.layers import Affine, BatchNorm, Dropout, Relu, Sigmoid, Tanh
from dlbook.networks import MultiLayerNet, Network, SimpleNet, TwoLayerNet, as_batch

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


@pytest.mark.parametrize("make", NETS)
@given(rng=st.integers(0, 10**6), n=st.integers(1, 5), soft=st.booleans())
def test_gradient_passes_the_gradient_check_for_random_networks_and_batches(make, rng, n, soft):
    net = make(rng=rng)
    x, labels, _, distributions = batch(n, rng)
    t = distributions if soft else labels
    assume(far_from_kinks(net, x))
    gradient = net.gradient(x, t)
    for name, param in net.params.items():
        # The best step for weights around 1: the loss bends much where ReLUs multiply them.
        assert gradient_check(lambda _: net.loss(x, t), param, gradient[name], h=3e-5) < 1e-7


@pytest.mark.parametrize("make", NETS)
def test_gradients_agree_with_pytorch(make):
    torch = pytest.importorskip("torch")
    net = make()
    x, labels, _, _ = batch(7)
    params = {name: torch.tensor(param, requires_grad=True) for name, param in net.params.items()}
    scores = torch.from_numpy(x)
    if "W" in params:
        scores = scores @ params["W"]
    for i in range(1, len(params) // 2 + 1):
        if i > 1:
            kind = getattr(net, "activation", Sigmoid)
            scores = {Relu: torch.relu, Tanh: torch.tanh, Sigmoid: torch.sigmoid}[kind](scores)
        scores = scores @ params[f"W{i}"] + params[f"b{i}"]
    torch.nn.functional.cross_entropy(scores, torch.from_numpy(labels)).backward()
    for name, gradient in net.gradient(x, labels).items():
        np.testing.assert_allclose(gradient, params[name].grad.numpy(), rtol=1e-10, atol=1e-14)


def test_the_step_of_the_numerical_gradient_can_be_chosen():
    net = simple()
    x, t, _, _ = batch(2)
    exact = net.gradient(x, t)["W"]
    errors = [np.abs(net.numerical_gradient(x, t, h)["W"] - exact).max() for h in (1e-1, 1e-2)]
    assert errors[0] == pytest.approx(100 * errors[1], rel=0.1)
    assert np.abs(net.numerical_gradient(x, t)["W"] - exact).max() < 1e-8


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
def test_the_gradient_of_a_batch_is_the_mean_over_its_samples(make):
    net = make()
    x, labels, _, _ = batch(7)
    for name, gradient in net.gradient(x, labels).items():
        one_by_one = [net.gradient(sample, label)[name] for sample, label in zip(x, labels, strict=True)]
        np.testing.assert_allclose(gradient, np.mean(one_by_one, axis=0), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("x_dtype", [np.float32, np.float64, np.uint8, int])
def test_everything_is_computed_in_the_float_type_of_the_parameters(make, dtype, x_dtype):
    net = make(dtype)
    x = np.array([[0, 1, 2, 3], [3, 0, 1, 0]], x_dtype)
    for t in ([0, 2], np.identity(3)[[0, 2]], np.identity(3, np.float32)[[0, 2]]):
        assert net.scores(x).dtype == net.predict(x).dtype == net.loss(x, t).dtype == dtype
        for gradient in (net.gradient(x, t), net.numerical_gradient(x, t, h=1e-2)):
            assert {array.dtype for array in gradient.values()} == {np.dtype(dtype)}
    assert type(net.accuracy(x, [0, 2])) is float


@pytest.mark.parametrize("make", NETS)
def test_float32_gradients_are_near_float64_gradients(make):
    x, labels, _, _ = batch(7)
    exact = make().gradient(x, labels)
    for name, gradient in make(np.float32).gradient(x, labels).items():
        np.testing.assert_allclose(gradient, exact[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", NETS)
def test_labels_of_any_kind_give_the_same(make):
    net = make()
    x, labels, one_hot, _ = batch(7)
    kinds = [
        labels.tolist(),
        labels.astype(np.uint8),
        labels.astype(np.int32),
        one_hot.astype(bool),
        one_hot.tolist(),
    ]
    for t in kinds:
        assert net.loss(x, t) == net.loss(x, labels)
        assert net.accuracy(x, t) == net.accuracy(x, labels)
        for name, gradient in net.gradient(x, labels).items():
            np.testing.assert_array_equal(net.gradient(x, t)[name], gradient)


@pytest.mark.parametrize("make", NETS)
def test_lists_and_views_are_taken(make):
    net = make()
    x, labels, _, _ = batch(6)
    assert net.loss(x.tolist(), labels) == net.loss(x, labels)
    assert net.loss(np.asfortranarray(x), labels) == pytest.approx(net.loss(x, labels), rel=1e-14)
    assert net.loss(x[::2], labels[::2]) == pytest.approx(
        net.loss(x[::2].copy(), labels[::2].copy()), rel=1e-14
    )
    assert net.loss(x.astype(">f8"), labels) == net.loss(x, labels)


@pytest.mark.parametrize("hidden_size", [1, 2, 30])
def test_any_number_of_hidden_units_and_one_class_work(hidden_size):
    net = two_layer(hidden_size=hidden_size)
    x, labels, _, _ = batch(2)
    gradient, numerical = net.gradient(x, labels), net.numerical_gradient(x, labels)
    for name in net.params:
        np.testing.assert_allclose(gradient[name], numerical[name], atol=1e-8)
    one_class = TwoLayerNet(4, hidden_size, 1, rng=0)
    assert one_class.loss(x, [0, 0]) == 0
    assert not any(g.any() for g in one_class.gradient(x, [0, 0]).values())


@pytest.mark.parametrize("samples", [999, 1000, 1001, 2000, 2345])
def test_accuracy_of_many_samples_takes_a_thousand_at_a_time(samples):
    """Scores of 70,000 samples at once would leave the processor's cache, and take longer."""
    rng = np.random.default_rng(samples)
    net = TwoLayerNet(4, 5, 3, rng=0)
    x, t = rng.standard_normal((samples, 4)), rng.integers(0, 3, samples)
    expected = np.mean(net.scores(x).argmax(axis=1) == t)
    scores, sizes = net.scores, []
    net.scores = lambda part: sizes.append(len(part)) or scores(part)
    assert net.accuracy(x, t) == expected
    assert sum(sizes) == samples
    assert max(sizes) <= 1000
    assert len(sizes) == -(-samples // 1000)


def test_accuracy_by_hand():
    net = SimpleNet(np.identity(3))
    x = np.identity(3)[[0, 1, 2, 2]]
    assert net.accuracy(x, [0, 1, 2, 0]) == 0.75
    assert net.accuracy(x, [1, 0, 0, 0]) == 0
    assert net.accuracy(x, x) == 1
    assert net.accuracy(x, 0.4 * x + 0.2) == 1
    assert net.accuracy([1, 0, 0], 0) == 1


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


@pytest.mark.parametrize("n", BATCHES)
def test_one_hidden_layer_of_sigmoids_is_the_two_layer_network(n):
    net, two = deep(hidden_sizes=[5], activation="sigmoid"), two_layer()
    net.params = {name: param.copy() for name, param in two.params.items()}
    x, labels, _, soft = batch(n)
    np.testing.assert_allclose(net.scores(x), two.scores(x), rtol=1e-13)
    for t in (labels, soft):
        assert net.loss(x, t) == pytest.approx(two.loss(x, t), rel=1e-13)
        assert net.accuracy(x, t) == two.accuracy(x, t)
        gradient = net.gradient(x, t)
        for name, expected in two.gradient(x, t).items():
            np.testing.assert_allclose(gradient[name], expected, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_seed_draws_the_weights_of_the_two_layer_network(dtype):
    net = MultiLayerNet(4, [5], 3, "sigmoid", weight_init=0.3, rng=9, dtype=dtype)
    two = TwoLayerNet(4, 5, 3, weight_init_std=0.3, rng=9, dtype=dtype)
    assert pickle.dumps(net.params) == pickle.dumps(two.params)


@pytest.mark.parametrize("n", BATCHES)
def test_without_hidden_layers_and_biases_it_is_the_simple_net(n):
    net, one = linear(), simple()
    net.params = {"W1": one.W, "b1": np.zeros(3)}
    x, labels, _, _ = batch(n)
    np.testing.assert_allclose(net.scores(x), one.scores(x), rtol=1e-13)
    assert net.loss(x, labels) == pytest.approx(one.loss(x, labels), rel=1e-13)
    gradient = net.gradient(x, labels)
    np.testing.assert_allclose(gradient["W1"], one.gradient(x, labels)["W"], rtol=1e-12, atol=1e-16)


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
    with pytest.raises(ValueError, match=r"params must be a dict with the names \('W4', 'b4'\), got \['W1',"):
        net.scores(batch(1)[0])


# What is left alone


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize(
    "method", ["scores", "predict", "loss", "accuracy", "gradient", "numerical_gradient"]
)
def test_inputs_and_parameters_are_left_alone(make, method):
    net = make()
    x, labels, one_hot, _ = batch(5)
    for t in (labels, one_hot):
        before = pickle.dumps((x, t, net.params))
        arrays = dict(net.params)
        x.flags.writeable = t.flags.writeable = False
        getattr(net, method)(*([x] if method in ("scores", "predict") else [x, t]))
        assert pickle.dumps((x, t, net.params)) == before
        assert all(net.params[name] is array for name, array in arrays.items())


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("h", [1e-4, 1e-2, 0.5])
def test_the_quick_numerical_gradient_is_the_general_one(n, h):
    """The same differences at the same step, also where that is far too long for the derivative."""
    net = two_layer()
    x, labels, one_hot, soft = batch(n)
    x[x < -0.5] = 0  # as most pixels are
    for t in (labels, one_hot, soft):
        ours, general = net.numerical_gradient(x, t, h), Network.numerical_gradient(net, x, t, h)
        assert ours.keys() == general.keys()
        for name, gradient in general.items():
            np.testing.assert_allclose(ours[name], gradient, rtol=0, atol=1e-9 if h < 1e-3 else 1e-12)


def test_the_quick_numerical_gradient_takes_a_single_sample():
    net = two_layer()
    x, labels, one_hot, _ = batch(7)
    for sample, label, row in zip(x, labels, one_hot, strict=True):
        general = Network.numerical_gradient(net, sample, label)
        for t in (label, row):
            for name, gradient in net.numerical_gradient(sample, t).items():
                np.testing.assert_allclose(gradient, general[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("h", [0, -1e-4, np.nan])
def test_a_step_that_makes_no_sense_is_refused(h):
    x, labels, _, _ = batch(2)
    with pytest.raises(ValueError, match=r"^h must be a positive finite number, got"):
        two_layer().numerical_gradient(x, labels, h)


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


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient", "numerical_gradient"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_not_finite_are_named(make, method, bad):
    for name in make().params:
        net = make()
        net.params[name][..., -1] = bad
        with pytest.raises(
            ValueError, match=rf"^{name} must be finite everywhere .*, got float64 array of shape"
        ):
            getattr(net, method)(*batch(2)[:2])


@pytest.mark.parametrize("make", NETS)
def test_parameters_that_are_no_float_arrays_are_named(make):
    # An integer matrix would cut the pixels of an image to 0.
    for name, param in make().params.items():
        for bad, came in [
            (param.astype(int), r"int\d+ array of shape"),
            (param.tolist(), r"\["),
            (param.astype(complex), "complex128 array of shape"),
            (None, "None"),
        ]:
            net = make()
            net.params[name] = bad
            with pytest.raises(TypeError, match=f"^{name} must be an array of floats, got {came}"):
                net.loss(*batch(2)[:2])


@pytest.mark.parametrize("make", NETS)
def test_parameters_that_are_missing_are_named(make):
    for name in make().params:
        net = make()
        del net.params[name]
        with pytest.raises(ValueError, match=f"params must be a dict with the names .*'{name}'.*, got"):
            net.gradient(*batch(2)[:2])


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


@pytest.mark.parametrize(
    "make",
    [
        lambda rng=None: SimpleNet(rng=rng),
        lambda rng=None: TwoLayerNet(4, 5, 3, rng=rng),
        lambda rng=None: MultiLayerNet(4, [5, 6], 3, rng=rng),
    ],
)
def test_a_seed_or_generator_makes_the_weights_reproducible(make):
    def weights(net):
        return pickle.dumps(net.params)

    assert weights(make(7)) == weights(make(7)) == weights(make(np.random.default_rng(7)))
    assert weights(make(7)) != weights(make(8))
    assert weights(make()) != weights(make())
    rng = np.random.default_rng(7)
    assert weights(make(rng)) != weights(make(rng))


@pytest.mark.parametrize(
    "make", [SimpleNet, lambda: TwoLayerNet(4, 5, 3), lambda: MultiLayerNet(4, [5, 6], 3)]
)
def test_the_global_generator_is_neither_used_nor_changed(make):
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    first = make().params
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
    assert pickle.dumps(first) != pickle.dumps(make().params)


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("f4"), float, "f8"])
def test_the_float_type_can_be_named_in_any_way(dtype):
    for net in (TwoLayerNet(2, 2, 2, dtype=dtype), MultiLayerNet(2, [2], 2, dtype=dtype)):
        assert {param.dtype for param in net.params.values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_is_copied_only_if_its_float_type_is_another(dtype):
    x, W = np.ones((5, 2), dtype), np.ones((2, 3))
    assert np.shares_memory(as_batch(x, W.astype(dtype)), x)
    assert np.shares_memory(as_batch(x, W), x) == (dtype == np.float64)


def test_simple_net_keeps_float32_and_turns_integers_into_floats():
    assert SimpleNet(np.ones((2, 3), np.float32)).W.dtype == np.float32
    assert SimpleNet([[1, 2], [3, 4]]).W.dtype == np.float64
    assert SimpleNet([[1, 2], [3, 4]]).scores([0.5, 0.5]).tolist() == [2, 3]
    assert SimpleNet([[3]]).scores([0.5]).tolist() == [1.5]


# What does not fit


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize(
    "method", ["scores", "predict", "loss", "accuracy", "gradient", "numerical_gradient"]
)
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (
            np.ones(5),
            ValueError,
            r"x must be of shape \(4,\) or \(N, 4\) with N at least 1, got float64 .* \(5,\)",
        ),
        (np.ones((2, 3)), ValueError, r"x must be of shape \(4,\) .*, got float64 array of shape \(2, 3\)"),
        (np.ones((4, 2)), ValueError, r"x must be of shape .*, got float64 array of shape \(4, 2\)"),
        (np.ones((1, 2, 4)), ValueError, r"x must be of shape .*, got float64 array of shape \(1, 2, 4\)"),
        (np.ones((0, 4)), ValueError, r"x must be of shape .*, got float64 array of shape \(0, 4\)"),
        ([], ValueError, r"x must be of shape .*, got float64 array of shape \(0,\)"),
        (1.0, ValueError, r"x must be of shape .*, got 1.0"),
        (None, TypeError, "x must be real numbers, got None"),
        (["1"] * 4, TypeError, "x must be real numbers, got"),
        (np.ones(4, complex), TypeError, "x must be real numbers, got complex128 array"),
        ([[1, 2, 3, 4], [1]], ValueError, "x must have rows of equal length, got"),
        ([1, 2, 3, np.nan], ValueError, r"x must be finite .*, got float64 array .*: \[1.0, 2.0, 3.0, nan\]"),
        (
            [[1, 2, 3, np.inf]],
            ValueError,
            r"x must be finite everywhere .*, got float64 array of shape \(1, 4\)",
        ),
    ],
)
def test_inputs_that_do_not_fit_the_network_are_refused(make, method, x, error, words):
    net = make()
    with pytest.raises(error, match=words):
        getattr(net, method)(*([x] if method in ("scores", "predict") else [x, [0, 1]]))


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient", "numerical_gradient"])
@pytest.mark.parametrize(
    ("t", "error", "words"),
    [
        ([0, 3], ValueError, "t must be labels between 0 and 2, got"),
        ([0, -1], ValueError, "t must be labels between 0 and 2, got"),
        ([0.0, 1.0], TypeError, "t must be integers where it holds labels, got float64"),
        ([True, False], TypeError, "t must be integers where it holds labels, got bool"),
        (
            [0, 1, 2],
            ValueError,
            r"t must be .* \(2, 3\), like .*, or labels of shape \(2,\), got int64 array of shape \(3,\)",
        ),
        ([[1, 0], [0, 1]], ValueError, r"t must be of shape .*, got int64 array of shape \(2, 2\)"),
        ([[1, 1, 0], [0, 1, 0]], ValueError, "t must be rows that sum to 1"),
        (0, ValueError, r"t must be of shape .*, got 0"),
        (None, ValueError, "t must be of shape .*, got None"),
        ([[1, 0, 0], [1]], ValueError, "t must have rows of equal length"),
    ],
)
def test_targets_that_do_not_fit_the_input_are_refused(make, method, t, error, words):
    net = make()
    before = pickle.dumps(net.params)
    with pytest.raises(error, match=words):
        getattr(net, method)(np.ones((2, 4)), t)
    assert pickle.dumps(net.params) == before


@pytest.mark.parametrize("make", NETS)
def test_accuracy_names_the_scores_that_targets_have_to_fit(make):
    with pytest.raises(ValueError, match=r"t must be of shape \(2, 3\), like the scores, or labels"):
        make().accuracy(np.ones((2, 4)), [0, 1, 2])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"input_size": 0}, ValueError, "input_size must be at least 1, got 0"),
        ({"hidden_size": -1}, ValueError, "hidden_size must be at least 1, got -1"),
        ({"output_size": 2.0}, TypeError, "output_size must be an integer, got 2.0"),
        ({"hidden_size": "5"}, TypeError, "hidden_size must be an integer, got '5'"),
        ({"input_size": True}, TypeError, "input_size must be an integer, got True"),
        ({"weight_init_std": -1}, ValueError, "weight_init_std must be a finite number, at least 0, got -1"),
        ({"weight_init_std": np.nan}, ValueError, "weight_init_std must be .*, got nan"),
        ({"weight_init_std": np.inf}, ValueError, "weight_init_std must be .*, got inf"),
        ({"weight_init_std": [1, 2]}, ValueError, r"weight_init_std must be .*, got \[1, 2\]"),
        ({"weight_init_std": "he"}, TypeError, "weight_init_std must be real numbers, got 'he'"),
        ({"rng": "seed"}, TypeError, "rng must be a numpy.random.Generator or a seed .*, got 'seed'"),
        ({"rng": -1}, ValueError, "rng must be a numpy.random.Generator or a seed .*, got -1"),
        ({"dtype": int}, TypeError, "dtype must be float32 or float64, got"),
        ({"dtype": np.float16}, TypeError, "dtype must be float32 or float64, got"),
        ({"dtype": complex}, TypeError, "dtype must be float32 or float64, got"),
        (
            {"dtype": "single precision"},
            TypeError,
            "dtype must be float32 or float64, got 'single precision'",
        ),
        ({"dtype": 32}, TypeError, "dtype must be float32 or float64, got 32"),
    ],
)
def test_a_two_layer_network_that_makes_no_sense_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        TwoLayerNet(**{"input_size": 2, "hidden_size": 2, "output_size": 2} | arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"input_size": 0}, ValueError, "input_size must be at least 1, got 0"),
        ({"input_size": 1.5}, TypeError, "input_size must be an integer, got 1.5"),
        ({"output_size": -1}, ValueError, "output_size must be at least 1, got -1"),
        ({"output_size": None}, TypeError, "output_size must be an integer, got None"),
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
        ({"weight_decay": -0.1}, ValueError, "weight_decay must be a finite number, at least 0, got -0.1"),
        ({"weight_decay": np.inf}, ValueError, "weight_decay must be .*, got inf"),
        ({"weight_decay": "L2"}, TypeError, "weight_decay must be real numbers, got 'L2'"),
        ({"dropout": 1}, ValueError, "dropout must be a number from 0 up to, but not including, 1, got 1"),
        ({"dropout": -0.5}, ValueError, "dropout must be .*, got -0.5"),
        ({"dropout": "half"}, TypeError, "dropout must be real numbers, got 'half'"),
        ({"batch_norm": "yes"}, TypeError, "batch_norm must be True or False, got 'yes'"),
        ({"batch_norm": 1}, TypeError, "batch_norm must be True or False, got 1"),
        ({"batch_norm": np.ones(2)}, TypeError, "batch_norm must be True or False, got float64 array"),
        ({"rng": "seed"}, TypeError, "rng must be a numpy.random.Generator or a seed .*, got 'seed'"),
        ({"rng": -1}, ValueError, "rng must be a numpy.random.Generator or a seed .*, got -1"),
        ({"dtype": int}, TypeError, "dtype must be float32 or float64, got"),
        ({"dtype": np.float16}, TypeError, "dtype must be float32 or float64, got"),
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
        ([[1.0, np.nan]], ValueError, "W must be finite everywhere"),
        ([["a", "b"]], TypeError, "W must be real numbers, got"),
        ([[1.0], [1.0, 2.0]], ValueError, "W must have rows of equal length"),
    ],
)
def test_a_simple_net_that_makes_no_sense_is_refused(W, error, words):
    with pytest.raises(error, match=words):
        SimpleNet(W)


def test_a_network_must_say_how_it_computes_scores_and_gradients():
    with pytest.raises(NotImplementedError, match=r"Network must define scores\(x\)"):
        Network().predict([1])
    with pytest.raises(NotImplementedError, match=r"Network must define gradient\(x, t\)"):
        Network().gradient([1], 0)
