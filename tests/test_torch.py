"""PyTorch computes the same, wherever it is installed. DLBOOK_TORCH=1 makes it an error that it is not."""

import os

import numpy as np
import pytest

from dlbook.activations import log_softmax, sigmoid, softmax
from dlbook.autodiff import Tensor
from dlbook.initializers import he, xavier
from dlbook.layers import BatchNorm, MaxPooling, Relu, Sigmoid, Tanh
from dlbook.losses import softmax_cross_entropy
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from scripts.extensions.fences import fences
from tests.built import ROOT
from tests.test_convolution import POOLS, SHAPES
from tests.test_convolution import Case as ConvolutionCase
from tests.test_layers import NORMALISING, RATE, Case, cases, columns, mask_of, relative_error
from tests.test_networks import NETS, batch
from tests.test_optimizers import CUBIC, LINEAR, START, slope, walk

pytestmark = pytest.mark.full
if os.environ.get("DLBOOK_TORCH"):
    import torch
else:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional


def test_activations():
    x = np.random.default_rng(2).normal(0, 10, (7, 5))
    tensor = torch.from_numpy(x)
    np.testing.assert_allclose(sigmoid(x), torch.sigmoid(tensor), rtol=1e-14)
    np.testing.assert_allclose(softmax(x), torch.softmax(tensor, -1), rtol=1e-13)
    np.testing.assert_allclose(log_softmax(x), torch.log_softmax(tensor, -1), rtol=1e-13)


def test_losses():
    scores = np.random.default_rng(2).normal(0, 5, (7, 4))
    labels = np.array([0, 3, 1, 1, 2, 0, 3])
    theirs = F.cross_entropy(torch.from_numpy(scores), torch.from_numpy(labels))
    assert softmax_cross_entropy(scores, labels) == pytest.approx(theirs.item(), rel=1e-14)


def output(case, v):
    """Return a layer's output by PyTorch."""
    if case.name in NORMALISING:
        moving = map(torch.tensor, case.moving.values())
        return F.batch_norm(v["x"], *moving, v["gamma"], v["beta"], training=case.name == "batch norm")
    return {
        "add": lambda: v["x"] + v["y"],
        "multiply": lambda: v["x"] * v["y"],
        "relu": lambda: torch.relu(v["x"]),
        "sigmoid": lambda: torch.sigmoid(v["x"]),
        "tanh": lambda: torch.tanh(v["x"]),
        "affine": lambda: F.linear(v["x"], v["W"].T, v["b"]),
        "dropout": lambda: v["x"] * torch.tensor(mask_of(v["x"].shape)),
        "dropout in use": lambda: F.dropout(v["x"], RATE, training=False),
        "softmax with loss": lambda: F.cross_entropy(v["x"], torch.from_numpy(case.t)),
    }[case.name]()


@cases
def test_layers(name, shape):
    case = Case(name, shape)
    y, gradients = case.run()
    v = {variable: torch.tensor(value, requires_grad=True) for variable, value in case.variables().items()}
    theirs = output(case, v)
    theirs.backward(torch.tensor(case.dout))
    assert relative_error(y, theirs.detach().numpy()) < 1e-14
    for variable, gradient in gradients.items():
        assert relative_error(gradient, v[variable].grad.numpy()) < 1e-13, variable


