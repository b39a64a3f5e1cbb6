"""An image of 4 by 4, a filter of 3 by 3, and the map of 2 by 2 that they make."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.layers import Convolution
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, Axes, Figure, subplots

IMAGE = np.array([[1, 0, 2, 0], [0, 1, 3, 0], [1, 0, 2, 1], [0, 2, 1, 0]])
FILTER = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
PLACES = {"x": (0.0, 0.0), "w": (5.2, 0.5), "o": (9.4, 1.0)}  # left and top of each grid


def draw() -> Figure:
    layer = Convolution(FILTER[np.newaxis, np.newaxis], np.zeros(1))
    found = layer.forward(IMAGE[np.newaxis, np.newaxis])[0, 0].astype(int)
    fig, ax = subplots(height=3.2)
    for (name, (left, top)), numbers in zip(PLACES.items(), (IMAGE, FILTER, found), strict=True):
        grid(ax, left, top, numbers, color=BLUE if name == "w" else INK)
        ax.text(left + numbers.shape[1] / 2, top - 0.45, f"${name}$", fontsize=17, ha="center", va="center")
    for (left, top), side in ((PLACES["x"], len(FILTER)), (PLACES["o"], 1)):
        ax.add_patch(
            Rectangle((left, top), side, side, fill=False, edgecolor=ORANGE, linewidth=3.2, zorder=3)
        )
    for x, sign in ((4.6, r"$\ast$"), (8.8, "$=$")):
        ax.text(x, 2.0, sign, fontsize=20, ha="center", va="center")
    ax.set(xlim=(-0.2, 11.6), ylim=(4.2, -0.9), aspect="equal")
    ax.set_axis_off()
    return fig


def grid(ax: Axes, left: float, top: float, numbers: np.ndarray, color: str) -> None:
    for (i, j), number in np.ndenumerate(numbers):
        ax.add_patch(Rectangle((left + j, top + i), 1, 1, fill=False, edgecolor=FAINT, linewidth=1.2))
        text = f"${number}$"
        ax.text(left + j + 0.5, top + i + 0.5, text, color=color, fontsize=17, ha="center", va="center")
