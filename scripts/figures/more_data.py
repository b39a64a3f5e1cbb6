"""Training and test accuracy against the number of training samples."""

import numpy as np

from scripts.figures.style import BLUE, ORANGE, STYLES, Figure, Result, subplots


def draw(more_data: Result) -> Figure:
    rows = more_data["sizes"]
    M = np.array([row["samples"] for row in rows])
    train, test = (np.array([row[f"{part}_accuracy"] for row in rows]) for part in ("train", "test"))
    fig, ax = subplots(width=6.0, height=4.0)
    ax.plot(M, train, **STYLES[0])
    ax.plot(M, test, **STYLES[1])
    for row in rows:
        ax.plot(
            [row["samples"]] * len(row["each"]),
            row["each"],
            "_",
            color=ORANGE,
            markersize=11,
            markeredgewidth=1.3,
        )
    ax.text(M[1] * 1.1, 1.012, "train", color=BLUE, va="bottom", fontsize=15)
    ax.text(M[1] * 1.15, test[1] - 0.015, "test", color=ORANGE, va="top", fontsize=15)
    ax.set(xscale="log", xlabel="$M$", ylabel="accuracy", ylim=(0.6, 1.05))
    ax.set_xticks(M, [f"{m:,}" for m in M])
    ax.minorticks_off()
    return fig
