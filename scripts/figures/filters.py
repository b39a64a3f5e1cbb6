"""The filters of the convolutional network before training and after, and what training has added."""

from typing import Any

import numpy as np

from scripts.figures.style import DIVERGING, FAINT, Axes, Figure, Result

COLUMNS = 4


def draw(convolution: Result) -> Figure:
    before, after = (np.array(convolution["W"][name]) for name in ("before", "after"))
    fig = Figure(figsize=(7.2, 3.0), layout="constrained")
    parts: Any = fig.subfigures(1, 3, wspace=0.06)
    shown = {"before": before, "after": after, "after − before": after - before}
    for part, (name, filters) in zip(parts, shown.items(), strict=True):
        part.suptitle(name, fontsize=14)
        for ax, weights in zip(part.subplots(len(filters) // COLUMNS, COLUMNS).flat, filters, strict=True):
            show_filter(ax, weights)
    return fig


def show_filter(ax: Axes, weights: np.ndarray) -> None:
    """Draw the weights of a filter, its largest in full color."""
    most = np.abs(weights).max()
    ax.pcolormesh(weights, cmap=DIVERGING, vmin=-most, vmax=most)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.invert_yaxis()
    ax.grid(False)
    ax.spines[:].set(visible=True, color=FAINT)
