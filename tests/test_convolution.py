"""Convolution and pooling against SciPy, autograd, loops and printed values; what they cost."""

import itertools
import tracemalloc

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy import ndimage, signal

from dlbook.convolution import windows
from dlbook.gradients import numerical_gradient
from dlbook.layers import Convolution, Flatten, MaxPooling
from dlbook.networks import ConvNet
from tests.test_layers import relative_error

SHAPES = [  # of images, filters, stride and padding
    ((2, 3, 6, 7), (4, 3, 3, 2), 1, 0),
    ((2, 3, 6, 7), (4, 3, 3, 2), 2, 1),
    ((1, 1, 5, 5), (1, 1, 5, 5), 1, 0),
    ((3, 2, 8, 5), (2, 2, 2, 4), 3, 2),
    ((2, 1, 4, 9), (3, 1, 1, 1), 1, 0),
    ((2, 2, 4, 3), (3, 2, 1, 2), 4, 3),
    ((1, 4, 2, 2), (2, 4, 3, 3), 1, 1),
    ((0, 2, 5, 5), (3, 2, 2, 2), 1, 0),
]
POOLS = [
    ((2, 3, 6, 8), 2, None),
    ((2, 1, 7, 5), 2, 2),
    ((1, 2, 7, 7), 3, 2),
    ((2, 2, 5, 6), 2, 3),
    ((3, 1, 4, 4), 1, 1),
]
FLOATS = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 1e-5)])


class Case:
    """A convolution with random numbers, and a gradient that comes back to it."""

    def __init__(self, x, W, stride, pad, dtype=np.float64):
        rng = np.random.default_rng(0)
        self.x, self.W, self.b = (rng.normal(size=shape).astype(dtype) for shape in (x, W, W[0]))
        self.stride, self.pad = stride, pad
        self.layer = Convolution(self.W, self.b, stride, pad)
        self.y = self.layer.forward(self.x)
        self.dout = rng.normal(size=self.y.shape).astype(dtype)
        self.dx = self.layer.backward(self.dout)


