"""Errors of the central difference against the step, for weights of a network on MNIST."""

import numpy as np

from scripts.figures.style import BLUE, ORANGE, Figure, Result, subplots


def draw(derivative_of_loss: Result) -> Figure:
    fig, ax = subplots(height=4.2)
    h = np.array(derivative_of_loss["h"])
    bottom = 1e-12
    for dtype, color, marker, dashes in (
        ("float32", ORANGE, "s", (0, (5, 1.6))),
        ("float64", BLUE, "o", "-"),
    ):
        central = derivative_of_loss[dtype]["central"]
        for errors in np.array(central["errors"]):
            seen = errors > 0
            ax.loglog(h[seen], errors[seen], marker, color=color, markersize=2.8, alpha=0.45)
        ax.loglog(h, central["median"], color=color, linestyle=dashes, linewidth=2.4)
        best_h = derivative_of_loss[dtype]["predicted_best_h"]
        ax.plot(best_h, bottom * 1.6, "^", color=color, markersize=9, clip_on=False)
    ax.text(1.5e-10, 2.4, "float32", color=ORANGE)
    ax.text(2e-9, 2e-9, "float64", color=BLUE)
    ax.set(xlabel="$h$", ylabel=r"$|\,D(h)\,/\,f' - 1\,|$", ylim=(bottom, 30))
    ax.set_yticks([10.0**k for k in range(-12, 1, 3)])
    return fig
