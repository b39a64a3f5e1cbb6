"""The steps that the best plain descent and the best momentum take, by the condition number of a valley."""

import numpy as np

from dlbook.optimizers import SGD, Momentum
from scripts.figures.style import MUTED, STYLES, Figure, label_lines, subplots

CONDITIONS = [4, 10, 20, 40, 100, 200, 400, 1000, 2000, 4000, 10000]
CLOSER = 1e-6


def draw() -> Figure:
    fig, ax = subplots(width=6.0, height=3.7)
    plain = [steps(SGD(2 / (1 + 1 / k)), k) for k in CONDITIONS]
    heavy = [
        steps(Momentum(4 / (1 + k**-0.5) ** 2, ((k**0.5 - 1) / (k**0.5 + 1)) ** 2), k) for k in CONDITIONS
    ]
    ax.loglog(CONDITIONS, plain, **STYLES[0], label="SGD")
    ax.loglog(CONDITIONS, heavy, **STYLES[1], label="Momentum")
    for power, last in ((1, plain[-1]), (0.5, heavy[-1])):
        line = last * (np.array(CONDITIONS) / CONDITIONS[-1]) ** power
        ax.loglog(CONDITIONS, 0.6 * line, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)))
    ax.text(1200, 2200, "$\\kappa$", color=MUTED, fontsize=14)
    ax.text(1200, 135, "$\\sqrt{\\kappa}$", color=MUTED, fontsize=14)
    ax.set(xlabel="$\\kappa$", ylabel="steps", xlim=(3, 1.1e4), ylim=(8, 1.3e5))
    label_lines(ax)
    return fig


def steps(optimizer: SGD | Momentum, condition: float) -> int:
    """Until the distance from the minimum is a millionth, on a valley curved by 1 and 1 / condition."""
    x, curvatures = np.ones(2), np.array([1 / condition, 1])
    start, count = np.linalg.norm(x), 0
    while np.linalg.norm(x) > CLOSER * start:
        optimizer.update({"x": x}, {"x": curvatures * x})
        count += 1
    return count
