"""The values of exp that float64 can hold within a few spacings of 1: a staircase, not a curve."""

import numpy as np

from scripts.figures.style import BLUE, INK, ORANGE, Figure, subplots

EPSILON = np.finfo(float).eps


def draw() -> Figure:
    # Below 1, floats lie half as far apart as above it.
    floats = 1 + EPSILON * np.concatenate([np.arange(-10, 0) / 2, np.arange(6)])
    place, height = (floats - 1) / EPSILON, (np.exp(floats) - np.e) / EPSILON
    middles = (place[1:] + place[:-1]) / 2

    fig, ax = subplots(height=3.8)
    ends = np.array([-4.75, 4.5])
    ax.plot(ends, np.e * ends, color=ORANGE, linestyle=(0, (5, 1.6)), linewidth=1.6)
    ax.stairs(height[1:-1], middles, baseline=None, color=BLUE, linewidth=1.3)
    for here, there in ((-0.5, 0), (0, 1)):
        first, second = np.searchsorted(place, (here, there))
        rise = height[second] - height[first]
        ax.plot([here, there], height[[first, second]], color=INK, linewidth=2.6)
        at = ((here + there) / 2, (height[first] + height[second]) / 2)
        ax.annotate(
            f"{rise / (there - here):.0f}",
            at,
            xytext=(-4, 5),
            textcoords="offset points",
            ha="right",
            size=15,
        )
    ax.plot(place[1:-1], height[1:-1], "o", color=BLUE, markersize=7)
    ax.annotate(
        "$e$", (ends[0], np.e * ends[0]), xytext=(-14, -8), textcoords="offset points", color=ORANGE, size=16
    )
    ax.set(xlabel=r"$(x - 1)\;/\;\varepsilon$", ylabel=r"$(e^x - e)\;/\;\varepsilon$", xlim=(-5.3, 4.8))
    ax.set_xticks(range(-4, 5, 2))
    ax.set_yticks(range(-12, 13, 4))
    return fig
