"""A hundred steps down x0² + x1² from (−3, 4), with a good learning rate, a large and a small one."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import BLUE, FAINT, INK, MUTED, ORANGE, Figure, subplots

START = (-3.0, 4.0)
RATES = ((1e-10, "10^{-10}"), (0.1, "0.1"), (10.0, "10"))


def f(x: np.ndarray) -> float:
    return float(np.sum(x**2))


def draw() -> Figure:
    fig, axes = subplots(1, 3, width=6.0, height=2.5)
    side = np.linspace(-5, 5, 101)
    X, Y = np.meshgrid(side, side)
    for ax, (lr, name) in zip(axes, RATES, strict=True):
        _, path = gradient_descent(f, START, lr=lr, step_num=100)
        if lr < 1:
            ax.contour(X, Y, X**2 + Y**2, levels=np.arange(1, 6) ** 2, colors=FAINT, linewidths=1.1)
            ax.set(xlim=(-5, 5), ylim=(-5, 5), xticks=(-4, 0, 4), yticks=(-4, 0, 4), aspect="equal")
        else:
            path = path[:14]
            ax.set_xscale("symlog", linthresh=1)
            ax.set_yscale("symlog", linthresh=1)
            ticks = (-1e15, -1e7, 0, 1e7, 1e15)
            ax.set(xlim=(-3e19, 3e19), ylim=(-3e19, 3e19), xticks=ticks, yticks=ticks, box_aspect=1)
            ax.set_xticklabels(("$-10^{15}$", "", "0", "", "$10^{15}$"))
            ax.set_yticklabels(("$-10^{15}$", "", "0", "", "$10^{15}$"))
        ax.plot(*path.T, color=BLUE, linewidth=1.5, marker="o", markersize=4)
        ax.plot(*START, color=ORANGE, marker="D", markersize=8)
        ax.plot(0, 0, color=INK, marker="x", markersize=9, markeredgewidth=2)
        ax.set_title(f"$\\eta = {name}$")
        ax.grid(False)
        ax.tick_params(color=MUTED)
    return fig
