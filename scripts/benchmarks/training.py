"""Training 784-50-10 on MNIST in mini-batches of 100: dlbook beside what people use, on one BLAS thread.

The ways take turns in every round, so that a busy machine slows all of them alike. A time is the median over
the rounds, a ratio that of two medians.
"""

import gc
import importlib
import os
import pkgutil
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import dlbook as package
from dlbook.activations import sigmoid, softmax
from dlbook.datasets import load_mnist
from dlbook.gradients import numerical_gradient
from dlbook.losses import as_one_hot
from dlbook.network_base import Network, as_batch, as_params
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches, train
from scripts.experiments import Progress
from scripts.experiments.two_layer import REPORTED_ACCURACY

SEED = 4
SIZES = (784, 50, 10)
BATCH_SIZE = 100
LR = 0.1
ROUNDS = 7
STEPS = 200  # of SGD in a round
EPOCHS = 10
PART = 500  # entries of W1 whose differences are timed in a round; all cost the same
NAMES = {
    "dlbook": "dlbook, float32",
    "with_loss": "dlbook, float32, and the loss",
    "float64": "dlbook, float64",
    "fish": "the fish book's code",
    "torch": "PyTorch, eager",
    "sklearn": "scikit-learn's MLPClassifier",
    "products": "the two large products alone",
}
OPTIONAL = {"torch": "PyTorch", "sklearn": "scikit-learn"}

Data = tuple[np.ndarray, np.ndarray]


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test = load_mnist()
    found = {name: importlib.import_module(name) if find_spec(name) else None for name in OPTIONAL}
    parts: list[tuple[str, Callable[[], Any]]] = [
        ("numerical", lambda: numerical(x, t)),
        ("step", lambda: steps(x, t, found)),
        ("epochs", lambda: epochs((x, t), test)),
        ("growth", lambda: growth(x, t)),
        ("threads", threads),
        ("memory", memory),
        ("importing", importing),
    ]
    results = {name: part() for name, part in progress(parts)}
    left_out = [OPTIONAL[name] for name, it in found.items() if it is None]
    versions = {OPTIONAL[name]: str(it.__version__) for name, it in found.items() if it is not None}
    return {
        "batch_size": BATCH_SIZE,
        "rounds": ROUNDS,
        "left_out": left_out,
        "others": versions,
        **results,
    }


