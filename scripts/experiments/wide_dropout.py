"""Two hidden layers learn 1,000 digits, narrow and wide, without dropout and with half of the units off."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0  # of the first repetition; the next ones count on
TOLERANCE = {"widths": 0.02}
SEEDS = 5
SAMPLES = 1000
WIDTHS = [100, 400]
RATES = [0.0, 0.5]
BATCH_SIZE = 50
LR = 0.1
EPOCHS = 40


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test_set = load_mnist()
    accuracy = np.empty((len(WIDTHS), len(RATES), SEEDS))
    for seed in progress(range(SEEDS)):
        for i, j in np.ndindex(len(WIDTHS), len(RATES)):
            # The same digits and mini-batches for all four: dropout has the network's own rng.
            rng = np.random.default_rng([SEED + seed, 1])
            drawn = rng.choice(len(x), SAMPLES, replace=False)
            hidden = [WIDTHS[i]] * 2
            net = MultiLayerNet(
                784, hidden, 10, weight_init="he", dropout=RATES[j], rng=SEED + seed, dtype=np.float32
            )
            optimizer = SGD(LR)
            for _ in range(EPOCHS):
                for batch in minibatches(x[drawn], t[drawn], BATCH_SIZE, rng):
                    optimizer.update(net.params, net.gradient(*batch))
            accuracy[i, j, seed] = net.accuracy(*test_set)
    gain = accuracy[:, 1] - accuracy[:, 0]  # paired: seed by seed on the same digits
    return {
        "samples": SAMPLES,
        "lr": LR,
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "rate": RATES[1],
        "widths": [
            {
                "hidden": width,
                "without": float(accuracy[i, 0].mean()),
                "with": float(accuracy[i, 1].mean()),
                "gain": float(gain[i].mean()),
                "error": float(gain[i].std(ddof=1) / np.sqrt(SEEDS)),
                "each": np.round(gain[i], 4),
            }
            for i, width in enumerate(WIDTHS)
        ],
    }
