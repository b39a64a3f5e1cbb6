"""XOR as a network: two inputs, NAND and OR, and AND, with every weight and bias."""

from typing import Any

from dlbook.perceptron import AND, NAND, OR
from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, PINK, Axes, Figure, arrow, subplots


def draw() -> Figure:
    fig, ax = subplots(width=6.6, height=3.6)
    ax.set(xlim=(-0.6, 8.2), ylim=(-0.9, 3.9), aspect="equal")
    ax.axis("off")
    inputs, hidden, output = [(0.0, 2.8), (0.0, 0.2)], [(3.2, 2.8), (3.2, 0.2)], (6.2, 1.5)
    looks = [(ORANGE, "-"), (BLUE, (0, (5, 1.6))), (PINK, (0, (6, 1.6, 1.2, 1.6)))]
    for unit, place, look in zip((NAND, OR), hidden, looks, strict=False):
        for w, start in zip(unit.w, inputs, strict=True):
            connect(ax, start, place, w, look, 0.3)
    for w, start in zip(AND.w, hidden, strict=True):
        connect(ax, start, output, w, looks[2], 0.55)
    arrow(ax, (output[0] + 0.6, 1.5), (7.55, 1.5))
    ax.text(7.9, 1.5, "$y$", ha="center", va="center", fontsize=18)
    for number, place in enumerate(inputs, start=1):
        ax.plot(*place, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=1.4, markersize=30)
        ax.text(*place, f"$x_{number}$", ha="center", va="center", fontsize=16)
    for name, unit, (x, y), (color, _) in zip(
        ("NAND", "OR", "AND"), (NAND, OR, AND), [*hidden, output], looks, strict=True
    ):
        ax.plot(x, y, "o", color=PAPER, markeredgecolor=color, markeredgewidth=2, markersize=46)
        ax.text(x, y, name, ha="center", va="center", fontsize=12, color=color)
        ax.text(x, y - 0.88, f"$b = {unit.b}$", ha="center", va="center", fontsize=13.5, color=MUTED)
    return fig


def connect(ax: Axes, start: tuple, end: tuple, weight: float, look: tuple[str, Any], where: float) -> None:
    """Draw a connection, and write its weight at a share of the way."""
    color, dashes = look
    (x0, y0), (x1, y1) = start, end
    ax.plot([x0, x1], [y0, y1], color=color, linestyle=dashes, linewidth=1.8, zorder=0)
    ax.text(
        x0 + where * (x1 - x0),
        y0 + where * (y1 - y0),
        f"${weight}$",
        ha="center",
        va="center",
        fontsize=13.5,
        color=color,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
    )
