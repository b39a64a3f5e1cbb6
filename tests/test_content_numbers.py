"""The numbers that the book promises, to the digits it shows, from calls that no page makes for it."""

import math

import numpy as np
import pytest

from dlbook.descent import gradient_descent
from dlbook.differentiation import (
    central_difference,
    complex_step,
    five_point_difference,
    forward_difference,
)
from dlbook.gradients import numerical_gradient
from dlbook.losses import cross_entropy_error, sum_squared_error
from dlbook.networks import Network, SimpleNet, TwoLayerNet

LIKELY_2 = [0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0]
LIKELY_7 = [0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0]
ONE_HOT_2 = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
NET = SimpleNet([[0.24442401, 0.07673328, 0.0531962], [-0.43386236, -0.72365264, -1.19456457]])
SAMPLE = [0.6, 0.9], [0, 0, 1]


def squares(x):
    return np.sum(x**2)


def parabola(x):
    return 0.01 * x**2 + 0.1 * x


def valley(x):
    return x[0] ** 2 + x[0] * x[1] + x[1] ** 2 - 6 * x[0] - 9 * x[1]


def walk(lr):
    return " ".join(f"{it:.8e}" for it in gradient_descent(squares, [-3.0, 4.0], lr=lr, step_num=100)[0])


def errors(formula, steps, x=1.0):
    """How far each step, a power of ten, leaves the slope of exp at 1 from e."""
    return {k: abs(float(formula(np.exp, x, 10.0**k)) - math.e) for k in steps}


def smallest(formula, steps, x=1.0):
    found = errors(formula, steps, x)
    return min(found, key=found.get), f"{min(found.values()):.0e}"


def parameters(hidden_size):
    return sum(param.size for param in TwoLayerNet(784, hidden_size, 10).params.values())


NUMBERS = [
    *[(lambda t=t: f"{sum_squared_error(LIKELY_2, t):.4f}", "0.0975") for t in (2, ONE_HOT_2)],
    *[(lambda t=t: f"{sum_squared_error(LIKELY_7, t):.4f}", "0.5975") for t in (2, ONE_HOT_2)],
    *[(lambda t=t: f"{cross_entropy_error(LIKELY_2, t):.15f}", "0.510825457099338") for t in (2, ONE_HOT_2)],
    *[(lambda t=t: f"{cross_entropy_error(LIKELY_7, t):.15f}", "2.302584092994546") for t in (2, ONE_HOT_2)],
    (lambda: cross_entropy_error(LIKELY_2, 2, delta=0), -math.log(0.6)),
    (lambda: cross_entropy_error(LIKELY_7, 2, delta=0), -math.log(0.1)),
    (lambda: str(central_difference(parabola, 5, h=1e-4)), "0.1999999999990898"),
    (lambda: str(central_difference(parabola, 10, h=1e-4)), "0.2999999999986347"),
    (lambda: str(forward_difference(parabola, 5, h=1e-4)), "0.20000099999917254"),
    (lambda: smallest(central_difference, range(-15, 0)), (-5, "6e-11")),
    (lambda: smallest(five_point_difference, range(-15, 0)), (-3, "4e-13")),
    (lambda: smallest(central_difference, range(-7, 0), np.float32(1))[0], -2),
    (lambda: f"{errors(central_difference, [-4], np.float32(1))[-4]:.0e}", "9e-04"),
    (lambda: parameters(50), 39_760),
    (lambda: parameters(100), 79_510),
    (lambda: walk(0.1), "-6.11110793e-10 8.14814391e-10"),
    (lambda: walk(10), "-2.58983747e+13 -1.29524862e+12"),
    (lambda: walk(1e-10), "-2.99999994e+00 3.99999992e+00"),
]


@pytest.mark.parametrize(("compute", "shown"), NUMBERS)
def test_a_number_is_the_one_that_is_shown(compute, shown):
    assert compute() == shown


def test_complex_step_is_exact_to_rounding_for_h_at_most_1e8():
    assert max(errors(complex_step, [-8, -9, -20, -100, -300]).values()) <= 2 * math.ulp(math.e)
    assert errors(complex_step, [-6])[-6] > 100 * math.ulp(math.e)


@pytest.mark.parametrize(("x", "gradient"), [((3, 4), (6, 8)), ((0, 2), (0, 4)), ((3, 0), (6, 0))])
def test_gradient_of_the_sum_of_squares(x, gradient):
    np.testing.assert_allclose(numerical_gradient(squares, np.array(x, float)), gradient, rtol=0, atol=1e-9)


def test_loss_of_the_simple_net_and_the_reported_one_with_its_1e7_outside_the_log():
    # To the last digit but one: NumPy 2.5 rounds the logarithm the other way.
    assert NET.loss(*SAMPLE) == pytest.approx(1.5631118171679368, rel=0, abs=3e-16)
    # The weights are printed to eight digits, so a loss is good to about nine.
    reported = 1.5631117172545697
    assert NET.loss(*SAMPLE) - 1e-7 == pytest.approx(reported, abs=1e-9)
    assert cross_entropy_error(NET.predict(SAMPLE[0]), SAMPLE[1]) != pytest.approx(reported, abs=1e-7)


@pytest.mark.parametrize("way", ["gradient", "numerical_gradient"])
def test_gradient_of_the_simple_net(way):
    shown = [[0.27955149, 0.1947586, -0.47431009], [0.41932724, 0.29213789, -0.71146514]]
    assert np.round(getattr(NET, way)(*SAMPLE)["W"], 8).tolist() == shown


def test_numerical_gradient_passes_forward_twice_a_parameter():
    # 39,760 parameters would be 79,520 passes; a network of 3·4 + 4 + 4·2 + 2 = 26 shows the factor.
    passes = []

    class CountingNet(TwoLayerNet):
        def scores(self, x):
            passes.append(x)
            return super().scores(x)

    Network.numerical_gradient(CountingNet(3, 4, 2, rng=0), [1, 2, 3], 0)
    assert len(passes) - 2 * 26 in (0, 1)  # one more to see that the input fits


def test_descent_finds_the_solution_of_the_two_linear_equations():
    x, _ = gradient_descent(valley, [0.0, 0.0], lr=0.1, step_num=300)
    np.testing.assert_allclose(x, np.linalg.solve([[2, 1], [1, 2]], [6, 9]), rtol=0, atol=1e-8)
    assert valley(x) == pytest.approx(-21, abs=1e-12)
