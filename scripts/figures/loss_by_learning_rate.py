"""The loss of a network on MNIST, step by step, for four learning rates."""

from scripts.figures.style import STYLES, Figure, Result, label_lines, subplots


def draw(learning_rates: Result) -> Figure:
    fig, ax = subplots(width=6.0, height=3.7)
    for run, style in zip(learning_rates["runs"], STYLES, strict=False):
        ax.plot(run["loss"], **style, markevery=15, label=f"$\\eta = {run['lr']:g}$")
    ax.set(xlabel="step", ylabel="$L$", xlim=(0, learning_rates["steps"]), ylim=(0, 4.2))
    label_lines(ax)
    return fig
