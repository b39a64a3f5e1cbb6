"""The negative gradient of a one-matrix network on MNIST, with one image per class."""

import numpy as np

from scripts.figures.style import BLUE, ORANGE, Figure, Result, show_digit, subplots


def draw(gradient_as_pictures: Result) -> Figure:
    steps = -np.array(gradient_as_pictures["gradient"])
    strength = steps / np.abs(steps).max(axis=1, keepdims=True)
    fig, axes = subplots(2, 5, width=7.2, height=3.5)
    for k, (ax, pixels) in enumerate(zip(axes.flat, strength, strict=True)):
        show_digit(ax, np.maximum(pixels, 0), color=ORANGE)
        show_digit(ax, np.maximum(-pixels, 0), color=BLUE)
        ax.set_xlabel(f"$k = {k}$", labelpad=3)
    return fig
