"""Batch normalization as a graph, with the three ways on which a gradient comes back to its input."""

from typing import Any

from matplotlib.patches import Circle, FancyBboxPatch

from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, Axes, Figure, subplots

Place = tuple[float, float]

RADIUS = 0.34
TOP, MIDDLE = 2.3, 0.75
START, FORK, MINUS, SPLIT, OVER, TIMES, PLUS, END = (
    (x, TOP) for x in (0.0, 0.55, 2.25, 2.95, 6.1, 7.65, 8.65, 9.45)
)
MEAN, SQUARE, ROOT = ((x, MIDDLE) for x in (1.35, 3.85, 5.42))
HALF = {MEAN: 0.46, SQUARE: 0.6, ROOT: 0.42}
GAMMA, BETA = (TIMES[0], MIDDLE), (PLUS[0], MIDDLE)


def draw() -> Figure:
    fig, ax = subplots(height=3.0)
    for path in (
        (START, MINUS),
        (FORK, (FORK[0], MIDDLE), MEAN),
        (MEAN, (MINUS[0], MIDDLE), MINUS),
        (MINUS, OVER),
        (SPLIT, (SPLIT[0], MIDDLE), SQUARE),
        (SQUARE, ROOT),
        (ROOT, (OVER[0], MIDDLE), OVER),
        (OVER, TIMES),
        (TIMES, PLUS),
        (PLUS, END),
        (GAMMA, TIMES),
        (BETA, PLUS),
    ):
        edge(ax, *path)
    for fork in FORK, SPLIT:
        ax.plot(*fork, "o", color=INK, markersize=6, zorder=3)
    for place, sign in ((MINUS, "$-$"), (OVER, r"$\div$"), (TIMES, r"$\times$"), (PLUS, "$+$")):
        ax.add_patch(Circle(place, RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.6, zorder=3))
        ax.text(*place, sign, fontsize=19, ha="center", va="center_baseline", zorder=4)
    for place, name in ((MEAN, "mean"), (SQUARE, "mean of\nsquares"), (ROOT, r"$\sqrt{\,+\,\epsilon}$")):
        box(ax, place, name)
    for x, y, name in (
        (START[0] - 0.12, TOP, "$x$"),
        (END[0] + 0.3, TOP, "$y$"),
        (GAMMA[0], MIDDLE - 0.22, r"$\gamma$"),
        (BETA[0], MIDDLE - 0.22, r"$\beta$"),
    ):
        ax.text(x, y, name, fontsize=19, ha="right" if y == TOP else "center", va="center")
    for x, y, name in (
        (2.02, 1.5, r"$\mu$"),
        (4.5, TOP + 0.12, "$d$"),
        (4.7, MIDDLE + 0.16, r"$\sigma^2$"),
        (5.72, 1.5, r"$\sigma_\epsilon$"),
        (6.85, TOP + 0.12, r"$\hat{x}$"),
    ):
        ax.text(x, y, name, fontsize=17, color=BLUE, ha="center", va="bottom" if y != 1.5 else "center")
    for x, y, name in (
        (4.5, TOP - 0.16, "$g$"),
        (4.4, MIDDLE - 0.55, r"$-\,\hat{x}\;\overline{g\hat{x}}$"),
        (1.35, MIDDLE - 0.55, r"$-\,\overline{g}$"),
        (6.8, TOP - 0.16, "$g$"),
    ):
        ax.text(x, y, rf"$\blacktriangleleft$ {name}", fontsize=17, color=ORANGE, ha="center", va="top")
    ax.set(xlim=(-0.4, 9.85), ylim=(-0.3, 2.85), aspect="equal")
    ax.set_axis_off()
    return fig


def edge(ax: Axes, *path: Place) -> None:
    """A line along the places, with a head where it meets the last of them."""
    *way, end = path
    before = way[-1]
    length = ((end[0] - before[0]) ** 2 + (end[1] - before[1]) ** 2) ** 0.5
    shrink = 0.0 if end == END else HALF.get(end, RADIUS)
    tip = tuple(b - (b - a) / length * shrink for a, b in zip(before, end, strict=True))
    xs, ys = zip(*way, strict=True)
    ax.plot(xs, ys, color=MUTED, linewidth=1.4, zorder=1)
    head = "-|>,head_length=0.5,head_width=0.22"
    looks = {"arrowstyle": head, "color": MUTED, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tip, xytext=before, arrowprops=looks, zorder=1)


def box(ax: Axes, place: Place, name: str) -> None:
    """A step that has a name in place of a sign."""
    (x, y), half = place, HALF[place]
    looks: dict[str, Any] = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.6, "zorder": 3}
    corners = "round,pad=0,rounding_size=0.16"
    ax.add_patch(FancyBboxPatch((x - half, y - 0.36), 2 * half, 0.72, boxstyle=corners, **looks))
    ax.text(x, y, name, fontsize=12.5, ha="center", va="center", linespacing=1.0, zorder=4)
