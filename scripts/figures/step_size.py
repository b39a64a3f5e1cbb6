"""The still picture of step_size.js: a secant of exp, and the error of its slope against the step."""

import numpy as np

from dlbook.differentiation import central_difference, five_point_difference, forward_difference
from scripts.figures.style import INK, MUTED, ORANGE, PAPER, STYLES, Figure, subplots

X, H = 1.0, 0.5


def draw() -> Figure:
    fig, (curve, errors) = subplots(1, 2, height=3.2)
    xs = np.linspace(X - 2.5, X + 2.5, 121)
    curve.plot(xs, np.exp(xs), color=INK)
    curve.axline((X, np.exp(X)), slope=np.exp(X), color=MUTED)
    ends = np.array([X - H, X + H])
    curve.axline((ends[0], np.exp(ends[0])), (ends[1], np.exp(ends[1])), **line(STYLES[1]))
    curve.plot(ends, np.exp(ends), "o", color=ORANGE)
    curve.set(xlabel="$x$", ylabel="$f(x)$", xlim=(xs[0], xs[-1]), ylim=(-2, np.exp(xs[-1])))

    h = np.logspace(-16, 0, 129)
    lowest = 1e-17
    for formula, style in zip(
        (forward_difference, central_difference, five_point_difference), STYLES, strict=False
    ):
        off = [max(abs(formula(np.exp, X, step) - np.exp(X)), 1.3 * lowest) for step in h]
        faint = 1 if formula is central_difference else 0.3
        errors.loglog(h, off, ".", color=style["color"], markersize=4, alpha=faint)
    here = abs(central_difference(np.exp, X, H) - np.exp(X))
    errors.loglog(H, here, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=2, markersize=9)
    errors.set(xlabel="$h$", ylabel=r"$|\,D(h) - f'\,|$", ylim=(lowest, 10))
    errors.set_xticks([10.0**k for k in range(-16, 1, 4)])
    return fig


def line(style: dict[str, object]) -> dict[str, object]:
    return {"color": style["color"], "linestyle": style["linestyle"]}
