"""Three points with a straight line near them and a parabola through them, and where both go from there."""

import numpy as np

from scripts.figures.style import INK, STYLES, Figure, subplots


def draw() -> Figure:
    x, t = np.array([0.0, 1, 2]), np.array([0.0, 2, 2])
    wide = np.linspace(-0.4, 3.25, 80)
    fig, ax = subplots(width=5.6, height=3.6)
    for degree, style, name, place in (
        (1, STYLES[0], "line", (2.3, 3.1)),
        (2, STYLES[1], "parabola", (2.45, 0.6)),
    ):
        curve = np.polyfit(x, t, degree)
        ax.plot(wide, np.polyval(curve, wide), **{**style, "marker": ""})
        ax.plot(3, np.polyval(curve, 3), marker=style["marker"], color=style["color"], markersize=9)
        ax.text(*place, name, color=style["color"], ha="right", fontsize=14)
    ax.plot(x, t, "o", color=INK, markersize=9, zorder=3)
    ax.plot(3, 3, "x", color=INK, markersize=11, markeredgewidth=2.2, zorder=3)
    ax.set(xlabel="$x$", ylabel="$t$", xlim=(-0.4, 3.4), ylim=(-0.9, 4), xticks=range(4), yticks=range(5))
    return fig
