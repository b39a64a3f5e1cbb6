"""Ten epochs of a two-layer network on all of MNIST by backpropagation, and one step by numerical gradients.

The accuracies that were reported for the same run stand beside ours. Every one of those 6,000 steps was taken
by numerical gradients; the one step that is timed here says what that would cost on this machine.
"""

from statistics import median
from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.gradients import numerical_gradient
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches, train
from scripts.experiments import Progress

SEED = 0
TIMES = (
    "backprop_seconds",
    "numerical_seconds",
    "extrapolated_backprop_seconds",
    "extrapolated_seconds",
    "ratio",
    "reported_ratio",
    "training_seconds",
    "training_ratio",
)
HIDDEN = 50
BATCH_SIZE = 100
LR = 0.1
EPOCHS = 10
TIMED = 200  # iterations by backpropagation, for their median time
SHOWN = 12  # wrong test digits whose pixels are kept for a picture

# As reported, at iterations 0, 600, …, 5,400, in a learner's write-up of section 4.5 of Saitoh's "Deep
# Learning from Scratch": the same sizes, batch size and learning rate, other random numbers.
REPORTED_ACCURACY = [0.0974, 0.8142, 0.8776, 0.8994, 0.9094, 0.9164, 0.9208, 0.9247, 0.9275, 0.9306]
REPORTED_SECONDS = 22.96  # an iteration
REPORTED_TOTAL = (38 * 60 + 16) * 60  # all 6,000 of them, in seconds


def run(progress: Progress) -> dict[str, Any]:
    # The network computes in float64; converted once, the samples need not be converted at every step.
    (x_train, t_train), (x_test, t_test) = ((x.astype(np.float64), t) for x, t in load_mnist())
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(x_train.shape[1], HIDDEN, 10, rng=rng)
    iterations = EPOCHS * len(x_train) // BATCH_SIZE
    values: dict[str, Any] = {
        "input_size": x_train.shape[1],
        "hidden_size": HIDDEN,
        "output_size": 10,
        "parameters": sum(param.size for param in net.params.values()),
        "samples": len(x_train),
        "test_samples": len(x_test),
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "iterations_per_epoch": iterations // EPOCHS,
        "iterations": iterations,
    }
    for part in progress(["gradients", "training"]):
        if part == "gradients":
            batch = next(minibatches(x_train, t_train, BATCH_SIZE, SEED))
            values |= gradients(net, batch, iterations, progress)
        else:
            values |= training(net, (x_train, t_train), (x_test, t_test), rng, progress)
    return values | wrong_digits(net, x_test, t_test)


def gradients(
    net: TwoLayerNet, batch: tuple[np.ndarray, np.ndarray], iterations: int, progress: Progress
) -> dict[str, Any]:
    """Take the same step in both ways: how far the gradients differ, and how long each takes."""
    x, t = batch
    start = {name: param.copy() for name, param in net.params.items()}

    def restart() -> None:
        for name, param in net.params.items():
            param[...] = start[name]

    def numerical(param: np.ndarray) -> np.ndarray:
        # Row by row, only so that the progress can be told: rows are views, and are stepped in place.
        rows = progress(param) if param.ndim == 2 else [param]
        return np.reshape([numerical_gradient(lambda _: net.loss(x, t), row) for row in rows], param.shape)

    begin = process_time()
    estimates = {name: numerical(param) for name, param in net.params.items()}
    SGD(LR).update(net.params, estimates)
    numerical_seconds = process_time() - begin
    restart()

    exact = net.gradient(x, t)
    agreement = {}
    for name, estimate in estimates.items():
        difference = np.abs(exact[name] - estimate).max()
        relative = difference / max(np.abs(exact[name]).max(), np.abs(estimate).max())
        agreement[name] = {"difference": difference, "relative": relative}

    times = []
    for _ in range(TIMED):
        begin = process_time()
        SGD(LR).update(net.params, net.gradient(x, t))
        times.append(process_time() - begin)
    restart()

    return {
        "loss_evaluations": 2 * sum(param.size for param in net.params.values()),
        "agreement": agreement,
        "largest_difference": max(entry["difference"] for entry in agreement.values()),
        "largest_relative": max(entry["relative"] for entry in agreement.values()),
        "timed": TIMED,
        "numerical_seconds": numerical_seconds,
        "backprop_seconds": median(times),
        "extrapolated_seconds": iterations * numerical_seconds,
        "extrapolated_backprop_seconds": iterations * median(times),
        "ratio": numerical_seconds / median(times),
        "reported_seconds": REPORTED_SECONDS,
        "reported_total_seconds": REPORTED_TOTAL,
        "reported_ratio": REPORTED_SECONDS / numerical_seconds,
    }


