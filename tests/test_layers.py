"""Layers against autograd, PyTorch and numerical gradients, both ways; what they keep and what they leave."""

import copy
import itertools
import pickle
import re
import statistics

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from dlbook.activations import relu, relu_grad, sigmoid, sigmoid_grad
from dlbook.gradients import gradient_check
from dlbook.layers import Add, Affine, BatchNorm, Dropout, Multiply, Relu, Sigmoid, SoftmaxWithLoss, Tanh

BATCHES = [1, 2, 7, 100]
FLOATS = [np.float32, np.float64]
WITHOUT_BATCH = ["add", "multiply", "relu", "sigmoid", "tanh", "dropout", "dropout in use"]
NORMALISING = ["batch norm", "batch norm in use"]
LAYERS = [*WITHOUT_BATCH, "affine", *NORMALISING, "softmax with loss"]
RATE, SEED = 0.4, 7  # of dropout


class Case:
    """One layer on random numbers: its inputs, a gradient that comes back, and what others say of it."""

    def __init__(self, name, shape=(3, 4), dtype=np.float64, rng=0):
        rng = np.random.default_rng(rng)

        def normal(*shape):
            return rng.normal(size=shape).astype(dtype)

        self.name = name
        self.params = {}
        self.t = None
        x = np.asarray(normal(*shape))
        x = np.where(np.abs(x) < 0.01, dtype(0.5), x)  # numerical gradients must not step over ReLU's kink
        self.inputs = [x]
        self.dout = normal(*shape)
        if name in ("add", "multiply"):
            self.inputs.append(normal(*shape))
        if name == "affine":
            self.params = {"W": normal(shape[1], 3), "b": normal(3)}
            self.dout = normal(shape[0], 3)
        if name in NORMALISING:
            self.params = {"gamma": normal(shape[1]), "beta": normal(shape[1])}
            self.moving = {"moving_mean": normal(shape[1]), "moving_var": normal(shape[1]) ** 2 + dtype(0.5)}
        if name == "softmax with loss":
            self.t = np.identity(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]
            self.dout = normal()

    def layer(self):
        make = {
            "add": Add, "multiply": Multiply, "relu": Relu, "sigmoid": Sigmoid,
            "tanh": Tanh, "affine": lambda: Affine(**self.params), "softmax with loss": SoftmaxWithLoss,
            "batch norm": lambda: BatchNorm(**self.params),
            "batch norm in use": lambda: BatchNorm(
                **self.params, **copy.deepcopy(self.moving), training=False
            ),
            "dropout": lambda: Dropout(RATE, rng=SEED),
            "dropout in use": lambda: Dropout(RATE, training=False),
        }  # fmt: skip
        return make[self.name]()

    def forward(self, layer):
        targets = [] if self.t is None else [self.t]
        return layer.forward(*self.inputs, *targets)

    def run(self):
        """The output, and the gradient of each input and parameter by its name."""
        layer = self.layer()
        return self.forward(layer), self.backward(layer)

    def backward(self, layer):
        dx = layer.backward(self.dout)
        return self.named(dx if isinstance(dx, tuple) else (dx,)) | getattr(layer, "grads", {})

    def named(self, inputs):
        return dict(zip(["x", "y"], inputs, strict=False))

    def variables(self):
        return self.named(self.inputs) | self.params

    def theirs(self, v):
        """The output in autograd's NumPy, written without dlbook."""
        return THEIRS[self.name](v, self)


def normalized(x, mean, variance, v):
    return v["gamma"] * (x - mean) * (variance + 1e-5) ** -0.5 + v["beta"]


def normalized_batch(v, case):
    mean = anp.sum(v["x"], axis=0) / len(v["x"])
    return normalized(v["x"], mean, anp.sum((v["x"] - mean) ** 2, axis=0) / len(v["x"]), v)


def cross_entropy(v, case):
    y = anp.exp(v["x"])
    return -anp.sum(case.t * anp.log(y / anp.sum(y, axis=-1, keepdims=True))) / max(1, case.t.sum())


THEIRS = {
    "add": lambda v, case: v["x"] + v["y"],
    "multiply": lambda v, case: v["x"] * v["y"],
    "relu": lambda v, case: anp.where(v["x"] > 0, v["x"], 0 * v["x"]),
    "sigmoid": lambda v, case: 1 / (1 + anp.exp(-v["x"])),
    "tanh": lambda v, case: 1 - 2 / (1 + anp.exp(2 * v["x"])),
    "affine": lambda v, case: anp.dot(v["x"], v["W"]) + v["b"],
    "batch norm": normalized_batch,
    "batch norm in use": lambda v, case: normalized(v["x"], *case.moving.values(), v),
    "dropout": lambda v, case: v["x"] * mask_of(np.shape(v["x"])),
    "dropout in use": lambda v, case: 1 * v["x"],
    "softmax with loss": cross_entropy,
}


