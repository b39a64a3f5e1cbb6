"""Ten epochs of a network put together from layers on all of MNIST, as the two-layer network was trained."""

from time import process_time  # of this process alone, whatever else the machine is doing
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0  # the seed, the sizes and the rates of two_layer.py: the same run
TIMES = ("training_seconds",)
HIDDEN = 50
BATCH_SIZE = 100
LR = 0.1
EPOCHS = 10


def run(progress: Progress) -> dict[str, Any]:
    train_set, test_set = ((x.astype(np.float64), t) for x, t in load_mnist())
    rng = np.random.default_rng(SEED)
    net = MultiLayerNet(train_set[0].shape[1], [HIDDEN], 10, "sigmoid", rng=rng)
    begin = process_time()
    history = train(net, train_set, test_set, EPOCHS, BATCH_SIZE, LR, rng=rng, progress=progress)
    seconds = process_time() - begin
    return {
        "parameters": sum(param.size for param in net.params.values()),
        "iterations": len(history["loss"]),
        "last_losses": float(np.mean(history["loss"][-600:])),
        "epochs": [
            {"epoch": epoch, "train_accuracy": on_train, "test_accuracy": on_test}
            for epoch, (on_train, on_test) in enumerate(
                zip(history["train_accuracy"], history["test_accuracy"], strict=True)
            )
        ],
        "training_seconds": seconds,
    }
