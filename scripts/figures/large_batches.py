"""Accuracy after equal epochs against the batch, for three ways to choose the rate."""

from scripts.figures.style import MUTED, STYLES, Figure, Result, label_lines, subplots


def draw(large_batches: Result) -> Figure:
    small, rows = large_batches["small"], large_batches["large"]
    sizes = [small["batch_size"], *(row["batch_size"] for row in rows)]
    fig, ax = subplots(width=6.6, height=4.0)
    ax.axhline(small["test_accuracy"], color=MUTED, linestyle=(0, (5, 2)), linewidth=1.2)
    labels = {"same": r"$\eta$", "scaled": r"$\eta\,N/100$", "warmed": r"$\eta\,N/100$, warm-up"}
    for style, (way, label) in zip(STYLES, labels.items(), strict=False):
        found = [small["test_accuracy"], *(row[way]["test_accuracy"] for row in rows)]
        ax.plot(sizes, found, label=label, **style)
    ax.set(xscale="log", xlabel="$N$", ylabel="accuracy", ylim=(0, 1.02))
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    label_lines(ax)
    return fig
