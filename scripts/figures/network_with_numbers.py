"""A network of two layers with two inputs, three hidden units and two outputs, and its matrices below."""

from collections.abc import Iterable

import numpy as np

from dlbook.activations import relu, softmax
from scripts.figures.style import INK, MUTED, PAPER, STYLES, Axes, Figure, subplots

X = np.array([1, 2])
W1 = np.array([[1, 2, 1], [1, -1, -2]])
B1 = np.array([0, 1, 1])
W2 = np.array([[1, -1], [-2, 1], [3, 2]])
B2 = np.array([0, 4])


def draw() -> Figure:
    s = X @ W1 + B1
    z = relu(s)
    a = z @ W2 + B2
    y = softmax(a)
    fig, ax = subplots(width=6.4, height=6.4)
    ax.set(xlim=(-0.6, 7.35), ylim=(-3.65, 5.3), aspect="equal")
    ax.axis("off")
    inputs, hidden, outputs = (0, [3.2, 0.8]), (3, [4, 2, 0]), (6, [3.2, 0.8])
    connect(ax, inputs, hidden, W1, STYLES[:3])
    connect(ax, hidden, outputs, W2, STYLES[3:5])
    units(ax, inputs, [f"${value}$" for value in X])
    units(ax, hidden, [f"${s_j}$\n$\\to {z_j:.0f}$" for s_j, z_j in zip(s, z, strict=True)], B1)
    units(ax, outputs, [f"${a_k:.0f}$" for a_k in a], B2)
    for height, y_k in zip(outputs[1], y, strict=True):
        ax.text(6.48, height - 0.03, f"$\\to {y_k:.2f}$", va="center", fontsize=16)
    for x, name in zip((0, 3, 6.4), ("$x$", r"$s \to z$", r"$a \to y$"), strict=True):
        ax.text(x, 5.1, name, ha="center", va="center", fontsize=17)
    matrix(ax, 0.85, -1.75, W1, "$W_1$", STYLES[:3])
    matrix(ax, 0.85, -3.2, B1[np.newaxis], "$b_1$", [{"color": MUTED}] * 3)
    matrix(ax, 5.35, -1.75, W2, "$W_2$", STYLES[3:5])
    matrix(ax, 5.35, -3.2, B2[np.newaxis], "$b_2$", [{"color": MUTED}] * 2)
    return fig


def units(ax: Axes, layer: tuple, labels: list[str], biases: Iterable[int] = ()) -> None:
    """Draw the units of a layer as circles, with the biases above them."""
    x, heights = layer
    for height, label in zip(heights, labels, strict=True):
        ax.plot(x, height, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=1.4, markersize=43)
        ax.text(x, height - 0.03, label, ha="center", va="center", fontsize=14.5, linespacing=1.15)
    for height, bias in zip(heights, biases, strict=False):
        ax.text(x, height + 0.75, f"${bias:+d}$", ha="center", va="center", fontsize=14.5, color=MUTED)


def connect(ax: Axes, left: tuple, right: tuple, W: np.ndarray, styles: list[dict]) -> None:
    """Draw each weight's line, and write the weight where no other line crosses."""
    (x0, froms), (x1, tos) = left, right
    for i, start in enumerate(froms):
        for j, end in enumerate(tos):
            look = {name: styles[j][name] for name in ("color", "linestyle")}
            ax.plot([x0, x1], [start, end], linewidth=1.8, zorder=0, **look)
            r = 0.72 if len(froms) == 2 else 0.7
            ax.text(
                x0 + r * (x1 - x0),
                start + r * (end - start),
                f"${W[i, j]}$",
                ha="center",
                va="center",
                fontsize=14.5,
                color=styles[j]["color"],
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
            )


def matrix(ax: Axes, x: float, y: float, values: np.ndarray, name: str, styles: list[dict]) -> None:
    """Write a matrix with its middle at the height y, the columns in the colors of their units."""
    step, row = 0.78, 0.62
    rows, columns = values.shape
    top, bottom = y + rows * row / 2, y - rows * row / 2
    ax.text(x - 0.62, y, f"{name} $=$", ha="right", va="center", fontsize=16)
    for (i, j), value in np.ndenumerate(values):
        height = top - (i + 0.5) * row
        color = styles[j]["color"]
        ax.text(x + j * step, height, f"${value}$", ha="center", va="center", fontsize=15.5, color=color)
    for end, inwards in ((x - 0.45, 0.12), (x + (columns - 1) * step + 0.45, -0.12)):
        ax.plot(
            [end + inwards, end, end, end + inwards], [top, top, bottom, bottom], color=INK, linewidth=1.3
        )
