"""The loss of each of 6,000 mini-batches just before its update, and its mean over 100."""

import numpy as np

from scripts.figures.style import BLUE, MUTED, ORANGE, Figure, Result, subplots

WINDOW = 100


def draw(two_layer: Result) -> Figure:
    loss = np.array(two_layer["loss"])
    mean = np.convolve(loss, np.full(WINDOW, 1 / WINDOW), mode="valid")
    middle = np.arange(len(mean)) + (WINDOW + 1) / 2
    chance = np.log(two_layer["output_size"])

    fig, ax = subplots(width=6.4, height=3.8)
    ax.axhline(chance, color=MUTED, linestyle=(0, (1.2, 1.2)), linewidth=1.4)
    ax.text(len(loss), chance - 0.04, r"$\log\,10$", ha="right", va="top", color=MUTED, fontsize=14)
    ax.plot(np.arange(1, len(loss) + 1), loss, color=BLUE, linewidth=0.5)
    ax.plot(middle, mean, color=ORANGE, linewidth=2.6)
    ax.set(xlabel="$i$", ylabel="$L$", xlim=(0, len(loss)), ylim=(0, 2.5))
    # A mark an epoch, a number every other one.
    ticks = range(0, len(loss) + 1, two_layer["iterations_per_epoch"])
    ax.set_xticks(ticks, [f"{i:,}" if i % (2 * ticks.step) == 0 else "" for i in ticks])
    return fig
