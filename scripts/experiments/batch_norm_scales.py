"""A deep network learns from weights of twelve sizes, with and without batch normalization."""

from copy import deepcopy
from math import inf
from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0
TIMES = ("seconds", "time_ratio")
TOLERANCE = {"accuracy": 0.4, "last": 0.15, "early": 0.06, "lowest": 0.06, "goal": inf, "above_goal": 1}
SAMPLES = 1000
HIDDEN = [100] * 5
SCALES = np.geomspace(1, 1e-4, 12)  # standard deviations of the initial weights
LR = 0.1
BATCH_SIZE = 100
EPOCHS = 12
GOAL = 0.9


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), _ = load_mnist()
    x_train, t_train = x_train[:SAMPLES], t_train[:SAMPLES]

    def learn(scale: float, batch_norm: bool) -> dict[str, Any]:
        """Train; the accuracies are those on the training data, before the first epoch and after each."""
        rng = np.random.default_rng(SEED)  # the same draws for each scale, with and without
        net = MultiLayerNet(
            x_train.shape[1], HIDDEN, 10, weight_init=scale, batch_norm=batch_norm, rng=rng, dtype=np.float32
        )
        optimizer = SGD(LR)
        accuracy, seconds, early = [net.accuracy(x_train, t_train)], [], 0.0
        try:
            with np.errstate(all="ignore"):  # dlbook refuses the numbers that come of it
                for _ in range(EPOCHS):
                    begin = process_time()
                    for x, t in minibatches(x_train, t_train, BATCH_SIZE, rng):
                        optimizer.update(net.params, net.gradient(x, t))
                    seconds.append(process_time() - begin)
                    accuracy.append(net.accuracy(x_train, t_train))
                    early = early or accuracy_by_own_statistics(net)
        except ValueError as error:
            if "finite" not in str(error):
                raise
        return {
            "accuracy": accuracy,
            "last": accuracy[-1],
            "diverged": len(accuracy) <= EPOCHS,
            "goal": next((epoch for epoch, found in enumerate(accuracy) if found >= GOAL), None),
            "early": early,
            "seconds": float(np.median(seconds)) if seconds else None,
        }

    def accuracy_by_own_statistics(net: MultiLayerNet) -> float:
        """With mean and variance of these samples themselves, in place of the moving averages."""
        copy = deepcopy(net)  # going forward in training moves the averages
        scores = copy.forward(x_train, copy.layers(training=True))
        return float(np.mean(scores.argmax(axis=1) == t_train))

    scales = [float(scale) for scale in SCALES]
    plain = [learn(scale, False) for scale in progress(scales)]
    normalised = [learn(scale, True) for scale in progress(scales)]

    def fastest(runs: list[dict[str, Any]]) -> dict[str, Any]:
        epochs = [run["goal"] or np.inf for run in runs]
        best = int(np.argmin(epochs))
        return {"scale": scales[best], "epochs": runs[best]["goal"]}

    seconds = [np.median([run["seconds"] for run in runs if run["seconds"]]) for runs in (plain, normalised)]
    return {
        "samples": SAMPLES,
        "hidden": HIDDEN,
        "lr": LR,
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS,
        "goal": GOAL,
        "most_frequent": float(np.bincount(t_train).max() / SAMPLES),  # for a network that says one digit
        "scales": scales,
        "plain": plain,
        "normalised": normalised,
        "above_goal": sum(run["last"] > GOAL for run in plain),
        "diverged": sum(run["diverged"] for run in plain),
        "lowest": min(run["last"] for run in normalised),
        "fastest_plain": fastest(plain),
        "fastest_normalised": fastest(normalised),
        "time_ratio": float(seconds[1] / seconds[0]),
    }
