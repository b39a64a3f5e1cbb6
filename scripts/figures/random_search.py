"""Random pairs of learning rate and weight decay, by validation accuracy; below, each of the two alone."""

from typing import Any

import numpy as np

from scripts.figures.style import BLUE, INK, MUTED, ORANGE, SEQUENTIAL, Axes, Figure, subplots


def draw(random_search: dict[str, Any]) -> Figure:
    trials, best = random_search["trials"], random_search["best"]
    lr, weight_decay, accuracy = (
        np.array([trial[name] for trial in trials]) for name in ("lr", "weight_decay", "validation_accuracy")
    )
    fig, axes = subplots(2, 2, width=7.0, height=6.6, height_ratios=(1.75, 1))
    grid = axes[0, 0].get_gridspec()
    for ax in axes[0]:
        ax.remove()
    ax = fig.add_subplot(grid[0, :])
    # Size as well as color says how good a trial is.
    looks = {"cmap": SEQUENTIAL, "vmin": 0.0, "vmax": 1.0, "edgecolors": MUTED, "linewidths": 0.8}
    ax.scatter(lr, weight_decay, s=size(accuracy), c=accuracy, **looks)
    ring(ax, best["lr"], best["weight_decay"], 26)
    ax.set(xscale="log", yscale="log", xlabel=r"$\eta$", ylabel=r"$\lambda$")
    for value in (0.3, 0.6, 0.9):
        colors = {"facecolor": SEQUENTIAL(value), "edgecolor": MUTED, "linewidth": 0.8}
        ax.scatter([], [], s=float(size(value)), label=f"{value}", **colors)
    ax.legend(
        loc="center left", bbox_to_anchor=(1, 0.5), labelspacing=1.1, title="accuracy", title_fontsize=12.5
    )

    for below, values, name, chosen in (
        (axes[1, 0], lr, r"$\eta$", best["lr"]),
        (axes[1, 1], weight_decay, r"$\lambda$", best["weight_decay"]),
    ):
        below.plot(values, accuracy, "o", color=BLUE, markersize=5)
        ring(below, chosen, best["validation_accuracy"], 13)
        below.set(xscale="log", xlabel=name, ylim=(0, 1), yticks=[0, 0.5, 1])
    axes[1, 0].set_ylabel("accuracy")
    for each in (ax, *axes[1]):
        each.minorticks_off()
    return fig


def size(accuracy: Any) -> Any:
    return 8 + 260 * np.asarray(accuracy) ** 2


def ring(ax: Axes, x: float, y: float, width: float) -> None:
    """Mark the trial that has been chosen."""
    ax.plot(x, y, "o", color=ORANGE, fillstyle="none", markersize=width, markeredgewidth=2.2)
    ax.plot(x, y, "+", color=INK, markersize=width / 2.6, markeredgewidth=1.4)
