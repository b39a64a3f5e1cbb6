"""Seconds per sample for one gradient by backpropagation, against the size of the mini-batch."""

from scripts.figures.style import STYLES, Figure, Result, subplots


def draw(training: Result) -> Figure:
    rows = training["growth"]["batch"]
    fig, ax = subplots(height=3.6)
    microseconds = [1e6 * row["backward_seconds_a_sample"] for row in rows]
    ax.loglog([row["batch"] for row in rows], microseconds, **STYLES[0], markersize=7)
    ax.set(xlabel="$N$", ylabel="µs")
    return fig
