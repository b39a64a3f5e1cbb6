"""XOR on its own plane, cut by NAND and OR, and on the plane of their answers, cut by AND."""

import numpy as np

from dlbook.perceptron import AND, NAND, OR, XOR
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, PAPER, PINK, Figure, subplots

LOW, HIGH = -0.5, 1.5
DOT = {"markeredgecolor": INK, "markeredgewidth": 1.8, "markersize": 13}


def draw() -> Figure:
    fig, (before, after) = subplots(1, 2, width=7.2, height=3.8)
    ends = np.array([LOW, HIGH])
    nand, or_, and_ = (-(unit.w[0] * ends + unit.b) / unit.w[1] for unit in (NAND, OR, AND))
    before.fill_between(ends, or_, nand, color=FAINT, linewidth=0, zorder=0)
    before.plot(ends, nand, color=ORANGE)
    before.plot(ends, or_, color=BLUE, linestyle=(0, (5, 1.6)))
    before.text(-0.47, 1.36, "NAND", color=ORANGE, ha="left", va="center", fontsize=13)
    before.text(-0.47, 0.36, "OR", color=BLUE, ha="left", va="center", fontsize=13)
    after.fill_between(ends, and_, HIGH + 1, color=FAINT, linewidth=0, zorder=0)
    after.plot(ends, and_, color=PINK, linestyle=(0, (6, 1.6, 1.2, 1.6)))
    after.text(0.62, 0.5, "AND", color=PINK, ha="right", va="center", fontsize=13)
    for x1, x2 in np.ndindex(2, 2):
        color = INK if XOR(x1, x2) else PAPER
        before.plot(x1, x2, "o", color=color, **DOT)
        before.annotate(f"${x1}, {x2}$", (x1, x2), (9, -15), textcoords="offset points", fontsize=12.5)
        after.plot(NAND(x1, x2), OR(x1, x2), "o", color=color, **DOT)
    for place, text, ha in (((1, 0), "$0, 0$", "center"), ((0, 1), "$1, 1$", "center")):
        after.annotate(text, place, (0, -19), textcoords="offset points", ha=ha, va="center", fontsize=12.5)
    after.annotate(
        "$0, 1$ and $1, 0$",
        (1, 1),
        (0, 18),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=12.5,
    )
    for ax, names in ((before, ("$x_1$", "$x_2$")), (after, ("NAND", "OR"))):
        ax.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xticks=(0, 1), yticks=(0, 1), aspect="equal")
        ax.set_xlabel(names[0])
        ax.set_ylabel(names[1])
        ax.grid(False)
    return fig
