"""The tape of a day at the pool: four values, then two steps, then all of them, and then the way back."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from dlbook.autodiff import Tensor
from scripts.figures.style import BLUE, FAINT, INK, MUTED, ORANGE, PAPER, Axes, Figure, subplots

NAMES = ("p", "q", "c", "r", "u", "v", "s", "L")
SIDE = 0.76
MOMENTS = (4.5, 2.35, 0.2)  # the height of each row


def draw() -> Figure:
    p, q, c, r = (Tensor(value) for value in (8, 3, 2, 0.9))
    u, v = p * q, c * q
    s = u + v
    total = s * r
    tape = total.tape()
    parents = {i: [tape.index(parent) for parent, _ in node.steps] for i, node in enumerate(tape)}
    total.backward()

    fig, ax = subplots(height=5.0)
    for y, new in zip(MOMENTS, (range(4, 6), range(6, 8), ()), strict=True):
        last = new[-1] if new else len(tape) - 1
        for i, node in enumerate(tape):
            cell(ax, i, y, node.data if i <= last else None, bright=i in new or not new)
        for i in new or range(len(tape)):
            for parent in parents[i]:
                arc(ax, i, parent, y, INK if new else ORANGE)
    for i, node in enumerate(tape):
        label = rf"$\blacktriangleleft${node.grad:g}"
        ax.text(i, MOMENTS[-1] - 0.62, label, color=ORANGE, fontsize=16, ha="center", va="center")
    ax.set(xlim=(-0.55, 7.55), ylim=(-0.75, 5.85), aspect="equal")
    ax.set_axis_off()
    return fig


def cell(ax: Axes, i: int, y: float, value: float | None, bright: bool) -> None:
    """A place on the tape: its name above the line, its value in it; empty while nothing is recorded."""
    there = value is not None
    edge = INK if there and bright else MUTED if there else FAINT
    box = Rectangle((i - SIDE / 2, y - SIDE / 2), SIDE, SIDE, facecolor=PAPER, edgecolor=edge, linewidth=1.6)
    ax.add_patch(box)
    if not there:
        return
    ax.text(i, y - 0.14, f"{value:g}", color=BLUE, fontsize=16, ha="center", va="center")
    color = INK if bright else MUTED
    ax.text(i, y + 0.19, f"${NAMES[i]}$", color=color, fontsize=16, ha="center", va="center")


def arc(ax: Axes, start: int, end: int, y: float, color: str) -> None:
    """What a tensor remembers: an arrow above the tape, back to a parent."""
    top = y + SIDE / 2 + 0.04
    ax.add_patch(
        FancyArrowPatch(
            (start - 0.06, top),
            (end + 0.06, top),
            connectionstyle=f"arc3,rad={0.22 + 0.25 / (start - end)}",
            arrowstyle="-|>,head_length=5,head_width=2.4",
            color=color,
            linewidth=1.4,
            shrinkA=0,
            shrinkB=0,
        )
    )