def mask_of(shape):
    """What dropout with this seed multiplies by: 0, or one over the probability to stay."""
    luck = np.random.default_rng(SEED).random(shape, np.float32)
    return np.array([0.0 if u < RATE else 1 / (1 - RATE) for u in np.ravel(luck)]).reshape(shape)


def cases(test):
    """Every layer on every batch size; the elementwise ones on other shapes, too."""
    batches = [(name, (n, 4)) for name in LAYERS for n in BATCHES if name != "batch norm" or n > 2]
    shapes = [
        (name, shape) for name in WITHOUT_BATCH for shape in [(), (5,), (0, 2), (2, 3, 2), (2, 1, 3, 2)]
    ]
    others = [
        ("affine", (2, 1)),
        ("affine", (3, 9)),
        ("affine", (0, 4)),
        ("batch norm", (4, 1)),
        ("batch norm", (5, 9)),
        ("batch norm in use", (0, 4)),
        ("softmax with loss", (4,)),
        ("softmax with loss", (1, 2)),
    ]
    return pytest.mark.parametrize(("name", "shape"), batches + shapes + others)(test)


def relative_error(a, b):
    """The largest difference in units of the largest entry."""
    assert np.shape(a) == np.shape(b)
    largest = max(np.max(np.abs(a), initial=0), np.max(np.abs(b), initial=0))
    return np.max(np.abs(a - b), initial=0) / largest if largest else 0.0


def images(*arrays):
    """Type, shape and every bit, to compare."""
    return [(np.asarray(a).dtype, np.shape(a), np.asarray(a).tobytes()) for a in arrays]


# Against something independent


@cases
def test_forward_and_backward_agree_with_autograd(name, shape):
    case = Case(name, shape)
    y, gradients = case.run()
    v = case.variables()
    assert relative_error(y, case.theirs(v)) < 1e-14
    theirs = grad(lambda v: anp.sum(case.theirs(v) * case.dout))(v)
    assert gradients.keys() == theirs.keys()
    for variable, gradient in gradients.items():
        assert relative_error(gradient, theirs[variable]) < 1e-13, variable


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=30)
@given(rng=st.integers(0, 10**6), n=st.integers(1, 5), inputs=st.integers(1, 5))
def test_backward_passes_the_gradient_check_for_random_numbers(name, rng, n, inputs):
    case = Case(name, (n, inputs), rng=rng)
    if name == "batch norm":
        # Where samples are close together the curve is too tight for the steps of a numerical gradient.
        assume(n > 2 and case.inputs[0].std(axis=0).min() > 0.3)
    _, gradients = case.run()

    def projected(_):
        return np.sum(case.forward(case.layer()) * case.dout)

    for variable, value in case.variables().items():
        slopes = gradients[variable]
        # Where slopes are almost 0, the rounding of the sum is all that there is to see.
        if np.max(np.abs(slopes)) > 1e-3:
            assert gradient_check(projected, value, slopes) < 1e-7, variable


@pytest.mark.parametrize("n", BATCHES)
def test_a_chain_of_layers_passes_the_gradient_back_through_all_of_them(n):
    rng = np.random.default_rng(4)
    x, t = rng.normal(size=(n, 5)), rng.integers(3, size=n)
    layers = [
        Affine(rng.normal(size=(5, 4)), rng.normal(size=4)),
        Relu(),
        Affine(rng.normal(size=(4, 6)), rng.normal(size=6)),
        Sigmoid(),
        Affine(rng.normal(size=(6, 3)), rng.normal(size=3)),
    ]
    last = SoftmaxWithLoss()

    def loss(x, params):
        (W1, b1), (W2, b2), (W3, b3) = params
        hidden = anp.maximum(anp.dot(x, W1) + b1, 0)
        hidden = 1 / (1 + anp.exp(-anp.dot(hidden, W2) - b2))
        y = anp.exp(anp.dot(hidden, W3) + b3)
        return -anp.mean(anp.log((y / anp.sum(y, axis=1, keepdims=True))[anp.arange(n), t]))

    out = x
    for layer in layers:
        out = layer.forward(out)
    params = [(layer.params["W"], layer.params["b"]) for layer in layers[::2]]
    assert last.forward(out, t) == pytest.approx(loss(x, params), rel=1e-13)
    dout = last.backward()
    for layer in reversed(layers):
        dout = layer.backward(dout)
    assert relative_error(dout, grad(loss, 0)(x, params)) < 1e-12
    for layer, (dW, db) in zip(layers[::2], grad(loss, 1)(x, params), strict=True):
        assert relative_error(layer.grads["W"], dW) < 1e-12
        assert relative_error(layer.grads["b"], db) < 1e-12


