"""Three places where gradient descent stops or nearly stops: a local minimum, a saddle point, a plateau."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import BLUE, FAINT, INK, MUTED, ORANGE, Figure, subplots


def two_valleys(x: np.ndarray) -> np.ndarray:
    return x**4 / 4 - 2 * x**2 + x


def saddle(x: np.ndarray) -> np.ndarray:
    return x[0] ** 2 / 2 - x[1] ** 2 / 2 + x[1] ** 4 / 4


def plateau(x: np.ndarray) -> np.ndarray:
    return -np.exp(-(x**2) / 2)


def draw() -> Figure:
    fig, (left, middle, right) = subplots(1, 3, width=6.0, height=2.8)

    x = np.linspace(-2.75, 2.75, 201)
    left.plot(x, two_valleys(x), color=MUTED, linewidth=1.6)
    for start, color, marker in ((2.6, ORANGE, "s"), (-0.3, BLUE, "o")):
        _, path = gradient_descent(lambda x: two_valleys(x).item(), np.array(start), lr=0.05, step_num=60)
        left.plot(path, two_valleys(path), color=color, marker=marker, markersize=5, linewidth=0)
    left.set(xlabel="$x$", ylabel="$f$", xticks=(-2, 0, 2))

    grid = np.meshgrid(np.linspace(-2.3, 2.3, 121), np.linspace(-1.6, 1.6, 121))
    middle.contour(
        *grid,
        saddle(np.array(grid)),
        levels=np.arange(-3, 20) / 8,
        colors=FAINT,
        linestyles="solid",
        linewidths=1.1,
    )
    for start_1, color, marker in ((1e-3, BLUE, "o"), (0.0, ORANGE, "s")):
        _, path = gradient_descent(saddle, [2.0, start_1], lr=0.2, step_num=100)
        middle.plot(*path.T, color=color, marker=marker, markersize=5, linewidth=1)
    middle.plot(0, 0, color=INK, marker="x", markersize=9, markeredgewidth=2)
    middle.set(xlabel="$x_0$", ylabel="$x_1$", xticks=(-2, 0, 2), yticks=(-1, 0, 1))
    middle.grid(False)

    x = np.linspace(-5.6, 5.6, 201)
    right.plot(x, plateau(x), color=MUTED, linewidth=1.6)
    for start, color, marker in ((5.0, ORANGE, "s"), (-2.2, BLUE, "o")):
        _, path = gradient_descent(lambda x: plateau(x).item(), np.array(start), lr=0.5, step_num=60)
        right.plot(path, plateau(path), color=color, marker=marker, markersize=5, linewidth=0)
    right.set(xlabel="$x$", ylabel="$f$", xticks=(-5, 0, 5), yticks=(-1, -0.5, 0))
    return fig
