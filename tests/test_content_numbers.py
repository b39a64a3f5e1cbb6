"""The numbers that chapters 3 to 7 promise, one test a number, to the digits the book shows."""

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
FISH_W = [[0.24442401, 0.07673328, 0.0531962], [-0.43386236, -0.72365264, -1.19456457]]
FISH_X = [0.6, 0.9]
FISH_T = [0, 0, 1]


def sum_of_squares(x):
    return np.sum(x**2)


def parabola(x):
    return 0.01 * x**2 + 0.1 * x


def valley(x):
    return x[0] ** 2 + x[0] * x[1] + x[1] ** 2 - 6 * x[0] - 9 * x[1]


def exp_error(formula, h):
    return abs(formula(np.exp, 1.0, h) - math.e)


def powers_of_ten(first, last):
    return [10.0**-k for k in range(first, last + 1)]


# Chapter 3


@pytest.mark.parametrize("t", [2, ONE_HOT_2])
@pytest.mark.parametrize(("y", "shown"), [(LIKELY_2, "0.0975"), (LIKELY_7, "0.5975")])
def test_sum_of_squared_errors_of_the_two_predictions(y, t, shown):
    assert f"{sum_squared_error(y, t):.4f}" == shown
    assert sum_squared_error(y, t) == pytest.approx(float(shown), rel=1e-15)


@pytest.mark.parametrize("t", [2, ONE_HOT_2])
@pytest.mark.parametrize(("y", "shown"), [(LIKELY_2, "0.510825457099338"), (LIKELY_7, "2.302584092994546")])
def test_cross_entropy_of_the_two_predictions_with_1e7_inside_the_log(y, t, shown):
    assert f"{cross_entropy_error(y, t):.15f}" == shown


@pytest.mark.parametrize(("y", "shown"), [(LIKELY_2, "0.5108256"), (LIKELY_7, "2.3025851")])
def test_cross_entropy_of_the_two_predictions_without_delta(y, shown):
    loss = cross_entropy_error(y, 2, delta=0)
    assert f"{loss:.7f}" == shown
    assert loss == -math.log(y[2])


# Chapter 4


@pytest.mark.parametrize(
    ("formula", "x", "shown"),
    [
        (central_difference, 5, "0.1999999999990898"),
        (central_difference, 10, "0.2999999999986347"),
        (forward_difference, 5, "0.20000099999917254"),
    ],
)
def test_slopes_of_the_parabola(formula, x, shown):
    assert str(formula(parabola, x, h=1e-4)) == shown


def test_best_central_error_for_exp_is_about_6e11_at_1e5():
    errors = {h: exp_error(central_difference, h) for h in powers_of_ten(1, 6)}
    assert min(errors, key=errors.get) == 1e-5
    assert f"{errors[1e-5]:.0e}" == "6e-11"
    assert all(exp_error(central_difference, h) > 5e-11 for h in powers_of_ten(7, 15))


def test_best_five_point_error_for_exp_is_about_4e13_at_1e3():
    errors = {h: exp_error(five_point_difference, h) for h in powers_of_ten(1, 15)}
    assert min(errors, key=errors.get) == 1e-3
    assert f"{errors[1e-3]:.0e}" == "4e-13"


@pytest.mark.parametrize("h", [1e-8, 1e-9, 1e-20, 1e-100, 1e-300])
def test_complex_step_is_exact_to_rounding_for_h_at_most_1e8(h):
    assert exp_error(complex_step, h) <= 2 * math.ulp(math.e)


def test_complex_step_is_not_exact_for_larger_h():
    assert exp_error(complex_step, 1e-6) > 100 * math.ulp(math.e)


def test_in_float32_the_best_central_h_is_about_1e2_and_1e4_is_9e4_off():
    errors = {
        h: abs(float(central_difference(np.exp, np.float32(1), h)) - math.e) for h in powers_of_ten(1, 7)
    }
    assert min(errors, key=errors.get) == 1e-2
    assert f"{errors[1e-4]:.0e}" == "9e-04"


