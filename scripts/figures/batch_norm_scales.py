"""Training accuracy from weights of twelve sizes, with and without batch normalization."""

import numpy as np

from scripts.figures.style import MUTED, STYLES, Figure, Result, subplots


def draw(batch_norm_scales: Result) -> Figure:
    found = batch_norm_scales
    fig, axes = subplots(4, 3, height=7.6, sharex=True, sharey=True)
    panels = zip(axes.flat, found["scales"], found["plain"], found["normalised"], strict=True)
    for ax, scale, plain, normalised in panels:
        ax.plot(normalised["accuracy"], **STYLES[0], markevery=3, linewidth=1.8)
        if plain["diverged"]:
            ax.text(0.6, 0.1, "overflow", color=STYLES[1]["color"], va="center")
        else:
            ax.plot(plain["accuracy"], **STYLES[1], markevery=3, linewidth=1.8)
        ax.set_title(np.format_float_positional(scale, 2, fractional=False, trim="-"), color=MUTED, pad=3)
        ax.set(xlim=(-0.4, found["epochs"] + 0.4), ylim=(-0.03, 1.06), xticks=[0, 6, 12], yticks=[0, 0.5, 1])
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    axes[1, 2].text(12.2, 0.2, "without", color=STYLES[1]["color"], ha="right")
    axes[1, 2].text(12.2, 0.78, "with", color=STYLES[0]["color"], ha="right")
    fig.supylabel("training accuracy", fontsize=14)
    return fig
