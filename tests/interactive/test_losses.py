"""docs/interactive/maths/losses.js gives dlbook's losses, and their slopes."""

import numpy as np
import pytest

from dlbook.activations import softmax
from dlbook.gradients import numerical_gradient
from dlbook.losses import cross_entropy_error, softmax_cross_entropy, sum_squared_error
from tests.interactive.javascript import javascript

LOSSES = {
    "crossEntropy": lambda y: cross_entropy_error(y, 0, delta=0),
    "squaredError": lambda y: sum_squared_error(y, np.array([1, 0])),
}
SCORES = np.linspace(-9, 9, 37)
Y = [softmax(np.array([a, 0.0]))[0] for a in SCORES]


def ask(function, *names, values):
    return np.array(javascript("maths/losses", [(function, *names, float(value)) for value in values]))


def test_probability_and_score_are_each_other_s_inverse():
    np.testing.assert_allclose(ask("probability", values=SCORES), Y, rtol=1e-12)
    np.testing.assert_allclose(ask("score", values=Y), SCORES, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_values(name):
    expected = [LOSSES[name](np.array([y, 1 - y])) for y in Y]
    np.testing.assert_allclose(ask("loss", name, values=Y), expected, rtol=1e-9)


def test_the_cross_entropy_of_the_score():
    expected = [softmax_cross_entropy(np.array([a, 0.0]), 0) for a in SCORES]
    np.testing.assert_allclose(ask("loss", "crossEntropy", values=Y), expected, rtol=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_are_those_of_the_values(name):
    for a, y, by_y, by_score in zip(
        SCORES, Y, ask("slope", name, values=Y), ask("slopeByScore", name, values=Y), strict=True
    ):
        h = 1e-5 * min(y, 1 - y)
        up, down = (LOSSES[name](np.array([it, 1 - it])) for it in (y + h, y - h))
        assert by_y == pytest.approx((up - down) / (2 * h), rel=1e-6, abs=1e-6)
        slope = numerical_gradient(lambda s: LOSSES[name](softmax(np.append(s, 0.0))), np.array([a]))[0]
        assert by_score == pytest.approx(slope, rel=1e-6, abs=1e-9)
