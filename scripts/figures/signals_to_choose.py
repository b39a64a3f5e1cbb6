"""The still picture of initial_signals.js: the outputs of five layers of tanh, with weights from N(0, 1)."""

import numpy as np

from dlbook.networks import MultiLayerNet
from scripts.figures.style import BLUE, Figure, subplots

SAMPLES, UNITS, LAYERS = 200, 100, 5


def draw() -> Figure:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(SAMPLES, UNITS))
    net = MultiLayerNet(UNITS, [UNITS] * LAYERS, 10, "tanh", weight_init=1.0, rng=rng)
    layers = net.layers()
    fig, axes = subplots(1, LAYERS, height=1.8, sharey=True)
    for i, ax in enumerate(axes):
        z = layers[2 * i + 1].forward(layers[2 * i].forward(z))
        counts, edges = np.histogram(z, 40, (-1, 1))
        ax.stairs(counts / counts.max(), edges, fill=True, color=BLUE)
        ax.set(xlim=(-1, 1), xticks=(-1, 0, 1), yticks=(), title=f"{i + 1}")
        ax.set_xticklabels(["−1", "0", "1"])
    return fig