def in_turns(ways: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, float]:
    """Time each way once a round; the median seconds of each, after a round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(rounds + 1):
        for name, way in ways.items():
            gc.collect()
            begin = perf_counter()
            way()
            if i > 0:
                times[name].append(perf_counter() - begin)
    return {name: median(values) for name, values in times.items()}


# The fish book's own way, in our words: float64 weights, one-hot targets


class FishNet:
    """The two-layer network of chapter 5 of the fish book: the same operations in the same order."""

    def __init__(self, rng: np.random.Generator) -> None:
        inputs, hidden, outputs = SIZES
        self.params = {
            "W1": 0.01 * rng.standard_normal((inputs, hidden)),
            "b1": np.zeros(hidden),
            "W2": 0.01 * rng.standard_normal((hidden, outputs)),
            "b2": np.zeros(outputs),
        }

    def predict(self, x: np.ndarray) -> np.ndarray:
        self.z = 1 / (1 + np.exp(-(np.dot(x, self.params["W1"]) + self.params["b1"])))
        return np.dot(self.z, self.params["W2"]) + self.params["b2"]

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        scores = self.predict(x).T
        scores = scores - np.max(scores, axis=0)
        self.y = (np.exp(scores) / np.sum(np.exp(scores), axis=0)).T
        labels = t.argmax(axis=1)
        return float(-np.sum(np.log(self.y[np.arange(len(t)), labels] + 1e-7)) / len(t))

    def accuracy(self, x: np.ndarray, t: np.ndarray) -> float:
        return float(np.sum(np.argmax(self.predict(x), axis=1) == np.argmax(t, axis=1)) / len(x))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        self.loss(x, t)
        dscores = (self.y - t) / len(t)
        dsums = np.dot(dscores, self.params["W2"].T) * (1.0 - self.z) * self.z
        grads = {"W2": np.dot(self.z.T, dscores), "b2": np.sum(dscores, axis=0)}
        np.dot(dsums, self.params["W1"].T)  # its first layer, too, gives a gradient that nobody asks for
        return {**grads, "W1": np.dot(x.T, dsums), "b1": np.sum(dsums, axis=0)}

    def update(self, grads: dict[str, np.ndarray]) -> None:
        for name in self.params:
            self.params[name] -= LR * grads[name]

    def differences(self, x: np.ndarray, t: np.ndarray, part: np.ndarray) -> np.ndarray:
        """Central differences for the entries of a part of a parameter, each by two whole losses."""
        h, grad = 1e-4, np.zeros_like(part)
        with np.nditer(part, flags=["multi_index"], op_flags=["readwrite"]) as entries:
            while not entries.finished:
                place = entries.multi_index
                value = part[place]
                part[place] = float(value) + h
                above = self.loss(x, t)
                part[place] = value - h
                below = self.loss(x, t)
                grad[place] = (above - below) / (2 * h)
                part[place] = value
                entries.iternext()
        return grad


# The gradient by differences


def numerical(x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """An iteration by differences, as the fish book has it and as `TwoLayerNet` does it."""
    xb, tb = next(minibatches(x, t, BATCH_SIZE, SEED))
    one_hot = np.identity(SIZES[-1])[tb]
    fish, net = FishNet(np.random.default_rng(SEED)), TwoLayerNet(*SIZES, rng=SEED)
    parameters = sum(param.size for param in net.params.values())
    rows = fish.params["W1"][: PART // SIZES[1]]
    ours = net.params["W1"][: PART // SIZES[1]]
    seconds = in_turns(
        {
            "fish": lambda: fish.differences(xb, one_hot, rows),
            "general": lambda: numerical_gradient(lambda _: net.loss(xb, tb), ours),
            "quick": lambda: net.numerical_gradient(xb, tb),
        },
        rounds=5,
    )
    # The whole of it once, to see that the numbers are the same.
    general, quick = Network.numerical_gradient(net, xb, tb), net.numerical_gradient(xb, tb)
    exact = net.gradient(xb, tb)
    fish_seconds = seconds["fish"] * parameters / rows.size
    return {
        "parameters": parameters,
        "part": rows.size,
        "fish_seconds": fish_seconds,
        "general_seconds": seconds["general"] * parameters / rows.size,
        "quick_seconds": seconds["quick"],
        "ratio": fish_seconds / seconds["quick"],
        "difference_to_general": max(np.abs(quick[name] - general[name]).max() for name in quick),
        "difference_to_exact": max(np.abs(quick[name] - exact[name]).max() for name in quick),
    }


# One step of SGD by backpropagation


def steps(x: np.ndarray, t: np.ndarray, found: dict[str, Any]) -> dict[str, Any]:
    batches = list(minibatches(x, t, BATCH_SIZE, SEED))[:STEPS]
    hot = [(xb, np.identity(SIZES[-1])[tb]) for xb, tb in batches]
    net, optimizer = TwoLayerNet(*SIZES, rng=SEED, dtype=np.float32), SGD(LR)
    other, double = TwoLayerNet(*SIZES, rng=SEED, dtype=np.float32), TwoLayerNet(*SIZES, rng=SEED)
    fish = FishNet(np.random.default_rng(SEED))
    W1, at_sums = net.params["W1"].copy(), np.ones((BATCH_SIZE, SIZES[1]), np.float32)

    def dlbook() -> None:
        for xb, tb in batches:
            optimizer.update(net.params, net.gradient(xb, tb))

    def with_loss() -> None:
        for xb, tb in batches:
            _, grads = other.loss_and_gradient(xb, tb)
            optimizer.update(other.params, grads)

    def float64() -> None:
        for xb, tb in batches:
            optimizer.update(double.params, double.gradient(xb, tb))

    def fish_book() -> None:
        for xb, tb in hot:
            fish.update(fish.gradient(xb, tb))

    def products() -> None:
        for xb, _ in batches:
            xb @ W1
            xb.T @ at_sums

    ways = {
        "products": products,
        "dlbook": dlbook,
        "with_loss": with_loss,
        "float64": float64,
        "fish": fish_book,
    }
    if found["torch"]:
        ways["torch"], _ = torch_steps(batches, found["torch"])
    if found["sklearn"]:
        ways["sklearn"], _ = sklearn_steps(batches)
    seconds = {name: it / STEPS for name, it in in_turns(ways).items()}
    table = [
        {"name": NAMES[name], "seconds": seconds[name], "ratio": seconds["dlbook"] / seconds[name]}
        for name in NAMES
        if name in seconds
    ]
    return {
        "steps": STEPS,
        "seconds": seconds,
        "times_faster": seconds["fish"] / seconds["dlbook"],
        "times_faster_in_float64": seconds["fish"] / seconds["float64"],
        "table": table,
        "parts": [{"part": part, "seconds": it} for part, it in parts_of_a_step(batches).items()],
    }


def torch_steps(batches: list[Data], torch: Any) -> tuple[Callable[[], None], Callable[[], list[Any]]]:
    """A round of steps by PyTorch, and a look at the parameters."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    inputs, hidden, outputs = SIZES
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, outputs)
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=LR)
    loss = torch.nn.CrossEntropyLoss()
    tensors = [(torch.from_numpy(xb), torch.from_numpy(tb)) for xb, tb in batches]

    def step() -> None:
        for xb, tb in tensors:
            optimizer.zero_grad()
            loss(net(xb), tb).backward()
            optimizer.step()

    return step, lambda: [param.detach().numpy() for param in net.parameters()]