# By hand


def test_a_bill_of_fruit_and_its_slopes():
    apples, tax = Multiply(), Multiply()
    total = Add()
    assert apples.forward(100, 2) == 200
    assert total.forward(200, 450) == 650
    assert tax.forward(650, 1.1) == pytest.approx(715)
    dsum, dtax = tax.backward(1)
    assert (dsum, dtax) == (1.1, 650)
    dapples, dother = total.backward(dsum)
    assert (dapples, dother) == (1.1, 1.1)
    assert apples.backward(dapples) == pytest.approx((2.2, 110))


def test_relu_has_slope_0_at_0():
    relu = Relu()
    assert relu.forward([-1.0, -0.0, 0.0, 5e-324, 2.0]).tolist() == [0, 0, 0, 5e-324, 2]
    assert relu.backward([1, 2, 3, 4, 5]).tolist() == [0, 0, 0, 4, 5]


def test_the_sigmoid_is_steepest_at_0_and_silent_far_out():
    layer = Sigmoid()
    x = [-1e4, -800.0, 0.0, 800.0, 1e4]
    with np.errstate(all="raise", under="ignore"):
        assert layer.forward(x).tolist() == [0, 0, 0.5, 1, 1]
        assert layer.backward([1, 1, 1, 1, 1]).tolist() == [0, 0, 0.25, 0, 0]
    # Where sigmoid(x) is e^x to the last digit, so is its slope.
    layer.forward(-300.0)
    assert layer.backward(1.0) == pytest.approx(np.exp(-300), rel=1e-14)


def test_tanh_is_steepest_at_0_and_silent_far_out():
    layer = Tanh()
    with np.errstate(all="raise", under="ignore"):
        assert layer.forward([-1e4, -20.0, 0.0, 20.0, 1e4]).tolist() == [-1, -1, 0, 1, 1]
        slopes = [0, 4 * np.exp(-40), 1, 4 * np.exp(-40), 0]
        np.testing.assert_allclose(layer.backward([1, 1, 1, 1, 1]), slopes, rtol=1e-14)
    assert layer.forward(np.log(3)) == pytest.approx(0.8)
    assert layer.backward(1) == pytest.approx(0.36)


def sech_squared(x):
    return 1 / anp.cosh(np.clip(x, -700, 700)) ** 2  # beyond, both are 0


@pytest.mark.parametrize(("layer", "function", "slope"), [
    (Relu, relu, relu_grad), (Sigmoid, sigmoid, sigmoid_grad), (Tanh, np.tanh, sech_squared),
])  # fmt: skip
@settings(max_examples=200)
@given(numbers=st.data())
def test_a_layer_is_its_function_over_all_floats(layer, function, slope, numbers):
    for width in (32, 64):
        x = np.array(numbers.draw(st.lists(st.floats(width=width), min_size=1, max_size=5)), f"f{width // 8}")
        it = layer()
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(it.forward(x), function(x))
            expected = np.asarray(slope(x.astype(float) if layer is Tanh else x))
            tiny = np.finfo(x.dtype).tiny
            np.testing.assert_allclose(it.backward(np.ones_like(x)), expected, rtol=1e-5, atol=tiny)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("share", [1, 0.5, 1e-10])
def test_scores_as_far_apart_as_floats_go_never_give_nan(dtype, share):
    most = np.finfo(dtype).max * share
    for row in itertools.product([-most, 0, most, 1], repeat=3):
        scores = np.array([row, row[::-1]], dtype)
        for t in ([0, 1], [[0, 1, 0], [0.25, 0.5, 0.25]]):
            layer = SoftmaxWithLoss()
            with np.errstate(over="ignore"):
                loss = layer.forward(scores, t)
            assert loss >= 0
            assert np.isfinite(layer.backward()).all()
            one_hot = np.identity(3)[t] if np.ndim(t) == 1 else np.array(t)
            log_y = special.log_softmax(scores.astype(np.longdouble), axis=1)
            with np.errstate(over="ignore"):
                exact = dtype(-(one_hot * log_y).sum() / 2)
            assert loss == pytest.approx(exact, rel=1e-5) or (np.isinf(loss) and exact > 0.2 * most)