def training(
    net: TwoLayerNet,
    train_set: tuple[np.ndarray, np.ndarray],
    test_set: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
    progress: Progress,
) -> dict[str, Any]:
    """Train, and put each epoch's accuracies beside the reported one."""
    begin = process_time()
    history = train(net, train_set, test_set, EPOCHS, BATCH_SIZE, LR, rng=rng, progress=progress)
    seconds = process_time() - begin
    epochs = []
    for epoch, (on_train, on_test) in enumerate(
        zip(history["train_accuracy"], history["test_accuracy"], strict=True)
    ):
        reported = REPORTED_ACCURACY[epoch] if epoch < len(REPORTED_ACCURACY) else None
        epochs.append(
            {
                "epoch": epoch,
                "iterations": epoch * len(history["loss"]) // EPOCHS,
                "train_accuracy": on_train,
                "test_accuracy": on_test,
                "reported": reported,
                "difference": None if reported is None else round(on_test - reported, 4),
            }
        )
    test_accuracy = epochs[-1]["test_accuracy"]
    return {
        "training_seconds": seconds,
        "training_ratio": REPORTED_TOTAL / seconds,
        "loss": [round(loss, 5) for loss in history["loss"]],
        "first_losses": float(np.mean(history["loss"][:10])),
        "last_losses": float(np.mean(history["loss"][-600:])),
        "epochs": epochs,
        "compared": epochs[: len(REPORTED_ACCURACY)],
        "test_accuracy": test_accuracy,
        "train_accuracy": epochs[-1]["train_accuracy"],
        "distance": epochs[-1]["train_accuracy"] - test_accuracy,
        "standard_error": standard_error(test_accuracy, len(test_set[1])),
        "largest_distance_in_errors": max(
            abs(row["train_accuracy"] - row["test_accuracy"])
            / standard_error(row["test_accuracy"], len(test_set[1]))
            for row in epochs
        ),
        "first_difference": epochs[1]["difference"],
        "later_difference": max(abs(row["difference"]) for row in epochs[2 : len(REPORTED_ACCURACY)]),
    }


def standard_error(share: float, samples: int) -> float:
    """What chance alone does to a share of so many independent samples."""
    return float(np.sqrt(share * (1 - share) / samples))


def wrong_digits(net: TwoLayerNet, x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """List the test digits that the trained network gets wrong, the ones it is surest of first."""
    y = net.predict(x)
    guess = y.argmax(axis=1)
    sureness = y.max(axis=1)
    wrong = np.flatnonzero(guess != t)
    wrong = wrong[np.argsort(-sureness[wrong], kind="stable")]
    confusion = np.zeros((10, 10), int)  # rows: the label, columns: the guess
    np.add.at(confusion, (t, guess), 1)
    mistakes = confusion - np.diag(np.diag(confusion))
    most = np.argsort(-mistakes, axis=None, kind="stable")[:5]
    commonest = zip(*np.unravel_index(most, mistakes.shape), strict=True)
    return {
        "wrong_count": len(wrong),
        "wrong": [
            {"index": i, "label": t[i], "prediction": guess[i], "probability": round(sureness[i], 4)}
            for i in wrong
        ],
        "wrong_pixels": (255 * x[wrong[:SHOWN]]).round().astype(int),
        "confusion": confusion,
        "commonest": [
            {"label": label, "prediction": other, "count": mistakes[label, other]}
            for label, other in commonest
        ],
        "recall": np.diag(confusion) / confusion.sum(axis=1),
        "mean_sureness_right": sureness[guess == t].mean(),
        "mean_sureness_wrong": sureness[wrong].mean(),
    }