def shifted(x, size, stride, pad=0):
    """For each place of a window, the entries that all windows have there: written without windows."""
    x = anp.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    OH, OW = ((length - side) // stride + 1 for length, side in zip(x.shape[2:], size, strict=True))
    for i, j in itertools.product(*map(range, size)):
        yield i, j, x[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride]


def convolved(x, W, b, stride, pad):
    """A convolution in autograd's NumPy."""
    places = shifted(x, W.shape[2:], stride, pad)
    products = [anp.einsum("nckl,fc->nfkl", entries, W[:, :, i, j]) for i, j, entries in places]
    return sum(products) + b[:, np.newaxis, np.newaxis]


def pooled(x, size, stride):
    """Max pooling in autograd's NumPy."""
    return anp.max(anp.array([entries for *_, entries in shifted(x, (size, size), stride)]), axis=0)


# Against something independent


@FLOATS
@pytest.mark.parametrize("shapes", SHAPES)
def test_a_convolution_agrees_with_autograd_both_ways(shapes, dtype, tolerance):
    case = Case(*shapes, dtype)
    v = [it.astype(float) for it in (case.x, case.W, case.b)]
    assert relative_error(case.y, convolved(*v, case.stride, case.pad)) < tolerance
    total = grad(lambda v: anp.sum(convolved(*v, case.stride, case.pad) * case.dout))
    ours = [case.dx, case.layer.grads["W"], case.layer.grads["b"]]
    for our, their in zip(ours, total(v), strict=True):
        assert our.dtype == dtype
        assert relative_error(our, their) < tolerance


@pytest.mark.parametrize("shapes", SHAPES)
def test_a_convolution_is_scipys_correlation_summed_over_channels(shapes):
    case = Case(*shapes)
    p, s = case.pad, case.stride
    for n, f in np.ndindex(len(case.x), len(case.W)):
        pairs = zip(case.x[n], case.W[f], strict=True)
        total = sum(signal.correlate2d(np.pad(x, p), w, mode="valid") for x, w in pairs)
        np.testing.assert_allclose(case.y[n, f], total[::s, ::s] + case.b[f], rtol=0, atol=1e-12)


def test_a_convolution_by_its_definition():
    case = Case((2, 2, 5, 4), (3, 2, 3, 2), 2, 1)
    x = np.pad(case.x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    assert case.y.shape == (2, 3, 3, 3)
    for n, f, k, m in np.ndindex(case.y.shape):
        total = case.b[f]
        for c, i, j in np.ndindex(case.W.shape[1:]):
            total += case.W[f, c, i, j] * x[n, c, 2 * k + i, 2 * m + j]
        assert case.y[n, f, k, m] == pytest.approx(total, rel=1e-12)


def linspace(start, stop, *shape):
    return np.linspace(start, stop, np.prod(shape)).reshape(shape)


def test_the_values_that_cs231n_prints():
    x, W = linspace(-0.1, 0.5, 2, 3, 4, 4), linspace(-0.2, 0.3, 3, 3, 4, 4)
    y = Convolution(W, np.linspace(-0.1, 0.2, 3), stride=2, pad=1).forward(x)
    printed = """
        -0.08759809 -0.10987781 -0.18387192 -0.2109216   0.21027089  0.21661097  0.22847626  0.23004637
         0.50813986  0.54309974  0.64082444  0.67101435 -0.98053589 -1.03143541 -1.19128892 -1.24695841
         0.69108355  0.66880383  0.59480972  0.56776003  2.36270298  2.36904306  2.38090835  2.38247847
    """
    np.testing.assert_allclose(y.ravel(), np.array(printed.split(), float), rtol=0, atol=5e-9)
    y = MaxPooling(2, stride=2).forward(linspace(-0.3, 0.4, 2, 3, 4, 4))
    printed = """
        -0.26315789 -0.24842105 -0.20421053 -0.18947368 -0.14526316 -0.13052632 -0.08631579 -0.07157895
        -0.02736842 -0.01263158  0.03157895  0.04631579  0.09052632  0.10526316  0.14947368  0.16421053
         0.20842105  0.22315789  0.26736842  0.28210526  0.32631579  0.34105263  0.38526316  0.4
    """
    np.testing.assert_allclose(y.ravel(), np.array(printed.split(), float), rtol=0, atol=5e-9)


@FLOATS
@pytest.mark.parametrize(("shape", "size", "stride"), POOLS)
def test_pooling_agrees_with_autograd_both_ways(shape, size, stride, dtype, tolerance):
    rng = np.random.default_rng(1)
    x = rng.normal(size=shape).astype(dtype)
    layer = MaxPooling(size, stride)
    y = layer.forward(x)
    np.testing.assert_array_equal(y, pooled(x, size, stride or size))
    dout = rng.normal(size=y.shape).astype(dtype)
    theirs = grad(lambda x: anp.sum(pooled(x, size, stride or size) * dout))(x.astype(float))
    dx = layer.backward(dout)
    assert dx.dtype == dtype
    assert relative_error(dx, theirs) < tolerance


@pytest.mark.parametrize("size", [2, 3])
def test_pooling_side_by_side_is_scipys_largest_of_a_neighborhood(size):
    x = np.random.default_rng(2).normal(size=(2, 3, 12, 6))
    largest = ndimage.maximum_filter(x, (1, 1, size, size))[:, :, size // 2 :: size, size // 2 :: size]
    np.testing.assert_array_equal(MaxPooling(size).forward(x), largest)


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 7), (3, 2, 2), (0, 2, 3)])
def test_flatten_is_a_reshape_both_ways(shape):
    x = np.random.default_rng(3).normal(size=shape)
    layer = Flatten()
    y = layer.forward(x)
    assert [list(row) for row in y] == [list(sample.flat) for sample in x]
    np.testing.assert_array_equal(layer.backward(y), x)


def test_windows_are_those_of_the_loops_and_share_the_memory():
    x = np.random.default_rng(4).normal(size=(2, 3, 6, 5))
    view = windows(x, (3, 2), stride=2)
    assert view.shape == (3, 3, 2, 2, 2, 2)
    for n, c, k, m in np.ndindex(2, 3, 2, 2):
        np.testing.assert_array_equal(view[c, :, :, n, k, m], x[n, c, 2 * k : 2 * k + 3, 2 * m : 2 * m + 2])
    view[1, 0, 0, 0, 1, 1] = 7
    assert x[0, 1, 2, 2] == 7


# By hand


