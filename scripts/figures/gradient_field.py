"""The negative gradient of x0² + x1² as a field of arrows, on contour lines."""

import numpy as np

from dlbook.gradients import numerical_gradient
from scripts.figures.style import BLUE, INK, MUTED, PAPER, Figure, subplots


def f(x: np.ndarray) -> float:
    return float(np.sum(x**2))


def draw() -> Figure:
    fig, ax = subplots(width=5.6, height=5.2)
    side = np.linspace(-2.25, 2.25, 121)
    X, Y = np.meshgrid(side, side)
    contours = ax.contour(
        X, Y, X**2 + Y**2, levels=[0.25, 1, 2, 3, 4, 5, 6, 7, 8], colors=MUTED, linewidths=0.8
    )
    contours.set_alpha(0.55)
    places = np.array([(u, v) for u in np.arange(-2, 2.1, 0.5) for v in np.arange(-2, 2.1, 0.5)])
    arrows = np.array([-numerical_gradient(f, place) for place in places])
    ax.quiver(
        *places.T,
        *arrows.T,
        angles="xy",
        scale_units="xy",
        scale=10,
        width=0.0062,
        headwidth=4.2,
        headlength=5,
        headaxislength=4.4,
        color=BLUE,
    )
    ax.plot(0, 0, marker="o", markersize=8, color=INK, markeredgecolor=PAPER, markeredgewidth=1)
    ax.set(xlabel="$x_0$", ylabel="$x_1$", xticks=range(-2, 3), yticks=range(-2, 3), aspect="equal")
    ax.grid(False)
    return fig
