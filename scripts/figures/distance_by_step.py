"""How far from the minimum of x0² + x1² each step of gradient descent is, for five learning rates."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import STYLES, Figure, label_lines, subplots

START = (-3.0, 4.0)
RATES = ((1e-10, "10^{-10}"), (0.1, "0.1"), (0.4, "0.4"), (1.2, "1.2"), (10.0, "10"))


def draw() -> Figure:
    fig, ax = subplots(width=6.0, height=3.7)
    for (lr, name), style in zip(RATES, STYLES, strict=False):
        _, path = gradient_descent(lambda x: np.sum(x**2), START, lr=lr, step_num=100)
        distance = np.linalg.norm(path, axis=1)
        distance = distance[distance > 1e-16]
        ax.plot(distance, **style, markevery=20, label=f"$\\eta = {name}$")
    ax.set(xlabel="step", ylabel=r"$\Vert x \Vert$", yscale="log", ylim=(1e-17, 1e20), xlim=(0, 100))
    ax.set_yticks([1e-16, 1e-8, 1, 1e8, 1e16])
    label_lines(ax)
    return fig
