"""Activations against SciPy, exact arithmetic, and what must hold for every input."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from dlbook.activations import log_softmax, relu, relu_grad, sigmoid, sigmoid_grad, softmax, step

ELEMENTWISE = [step, sigmoid, sigmoid_grad, relu, relu_grad]
OVER_CLASSES = [softmax, log_softmax]
FLOATS = [np.float32, np.float64]
SHAPES = [(3,), (1, 3), (2, 3), (7, 1), (100, 10), (2, 3, 4)]


def floats_of(dtype, largest):
    width = np.dtype(dtype).itemsize * 8
    bound = float(np.dtype(dtype).type(largest))
    return st.floats(-bound, bound, width=width)


def arrays_of_floats(largest=50, least_dims=0, least_side=0):
    return st.sampled_from(FLOATS).flatmap(
        lambda dtype: hnp.arrays(
            dtype,
            hnp.array_shapes(min_dims=least_dims, max_dims=3, min_side=least_side, max_side=6),
            elements=floats_of(dtype, largest),
        )
    )


def exact_sigmoid(x):
    with localcontext(prec=60):
        return 1 / (1 + (-Decimal(float(x))).exp())


# Against something independent


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_softmax_and_log_softmax_agree_with_scipy(shape, dtype):
    x = np.random.default_rng(0).normal(0, 5, shape).astype(dtype)
    rtol = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(sigmoid(x), special.expit(x), rtol=rtol)
    np.testing.assert_allclose(softmax(x), special.softmax(x, axis=-1), rtol=20 * rtol)
    np.testing.assert_allclose(log_softmax(x), special.log_softmax(x, axis=-1), rtol=rtol, atol=rtol)


@pytest.mark.parametrize(("dtype", "lowest"), [(np.float32, -87), (np.float64, -708)])
def test_sigmoid_keeps_its_digits_in_both_tails(dtype, lowest):
    for x in np.linspace(lowest, -lowest, 201).astype(dtype):
        error = abs(Decimal(float(sigmoid(x))) / exact_sigmoid(x) - 1)
        assert error < 4 * np.finfo(dtype).eps, x


@pytest.mark.parametrize(("dtype", "lowest"), [(np.float32, -87), (np.float64, -700)])
def test_sigmoid_grad_keeps_its_digits_in_both_tails(dtype, lowest):
    for x in np.linspace(lowest, -lowest, 201).astype(dtype):
        exact = exact_sigmoid(x) * exact_sigmoid(-x)
        assert abs(Decimal(float(sigmoid_grad(x))) / exact - 1) < 8 * np.finfo(dtype).eps, x


@pytest.mark.parametrize("dtype", FLOATS)
def test_log_softmax_keeps_its_digits(dtype):
    for x in np.random.default_rng(1).normal(0, 30, (50, 4)).astype(dtype):
        with localcontext(prec=60):
            exponentials = [Decimal(float(score)).exp() for score in x]
            exact = [float((e / sum(exponentials)).ln()) for e in exponentials]
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(log_softmax(x), exact, rtol=4 * eps, atol=4 * eps)


def test_step_and_relu_by_hand():
    x = [-2, -0.0, 0, 1e-300, 3]
    assert step(x).tolist() == [0, 0, 0, 1, 1]
    assert relu(x).tolist() == [0, 0, 0, 1e-300, 3]
    assert relu_grad(x).tolist() == [0, 0, 0, 1, 1]


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([1, 2, 5])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-15)
    np.testing.assert_allclose(log_softmax([0, 0]), [-np.log(2)] * 2, rtol=1e-15)
    assert softmax([7]).tolist() == [1]
    assert log_softmax([[7], [-7]]).tolist() == [[0], [0]]


@pytest.mark.parametrize(("f", "slope"), [(sigmoid, sigmoid_grad), (relu, relu_grad)])
def test_slopes_are_the_derivatives(f, slope):
    x = np.array([-30, -3, -0.5, 0.25, 1, 8, 20.0])
    h = 1e-5
    np.testing.assert_allclose(slope(x), (f(x + h) - f(x - h)) / (2 * h), rtol=1e-6, atol=1e-10)


def test_the_slope_of_relu_at_0_is_0_and_its_outputs_serve_as_well_as_its_inputs():
    x = np.array([-1.0, 0, 2])
    assert relu_grad(0.0) == 0
    assert relu_grad(relu(x)).tolist() == relu_grad(x).tolist()


# What must hold for every input


@pytest.mark.parametrize("f", ELEMENTWISE + OVER_CLASSES)
@settings(max_examples=30)
@given(x=arrays_of_floats(largest=1e4, least_dims=1, least_side=1))
def test_all_keep_shape_and_type_and_leave_the_input_alone(f, x):
    before = x.copy()
    x.flags.writeable = False
    y = f(x)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert x.tobytes() == before.tobytes()
    assert not np.shares_memory(y, x)


@given(x=arrays_of_floats(largest=1e4, least_dims=1, least_side=1))
def test_softmax_rows_are_distributions(x):
    y = softmax(x)
    assert np.all((y >= 0) & (y <= 1))
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=8 * np.finfo(x.dtype).eps)


@given(x=arrays_of_floats(largest=50, least_dims=1, least_side=1), shift=st.integers(-10_000, 10_000))
def test_softmax_does_not_change_when_all_scores_are_shifted(x, shift):
    x = np.round(x * 4) / 4  # so that the shift itself loses nothing
    np.testing.assert_array_equal(softmax(x + shift), softmax(x))
    np.testing.assert_array_equal(log_softmax(x + shift), log_softmax(x))


@given(x=arrays_of_floats(largest=80, least_dims=1, least_side=1))
def test_log_softmax_is_the_log_of_softmax_where_that_is_finite(x):
    y = softmax(x)
    normal = y > np.finfo(x.dtype).tiny  # subnormal numbers have fewer digits
    eps = np.finfo(x.dtype).eps
    np.testing.assert_allclose(log_softmax(x)[normal], np.log(y[normal]), rtol=8 * eps, atol=8 * eps)


@given(x=arrays_of_floats(largest=1e4, least_dims=2, least_side=1))
def test_a_batch_is_its_rows(x):
    rows = x.reshape(-1, x.shape[-1])
    for f in OVER_CLASSES:
        np.testing.assert_array_equal(f(x).reshape(rows.shape), [f(row) for row in rows])


@given(x=arrays_of_floats(largest=1e4))
def test_sigmoid_is_symmetric_bounded_and_monotone(x):
    y = sigmoid(x)
    assert np.all((y >= 0) & (y <= 1))
    np.testing.assert_allclose(y + sigmoid(-x), 1, rtol=4 * np.finfo(x.dtype).eps)
    # Rounding may swap neighbours by the last digit.
    assert np.all(np.diff(sigmoid(np.sort(x, axis=None))) >= -2 * np.finfo(x.dtype).eps)
    np.testing.assert_array_equal(sigmoid_grad(x), sigmoid_grad(-x))
    assert np.all(sigmoid_grad(x) <= 0.25)


# Large scores


@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_is_silent_and_right_at_1e4(dtype):
    # Underflow is left out: e^-10000 is 0 in every float type, and that is the right answer.
    with np.errstate(all="raise", under="ignore"):
        x = np.array([-1e4, -1000, 0, 1000, 1e4], dtype)
        assert sigmoid(x).tolist() == [0, 0, 0.5, 1, 1]
        assert sigmoid_grad(x).tolist() == [0, 0, 0.25, 0, 0]
        assert sigmoid(dtype(-1e4)) == 0
        assert sigmoid(-np.inf) == 0
        assert sigmoid(np.inf) == 1


def test_sigmoid_of_moderate_scores_does_not_even_underflow():
    with np.errstate(all="raise"):
        sigmoid(np.linspace(-700, 700, 1001))


@pytest.mark.parametrize("dtype", FLOATS)
def test_softmax_and_log_softmax_are_silent_and_right_at_1e4(dtype):
    with np.errstate(all="raise", under="ignore"):
        x = np.array([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4]], dtype)
        assert softmax(x).tolist() == [[1, 0], [0, 1], [0.5, 0.5], [0.5, 0.5]]
        assert log_softmax(x)[:2].tolist() == [[0, -2e4], [-2e4, 0]]
        np.testing.assert_allclose(log_softmax(x)[2:], -np.log(2), rtol=np.finfo(dtype).eps)


def test_a_class_with_score_minus_infinity_is_out_of_the_race():
    assert softmax([0, -np.inf, 0]).tolist() == [0.5, 0, 0.5]
    assert log_softmax([0, -np.inf])[1] == -np.inf


# What comes in


@pytest.mark.parametrize("f", ELEMENTWISE)
def test_lists_integers_and_scalars_are_taken_as_float64(f):
    expected = f(np.array([-2.0, 0, 3]))
    for x in ([-2, 0, 3], (-2, 0, 3), np.array([-2, 0, 3], np.int8), [-2.0, 0.0, 3.0]):
        np.testing.assert_array_equal(f(x), expected)
        assert f(x).dtype == np.float64
    for number in (3, 3.0, np.float64(3), np.array(3), np.array(3.0), np.uint8(3)):
        assert f(number) == expected[2]
        assert isinstance(f(number), np.float64)
    assert isinstance(f(np.float32(3)), np.float32)


@pytest.mark.parametrize("f", ELEMENTWISE + OVER_CLASSES)
def test_nan_is_not_hidden(f):
    assert np.isnan(f([1, np.nan, 2])[1])


@pytest.mark.parametrize("f", ELEMENTWISE)
def test_empty_arrays_stay_empty(f):
    assert f([]).shape == (0,)
    assert f(np.zeros((2, 0), np.float32)).dtype == np.float32


@pytest.mark.parametrize("f", OVER_CLASSES)
def test_a_batch_of_no_samples_stays_empty(f):
    assert f(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("f", OVER_CLASSES)
@pytest.mark.parametrize(
    ("x", "came"),
    [
        (3.0, r"3\.0"),
        (np.array(3.0), r"3\.0"),
        ([], r"float64 array of shape \(0,\)"),
        (np.zeros((2, 0)), r"float64 array of shape \(2, 0\)"),
    ],
)
def test_softmax_without_classes_is_refused(f, x, came):
    expected = "an array whose last axis runs over the classes"
    with pytest.raises(ValueError, match=f"^x must be {expected}, got {came}"):
        f(x)
