"""Accuracy and loss of a network on 300 training digits and on the test digits, from epoch to epoch."""

import numpy as np

from scripts.figures.style import BLUE, GREEN, INK, ORANGE, STYLES, Figure, Result, subplots


def draw(overfitting: Result) -> Figure:
    epochs = overfitting["watched"]
    plain, decayed = overfitting["curves"]
    last = epochs[-1]
    fig, (ax, below) = subplots(2, 1, width=6.4, height=6.2, sharex=True)
    for part, style in zip(("train", "test"), STYLES, strict=False):
        for axes, kind in ((ax, "accuracy"), (below, "loss")):
            runs = np.array(plain[f"{part}_{kind}"])
            axes.plot(epochs, runs.T, color=style["color"], linewidth=0.7, alpha=0.5)
            axes.plot(epochs, runs.mean(axis=0), **style)
    below.plot(epochs, np.mean(decayed["test_loss"], axis=0), **STYLES[2])

    train, test = (np.mean(plain[f"{part}_accuracy"], axis=0)[-1] for part in ("train", "test"))
    ax.annotate(
        "",
        (last - 3, test + 0.015),
        xytext=(last - 3, train - 0.015),
        arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 1.3},
    )
    ax.text(last - 4.5, (train + test) / 2, "gap", ha="right", va="center", fontsize=15)
    ax.text(0.5 * last, 1.02, "train", color=BLUE, ha="center", va="bottom", fontsize=15)
    ax.text(0.5 * last, test - 0.03, "test", color=ORANGE, ha="center", va="top", fontsize=15)
    ax.set(ylabel="accuracy", ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])

    losses = {name: np.mean(plain[f"{name}_loss"], axis=0) for name in ("train", "test")}
    below.text(last + 1.2, losses["train"][-1], "train", color=BLUE, va="center", fontsize=15)
    below.text(last + 1.2, losses["test"][-1] * 1.25, "test", color=ORANGE, va="center", fontsize=15)
    below.text(
        last + 1.2,
        np.mean(decayed["test_loss"], axis=0)[-1] / 1.3,
        f"test, $\\lambda = {overfitting['ways'][1]['weight_decay']:g}$",
        color=GREEN,
        va="center",
        fontsize=14,
    )
    below.set(xlabel="epoch", ylabel="$L$", yscale="log", xlim=(0, last + 1))
    below.set_yticks([0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], ["0.003", "0.01", "0.03", "0.1", "0.3", "1", "3"])
    below.minorticks_off()
    return fig
