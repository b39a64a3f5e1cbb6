"""The numerical gradient against closed forms and SciPy, for every kind of array, leaving all as it was."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import approx_fprime, rosen, rosen_der

from dlbook.gradients import gradient_check, numerical_gradient

SHAPES = [(), (1,), (5,), (2, 3), (3, 1, 2), (2, 1, 2, 2)]


def sum_of_squares(x):
    return np.sum(x**2)


def arrays(least_dims=0, least_side=0):
    shapes = hnp.array_shapes(min_dims=least_dims, max_dims=3, min_side=least_side, max_side=4)
    return hnp.arrays(np.float64, shapes, elements=st.floats(-10, 10))


# Against something independent


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_of_a_smooth_function_agrees_with_its_closed_form(shape):
    x = np.random.default_rng(0).normal(size=shape)
    gradient = numerical_gradient(lambda x: np.sum(np.sin(x)) * np.exp(np.mean(x)), x)
    expected = (np.cos(x) + np.sum(np.sin(x)) / x.size) * np.exp(np.mean(x))
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-8)
    assert gradient.shape == shape


def test_gradient_of_the_rosenbrock_valley_agrees_with_scipy():
    x = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
    np.testing.assert_allclose(numerical_gradient(rosen, x), rosen_der(x), rtol=1e-6)
    np.testing.assert_allclose(numerical_gradient(rosen, x), approx_fprime(x, rosen, 1e-8), rtol=1e-4)


@given(a=arrays(), data=st.data())
def test_the_gradient_of_a_linear_form_is_its_coefficients(a, data):
    x = data.draw(hnp.arrays(np.float64, a.shape, elements=st.floats(-10, 10)))
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(a * x), x), a, atol=1e-8)


def test_the_step_is_h_on_both_sides():
    seen = []
    numerical_gradient(lambda x: seen.append(x.copy()) or 0.0, np.array([1.0, 10.0]), h=0.25)
    assert [point.tolist() for point in seen] == [[1.25, 10], [0.75, 10], [1, 10.25], [1, 9.75]]


@pytest.mark.parametrize(("dtype", "h"), [("f8", 1e-4), (">f8", 1e-4), ("f4", 1e-2), (">f4", 1e-2)])
def test_the_default_step_suits_the_float_type(dtype, h):
    x = np.array(0.0, dtype)
    assert numerical_gradient(lambda x: x**3, x) == pytest.approx(h**2)
    assert gradient_check(lambda x: x**3, x, h**2) < 1e-6


def test_f_may_ignore_its_argument_for_the_array_itself_is_stepped():
    W = np.array([[1.0, -2.0]])
    np.testing.assert_allclose(numerical_gradient(lambda _: np.sum(W**2), W), [[2, -4]], atol=1e-9)


def test_f_may_give_its_argument_back():
    assert numerical_gradient(lambda x: x, np.array(3.0)) == pytest.approx(1)
    assert numerical_gradient(lambda x: x[0], np.array([3.0, 4.0])) == pytest.approx([1, 0])


@pytest.mark.parametrize("value", [1, True, np.int64(1), np.float32(1), np.array(1.0), np.bool_(True)])
def test_f_may_give_any_kind_of_real_number(value):
    assert numerical_gradient(lambda x: value, np.array([3.0])).tolist() == [0]


# Whatever the array


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", ">f4"])
def test_the_float_type_is_kept(dtype):
    x = np.array([[1, -2], [0.5, 3]], dtype)
    gradient = numerical_gradient(sum_of_squares, x, h=2.0**-4)
    assert gradient.dtype == x.dtype
    np.testing.assert_allclose(gradient.astype(float), 2 * x.astype(float), rtol=0.02)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[::2, ::-1],
        lambda x: x[:, 1],
        lambda x: x[1:2, 1:2],
        lambda x: x.transpose(1, 0)[::-1],
        np.asfortranarray,
    ],
)
def test_views_are_stepped_in_place_whatever_their_strides(view):
    base = np.random.default_rng(1).normal(size=(4, 6))
    x = view(base)
    before, whole = x.copy(), base.copy()
    gradient = numerical_gradient(lambda _: np.sum(x**3), x)
    np.testing.assert_allclose(gradient, 3 * before**2, atol=1e-7)
    assert base.tobytes() == whole.tobytes()


def test_empty_arrays_have_an_empty_gradient():
    def f(x):
        raise AssertionError("there is nothing to step")

    for shape in [(0,), (2, 0), (0, 3, 4)]:
        assert numerical_gradient(f, np.zeros(shape)).shape == shape


def test_a_number_or_list_of_floats_is_copied_to_an_array():
    numbers = [1.0, 2.0]
    assert numerical_gradient(sum_of_squares, numbers) == pytest.approx([2, 4])
    assert numbers == [1.0, 2.0]
    assert numerical_gradient(lambda x: x**2, 3.0) == pytest.approx(6)
    assert numerical_gradient(lambda x: x**2, np.float64(3)).shape == ()


def test_subclasses_are_stepped_in_place_too():
    x = np.array([1.0, 2.0]).view(np.ma.MaskedArray)
    gradient = numerical_gradient(lambda _: float((np.asarray(x) ** 2).sum()), x)
    assert gradient == pytest.approx([2, 4])


# Whatever happens, x is as it was


@given(x=arrays())
def test_x_is_restored_bit_for_bit(x):
    before = x.tobytes()
    numerical_gradient(sum_of_squares, x, h=0.1)
    assert x.tobytes() == before


def test_a_negative_zero_is_restored_as_one():
    x = np.array([-0.0, 1e-320, 1e300])
    before = x.tobytes()
    numerical_gradient(lambda x: 0.0, x)
    assert x.tobytes() == before


@given(x=arrays(least_dims=1, least_side=1), data=st.data())
def test_x_is_restored_bit_for_bit_when_f_raises(x, data):
    calls_left = data.draw(st.integers(0, 2 * x.size - 1))
    before = x.tobytes()

    def f(x):
        nonlocal calls_left
        if calls_left == 0:
            raise ZeroDivisionError("f has had enough")
        calls_left -= 1
        return sum_of_squares(x)

    with pytest.raises(ZeroDivisionError, match="had enough"):
        numerical_gradient(f, x)
    assert x.tobytes() == before


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_x_is_restored_when_the_reader_interrupts(interruption):
    x = np.array([1.0, 2.0])

    def f(x):
        raise interruption

    with pytest.raises(interruption):
        numerical_gradient(f, x)
    assert x.tolist() == [1, 2]


# float32


def test_float32_wants_a_larger_step():
    x = np.random.default_rng(2).normal(size=100).astype(np.float32)

    def error(h):
        return np.max(np.abs(numerical_gradient(lambda x: np.sum(np.sin(x)), x, h) - np.cos(x)))

    assert error(1e-2) < 1e-4 < 1e-3 < error(1e-4)
    assert min([1e-1, 1e-2, 1e-3, 1e-4, 1e-5], key=error) == 1e-2


@pytest.mark.parametrize(
    ("dtype", "last", "lost"),
    [(np.float32, 2.0**18 - 1, 2.0**18 + 1), (np.float64, 2.0**40 - 1, 2.0**40 + 1)],
)
def test_beyond_the_documented_size_the_step_is_rounded_away(dtype, last, lost):
    def f(x):
        return float(x[0] > x_before) - float(x[0] < x_before)

    for value, gradient_is_lost in [(last, False), (lost, True)]:
        x_before = dtype(value)
        x = np.array([value], dtype)
        assert (numerical_gradient(f, x)[0] == 0) == gradient_is_lost


# Bad input

BAD_X = [
    (np.array([1, 2]), TypeError, r"x must be floats, .*, got int64 array of shape \(2,\): \[1, 2\]"),
    ([1, 2], TypeError, r"x must be floats, .*, got int64 array"),
    (3, TypeError, "x must be floats, .*, got 3"),
    (np.array([True]), TypeError, "x must be floats, .*, got bool array"),
    (np.array([1j]), TypeError, "x must be floats, .*, got complex128 array"),
    (np.array(["a"]), TypeError, "x must be floats, .*, got <U1 array"),
    (np.array([1.0], object), TypeError, "x must be floats, .*, got object array"),
    (None, TypeError, "x must be floats, .*, got None"),
    ([[1.0], [1.0, 2.0]], ValueError, "x must have rows of equal length, got"),
    (
        np.array([1.0, np.nan]),
        ValueError,
        r"x must be finite everywhere .*, got float64 array of shape \(2,\): \[1.0, nan\]",
    ),
    (np.array([np.inf]), ValueError, "x must be finite everywhere"),
    (
        np.broadcast_to(1.0, (2, 2)),
        ValueError,
        "x must be writeable, because it is changed in place, got float64 array",
    ),
    (np.ma.array([1.0, 2.0], mask=[1, 0]), ValueError, "x must be without masked entries"),
    (np.ones(2, np.float16), TypeError, "x must be in float64 or float32"),
]


@pytest.mark.parametrize(("x", "error", "words"), BAD_X)
def test_points_that_cannot_be_stepped_are_refused_before_f_is_called(x, error, words):
    def f(x):
        raise AssertionError("f was called")

    with pytest.raises(error, match=words):
        numerical_gradient(f, x)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "got None"),
        ("1.5", "got '1.5'"),
        (1j, "got 1j"),
        ([1.0], r"got \[1.0\]"),
        (np.ones(1), "got float64 array"),
        (np.ones((2, 2)), r"got float64 array of shape \(2, 2\)"),
    ],
)
def test_a_function_that_does_not_give_one_real_number_is_refused(value, words):
    x = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match=rf"f\(x\) must be .*real number.*{words}"):
        numerical_gradient(lambda x: value, x)
    assert x.tolist() == [1, 2]


def test_nan_from_f_is_not_hidden():
    assert np.isnan(numerical_gradient(lambda x: math.nan, np.ones(2))).all()


# Gradient check


def test_gradient_check_is_tiny_for_the_right_gradient_in_float64():
    x = np.random.default_rng(3).normal(size=(3, 4))
    assert gradient_check(lambda x: np.sum(np.exp(x)), x, np.exp(x)) < 1e-7


@pytest.mark.parametrize(
    ("claimed", "error"),
    [([2, 4], 0), ([2, 5], 1 / 5), ([-2, -4], 2), ([0, 0], 1), ([2, 3.9], 0.1 / 4), ([8, 4], 6 / 8)],
)
def test_gradient_check_gives_the_largest_difference_over_the_largest_entry(claimed, error):
    assert gradient_check(sum_of_squares, np.array([1.0, 2.0]), claimed) == pytest.approx(error, abs=1e-9)


def test_gradient_check_of_two_zero_gradients_is_0():
    assert gradient_check(lambda x: 1.0, np.ones(3), np.zeros(3)) == 0
    assert gradient_check(sum_of_squares, np.ones((0, 2)), np.ones((0, 2))) == 0


def test_gradient_check_gives_a_python_float_and_restores_x():
    x = np.array([1.0, 2.0], np.float32)
    error = gradient_check(sum_of_squares, x, 2 * x, h=1e-2)
    assert type(error) is float
    assert error < 1e-3
    assert x.tolist() == [1, 2]


def test_gradient_check_uses_its_step():
    # The central difference of x³ at 0 with step h is h².
    assert gradient_check(lambda x: x**3, np.array(0.0), 0.25, h=0.5) == 0
    assert gradient_check(lambda x: x**3, np.array(0.0), 0.25) == pytest.approx(1)


def test_gradient_check_does_not_call_nan_an_agreement():
    with pytest.raises(ValueError, match="the numerical gradient must be finite"):
        gradient_check(lambda x: math.nan, np.ones(2), np.zeros(2))


@pytest.mark.parametrize(
    ("gradient", "error", "words"),
    [
        ([2.0], ValueError, r"gradient must be of the shape of x, \(2,\), got float64 array of shape \(1,\)"),
        (
            [[2.0, 4.0]],
            ValueError,
            r"gradient must be of the shape of x, \(2,\), got float64 array of shape \(1, 2\)",
        ),
        (2.0, ValueError, r"gradient must be of the shape of x, \(2,\), got 2.0"),
    ],
)
def test_gradient_check_refuses_claims_that_make_no_sense(gradient, error, words):
    with pytest.raises(error, match=words):
        gradient_check(sum_of_squares, np.array([1.0, 2.0]), gradient)