def sklearn_steps(batches: list[Data]) -> tuple[Callable[[], None], Callable[[], list[Any]]]:
    """A round of steps by scikit-learn, and a look at the parameters."""
    from sklearn.neural_network import MLPClassifier

    warnings.filterwarnings("ignore", module="sklearn")
    net = MLPClassifier(
        SIZES[1:2], activation="logistic", solver="sgd", alpha=0, batch_size=BATCH_SIZE,
        learning_rate_init=LR, momentum=0, nesterovs_momentum=False, random_state=SEED, shuffle=False,
    )  # fmt: skip
    x, t = np.concatenate([xb for xb, _ in batches]), np.concatenate([tb for _, tb in batches])
    classes = np.arange(SIZES[-1])
    # One call is one epoch: all the batches once.
    return lambda: net.partial_fit(x, t, classes=classes), lambda: [*net.coefs_, *net.intercepts_]


def parts_of_a_step(batches: list[Data]) -> dict[str, float]:
    """Where the time of a step goes: the median of each part, in seconds."""
    net, optimizer = TwoLayerNet(*SIZES, rng=SEED, dtype=np.float32), SGD(LR)
    laps: dict[str, list[float]] = {}
    last = perf_counter()

    def lap(part: str) -> None:
        nonlocal last
        laps.setdefault(part, []).append(perf_counter() - last)
        last = perf_counter()

    for xb, tb in batches:
        last = perf_counter()
        step_in_parts(net, optimizer, xb, tb, lap)
    return {part: median(it) * len(it) / len(batches) for part, it in laps.items()}


def step_in_parts(
    net: TwoLayerNet, optimizer: SGD, x: np.ndarray, t: np.ndarray, lap: Callable[[str], None]
) -> None:
    """What `net.gradient` and `optimizer.update` do, line by line; `lap` is told what has been done."""
    W1, b1, W2, b2 = as_params(net, "W1", "b1", "W2", "b2")
    x = as_batch(x, W1)
    lap("checks of the input and the parameters")
    product = x @ W1
    lap("x @ W1")
    sums = product + b1
    lap("everything small")
    z = sigmoid(sums)
    lap("sigmoid")
    scores = z @ W2 + b2
    lap("everything small")
    y = softmax(scores)
    lap("softmax")
    dscores = (y - as_one_hot(t, y)) / len(y)
    dsums = dscores @ W2.T * z * (1 - z)
    lap("everything small")
    dW1 = x.T @ dsums
    lap("x.T @ dsums")
    grads = {"W1": dW1, "b1": dsums.sum(axis=0), "W2": z.T @ dscores, "b2": dscores.sum(axis=0)}
    lap("everything small")
    optimizer.update(net.params, grads)
    lap("update")


# Ten epochs


def epochs(train_set: Data, test_set: Data) -> dict[str, Any]:
    """Ten epochs with both accuracies after each, by `train` and by the fish book's loop."""
    fish_sets = [(x, np.identity(SIZES[-1])[t]) for x, t in (train_set, test_set)]
    rows: dict[str, list[float]] = {}

    def ours() -> None:
        net = TwoLayerNet(*SIZES, rng=SEED, dtype=np.float32)
        history = train(net, train_set, test_set, EPOCHS, BATCH_SIZE, LR, rng=SEED, progress=False)
        rows["dlbook"] = history["test_accuracy"]

    def theirs() -> None:
        rng = np.random.default_rng(SEED)
        net = FishNet(rng)
        (x, t), test = fish_sets
        per_epoch = len(x) // BATCH_SIZE
        losses, rows["fish"] = [], [net.accuracy(*test)]
        net.accuracy(x, t)
        for i in range(EPOCHS * per_epoch):
            chosen = rng.choice(len(x), BATCH_SIZE)
            xb, tb = x[chosen], t[chosen]
            net.update(net.gradient(xb, tb))
            losses.append(net.loss(xb, tb))
            if (i + 1) % per_epoch == 0:
                net.accuracy(x, t)
                rows["fish"].append(net.accuracy(*test))

    seconds = in_turns({"dlbook": ours, "fish": theirs}, rounds=5)
    return {
        "epochs": EPOCHS,
        "seconds": seconds,
        "ratio": seconds["dlbook"] / seconds["fish"],
        "times_faster": seconds["fish"] / seconds["dlbook"],
        "rows": [
            {"epoch": i, "dlbook": rows["dlbook"][i], "fish": rows["fish"][i], "reported": reported}
            for i, reported in enumerate(REPORTED_ACCURACY)
        ],
    }


