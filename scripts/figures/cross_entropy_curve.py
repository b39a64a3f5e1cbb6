"""What the right class's probability costs: by cross-entropy, and by squared error with two classes."""

import numpy as np

from dlbook.losses import cross_entropy_error, sum_squared_error
from scripts.figures.style import INK, STYLES, Figure, subplots


def draw() -> Figure:
    y = np.linspace(0.005, 1, 400)
    both = np.array([y, 1 - y]).T
    cross_entropy = [cross_entropy_error(row, 0, delta=0) for row in both]
    squared = [sum_squared_error(row, 0) for row in both]
    fig, ax = subplots(width=6.0, height=4.0)
    ax.plot(y, cross_entropy, **STYLES[0] | {"marker": ""})
    ax.plot(y, squared, **STYLES[1] | {"marker": ""})
    ax.text(0.055, 3.2, r"$-\log y$", color=STYLES[0]["color"], fontsize=15)
    ax.text(0.03, 0.3, r"$(1-y)^2$", color=STYLES[1]["color"], fontsize=15)
    for point in (0.6, 0.1):
        height = cross_entropy_error([point, 1 - point], 0, delta=0)
        ax.plot(point, height, "o", color=INK, markersize=8, zorder=3)
        ax.annotate(
            rf"$-\log {point} = {height:.4f}$",
            (point, height),
            xytext=(10, 7),
            textcoords="offset points",
            fontsize=14,
        )
    ax.set(xlim=(0, 1.02), ylim=(0, 5), xlabel="$y$", ylabel="$E$", xticks=np.linspace(0, 1, 6))
    return fig
