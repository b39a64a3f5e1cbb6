"""How many mini-batches ReLU networks of one to six hidden layers need to leave the plateau of the start."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0
TOLERANCE = {"last": 0.1}
HIDDEN = 100
DEPTHS = (1, 2, 3, 4, 5, 6)  # hidden layers
STARTS: list[float | str] = [0.01, "xavier", "he"]
SAMPLES = 10000
BATCH_SIZE = 100
LR = 0.1
LIMIT = 600  # mini-batches after which a run is given up
AVERAGED = 20
LEFT = 1.0  # the mean loss of so many mini-batches that counts as having left it


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), _ = load_mnist()
    x_train, t_train = x_train[:SAMPLES], t_train[:SAMPLES]

    def iterations(start: float | str, depth: int) -> dict[str, Any]:
        rng = np.random.default_rng(SEED)
        sizes = [HIDDEN] * depth
        net = MultiLayerNet(x_train.shape[1], sizes, 10, weight_init=start, rng=rng, dtype=np.float32)
        optimizer = SGD(LR)
        loss: list[float] = []
        while len(loss) < LIMIT:
            for x, t in minibatches(x_train, t_train, BATCH_SIZE, rng):
                before, grads = net.loss_and_gradient(x, t)
                loss.append(float(before))
                optimizer.update(net.params, grads)
                if len(loss) >= AVERAGED and np.mean(loss[-AVERAGED:]) < LEFT:
                    return {"depth": depth, "left": True, "iterations": len(loss), "last": loss[-1]}
        return {"depth": depth, "left": False, "iterations": LIMIT, "last": float(np.mean(loss[-AVERAGED:]))}

    return {
        "hidden": HIDDEN,
        "lr": LR,
        "limit": LIMIT,
        "averaged": AVERAGED,
        "threshold": LEFT,
        "starts": [
            {
                "start": start.capitalize() if isinstance(start, str) else f"std {start:g}",
                "runs": [iterations(start, depth) for depth in progress(DEPTHS)],
            }
            for start in progress(STARTS)
        ],
    }
