"""The still picture of descent.js in chapter 9: six optimizers on one valley, 30 steps of each."""

import numpy as np

from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from scripts.figures.six_paths import START, Optimizer, walk
from scripts.figures.style import FAINT, INK, PAPER, STYLES, Figure, subplots


def draw() -> Figure:
    fig, ax = subplots(width=4.6, height=4.8)
    X, Y = np.meshgrid(np.linspace(-8.4, 3.2, 121), np.linspace(-3, 3, 121))
    levels = np.arange(1, 13) ** 2 / 4
    ax.contour(X, Y, X**2 / 20 + Y**2, levels=levels, colors=FAINT, linewidths=1.2)
    optimizers: list[Optimizer] = [
        SGD(0.9),
        Momentum(0.1),
        Nesterov(0.1),
        AdaGrad(1.5),
        RMSProp(0.1),
        Adam(0.3),
    ]
    for optimizer, style in zip(optimizers, STYLES, strict=True):
        path = walk(optimizer)
        ax.plot(*path.T, **style, markersize=3.5, linewidth=1.3, label=type(optimizer).__name__)
    ax.plot(*START, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=2, markersize=11)
    ax.set(xlabel="$x$", ylabel="$y$", xlim=(-8.4, 3.2), ylim=(-3, 3))
    ax.legend(loc="lower left", ncols=2)
    ax.grid(False)
    return fig
