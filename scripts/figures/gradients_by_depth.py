"""Gradients in twenty layers of each activation: of the sums, and of the weights."""

import numpy as np

from scripts.figures.signals_by_depth import LOOKS
from scripts.figures.style import Figure, Result, subplots

NAMES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
STARTS = {"one": "1", "he": "He", "xavier": "Xavier", "small": "0.01"}


def draw(initial_signals: Result) -> Figure:
    depth = initial_signals["depth"]
    layers = np.arange(1, depth + 1)
    fig, axes = subplots(2, 3, height=5.4, sharex=True, sharey=True)
    for column, (activation, title) in enumerate(NAMES.items()):
        for name, label in STARTS.items():
            measured = initial_signals["deep"][activation][name]
            for ax, key in zip(axes[:, column], ("ds", "dW"), strict=True):
                look = LOOKS[name] | {"linewidth": 1.7, "markevery": [0, 6, 12, 19]}
                ax.semilogy(layers, measured[key][:depth], **look, label=label)
        axes[0, column].set_title(title, loc="left")
        axes[1, column].set(xlabel="layer $l$", xticks=[1, 10, 20])
    axes[0, 0].set(ylim=(1e-36, 1e24), yticks=[1e-30, 1e-20, 1e-10, 1, 1e10, 1e20])
    axes[0, 0].set_ylabel("$\\partial L / \\partial s_l$")
    axes[1, 0].set_ylabel("$\\partial L / \\partial W_l$")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=3.2)
    return fig
