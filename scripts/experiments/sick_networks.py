"""Ten networks that do not learn as they should, each beside its cure: losses by epoch, and accuracies."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from dlbook.activations import softmax
from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet, TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches, train
from scripts.experiments import Progress

SEED = 1
TOLERANCE = {"loss": 5e-3, "seen": 5e-3, "new": 5e-3, "restored": 5e-3}
SAMPLES = 1000
FEW = 200  # whose shifted copies are the twins
WATCHED = 300  # so few that the loss on new digits rises again
EPOCHS = 20
LEARNING_RATE = 0.1
MAKE = {"weight_init": "he", "rng": 0}

Set = tuple[np.ndarray, np.ndarray]


def run(progress: Progress) -> dict[str, Any]:
    (x, t), _ = load_mnist()
    seen, new = (x[:SAMPLES], t[:SAMPLES]), (x[-SAMPLES:], t[-SAMPLES:])
    rng = np.random.default_rng(2)
    unpaired = rng.permutation(seen[0]), rng.permutation(seen[1])
    percent = [(100 * pixels, labels) for pixels, labels in (seen, new)]

    def fit(
        net: Any, seen: Set = seen, new: Set = new, watched: Set | None = None, lr: float = LEARNING_RATE
    ) -> dict[str, Any]:
        history = train(net, seen, watched or new, EPOCHS, lr=lr, rng=SEED)
        return described(history["loss"], net, seen, new) | {"watched": history["test_accuracy"][-1]}

    def healthy() -> dict[str, Any]:
        return fit(make_net())

    def two_layers(std: float) -> dict[str, Any]:
        return fit(TwoLayerNet(784, 50, 10, weight_init_std=std, rng=0), lr=0.5)

    def twins(cut_first: bool) -> dict[str, Any]:
        kept, watched = cut(x[:FEW], t[:FEW], cut_first)
        return fit(make_net(), kept, watched=watched)

    pairs: dict[str, tuple[Callable[[], dict[str, Any]], Callable[[], dict[str, Any]]]] = {
        "pixels": (lambda: fit(make_net(), percent[0], percent[1]), healthy),
        "pairs": (lambda: fit(make_net(), unpaired), healthy),
        "rate": (lambda: fit(make_net(), lr=3.0), healthy),
        "decay": (lambda: fall(seen, new, "step"), lambda: fall(seen, new, "epoch")),
        "symmetry": (lambda: two_layers(0), lambda: two_layers(0.01)),
        "softmaxes": (lambda: fit(Twice(784, [50, 50], 10, **MAKE)), healthy),
        "parts": (lambda: in_parts(seen, new), healthy),
        "averages": (lambda: restore(seen, new, averages=False), lambda: restore(seen, new, averages=True)),
        "twins": (lambda: twins(cut_first=False), lambda: twins(cut_first=True)),
        "best": (lambda: keep(x, t, new, dict.copy), lambda: keep(x, t, new, deepcopy)),
    }
    return {
        "samples": SAMPLES,
        "epochs": EPOCHS,
        "patients": [
            {"number": number, "name": name, "sick": sick(), "cured": cured()}
            for number, (name, (sick, cured)) in enumerate(progress(pairs.items(), len(pairs)), start=1)
        ],
    }


def make_net(**settings: Any) -> MultiLayerNet:
    return MultiLayerNet(784, [50, 50], 10, **MAKE, **settings)


def described(losses: list[float], net: Any, seen: Set, new: Set) -> dict[str, Any]:
    """The mean loss of each epoch, and what became of the network."""
    epochs = np.split(np.array(losses), np.arange(1, EPOCHS) * len(losses) // EPOCHS)
    return {
        "first": losses[0],
        "loss": [float(f"{np.mean(epoch):.4g}") for epoch in epochs],
        "seen": net.accuracy(*seen),
        "new": net.accuracy(*new),
    }


class Softmax:
    """Softmax as a layer of its own."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.y = softmax(x)
        return self.y

    def backward(self, dout: np.ndarray) -> np.ndarray:
        return self.y * (dout - np.sum(dout * self.y, axis=1, keepdims=True))


class Twice(MultiLayerNet):
    """A network that hands probabilities to the loss, which expects scores."""

    def layers(self, training: bool = False) -> list[Any]:
        return [*super().layers(training), Softmax()]


def fall(seen: Set, new: Set, every: str) -> dict[str, Any]:
    """Let the rate fall by a tenth, every epoch or every step."""
    net, optimizer, rng, losses = make_net(), SGD(LEARNING_RATE), np.random.default_rng(SEED), []
    for _ in range(EPOCHS):
        for x, t in minibatches(*seen, rng=rng):
            loss, grads = net.loss_and_gradient(x, t)
            losses.append(float(loss))
            optimizer.update(net.params, grads)
            optimizer.lr *= 0.9 if every == "step" else 1
        optimizer.lr *= 0.9 if every == "epoch" else 1
    return described(losses, net, seen, new)


def in_parts(seen: Set, new: Set, parts: int = 10) -> dict[str, Any]:
    """Add up the gradients of the parts of a mini-batch, as if each were not a mean."""
    net, optimizer, rng, losses = make_net(), SGD(LEARNING_RATE), np.random.default_rng(SEED), []
    for _ in range(EPOCHS):
        for x, t in minibatches(*seen, rng=rng):
            losses.append(net.loss(x, t))
            grads = [net.gradient(*part) for part in zip(np.split(x, parts), np.split(t, parts), strict=True)]
            optimizer.update(net.params, {name: sum(it[name] for it in grads) for name in net.params})
    return described(losses, net, seen, new)


def restore(seen: Set, new: Set, averages: bool) -> dict[str, Any]:
    """Train with batch normalization; then move the parameters to a new network, with or without averages."""
    net, again = make_net(batch_norm=True), make_net(batch_norm=True)
    history = train(net, seen, new, EPOCHS, lr=LEARNING_RATE, rng=SEED)
    again.params = net.params
    if averages:
        again.moving = net.moving
    return described(history["loss"], net, seen, new) | {"restored": again.accuracy(*new)}


def shifted(x: np.ndarray) -> np.ndarray:
    """The images, and copies moved by a pixel to each side."""
    images, sides = x.reshape(-1, 28, 28), [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    return np.concatenate([np.roll(images, side, axis=(1, 2)).reshape(-1, 784) for side in sides])


def cut(x: np.ndarray, t: np.ndarray, first: bool) -> tuple[Set, Set]:
    """Keep a fifth for validation, before or after copies are made."""
    if first:
        n = len(x) * 4 // 5
        return (shifted(x[:n]), np.tile(t[:n], 5)), (x[n:], t[n:])
    x, t = shifted(x), np.tile(t, 5)
    order = np.random.default_rng(0).permutation(len(x))
    n = len(x) * 4 // 5
    return (x[order[:n]], t[order[:n]]), (x[order[n:]], t[order[n:]])


def keep(x: np.ndarray, t: np.ndarray, new: Set, copy: Callable[..., Any]) -> dict[str, Any]:
    """Keep the parameters of the epoch with the lowest loss on new digits, by some kind of copy."""
    seen = x[:WATCHED], t[:WATCHED]
    net, rng, losses, lowest = make_net(), np.random.default_rng(SEED), [], np.inf
    for _ in range(EPOCHS):
        losses += train(net, seen, new, epochs=1, batch_size=50, lr=0.3, rng=rng)["loss"]
        loss = net.loss(*new)
        if loss < lowest:
            lowest, best = loss, copy(net.params)
    net.params = best
    return described(losses, net, seen, new) | {"lowest": lowest, "restored": net.loss(*new)}