def test_softmax_with_loss_by_hand():
    layer = SoftmaxWithLoss()
    scores = np.log([[1.0, 3.0], [2.0, 2.0]])
    assert layer.forward(scores, [1, 0]) == pytest.approx((np.log(4 / 3) + np.log(2)) / 2)
    np.testing.assert_allclose(layer.backward(), [[0.125, -0.125], [-0.25, 0.25]], rtol=1e-14)
    np.testing.assert_allclose(layer.backward(8), [[1, -1], [-2, 2]], rtol=1e-14)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (7, 4)])
def test_labels_one_hot_rows_and_soft_targets_are_taken(shape):
    rng = np.random.default_rng(5)
    scores, labels = rng.normal(size=shape), rng.integers(4, size=shape[:-1])
    one_hot, soft = np.identity(4)[labels], rng.dirichlet(np.ones(4), shape[:-1])
    n = max(1, labels.size)
    for t, rows in [(labels, one_hot), (labels.tolist(), one_hot), (one_hot, one_hot), (soft, soft)]:
        layer = SoftmaxWithLoss()
        log_y = special.log_softmax(scores, axis=-1)
        assert layer.forward(scores, t) == pytest.approx(-np.sum(rows * log_y) / n, rel=1e-13)
        assert relative_error(layer.backward(), (np.exp(log_y) - rows) / n) < 1e-14


def test_of_one_class_everybody_is_certain():
    layer = SoftmaxWithLoss()
    assert layer.forward([[3.0], [-2.0]], [0, 0]) == 0
    assert layer.backward(5).tolist() == [[0], [0]]


def test_the_loss_is_finite_where_softmax_underflows():
    layer = SoftmaxWithLoss()
    with np.errstate(all="raise", under="ignore"):
        assert layer.forward([[0, 2000]], [0]) == 2000
        assert layer.backward().tolist() == [[-1, 1]]


# Batch normalization


def columns(n=50, rng=0):
    """A batch whose three features have each its own mean and spread."""
    return np.random.default_rng(rng).normal([0, -20, 1000], [1, 0.1, 300], size=(n, 3))


def test_each_feature_gets_mean_beta_and_standard_deviation_gamma():
    gamma, beta = np.array([1.0, 2.0, -3.0]), np.array([0.0, 10.0, -20.0])
    layer = BatchNorm(gamma, beta, eps=1e-12)
    y = layer.forward(columns())
    np.testing.assert_allclose(y.mean(axis=0), beta, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), np.abs(gamma), rtol=1e-9)
    np.testing.assert_allclose((y - beta) / gamma, stats.zscore(columns(), axis=0), rtol=1e-9)


def test_batch_normalization_by_hand():
    layer = BatchNorm([2], [10], eps=3)
    assert layer.forward([[1], [3]]).tolist() == [[9], [11]]  # mean 2, variance 1, and 1 + 3 is 2 squared
    # x_hat is -1/2 and 1/2, g is 2 and 0: the mean of g is 1, that of g times x_hat is -1/2.
    assert layer.backward([[1], [0]]).tolist() == [[0.375], [-0.375]]
    assert {name: g.tolist() for name, g in layer.grads.items()} == {"gamma": [-0.5], "beta": [1]}


def test_the_gradient_neither_shifts_nor_stretches_the_batch():
    layer = BatchNorm(np.ones(3), np.zeros(3), eps=1e-15)
    x = columns()
    layer.forward(x)
    dx = layer.backward(np.random.default_rng(1).normal(size=x.shape)) * x.std(axis=0)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((dx * stats.zscore(x, axis=0)).sum(axis=0), 0, atol=1e-10)


def test_two_samples_are_told_apart_and_nothing_more():
    """Whatever they are, they become 1 and -1; so the gradient is 0 but for eps."""
    layer = BatchNorm([1.0], [0.0], eps=1e-12)
    np.testing.assert_allclose(layer.forward([[5.0], [7.0]]), [[-1], [1]], rtol=1e-11)
    np.testing.assert_allclose(layer.backward([[1.0], [0.0]]), [[0], [0]], atol=1e-11)


def test_a_feature_that_does_not_vary_becomes_beta():
    layer = BatchNorm([5.0], [3.0])
    with np.errstate(all="raise"):
        assert layer.forward(np.full((4, 1), 0.1)).tolist() == pytest.approx(np.full((4, 1), 3.0))
        assert np.isfinite(layer.backward(np.ones((4, 1)))).all()


def test_in_use_a_feature_that_has_never_varied_becomes_beta():
    layer = BatchNorm([5.0], [3.0], np.array([7.0]), np.array([0.0]), training=False)
    assert layer.forward([[7.0]]).tolist() == [[3.0]]


