"""What a gradient costs by formulas, by layers and by a tape, in time and in memory, as a network grows."""

import gc
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlbook.activations import sigmoid
from dlbook.autodiff import Tensor, record
from dlbook.datasets import load_mnist
from dlbook.layers import SoftmaxWithLoss
from dlbook.networks import MultiLayerNet, TwoLayerNet
from scripts.experiments import Progress
from scripts.experiments.cost_of_a_gradient import least_seconds

SEED = 13
TIMES = ("seconds", "ratio", "whole_ratio", "least_ratio", "most_ratio")
FACTOR = {"difference": 10.0, "megabytes": 1.5, "memory_ratio": 1.5}
BATCH_SIZE = 100
WIDTHS = [5, 50, 500]
TIMED = 100


def run(progress: Progress) -> dict[str, Any]:
    (x, t), _ = load_mnist()
    batch = x[:BATCH_SIZE].astype(np.float64), t[:BATCH_SIZE]
    widths = [cost(width, *batch) for width in progress(WIDTHS)]
    return {
        "batch_size": BATCH_SIZE,
        "timed": TIMED,
        "widths": widths,
        "least_ratio": min(row["ratio"] for row in widths),
        "most_ratio": max(row["ratio"] for row in widths),
        "largest_difference": max(row["difference"] for row in widths),
    }


def cost(width: int, x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """The time and the memory of one gradient, each way from the same parameters."""
    net = TwoLayerNet(x.shape[1], width, 10, rng=SEED)
    layers = MultiLayerNet(x.shape[1], [width], 10, "sigmoid")
    layers.params = net.params
    ways: dict[str, Callable[[], dict[str, np.ndarray]]] = {
        "formulas": lambda: net.gradient(x, t),
        "layers": lambda: layers.gradient(x, t),
        "tape": lambda: by_tape(loss_of, net.params, x, t),
        "whole": lambda: by_tape(loss_of_whole_steps, net.params, x, t),
    }
    seconds = dict(zip(ways, least_seconds(TIMED, *ways.values()), strict=True))
    megabytes = {name: peak(way) / 1e6 for name, way in ways.items()}
    exact, taped = ways["formulas"](), ways["tape"]()
    tensors = [Tensor(param) for param in net.params.values()]
    return {
        "width": width,
        "parameters": sum(param.size for param in net.params.values()),
        "seconds": seconds,
        "ratio": seconds["tape"] / seconds["layers"],
        "whole_ratio": seconds["whole"] / seconds["layers"],
        "megabytes": megabytes,
        "memory_ratio": megabytes["tape"] / megabytes["layers"],
        "tensors": len(loss_of(tensors, x, t).tape()),
        "whole_tensors": len(loss_of_whole_steps(tensors, x, t).tape()),
        "difference": max(np.abs(exact[name] - taped[name]).max() for name in exact),
    }


def loss_of(params: Iterable[Tensor], x: np.ndarray, t: np.ndarray) -> Tensor:
    """The loss of the network with two layers, in the operations that tensors have."""
    W1, b1, W2, b2 = params
    z = 1 / (1 + (-(x @ W1 + b1)).exp())
    scores = z @ W2 + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    log_y = scores - scores.exp().sum(axis=1, keepdims=True).log()
    return -log_y[np.arange(len(t)), t].mean()


def loss_of_whole_steps(params: Iterable[Tensor], x: np.ndarray, t: np.ndarray) -> Tensor:
    """The same, with the sigmoid and the loss as one step each."""
    W1, b1, W2, b2 = params
    s = x @ W1 + b1
    z = sigmoid(s.data)
    scores = record(z, (s, lambda dout: dout * z * (1 - z))) @ W2 + b2
    last = SoftmaxWithLoss()
    return record(last.forward(scores.data, t), (scores, last.backward))


def by_tape(
    loss: Callable[..., Tensor], params: dict[str, np.ndarray], x: np.ndarray, t: np.ndarray
) -> dict[str, np.ndarray]:
    tensors = {name: Tensor(param) for name, param in params.items()}
    loss(tensors.values(), x, t).backward()
    return {name: tensor.grad for name, tensor in tensors.items()}


def peak(way: Callable[[], Any]) -> int:
    """The bytes that a gradient takes at most beyond what was there before."""
    way()
    gc.collect()
    tracemalloc.start()
    way()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most
