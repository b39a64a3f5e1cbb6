"""The four corners of AND, NAND, OR and XOR, the sides that perceptrons cut off, and lines that fail."""

from typing import Any

import numpy as np

from dlbook.perceptron import AND, NAND, OR, XOR, Perceptron
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, PAPER, STYLES, Axes, Figure, arrow, subplots

LOW, HIGH = -0.4, 1.4


def draw() -> Figure:
    fig, axes = subplots(2, 2, width=6.4, height=6.4, sharex=True, sharey=True)
    gates: list[tuple[str, Any]] = [("AND", AND), ("NAND", NAND), ("OR", OR), ("XOR", XOR)]
    for ax, (name, gate) in zip(axes.flat, gates, strict=True):
        if isinstance(gate, Perceptron):
            side_of_ones(ax, gate)
        else:
            for unit, style in zip((AND, OR, Perceptron([1, -0.9], -0.5)), STYLES[1:], strict=False):
                ends = np.array([LOW, HIGH])
                look = {key: style[key] for key in ("color", "linestyle")}
                ax.plot(ends, -(unit.w[0] * ends + unit.b) / unit.w[1], linewidth=1.6, **look)
        for x1, x2 in np.ndindex(2, 2):
            y = gate(x1, x2)
            ax.plot(
                x1,
                x2,
                "o",
                color=INK if y else PAPER,
                markeredgecolor=INK,
                markeredgewidth=1.8,
                markersize=13,
            )
        ax.set_title(name, fontsize=14, pad=7)
        ax.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xticks=(0, 1), yticks=(0, 1), aspect="equal")
        ax.grid(False)
    for ax in axes[1]:
        ax.set_xlabel("$x_1$")
    for ax in axes[:, 0]:
        ax.set_ylabel("$x_2$", rotation=0, labelpad=12)
    return fig


def side_of_ones(ax: Axes, unit: Perceptron) -> None:
    """Fill the side where the answer is 1, and draw the line and the arrow of its weights."""
    ends = np.array([LOW, HIGH])
    line = -(unit.w[0] * ends + unit.b) / unit.w[1]
    far = HIGH + 1 if unit.w[1] > 0 else LOW - 1
    ax.fill_between(ends, line, far, color=FAINT, linewidth=0, zorder=0)
    ax.plot(ends, line, color=BLUE)
    # From the line, at x1 = x2, along the weights.
    foot = np.full(2, -unit.b / unit.w.sum())
    tip = foot + 0.3 * unit.w / np.linalg.norm(unit.w)
    arrow(ax, (foot[0], foot[1]), (tip[0], tip[1]), color=ORANGE)
