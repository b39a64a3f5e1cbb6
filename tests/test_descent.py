"""Gradient descent against closed forms: the path, where it ends, what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import rosen

from dlbook.descent import gradient_descent


def sum_of_squares(x):
    return np.sum(x**2)


@given(
    start=st.lists(st.floats(-100, 100), min_size=1, max_size=3),
    lr=st.floats(0.01, 0.9),
    steps=st.integers(0, 20),
)
def test_each_step_on_the_sum_of_squares_multiplies_by_1_minus_2_lr(start, lr, steps):
    x, history = gradient_descent(sum_of_squares, start, lr, steps)
    expected = [(1 - 2 * lr) ** k * np.array(start) for k in range(steps + 1)]
    np.testing.assert_allclose(history, expected, atol=1e-6)
    assert x.tolist() == history[-1].tolist()
    assert history[0].tolist() == start


def test_each_step_goes_downhill_when_the_learning_rate_is_small():
    _, history = gradient_descent(rosen, [-1.0, 2.0], lr=1e-4, step_num=50)
    assert np.all(np.diff([rosen(x) for x in history]) < 0)


def test_the_defaults_are_a_hundred_steps_of_a_hundredth():
    x, history = gradient_descent(sum_of_squares, [1.0])
    assert history.shape == (101, 1)
    assert x == pytest.approx(0.98**100)


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (1, 2, 2), (0,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_history_has_every_point_in_the_shape_and_type_of_the_start(shape, dtype):
    start = np.ones(shape, dtype)
    x, history = gradient_descent(sum_of_squares, start, lr=0.25, step_num=3)
    assert x.shape == shape
    assert x.dtype == history.dtype == dtype
    assert history.shape == (4, *shape)
    np.testing.assert_array_equal(history[0], start)
    np.testing.assert_allclose(x, 0.125 * start, atol=1e-3)


def test_a_walk_of_no_steps_is_its_start():
    x, history = gradient_descent(sum_of_squares, [1.0, 2.0], step_num=0)
    assert x.tolist() == [1, 2]
    assert history.tolist() == [[1, 2]]


def test_the_start_is_copied_and_may_be_read_only_integers_or_a_number():
    start = np.array([3.0, -4.0])
    before = start.tobytes()
    start.flags.writeable = False
    x, _ = gradient_descent(sum_of_squares, start, lr=0.1, step_num=5)
    assert start.tobytes() == before
    assert not np.shares_memory(x, start)
    for same in ([3, -4], (3, -4), np.array([3, -4]), np.array([3, -4], np.int8)):
        np.testing.assert_array_equal(gradient_descent(sum_of_squares, same, lr=0.1, step_num=5)[0], x)
    assert gradient_descent(lambda x: x**2, 3, lr=0.1, step_num=5)[0] == pytest.approx(x[0])


def test_the_start_is_left_alone_even_without_steps():
    start = np.array([1.0])
    x, history = gradient_descent(sum_of_squares, start, step_num=0)
    x[0] = history[0] = 9
    assert start[0] == 1


def test_end_and_history_are_separate_copies():
    x, history = gradient_descent(sum_of_squares, [1.0], lr=0.25, step_num=4)
    assert np.unique(history).size == 5
    x[0] = 7
    assert history[-1] != 7


def test_the_start_is_left_alone_when_f_raises():
    start = np.array([1.0, 2.0])

    def f(x):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gradient_descent(f, start)
    assert start.tolist() == [1, 2]


def test_at_a_saddle_point_the_walk_stands_still():
    x, history = gradient_descent(lambda x: x[0] ** 2 - x[1] ** 2, [1.0, 0.0], lr=0.1)
    assert abs(x[0]) < 1e-8
    assert np.all(history[:, 1] == 0)


def test_divergence_warns_and_ends_at_the_last_finite_point():
    def cliff(x):
        return float(x[0]) * 1e308 if x[0] < 0.5 else float("inf") * x[0]

    with pytest.warns(RuntimeWarning, match="diverged in step 1: lr = 1.0 is too large") as warned:
        x, history = gradient_descent(cliff, [1.0], lr=1)
    assert warned[0].filename == __file__
    assert x.tolist() == [1]
    assert history.tolist() == [[1]]


def test_divergence_later_on_keeps_the_points_before_it():
    def f(x):
        return x[0] if x[0] > -2.5 else float("nan")

    with pytest.warns(RuntimeWarning, match="diverged in step 4"):
        x, history = gradient_descent(f, [0.0], lr=1, step_num=10)
    np.testing.assert_allclose(history[:, 0], [0, -1, -2, -3], atol=1e-9)
    assert x.tolist() == history[-1].tolist()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"f": lambda x: x}, TypeError, r"f\(x\) must be one real number, got float64 array of shape \(1,\)"),
        ({"f": lambda x: None}, TypeError, r"f\(x\) must be real numbers, got None"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        gradient_descent(**{"f": sum_of_squares, "init_x": [1.0]} | arguments)
