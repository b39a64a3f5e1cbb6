"""A layer of six units in training, twice, with two draws of dropout at rate 1/2, and as it is used."""

from scripts.figures.style import BLUE, INK, MUTED, PAPER, Axes, Figure, subplots

UNITS = [2.5, 1.5, 0.5, -0.5, -1.5, -2.5]
KEPT = [[0, 3, 4], [1, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
INPUTS, OUTPUTS = [1.4, 0.0, -1.4], [0.8, -0.8]


def draw() -> Figure:
    fig, axes = subplots(1, 3, width=7.2, height=3.3)
    for ax, kept, scale in zip(axes, KEPT, (r"$\times\,2$", r"$\times\,2$", r"$\times\,1$"), strict=True):
        network(ax, kept)
        ax.text(1.5, 3.3, scale, ha="center", va="bottom", fontsize=15, color=BLUE)
    return fig


def network(ax: Axes, kept: list[int]) -> None:
    ax.set(xlim=(-0.45, 3.45), ylim=(-3.1, 4.1), aspect="equal")
    ax.axis("off")
    for i, height in enumerate(UNITS):
        stays = i in kept
        for x, others in ((0.0, INPUTS), (3.0, OUTPUTS)):
            for other in others if stays else []:
                ax.plot([1.5, x], [height, other], color=MUTED, linewidth=0.9, zorder=0)
        ax.plot(
            1.5,
            height,
            "o" if stays else "X",
            color=BLUE if stays else MUTED,
            markersize=13 if stays else 9,
        )
    for x, others in ((0.0, INPUTS), (3.0, OUTPUTS)):
        ax.plot(
            [x] * len(others),
            others,
            "o",
            color=PAPER,
            markeredgecolor=INK,
            markeredgewidth=1.3,
            markersize=12,
        )
