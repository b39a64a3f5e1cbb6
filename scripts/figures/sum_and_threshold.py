"""A perceptron with two inputs as a drawing, and the sums of its four cases beside two thresholds."""

from scripts.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, Figure, arrow, subplots


def draw() -> Figure:
    fig, (unit, sums) = subplots(1, 2, width=6.4, height=2.9, width_ratios=(1.1, 1))
    unit.set(xlim=(-0.5, 5.5), ylim=(-0.2, 3.2), aspect="equal")
    unit.axis("off")
    for height, number in ((2.55, 1), (0.45, 2)):
        unit.plot([0, 2.6], [height, 1.5], color=MUTED, linewidth=1.8, zorder=0)
        unit.plot(0, height, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=1.4, markersize=30)
        unit.text(0, height, f"$x_{number}$", ha="center", va="center", fontsize=16)
        unit.text(
            1.3,
            (height + 1.5) / 2,
            f"$w_{number}$",
            ha="center",
            va="center",
            fontsize=16,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 2},
        )
    unit.plot(2.75, 1.5, "o", color=PAPER, markeredgecolor=INK, markeredgewidth=1.4, markersize=46)
    unit.text(2.75, 1.5, r"$>\theta\,?$", ha="center", va="center", fontsize=16)
    arrow(unit, (3.45, 1.5), (4.7, 1.5))
    unit.text(5.05, 1.5, "$y$", ha="center", va="center", fontsize=18)

    sums.set(xlim=(-0.4, 2), ylim=(-0.14, 1.14), xticks=[], yticks=(0, 0.5, 1))
    sums.set_ylabel("$w_1 x_1 + w_2 x_2$")
    sums.grid(False)
    sums.spines["bottom"].set_visible(False)
    for total, cases in ((0.0, ["0, 0"]), (0.5, ["0, 1", "1, 0"]), (1.0, ["1, 1"])):
        for place, case in enumerate(cases):
            sums.plot(0.55 * place, total, "o", color=INK, markersize=7)
            sums.text(0.55 * place + 0.09, total, f"${case}$", va="center", fontsize=13)
    for theta, gate, color, dashes in ((0.7, "AND", BLUE, "-"), (0.2, "OR", ORANGE, (0, (5, 1.6)))):
        sums.axhline(theta, color=color, linestyle=dashes)
        sums.text(
            1.95,
            theta + 0.02,
            rf"{gate} $\theta = {theta}$",
            color=color,
            ha="right",
            va="bottom",
            fontsize=14,
        )
    return fig
