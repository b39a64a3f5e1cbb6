"""Histograms of the outputs of five layers of sigmoids, for five kinds of initial weights."""

import numpy as np

from scripts.figures.style import BLUE, Figure, Result, subplots

STARTS = {"zero": "0", "one": "std 1", "small": "std 0.01", "xavier": "Xavier", "he": "He"}


def draw(initial_signals: Result) -> Figure:
    fig = histograms(initial_signals, "sigmoid")
    for ax in fig.axes:
        ax.set(xlim=(-0.03, 1.03), xticks=[0, 0.5, 1])
        ax.set_xticklabels(["0", "½", "1"])
    return fig


def histograms(initial_signals: Result, activation: str) -> Figure:
    """A row a layer, a column an initializer; the tallest bar of each picture fills it."""
    edges = np.array(initial_signals["edges"][activation])
    fig, axes = subplots(5, 5, height=4.4, sharex=True)
    for column, (name, label) in enumerate(STARTS.items()):
        layers = initial_signals["five"][activation][name]
        for row, (ax, layer) in enumerate(zip(axes[:, column], layers, strict=True)):
            counts = np.array(layer["counts"])
            if counts.any():
                ax.stairs(counts / counts.max(), edges, fill=True, color=BLUE)
            ax.set(ylim=(0, 1.08), yticks=[])
            ax.spines["left"].set_visible(False)
            ax.grid(False)
            if column == 0:
                ax.set_ylabel(f"${row + 1}$", rotation=0, labelpad=12, va="center")
        axes[0, column].set_title(label)
    return fig
