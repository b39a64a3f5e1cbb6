"""A network for digits drawn by hand: trained on tilted digits, its weights rounded to bytes for the page.

The digits of each mini-batch are tilted, slanted, stretched and moved a little, differently each time, for
whoever draws on the page has another hand than those who wrote the training digits. What is measured of the
network is measured with the rounded weights, those that the page has.
"""

from base64 import b64encode
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress

SEED = 0
TOLERANCE = {"scale": 1e-6}
HIDDEN = 50
BATCH_SIZE = 100
LR = 1.0
EPOCHS = 10
LEVELS = 127  # a weight is one of -127, …, 127, times its unit's scale
SATURATED = 0.01  # how near to 0 or 1 a hidden unit is that counts as saturated
SURE = 0.9
WRONG = 10  # wrong test digits whose pixels are kept
SIDE = 28


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), (x_test, t_test) = load_mnist()
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(SIDE**2, HIDDEN, 10, rng=rng, dtype=np.float32)
    optimizer = SGD(LR)
    for _ in progress(range(EPOCHS)):
        for x, t in minibatches(x_train, t_train, BATCH_SIZE, rng):
            optimizer.update(net.params, net.gradient(warped(x, rng), t))

    weights = {name: rounded(param) for name, param in net.params.items()}
    page_net = TwoLayerNet(SIDE**2, HIDDEN, 10)
    for name, param in page_net.params.items():
        param[...] = np.array(weights[name]["levels"]) * weights[name]["scale"]
    x_test = x_test.astype(np.float64)
    hidden = page_net.forward(x_test)[1]
    right = page_net.predict(x_test).argmax(axis=1) == t_test
    torn_apart = page_net.predict(torn(x_test)).max(axis=1)
    return {
        "inputs": SIDE**2,
        "hidden": HIDDEN,
        "parameters": sum(param.size for param in net.params.values()),
        "epochs": EPOCHS,
        "lr": LR,
        "test_samples": len(t_test),
        "unrounded_accuracy": net.accuracy(x_test, t_test),
        "test_accuracy": page_net.accuracy(x_test, t_test),
        "wrong_count": int((~right).sum()),
        "saturation": SATURATED,
        "saturated": np.mean(np.minimum(hidden, 1 - hidden) < SATURATED),
        "sure": SURE,
        "sure_of_torn": np.mean(torn_apart > SURE),
        "weights": {name: {**it, "levels": in_bytes(it["levels"], np.int8)} for name, it in weights.items()},
        "digits": shown_digits(page_net, x_test, t_test),
    }


def warped(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The digits of a mini-batch, all tilted, slanted, stretched and moved in the same way."""
    tilt, slant = rng.normal(0, 0.15, 2)
    stretch = np.exp(rng.normal(0, 0.08, 2))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    middle = (SIDE - 1) / 2
    places = np.indices((SIDE, SIDE)).reshape(2, -1) - middle
    sources = turn @ np.array([[stretch[0], slant], [0, stretch[1]]]) @ places
    sources += middle + rng.uniform(-1.5, 1.5, (2, 1))

    # Where a pixel comes from lies between four others, the nearer the heavier. Outside there is only paper.
    corner = np.floor(sources).astype(int)
    down, right = sources - corner
    pixels = np.vstack([x.T, np.zeros((1, len(x)), x.dtype)])
    result = np.zeros_like(x.T)
    for step, share in (
        ((0, 0), (1 - down) * (1 - right)),
        ((0, 1), (1 - down) * right),
        ((1, 0), down * (1 - right)),
        ((1, 1), down * right),
    ):
        row, column = corner + np.reshape(step, (2, 1))
        inside = (row >= 0) & (row < SIDE) & (column >= 0) & (column < SIDE)
        result += pixels[np.where(inside, row * SIDE + column, SIDE**2)] * share[:, None].astype(x.dtype)
    return result.T


def torn(x: np.ndarray) -> np.ndarray:
    """What is no digit, of the same strokes: the quarters of a digit's 20×20 pixels, exchanged crosswise."""
    images = x.reshape(-1, SIDE, SIDE).copy()
    images[:, 4:24, 4:24] = np.roll(images[:, 4:24, 4:24], (10, 10), axis=(1, 2))
    return images.reshape(x.shape)


def rounded(param: np.ndarray) -> dict[str, Any]:
    """Whole numbers that fit into bytes, and a scale for each unit: their product is nearly the parameter."""
    scale = np.array([float(f"{it:.6g}") for it in np.max(np.abs(np.atleast_2d(param)), axis=0) / LEVELS])
    return {"levels": np.clip(np.round(param / scale), -LEVELS, LEVELS), "scale": scale}


def in_bytes(numbers: Any, dtype: type) -> str:
    return b64encode(np.asarray(numbers, dtype).tobytes()).decode()


def shown_digits(net: TwoLayerNet, x_test: np.ndarray, t_test: np.ndarray) -> list[dict[str, Any]]:
    """The first test digit of each class that is read rightly, and the wrong ones that are surest."""
    y = net.predict(x_test)
    guesses = y.argmax(axis=1)
    first = [int(np.flatnonzero((t_test == label) & (guesses == label))[0]) for label in range(10)]
    wrong = np.flatnonzero(guesses != t_test)
    surest = wrong[np.argsort(-y[wrong].max(axis=1))][:WRONG]
    return [
        {
            "row": int(row),
            "label": int(t_test[row]),
            "guess": int(guesses[row]),
            "probability": y[row].max(),
            "pixels": in_bytes(np.round(255 * x_test[row]), np.uint8),
        }
        for row in (*first, *surest)
    ]
