"""The noise of a mini-batch's gradient, against its size; below, the accuracy after one epoch."""

import numpy as np

from scripts.figures.style import BLUE, INK, MUTED, ORANGE, Figure, Result, subplots


def draw(batch_size: Result) -> Figure:
    noise, trained = batch_size["noise"], batch_size["trained"]
    fig, (ax, below) = subplots(2, 1, width=6.0, height=5.8, sharex=True)
    N = np.array([row["batch_size"] for row in noise])
    line = batch_size["noise_of_one"] / np.sqrt(N)
    ax.axhline(1, color=INK, linewidth=1)
    ax.plot(N, line, color=MUTED, linestyle=(0, (5, 2)), linewidth=1.5)
    ax.plot(N, [row["noise"] for row in noise], "o", color=BLUE, markersize=8)
    ax.text(N[3] * 1.3, line[3] * 1.15, r"$1/\sqrt{N}$", color=MUTED, fontsize=17)
    ax.set(xscale="log", yscale="log", ylabel=r"$\Vert g_B - g\,\Vert\;/\;\Vert g\,\Vert$")
    ax.set_yticks([1, 10], ["1", "10"])

    sizes = [row["batch_size"] for row in trained]
    below.plot(sizes, [row["test_accuracy"] for row in trained], color=ORANGE, marker="s", markersize=7)
    below.set(xlabel="$N$", ylabel="accuracy", ylim=(0, 1))
    ticks = [1, 10, 100, 1000, 10000]
    below.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    return fig