def test_moving_averages():
    layer, theirs = BatchNorm(np.ones(3), np.zeros(3)), torch.nn.BatchNorm1d(3, dtype=torch.float64)
    for rng in range(5):
        y = theirs(torch.from_numpy(columns(rng=rng))).detach().numpy()
        np.testing.assert_allclose(layer.forward(columns(rng=rng)), y, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(layer.moving_mean, theirs.running_mean.numpy(), rtol=1e-12)
    np.testing.assert_allclose(layer.moving_var, theirs.running_var.numpy(), rtol=1e-12)
    theirs.eval()
    layer.training = False
    y = theirs(torch.from_numpy(columns(rng=9))).detach().numpy()
    np.testing.assert_allclose(layer.forward(columns(rng=9)), y, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("initialize", "theirs"), [(xavier, "xavier_normal_"), (he, "kaiming_normal_")])
def test_the_spread_of_initial_weights(initialize, theirs):
    W = torch.empty(500, 300)  # PyTorch has outputs first
    getattr(torch.nn.init, theirs)(W, generator=torch.Generator().manual_seed(0))
    assert initialize((300, 500), rng=0).std() == pytest.approx(W.std().item(), rel=0.01)


@pytest.mark.parametrize("make", NETS)
def test_gradients_of_networks(make):
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
    F.cross_entropy(scores, torch.from_numpy(labels)).backward()
    for name, gradient in net.gradient(x, labels).items():
        np.testing.assert_allclose(gradient, params[name].grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("optimizer", "theirs", "constants"),
    [
        (SGD(0.1), "SGD", {}),
        (Momentum(0.1, 0.9), "SGD", {"momentum": 0.9}),
        (Momentum(0.1, 0.5), "SGD", {"momentum": 0.5}),
        (Nesterov(0.1, 0.9), "SGD", {"momentum": 0.9, "nesterov": True}),
        (AdaGrad(0.1), "Adagrad", {"eps": 1e-10}),
        (RMSProp(0.1), "RMSprop", {"alpha": 0.99, "eps": 1e-8}),
        (RMSProp(0.1, 0.9, 1e-3), "RMSprop", {"alpha": 0.9, "eps": 1e-3}),
        (Adam(0.1), "Adam", {"betas": (0.9, 0.999), "eps": 1e-8}),
        (Adam(0.1, 0.8, 0.95, 1e-3), "Adam", {"betas": (0.8, 0.95), "eps": 1e-3}),
    ],
)
def test_fifty_steps_of_optimizers(optimizer, theirs, constants):
    tensors = {name: torch.tensor(start, requires_grad=True) for name, start in START.items()}
    torch_optimizer = getattr(torch.optim, theirs)(tensors.values(), lr=0.1, **constants)
    ours = walk(optimizer)
    for step in range(1, 51):
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(slope(tensor.detach().numpy(), LINEAR[name], CUBIC[name]))
        torch_optimizer.step()
        for name, tensor in tensors.items():
            expected = tensor.detach().numpy()
            np.testing.assert_allclose(ours[name][step], expected, rtol=1e-12, atol=1e-13, err_msg=name)


def by_ours(a, b):
    maximum, total = a.max(axis=-1, keepdims=True), (a - 1).relu().sum(axis=0)
    return ((a * b / (a + 1) - b**3).tanh() * maximum.log() + (-a).exp() * total).mean()


def by_theirs(a, b):
    maximum, total = a.amax(-1, keepdim=True), torch.relu(a - 1).sum(0)
    return (torch.tanh(a * b / (a + 1) - b**3) * torch.log(maximum) + torch.exp(-a) * total).mean()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_the_tape(shape):
    a, b = np.random.default_rng(4).uniform(1, 2, (2, *shape))
    a[..., 0] = a[..., 1] = 2.5  # equal entries share the gradient of their maximum
    b = b[..., :1]
    ours, theirs = [Tensor(a), Tensor(b)], [torch.tensor(it, requires_grad=True) for it in (a, b)]
    for _ in range(2):  # and gradients add up
        by_ours(*ours).backward()
        by_theirs(*theirs).backward()
        for our, their in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(our.grad, their.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_the_two_listings_of_chapter_13_take_the_same_step():
    page = (ROOT / "docs/en/13-automatic-differentiation.md").read_text(encoding="utf-8")
    codes = ["\n".join(it.code) for it in fences(page.split("\n"))]
    (loss_of,) = (code for code in codes if code.startswith("def loss_of"))
    (ours,) = (code for code in codes if code.startswith("lr = "))
    (theirs,) = (code for code in codes if code.startswith("import torch"))
    rng = np.random.default_rng(0)
    scope = {
        "np": np,
        "Tensor": Tensor,
        "net": TwoLayerNet(20, 5, 3, weight_init_std=1, rng=rng),
        "x": rng.random((8, 20)),
        "t": rng.integers(3, size=8),
    }
    steps = []
    for code in (ours, theirs):
        exec(f"{loss_of}\n{code}", scope)
        steps.append([np.array(scope[name].data.tolist()) for name in ("loss", "W1", "b1", "W2", "b2")])
    for our, their in zip(*steps, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("shapes", SHAPES)
def test_convolutions(shapes):
    case = ConvolutionCase(*shapes)
    v = [torch.tensor(it, requires_grad=True) for it in (case.x, case.W, case.b)]
    y = F.conv2d(*v, stride=case.stride, padding=case.pad)
    assert relative_error(case.y, y.detach().numpy()) < 1e-13
    y.backward(torch.tensor(case.dout))
    ours = [case.dx, case.layer.grads["W"], case.layer.grads["b"]]
    for our, their in zip(ours, v, strict=True):
        assert relative_error(our, their.grad.numpy()) < 1e-13


@pytest.mark.parametrize(("shape", "size", "stride"), POOLS)
@pytest.mark.parametrize("ties", [False, True])
def test_max_pooling(shape, size, stride, ties):
    rng = np.random.default_rng(1)
    x = rng.integers(2, size=shape).astype(float) if ties else rng.normal(size=shape)
    layer, tensor = MaxPooling(size, stride), torch.tensor(x, requires_grad=True)
    y = F.max_pool2d(tensor, size, stride)
    np.testing.assert_array_equal(layer.forward(x), y.detach().numpy())
    dout = rng.normal(size=y.shape)
    y.backward(torch.tensor(dout))
    np.testing.assert_allclose(layer.backward(dout), tensor.grad.numpy(), rtol=0, atol=1e-14)
