"""The still picture of gates.js: the corners of AND, and a line that gets two of them right."""

import numpy as np

from dlbook.perceptron import AND, OR
from scripts.figures.style import BLUE, FAINT, INK, PAPER, Figure, subplots

LOW, HIGH = -0.4, 1.4


def draw() -> Figure:
    fig, (plane, table) = subplots(1, 2, width=6.4, height=3.1)
    ends = np.array([LOW, HIGH])
    line = -(OR.w[0] * ends + OR.b) / OR.w[1]
    plane.fill_between(ends, line, HIGH + 1, color=FAINT, linewidth=0, zorder=0)
    plane.plot(ends, line, color=BLUE)
    looks = {"markeredgecolor": INK, "markeredgewidth": 1.8, "markersize": 13}
    columns = ["$x_1$", "$x_2$", "wanted", "answer", "right"]
    for column, words in enumerate(columns):
        table.text(0.12 + 0.2 * column, 0.85, words, ha="center")
    for row, (x1, x2) in enumerate(np.ndindex(2, 2)):
        wanted, answer = AND(x1, x2), OR(x1, x2)
        plane.plot(x1, x2, "o", color=INK if wanted else PAPER, **looks)
        for column, words in enumerate((x1, x2, wanted, answer, "✓" if wanted == answer else "✗")):
            table.text(0.12 + 0.2 * column, 0.68 - 0.16 * row, str(words), ha="center")
    plane.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xticks=(0, 1), yticks=(0, 1), aspect="equal")
    plane.set_xlabel("$x_1$")
    plane.set_ylabel("$x_2$", rotation=0, labelpad=12)
    plane.grid(False)
    table.set_axis_off()
    return fig
