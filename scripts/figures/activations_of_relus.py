"""Histograms of the outputs of five layers of ReLUs, as powers of ten, for five kinds of initial weights."""

from scripts.figures.activations_of_sigmoids import histograms
from scripts.figures.style import Figure, Result


def draw(initial_signals: Result) -> Figure:
    fig = histograms(initial_signals, "relu")
    for ax in fig.axes:
        ax.set(xlim=(-8, 7), xticks=[-5, 0, 5])
        ax.set_xticklabels(["$10^{-5}$", "$1$", "$10^5$"])
    for row in range(5):  # where all units put out 0
        fig.axes[5 * row].text(-0.5, 0.3, "0", ha="center", fontsize=13)
    return fig
