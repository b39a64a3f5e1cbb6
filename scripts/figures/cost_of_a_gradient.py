"""What a gradient costs, in forward passes, against the number of parameters: by differences, by layers."""

import numpy as np

from scripts.figures.style import BLUE, MUTED, ORANGE, PAPER, Figure, Result, subplots


def draw(cost_of_a_gradient: Result) -> Figure:
    rows, full = cost_of_a_gradient["widths"], cost_of_a_gradient["full"]
    large = full["parameters"]
    fig, ax = subplots(height=4.2)
    parameters = [row["parameters"] for row in rows]
    line = np.array([100, 1e5])
    ax.loglog(line, 2 * line, color=MUTED, linewidth=1.2, linestyle=(0, (2, 2)))
    ax.plot(parameters, [row["passes_numerical"] for row in rows], color=ORANGE, marker="s", markersize=8)
    ax.plot(
        [*parameters, large],
        [row["passes_backward"] for row in [*rows, full]],
        color=BLUE,
        marker="o",
        markersize=8,
    )
    hollow = {"markerfacecolor": PAPER, "markeredgecolor": ORANGE, "markeredgewidth": 2}
    ax.plot(large, full["evaluations"], "s", markersize=9, **hollow)  # counted, not timed
    code = {"family": "DejaVu Sans Mono", "fontsize": 13.5}
    ax.text(130, 8e3, "numerical_gradient", color=ORANGE, **code)
    ax.text(130, 3.2, "gradient", color=BLUE, **code)
    ax.text(1.3e4, 1.25e4, "$2P$", color=MUTED, fontsize=15)
    ax.text(large, 7, "784-50-10", color=MUTED, ha="center")
    ax.set(xlabel="$P$", ylabel=r"$T_{\nabla} \, / \, T_L$", xlim=(100, 1e5), ylim=(0.7, 3e5))
    return fig
