"""Test accuracy for weights of seven sizes and five learning rates, without and with batch normalization."""

import numpy as np

from scripts.figures.style import INK, MUTED, PAPER, SEQUENTIAL, Figure, Result, subplots


def draw(batch_norm_rates: Result) -> Figure:
    found = batch_norm_rates
    fig, axes = subplots(1, 2, height=4.3, sharey=True)
    for ax, name, title in zip(axes, ("plain", "normalised"), ("without", "with"), strict=True):
        accuracy = np.array([[cell["test"] if cell else np.nan for cell in row] for row in found[name]])
        ax.pcolormesh(accuracy, cmap=SEQUENTIAL, vmin=0.1, vmax=0.9, edgecolors=PAPER, linewidth=1.5)
        for (i, j), value in np.ndenumerate(accuracy):
            text, color = ("–", MUTED) if np.isnan(value) else (f"{value:.2f}", PAPER if value > 0.5 else INK)
            ax.text(j + 0.5, i + 0.5, text, color=color, ha="center", va="center", fontsize=11.5)
        ax.set_xticks(np.arange(len(found["rates"])) + 0.5, [f"{rate:.2g}" for rate in found["rates"]])
        ax.set_yticks(np.arange(len(found["scales"])) + 0.5, [f"{scale:.2g}" for scale in found["scales"]])
        ax.set(xlabel=r"learning rate $\eta$", title=title)
        ax.grid(False)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
    axes[0].invert_yaxis()  # which the other one shares
    axes[0].set_ylabel("standard deviation of the weights")
    return fig
