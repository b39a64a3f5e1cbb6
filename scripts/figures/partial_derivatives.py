"""The surface x0² + x1², the two curves that are cut out of it at (3, 4), and how steep each is there."""

from typing import Any

import numpy as np

from dlbook.gradients import numerical_gradient
from scripts.figures.style import INK, ORANGE, PAPER, PINK, SEQUENTIAL, Figure

POINT = np.array([3.0, 4.0])
LOW, HIGH = -2.0, 5.0
LOOKS = [(ORANGE, "-"), (PINK, (0, (5, 1.6)))]


def f(x: Any) -> Any:
    return x[0] ** 2 + x[1] ** 2


def draw() -> Figure:
    fig = Figure(figsize=(7.2, 7.0))
    surface: Any = fig.add_axes((0.0, 0.30, 1.0, 0.74), projection="3d", computed_zorder=False)
    grid = np.meshgrid(np.linspace(LOW, HIGH, 29), np.linspace(LOW, HIGH, 29))
    looks = {"cmap": SEQUENTIAL, "shade": False, "edgecolor": PAPER, "linewidth": 0.4}
    surface.plot_surface(*grid, f(grid), rcount=28, ccount=28, **looks)
    slope = numerical_gradient(f, POINT)

    for i, (color, dashes) in enumerate(LOOKS):
        along = np.linspace(LOW, HIGH, 60)
        line = [np.full_like(along, POINT[0]), np.full_like(along, POINT[1])]
        line[i] = along
        surface.plot(*line, f(line), color=color, linestyle=dashes, linewidth=2.8)

        ax = fig.add_axes((0.11 + 0.49 * i, 0.075, 0.38, 0.215))
        ax.plot(along, f(line), color=color, linestyle=dashes, linewidth=2.4)
        near = POINT[i] + np.array([-1.9, 0.9])
        ax.plot(near, f(POINT) + slope[i] * (near - POINT[i]), color=INK, linewidth=1.3)
        ax.plot(POINT[i], f(POINT), "o", color=INK)
        ax.text(POINT[i] - 0.35, f(POINT), f"{slope[i]:.0f}", ha="right", va="bottom", size=15)
        ax.set(xlabel=f"$x_{i}$", ylim=(0, 45))
        ax.set_yticks([0, 20, 40])
        if i == 0:
            ax.set(ylabel="$f$")
    surface.plot(*POINT, f(POINT), "o", color=INK, markersize=7)
    surface.set(xlabel="$x_0$", ylabel="$x_1$")
    surface.set_zlabel("$f$")
    surface.view_init(elev=36, azim=-122)
    surface.set_box_aspect((1, 1, 0.75), zoom=0.95)
    return fig
