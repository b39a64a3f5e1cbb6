"""The loss of ten sick networks, epoch by epoch, each beside its cure."""

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from scripts.figures.style import BLUE, ORANGE, Figure, Result, subplots

LOOKS: dict[str, dict[str, Any]] = {
    "cured": {"color": BLUE, "linestyle": "-", "linewidth": 2.2},
    "sick": {"color": ORANGE, "linestyle": (0, (4, 1.4)), "linewidth": 1.7},
}
TOP = 3.0


def draw(sick_networks: Result) -> Figure:
    fig, axes = subplots(2, 5, height=4.0, sharex=True, sharey=True)
    epochs = np.arange(sick_networks["epochs"]) + 1
    for number, (ax, patient) in enumerate(zip(axes.flat, sick_networks["patients"], strict=True), start=1):
        for state, look in LOOKS.items():
            ax.plot(epochs, patient[state]["loss"], **look)
        ax.set_title(str(number), loc="left")
    axes[0, 0].set(xlim=(0, epochs[-1] + 1), ylim=(0, TOP), xticks=[0, 10, 20], yticks=[0, 1, 2, 3])
    for ax in axes[:, 0]:
        ax.set_ylabel("$L$")
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    handles = [Line2D([], [], **look, label=state) for state, look in reversed(LOOKS.items())]
    fig.legend(handles=handles, loc="outside lower center", ncols=2, handlelength=3.2)
    return fig
