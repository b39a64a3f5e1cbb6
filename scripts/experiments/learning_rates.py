"""Gradient descent on 1,000 MNIST digits, all of them in every step, with learning rates from 0.03 to 30."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from scripts.experiments import Progress

SEED = 6
TOLERANCE = {"loss": 5e-4}
SAMPLES = 1000
HIDDEN = 50
STEPS = 120
LEARNING_RATES = [0.03, 0.3, 3.0, 30.0]


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), test_set = load_mnist()
    rows = np.random.default_rng(SEED).choice(len(x_train), SAMPLES, replace=False)
    x, t = x_train[rows], t_train[rows]

    def descend(lr: float) -> dict[str, Any]:
        # The same start for each rate. float32 tells the same story as float64, faster.
        net = TwoLayerNet(784, HIDDEN, 10, rng=SEED, dtype=np.float32)
        optimizer = SGD(lr)
        loss = [net.loss(x, t)]
        for _ in range(STEPS):
            optimizer.update(net.params, net.gradient(x, t))
            loss.append(net.loss(x, t))
        low = np.flatnonzero(np.array(loss) < 0.9 * loss[0])
        return {
            "lr": lr,
            "loss": np.round(loss, 5),
            "highest": max(loss),
            "rises": int(np.sum(np.diff(loss) > 0)),
            "steps_to_lose_a_tenth": low[0] if low.size else None,
            "test_accuracy": net.accuracy(*test_set),
        }

    return {
        "samples": SAMPLES,
        "hidden": HIDDEN,
        "steps": STEPS,
        "parameters": sum(param.size for param in TwoLayerNet(784, HIDDEN, 10).params.values()),
        "runs": [descend(lr) for lr in progress(LEARNING_RATES)],
    }
