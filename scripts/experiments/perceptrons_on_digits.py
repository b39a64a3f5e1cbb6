"""What one perceptron, and two layers of them, make of real digits, given by the ink in two windows."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.perceptron import AND, Perceptron
from scripts.experiments import Progress

SEED = 0  # for the choice of the digits that the figure shows
DIGITS = (1, 9, 2, 0)  # ink in neither window, in the upper, in the lower, in both
UPPER = (8, 15, 4, 12)  # from this row to before that one, and the columns alike
LOWER = (16, 23, 6, 10)
DIRECTIONS = 360
SHOWN = 80  # of each digit

# What each perceptron is asked about, and the digits for which the answer is 1.
QUESTIONS = {
    "zero_or_one": ((0, 1), (0,)),
    "one_line": (DIGITS, (2, 9)),
    "nand": (DIGITS, (1, 2, 9)),
    "or": (DIGITS, (0, 2, 9)),
}


def run(progress: Progress) -> dict[str, Any]:
    train, test = (ink_in_windows(*part) for part in load_mnist(flatten=False))
    units = {name: best_line(*question(name, *train)) for name in progress(QUESTIONS)}
    lines = {
        name: {
            "w": unit.w,
            "b": unit.b,
            "train": share_right(unit, *question(name, *train)),
            "test": share_right(unit, *question(name, *test)),
        }
        for name, unit in units.items()
    }
    x, t = test
    answers = {name: unit(*x.T) for name, unit in units.items()}
    answers["two_layers"] = AND(answers["nand"], answers["or"])
    wanted = np.isin(t, (2, 9))
    rng = np.random.default_rng(SEED)
    return {
        "windows": {"upper": UPPER, "lower": LOWER},
        "directions": DIRECTIONS,
        "lines": lines,
        "two_layers": {"test": {"share": np.mean(answers["two_layers"] == wanted), "samples": len(t)}},
        "digits": [
            {
                "digit": digit,
                "ink": x[t == digit].mean(axis=0),
                "wanted": int(digit in (2, 9)),
                "right": {
                    name: np.mean((answers[name] == wanted)[t == digit])
                    for name in ("one_line", "two_layers")
                },
                "points": rng.choice(x[t == digit], SHOWN, replace=False),
            }
            for digit in DIGITS
        ],
    }


def ink_in_windows(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean ink of the four digits' images in two windows, and their labels."""
    kept = np.isin(labels, DIGITS)
    ink = [images[kept, top:bottom, left:right] for top, bottom, left, right in (UPPER, LOWER)]
    return np.stack([window.mean(axis=(1, 2)) for window in ink], axis=1), labels[kept]


def question(name: str, x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Choose the samples that a perceptron is asked about, and the answers that are right."""
    asked, ones = QUESTIONS[name]
    kept = np.isin(t, asked)
    return x[kept], np.isin(t[kept], ones)


def share_right(unit: Perceptron, x: np.ndarray, wanted: np.ndarray) -> dict[str, Any]:
    return {"share": np.mean(unit(*x.T) == wanted), "samples": len(x)}


def best_line(x: np.ndarray, wanted: np.ndarray) -> Perceptron:
    """Try many directions of the weights, each with every bias that makes a difference."""
    most, best = -1, Perceptron([0, 0], 0)
    for angle in 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        w = np.array([np.cos(angle), np.sin(angle)])
        sums = x @ w
        order = np.argsort(-sums)
        sums = sums[order]
        # A line after the first k sums: each of them adds an answer that is right, or takes one away.
        right = np.sum(~wanted) + np.cumsum(np.where(wanted[order], 1, -1))[:-1]
        k = np.argmax(np.where(sums[:-1] > sums[1:], right, -1))
        if right[k] > most:
            most, best = right[k], Perceptron(w, -(sums[k] + sums[k + 1]) / 2)
    return best
