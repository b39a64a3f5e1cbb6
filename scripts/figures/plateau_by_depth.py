"""How many mini-batches a ReLU network needs to leave its first plateau, by the number of hidden layers."""

from scripts.figures.signals_by_depth import LOOKS
from scripts.figures.style import MUTED, PAPER, Figure, Result, arrow, subplots

NAMES = {"std 0.01": "small", "Xavier": "xavier", "He": "he"}


def draw(plateau_by_depth: Result) -> Figure:
    limit = plateau_by_depth["limit"]
    fig, ax = subplots(width=6.0, height=3.7)
    ax.axhline(limit, color=MUTED, linewidth=1.2, linestyle=(0, (2, 2)))
    for start in plateau_by_depth["starts"]:
        look = LOOKS[NAMES[start["start"]]]
        left = [run for run in start["runs"] if run["left"]]
        ax.semilogy([run["depth"] for run in left], [run["iterations"] for run in left], **look)
        for run in start["runs"][len(left) :]:
            edge = {"markerfacecolor": PAPER, "markeredgecolor": look["color"], "markeredgewidth": 1.6}
            ax.plot(run["depth"], limit, look["marker"], markersize=8, **edge)
            arrow(ax, (run["depth"], 1.1 * limit), (run["depth"], 1.5 * limit), color=look["color"])
        name, (x, y) = start["start"].removeprefix("std "), (left[-1]["depth"], left[-1]["iterations"])
        below = 0.72 if len(left) < len(start["runs"]) else 1
        ax.text(x + 0.12, y * below, name, color=look["color"], va="center")
    ax.set(xlim=(0.7, 6.9), xlabel="hidden layers", ylabel="iterations", ylim=(20, 1000))
    ax.set_yticks([20, 50, 100, 200, limit], ["20", "50", "100", "200", f"{limit}"])
    ax.minorticks_off()
    return fig
