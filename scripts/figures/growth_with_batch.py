"""Seconds a sample of one gradient by backpropagation against the size of the mini-batch."""

from typing import Any

from matplotlib.figure import Figure

from scripts.figures.style import STYLES, subplots


def draw(training: dict[str, Any]) -> Figure:
    rows = training["growth"]["batch"]
    fig, ax = subplots(height=3.6)
    microseconds = [1e6 * row["backward_seconds_a_sample"] for row in rows]
    ax.loglog([row["batch"] for row in rows], microseconds, **STYLES[0], markersize=7)
    ax.set(xlabel="$N$", ylabel="µs")
    return fig
