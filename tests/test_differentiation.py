"""Difference formulas against closed forms and SciPy: value, order, best step, float types."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from scipy.differentiate import derivative

from dlbook.differentiation import central_difference, complex_step, five_point_difference, forward_difference

DIFFERENCES = [forward_difference, central_difference, five_point_difference]
FORMULAS = [*DIFFERENCES, complex_step]
ORDER = {forward_difference: 1, central_difference: 2, five_point_difference: 4, complex_step: 2}
FUNCTIONS = [  # a function and its derivative, at points where both are tame
    (np.exp, np.exp),
    (np.sin, np.cos),
    (np.log, lambda x: 1 / x),
    (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
]
POINTS = np.array([0.5, 1.0, 2.5])


@pytest.mark.parametrize(("f", "slope"), FUNCTIONS)
@pytest.mark.parametrize(
    ("formula", "rtol"),
    [
        (forward_difference, 1e-3),
        (central_difference, 1e-7),
        (five_point_difference, 1e-10),
        (complex_step, 1e-14),
    ],
)
def test_slopes_agree_with_closed_forms(formula, rtol, f, slope):
    np.testing.assert_allclose(formula(f, POINTS), slope(POINTS), rtol=rtol)


def test_slopes_agree_with_scipy():
    def f(x):
        return np.sin(x) * np.exp(-x) + x**2

    theirs = derivative(f, POINTS).df
    np.testing.assert_allclose(five_point_difference(f, POINTS), theirs, rtol=1e-10)
    np.testing.assert_allclose(complex_step(f, POINTS), theirs, rtol=1e-10)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_error_shrinks_with_the_order_of_the_formula_when_the_step_is_halved(formula):
    steps = 0.1 / 2 ** np.arange(4)
    errors = [abs(formula(np.exp, 1.0, h) - np.e) for h in steps]
    observed = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(observed, ORDER[formula], atol=0.06)


@pytest.mark.parametrize(
    ("formula", "first_term"),
    [
        (forward_difference, lambda h: h / 2),
        (central_difference, lambda h: h**2 / 6),
        (five_point_difference, lambda h: -(h**4) / 30),
        (complex_step, lambda h: -(h**2) / 6),
    ],
)
def test_the_leading_error_term_is_the_one_in_the_docstring(formula, first_term):
    # All derivatives of exp at 0 are 1.
    assert formula(np.exp, 0.0, 0.01) - 1 == pytest.approx(first_term(0.01), rel=0.01)


@pytest.mark.parametrize("formula", FORMULAS)
@given(coefficients=st.lists(st.integers(-9, 9), min_size=1, max_size=5), x=st.integers(-8, 8))
def test_polynomials_up_to_the_order_of_the_formula_are_exact(formula, coefficients, x):
    p = Polynomial(coefficients[: ORDER[formula] + 1])

    def f(z):  # a constant is complex where its argument is
        return p(z) + 0 * z

    # Steps and values are small sums of powers of two: nothing is rounded but the last division.
    assert formula(f, x, h=2.0**-3) == pytest.approx(p.deriv()(x), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("x", [-3.0, 0.1, 1.0, 20.0])
@pytest.mark.parametrize("h", [1e-8, 1e-20, 1e-200])
def test_complex_step_is_exact_to_rounding(x, h):
    np.testing.assert_allclose(complex_step(np.exp, x, h), np.exp(x), rtol=4e-16)
    np.testing.assert_allclose(complex_step(lambda z: z**3, x, h), 3 * x**2, rtol=8e-16, atol=2 * h**2)


def test_the_best_step_grows_with_the_order():
    # Over many points, for one point alone may be lucky.
    x = np.linspace(0.9, 1.1, 101)
    steps = 10.0 ** -np.arange(1, 12)

    def best(formula):
        errors = [np.median(np.abs(formula(np.exp, x, h) - np.exp(x))) for h in steps]
        return steps[np.argmin(errors)]

    assert best(forward_difference) == pytest.approx(1e-8)
    assert best(central_difference) == pytest.approx(1e-5)
    assert best(five_point_difference) == pytest.approx(1e-3)


def test_the_default_steps_are_those_of_the_docstrings():
    x = 1.25
    for formula, h in [
        (forward_difference, 1e-4),
        (central_difference, 1e-4),
        (five_point_difference, 1e-3),
        (complex_step, 1e-20),
    ]:
        assert formula(np.sin, x) == formula(np.sin, x, h)


# Types and shapes


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.array])
def test_a_step_of_any_type_leaves_float32_float32(formula, kind):
    # The steps of np.geomspace are float64 and would make x + h float64.
    assert formula(np.exp, np.float32(1), kind(1e-2)).dtype == np.float32
    assert formula(np.exp, np.ones(2, np.float32), kind(1e-2)).dtype == np.float32


@pytest.mark.parametrize("formula", FORMULAS)
def test_numbers_and_lists_are_taken(formula):
    assert np.ndim(formula(np.sin, 1)) == 0
    assert (
        formula(np.sin, 1)
        == formula(np.sin, 1.0)
        == formula(np.sin, np.array(1))
        == formula(np.sin, [1, 2])[0]
    )
    assert formula(np.sin, [[1, 2]]).shape == (1, 2)


# Bad input


@pytest.mark.parametrize(("f", "value"), [(np.abs, "2.0"), (np.real, "2.0"), (lambda z: 3.0, "3.0")])
def test_complex_step_refuses_a_function_that_loses_the_imaginary_part(f, value):
    with pytest.raises(TypeError, match=rf"^f\(x \+ ih\) must be complex, got {value}$"):
        complex_step(f, 2.0)
