"""A convolutional network on all of MNIST, beside two without, and what shifted digits cost each of them."""

from collections.abc import Callable
from copy import deepcopy
from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.network_base import Network
from dlbook.networks import ConvNet, MultiLayerNet, TwoLayerNet
from dlbook.optimizers import SGD, Adam
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 14
TIMES = ("seconds",)
TOLERANCE = {"test_accuracy": 0.002, "shifted": 0.03, "wrong": 20, "filters": 0.2, "b": 0.2, "lost": 0.03}
FILTERS, FILTER_SIZE, HIDDEN = 16, 5, 100
BATCH_SIZE = 50
EPOCHS = 3
LR = 0.0015  # of Adam's first step; from there it falls to 0 in a straight line
FARTHEST = 4  # pixels: so wide is the margin around a digit
DIRECTIONS = [(-1, 0), (1, 0), (0, -1), (0, 1)]

Data = tuple[np.ndarray, np.ndarray]
Schedule = Callable[[int, int], float]
Way = tuple[Network, SGD | Adam, int, int, Schedule]


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = load_mnist()
    conv = ConvNet((1, 28, 28), FILTERS, FILTER_SIZE, HIDDEN, 10, rng=SEED, dtype=np.float32)
    as_many = round((size_of(conv) - 10) / (784 + 1 + 10))  # hidden units: the same number of parameters
    dense = MultiLayerNet(784, [as_many], 10, weight_init="he", rng=SEED, dtype=np.float32)
    first = TwoLayerNet(784, 50, 10, rng=SEED, dtype=np.float32)
    frozen, before = deepcopy(conv), conv.params["W1"].copy()
    ways: dict[str, Way] = {
        "conv": (conv, Adam(LR), EPOCHS, BATCH_SIZE, falling),
        "dense": (dense, Adam(LR), EPOCHS, BATCH_SIZE, falling),
        "frozen": (Frozen(frozen), Adam(LR), EPOCHS, BATCH_SIZE, falling),
        "first": (first, SGD(0.1), 10, 100, constant),  # as in chapter 7
    }
    nets: dict[str, dict[str, Any]] = {}
    for name, (net, optimizer, epochs, batch_size, schedule) in progress(ways.items()):
        accuracies, seconds = train(net, train_set, test_set, optimizer, epochs, batch_size, schedule)
        nets[name] = {
            "parameters": size_of(net),
            "epochs": epochs,
            "seconds": seconds,
            "test_accuracy": accuracies,
            "wrong": round((1 - accuracies[-1]) * len(test_set[1])),
            "shifted": [accuracy_of_shifted(net, test_set, pixels) for pixels in range(FARTHEST + 1)],
        }
    return {
        "filters": FILTERS,
        "filter_size": FILTER_SIZE,
        "hidden": HIDDEN,
        "hidden_of_dense": as_many,
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS,
        "lr": LR,
        "steps": EPOCHS * len(train_set[0]) // BATCH_SIZE,
        "filter_parameters": conv.params["W1"].size + conv.params["b1"].size,
        "nets": nets,
        "lost": {name: net["shifted"][0] - net["shifted"][2] for name, net in nets.items()},
        "W": {"before": np.round(before[:, 0], 4), "after": np.round(conv.params["W1"][:, 0], 4)},
        "b": np.round(conv.params["b1"], 4),
    }


class Frozen(Network):
    """A convolutional network whose filters stay as they were drawn."""

    def __init__(self, net: ConvNet) -> None:
        self.net, self.params = net, net.params

    def scores(self, x: np.ndarray) -> np.ndarray:
        scores: np.ndarray = self.net.scores(x)
        return scores

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        grads = self.net.gradient(x, t)
        return grads | {name: np.zeros_like(grads[name]) for name in ("W1", "b1")}


def size_of(net: Network) -> int:
    return sum(param.size for param in net.params.values())


def falling(step: int, steps: int) -> float:
    return LR * (1 - step / steps)


def constant(step: int, steps: int) -> float:
    return 0.1


def train(
    net: Network,
    train_set: Data,
    test_set: Data,
    optimizer: SGD | Adam,
    epochs: int,
    batch_size: int,
    schedule: Schedule,
) -> tuple[list[float], float]:
    """Train; give the test accuracy after each epoch, and the seconds that the training took alone."""
    rng = np.random.default_rng(SEED)
    steps = epochs * len(range(0, len(train_set[0]), batch_size))
    step, seconds, accuracies = 0, 0.0, []
    for _ in range(epochs):
        begin = process_time()
        for x, t in minibatches(*train_set, batch_size, rng):
            optimizer.lr = schedule(step, steps)
            optimizer.update(net.params, net.gradient(x, t))
            step += 1
        seconds += process_time() - begin
        accuracies.append(net.accuracy(*test_set))
    return accuracies, seconds


def accuracy_of_shifted(net: Network, test_set: Data, pixels: int) -> float:
    """The accuracy on digits that were moved by so many pixels, on average over four directions."""
    x, t = test_set
    images = np.pad(x.reshape(-1, 28, 28), [(0, 0), (pixels, pixels), (pixels, pixels)])
    accuracies = []
    for down, right in DIRECTIONS if pixels else DIRECTIONS[:1]:
        top, left = pixels * (1 - down), pixels * (1 - right)
        moved = images[:, top : top + 28, left : left + 28]
        accuracies.append(net.accuracy(moved.reshape(-1, 784), t))
    return float(np.mean(accuracies))
