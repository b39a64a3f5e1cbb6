"""Ten digits of MNIST with their labels: the mini-batch that chapter 3 draws."""

import numpy as np

from dlbook.datasets import load_mnist
from scripts.figures.style import MUTED, Figure, show_digit, subplots


def draw() -> Figure:
    (x_train, t_train), _ = load_mnist()
    rows = np.random.default_rng(3).choice(len(x_train), size=10, replace=False)
    fig, axes = subplots(2, 5, width=6.4, height=3.6)
    fig.get_layout_engine().set(hspace=0.06)
    for ax, row in zip(axes.flat, rows, strict=True):
        show_digit(ax, x_train[row])
        ax.set_title(f"$t = {t_train[row]}$", fontsize=15)
        ax.set_xlabel(f"{row}", fontsize=12, color=MUTED, labelpad=3)
    return fig
