"""In a long valley the negative gradient does not point to the minimum."""

import numpy as np

from dlbook.gradients import numerical_gradient
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, Figure, arrow, subplots

PLACES = [(-7.0, 2.0), (-3.0, -1.5), (2.5, 1.9), (7.5, -1.0)]
LENGTH = 1.7


def valley(x: np.ndarray) -> float:
    return float(x[0] ** 2 / 20 + x[1] ** 2)


def draw() -> Figure:
    fig, ax = subplots(width=7.2, height=3.1)
    X, Y = np.meshgrid(np.linspace(-9, 9, 181), np.linspace(-3, 3, 91))
    ax.contour(X, Y, X**2 / 20 + Y**2, levels=np.arange(1, 9) ** 2 / 8, colors=FAINT, linewidths=1.2)
    for place in PLACES:
        down = -numerical_gradient(valley, np.array(place))
        end = np.array(place) + LENGTH * down / np.linalg.norm(down)
        ax.plot([place[0], 0], [place[1], 0], color=ORANGE, linestyle=(0, (5, 2)), linewidth=1.6)
        arrow(ax, place, (end[0], end[1]), color=BLUE)
        ax.plot(*place, marker="o", markersize=7, color=BLUE)
    ax.plot(0, 0, marker="*", markersize=15, color=INK)
    ax.set(xlabel="$x_0$", ylabel="$x_1$", xlim=(-9, 9), ylim=(-2.6, 2.6), aspect="equal")
    ax.grid(False)
    return fig
