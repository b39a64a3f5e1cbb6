"""Six optimizers on the same valley, from the same start: 30 steps of each."""

import numpy as np

from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, Figure, subplots

START = (-7.0, 2.0)
STEPS = 30
Optimizer = SGD | Momentum | Nesterov | AdaGrad | RMSProp | Adam


def draw() -> Figure:
    # Made here and not once for all: they remember their steps, and a second drawing would go on from them.
    optimizers: list[Optimizer] = [
        SGD(0.9),
        Momentum(0.1),
        Nesterov(0.1),
        AdaGrad(1.5),
        RMSProp(0.1),
        Adam(0.3),
    ]
    fig, axes = subplots(2, 3, height=4.4, sharex=True, sharey=True)
    X, Y = np.meshgrid(np.linspace(-8.4, 3.2, 59), np.linspace(-2.7, 2.7, 55))
    for ax, optimizer in zip(axes.flat, optimizers, strict=True):
        ax.contour(X, Y, X**2 / 20 + Y**2, levels=np.arange(1, 8) ** 2 / 8, colors=FAINT, linewidths=1.0)
        path = walk(optimizer)
        ax.plot(*path.T, color=BLUE, linewidth=1.2, marker="o", markersize=3.4)
        ax.plot(*START, color=ORANGE, marker="D", markersize=7)
        ax.plot(0, 0, color=INK, marker="x", markersize=9, markeredgewidth=2)
        ax.set_title(f"{type(optimizer).__name__}  $\\eta = {optimizer.lr:g}$", loc="left")
        ax.grid(False)
    axes[0, 0].set(xlim=(-8.4, 3.2), ylim=(-2.7, 2.7), xticks=[-6, -3, 0, 3], yticks=[-2, 0, 2])
    for ax in axes[1]:
        ax.set_xlabel("$x_0$")
    for ax in axes[:, 0]:
        ax.set_ylabel("$x_1$")
    return fig


def walk(optimizer: Optimizer) -> np.ndarray:
    x = np.array(START)
    path = [x.copy()]
    for _ in range(STEPS):
        optimizer.update({"x": x}, {"x": np.array([x[0] / 10, 2 * x[1]])})
        path.append(x.copy())
    return np.array(path)
