"""The still picture of loss_slopes.js: cross-entropy and squared error, with their tangents at y = 0.1."""

import numpy as np

from dlbook.differentiation import complex_step
from dlbook.losses import cross_entropy_error, sum_squared_error
from scripts.figures.style import INK, STYLES, Figure, subplots

Y = 0.1
TOP = 7  # of both, so that their slopes can be compared


def draw() -> Figure:
    fig, (left, right) = subplots(1, 2, height=3.1)
    y = np.linspace(0.0005, 1, 400)
    losses = {
        "cross-entropy": (
            left,
            lambda y: cross_entropy_error([y, 1 - y], 0, delta=0),
            lambda y: -np.log(y),
        ),
        "squared error": (right, lambda y: sum_squared_error([y, 1 - y], 0), lambda y: (1 - y) ** 2),
    }
    for (name, (ax, loss, formula)), style in zip(losses.items(), STYLES, strict=False):
        ax.plot(y, [loss(value) for value in y], **style | {"marker": ""})
        steep = complex_step(formula, Y)
        ax.axline((Y, loss(Y)), slope=steep, color=INK, linewidth=1.6)
        ax.plot(Y, loss(Y), "o", color=INK)
        ax.text(0.52, 0.88, f"slope {steep:.3g}".replace("-", "−"), transform=ax.transAxes)
        ax.set(xlim=(0, 1), ylim=(0, TOP), xlabel="$y$", ylabel=name)
    return fig
