"""Five activation functions: three that stay within bounds, two that do not."""

from collections.abc import Callable

import numpy as np

from dlbook.activations import relu, sigmoid, step
from scripts.figures.style import STYLES, Axes, Figure, subplots


def draw() -> Figure:
    x = np.linspace(-4, 4, 401)
    fig, (bounded, others) = subplots(1, 2, width=7.2, height=4.2)
    functions: list[tuple[Axes, Callable | None, str, tuple[float, float]]] = [
        (bounded, sigmoid, "sigmoid", (1.3, 0.6)),
        (bounded, np.tanh, "tanh", (-0.3, -0.82)),
        (bounded, None, "step", (-3.8, -0.19)),
        (others, relu, "ReLU", (-3.7, 0.3)),
        (others, lambda x: x, "identity", (-2.0, -2.9)),
    ]
    for (ax, f, name, place), style in zip(functions, STYLES, strict=False):
        look = style | {"marker": ""}
        if f is None:  # two pieces, for there is nothing between 0 and 1
            ax.plot(x[x <= 0], step(x[x <= 0]), **look)
            ax.plot(x[x > 0], step(x[x > 0]), **look)
            ax.plot(0, step(0), "o", color=look["color"], markersize=7)
            ax.plot(0, 1, "o", color="none", markeredgecolor=look["color"], markeredgewidth=1.6, markersize=7)
        else:
            ax.plot(x, f(x), **look)
        ax.text(*place, name, color=look["color"], fontsize=14)
    bounded.set(xlim=(-4, 4), ylim=(-1.15, 1.15), yticks=[-1, 0, 1], xticks=[-4, -2, 0, 2, 4], xlabel="$s$")
    others.set(xlim=(-4, 4), ylim=(-4, 4), yticks=[-4, -2, 0, 2, 4], xticks=[-4, -2, 0, 2, 4], xlabel="$s$")
    bounded.set_ylabel("$z$", rotation=0)
    return fig
