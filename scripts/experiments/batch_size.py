"""What the size of a mini-batch does to the noise of its gradient, and to the accuracy after one epoch."""

from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0
TIMES = ("seconds",)
LR = 0.1
NOISE_SIZES = [1, 3, 10, 30, 100, 300, 1000]
DRAWS = 1000  # mini-batches of each size, but no more than hold so many samples:
DRAWN = 50_000
TRAINED_SIZES = [10, 30, 100, 300, 1000, 60000]
WATCHED = 100  # the batch size that the network whose gradients are measured has been trained with


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = load_mnist()
    trained = []
    for size in progress(TRAINED_SIZES):
        # The same initial weights for every size. float32 gives the accuracies of float64, faster.
        net = TwoLayerNet(784, 50, 10, rng=SEED, dtype=np.float32)
        begin = process_time()
        history = train(net, train_set, test_set, epochs=1, batch_size=size, lr=LR, rng=SEED)
        trained.append(
            {
                "batch_size": size,
                "iterations": len(history["loss"]),
                "test_accuracy": history["test_accuracy"][-1],
                "seconds": process_time() - begin,
            }
        )
        if size == WATCHED:
            watched = net
    return {
        "lr": LR,
        "samples": len(train_set[0]),
        "trained": trained,
        **noise(watched, *train_set),
    }


def noise(net: TwoLayerNet, x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """Measure how far the gradients of random mini-batches are from the gradient of all samples."""
    rng = np.random.default_rng(SEED)
    full = vector(net.gradient(x, t))
    length = np.linalg.norm(full)
    rows = []
    for size in NOISE_SIZES:
        draws = min(DRAWS, DRAWN // size)
        distances, along = [], []
        for _ in range(draws):
            drawn = rng.choice(len(x), size)
            gradient = vector(net.gradient(x[drawn], t[drawn]))
            distances.append(np.linalg.norm(gradient - full))
            along.append(gradient @ full / length)
        relative = np.sqrt(np.mean(np.square(distances))) / length
        rows.append(
            {
                "batch_size": size,
                "draws": draws,
                "noise": relative,
                "noise_of_one": relative * np.sqrt(size),  # the same for all sizes if noise goes as 1/√N
                "noise_along": np.std(along) / length,  # of it, what points along the full gradient
                "downhill": np.mean(np.array(along) > 0),
            }
        )
    sizes = np.log([row["batch_size"] for row in rows])
    slope, _ = np.polyfit(sizes, np.log([row["noise"] for row in rows]), 1)
    return {
        "noise": rows,
        "noise_at_100": next(row for row in rows if row["batch_size"] == 100),
        "noise_of_one": float(np.exp(np.mean([np.log(row["noise_of_one"]) for row in rows]))),
        "slope": slope,
    }


def vector(grads: dict[str, np.ndarray]) -> np.ndarray:
    """All entries of a gradient in one row."""
    return np.concatenate([grad.ravel() for grad in grads.values()]).astype(np.float64)
