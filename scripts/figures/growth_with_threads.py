"""How many times as fast two BLAS threads are as one, by mini-batch: alone, and beside another program."""

from scripts.figures.style import MUTED, STYLES, Figure, Result, subplots


def draw(training: Result) -> Figure:
    rows = training["threads"]
    fig, ax = subplots(height=3.8)
    batches = [row["batch"] for row in rows]
    ax.axhline(1, color=MUTED, linewidth=1.2, linestyle=(0, (2, 2)))
    for look, state in zip(STYLES, ("idle", "busy"), strict=False):
        faster = [row[f"{state}_1"] / row[f"{state}_2"] for row in rows]
        ax.plot(batches, faster, **look, markersize=8)
    ax.set(xscale="log", xlabel="$N$", ylabel="$T_1 / T_2$", ylim=(0, 2.1))
    return fig
