"""The still picture of descent.js in chapter 6: gradient descent on a tilted bowl."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import BLUE, FAINT, INK, PAPER, Figure, subplots
from scripts.figures.tilted_bowl import f

START = (-4.0, 7.0)


def draw() -> Figure:
    fig, ax = subplots(width=4.6, height=4.4)
    grid = np.meshgrid(np.linspace(-5, 7, 121), np.linspace(-2, 10, 121))
    levels = -21 + np.arange(1, 12) ** 2
    ax.contour(*grid, f(np.array(grid)), levels=levels, colors=FAINT, linestyles="solid", linewidths=1.2)
    _, path = gradient_descent(f, START, lr=0.1, step_num=60)
    ax.plot(*path.T, "o-", color=BLUE, markersize=4, linewidth=1.4)
    ax.plot(*START, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=2, markersize=11)
    ax.set(xlabel="$x$", ylabel="$y$", xlim=(-5, 7), ylim=(-2, 10), aspect="equal")
    ax.grid(False)
    return fig
