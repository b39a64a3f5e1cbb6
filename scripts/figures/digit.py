"""The still picture of digit.js: a test digit, what the network sees, its hidden units, and its answer."""

from base64 import b64decode

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch

from dlbook.networks import TwoLayerNet
from scripts.figures.style import BLUE, MUTED, ORANGE, Figure, Result, show_digit

START = 7


def draw(digit_network: Result) -> Figure:
    digit = next(it for it in digit_network["digits"] if it["label"] == START)
    x = np.frombuffer(b64decode(digit["pixels"]), np.uint8) / 255
    net = TwoLayerNet(digit_network["inputs"], digit_network["hidden"], 10)
    for name, param in net.params.items():
        levels = np.frombuffer(b64decode(digit_network["weights"][name]["levels"]), np.int8)
        param[...] = levels.reshape(param.shape) * np.array(digit_network["weights"][name]["scale"])
    (_, z, _), y = net.forward(x), net.predict(x)

    fig = Figure(figsize=(7.2, 3.1), layout="constrained")
    axes = fig.subplot_mosaic(
        [["pad", "seen", "answers"], ["pad", "hidden", "answers"]],
        width_ratios=(1.9, 1, 1.6),
        height_ratios=(1.7, 1),
    )
    show_digit(axes["pad"], x)
    show_digit(axes["seen"], x)

    hidden = axes["hidden"]
    for i, output in enumerate(z):  # round unless it is saturated
        free = min(output, 1 - output) >= digit_network["saturation"]
        place, style = (i % 10 + 0.15, i // 10 + 0.15), f"round,pad=0,rounding_size={0.35 if free else 0.001}"
        shape = FancyBboxPatch(place, 0.7, 0.7, boxstyle=style)
        shape.set(facecolor=to_rgba(BLUE, float(output)), edgecolor=MUTED, linewidth=0.7)
        hidden.add_patch(shape)
    hidden.set(xlim=(0, 10), ylim=(len(z) // 10, 0), aspect="equal")
    hidden.axis("off")

    answers = axes["answers"]
    bars = answers.barh(range(10), y, height=0.6, color=BLUE)
    bars[int(y.argmax())].set(color=ORANGE)
    answers.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1])
    answers.set_xticklabels(["0", ".5", "1"])
    answers.grid(False)
    answers.set_xlabel("$y_k$", labelpad=2)
    answers.set_ylabel("$k$", rotation=0, labelpad=8)
    return fig