def test_moving_averages_follow_the_batches():
    layer = BatchNorm(np.ones(3), np.zeros(3), momentum=0.75)
    assert (layer.moving_mean.tolist(), layer.moving_var.tolist()) == ([0, 0, 0], [1, 1, 1])
    mean, var = [0.0] * 3, [1.0] * 3
    for rng in range(5):
        x = columns(n=4, rng=rng)
        layer.forward(x)
        for j, feature in enumerate(x.T.tolist()):
            mean[j] = 0.75 * mean[j] + 0.25 * statistics.fmean(feature)
            var[j] = 0.75 * var[j] + 0.25 * statistics.variance(feature)
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(layer.moving_var, var, rtol=1e-12)


def test_moving_averages_come_near_the_truth():
    layer = BatchNorm(np.ones(3), np.zeros(3), momentum=0.99)
    for rng in range(1000):
        layer.forward(columns(n=5, rng=rng))
    np.testing.assert_allclose((layer.moving_mean - [0, -20, 1000]) / [1, 0.1, 300], 0, atol=0.1)
    np.testing.assert_allclose(layer.moving_var, np.square([1, 0.1, 300]), rtol=0.15)


def test_moving_averages_are_the_arrays_that_were_given():
    mean, var = np.zeros(3, np.float32), np.ones(3, np.float32)
    layer = BatchNorm(np.ones(3, np.float32), np.zeros(3, np.float32), mean, var)
    layer.forward(columns().astype(np.float32))
    assert layer.moving_mean is mean
    assert layer.moving_var is var
    np.testing.assert_allclose(mean, 0.1 * columns().mean(axis=0), rtol=1e-4)
    assert mean.dtype == var.dtype == np.float32


def test_in_use_a_sample_does_not_depend_on_its_neighbours():
    layer = BatchNorm([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])
    for rng in range(100):
        layer.forward(columns(rng=rng))
    layer.training = False
    moving = images(layer.moving_mean, layer.moving_var)
    x = columns(rng=200)
    y, dx = layer.forward(x), layer.backward(np.ones_like(x))
    for i in range(len(x)):
        np.testing.assert_array_equal(layer.forward(x[i : i + 1]), y[i : i + 1])
        np.testing.assert_array_equal(layer.backward(np.ones((1, 3))), dx[i : i + 1])
    assert images(layer.moving_mean, layer.moving_var) == moving
    assert np.abs(y.mean(axis=0) - 1).max() < 1, "and after enough batches it is normalised about as well"


def test_backward_belongs_to_the_mode_of_its_forward():
    for first, then in itertools.permutations([True, False]):
        layer, other = (BatchNorm(np.ones(3), np.zeros(3), training=first) for _ in range(2))
        for it in (layer, other):
            it.forward(columns())
        layer.training = then
        dout = columns(rng=1)
        np.testing.assert_array_equal(layer.backward(dout), other.backward(dout))


@pytest.mark.parametrize("x", [np.ones((1, 3)), np.full((4, 3), np.inf), np.ones((4, 2)), np.ones((0, 3))])
def test_a_batch_that_is_refused_moves_no_average(x):
    layer = BatchNorm(np.ones(3), np.zeros(3))
    before = images(layer.moving_mean, layer.moving_var)
    with pytest.raises(ValueError, match=r"^x must be"):
        layer.forward(x)
    assert images(layer.moving_mean, layer.moving_var) == before


# Dropout


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_the_rate_and_keeps_the_mean(rate):
    layer = Dropout(rate, rng=0)
    x = np.full((400, 500), 3.0)
    y = layer.forward(x)
    assert np.unique(y) == pytest.approx([0, 3 / (1 - rate)])
    assert np.mean(y == 0) == pytest.approx(rate, abs=0.005)
    assert y.mean() == pytest.approx(3, abs=0.05)
    assert np.array_equal(layer.backward(x), y), "the same units, the same factor"


def test_each_forward_drops_others_and_a_seed_repeats_them():
    layer, twin = Dropout(rng=5), Dropout(rng=np.random.default_rng(5))
    x = np.ones((20, 30))
    first, second = layer.forward(x), layer.forward(x)
    assert 0.4 < np.mean(first != second) < 0.6
    assert np.array_equal(twin.forward(x), first)
    assert np.array_equal(twin.forward(x), second)
    assert not np.array_equal(Dropout().forward(x), Dropout().forward(x))


@pytest.mark.parametrize("layer", [Dropout(0, rng=0), Dropout(0.0), Dropout(0.5, training=False)])
def test_without_dropping_x_goes_through(layer):
    x = columns()
    assert np.array_equal(layer.forward(x), x)
    assert np.array_equal(layer.backward(2 * x), 2 * x)


