"""The network of seven layers on 100 to 10,000 digits, with the same number of updates: what more data do."""

from itertools import islice
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0  # of the first repetition; the next ones count on
TOLERANCE = {"sizes": 0.02, "gain": 0.01}
SEEDS = 3
HIDDEN = [100] * 6
BATCH_SIZE = 50
LR = 0.05
ITERATIONS = 600  # for all sizes: the same work
SIZES = [100, 300, 1000, 3000, 10000]


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test_set = load_mnist()
    rows = []
    for size in progress(SIZES):
        runs = []
        for seed in range(SEED, SEED + SEEDS):
            rng = np.random.default_rng(seed)
            drawn = rng.choice(len(x), size, replace=False)
            train_set = x[drawn], t[drawn]
            net = MultiLayerNet(784, HIDDEN, 10, weight_init="he", rng=rng, dtype=np.float32)
            optimizer = SGD(LR)
            done = 0
            while done < ITERATIONS:
                for batch in islice(minibatches(*train_set, BATCH_SIZE, rng), ITERATIONS - done):
                    optimizer.update(net.params, net.gradient(*batch))
                    done += 1
            runs.append([net.accuracy(*train_set), net.accuracy(*test_set)])
        train, test = np.transpose(runs)
        rows.append(
            {
                "samples": size,
                "seen": ITERATIONS * BATCH_SIZE / size,
                "train_accuracy": float(train.mean()),
                "test_accuracy": float(test.mean()),
                "each": np.round(test, 4),
                "spread": float(test.std(ddof=1)),
                "gap": float(np.mean(train - test)),
            }
        )
    return {
        "lr": LR,
        "batch_size": BATCH_SIZE,
        "iterations": ITERATIONS,
        "seeds": SEEDS,
        "sizes": rows,
        "gain": rows[2]["test_accuracy"] - rows[1]["test_accuracy"],  # from 300 digits to 1,000
    }
