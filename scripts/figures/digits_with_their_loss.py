"""Three test digits, the ten probabilities that a network gives each, and the loss."""

import numpy as np

from dlbook.datasets import load_mnist
from scripts.figures.style import BLUE, INK, ORANGE, PAPER, Figure, Result, show_digit, subplots


def draw(loss_of_a_network: Result) -> Figure:
    _, (x_test, _) = load_mnist()
    digits = loss_of_a_network["digits"]
    fig, axes = subplots(2, len(digits), width=6.4, height=4.4, height_ratios=(1.1, 1))
    for (image, bars), digit in zip(axes.T, digits, strict=True):
        y, t = np.array(digit["y"]), digit["t"]
        show_digit(image, x_test[digit["row"]])
        image.set_title(f"$t = {t}$", fontsize=17)
        others = bars.bar(range(10), y, color=PAPER, edgecolor=BLUE, linewidth=1.3)
        others[t].set(color=ORANGE, hatch="")
        bars.text(
            4.5,
            1.06,
            rf"$-\log\,{y[t]:.3f} = {digit['loss']:.2f}$",
            ha="center",
            va="bottom",
            fontsize=15,
            color=INK,
        )
        bars.set(ylim=(0, 1), xlim=(-0.7, 9.7), xticks=range(10), yticks=[0, 0.5, 1])
        bars.grid(axis="x", visible=False)
        bars.set_xlabel("$k$")
        if image is not axes[0, 0]:
            bars.set_yticklabels([])
    axes[1, 0].set_ylabel("$y_k$")
    return fig
