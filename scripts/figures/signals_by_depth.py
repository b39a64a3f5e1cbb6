"""Signals forward and gradients back through twenty layers of ReLUs, as measured and as derived."""

import numpy as np

from scripts.figures.style import MUTED, STYLES, Figure, Result, label_lines, subplots

STARTS = {"one": "1", "he": "He", "xavier": "Xavier", "small": "0.01"}
LOOKS = dict(zip(("he", "small", "xavier", "one"), STYLES, strict=False))


def draw(initial_signals: Result) -> Figure:
    hidden, depth = initial_signals["hidden"], initial_signals["depth"]
    variances = {"one": 1, "he": 2 / hidden, "xavier": 1 / hidden, "small": 0.01**2}
    layers = np.arange(1, depth + 1)
    fig, (left, right) = subplots(1, 2, height=4.0, sharey=True)
    for name, label in STARTS.items():
        measured = initial_signals["deep"]["relu"][name]
        forward, back = np.array(measured["z"]), np.array(measured["ds"])[:depth]
        factor = (hidden * variances[name] / 2) ** 0.5  # of the root of the mean square
        for ax, values, derived in (
            (left, forward, forward[0] * factor ** (layers - 1)),
            (right, back, back[-1] * factor ** (depth - layers)),
        ):
            ax.semilogy(layers, derived, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), label="_")
            ax.semilogy(layers, values, **LOOKS[name], markevery=[0, 4, 9, 14, 19], label=label)
    for ax in left, right:
        ax.set(xlim=(0.4, depth + 0.6), xticks=[1, 5, 10, 15, 20], xlabel="layer $l$", ylim=(1e-26, 1e22))
    left.set_yticks([1e-20, 1e-10, 1, 1e10, 1e20])
    left.set_title("$z_l$", loc="left")
    right.set_title("$\\partial L / \\partial s_l$", loc="left")
    left.set_ylabel("root mean square")
    label_lines(left)
    ends = {"one": (1.5, 1e18), "he": (1.0, 3), "xavier": (1.0, 2e-7), "small": (3.2, 3e-25)}
    for name, place in ends.items():
        right.text(*place, STARTS[name], color=LOOKS[name]["color"])
    return fig
