"""Accuracies of untrained networks, by the size of their weights, and of guessing with a die."""

import numpy as np

from scripts.figures.style import BLUE, FAINT, GREEN, INK, ORANGE, Figure, Result, subplots

BIN = 0.002


def draw(untrained_network: Result) -> Figure:
    small, large = (it["accuracy"]["all"] for it in untrained_network["stds"])
    rows = [
        ("std 0.01", small, {"color": BLUE, "marker": "o"}),
        ("std 1", large, {"color": ORANGE, "marker": "s"}),
        ("dice", untrained_network["dice"]["all"], {"color": GREEN, "marker": "^"}),
    ]
    fig, axes = subplots(3, 1, width=6.6, height=5.6, sharex=True)
    for ax, (name, accuracies, look) in zip(axes, rows, strict=True):
        for share in untrained_network["class_shares"] if accuracies is small else ():
            ax.axvline(share, color=FAINT, linewidth=4, zorder=0)
        ax.axvline(0.1, color=INK, linewidth=1.3, linestyle=(0, (4, 2)), zorder=1)
        ax.plot(*stacked(np.array(accuracies)), linestyle="", markersize=4.6, **look)
        ax.text(0.006, 0.82, name, transform=ax.transAxes, color=look["color"], fontsize=14)
        ax.set(yticks=[], ylim=(-0.6, 31))
        ax.spines["left"].set_visible(False)
        ax.grid(False)
    axes[-1].set(xlim=(0.04, 0.165), xlabel="accuracy")
    axes[-1].set_xticks([0.05, 0.1, 0.15], ["5%", "10%", "15%"])
    return fig


def stacked(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put a dot for each value on top of those that fall into the same bin, all at the mean of these."""
    bins = np.round(values / BIN).astype(int)
    places = np.array([values[bins == it].mean() for it in bins])
    heights = np.array([np.sum(bins[:i] == it) for i, it in enumerate(bins)])
    return places, heights
