"""What first weights do to signals and gradients before any training, and what equal ones do to learning."""

from itertools import pairwise, product
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.layers import Affine, SoftmaxWithLoss
from dlbook.networks import MultiLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 0  # the first of them
TOLERANCE = {"largest": 0.002, "test_accuracy": 0.005}
FACTOR = {"over_digits": 1.01}
HIDDEN = 100
STARTS: dict[str, float | str] = {"zero": 0.0, "one": 1.0, "small": 0.01, "xavier": "xavier", "he": "he"}
ACTIVATIONS = ("sigmoid", "tanh", "relu")
SHALLOW, SHOWN = 5, 1000  # hidden layers and digits of the histograms
DEEP, SEEDS, DIGITS = 20, 5, 100  # hidden layers, networks and digits behind the sizes by depth
# What comes out of ReLU spans many powers of ten: its bins are those of the logarithm.
EDGES = {
    "sigmoid": np.linspace(0, 1, 41),
    "tanh": np.linspace(-1, 1, 41),
    "relu": np.linspace(-8, 6, 57),
}
EQUAL_HIDDEN = 50
EQUAL = {"zero": 0.0, "constant": 0.05}  # all weights
SAMPLES, EPOCHS = 10000, 3  # of the training with equal weights
ROUNDING = 1e-6  # of the largest weight: columns that differ by less are equal, whatever order BLAS adds in
LR = {"sigmoid": 0.5, "relu": 0.1}  # fifty equal ReLUs add up: 0.5 would silence them for good


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), test_set = load_mnist()
    x, t = test_set
    deep = {
        activation: {
            name: sizes(activation, STARTS[name], x[:DIGITS], t[:DIGITS]) for name in list(STARTS)[1:]
        }
        for activation in progress(ACTIVATIONS)
    }
    five = {
        activation: {name: histograms(activation, start, x[:SHOWN]) for name, start in STARTS.items()}
        for activation in ACTIVATIONS
    }
    return {
        "hidden": HIDDEN,
        "samples": SHOWN,
        "mean_square": np.mean(x[:SHOWN].astype(float) ** 2),
        "edges": EDGES,
        "five": five,
        "spreads": [
            {
                "layer": i + 1,
                "sigmoid_all": five["sigmoid"]["xavier"][i]["over_all"],
                "sigmoid": five["sigmoid"]["xavier"][i]["over_digits"],
                "tanh": five["tanh"]["xavier"][i]["over_digits"],
                "relu": five["relu"]["he"][i]["over_digits"],
            }
            for i in range(SHALLOW)
        ],
        "depth": DEEP,
        "seeds": SEEDS,
        "digits": DIGITS,
        "deep": deep,
        "factors": factors(deep),
        "equal_settings": {"hidden": EQUAL_HIDDEN, "samples": SAMPLES, "epochs": EPOCHS, "lr": LR},
        "equal": equal((x_train[:SAMPLES], t_train[:SAMPLES]), test_set, progress),
    }


def histograms(activation: str, start: float | str, x: np.ndarray) -> list[dict[str, Any]]:
    """Describe what the units of each hidden layer put out."""
    net = MultiLayerNet(x.shape[1], [HIDDEN] * SHALLOW, 10, activation, weight_init=start, rng=SEED)
    rows, z = [], x
    for layer in net.layers()[:-1]:
        z = layer.forward(z)
        if not isinstance(layer, Affine):
            shown = np.log10(z[z > 0]) if activation == "relu" else z
            rows.append(
                {
                    "counts": np.histogram(shown, EDGES[activation])[0],
                    "rms": rms(z),
                    "over_all": z.std(),
                    "over_digits": z.std(axis=0).mean(),
                    "ends": np.mean((z < 0.01) | (z > 0.99) if activation == "sigmoid" else abs(z) > 0.99),
                }
            )
    return rows


def sizes(activation: str, start: float | str, x: np.ndarray, t: np.ndarray) -> dict[str, Any]:
    """Measure signals on the way forward and gradients on the way back; typical values of some networks."""
    found = [sizes_of_one(activation, start, seed, x, t) for seed in range(SEED, SEED + SEEDS)]
    values = {
        name: np.exp(np.mean(np.log([one[name] for one in found]), axis=0))
        for name in found[0]
        if name != "factor"
    }
    factor = np.concatenate([one["factor"] for one in found])
    return values | {"factor": {"mean": factor.mean(), "sd": factor.std()}}


