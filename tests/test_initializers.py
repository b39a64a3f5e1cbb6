"""Initial weights: how they spread, and that signals keep their size through layers that they suit."""

import itertools

import numpy as np
import pytest
from scipy import stats

from dlbook.initializers import he, normal, xavier

# The standard deviation that each paper asks for, of a matrix with 300 rows and 500 columns.
EXPECTED = {normal: 0.01, xavier: (2 / 800) ** 0.5, he: (2 / 300) ** 0.5}
ALL = list(EXPECTED)


@pytest.mark.parametrize("initialize", ALL)
def test_weights_are_normal_with_the_spread_of_the_paper(initialize):
    W = initialize((300, 500), rng=0)
    assert W.shape == (300, 500)
    assert W.std() == pytest.approx(EXPECTED[initialize], rel=0.01)
    # Once in a thousand seeds a test of normality says no; this seed is not that one.
    assert stats.kstest(W.ravel(), "norm", (0, EXPECTED[initialize])).pvalue > 0.001


@pytest.mark.parametrize("std", [0.5, 1, 7.0])
def test_the_standard_deviation_is_the_one_that_is_asked_for(std):
    assert normal((300, 500), std, rng=0).std() == pytest.approx(std, rel=0.01)
    assert not normal((3, 5), 0, rng=0).any()


@pytest.mark.parametrize("sizes", [(400,) * 21, (400, 200) * 10])
def test_he_keeps_the_signal_through_twenty_layers_of_relu(sizes):
    x = np.random.default_rng(0).normal(size=(100, sizes[0]))
    power = np.mean(x**2)
    for i, shape in enumerate(itertools.pairwise(sizes)):
        x = np.maximum(x @ he(shape, rng=i), 0)
    assert power / 3 < np.mean(x**2) < 3 * power


def test_xavier_keeps_the_signal_and_the_gradient_through_twenty_linear_layers():
    x = dout = np.random.default_rng(0).normal(size=(100, 400))
    for i in range(20):
        W = xavier((400, 400), rng=i)
        x, dout = x @ W, dout @ W.T
    assert 0.5 < np.std(x) < 2
    assert 0.5 < np.std(dout) < 2


@pytest.mark.parametrize("initialize", ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32", np.dtype(float)])
def test_the_float_type_is_the_one_that_is_asked_for(initialize, dtype):
    W = initialize((3, 5), rng=1, dtype=dtype)
    assert W.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(W, initialize([3, 5], rng=1).astype(dtype))


@pytest.mark.parametrize("initialize", ALL)
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"shape": 5}, TypeError, r"shape must be a pair \(D, H\), got 5"),
        ({"shape": (5,)}, TypeError, r"shape must be a pair \(D, H\), got \(5,\)"),
        ({"shape": (5, 4, 3)}, TypeError, r"shape must be a pair \(D, H\), got \(5, 4, 3\)"),
        ({"shape": "55"}, TypeError, r"shape must be a pair \(D, H\), got '55'"),
        ({"shape": (5, 0)}, ValueError, "shape must be at least 1, got 0"),
        ({"shape": (5.0, 4)}, TypeError, "shape must be an integer, got 5.0"),
    ],
)
def test_what_makes_no_sense_is_refused(initialize, arguments, error, words):
    with pytest.raises(error, match=f"^{words}"):
        initialize(**{"shape": (2, 3)} | arguments)
