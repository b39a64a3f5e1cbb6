"""Seconds for one gradient in float32 and in float64, by each of the three ways."""

from scripts.figures.style import STYLES, Figure, Result, subplots

WAYS = {"backward": "net.gradient", "quick": "net.numerical_gradient", "general": "numerical_gradient"}


def draw(training: Result) -> Figure:
    rows = training["growth"]["types"]
    fig, ax = subplots(height=2.8)
    for look, row in zip(STYLES, rows, strict=False):
        seconds = [row[f"{way}_seconds"] for way in WAYS]
        ax.semilogx(
            seconds, range(len(WAYS)), color=look["color"], marker=look["marker"], linestyle="", markersize=9
        )
        ax.text(seconds[-1], 2.28, row["type"], color=look["color"], ha="right" if row is rows[0] else "left")
    ax.set_yticks(range(len(WAYS)), list(WAYS.values()), family="DejaVu Sans Mono")
    ax.set(xlabel="s", ylim=(-0.5, 2.7))
    return fig
