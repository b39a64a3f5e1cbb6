"""A test digit, four filters with their maps of it, and the maps after pooling."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.layers import Convolution, MaxPooling, Relu
from scripts.figures.filters import show_filter
from scripts.figures.style import BLUE, Figure, Result, show_digit

SHOWN = 4
DIGIT = 0  # the first test digit, a 7


def draw(convolution: Result) -> Figure:
    _, (x, _) = load_mnist(flatten=False)
    filters, biases = np.array(convolution["W"]["after"])[:, np.newaxis], np.array(convolution["b"])
    maps = Relu().forward(Convolution(filters, biases).forward(x[DIGIT][np.newaxis, np.newaxis]))
    pooled = MaxPooling(2).forward(maps)
    shown = most_different(maps[0])
    fig = Figure(figsize=(7.2, 5.2), layout="constrained")
    rows: Any = [["x", *(f"{part}{i}" for i in range(SHOWN))] for part in ("w", "map", "pooled")]
    axes = fig.subplot_mosaic(rows, width_ratios=[1.35] + [1] * SHOWN)
    show_digit(axes["x"], x[DIGIT])
    for i, f in enumerate(shown):
        show_filter(axes[f"w{i}"], filters[f, 0])
        show_digit(axes[f"map{i}"], maps[0, f] / maps[0, f].max(), color=BLUE)
        show_digit(axes[f"pooled{i}"], pooled[0, f] / pooled[0, f].max(), color=BLUE)
    fig.draw_without_rendering()  # which lays it out, with last digits that differ from run to run
    fig.set_layout_engine("none")
    for ax in fig.axes:
        ax.set_position(np.round(ax.get_position(original=True).bounds, 4))
    return fig


def most_different(maps: np.ndarray) -> list[int]:
    """Choose maps one after the other: first the strongest, then the one least like those that are chosen."""
    rows = maps.reshape(len(maps), -1)
    length = np.linalg.norm(rows, axis=1)
    rows = rows / np.maximum(length, 1e-9)[:, np.newaxis]
    chosen = [int(length.argmax())]
    while len(chosen) < SHOWN:
        likeness = (rows @ rows[chosen].T).max(axis=1)
        likeness[length < length.max() / 4] = 1  # a map with next to nothing in it shows nothing
        chosen.append(int(likeness.argmin()))
    return chosen
