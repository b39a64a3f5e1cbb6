"""The still picture of training.js: a network of 40 units learns 60 noisy points by heart."""

import numpy as np

from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from scripts.figures.style import BLUE, DIVERGING, INK, ORANGE, PAPER, STYLES, Figure, subplots

TRAIN, TEST, HIDDEN, LR, STEPS = 60, 1000, 40, 2.0, 3000


def draw() -> Figure:
    rng = np.random.default_rng(2)
    (x, t), others = moons(TRAIN, rng), moons(TEST, rng)
    net = MultiLayerNet(2, [HIDDEN], 2, "tanh", weight_init="xavier", rng=rng)
    rule, history = SGD(LR), []
    for step in range(STEPS + 1):
        if step % 10 == 0:
            history.append((step, net.loss(x, t), net.loss(*others)))
        rule.update(net.params, net.gradient(x, t))

    fig, (plane, losses) = subplots(1, 2, height=3.5)
    side = np.linspace(-3.4, 3.4, 69)
    grid = np.array(np.meshgrid(side, side))
    y = net.predict(grid.reshape(2, -1).T)[:, 1].reshape(grid.shape[1:])
    plane.contourf(*grid, y, levels=np.linspace(0, 1, 14), cmap=DIVERGING, vmin=-0.5, vmax=1.5)
    plane.contour(*grid, y, levels=[0.5], colors=INK)
    for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
        plane.plot(*x[t == label].T, marker, color=color, markeredgecolor=PAPER, markeredgewidth=0.8)
    plane.set(xlabel="$x_1$", ylabel="$x_2$", xticks=(-2, 0, 2), yticks=(-2, 0, 2), aspect="equal")
    plane.grid(False)
    steps, own, other = np.array(history).T
    for values, words, style in ((own, "training", STYLES[0]), (other, "others", STYLES[1])):
        losses.plot(steps, values, **style | {"marker": ""}, label=words)
    losses.set(xlabel="step", ylabel="loss", ylim=(0, None))
    losses.legend()
    return fig


def moons(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points of two half circles, one inside the other, with noise; the classes by turns."""
    t = np.arange(count) % 2
    angle = np.pi * rng.random(count)
    upper = np.array([np.cos(angle), np.sin(angle)])
    x = np.where(t, [[1], [0.5]] - upper, upper)
    return (2 * x - [[1], [0.5]] + rng.normal(0, 0.4, x.shape)).T, t