def sizes_of_one(
    activation: str, start: float | str, seed: int, x: np.ndarray, t: np.ndarray
) -> dict[str, Any]:
    net = MultiLayerNet(x.shape[1], [HIDDEN] * DEEP, 10, activation, weight_init=start, rng=seed)
    layers, last = net.layers(), SoftmaxWithLoss()
    outputs = [x.astype(float)]
    for layer in layers:
        outputs.append(layer.forward(outputs[-1]))
    hidden = outputs[2::2]
    loss = last.forward(outputs[-1], t)
    dout, sums, weights = last.backward(), [], []
    for layer in reversed(layers):
        if isinstance(layer, Affine):
            sums.append(rms(dout) * len(x))  # of one digit's loss; the network's is their mean
        dout = layer.backward(dout)
        if isinstance(layer, Affine):
            weights.append(np.linalg.norm(layer.grads["W"]))
    squares = [np.mean(z**2, axis=1) for z in hidden]
    return {
        "loss": loss,
        "z": [rms(z) for z in hidden],
        "over_digits": [np.sqrt(np.mean(z.var(axis=0))) for z in hidden],
        "ds": sums[::-1],
        "dW": weights[::-1],
        "factor": np.concatenate([new / old for old, new in pairwise(squares)]),
    }


def rms(z: np.ndarray) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(z.astype(float) ** 2)))


def factors(deep: dict[str, Any]) -> list[dict[str, Any]]:
    """Compare what a layer of 100 inputs and 100 units multiplies mean squares by with the derivation."""
    variances = {"small": 0.01**2, "xavier": 1 / HIDDEN, "he": 2 / HIDDEN}
    slopes = {"relu": 1 / 2, "tanh": 1, "sigmoid": 1 / 16}  # mean squares; at 0 the largest that there is
    rows = []
    for activation, slope in slopes.items():
        for name in ("small", "xavier", "he") if activation == "relu" else ("small", "xavier"):
            it = deep[activation][name]
            # All sigmoids are near 1/2; the signal is what differs between digits.
            forward = it["over_digits"] if activation == "sigmoid" else it["z"]
            # Deep in a network of small sigmoids the digits differ by rounding errors alone.
            upto = 4 if (activation, name) == ("sigmoid", "small") else DEEP
            rows.append(
                {
                    "activation": {"relu": "ReLU"}.get(activation, activation),
                    "start": {"small": "0.01", "xavier": "Xavier", "he": "He"}[name],
                    "derived": HIDDEN * variances[name] * slope,
                    "forward": (forward[upto - 1] / forward[0]) ** (2 / (upto - 1)),
                    "backward": (it["ds"][0] / it["ds"][DEEP - 1]) ** (2 / (DEEP - 1)),
                }
            )
    return rows


def equal(train_set: Any, test_set: Any, progress: Progress) -> list[dict[str, Any]]:
    """Train one hidden layer from equal weights, and count how many different units it ends with."""
    rows = []
    for activation, start in progress(list(product(LR, ("zero", "constant", "random")))):
        rng = np.random.default_rng(SEED)
        std = 0.01 if start == "random" else 0.0
        # In float64: the order in which BLAS adds can part equal units in float32, as noise that grows.
        net = MultiLayerNet(784, [EQUAL_HIDDEN], 10, activation, weight_init=std, rng=rng)
        for name in ("W1", "W2"):
            net.params[name] += EQUAL.get(start, 0)
        history = train(net, train_set, test_set, EPOCHS, lr=LR[activation], rng=rng)
        W = net.params["W1"]
        rows.append(
            {
                "activation": {"relu": "ReLU"}.get(activation, activation),
                "start": {"zero": "all 0", "constant": "all 0.05", "random": "random, std 0.01"}[start],
                "different": different(W.T),
                "rank": int(np.linalg.matrix_rank(W, rtol=ROUNDING)),
                "largest": np.abs(W).max(),
                "test_accuracy": history["test_accuracy"][-1],
            }
        )
    return rows


def different(rows: np.ndarray) -> int:
    """Count the rows that differ from all rows before them."""
    far = np.abs(rows[:, np.newaxis] - rows).max(axis=-1) > ROUNDING * np.abs(rows).max()
    return sum(bool(far[i, :i].all()) for i in range(len(rows)))
