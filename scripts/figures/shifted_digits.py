"""A digit shifted by 0 to 4 pixels, and how well three networks read digits shifted that far."""

import numpy as np

from dlbook.datasets import load_mnist
from scripts.figures.style import STYLES, Figure, Result, label_lines, show_digit

NAMES = {"conv": "convolution", "dense": "affine layers", "first": "chapter 7"}


def draw(convolution: Result) -> Figure:
    _, (x, _) = load_mnist(flatten=False)
    nets = convolution["nets"]
    pixels = range(len(nets["conv"]["shifted"]))
    fig = Figure(figsize=(7.2, 5.0), layout="constrained")
    axes = fig.subplot_mosaic(
        [[f"digit {i}" for i in pixels], ["curves"] * len(pixels)], height_ratios=[1, 3.2]
    )
    for i in pixels:
        show_digit(axes[f"digit {i}"], np.pad(x[0], [(0, 0), (i, 0)])[:, : x.shape[2]])
    ax = axes["curves"]
    for (name, label), style in zip(NAMES.items(), STYLES, strict=False):
        ax.plot(pixels, nets[name]["shifted"], label=label, **style)
    ax.set(xlabel="shift, pixels", ylabel="accuracy", xticks=list(pixels), ylim=(0, 1.03), xlim=(-0.4, 4.4))
    label_lines(ax, gap=12)
    return fig
