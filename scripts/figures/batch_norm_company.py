"""Test accuracy with the statistics of the test batch, by its size and order, and with moving averages."""

from scripts.figures.style import INK, STYLES, Figure, Result, subplots


def draw(batch_norm_batches: Result) -> Figure:
    found = batch_norm_batches
    sizes = [row["size"] for row in found["company"]]
    fig, ax = subplots(width=6.0, height=3.8)
    ax.axhline(found["as_used"], color=INK, linewidth=1.4, linestyle=(0, (2.6, 1.2)))
    for name, style in (("shuffled", STYLES[0]), ("sorted", STYLES[1])):
        ax.semilogx(sizes, [row[name] for row in found["company"]], **style, base=2)
    ax.text(2, found["as_used"] + 0.02, "moving averages", color=INK, va="bottom")
    ax.text(9, 0.74, "shuffled", color=STYLES[0]["color"], va="top")
    ax.text(30, 0.19, "sorted by class", color=STYLES[1]["color"], ha="right", va="bottom")
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.set(xlabel="samples in the test batch", ylabel="test accuracy", ylim=(0, 1.08))
    return fig
