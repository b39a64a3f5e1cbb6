"""Seconds for one gradient against the number of parameters: plain and quick differences, backpropagation."""

from scripts.figures.style import STYLES, Figure, Result, subplots


def draw(training: Result) -> Figure:
    rows = training["growth"]["hidden"]
    fig, ax = subplots(height=4.2)
    parameters = [row["parameters"] for row in rows]
    code = {"family": "DejaVu Sans Mono", "fontsize": 13.5}
    names = {
        "general": ("numerical_gradient(f, x)", 20),
        "quick": ("net.numerical_gradient(x, t)", 9),
        "backward": ("net.gradient(x, t)", 5),
    }
    for look, (way, (name, above)) in zip(STYLES, names.items(), strict=False):
        seconds = [row[f"{way}_seconds"] for row in rows]
        ax.loglog(parameters, seconds, **look, markersize=7)
        ax.text(parameters[0], above * seconds[0], name, color=look["color"], **code)
    ax.set(xlabel="$P$", ylabel="s", ylim=(1e-4, 5e3))
    return fig