def test_where_several_entries_are_largest_the_first_one_gets_the_gradient():
    x = np.array([[[[1.0, 2, 2, 2], [2, 0, 2, 2]]]])
    layer = MaxPooling(2)
    assert layer.forward(x).tolist() == [[[[2, 2]]]]
    assert layer.backward([[[[5, 7]]]]).tolist() == [[[[0, 5, 7, 0], [0, 0, 0, 0]]]]


def test_an_entry_that_several_windows_took_gets_the_sum():
    layer = MaxPooling(2, stride=1)
    assert layer.forward([[[[0, 0, 0], [0, 9, 0], [0, 0, 0]]]]).tolist() == [[[[9, 9], [9, 9]]]]
    assert layer.backward([[[[1, 2], [3, 4]]]]).tolist() == [[[[0, 0, 0], [0, 10, 0], [0, 0, 0]]]]


def test_what_no_whole_window_covers_gets_no_gradient():
    x = np.ones((1, 1, 5, 5))
    for layer, used in [(MaxPooling(2), 4), (Convolution(np.ones((1, 1, 2, 2)), [0.0], stride=2), 16)]:
        y = layer.forward(x)
        dx = layer.backward(np.ones_like(y))
        assert y.shape == (1, 1, 2, 2)
        assert np.count_nonzero(dx) == used
        assert not dx[..., 4, :].any()
        assert not dx[..., 4].any()


def test_a_shifted_image_has_a_shifted_map():
    rng = np.random.default_rng(5)
    x, layer = np.zeros((1, 2, 9, 9)), Convolution(rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3))
    x[:, :, 3:6, 3:6] = rng.normal(size=(1, 2, 3, 3))
    y = layer.forward(x)
    np.testing.assert_allclose(
        layer.forward(np.roll(x, (1, -1), (2, 3))), np.roll(y, (1, -1), (2, 3)), atol=1e-14
    )


# What it costs


def test_a_gradient_takes_at_most_three_times_the_memory_of_a_batchs_windows():
    x = np.random.default_rng(6).random((100, 1, 28, 28), np.float32)
    net = ConvNet((1, 28, 28), 16, 5, 100, 10, dtype=np.float32)
    tracemalloc.start()
    try:
        net.gradient(x, np.arange(100) % 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * windows(x, (5, 5)).size * x.itemsize


# What does not fit


FILTER, IMAGE = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 5))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Convolution(np.ones((3, 3)), [1.0]), ValueError, r"W must be of shape \(F, C, HH, WW\)"),
        (lambda: Convolution(FILTER, [1.0, 2.0]), ValueError, r"b must be of shape \(1,\)"),
        (lambda: Convolution(FILTER, [1.0], 0), ValueError, "stride must be at least 1"),
        (lambda: Convolution(FILTER, [1.0], 1, -1), ValueError, "pad must be at least 0"),
        (lambda: Convolution(FILTER, [1.0], (1, 1)), TypeError, "stride must be an integer"),
        (lambda: MaxPooling(0), ValueError, "size must be at least 1"),
        (lambda: MaxPooling(2, 0), ValueError, "stride must be at least 1"),
        (lambda: windows(IMAGE, 2), TypeError, r"size must be a pair \(HH, WW\)"),
        (lambda: windows(IMAGE, (2, 6)), ValueError, "x must be .* with H at least 2 and W at least 6"),
        (lambda: MaxPooling(4).forward(IMAGE), ValueError, "x must be of shape .* H at least 4"),
        (lambda: MaxPooling(2).forward(IMAGE[0, 0]), ValueError, r"x must be of shape \(N, C, H, W\)"),
        (lambda: MaxPooling(2).backward(IMAGE), ValueError, r"MaxPooling\.backward must be called after"),
        (lambda: Flatten().forward(np.ones(3)), ValueError, "x must be a batch"),
    ],
)
def test_what_does_not_fit_is_named(make, error, words):
    with pytest.raises(error, match=f"^{words}"):
        make()


@pytest.mark.parametrize("shape", [(2, 2, 5, 5), (2, 1, 2, 5), (1, 5, 5), (5, 5)])
def test_images_that_do_not_fit_are_named(shape):
    layer = Convolution(np.ones((2, 1, 5, 4)), np.ones(2), pad=1)
    with pytest.raises(
        ValueError, match=r"^x must be of shape \(N, 1, H, W\) with H at least 3 and W at least 2"
    ):
        layer.forward(np.ones(shape))


