"""What AdaGrad and RMSProp multiply a gradient by, on MNIST; and how each follows a minimum that drifts."""

import numpy as np

from dlbook.optimizers import AdaGrad, RMSProp
from scripts.figures.style import STYLES, Figure, Result, label_lines, subplots

SEED = 9
LR = 0.1
DRIFT = 0.01
NOISE = 0.5
STEPS = 3000


def draw(optimizer_comparison: Result) -> Figure:
    fig, (left, right) = subplots(1, 2, height=3.5)
    factors = {run["name"]: run["steps"] for run in optimizer_comparison["optimizers"]}
    for make, style in ((AdaGrad, STYLES[0]), (RMSProp, STYLES[1])):
        name = make.__name__
        behind = distance_behind(make(LR))
        iterations = np.arange(1, len(factors[name]) + 1)
        marks = np.unique(np.geomspace(1, len(iterations) - 1, 7).astype(int))
        left.loglog(iterations, factors[name], **style, markevery=list(marks), label=name)
        right.plot(np.arange(1, STEPS + 1), behind, **style, markevery=500, label=name)
    left.set(xlabel="iteration", ylabel=r"$\eta \,/ (\sqrt{s} + \epsilon)$", ylim=(1, 10))
    left.set_yticks([1, 2, 5, 10], ["1", "2", "5", "10"])
    left.set_xticks([1, 10, 100, 600], ["1", "10", "100", "600"])
    left.minorticks_off()
    right.set(xlabel="step $n$", ylabel="$c_n - x$", xlim=(0, STEPS), xticks=[0, 1000, 2000, 3000])
    for ax in left, right:
        label_lines(ax)
    return fig


def distance_behind(optimizer: AdaGrad | RMSProp) -> list[float]:
    """How far x is behind c after each step, by noisy gradients of (x - c)^2 / 2, while c moves steadily."""
    rng = np.random.default_rng(SEED)
    x, behind = np.array(0.0), []
    for n in range(1, STEPS + 1):
        c = DRIFT * n
        optimizer.update({"x": x}, {"x": x - c + rng.normal(0, NOISE)})
        behind.append(c - float(x))
    return behind
