"""The picture of the home page: gradient descent swings from wall to wall of a valley, down to its floor."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import BLUE, INK, ORANGE, PAPER, SEQUENTIAL, Figure, subplots

START = (-8.2, 3.1)


def draw() -> Figure:
    def f(x: np.ndarray) -> np.ndarray:
        return x[0] ** 2 / 16 + (x[1] - 0.12 * x[0]) ** 2

    end, path = gradient_descent(f, START, lr=0.86, step_num=60)
    fig, ax = subplots(width=7.2, height=4.2)
    grid = np.meshgrid(np.linspace(-9.6, 6.4, 121), np.linspace(-4.4, 3.8, 81))
    height = f(np.array(grid))
    levels = np.linspace(0, 5.6, 18) ** 2  # closer together where it is flat
    ax.contourf(*grid, height, levels=levels, cmap=SEQUENTIAL, vmax=3 * levels[-1])
    ax.contour(*grid, height, levels=levels, colors=BLUE, linewidths=0.6)
    ax.plot(
        *path.T,
        color=ORANGE,
        linewidth=2.2,
        marker="o",
        markersize=5,
        markeredgewidth=0.8,
        markeredgecolor=PAPER,
    )
    ax.plot(*path[0], marker="o", markersize=9, color=ORANGE, markeredgewidth=1.4, markeredgecolor=INK)
    ax.plot(*end, marker="*", markersize=17, color=INK, markeredgewidth=1, markeredgecolor=PAPER)
    ax.set(xlabel="$x_0$", ylabel="$x_1$", xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return fig
