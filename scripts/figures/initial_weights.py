"""Training curves of five hidden layers: three activations, and the first weights that let them learn or not."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scripts.figures.signals_by_depth import LOOKS
from scripts.figures.style import subplots

WINDOW = 10
NAMES = {"std 1": "one", "std 0.01": "small", "Xavier": "xavier", "He": "he"}


def draw(initial_weights: dict[str, Any]) -> Figure:
    fig, axes = subplots(1, 3, height=3.7, sharex=True, sharey=True)
    for ax, activation in zip(axes, ("ReLU", "tanh", "sigmoid"), strict=True):
        for run in initial_weights["runs"]:
            if run["activation"] == activation:
                smooth = np.convolve(run["loss"], np.full(WINDOW, 1 / WINDOW), mode="valid")
                look = LOOKS[NAMES[run["start"]]]
                iterations = np.arange(len(smooth)) + WINDOW
                ax.plot(
                    iterations, smooth, **look, markevery=(20, 50), label=run["start"].removeprefix("std ")
                )
        ax.set_title(activation, loc="left")
        ax.set_xlabel("iteration")
        ax.legend(loc="lower left", handlelength=2.6, borderaxespad=0.1)
    axes[0].set(ylabel="$L$", xlim=(0, initial_weights["iterations"]), ylim=(0, 2.9), xticks=[0, 100, 200])
    return fig
