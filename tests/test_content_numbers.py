"""Numbers and facts that the book states and no page's Output shows: those, tests/test_pages.py compares."""

import math

import numpy as np
import pytest

from dlbook.descent import gradient_descent
from dlbook.differentiation import central_difference, complex_step
from dlbook.losses import cross_entropy_error
from dlbook.networks import Network, SimpleNet, TwoLayerNet


def errors(formula, steps, x=1.0):
    """How far each step, a power of ten, leaves the slope of exp at 1 from e."""
    return {k: abs(float(formula(np.exp, x, 10.0**k)) - math.e) for k in steps}


def test_in_float32_the_best_step_is_a_hundredth():
    found = errors(central_difference, range(-7, 0), np.float32(1))
    assert min(found, key=found.get) == -2
    assert f"{found[-4]:.0e}" == "9e-04"


def test_complex_step_is_exact_to_rounding_for_h_at_most_1e8():
    assert max(errors(complex_step, [-8, -9, -20, -100, -300]).values()) <= 2 * math.ulp(math.e)
    assert errors(complex_step, [-6])[-6] > 100 * math.ulp(math.e)


def test_the_reported_loss_of_the_simple_net_has_its_1e7_outside_the_log():
    net = SimpleNet([[0.24442401, 0.07673328, 0.0531962], [-0.43386236, -0.72365264, -1.19456457]])
    x, t = [0.6, 0.9], [0, 0, 1]
    # The weights are printed to eight digits, so a loss is good to about nine.
    reported = 1.5631117172545697
    assert net.loss(x, t) - 1e-7 == pytest.approx(reported, abs=1e-9)
    assert cross_entropy_error(net.predict(x), t) != pytest.approx(reported, abs=1e-7)


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
    def valley(x):
        return x[0] ** 2 + x[0] * x[1] + x[1] ** 2 - 6 * x[0] - 9 * x[1]

    x, _ = gradient_descent(valley, [0.0, 0.0], lr=0.1, step_num=300)
    np.testing.assert_allclose(x, np.linalg.solve([[2, 1], [1, 2]], [6, 9]), rtol=0, atol=1e-8)
    assert valley(x) == pytest.approx(-21, abs=1e-12)
