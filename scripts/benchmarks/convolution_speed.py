"""A gradient of a convolutional network for 100 digits: dlbook, the fish book's way, PyTorch, on one thread.

The ways take turns in every round, so that a busy machine slows all of them alike. A time is the median over
the rounds, a ratio that of two medians.
"""

import importlib
import tracemalloc
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from dlbook.convolution import windows
from dlbook.datasets import load_mnist
from dlbook.networks import ConvNet
from scripts.benchmarks.training import in_turns
from scripts.experiments import Progress

SEED = 14
SIZES: tuple[Any, ...] = ((1, 28, 28), 16, 5, 100, 10)
BATCH_SIZE = 100
ROUNDS = 7
STEPS = 10  # gradients in a round, one after the other as in training
NAMES = {
    "dlbook": "dlbook, float32",
    "float64": "dlbook, float64",
    "fish": "the fish book's code, float64",
    "torch": "PyTorch, float32",
}

Grads = dict[str, np.ndarray]


def run(progress: Progress) -> dict[str, Any]:
    (x, t), _ = load_mnist()
    x, t = x[:BATCH_SIZE].reshape(-1, *SIZES[0]), t[:BATCH_SIZE]
    double, single = (ConvNet(*SIZES, rng=SEED, dtype=dtype) for dtype in (np.float64, np.float32))
    fish = FishConvNet(double.params)
    one_hot, in_double = np.identity(SIZES[-1])[t], x.astype(np.float64)
    ways: dict[str, Callable[[], Grads]] = {
        "dlbook": lambda: single.gradient(x, t),
        "float64": lambda: double.gradient(in_double, t),
        "fish": lambda: fish.gradient(in_double, one_hot),
    }
    if torch := importlib.import_module("torch") if find_spec("torch") else None:
        ways["torch"] = torch_way(single, x, t, torch)
    grads = {name: way() for name, way in progress(ways.items())}
    rounds: dict[str, Callable[[], Any]] = {name: partial(several, way) for name, way in ways.items()}
    seconds = {name: it / STEPS for name, it in in_turns(rounds, ROUNDS).items()}
    tracemalloc.start()
    single.gradient(x, t)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "batch_size": BATCH_SIZE,
        "rounds": ROUNDS,
        "steps": STEPS,
        "filters": SIZES[1],
        "filter_size": SIZES[2],
        "hidden": SIZES[3],
        "torch": str(torch.__version__) if torch else None,
        "seconds": seconds,
        "table": [
            {"name": NAMES[name], "seconds": it, "ratio": it / seconds["dlbook"]}
            for name, it in seconds.items()
        ],
        "times_faster": seconds["fish"] / seconds["dlbook"],
        "times_faster_in_float64": seconds["fish"] / seconds["float64"],
        "difference": largest_difference(grads["float64"], grads["fish"]),
        "difference_to_torch": largest_difference(grads["dlbook"], grads["torch"]) if torch else None,
        "memory_in_windows": peak / (windows(x, (SIZES[2], SIZES[2])).size * x.itemsize),
    }


def several(way: Callable[[], Grads]) -> None:
    for _ in range(STEPS):
        way()


def largest_difference(ours: Grads, theirs: Grads) -> float:
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


# The fish book's own way, in our words: the same operations on the same sizes


class FishConvNet:
    """The convolutional network of chapter 7 of the fish book: windows are rows of a matrix."""

    def __init__(self, params: Grads) -> None:
        self.params = params

    def gradient(self, x: np.ndarray, t: np.ndarray) -> Grads:
        p, N = self.params, len(x)
        F, _, K, _ = p["W1"].shape
        # Forward
        rows = rows_of_windows(x, K, 1)
        side = x.shape[2] - K + 1
        W_rows = p["W1"].reshape(F, -1).T
        sums = (np.dot(rows, W_rows) + p["b1"]).reshape(N, side, side, F).transpose(0, 3, 1, 2)
        off = sums <= 0
        maps = sums.copy()
        maps[off] = 0
        places = rows_of_windows(maps, 2, 2).reshape(-1, 4)
        largest = np.argmax(places, axis=1)
        pooled = np.max(places, axis=1).reshape(N, side // 2, side // 2, F).transpose(0, 3, 1, 2)
        flat = pooled.reshape(N, -1)
        hidden_sums = np.dot(flat, p["W2"]) + p["b2"]
        hidden_off = hidden_sums <= 0
        hidden = hidden_sums.copy()
        hidden[hidden_off] = 0
        scores = (np.dot(hidden, p["W3"]) + p["b3"]).T
        scores = scores - np.max(scores, axis=0)
        y = (np.exp(scores) / np.sum(np.exp(scores), axis=0)).T
        # Backward
        dscores = (y - t) / N
        grads = {"W3": np.dot(hidden.T, dscores), "b3": np.sum(dscores, axis=0)}
        dhidden = np.dot(dscores, p["W3"].T)
        dhidden[hidden_off] = 0
        grads |= {"W2": np.dot(flat.T, dhidden), "b2": np.sum(dhidden, axis=0)}
        dpooled = np.dot(dhidden, p["W2"].T).reshape(pooled.shape).transpose(0, 2, 3, 1)
        dplaces = np.zeros((dpooled.size, 4))
        dplaces[np.arange(largest.size), largest] = dpooled.flatten()
        dmaps = images_of_rows(dplaces.reshape(N * (side // 2) ** 2, -1), maps.shape, 2, 2)
        dmaps[off] = 0
        dsums = dmaps.transpose(0, 2, 3, 1).reshape(-1, F)
        grads["b1"] = np.sum(dsums, axis=0)
        grads["W1"] = np.dot(rows.T, dsums).transpose(1, 0).reshape(p["W1"].shape)
        images_of_rows(np.dot(dsums, W_rows.T), x.shape, K, 1)  # a gradient that nobody asks for
        return grads


def rows_of_windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """A matrix with a window in each row, filled by a loop over the places of a window."""
    N, C, H, W = x.shape
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    found = np.zeros((N, C, size, size, OH, OW))
    for i in range(size):
        for j in range(size):
            found[:, :, i, j] = x[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride]
    return found.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, -1)


def images_of_rows(rows: np.ndarray, shape: tuple[int, ...], size: int, stride: int) -> np.ndarray:
    """Add the windows up at the places that they came from."""
    N, C, H, W = shape
    OH, OW = (H - size) // stride + 1, (W - size) // stride + 1
    found = rows.reshape(N, OH, OW, C, size, size).transpose(0, 3, 4, 5, 1, 2)
    x = np.zeros((N, C, H + stride - 1, W + stride - 1))
    for i in range(size):
        for j in range(size):
            x[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] += found[:, :, i, j]
    return x[:, :, :H, :W]


def torch_way(net: ConvNet, x: np.ndarray, t: np.ndarray, torch: Any) -> Callable[[], Grads]:
    """The same gradient by PyTorch, from the same parameters."""
    torch.set_num_threads(1)
    F = torch.nn.functional
    params = {name: torch.tensor(param, requires_grad=True) for name, param in net.params.items()}
    images, labels = torch.from_numpy(x), torch.from_numpy(t.astype(np.int64))

    def gradient() -> Grads:
        for param in params.values():
            param.grad = None
        W1, b1, W2, b2, W3, b3 = params.values()
        out = F.max_pool2d(torch.relu(F.conv2d(images, W1, b1)), 2).flatten(1)
        out = torch.relu(out @ W2 + b2) @ W3 + b3
        F.cross_entropy(out, labels).backward()
        return {name: param.grad.numpy() for name, param in params.items()}

    return gradient
