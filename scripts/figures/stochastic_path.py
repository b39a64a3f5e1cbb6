"""Two ways to fit a line, with all samples and with mini-batches; both use every sample equally often."""

import numpy as np

from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.figures.style import BLUE, FAINT, INK, ORANGE, Figure, subplots

SEED = 3
SAMPLES = 60
EPOCHS = 4
LR = 0.25
START = (-1.2, 2.6)


def draw() -> Figure:
    rng = np.random.default_rng(SEED)
    x = rng.uniform(-0.6, 2.2, SAMPLES)
    t = 1.5 * x - 0.5 + rng.normal(0, 0.7, SAMPLES)
    exact = descend(x, t, SAMPLES, rng)
    stochastic = descend(x, t, 5, rng)
    (w, b), *_ = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), t)

    fig, ax = subplots(width=6.0, height=4.4)
    W, B = np.meshgrid(np.linspace(-1.9, 2.9, 121), np.linspace(-1.5, 3.0, 121))
    L = np.mean((W[..., None] * x + B[..., None] - t) ** 2, axis=-1) / 2
    least = np.mean((w * x + b - t) ** 2) / 2
    ax.contour(W, B, L, levels=least + 0.06 * 2.0 ** np.arange(9), colors=FAINT, linewidths=1.3)
    ax.grid(False)
    ax.plot(*stochastic.T, color=BLUE, linewidth=1.3, marker="o", markersize=3.2)
    ax.plot(*exact.T, color=ORANGE, linestyle=(0, (5, 1.6)), marker="s", markersize=8, linewidth=1.6)
    ax.plot(w, b, color=INK, marker="x", markersize=11, markeredgewidth=2.4)
    ax.text(-0.72, 2.42, f"$N = {SAMPLES}$", color=ORANGE, fontsize=17)
    ax.text(0.72, 1.42, "$N = 5$", color=BLUE, fontsize=17)
    ax.set(
        xlabel="$w$",
        ylabel="$b$",
        xlim=(-1.9, 2.9),
        ylim=(-1.5, 3.0),
        xticks=range(-1, 3),
        yticks=range(-1, 4),
    )
    return fig


def descend(x: np.ndarray, t: np.ndarray, batch_size: int, rng: np.random.Generator) -> np.ndarray:
    """The places that w and b of the line w x + b come through, one a mini-batch."""
    params = {"w": np.array(START[0]), "b": np.array(START[1])}
    path = [START]
    for _ in range(EPOCHS):
        for x_batch, t_batch in minibatches(x, t, batch_size, rng):
            error = params["w"] * x_batch + params["b"] - t_batch
            SGD(LR).update(params, {"w": np.mean(error * x_batch), "b": np.mean(error)})
            path.append((float(params["w"]), float(params["b"])))
    return np.array(path)
