"""Shuffled epochs against drawing with replacement: accuracies after one and two epochs, several seeds."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0  # the first of them
SEEDS = 5
EPOCHS = 2


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = load_mnist()
    ways: list[dict[str, Any]] = []
    for name, replace in progress([("shuffled", False), ("with replacement", True)]):
        accuracies = []
        for seed in progress(range(SEED, SEED + SEEDS)):
            rng = np.random.default_rng(seed)
            # float32 gives the accuracies of float64, faster.
            net = TwoLayerNet(784, 50, 10, rng=rng, dtype=np.float32)
            history = train(net, train_set, test_set, epochs=EPOCHS, rng=rng, replace=replace)
            accuracies.append(history["test_accuracy"][1:])
        columns = np.array(accuracies).T
        ways.append(
            {
                "name": name,
                "epochs": [
                    {"lowest": column.min(), "mean": column.mean(), "highest": column.max(), "all": column}
                    for column in columns
                ],
            }
        )
    after_one = np.array([way["epochs"][0]["all"] for way in ways])
    return {
        "seeds": SEEDS,
        "ways": ways,
        "lowest_after_one": after_one.min(),
        "highest_after_one": after_one.max(),
    }
