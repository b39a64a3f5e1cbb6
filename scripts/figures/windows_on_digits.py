"""The first test digits 1, 9, 2 and 0, with the two windows whose ink is measured, and that ink."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.datasets import load_mnist
from scripts.figures.style import BLUE, ORANGE, Figure, Result, show_digit, subplots


def draw(perceptrons_on_digits: Result) -> Figure:
    _, (x_test, t_test) = load_mnist(flatten=False)
    windows = perceptrons_on_digits["windows"]
    fig, axes = subplots(1, 4, width=6.2, height=2.4)
    for ax, kind in zip(axes, perceptrons_on_digits["digits"], strict=True):
        image = x_test[np.flatnonzero(t_test == kind["digit"])[0]]
        show_digit(ax, image)
        ink = []
        for (top, bottom, left, right), color, dashes in (
            (windows["upper"], ORANGE, "-"),
            (windows["lower"], BLUE, (0, (4, 1.4))),
        ):
            corner = (left - 0.5, top - 0.5)
            ax.add_patch(
                Rectangle(
                    corner,
                    right - left,
                    bottom - top,
                    fill=False,
                    edgecolor=color,
                    linestyle=dashes,
                    linewidth=2.4,
                )
            )
            ink.append(image[top:bottom, left:right].mean())
        ax.set_xlabel(f"$x_1 = {ink[0]:.2f}$\n$x_2 = {ink[1]:.2f}$", fontsize=15)
    return fig
