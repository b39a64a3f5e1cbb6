"""Secants of exp that turn into its tangent at 1: forward ones on the left, central ones on the right."""

import numpy as np

from dlbook.differentiation import central_difference, forward_difference
from scripts.figures.style import BLUE, INK, ORANGE, PAPER, PINK, Figure, Result, label_lines, subplots

X = 1.0
LOOKS: dict[float, Result] = {
    1.0: {"color": ORANGE, "linestyle": (0, (5, 1.6)), "marker": "s"},
    0.5: {"color": PINK, "linestyle": (0, (6, 1.6, 1.2, 1.6)), "marker": "D"},
}
LEFT_END, RIGHT_END = -0.25, 2.4


def draw() -> Figure:
    fig, axes = subplots(1, 2, height=4.1, sharey=True)
    x = np.linspace(LEFT_END, RIGHT_END, 200)
    for ax, difference, back in zip(axes, (forward_difference, central_difference), (0, 1), strict=True):
        ax.plot(x, np.exp(x), color=BLUE, linewidth=2.6)
        for h, look in LOOKS.items():
            slope = difference(np.exp, X, h)
            ends = np.array([X - back * h, X + h])
            line = np.array([max(ends[0] - 0.3, LEFT_END), RIGHT_END])
            color = look["color"]
            ax.plot(
                line,
                np.exp(ends[1]) + slope * (line - ends[1]),
                color=color,
                linestyle=look["linestyle"],
                label=f"{slope:.2f}",
            )
            ax.plot(ends, np.exp(ends), look["marker"], color=color, markeredgecolor=PAPER, markeredgewidth=1)
        line = np.array([0, RIGHT_END])
        ax.plot(line, np.exp(X) * (1 + line - X), color=INK, linewidth=1.4, label=f"{np.exp(X):.2f}")
        ax.plot(X, np.exp(X), "o", color=INK, markersize=7)
        ax.set(xlim=(LEFT_END, RIGHT_END), ylim=(-0.4, 9.8))
        ax.set_xticks([0, 0.5, 1, 1.5, 2], ["$x-1$", "", "$x$", "", "$x+1$"])
        ax.tick_params("x", labelsize=13)
        ax.grid(False)
        label_lines(ax)
    axes[0].set(ylabel="$f$")
    return fig
