"""The conventions of the fish book, each in a line or two, beside ours: where numbers agree or not."""

import numpy as np
import pytest

from dlbook.activations import relu_grad, sigmoid, softmax
from dlbook.datasets import load_mnist
from dlbook.descent import gradient_descent
from dlbook.gradients import numerical_gradient
from dlbook.initializers import he, xavier
from dlbook.layers import Affine, BatchNorm, Dropout, SoftmaxWithLoss
from dlbook.losses import cross_entropy_error, softmax_cross_entropy
from dlbook.networks import MultiLayerNet, TwoLayerNet
from dlbook.optimizers import OPTIMIZERS
from dlbook.training import minibatches, train

RNG = np.random.default_rng(0)
X, T = RNG.uniform(size=(6, 4)), RNG.integers(3, size=6)
HOT = np.identity(3)[T]


def test_relu_has_another_slope_at_0_alone():
    x = np.array([-2, -1e-300, 0, 1e-300, 2])
    there = np.where(x >= 0, 1, 0)
    assert (there != relu_grad(x)).tolist() == [False, False, True, False, False]


def test_cross_entropy_is_the_same_unless_targets_are_soft():
    y = softmax(RNG.normal(size=(6, 3)))
    there = -np.log(y[range(6), T] + 1e-7).mean()
    assert cross_entropy_error(y, T) == pytest.approx(there, rel=1e-14)
    assert cross_entropy_error(y, HOT) == pytest.approx(there, rel=1e-14)
    soft = 0.8 * HOT + 0.1 * (1 - HOT)
    assert cross_entropy_error(y, soft) == pytest.approx(-(soft * np.log(y + 1e-7)).sum() / 6, rel=1e-14)
    assert abs(cross_entropy_error(y, soft) - there) > 0.01


def test_networks_have_no_delta():
    scores = np.array([0.0, 50])
    assert -np.log(softmax(scores)[0] + 1e-7) == pytest.approx(-np.log(1e-7))
    assert softmax_cross_entropy(scores, 0) == SoftmaxWithLoss().forward(scores, 0) == 50


def test_gradient_descent_ends_at_the_same_point_and_notes_one_more():
    def f(x):
        return x[0] ** 2 + 3 * x[1] ** 2

    x, there = np.array([1.0, -2.0]), []
    start = x.copy()
    for _ in range(10):
        there.append(x.copy())
        x -= 0.1 * numerical_gradient(f, x)
    end, history = gradient_descent(f, start, lr=0.1, step_num=10)
    assert start.tolist() == [1, -2]
    np.testing.assert_array_equal(history, [*there, x])
    np.testing.assert_array_equal(end, x)


def test_the_gradient_of_a_two_layer_network_is_the_same():
    net = TwoLayerNet(4, 5, 3, weight_init_std=1, rng=1)
    W1, b1, W2, b2 = net.params.values()
    z = sigmoid(X @ W1 + b1)
    dscores = (softmax(z @ W2 + b2) - HOT) / 6
    dsums = dscores @ W2.T * z * (1 - z)
    there = {"W1": X.T @ dsums, "b1": dsums.sum(0), "W2": z.T @ dscores, "b2": dscores.sum(0)}
    for name, here in net.gradient(X, HOT).items():
        np.testing.assert_allclose(here, there[name], rtol=1e-12, atol=1e-15)


def test_affine_keeps_its_gradients_under_other_names():
    layer, dout = Affine(RNG.normal(size=(4, 5)), np.zeros(5)), RNG.normal(size=(6, 5))
    layer.forward(X)
    layer.backward(dout)
    dW, db = np.dot(X.T, dout), np.sum(dout, axis=0)
    np.testing.assert_allclose(layer.grads["W"], dW, rtol=1e-14)
    np.testing.assert_allclose(layer.grads["b"], db, rtol=1e-14)


def test_weight_decay_adds_the_same_to_loss_and_gradient():
    nets = [MultiLayerNet(4, [5], 3, weight_init=1.0, weight_decay=decay, rng=2) for decay in (0, 0.3)]
    weights = {name: W for name, W in nets[0].params.items() if name.startswith("W")}
    there = 0.5 * 0.3 * sum(np.sum(W**2) for W in weights.values())
    assert nets[1].loss(X, T) - nets[0].loss(X, T) == pytest.approx(there)
    for name, W in weights.items():
        np.testing.assert_allclose(nets[1].gradient(X, T)[name], nets[0].gradient(X, T)[name] + 0.3 * W)


def test_initial_weights_have_other_sizes_and_he_the_same():
    D, H = 400, 100
    for draw, std in ((xavier, np.sqrt(2 / (D + H))), (he, np.sqrt(2 / D))):
        assert draw((D, H), rng=3).std() == pytest.approx(std, rel=0.02)
    assert xavier((D, H), rng=3).std() > 1.2 * np.sqrt(1 / D)
    assert MultiLayerNet(D, [H], 3, rng=3).params["W1"].std() == pytest.approx(0.01, rel=0.02)


