"""One digit on its way through a network of two layers: before training, and after."""

import numpy as np

from dlbook.datasets import load_mnist
from scripts.figures.style import (
    BLUE,
    FAINT,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    SEQUENTIAL,
    Axes,
    Figure,
    Result,
    show_digit,
    subplots,
)


def draw(untrained_network: Result) -> Figure:
    _, (x_test, _) = load_mnist()
    digit = untrained_network["digit"]
    fig, axes = subplots(2, 3, width=6.6, height=5.4, width_ratios=(1, 0.9, 1.35))
    fig.get_layout_engine().set(wspace=0.2, hspace=0.1)
    for (image, hidden, bars), when in zip(axes, ("before", "after"), strict=True):
        show_digit(image, x_test[digit["row"]])
        show_units(hidden, np.array(digit[when]["z"]))
        show_probabilities(bars, np.array(digit[when]["y"]))
    names = (("$x$", "(784,)"), ("$z$", "(50,)"), ("$y$", "(10,)"))
    for ax, (name, shape) in zip(axes[0], names, strict=True):
        ax.set_title(f"{name}  {shape}", fontsize=16)
    for row in axes:
        for ax, matrix in zip(row, ("$W_1$", "$W_2$"), strict=False):
            looks = {"arrowstyle": "-|>,head_length=0.5,head_width=0.22", "color": INK, "linewidth": 1.5}
            way = {"xycoords": "axes fraction", "textcoords": "axes fraction", "annotation_clip": False}
            ax.annotate("", (1.28, 0.5), xytext=(1.06, 0.5), arrowprops=looks, **way)
            ax.text(1.17, 0.58, matrix, transform=ax.transAxes, ha="center", fontsize=15, color=INK)
    return fig


def show_units(ax: Axes, z: np.ndarray) -> None:
    """Draw the hidden units as squares, the darker the more they pass on."""
    ax.pcolormesh(z.reshape(10, 5), cmap=SEQUENTIAL, vmin=0, vmax=1, edgecolors=PAPER, linewidth=1.2)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    ax.spines[:].set(visible=True, color=FAINT)


def show_probabilities(ax: Axes, y: np.ndarray) -> None:
    bars = ax.barh(range(10), y, color=PAPER, edgecolor=BLUE, linewidth=1.3)
    bars[int(y.argmax())].set(color=ORANGE)
    ax.axvline(0.1, color=MUTED, linewidth=1.2, linestyle=(0, (4, 2)))
    ax.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xticks=[0.1, 0.5, 1])
    ax.set_xticklabels(["0.1", "0.5", "1"])
    ax.grid(False)
    ax.set_ylabel("$k$", rotation=0, labelpad=8)
