"""A batch of five gradients by two machines: each has the mean of its part, and shares make them one step."""

from matplotlib.patches import Rectangle

from dlbook.parallel import part
from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, Axes, Figure, arrow, subplots

GRADIENTS = [2, 4, 6, 10, 8]  # of the samples 8, 6, 4, 0, 2 at w = 10, as on the page
PARTS = 2
PLACES = (1.3, 5.2)  # of the machines


def draw() -> Figure:
    N = len(GRADIENTS)
    fig, ax = subplots(width=6.4, height=4.4)
    total = 0.0
    for i, (place, color) in enumerate(zip(PLACES, (BLUE, ORANGE), strict=True)):
        rows: list[int] = GRADIENTS[part(N, i, PARTS)]
        mean, share = sum(rows) / len(rows), rf"\dfrac{{{len(rows)}}}{{{N}}}"
        total += len(rows) / N * mean
        for j, gradient in enumerate(rows):
            box(ax, place + 0.82 * (j - (len(rows) - 1) / 2), 3.9, 0.72, f"{gradient}", color)
        arrow(ax, (place, 3.45), (place, 2.95))
        box(ax, place, 2.5, 0.84, f"{mean:g}", color)
        end = 3.25 + (-0.65 if i == 0 else 0.65)
        arrow(ax, (place, 2.05), (end, 1.02))
        side = "right" if i == 0 else "left"
        middle = (place + end) / 2 + (-0.2 if i == 0 else 0.2)
        ax.text(middle, 1.52, rf"$\times\,{share}$", color=INK, fontsize=19, ha=side, va="center")
    box(ax, 3.25, 0.62, 0.84, f"{total:g}", INK)
    ax.text(3.25, 2.5, "+", color=MUTED, fontsize=22, ha="center", va="center")
    ax.set(xlim=(-0.1, 6.6), ylim=(0.1, 4.4), aspect="equal")
    ax.set_axis_off()
    return fig


def box(ax: Axes, x: float, y: float, side: float, text: str, color: str) -> None:
    corner = (x - side / 2, y - side / 2)
    ax.add_patch(Rectangle(corner, side, side, facecolor=PAPER, edgecolor=color, linewidth=1.8))
    ax.text(x, y, text, color=color, fontsize=16, ha="center", va="center")
