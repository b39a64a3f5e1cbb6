"""What networks with random weights make of the test digits, what training changes, what a batch saves."""

from time import perf_counter
from typing import Any

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0  # the first of them
TIMES = ("seconds",)
TOLERANCE = {"digit": 1e-5}
SEEDS = 100  # networks of each kind
STDS = (0.01, 1.0)
EPOCHS = 3
BATCH_SIZES = (1, 10, 100, 1000, 10000)
SHOWN = 0  # the row of the test digit that is followed through the network


def run(progress: Progress) -> dict[str, Any]:
    train_set, (x, t) = load_mnist()
    # float32 is the images' own type, and halves the time.
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(784, 50, 10, rng=rng, dtype=np.float32)
    before = followed(net, x[SHOWN])
    history = train(net, train_set, (x, t), epochs=EPOCHS, rng=rng)
    return {
        "seeds": SEEDS,
        "class_shares": shares(t),
        "stds": [guesses(std, x, t, progress) for std in progress(STDS)],
        "dice": spread(np.array([np.mean(rng.integers(10, size=len(t)) == t) for _ in range(SEEDS)])),
        "trained": {"epochs": EPOCHS, "accuracy": history["test_accuracy"]},
        "digit": {"row": SHOWN, "t": t[SHOWN], "before": before, "after": followed(net, x[SHOWN])},
        "batches": [{"N": N, "seconds": seconds_for_all(net, x, N)} for N in progress(BATCH_SIZES)],
    }


def shares(classes: np.ndarray) -> np.ndarray:
    return np.bincount(classes, minlength=10) / len(classes)


def spread(accuracies: np.ndarray) -> dict[str, Any]:
    return {
        "all": accuracies,
        "lowest": accuracies.min(),
        "mean": accuracies.mean(),
        "highest": accuracies.max(),
        "sd": accuracies.std(ddof=1),
        "error_of_mean": accuracies.std(ddof=1) / np.sqrt(len(accuracies)),
    }


def guesses(std: float, x: np.ndarray, t: np.ndarray, progress: Progress) -> dict[str, Any]:
    """Ask many networks with weights of this size, none of them trained."""
    accuracies, favourites, different = [], [], 0
    for seed in progress(range(SEED, SEED + SEEDS)):
        scores = TwoLayerNet(784, 50, 10, std, rng=seed, dtype=np.float32).scores(x)
        guess = scores.argmax(axis=1)
        accuracies.append(np.mean(guess == t))
        favourites.append(shares(guess).max())
        different += int(np.sum(softmax(scores).argmax(axis=1) != guess))
    return {
        "std": std,
        "accuracy": spread(np.array(accuracies)),
        "favourite": {"median": np.median(favourites), "lowest": min(favourites), "highest": max(favourites)},
        "one_guess_for_all": favourites.count(1),
        "guesses": SEEDS * len(t),
        "different_after_softmax": different,
    }


def followed(net: TwoLayerNet, x: np.ndarray) -> dict[str, np.ndarray]:
    """Give what the hidden units and the output make of one digit."""
    z = sigmoid(x @ net.params["W1"] + net.params["b1"])
    return {"z": z, "y": net.predict(x)}


def seconds_for_all(net: TwoLayerNet, x: np.ndarray, batch_size: int) -> float:
    """Measure how long all scores take in batches of this size; the best of three, against interruptions."""
    times = []
    for _ in range(3):
        start = perf_counter()
        for first in range(0, len(x), batch_size):
            net.scores(x[first : first + batch_size])
        times.append(perf_counter() - start)
    return min(times)
