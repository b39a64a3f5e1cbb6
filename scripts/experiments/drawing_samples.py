"""Shuffled samples against samples drawn with replacement: accuracies after one epoch, several seeds."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0  # the first of them
SEEDS = 5


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = load_mnist()
    ways: list[dict[str, Any]] = []
    for name, replace in progress([("shuffled", False), ("with replacement", True)]):
        accuracies = []
        for seed in progress(range(SEED, SEED + SEEDS)):
            rng = np.random.default_rng(seed)
            # float32 gives the accuracies of float64, faster.
            net = TwoLayerNet(784, 50, 10, rng=rng, dtype=np.float32)
            history = train(net, train_set, test_set, epochs=1, rng=rng, replace=replace)
            accuracies.append(history["test_accuracy"][-1])
        ways.append(
            {
                "name": name,
                "accuracies": accuracies,
                "lowest": min(accuracies),
                "mean": np.mean(accuracies),
                "highest": max(accuracies),
            }
        )
    shuffled, replaced = (np.array(way["accuracies"]) for way in ways)
    return {
        "seeds": SEEDS,
        "ways": ways,
        "lowest": min(way["lowest"] for way in ways),
        "highest": max(way["highest"] for way in ways),
        "difference": replaced.mean() - shuffled.mean(),
        "standard_error": np.sqrt((shuffled.var(ddof=1) + replaced.var(ddof=1)) / SEEDS),  # of the difference
    }
