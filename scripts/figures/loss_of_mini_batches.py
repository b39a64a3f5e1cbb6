"""How far the losses of mini-batches scatter around the loss of all samples, by their size."""

import numpy as np

from scripts.figures.style import BLUE, INK, ORANGE, Figure, Result, subplots


def draw(loss_of_a_network: Result) -> Figure:
    batches = loss_of_a_network["batches"]
    fig, ax = subplots(width=6.0, height=4.0)
    rng = np.random.default_rng(0)
    for place, size in enumerate(batches["sizes"]):
        losses = np.array(size["losses"])
        spread = batches["spread"] / np.sqrt(size["N"])
        ax.plot(place + rng.uniform(-0.22, 0.22, len(losses)), losses, "o", color=BLUE, markersize=2.6)
        ends = [batches["all"] - spread, batches["all"] + spread]
        ax.plot([place + 0.34] * 2, ends, color=ORANGE, linewidth=3.5)
    ax.axhline(batches["all"], color=INK, linewidth=1.2, linestyle=(0, (5, 3)), zorder=0.5)
    ax.set_xticks(range(len(batches["sizes"])), [f"{size['N']:,}" for size in batches["sizes"]])
    ax.set(xlabel="$N$", ylabel="$E$", ylim=(0, None), xlim=(-0.4, len(batches["sizes"]) - 0.45))
    ax.grid(axis="x", visible=False)
    return fig
