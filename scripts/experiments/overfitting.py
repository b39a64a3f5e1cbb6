"""A network of seven layers learns 300 digits by heart, without a cure and with four, several times each."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.losses import softmax_cross_entropy
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0  # of the first repetition; the next ones count on
TOLERANCE = {
    "train_accuracy": 0.3,
    "test_accuracy": 0.3,
    "curves": 0.9,
    "squares": 2.0,
    "ways": 0.03,
    "lowest_test_loss": 0.05,
    "test_loss_saved": 0.02,
}
SEEDS = 5
SAMPLES = 300
HIDDEN = [100] * 6
BATCH_SIZE = 50
LR = 0.05
EPOCHS = 90
LOOKS = [60, EPOCHS]  # after which the ways are compared: one look could be a lucky one
WATCHED = [0, 5, 10, 15, 20, 30, *LOOKS]  # trying 10,000 test digits costs 40 updates
WAYS: list[dict[str, float]] = [
    {"weight_decay": 0.0, "dropout": 0.0},
    {"weight_decay": 0.01, "dropout": 0.0},
    {"weight_decay": 0.1, "dropout": 0.0},
    {"weight_decay": 0.0, "dropout": 0.1},
    {"weight_decay": 0.0, "dropout": 0.2},
]
DRAWN = [0, 1]  # the ways that the figure shows from epoch to epoch


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test_set = load_mnist()
    runs: list[list[dict[str, list[float]]]] = [[] for _ in WAYS]
    for seed in progress(range(SEED, SEED + SEEDS)):
        for i, way in enumerate(WAYS):
            # The same digits, weights and mini-batches for all ways: dropout has the network's own rng.
            rng = np.random.default_rng([seed, 1])
            drawn = rng.choice(len(x), SAMPLES, replace=False)
            net = MultiLayerNet(784, HIDDEN, 10, weight_init="he", rng=seed, dtype=np.float32, **way)
            watched = WATCHED if i in DRAWN else LOOKS
            runs[i].append(train(net, (x[drawn], t[drawn]), test_set, rng, watched))
    names = list(runs[0][0])
    last = {name: np.array([[one[name][-1] for one in way] for way in runs]) for name in names}
    curves = [{name: np.array([one[name] for one in runs[i]]) for name in names} for i in DRAWN]
    test_loss, test_accuracy = (curves[0][name].mean(axis=0) for name in ("test_loss", "test_accuracy"))
    lowest = int(test_loss.argmin())
    gap = last["train_accuracy"] - last["test_accuracy"]
    # Paired: seed by seed on the same digits. Shape: looks, ways, seeds.
    test = np.array([[[one["test_accuracy"][at] for one in way] for way in runs] for at in (-2, -1)])
    gain = test - test[:, :1]
    error = gain.std(axis=2, ddof=1) / np.sqrt(SEEDS)
    loss = last["test_loss"].mean(axis=1)
    return {
        "samples": SAMPLES,
        "layers": net.depth,
        "hidden": HIDDEN[0],
        "parameters": sum(param.size for param in net.params.values()),
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "watched": WATCHED,
        "curves": [{name: np.round(curve, 5) for name, curve in way.items()} for way in curves],
        "lowest_test_loss": {
            "epoch": WATCHED[lowest],
            "loss": float(test_loss[lowest]),
            "accuracy_lost": float(test_accuracy[-1] - test_accuracy[lowest]),
        },
        "test_loss_saved": float(1 - loss[1] / loss[0]),
        "ways": [
            {
                **way,
                "train_accuracy": float(last["train_accuracy"][i].mean()),
                "test_accuracy": float(last["test_accuracy"][i].mean()),
                "each": np.round(last["test_accuracy"][i], 4),
                "spread": float(last["test_accuracy"][i].std(ddof=1)),
                "gap": float(gap[i].mean()),
                "test_loss": float(loss[i]),
                "squares": float(last["squares"][i].mean()),
                "gains": [
                    {"epoch": epoch, "mean": float(gain[at, i].mean()), "error": float(error[at, i])}
                    for at, epoch in enumerate(LOOKS)
                ],
            }
            for i, way in enumerate(WAYS)
        ],
    }


def train(
    net: MultiLayerNet,
    train_set: tuple[np.ndarray, np.ndarray],
    test_set: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
    watched: list[int],
) -> dict[str, list[float]]:
    """Train by SGD; at the epochs to watch, note what the network does when it is used."""
    optimizer = SGD(LR)
    history: dict[str, list[float]] = {}
    for epoch in range(EPOCHS + 1):
        if epoch > 0:
            for x, t in minibatches(*train_set, BATCH_SIZE, rng):
                optimizer.update(net.params, net.gradient(x, t))
        if epoch not in watched:
            continue
        for name, (x, t) in {"train": train_set, "test": test_set}.items():
            scores = net.scores(x)
            accuracy = float(np.mean(scores.argmax(axis=1) == t))
            history.setdefault(f"{name}_accuracy", []).append(accuracy)
            # Without the penalty, so that all ways are measured alike.
            history.setdefault(f"{name}_loss", []).append(softmax_cross_entropy(scores, t))
        history.setdefault("squares", []).append(
            sum(float(np.sum(param**2)) for name, param in net.params.items() if name.startswith("W"))
        )
    return history
