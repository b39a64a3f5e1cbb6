"""Large mini-batches with the rate of small ones, with one in proportion, and with a warm-up before it."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 15
BATCH_SIZE, LR = 100, 0.1  # what is known to work, and what the others start from
LARGE = [1000, 3000, 10000]
EPOCHS = 4


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = load_mnist()
    small = trained(BATCH_SIZE, LR, 0, train_set, test_set)
    ways = [(size, scale, warm_up) for size in LARGE for scale, warm_up in ((False, 0), (True, 0), (True, 1))]
    runs = []
    for size, scale, warm_up in progress(ways):
        lr = LR * size / BATCH_SIZE if scale else LR
        runs.append(trained(size, lr, warm_up, train_set, test_set))
    return {
        "epochs": EPOCHS,
        "samples": len(train_set[0]),
        "small": small,
        "large": [
            {"batch_size": size, "same": runs[i], "scaled": runs[i + 1], "warmed": runs[i + 2]}
            for i, size in zip(range(0, len(runs), 3), LARGE, strict=True)
        ],
    }


def trained(
    size: int,
    lr: float,
    warm_up: int,
    train_set: tuple[np.ndarray, np.ndarray],
    test_set: tuple[np.ndarray, np.ndarray],
) -> dict[str, Any]:
    """Train from the same weights, with a rate that grows in a straight line for so many epochs."""
    steps = -(-len(train_set[0]) // size)

    def rate(n: int) -> float:
        return lr * min(1, n / (warm_up * steps)) if warm_up else lr

    net = MultiLayerNet(784, [50], 10, weight_init="he", rng=SEED, dtype=np.float32)
    history = train(net, train_set, test_set, EPOCHS, size, rate, rng=SEED, progress=False)
    losses, accuracies = history["loss"], history["test_accuracy"][1:]
    return {
        "batch_size": size,
        "lr": lr,
        "steps": steps,
        "updates": len(losses),
        "largest_loss": max(losses),
        "last_loss": float(np.mean(losses[-steps:])),
        "accuracies": accuracies,
        "test_accuracy": accuracies[-1],
    }
