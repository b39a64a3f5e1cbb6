"""The length of Adam's steps for a constant gradient, with and without the correction of its bias."""

import numpy as np

from dlbook.optimizers import Adam
from scripts.figures.style import STYLES, Figure, subplots

STEPS = 5000


def draw() -> Figure:
    n = np.arange(1, STEPS + 1)
    adam = Adam()
    uncorrected = (1 - adam.beta1**n) / np.sqrt(1 - adam.beta2**n)
    x, lengths = np.array(0.0), []
    for _ in n:
        before = float(x)
        adam.update({"x": x}, {"x": np.array(1.0)})
        lengths.append((before - float(x)) / adam.lr)

    fig, ax = subplots(width=6.0, height=3.4)
    marks = list(np.unique(np.geomspace(1, STEPS - 1, 9).astype(int)))
    ax.semilogx(n, lengths, **STYLES[0], markevery=marks)
    ax.semilogx(n, uncorrected, **STYLES[1], markevery=marks)
    ax.text(60, 5.2, r"$m / \sqrt{v}$", color=STYLES[1]["color"], fontsize=16)
    ax.text(60, 0.25, r"$\hat{m} / \sqrt{\hat{v}}$", color=STYLES[0]["color"], fontsize=16, va="center")
    ax.set(xlabel="step $n$", ylabel=r"step length in $\eta$", xlim=(0.9, STEPS), ylim=(-0.3, 7.3))
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    return fig
