"""A step's time against the batch, by one process and two, with the model; the speedup of many machines."""

import numpy as np

from scripts.benchmarks.many_machines import step
from scripts.figures.style import BLUE, MUTED, ORANGE, STYLES, Figure, Result, subplots


def draw(many_machines: Result) -> Figure:
    net, rows = many_machines["networks"][-1], many_machines["machines"]
    costs = net["fixed_seconds"], net["work_seconds"], net["bytes"]
    links = many_machines["latency_seconds"], many_machines["bandwidth"]
    fig, (ax, below) = subplots(2, 1, width=6.4, height=7.0)
    N = np.geomspace(80, 12_500, 60)
    measured = [row["batch_size"] for row in net["steps"]]
    for machines, name, style in ((1, "one", STYLES[0]), (2, "two", STYLES[1])):
        model = [step(it, machines, *costs, *links) for it in N]
        ax.plot(N, model, color=style["color"], linestyle=style["linestyle"])
        found = [row[name] for row in net["steps"]]
        ax.plot(measured, found, style["marker"], color=style["color"], markersize=8)
        ax.text(N[-1] * 1.1, model[-1], str(machines), color=style["color"], fontsize=15, va="center")
    ax.set(xscale="log", yscale="log", xlabel="$N$", ylabel="$T$ (s)")

    K = [row["machines"] for row in rows]
    below.plot(K, K, color=MUTED, linewidth=1.2)
    for key, label, color, style in (
        ("growth", "$N = 100\\,K$", BLUE, STYLES[0]),
        ("speedup", "$N = 10\\,000$", ORANGE, STYLES[1]),
    ):
        below.plot(K, [row[key] for row in rows], **style)
        below.text(K[-1] * 1.15, rows[-1][key], label, color=color, fontsize=14, va="center")
    below.set(xscale="log", yscale="log", xlabel="$K$", ylabel="speedup")
    ticks = [1, 10, 100, 1000]
    for axis in (below.set_xticks, below.set_yticks):
        axis(ticks, [f"{tick:,}" for tick in ticks])
    return fig