def test_a_draw_of_exactly_the_rate_keeps_the_unit_so_that_at_rate_0_all_are_kept():
    class Same(np.random.Generator):
        """Draws the same number each time. True ones draw from 0 up to, but not including, 1."""

        def random(self, size, dtype):
            return np.full(size, self.number, dtype)

    rng = Same(np.random.PCG64())
    for rate in (0, 0.25, 0.5):
        rng.number = rate
        assert Dropout(rate, rng).forward(np.ones(4)).tolist() == [1 / (1 - rate)] * 4


def test_in_use_dropout_draws_nothing():
    rng = np.random.default_rng(0)
    Dropout(0.5, rng, training=False).forward(np.ones(10))
    assert rng.random() == np.random.default_rng(0).random()


# Types and views


@cases
def test_float32_is_near_float64(name, shape):
    single = Case(name, shape, np.float32)
    double = Case(name, shape)
    double.inputs = [x.astype(float) for x in single.inputs]
    double.params = {p: value.astype(float) for p, value in single.params.items()}
    double.dout = single.dout.astype(float) if single.dout.ndim else float(single.dout)
    (y, gradients), (exact, exact_gradients) = single.run(), double.run()
    assert {array.dtype for array in [y, *gradients.values()]} == {np.dtype(np.float32)}
    assert relative_error(y, exact) < 3e-6
    for variable, gradient in gradients.items():
        assert relative_error(gradient, exact_gradients[variable]) < 3e-6, variable


def test_the_loss_of_float32_scores_has_a_float32_gradient_whatever_comes_back():
    layer = SoftmaxWithLoss()
    layer.forward(np.ones((2, 3), np.float32), [0, 1])
    for dout in (1, 2.0, np.float64(3), np.array(4.0)):
        assert layer.backward(dout).dtype == np.float32


@pytest.mark.parametrize("name", WITHOUT_BATCH)
def test_plain_numbers_give_numbers(name):
    case = Case(name, ())
    case.inputs = [float(x) for x in case.inputs]
    y, gradients = case.run()
    for number in [y, *gradients.values()]:
        assert isinstance(number, np.float64)


# What is left alone


@cases
def test_a_layer_does_not_mind_what_is_done_to_what_it_gave(name, shape):
    # As dropout or a gradient that is summed up in place would do.
    case = Case(name, shape)
    _, expected = case.run()
    layer = case.layer()
    y = case.forward(layer)
    y += 7
    gradients = case.backward(layer)
    assert images(*gradients.values()) == images(*expected.values())
    for gradient in gradients.values():
        for array in [*case.inputs, *case.params.values(), case.dout]:
            assert not np.shares_memory(gradient, array)
        gradient += 7
    assert images(*case.backward(layer).values()) == images(*expected.values())


@pytest.mark.parametrize("name", ["add", "multiply"])
def test_the_two_gradients_are_two_arrays(name):
    case = Case(name)
    _, gradients = case.run()
    assert not np.shares_memory(gradients["x"], gradients["y"])


def test_targets_may_change_after_forward():
    layer = SoftmaxWithLoss()
    scores, t = np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 0.0, 1.0]])
    layer.forward(scores, t)
    expected = layer.backward()
    scores += 5 * t
    t[:] = [[1, 0, 0]]
    np.testing.assert_array_equal(layer.backward(), expected)


def test_large_inputs_are_not_copied():
    x, W, b = np.ones((2, 4)), np.ones((4, 3)), np.ones(3)
    affine, multiply = Affine(W, b), Multiply()
    assert np.shares_memory(affine.params["W"], W)
    assert np.shares_memory(affine.params["b"], b)
    affine.forward(x)
    multiply.forward(x, 2 * x)
    assert np.shares_memory(affine.x, x)
    assert np.shares_memory(multiply.x, x)


# What a layer remembers


@cases
def test_after_two_forwards_backward_belongs_to_the_second(name, shape):
    first = Case(name, (3, 4) if name in ("affine", "softmax with loss") else (2, 5), rng=1)
    second = Case(name, shape, rng=2)
    if name == "affine":
        first.inputs = [np.random.default_rng(3).normal(size=(6, shape[1]))]
    if name in NORMALISING:
        first.inputs = [np.random.default_rng(3).normal(size=(6, shape[1]))]
    layer = second.layer()
    first.forward(layer)
    if name == "dropout":
        layer.rng = second.layer().rng
    y, gradients = second.forward(layer), second.backward(layer)
    expected_y, expected = second.run()
    assert images(y, *gradients.values()) == images(expected_y, *expected.values())


