"""Errors of four formulas for the derivative of exp at 1 against the step: float64 above, float32 below."""

import numpy as np

from dlbook.differentiation import (
    central_difference,
    complex_step,
    five_point_difference,
    forward_difference,
)
from scripts.figures.style import INK, MUTED, STYLES, Axes, Figure, subplots

FORMULAS = {
    forward_difference: lambda h: np.e * h / 2,
    central_difference: lambda h: np.e * h**2 / 6,
    five_point_difference: lambda h: np.e * h**4 / 30,
    complex_step: lambda h: np.e * h**2 / 6,
}


def draw() -> Figure:
    fig, (above, below) = subplots(2, 1, height=7.4, sharex=True, height_ratios=(1.5, 1))
    draw_errors(above, np.float64, lowest=3e-17)
    draw_errors(below, np.float32, lowest=1e-9)
    above.legend(
        loc="upper center", bbox_to_anchor=(0.56, 1.04), prop={"family": "DejaVu Sans Mono", "size": 11.5}
    )
    for place, text, look in (
        ((2.5e-3, 2.5e-2), "$h$", STYLES[0]),
        ((1.2e-4, 4e-10), "$h^2$", STYLES[1]),
        ((3e-2, 1e-9), "$h^4$", STYLES[2]),
    ):
        above.text(*place, text, color=look["color"], size=16)
    for ax in (above, below):
        ax.set_xticks([10.0**k for k in range(-16, 1, 4)])
    below.set(xlabel="$h$")
    return fig


def draw_errors(ax: Axes, dtype: type[np.floating], lowest: float) -> None:
    x, epsilon = dtype(1), np.finfo(dtype).eps
    h = np.logspace(-16, 0, 65)
    ax.loglog(h, np.e * epsilon / h, color=MUTED, linewidth=1.2)
    for (formula, truncation), look in zip(FORMULAS.items(), STYLES, strict=False):
        color, marker = look["color"], look["marker"]
        # Half a step aside, so that one does not hide the other.
        steps = h[:-1] * 10**0.125 if formula is complex_step else h
        slopes = np.array([formula(np.exp, x, step) for step in steps], np.float64)
        errors = np.maximum(np.abs(slopes - np.e), 1.5 * lowest)  # 0 has no place on these axes
        ax.loglog(steps, errors, marker, color=color, markersize=4, label=formula.__name__)
        if formula is not complex_step:
            ax.loglog(h, truncation(h), color=color, linestyle=look["linestyle"], linewidth=1.2)
    ax.text(140 * float(epsilon), 1, r"$\varepsilon/h$", color=INK, size=16)
    ax.set(ylim=(lowest, 20), xlim=(4e-17, 2.5), ylabel=r"$|\,D(h) - f'\,|$")
    ax.text(0.03, 0.45, dtype.__name__, transform=ax.transAxes, size=13)
