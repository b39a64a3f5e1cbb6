"""A hundred steps by dlbook's tape, by its formulas and by PyTorch, from one start and by equal batches.

Everything is float64 on one thread. What is kept are the losses, which should be the same.
"""

from typing import Any

import numpy as np
import torch

from dlbook.autodiff import Tensor
from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.training import minibatches
from scripts.experiments import Progress
from scripts.experiments.cost_of_autodiff import loss_of

SEED = 13
SIZES = (784, 50, 10)
BATCH_SIZE = 100
STEPS = 100
LR = 0.5

Data = tuple[np.ndarray, np.ndarray]


def run(progress: Progress) -> dict[str, Any]:
    torch.set_num_threads(1)
    (x, t), _ = load_mnist()
    batches = [
        (xb.astype(np.float64), tb)
        for (xb, tb), _ in zip(minibatches(x, t, BATCH_SIZE, SEED), range(STEPS), strict=False)
    ]
    ways = {"formulas": by_formulas, "tape": by_tape, "torch": by_torch}
    losses = {name: way(batches) for name, way in progress(ways.items())}
    return {
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "torch": str(torch.__version__),
        "losses": losses["tape"],
        "first_loss": losses["tape"][0],
        "last_loss": losses["tape"][-1],
        "largest_difference": {
            name: float(np.abs(np.subtract(losses["tape"], losses[name])).max())
            for name in ("formulas", "torch")
        },
    }


def start() -> dict[str, np.ndarray]:
    return TwoLayerNet(*SIZES, rng=SEED).params


def by_formulas(batches: list[Data]) -> list[float]:
    net, losses = TwoLayerNet(*SIZES, rng=SEED), []
    for batch in batches:
        loss, grads = net.loss_and_gradient(*batch)
        for name, grad in grads.items():
            net.params[name] -= LR * grad
        losses.append(float(loss))
    return losses


def by_tape(batches: list[Data]) -> list[float]:
    params, losses = [Tensor(param) for param in start().values()], []
    for xb, tb in batches:
        loss = loss_of(params, xb, tb)
        loss.backward()
        for param in params:
            param.data, param.grad = param.data - LR * param.grad, None
        losses.append(float(loss.data))
    return losses


def by_torch(batches: list[Data]) -> list[float]:
    W1, b1, W2, b2 = params = [torch.tensor(param, requires_grad=True) for param in start().values()]
    losses = []
    for xb, tb in batches:
        z = torch.sigmoid(torch.from_numpy(xb) @ W1 + b1)
        loss = torch.nn.functional.cross_entropy(z @ W2 + b2, torch.from_numpy(tb).long())
        loss.backward()
        with torch.no_grad():
            for param in params:
                assert param.grad is not None
                param -= LR * param.grad
                param.grad = None
        losses.append(loss.item())
    return losses
