"""Test accuracy after each epoch, as measured and as reported; below, training minus test accuracy."""

import numpy as np

from scripts.figures.style import BLUE, FAINT, GREEN, INK, ORANGE, Figure, Result, subplots


def draw(two_layer: Result) -> Figure:
    rows = two_layer["epochs"]
    epoch = np.array([row["epoch"] for row in rows])
    train = np.array([row["train_accuracy"] for row in rows])
    test = np.array([row["test_accuracy"] for row in rows])
    reported = np.array([row["reported"] for row in rows if row["reported"] is not None])
    chance = np.sqrt(test * (1 - test) / two_layer["test_samples"])

    fig, (ax, below) = subplots(2, 1, width=6.0, height=5.4, sharex=True, height_ratios=(1.7, 1))
    ax.plot(epoch, train, color=BLUE, marker="o", markersize=6)
    ax.plot(epoch, test, color=ORANGE, linestyle=(0, (5, 1.6)), marker="s", markersize=5)
    ax.plot(
        epoch[: len(reported)],
        reported,
        "^",
        markersize=11,
        color=GREEN,
        fillstyle="none",
        markeredgewidth=1.6,
    )
    ax.text(5, train[5] - 0.012, "train", color=BLUE, va="top", fontsize=15)
    ax.text(2.8, test[3] + 0.012, "test", color=ORANGE, ha="right", va="bottom", fontsize=15)
    ax.set(ylabel="accuracy", ylim=(0.75, 0.95), yticks=[0.75, 0.8, 0.85, 0.9, 0.95])

    below.fill_between(epoch, -200 * chance, 200 * chance, color=FAINT, linewidth=0)
    below.axhline(0, color=INK, linewidth=1)
    below.plot(epoch, 100 * (train - test), color=BLUE, marker="o")
    below.set(xlabel="epoch", ylabel="train − test, %", ylim=(-1.4, 1.4), xticks=epoch)
    return fig
