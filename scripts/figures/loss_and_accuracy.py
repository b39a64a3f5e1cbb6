"""Loss and accuracy of a network along a line through its parameters, and a short piece of it magnified."""

import numpy as np

from scripts.figures.style import BLUE, FAINT, ORANGE, Figure, Result, subplots


def draw(loss_of_a_network: Result) -> Figure:
    line = loss_of_a_network["line"]
    fig, axes = subplots(2, 2, width=6.4, height=5.0, sharex="col")
    fig.get_layout_engine().set(wspace=0.06, hspace=0.05)
    for column, part in zip(axes.T, ("wide", "near"), strict=True):
        r = np.array(line["r"][part])
        for ax, name, color in zip(column, ("loss", "accuracy"), (BLUE, ORANGE), strict=True):
            steps = "steps-mid" if name == "accuracy" else "default"
            ax.plot(r, line[name][part], color=color, drawstyle=steps)
            ax.margins(x=0)
        column[1].set_xlabel("$r$")
    (loss, _), (accuracy, near_accuracy) = axes
    for ax in (loss, accuracy):
        ax.axvspan(line["r"]["near"][0], line["r"]["near"][-1], color=FAINT, zorder=0.5)
    loss.set(ylabel="$L$", ylim=(0, None))
    accuracy.set(ylabel="accuracy", ylim=(0, 1), xticks=[0, 0.5, 1, 1.5])
    near_accuracy.set_xticks([0.3, 0.32, 0.34])
    return fig