# How cost grows


def growth(x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """A gradient by backpropagation and by both kinds of differences, as one size after the other grows."""
    return {
        "hidden": [{"hidden": size, **cost(x, t, hidden=size)} for size in (10, 25, 50, 100, 200, 400)],
        "batch": [{"batch": size, **cost(x, t, batch=size)} for size in (1, 10, 100, 1000)],
        "types": [
            {"type": np.dtype(dtype).name, **cost(x, t, dtype=dtype)} for dtype in (np.float32, np.float64)
        ],
    }


def cost(
    x: np.ndarray, t: np.ndarray, hidden: int = SIZES[1], batch: int = BATCH_SIZE, dtype: Any = np.float64
) -> dict[str, Any]:
    net = TwoLayerNet(SIZES[0], hidden, SIZES[2], rng=SEED, dtype=dtype)
    batches = [pair for pair, _ in zip(minibatches(x, t, batch, SEED), range(20), strict=False)]
    xb, tb = batches[0]
    part = net.params["W1"][:1]
    parameters = sum(param.size for param in net.params.values())
    seconds = in_turns(
        {
            "backward": lambda: [net.gradient(*pair) for pair in batches],
            "general": lambda: numerical_gradient(lambda _: net.loss(xb, tb), part),
            "quick": lambda: net.numerical_gradient(xb, tb),
        },
        rounds=5,
    )
    backward = seconds["backward"] / len(batches)
    general = seconds["general"] * parameters / part.size
    return {
        "parameters": parameters,
        "backward_seconds": backward,
        "backward_seconds_a_sample": backward / batch,
        "general_seconds": general,
        "quick_seconds": seconds["quick"],
        "ratio": general / backward,
    }


# Threads, memory, and the time to import: each in processes of its own

TIMED = """
import time
import numpy as np
from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
x, t = (array[:{batch}] for array in load_mnist()[0])
net = TwoLayerNet(784, 50, 10, rng=0)
for _ in range(3):
    net.gradient(x, t)
best = float("inf")
for _ in range(20):
    begin = time.perf_counter()
    for _ in range({times}):
        net.gradient(x, t)
    best = min(best, time.perf_counter() - begin)
print(best / {times})
"""


def threads() -> list[dict[str, float]]:
    """The same gradient with one and two BLAS threads, while the machine is otherwise idle or busy."""
    rows = []
    for batch, times in ((10, 50), (100, 20), (1000, 4), (10_000, 1)):
        script = TIMED.format(batch=batch, times=times)
        row: dict[str, float] = {"batch": batch}
        for busy in (False, True):
            with busy_core() if busy else nullcontext():
                for count in (1, 2):
                    name = f"{'busy' if busy else 'idle'}_{count}"
                    row[name] = median(float(python(script, count)) for _ in range(3))
        rows.append(row)
    return rows


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core at work beside what is measured."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def python(script: str, thread_count: int = 1) -> str:
    count = str(thread_count)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": count, "OMP_NUM_THREADS": count}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has been compiled
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def memory() -> dict[str, float]:
    """The most that reading the data and training take, in bytes and in times of the data set as floats."""
    gc.collect()
    tracemalloc.start()
    train_set, test_set = load_mnist()
    loading = tracemalloc.get_traced_memory()[1]
    net = TwoLayerNet(*SIZES, rng=SEED, dtype=np.float32)
    tracemalloc.reset_peak()
    train(net, train_set, test_set, epochs=1, lr=LR, rng=SEED, progress=False)
    training = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(array.nbytes for array in (*train_set, *test_set))
    return {"data": size, "loading": loading / size, "training": training / size}


def importing() -> dict[str, float]:
    """Importing all of dlbook beside importing NumPy, in fresh processes."""
    modules = [module.name for module in pkgutil.iter_modules(package.__path__)]
    scripts = {
        "numpy": "import numpy",
        "dlbook": "import " + ", ".join(f"dlbook.{name}" for name in modules),
    }
    python(scripts["dlbook"])  # so that it is compiled
    seconds = in_turns({name: partial(python, script) for name, script in scripts.items()}, 15)
    return {**seconds, "ratio": seconds["dlbook"] / seconds["numpy"]}
