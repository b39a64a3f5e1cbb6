"""A day at the pool as a graph: values go forward above the edges, gradients come back below them."""

from matplotlib.patches import Circle

from dlbook.layers import Add, Multiply
from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, Axes, Figure, subplots

Place = tuple[float, float]

RADIUS = 0.36
P, Q, C, R = (0.0, 3.9), (0.0, 2.45), (0.0, 1.0), (0.0, -0.35)
FORK = (1.25, 2.45)
ENTRY, ICE, SUM, SHARE = (2.95, 3.9), (2.95, 1.0), (5.3, 2.45), (7.4, 2.45)
CORNER = (7.4, -0.35)
END = (9.1, 2.45)


def draw() -> Figure:
    entry, ice, bill, pay = Multiply(), Multiply(), Add(), Multiply()
    p, q, c, r = 8, 3, 2, 0.9
    u, v = entry.forward(p, q), ice.forward(c, q)
    s = bill.forward(u, v)
    total = pay.forward(s, r)
    ds, dr = pay.backward(1)
    du, dv = bill.backward(ds)
    dp, dq_entry = entry.backward(du)
    dc, dq_ice = ice.backward(dv)

    fig, ax = subplots(height=3.95)
    for start, end, along, forward, backward in (
        (P, ENTRY, 0.23, p, dp),
        (Q, FORK, 0.5, q, dq_entry + dq_ice),
        (FORK, ENTRY, 0.38, None, dq_entry),
        (FORK, ICE, 0.6, None, dq_ice),
        (C, ICE, 0.23, c, dc),
        (ENTRY, SUM, 0.55, u, du),
        (ICE, SUM, 0.45, v, dv),
        (SUM, SHARE, 0.45, s, ds),
        (R, CORNER, 0.5, r, dr),
        (SHARE, END, 0.47, total, 1),
    ):
        edge(ax, start, end)
        x, y = (a + along * (b - a) for a, b in zip(start, end, strict=True))
        values(ax, x, y, forward, backward, rises=end[1] - start[1])
    edge(ax, CORNER, SHARE)
    ax.plot(*FORK, "o", color=INK, markersize=7, zorder=3)
    for place, sign in ((ENTRY, r"$\times$"), (ICE, r"$\times$"), (SUM, "$+$"), (SHARE, r"$\times$")):
        ax.add_patch(Circle(place, RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.8, zorder=3))
        ax.text(*place, sign, fontsize=22, ha="center", va="center_baseline", zorder=4)
    for place, name in ((P, "$p$"), (Q, "$q$"), (C, "$c$"), (R, "$r$")):
        ax.text(place[0] - 0.12, place[1], name, fontsize=21, ha="right", va="center")
    ax.text(END[0] + 0.12, END[1], "$L$", fontsize=21, ha="left", va="center")
    ax.set(xlim=(-0.45, 9.55), ylim=(-0.95, 4.5), aspect="equal")
    ax.set_axis_off()
    return fig


def edge(ax: Axes, start: Place, end: Place) -> None:
    """A line from place to place, with a head where it meets a node or the end."""
    turns = end in (FORK, CORNER)
    shrink = 0 if turns or end == END else RADIUS
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    tip = tuple(b - (b - a) / length * shrink for a, b in zip(start, end, strict=True))
    head = "-" if turns else "-|>,head_length=0.5,head_width=0.22"
    looks = {"arrowstyle": head, "color": MUTED, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tip, xytext=start, arrowprops=looks, zorder=1)


def values(ax: Axes, x: float, y: float, forward: float | None, backward: float, rises: float) -> None:
    """What goes forward above a place on an edge, and what comes back below it; aside, if it slants."""
    above, below = (
        ("center", "center") if rises == 0 else ("right", "left") if rises > 0 else ("left", "right")
    )
    off = 0.13 if rises == 0 else 0.02
    if forward is not None:
        label = rf"$\mathsf{{\blacktriangleright}}${forward:g}"
        ax.text(x, y + off, label, fontsize=17, color=BLUE, ha=above, va="bottom")
    label = rf"$\blacktriangleleft${backward:g}"
    ax.text(x, y - off - 0.06, label, fontsize=17, color=ORANGE, ha=below, va="top")
