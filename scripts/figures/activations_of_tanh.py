"""Histograms of the outputs of five layers of tanh units, for five kinds of initial weights."""

from scripts.figures.activations_of_sigmoids import histograms
from scripts.figures.style import Figure, Result


def draw(initial_signals: Result) -> Figure:
    fig = histograms(initial_signals, "tanh")
    for ax in fig.axes:
        ax.set(xlim=(-1.06, 1.06), xticks=[-1, 0, 1])
        ax.set_xticklabels(["−1", "0", "1"])
    return fig
