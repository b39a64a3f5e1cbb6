"""Scale of the weights against learning rate, with and without batch normalization: what is learned?"""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0
TOLERANCE = {"plain": 0.4, "normalised": 0.6, "best": 0.2, "learned": 2, "turned": 3.0}
FACTOR = {"turned": 3.0, "turned_best": 5.0}
SAMPLES = 1000
TESTED = 2000
HIDDEN = [100] * 5
SCALES = np.geomspace(1, 1e-3, 7)  # standard deviations of the initial weights
RATES = np.geomspace(0.01, 1, 5)
BATCH_SIZE = 100
EPOCHS = 8


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), (x_test, t_test) = load_mnist()
    x_train, t_train = x_train[:SAMPLES], t_train[:SAMPLES]
    x_test, t_test = x_test[:TESTED], t_test[:TESTED]

    def learn(scale: float, lr: float, batch_norm: bool) -> dict[str, float] | None:
        """The accuracies in the end; None if a number overflows."""
        rng = np.random.default_rng(SEED)
        net = MultiLayerNet(
            x_train.shape[1], HIDDEN, 10, weight_init=scale, batch_norm=batch_norm, rng=rng, dtype=np.float32
        )
        optimizer, start = SGD(lr), net.params["W1"].copy()
        try:
            with np.errstate(all="ignore"):  # dlbook refuses the numbers that come of it
                for _ in range(EPOCHS):
                    for x, t in minibatches(x_train, t_train, BATCH_SIZE, rng):
                        optimizer.update(net.params, net.gradient(x, t))
                return {
                    "train": net.accuracy(x_train, t_train),
                    "test": net.accuracy(x_test, t_test),
                    "turned": degrees(start, net.params["W1"]),
                }
        except ValueError as error:
            if "finite" not in str(error):
                raise
            return None

    maps = {
        name: [
            [learn(float(scale), float(lr), batch_norm) for lr in RATES] for scale in progress(list(SCALES))
        ]
        for name, batch_norm in (("plain", False), ("normalised", True))
    }
    settings = {name: [cell for row in rows for cell in row] for name, rows in maps.items()}
    best = max((cell for cell in settings["normalised"] if cell), key=lambda cell: cell["test"])
    return {
        "samples": SAMPLES,
        "tested": TESTED,
        "hidden": HIDDEN,
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS,
        "scales": SCALES,
        "rates": RATES,
        **maps,
        "settings": len(SCALES) * len(RATES),
        "best": {name: max(cell["test"] for cell in cells if cell) for name, cells in settings.items()},
        "learned": {
            name: sum(cell is not None and cell["test"] > 0.7 for cell in cells)
            for name, cells in settings.items()
        },
        "largest_scale": maps["normalised"][0][-1],  # at the highest rate
        "turned_best": best["turned"],
    }


def degrees(start: np.ndarray, end: np.ndarray) -> float:
    """The angle by which the weights of a unit have turned, the median over units."""
    lengths = np.linalg.norm(start, axis=0) * np.linalg.norm(end, axis=0)
    cosines = np.clip(np.sum(start * end, axis=0) / lengths, -1, 1)
    return float(np.degrees(np.median(np.arccos(cosines))))
