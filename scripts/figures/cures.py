"""Test accuracy of each run on 300 digits: without a cure, with four, and on 1,000 digits."""

import numpy as np

from scripts.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, PINK, Figure, Result, subplots


def draw(overfitting: Result, more_data: Result) -> Figure:
    rows = []
    for way in overfitting["ways"]:
        if way["weight_decay"]:
            rows.append((f"$\\lambda = {way['weight_decay']:g}$", way["each"], ORANGE, "s"))
        elif way["dropout"]:
            rows.append((f"$r = {way['dropout']:g}$", way["each"], GREEN, "^"))
        else:
            rows.append((f"$M = {overfitting['samples']}$", way["each"], BLUE, "o"))
    more = more_data["sizes"][2]
    rows.append((f"$M = {more['samples']}$", more["each"], PINK, "D"))
    fig, ax = subplots(width=6.4, height=3.7)
    for place, (_, each, color, marker) in enumerate(rows):
        ax.plot(each, np.full(len(each), place), marker, color=color, markersize=7, alpha=0.75)
        ax.plot([np.mean(each)] * 2, [place - 0.33, place + 0.33], color=INK, linewidth=1.8)
    ax.axvline(np.mean(rows[0][1]), color=MUTED, linewidth=1.2, linestyle=(0, (5, 2)), zorder=0)
    ax.set_yticks(range(len(rows)), [row[0] for row in rows], fontsize=14)
    ax.set(xlabel="test accuracy", ylim=(len(rows) - 0.45, -0.55))
    ax.grid(axis="y", visible=False)
    return fig
