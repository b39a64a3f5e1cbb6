"""The numerical gradient of a one-matrix network on MNIST, an image a class, and what one step down does."""

from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import SimpleNet
from scripts.experiments import Progress

SEED = 5
TIMES = ("seconds",)
SAMPLES = 100
LR = 0.5


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), test_set = load_mnist()
    rows = np.random.default_rng(SEED).choice(len(x_train), SAMPLES, replace=False)
    x, t = x_train[rows], t_train[rows]

    net = SimpleNet(np.zeros((784, 10)))
    start = process_time()
    gradient = net.numerical_gradient(x, t)["W"]
    seconds = process_time() - start
    difference = np.abs(gradient - net.gradient(x, t)["W"])
    stepped = SimpleNet(-LR * gradient)
    return {
        "samples": SAMPLES,
        "lr": LR,
        "passes": 2 * gradient.size,
        "seconds": seconds,
        "gradient": gradient.round(6).T,
        "largest_entry": np.abs(gradient).max(),
        "largest_difference": difference.max(),
        "loss_before": net.loss(x, t),
        "loss_after": stepped.loss(x, t),
        "accuracy_before": net.accuracy(*test_set),
        "accuracy_after": stepped.accuracy(*test_set),
    }