def test_partial_derivatives_at_3_4_are_6_and_8():
    assert central_difference(lambda x0: x0**2 + 4.0**2, 3) == pytest.approx(6, abs=1e-9)
    assert central_difference(lambda x1: 3.0**2 + x1**2, 4) == pytest.approx(8, abs=1e-9)


# Chapter 5


@pytest.mark.parametrize(("x", "gradient"), [((3, 4), (6, 8)), ((0, 2), (0, 4)), ((3, 0), (6, 0))])
def test_gradient_of_the_sum_of_squares(x, gradient):
    np.testing.assert_allclose(
        numerical_gradient(sum_of_squares, np.array(x, float)), gradient, rtol=0, atol=1e-9
    )


def test_loss_of_the_simple_net():
    loss = SimpleNet(FISH_W).loss(FISH_X, FISH_T)
    # To the last digit but one: NumPy 2.5 rounds the logarithm the other way.
    assert loss == pytest.approx(1.5631118171679368, rel=0, abs=3e-16)


def test_reported_loss_of_the_simple_net_has_its_1e7_outside_the_log():
    # The weights are printed to eight digits, so a loss is good to about nine.
    net = SimpleNet(FISH_W)
    reported = 1.5631117172545697
    assert net.loss(FISH_X, FISH_T) - 1e-7 == pytest.approx(reported, abs=1e-9)
    assert cross_entropy_error(net.predict(FISH_X), FISH_T) != pytest.approx(reported, abs=1e-7)


@pytest.mark.parametrize("way", ["gradient", "numerical_gradient"])
def test_gradient_of_the_simple_net(way):
    dW = getattr(SimpleNet(FISH_W), way)(FISH_X, FISH_T)["W"]
    shown = [[0.27955149, 0.1947586, -0.47431009], [0.41932724, 0.29213789, -0.71146514]]
    assert np.round(dW, 8).tolist() == shown


@pytest.mark.parametrize(("hidden_size", "shown"), [(50, 39_760), (100, 79_510)])
def test_number_of_parameters_of_the_two_layer_network(hidden_size, shown):
    assert sum(param.size for param in TwoLayerNet(784, hidden_size, 10).params.values()) == shown


def test_numerical_gradient_passes_forward_twice_a_parameter():
    # 39,760 parameters would be 79,520 passes; a network of 3·4 + 4 + 4·2 + 2 = 26 shows the factor.
    passes = []

    class CountingNet(TwoLayerNet):
        def scores(self, x):
            passes.append(x)
            return super().scores(x)

    Network.numerical_gradient(CountingNet(3, 4, 2, rng=0), [1, 2, 3], 0)
    assert len(passes) - 2 * 26 in (0, 1)  # one more to see that the input fits


# Chapter 6


@pytest.mark.parametrize(
    ("lr", "shown"),
    [
        (0.1, ["-6.11110793e-10", "8.14814391e-10"]),
        (10, ["-2.58983747e+13", "-1.29524862e+12"]),
        (1e-10, ["-2.99999994e+00", "3.99999992e+00"]),
    ],
)
def test_hundred_steps_on_the_sum_of_squares(lr, shown):
    x, _ = gradient_descent(sum_of_squares, [-3.0, 4.0], lr=lr, step_num=100)
    assert [f"{value:.8e}" for value in x] == shown


def test_descent_finds_the_solution_of_the_two_linear_equations():
    x, _ = gradient_descent(valley, [0.0, 0.0], lr=0.1, step_num=300)
    solution = np.linalg.solve([[2, 1], [1, 2]], [6, 9])
    np.testing.assert_allclose(solution, [1, 4])
    np.testing.assert_allclose(x, solution, rtol=0, atol=1e-8)
    assert valley(x) == pytest.approx(-21, abs=1e-12)
