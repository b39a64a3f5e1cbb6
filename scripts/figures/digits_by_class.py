"""The first four test digits of each class, with one column per class."""

import numpy as np

from dlbook.datasets import load_mnist
from scripts.figures.style import Figure, show_digit, subplots


def draw() -> Figure:
    _, (x_test, t_test) = load_mnist()
    fig, axes = subplots(4, 10, width=7.2, height=3.3)
    fig.get_layout_engine().set(wspace=0.02, hspace=0.02, w_pad=0.02, h_pad=0.02)
    for label, column in enumerate(axes.T):
        for ax, row in zip(column, np.flatnonzero(t_test == label), strict=False):
            show_digit(ax, x_test[row])
        column[0].set_title(f"{label}", fontsize=16, pad=6)
    return fig
