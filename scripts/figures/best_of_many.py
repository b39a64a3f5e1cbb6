"""By how much the validation accuracy of the best of 5, 15 or 50 networks overstates it."""

import numpy as np

from scripts.figures.style import MUTED, STYLES, Figure, Result, label_lines, subplots


def draw(random_search: Result) -> Figure:
    rows = random_search["luck"]
    sizes = [row["validation"] for row in rows]
    p = random_search["best"]["reserve_accuracy"]
    fig, ax = subplots(width=6.0, height=3.9)
    counts = [it["count"] for it in rows[0]["overstated"]]
    ax.plot(sizes, np.sqrt(p * (1 - p) / np.array(sizes)), color=MUTED, linestyle=(0, (5, 2)), linewidth=1.5)
    for i, style in zip(reversed(range(len(counts))), STYLES, strict=False):
        ax.plot(sizes, [row["overstated"][i]["mean"] for row in rows], **style, label=f"$K = {counts[i]}$")
    ax.set(xscale="log", xlabel="samples for validation", ylabel="overstated by", ylim=(-0.003, None))
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    label_lines(ax, gap=10)
    return fig