@pytest.mark.parametrize("name", LAYERS)
def test_backward_can_be_repeated_and_is_linear(name):
    case = Case(name)
    layer = case.layer()
    case.forward(layer)
    once, twice = layer.backward(case.dout), layer.backward(2 * case.dout)
    again = layer.backward(case.dout)
    np.testing.assert_array_equal(np.array(once), np.array(again))
    np.testing.assert_array_equal(2 * np.array(once), np.array(twice))


@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_one_kind_are_independent(name):
    one, other = Case(name, rng=1), Case(name, rng=2)
    layers = [case.layer() for case in (one, other)]
    for case, layer in zip((one, other), layers, strict=True):
        case.forward(layer)
    for case, layer in zip((one, other), layers, strict=True):
        _, expected = case.run()
        assert images(*case.backward(layer).values()) == images(*expected.values())


@pytest.mark.parametrize("name", LAYERS)
def test_a_forward_that_fails_leaves_the_one_before(name):
    case = Case(name)
    layer = case.layer()
    case.forward(layer)
    expected = images(*case.backward(layer).values())
    good = case.inputs if case.t is None else [*case.inputs, case.t]
    bad = [[*good[:i], "?", *good[i + 1 :]] for i in range(len(good))]
    if name in NORMALISING:
        bad += [[np.full_like(good[0], np.nan)], [good[0][:, :2]], [good[0][0]]]
    if name == "softmax with loss":
        bad += [[np.full_like(good[0], np.nan), case.t]]
    for arguments in bad:
        others = [a if isinstance(a, str) else a[::-1] for a in arguments]
        with pytest.raises((TypeError, ValueError), match="must be"):
            layer.forward(*others)
    assert images(*case.backward(layer).values()) == expected


def test_gradients_of_an_earlier_backward_stay_as_they_were():
    layer = Affine(np.ones((2, 3)), np.ones(3))
    assert layer.grads == BatchNorm([1], [0]).grads == {}
    layer.forward([[1, 2]])
    layer.backward([[1, 1, 1]])
    earlier = layer.grads
    layer.forward([[3, 4]])
    layer.backward([[1, 1, 1]])
    assert earlier["W"].tolist() == [[1, 1, 1], [2, 2, 2]]
    assert layer.grads["W"].tolist() == [[3, 3, 3], [4, 4, 4]]


def test_weights_that_are_changed_or_replaced_are_used():
    W, b = np.ones((2, 3)), np.zeros(3)
    layer = Affine(W, b)
    W += 1
    b += 1
    assert layer.forward([[1, 1]]).tolist() == [[5, 5, 5]]
    layer.params["W"] = np.zeros((2, 3))
    assert layer.forward([[1, 1]]).tolist() == [[1, 1, 1]]
    assert layer.backward([[1, 1, 1]]).tolist() == [[0, 0]]


@pytest.mark.parametrize("name", LAYERS)
def test_copies_and_pickles_go_on_where_the_layer_was(name):
    case = Case(name)
    layer = case.layer()
    case.forward(layer)
    expected = images(*case.backward(layer).values())
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert images(*case.backward(twin).values()) == expected


# What does not fit


@pytest.mark.parametrize("name", LAYERS)
def test_backward_before_forward_is_refused(name):
    case = Case(name)
    layer = case.layer()
    words = rf"^{type(layer).__name__}\.backward must be called after forward, got 'no forward yet'"
    with pytest.raises(ValueError, match=words):
        layer.backward(case.dout)
    with pytest.raises(TypeError, match=r"^(x|scores) must be real numbers"):
        layer.forward(*["?"] * (len(case.inputs) + (case.t is not None)))
    with pytest.raises(ValueError, match=words):
        layer.backward(case.dout)


@cases
def test_a_gradient_of_another_shape_than_the_output_is_refused(name, shape):
    case = Case(name, shape)
    layer = case.layer()
    y = case.forward(layer)
    wrong = [(*np.shape(y), 1), (1, *np.shape(y)), (9, 9)]
    if np.ndim(y):
        wrong += [(), np.shape(y)[1:]]  # what broadcasting would let pass
    if np.size(y) > 1 and np.shape(y) != np.shape(y)[::-1]:
        wrong += [np.shape(y)[::-1]]
    for other in wrong:
        came = f"float64 array of shape {other}" if other else "1.0"
        words = re.escape(f"dout must be of the shape of the output, {np.shape(y)}, got {came}")
        with pytest.raises(ValueError, match=f"^{words}"):
            layer.backward(np.ones(other))


