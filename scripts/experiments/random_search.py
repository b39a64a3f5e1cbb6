"""Random search for a learning rate and a weight decay by a validation set, and what choosing does to it."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0
TOLERANCE = {"trials": 0.6, "best_reserve_accuracy": 0.01, "overstated": 0.01}
TRIALS = 50
HIDDEN = [50, 50, 50]
SAMPLES = 1000
VALIDATION = 200  # of them
BATCH_SIZE = 50
EPOCHS = 16
LR = (1e-3, 1.0)
WEIGHT_DECAY = (1e-6, 1e-1)
RESERVE = 10_000  # more training images, which no project has: they say how good the networks really are
SIZES = [100, 200, 500, 1000, 2000]  # of validation sets drawn from the reserve
COUNTS = [1, 5, 15, TRIALS]  # of networks to choose from
DRAWS = 1000


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test_set = load_mnist()
    rng = np.random.default_rng(SEED)
    ours, reserve = np.split(rng.permutation(len(x))[: SAMPLES + RESERVE], [SAMPLES])
    training, validation = np.split(ours, [SAMPLES - VALIDATION])

    def trained(lr: float, weight_decay: float, rows: np.ndarray, seed: int) -> MultiLayerNet:
        own = np.random.default_rng([SEED, seed])
        net = MultiLayerNet(
            784, HIDDEN, 10, weight_init="he", weight_decay=weight_decay, rng=own, dtype=np.float32
        )
        optimizer = SGD(lr)
        for _ in range(EPOCHS):
            for x_batch, t_batch in minibatches(x[rows], t[rows], BATCH_SIZE, own):
                optimizer.update(net.params, net.gradient(x_batch, t_batch))
        return net

    trials, right = [], []
    for trial in progress(range(TRIALS)):
        lr, weight_decay = (float(10 ** rng.uniform(*np.log10(ends))) for ends in (LR, WEIGHT_DECAY))
        net = trained(lr, weight_decay, training, trial)
        right.append(net.scores(x[reserve]).argmax(axis=1) == t[reserve])
        trials.append(
            {
                "lr": lr,
                "weight_decay": weight_decay,
                "validation_accuracy": net.accuracy(x[validation], t[validation]),
                "reserve_accuracy": float(right[-1].mean()),
            }
        )
    best = max(trials, key=lambda trial: trial["validation_accuracy"])
    p = best["validation_accuracy"]  # all that a search knows
    error = float(np.sqrt(p * (1 - p) / VALIDATION))
    # With what the search has chosen, on all samples; the only look at the test data.
    test_accuracy = trained(best["lr"], best["weight_decay"], ours, TRIALS).accuracy(*test_set)
    return {
        "count": TRIALS,
        "samples": SAMPLES,
        "validation": VALIDATION,
        "training": SAMPLES - VALIDATION,
        "reserve": RESERVE,
        "hidden": HIDDEN[0],
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS,
        "trials": trials,
        "best": best,
        "standard_error": error,
        "overstated": best["validation_accuracy"] - best["reserve_accuracy"],
        "as_good": sum(
            trial["validation_accuracy"] >= best["validation_accuracy"] - error for trial in trials
        ),
        "best_reserve_accuracy": max(trial["reserve_accuracy"] for trial in trials),
        "test_accuracy": test_accuracy,
        "test_error": float(np.sqrt(test_accuracy * (1 - test_accuracy) / len(test_set[1]))),
        "draws": DRAWS,
        "luck": luck(np.array(right), rng),
    }


def luck(right: np.ndarray, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Choose again and again, by a random validation set, among randomly chosen networks.

    `right` says of each network and each image of the reserve whether it is read rightly.
    """
    truth = right.mean(axis=1)
    rows = []
    for size in SIZES:
        overstated = np.empty((DRAWS, len(COUNTS)))
        for draw in range(DRAWS):
            seen = right[:, rng.choice(right.shape[1], size, replace=False)].mean(axis=1)
            order = rng.permutation(len(right))
            for i, count in enumerate(COUNTS):
                chosen = order[seen[order[:count]].argmax()]
                overstated[draw, i] = seen[chosen] - truth[chosen]
        means = overstated.mean(axis=0)
        rows.append(
            {
                "validation": size,
                "overstated": [
                    {"count": count, "mean": float(mean)} for count, mean in zip(COUNTS, means, strict=True)
                ],
            }
        )
    return rows
