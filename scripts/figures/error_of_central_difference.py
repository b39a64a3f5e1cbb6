"""Error of the central difference of exp at 1 against the step, with the two errors that it is made of."""

import numpy as np

from dlbook.differentiation import central_difference
from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PINK, Figure, subplots


def draw() -> Figure:
    fig, ax = subplots(height=3.9)
    h = np.logspace(-16, 0, 129)
    errors = np.array([abs(central_difference(np.exp, 1.0, step) - np.e) for step in h])
    seen = errors > 0
    ax.loglog(h[seen], errors[seen], "o", color=BLUE, markersize=4.5)

    epsilon = np.finfo(float).eps
    best_h = np.cbrt(3 * epsilon)
    long, short = h[h > best_h / 6], h[h < 6 * best_h]
    ax.loglog(long, np.e * long**2 / 6, color=ORANGE, linestyle=(0, (5, 1.6)))
    ax.loglog(short, np.e * epsilon / short, color=PINK, linestyle=(0, (6, 1.6, 1.2, 1.6)))
    ax.axvline(best_h, color=MUTED, linewidth=1, linestyle=(0, (1.2, 1.6)))

    ax.text(3e-3, 4e-8, r"$\frac{h^2}{6}\,f'''$", color=ORANGE, size=19, va="top")
    ax.text(4e-10, 2e-5, r"$\frac{\varepsilon}{h}\,f$", color=PINK, size=19)
    ax.text(best_h / 1.6, 0.3, r"$h = \sqrt[3]{3\,\varepsilon}$", color=INK, size=14, ha="right")
    ax.set(xlabel="$h$", ylabel=r"$|\,D(h) - f'\,|$", ylim=(1e-12, 20))
    ax.set_xticks([10.0**k for k in range(-16, 1, 4)])
    ax.set_yticks([10.0**k for k in range(-12, 1, 3)])
    return fig