# A network of them


def network(**others):
    """A small network whose biases aren't 0, so that one that is left out would be missed."""
    net = ConvNet((2, 6, 7), 3, 3, 5, 4, **({"rng": 0} | others))
    for i in range(1, 4):
        bias = net.params[f"b{i}"]
        bias += np.random.default_rng(i).normal(size=bias.shape)
    return net


def their_loss(params, x, t, pad, size):
    """The loss of the network in autograd's NumPy."""
    maps = anp.maximum(convolved(x, params["W1"], params["b1"], 1, pad), 0)
    out = anp.reshape(pooled(maps, size, size), (len(x), -1))
    out = anp.maximum(anp.dot(out, params["W2"]) + params["b2"], 0)
    scores = anp.dot(out, params["W3"]) + params["b3"]
    return anp.mean(anp.log(anp.sum(anp.exp(scores), axis=1)) - scores[anp.arange(len(t)), t])


@pytest.mark.parametrize(("pad", "pool_size"), [(0, 2), (1, 3), (2, 1)])
def test_a_network_agrees_with_autograd(pad, pool_size):
    net = network(pad=pad, pool_size=pool_size)
    x, t = np.random.default_rng(7).normal(size=(3, 2, 6, 7)), np.array([0, 3, 1])
    loss, grads = net.loss_and_gradient(x, t)
    theirs = grad(their_loss)(net.params, x, t, pad, pool_size)
    assert loss == pytest.approx(their_loss(net.params, x, t, pad, pool_size), rel=1e-13)
    assert list(grads) == list(theirs) == list(net.params)
    for name, their in theirs.items():
        assert relative_error(grads[name], their) < 1e-12, name


def test_the_fish_books_gradient_check():
    """Its chapter 7: one image of 10 by 10, ten filters of 3 by 3, ten hidden units, small weights."""
    net = ConvNet((1, 10, 10), 10, 3, 10, 10, weight_init=0.01, rng=0)
    x, t = np.random.default_rng(0).random((1, 1, 10, 10)), [1]
    for name, ours in net.gradient(x, t).items():
        part = net.params[name][:20]  # of W2, all other rows are as good
        numerical = numerical_gradient(lambda _: net.loss(x, t), part, h=1e-6)
        assert np.abs(ours[:20] - numerical).mean() < 1e-9, name


def test_images_and_rows_of_pixels_are_the_same_to_a_network():
    net, x = network(), np.random.default_rng(8).normal(size=(1001, 2, 6, 7))
    rows, t = x.reshape(1001, -1), np.arange(1001) % 4
    np.testing.assert_array_equal(net.scores(x), net.scores(rows))
    np.testing.assert_allclose(net.scores(x[0]), net.scores(x[:1])[0], rtol=1e-13)
    np.testing.assert_array_equal(net.scores(x[0]), net.scores(rows[0]))
    assert net.accuracy(x, t) == net.accuracy(rows, t) == np.mean(net.scores(x).argmax(axis=1) == t)


def test_weights_are_drawn_as_large_as_their_inputs_ask():
    net = ConvNet((3, 20, 20), 200, 5, 100, 10, rng=0)
    for name, inputs in [("W1", 75), ("W2", 200 * 64), ("W3", 100)]:
        assert net.params[name].std() == pytest.approx(np.sqrt(2 / inputs), rel=0.05)


@pytest.mark.parametrize(
    ("sizes", "others", "error", "words"),
    [
        ((784, 16, 5, 100, 10), {}, TypeError, "input_shape must be channels, rows and columns, got 784"),
        (((1, 28, 0), 16, 5, 100, 10), {}, ValueError, "input_shape must be at least 1"),
        (((1, 28, 5), 16, 5, 100, 10), {}, ValueError, "input_shape must be of at least 6 rows and columns"),
        (((1, 1, 1), 16, 5, 100, 10), {"pad": 2}, ValueError, "input_shape must be of at least 2 rows"),
        (((1, 9, 9), 16, 5, 100, 10), {"weight_init": "big"}, ValueError, "weight_init must be one of"),
    ],
)
def test_sizes_that_do_not_fit_are_named(sizes, others, error, words):
    with pytest.raises(error, match=f"^{words}"):
        ConvNet(*sizes, **others)
