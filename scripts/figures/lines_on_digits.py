"""Real digits by the ink in two windows, with the best single line, and with the two lines of NAND and OR."""

import numpy as np

from scripts.figures.style import BLUE, FAINT, INK, ORANGE, Figure, Result, subplots

LEFT, RIGHT, BOTTOM, TOP = -0.08, 0.84, -0.14, 1.0


def draw(perceptrons_on_digits: Result) -> Figure:
    lines = perceptrons_on_digits["lines"]
    fig, axes = subplots(1, 2, width=7.2, height=4.5, sharey=True)
    x1, x2 = np.meshgrid(np.linspace(LEFT, RIGHT, 200), np.linspace(BOTTOM, TOP, 200))
    one, nand, or_ = (total(lines[name], x1, x2) for name in ("one_line", "nand", "or"))
    for ax, ones in zip(axes, (one, np.minimum(nand, or_)), strict=True):
        ax.contourf(x1, x2, ones, levels=[0, 10], colors=[FAINT])
        for kind in perceptrons_on_digits["digits"]:
            x = np.array(kind["points"])
            ax.plot(
                *x.T,
                linestyle="none",
                marker=f"${kind['digit']}$",
                markersize=7.5,
                markeredgewidth=0.3,
                color=ORANGE if kind["wanted"] else BLUE,
            )
        ax.set(xlim=(LEFT, RIGHT), ylim=(BOTTOM, TOP), xticks=(0, 0.5), yticks=(0, 0.5, 1), aspect="equal")
        ax.set_xlabel("$x_1$")
        ax.grid(False)
    axes[0].set_ylabel("$x_2$", rotation=0, labelpad=12)
    axes[0].contour(x1, x2, one, levels=[0], colors=INK, linewidths=2)
    axes[1].contour(x1, x2, nand, levels=[0], colors=INK, linewidths=2)
    axes[1].contour(x1, x2, or_, levels=[0], colors=INK, linewidths=2, linestyles="--")
    axes[1].text(0.62, -0.095, "NAND", ha="left", va="center", fontsize=12.5)
    axes[1].text(0.075, -0.095, "OR", ha="left", va="center", fontsize=12.5)
    return fig


def total(line: Result, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    return line["w"][0] * x1 + line["w"][1] * x2 + line["b"]
