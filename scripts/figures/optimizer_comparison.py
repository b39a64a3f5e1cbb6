"""Six training curves on MNIST: the same network, the same mini-batches, six optimizers."""

import numpy as np

from scripts.figures.style import STYLES, Figure, Result, subplots

WINDOW = 40


def draw(optimizer_comparison: Result) -> Figure:
    fig, ax = subplots(height=4.2)
    for run, style in zip(optimizer_comparison["optimizers"], STYLES, strict=True):
        smooth = np.convolve(run["loss"], np.full(WINDOW, 1 / WINDOW), mode="valid")
        iterations = np.arange(len(smooth)) + WINDOW
        label = f"{run['name']}  $\\eta = {run['lr']:g}$"
        ax.semilogy(iterations, smooth, **style, markevery=80, linewidth=1.8, label=label)
    ax.set(xlabel="iteration", ylabel="$L$", xlim=(WINDOW, optimizer_comparison["iterations"]))
    ax.set_yticks([0.2, 0.3, 0.5, 1, 2], ["0.2", "0.3", "0.5", "1", "2"])
    ax.minorticks_off()
    ax.legend(loc="upper right", handlelength=3.4)
    return fig
