"""Seconds for one gradient by backpropagation, against the number of hidden units, and a line of slope 1."""

import numpy as np

from scripts.figures.style import MUTED, STYLES, Figure, Result, subplots


def draw(training: Result) -> Figure:
    rows = training["growth"]["hidden"]
    fig, ax = subplots(height=3.6)
    widths = np.array([row["hidden"] for row in rows])
    microseconds = np.array([1e6 * row["backward_seconds"] for row in rows])
    ax.loglog(
        widths, microseconds[-1] * widths / widths[-1], color=MUTED, linewidth=1.2, linestyle=(0, (2, 2))
    )
    ax.plot(widths, microseconds, **STYLES[0], markersize=7)
    ax.set(xlabel="$H$", ylabel="µs")
    return fig
