"""Training curves of five hidden layers, for three activations and four kinds of initial weights."""

import numpy as np
from matplotlib.lines import Line2D

from scripts.figures.signals_by_depth import LOOKS
from scripts.figures.style import Figure, Result, subplots

WINDOW = 10
NAMES = {"std 1": "one", "He": "he", "Xavier": "xavier", "std 0.01": "small"}


def draw(initial_weights: Result) -> Figure:
    fig, axes = subplots(1, 3, height=3.9, sharex=True, sharey=True)
    for ax, activation in zip(axes, ("ReLU", "tanh", "sigmoid"), strict=True):
        for run in initial_weights["runs"]:
            if run["activation"] == activation:
                smooth = np.convolve(run["loss"], np.full(WINDOW, 1 / WINDOW), mode="valid")
                name = NAMES[run["start"]]
                marks = {"small": 10, "xavier": 30, "he": 45, "one": 45}[name]
                iterations = np.arange(len(smooth)) + WINDOW
                ax.plot(iterations, smooth, **LOOKS[name], markevery=(marks, 50), linewidth=1.7)
        ax.set_title(activation, loc="left")
        ax.set_xlabel("iteration")
    axes[0].set(ylabel="$L$", xlim=(0, initial_weights["iterations"]), ylim=(0, 2.9), xticks=[0, 100, 200])
    handles = [
        Line2D([], [], **LOOKS[name], label=label.removeprefix("std ")) for label, name in NAMES.items()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=4, handlelength=3.2)
    return fig
