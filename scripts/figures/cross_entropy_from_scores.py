"""The loss of two scores that lie far apart: from the probabilities, and straight from the scores."""

import numpy as np

from dlbook.activations import softmax
from dlbook.losses import cross_entropy_error, softmax_cross_entropy
from scripts.figures.style import STYLES, Figure, subplots


def draw() -> Figure:
    gaps = np.linspace(0, 1000, 501)
    scores = np.array([np.zeros_like(gaps), gaps]).T  # the right class is the first
    with np.errstate(divide="ignore"):
        exact = np.array([cross_entropy_error(softmax(row), 0, delta=0) for row in scores])
    capped = [cross_entropy_error(softmax(row), 0) for row in scores]
    straight = [softmax_cross_entropy(row, 0) for row in scores]
    last = np.flatnonzero(np.isfinite(exact))[-1]
    blue, orange, green = ({**style, "marker": ""} for style in STYLES[:3])
    fig, ax = subplots(width=6.0, height=4.0)
    broad = {"color": orange["color"], "linewidth": 7, "alpha": 0.4, "solid_capstyle": "butt"}
    ax.plot(gaps[: last + 1], exact[: last + 1], **broad)
    ax.plot(gaps[last], exact[last], marker="s", markersize=9, color=orange["color"])
    ax.plot(gaps, straight, **blue)
    ax.plot(gaps, capped, **green)
    labels = [
        ("softmax_cross_entropy", (820, 860), "right", blue),
        (r"$y = 0$,  $-\log y = \infty$", (990, 610), "right", orange),
        (rf"$-\log(y + 10^{{-7}}) \leq {max(capped):.1f}$", (990, 45), "right", green),
    ]
    for text, place, side, style in labels:
        ax.text(*place, text, ha=side, color=style["color"], fontsize=14)
    ax.set(xlim=(0, 1000), ylim=(0, 1000), xlabel="$a_1 - a_0$", ylabel="$E$")
    return fig
