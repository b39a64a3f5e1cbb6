"""Six optimizers train the same network on the same mini-batches, each with three learning rates."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import OPTIMIZERS, AdaGrad, RMSProp
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0  # of the search; the next one is for the run that the figures show
TOLERANCE = {"last": 0.08, "loss": 0.01, "steps": 0.1, "test_accuracy": 0.005, "adam": 0.1}
FACTOR = {"largest_difference_of_five": 1.01, "largest_difference_of_runs": 1.01}
HIDDEN = 50
BATCH_SIZE = 100
LAST = 100  # mini-batches at the end whose mean loss is the result of a run
# About a factor of 3 apart. The best of each three turns out to be the one in the middle.
RATES = {
    "sgd": [1.0, 3.0, 10.0],
    "momentum": [0.1, 0.3, 1.0],
    "nesterov": [0.1, 0.3, 1.0],
    "adagrad": [0.03, 0.1, 0.3],
    "rmsprop": [0.003, 0.01, 0.03],
    "adam": [0.003, 0.01, 0.03],
}


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), test_set = load_mnist()

    def epoch(name: str, lr: float, seed: int, corrected: bool = True) -> dict[str, Any]:
        rng = np.random.default_rng(seed)  # the same weights and mini-batches for all with this seed
        # float32 tells the same story as float64, faster.
        net = TwoLayerNet(x_train.shape[1], HIDDEN, 10, rng=rng, dtype=np.float32)
        optimizer = OPTIMIZERS[name](lr)
        if not corrected:  # after very many steps there is no bias left for Adam to correct
            optimizer.n = dict.fromkeys(net.params, 10**9)
        loss, steps = [], []
        for x, t in minibatches(x_train, t_train, BATCH_SIZE, rng):
            loss.append(float(net.loss(x, t)))
            optimizer.update(net.params, net.gradient(x, t))
            if isinstance(optimizer, AdaGrad | RMSProp):
                factors = lr / (np.sqrt(optimizer.squares["W2"]) + optimizer.eps)
                steps.append(float(np.median(factors)))
        return {
            "lr": lr,
            "loss": loss,
            "first": float(np.mean(loss[:LAST])),
            "last": float(np.mean(loss[-LAST:])),
            "test_accuracy": float(net.accuracy(*test_set)),
            "steps": steps,
        }

    optimizers = []
    for name in progress(list(OPTIMIZERS)):
        searched = [epoch(name, lr, SEED) for lr in RATES[name]]
        best = min(searched, key=lambda tried: tried["last"])
        again = epoch(name, best["lr"], SEED + 1)
        optimizers.append(
            {
                "name": OPTIMIZERS[name].__name__,
                "lr": best["lr"],
                "searched": [{"lr": tried["lr"], "last": tried["last"]} for tried in searched],
                "runs": [
                    {key: tried[key] for key in ("first", "last", "test_accuracy")} for tried in (best, again)
                ],
                "loss": np.round(again["loss"], 5),
                "steps": np.round(again["steps"], 4),
            }
        )
    uncorrected = [
        {
            "lr": tried["lr"],
            "corrected": tried["last"],
            "uncorrected": epoch("adam", tried["lr"], SEED, False)["last"],
        }
        for tried in optimizers[-1]["searched"]
    ]
    tuned = [[tried["last"] for tried in optimizer["runs"]] for optimizer in optimizers]
    return {
        "hidden": HIDDEN,
        "batch_size": BATCH_SIZE,
        "iterations": len(optimizers[0]["loss"]),
        "averaged": LAST,
        "optimizers": optimizers,
        "adam": uncorrected,
        "largest_difference_of_five": max(max(run) - min(run) for run in zip(*tuned[1:], strict=True)),
        "largest_difference_of_runs": max(abs(a - b) for a, b in tuned),
    }
