"""Gradient descent on x² + xy + y² − 6x − 9y, from three starts to the one minimum."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import FAINT, INK, STYLES, Figure, subplots

STARTS = [(-4.0, 7.0), (6.0, 7.5), (5.0, -2.0)]


def f(x: np.ndarray) -> np.ndarray:
    return x[0] ** 2 + x[0] * x[1] + x[1] ** 2 - 6 * x[0] - 9 * x[1]


def draw() -> Figure:
    fig, ax = subplots(width=6.0, height=4.6)
    grid = np.meshgrid(np.linspace(-5, 7, 121), np.linspace(-3, 9, 121))
    ax.contour(
        *grid,
        f(np.array(grid)),
        levels=-21 + np.arange(1, 9) ** 2,
        colors=FAINT,
        linestyles="solid",
        linewidths=1.2,
    )
    for start, style in zip(STARTS, STYLES, strict=False):
        _, path = gradient_descent(f, start, lr=0.1, step_num=60)
        ax.plot(*path.T, **style, markersize=4.5, linewidth=1.4)
        ax.plot(*start, color=style["color"], marker=style["marker"], markersize=10)
    ax.plot(1, 4, color=INK, marker="*", markersize=16)
    ax.set(xlabel="$x$", ylabel="$y$", xlim=(-5, 7), ylim=(-3, 9), aspect="equal")
    ax.grid(False)
    return fig