AFFINE = Affine(np.ones((4, 3)), np.ones(3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: Add().forward([1, 2], [1, 2, 3]),
            ValueError,
            r"y must be of the shape of x, \(2,\), got .*3",
        ),
        (lambda: Add().forward([1, 2], 3), ValueError, r"y must be of the shape of x, \(2,\), got 3"),
        (
            lambda: Multiply().forward(np.ones((2, 3)), np.ones((3, 2))),
            ValueError,
            r"y must be of the shape of x, \(2, 3\), got float64 array of shape \(3, 2\)",
        ),
        (lambda: Affine([1, 2], [1]), ValueError, r"W must be a matrix, got float64 array of shape \(2,\)"),
        (lambda: Affine(np.ones((0, 2)), [1, 1]), ValueError, r"W must be a matrix, got .* \(0, 2\)"),
        (lambda: Affine(np.ones((2, 0)), []), ValueError, r"W must be a matrix, got .* \(2, 0\)"),
        (lambda: Affine(np.ones((2, 2, 2)), [1, 1]), ValueError, r"W must be a matrix, got .* \(2, 2, 2\)"),
        (
            lambda: Affine(np.ones((2, 3)), [1, 1]),
            ValueError,
            r"b must be of shape \(3,\), a bias .* got .* \(2,\)",
        ),
        (lambda: Affine(np.ones((2, 3)), 0), ValueError, r"b must be of shape \(3,\), .* got 0.0"),
        (
            lambda: Affine(np.ones((2, 3)), [[1, 1, 1]]),
            ValueError,
            r"b must be of shape \(3,\), .* got .* \(1, 3\)",
        ),
        (lambda: AFFINE.forward(np.ones(4)), ValueError, r"x must be of shape \(N, 4\), got .* \(4,\)"),
        (
            lambda: AFFINE.forward(np.ones((2, 3))),
            ValueError,
            r"x must be of shape \(N, 4\), got .* \(2, 3\)",
        ),
        (
            lambda: AFFINE.forward(np.ones((1, 2, 4))),
            ValueError,
            r"x must be of shape \(N, 4\), got .* 2, 4\)",
        ),
        (lambda: AFFINE.forward(1), ValueError, r"x must be of shape \(N, 4\), got 1"),
        (lambda: BatchNorm(1, 0), ValueError, "gamma must be a vector, got 1"),
        (lambda: BatchNorm([[1]], [[0]]), ValueError, "gamma must be a vector, got"),
        (lambda: BatchNorm([], []), ValueError, "gamma must be a vector, got"),
        (
            lambda: BatchNorm([1, 1], [0]),
            ValueError,
            r"beta must be of the shape of gamma, \(2,\), got .* \(1,\)",
        ),
        (
            lambda: BatchNorm([1], [0], [0.0]),
            TypeError,
            r"moving_mean must be an array of floats, got \[0.0\]",
        ),
        (
            lambda: BatchNorm([1], [0], None, np.array([1])),
            TypeError,
            "moving_var must be an array of floats",
        ),
        (
            lambda: BatchNorm([1], [0], np.zeros(2)),
            ValueError,
            r"moving_mean must be of shape \(1,\), got float64 array of shape \(2,\)",
        ),
        (
            lambda: BatchNorm([1], [0], None, np.array([-1.0])),
            ValueError,
            r"moving_var must be at least 0 everywhere, got float64 array of shape \(1,\): \[-1.0\]",
        ),
        (
            lambda: BatchNorm([1, 1], [0, 0]).forward([[1, 2]]),
            ValueError,
            r"x must be a batch of at least 2 samples in training, got .* \(1, 2\)",
        ),
        (
            lambda: BatchNorm([1], [0]).forward([[1e200], [-1e200]]),
            ValueError,
            "the variance of x must be finite everywhere",
        ),
        (
            lambda: BatchNorm([1, 1], [0, 0]).forward([1, 2]),
            ValueError,
            r"x must be of shape \(N, 2\), got .* \(2,\)",
        ),
        (
            lambda: SoftmaxWithLoss().forward(np.ones((2, 3)), [0, 1, 2]),
            ValueError,
            r"t must be of shape \(2, 3\), like scores, or labels of shape \(2,\), got",
        ),
        (
            lambda: SoftmaxWithLoss().forward(np.ones((0, 3)), []),
            ValueError,
            "scores must be at least one sample, got",
        ),
        (lambda: SoftmaxWithLoss().forward(1, 0), ValueError, "scores must be an array whose last axis"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=f"^{words}"), np.errstate(over="ignore"):
        call()
