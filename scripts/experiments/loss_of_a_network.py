"""What the loss of a network says after 600 steps: of digits, of mini-batches, and beside the accuracy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.differentiation import central_difference
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 3
FIXED = 300  # samples that loss and accuracy are compared on
POINTS = 401  # of a line
DRAWS = 200  # mini-batches of each size


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), (x_test, t_test) = load_mnist()
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(784, 50, 10, rng=rng)
    before = {name: param.copy() for name, param in net.params.items()}
    optimizer = SGD(lr=0.1)
    for x, t in minibatches(x_train, t_train, 100, rng):
        optimizer.update(net.params, net.gradient(x, t))
    rows = rng.choice(len(x_train), FIXED, replace=False)
    return {
        "test_accuracy": net.accuracy(x_test, t_test),
        "digits": three_digits(net.predict(x_test), t_test),
        "batches": losses_of_batches(losses_of_samples(net.predict(x_train), t_train), rng),
        "line": along_a_line(net, before, x_train[rows], t_train[rows], progress),
    }


def losses_of_samples(y: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Give the cross-entropy error of each sample, not yet averaged."""
    return -np.log(y[np.arange(len(t)), t])


def three_digits(y: np.ndarray, t: np.ndarray) -> list[dict[str, Any]]:
    """Pick a digit that is surely right, one that is barely right and one that is wrong."""
    losses = losses_of_samples(y, t)
    right = y.argmax(axis=1) == t
    wanted = [(0.05, right), (1.0, right), (3.0, ~right)]
    rows = [np.where(among, np.abs(losses - loss), np.inf).argmin() for loss, among in wanted]
    return [{"row": row, "t": t[row], "y": y[row], "loss": losses[row]} for row in rows]


def losses_of_batches(losses: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    """Draw many mini-batches of each size, and see how far their losses scatter around the loss of all."""
    sizes = [1, 10, 100, 1000]
    means = [losses[rng.integers(len(losses), size=(DRAWS, size))].mean(axis=1) for size in sizes]
    return {
        "all": losses.mean(),
        "spread": losses.std(),
        "draws": DRAWS,
        "sizes": [{"N": n, "losses": m, "spread": m.std()} for n, m in zip(sizes, means, strict=True)],
    }


def along_a_line(
    net: TwoLayerNet, before: dict[str, np.ndarray], x: np.ndarray, t: np.ndarray, progress: Progress
) -> dict[str, Any]:
    """Walk straight from the parameters before training (r = 0) through those after it (r = 1)."""
    after = dict(net.params)

    def loss(r: float) -> float:
        move_to(r)
        return float(net.loss(x, t))

    def accuracy(r: float) -> float:
        move_to(r)
        return net.accuracy(x, t)

    def move_to(r: float) -> None:
        for name in after:
            net.params[name] = (1 - r) * before[name] + r * after[name]

    def slopes(f: Callable[[float], float], r: np.ndarray, h: float) -> np.ndarray:
        return np.array([central_difference(f, point, h) for point in r])

    move_to(0.5)
    right = net.predict(x).argmax(axis=1) == t  # the samples that are right half-way

    def sureness(r: float) -> float:
        move_to(r)
        return float(np.mean(net.predict(x)[right, t[right]]))

    r = {"wide": np.linspace(0, 1.6, POINTS), "near": np.linspace(0.3, 0.34, POINTS)}
    loss_slope = slopes(loss, r["wide"], 1e-4)
    accuracy_slopes = {h: slopes(accuracy, r["wide"], h) for h in progress((1e-3, 1e-4, 1e-5))}
    losses = {part: np.array([loss(point) for point in points]) for part, points in r.items()}
    accuracies = {part: np.array([accuracy(point) for point in points]) for part, points in r.items()}
    return {
        "samples": FIXED,
        "points": POINTS,
        "parameters": sum(param.size for param in after.values()),
        "r": r,
        "loss": losses,
        "accuracy": accuracies,
        "distinct_losses": {part: len(np.unique(values)) for part, values in losses.items()},
        "distinct_accuracies": {part: len(np.unique(values)) for part, values in accuracies.items()},
        "start": {"loss": loss(0), "accuracy": accuracy(0)},
        "middle": {"loss": loss(0.5), "accuracy": accuracy(0.5), "sureness": sureness(0.5)},
        "end": {"loss": loss(1), "accuracy": accuracy(1), "sureness": sureness(1)},
        "beyond": {"loss": loss(1.5), "accuracy": accuracy(1.5)},
        "first_change": r["wide"][np.argmax(accuracies["wide"] != accuracies["wide"][0])],
        "loss_slope": {"zero": np.mean(loss_slope == 0), "least": loss_slope.min(), "most": loss_slope.max()},
        "accuracy_slope": [
            {"h": h, "zero": np.mean(slope == 0), "largest": np.abs(slope).max()}
            for h, slope in accuracy_slopes.items()
        ],
    }
