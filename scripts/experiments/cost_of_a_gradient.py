"""What a gradient costs by differences and by backpropagation as a network grows, and a run trained by both.

The digits are shrunk to 7 by 7 pixels, so that gradients by differences take seconds and not hours.
"""

from collections.abc import Callable
from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 8
TIMES = (
    *("backward_seconds", "loss_seconds", "numerical_seconds", "ratio"),
    *("passes_numerical", "passes_backward", "fewest_passes", "most_passes"),
)
FACTOR = {"difference": 2.0, "loss_difference": 2.0, "param_difference": 2.0, "largest_difference": 2.0}
SIDE = 7
BATCH_SIZE = 100
WIDTHS = [2, 4, 8, 16, 32, 64]
TIMED = 300  # calls of what is quick
TIMED_SLOW = 3
HIDDEN = 8  # in the run that is trained by both
ITERATIONS = 50
LR = 5.0


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), _ = load_mnist(flatten=False)
    whole = x_train[:BATCH_SIZE].reshape(BATCH_SIZE, -1).astype(np.float64)
    block = x_train.shape[-1] // SIDE
    x = x_train.reshape(-1, SIDE, block, SIDE, block).mean(axis=(2, 4), dtype=np.float64)
    x = x.reshape(-1, SIDE**2)
    batch = next(minibatches(x, t_train, BATCH_SIZE, SEED))
    widths = [cost(width, *batch) for width in progress(WIDTHS)]
    return {
        "inputs": SIDE**2,
        "batch_size": BATCH_SIZE,
        "timed": TIMED,
        "widths": widths,
        "fewest_passes": min(row["passes_backward"] for row in widths),
        "most_passes": max(row["passes_backward"] for row in widths),
        "largest_difference": max(row["difference"] for row in widths),
        "full": cost_of_the_full_network(whole, t_train[:BATCH_SIZE]),
        "run": both(x, t_train, progress),
    }


def network(width: int) -> MultiLayerNet:
    return MultiLayerNet(SIDE**2, [width], 10, "sigmoid", weight_init=0.5, rng=SEED)


def cost(width: int, x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """Time one loss, and the gradient in both ways; in seconds, and in times of one loss."""
    net = network(width)
    parameters = sum(param.size for param in net.params.values())
    loss, backward = least_seconds(TIMED, lambda: net.loss(x, t), lambda: net.gradient(x, t))
    (numerical,) = least_seconds(TIMED_SLOW, lambda: net.numerical_gradient(x, t))
    exact, estimates = net.gradient(x, t), net.numerical_gradient(x, t)
    return {
        "width": width,
        "parameters": parameters,
        "evaluations": 2 * parameters,
        "loss_seconds": loss,
        "numerical_seconds": numerical,
        "backward_seconds": backward,
        "passes_numerical": numerical / loss,
        "passes_backward": backward / loss,
        "ratio": numerical / backward,
        "difference": max(np.abs(exact[name] - estimates[name]).max() for name in exact),
    }


def cost_of_the_full_network(x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """The same for 784-50-10 and whole digits; its numerical gradient two_layer.py has timed."""
    net = MultiLayerNet(x.shape[1], [50], 10, "sigmoid", rng=SEED)
    parameters = sum(param.size for param in net.params.values())
    loss, backward = least_seconds(TIMED, lambda: net.loss(x, t), lambda: net.gradient(x, t))
    return {
        "parameters": parameters,
        "evaluations": 2 * parameters,
        "loss_seconds": loss,
        "backward_seconds": backward,
        "passes_backward": backward / loss,
    }


def least_seconds(rounds: int, *calls: Callable[[], Any]) -> list[float]:
    """The least time of each call, all of them in turn: what else the machine does can only add."""
    least = [float("inf")] * len(calls)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            begin = process_time()
            call()
            least[i] = min(least[i], process_time() - begin)
    return least


def both(x: np.ndarray, t: np.ndarray, progress: Progress) -> dict[str, Any]:
    """Train from equal weights on equal mini-batches, once by each gradient."""
    batches = [
        batch for batch, _ in zip(minibatches(x, t, BATCH_SIZE, SEED), range(ITERATIONS), strict=False)
    ]
    runs: dict[str, dict[str, Any]] = {}
    for way in ("numerical_gradient", "gradient"):
        net = network(HIDDEN)
        optimizer = SGD(LR)
        loss = []
        begin = process_time()
        for batch in progress(batches):
            loss.append(net.loss(*batch))
            optimizer.update(net.params, getattr(net, way)(*batch))
        runs[way] = {"seconds": process_time() - begin, "loss": loss, "params": net.params}
    numerical, exact = runs["numerical_gradient"], runs["gradient"]
    return {
        "hidden": HIDDEN,
        "parameters": sum(param.size for param in exact["params"].values()),
        "iterations": ITERATIONS,
        "lr": LR,
        "first_loss": exact["loss"][0],
        "last_losses": float(np.mean(exact["loss"][-10:])),
        "numerical_seconds": numerical["seconds"],
        "backward_seconds": exact["seconds"],
        "ratio": numerical["seconds"] / exact["seconds"],
        "loss_difference": float(np.abs(np.subtract(numerical["loss"], exact["loss"])).max()),
        "param_difference": max(
            np.abs(numerical["params"][name] - exact["params"][name]).max() for name in exact["params"]
        ),
    }