def test_batch_normalization_differs_by_eps_and_in_its_averages():
    there = (X - X.mean(0)) / np.sqrt(X.var(0) + 10e-7)
    norm = BatchNorm(np.ones(4), np.zeros(4), moving_var=np.zeros(4), eps=1e-6)
    np.testing.assert_allclose(norm.forward(X), there, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(norm.moving_mean, 0.1 * X.mean(0))
    np.testing.assert_allclose(norm.moving_var, 0.1 * X.var(0) * 6 / 5)
    ours = BatchNorm(np.ones(4), np.zeros(4))
    assert ours.moving_var.tolist() == [1] * 4
    assert ours.eps == 1e-5
    assert 0 < np.abs(ours.forward(X) - there).max() < 1e-3


def test_dropout_multiplies_in_training_and_not_in_use():
    layer = Dropout(0.3, rng=4)
    assert np.unique(layer.forward(np.ones(1000))).tolist() == [0, 1 / (1 - 0.3)]
    layer.training = False
    assert layer.forward(np.ones(3)).tolist() == [1, 1, 1]


def sgd(g, lr):
    while True:
        g = yield -lr * g


def momentum(g, lr, v=0.0):
    while True:
        v = 0.9 * v - lr * g
        g = yield v


def nesterov(g, lr, v=0.0):
    while True:
        step = 0.9 * 0.9 * v - (1 + 0.9) * lr * g
        v = 0.9 * v - lr * g
        g = yield step


def adagrad(g, lr, h=0.0):
    while True:
        h = h + g * g
        g = yield -lr * g / (np.sqrt(h) + 1e-7)


def rmsprop(g, lr, h=0.0):
    while True:
        h = 0.99 * h + 0.01 * g * g
        g = yield -lr * g / (np.sqrt(h) + 1e-7)


def adam(g, lr, m=0.0, v=0.0, n=0):
    while True:
        n += 1
        m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
        rate = lr * np.sqrt(1 - 0.999**n) / (1 - 0.9**n)
        g = yield -rate * m / (np.sqrt(v) + 1e-7)


@pytest.mark.parametrize(
    "theirs", [sgd, momentum, nesterov, adagrad, rmsprop, adam], ids=lambda it: it.__name__
)
def test_optimizers_take_the_same_steps_unless_gradients_are_tiny(theirs):
    optimizer = OPTIMIZERS[theirs.__name__](lr=0.01)
    there, params, steps = np.zeros(3), {"w": np.zeros(3)}, None
    for g in RNG.normal(size=(20, 3)):
        if steps is None:
            steps = theirs(g, 0.01)
            there += next(steps)
        else:
            there += steps.send(g)
        optimizer.update(params, {"w": g})
    np.testing.assert_allclose(params["w"], there, rtol=1e-4)
    tiny = np.array([1e-6])
    params = {"w": np.zeros(1)}
    OPTIMIZERS[theirs.__name__](lr=0.01).update(params, {"w": tiny})
    ratio = params["w"] / next(theirs(tiny, 0.01))
    assert (abs(ratio[0] - 1) < 1e-9) == (theirs in (sgd, momentum, nesterov))


def test_the_first_step_of_adam_differs_by_where_eps_stands():
    params = {"w": np.zeros(1)}
    OPTIMIZERS["adam"](eps=1e-7 / np.sqrt(1 - 0.999)).update(params, {"w": np.array([1e-6])})
    np.testing.assert_allclose(params["w"], next(adam(np.array([1e-6]), 0.001)), rtol=1e-9)


def test_mnist_has_other_shapes_and_types():
    (x, t), _ = load_mnist(flatten=False)
    _, (_, hot) = load_mnist(one_hot_label=True)
    assert x.shape == (60000, 28, 28)  # there (60000, 1, 28, 28)
    assert (x.dtype, t.dtype, hot.dtype) == (
        np.float32,
        np.int64,
        np.float32,
    )  # there float32, uint8, float64


def test_training_takes_each_sample_once_and_notes_the_loss_before_the_update():
    seen = np.concatenate([batch for batch, _ in minibatches(np.arange(50), np.arange(50), 7, rng=5)])
    assert sorted(seen) == list(range(50))
    net = TwoLayerNet(4, 5, 3, weight_init_std=1, rng=6)
    before = net.loss(X, T)
    history = train(net, (X, T), (X, T), epochs=1, batch_size=6, rng=7)
    assert history["loss"] == [pytest.approx(before)]
    assert net.loss(X, T) < before
