"""The misread test digits of which the trained network is surest, each with its label and the guess."""

import numpy as np

from scripts.figures.style import Figure, Result, show_digit, subplots


def draw(two_layer: Result) -> Figure:
    images = np.array(two_layer["wrong_pixels"]) / 255
    fig, axes = subplots(3, 4, width=6.0, height=5.6)
    for ax, image, digit in zip(axes.flat, images, two_layer["wrong"], strict=False):
        show_digit(ax, image)
        ax.set_title(rf"${digit['label']}\;\to\;{digit['prediction']}$", fontsize=18, pad=5)
    return fig
