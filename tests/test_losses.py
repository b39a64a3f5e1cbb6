"""Losses against SciPy, exact arithmetic, and what must hold for every batch."""

import math
from contextlib import nullcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from dlbook.activations import softmax
from dlbook.losses import (
    as_one_hot,
    batch_size,
    cross_entropy_error,
    softmax_cross_entropy,
    sum_squared_error,
)

LOSSES = [sum_squared_error, cross_entropy_error, softmax_cross_entropy]
FLOATS = [np.float32, np.float64]
BATCHES = [1, 2, 7, 100]


def random_batch(n, classes, dtype=np.float64, seed=0):
    """Probabilities, labels, the labels as one-hot rows, and soft targets."""
    rng = np.random.default_rng(seed)
    y = rng.dirichlet(np.ones(classes), n).astype(dtype)
    labels = rng.integers(classes, size=n)
    one_hot = np.zeros((n, classes))
    one_hot[range(n), labels] = 1
    return y, labels, one_hot, rng.dirichlet(np.ones(classes), n)


# Against something independent


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", BATCHES)
def test_losses_agree_with_scipy(n, dtype):
    y, labels, one_hot, soft = random_batch(n, 5, dtype)
    scores = np.random.default_rng(1).normal(0, 4, (n, 5)).astype(dtype)
    rtol = 30 * float(np.finfo(dtype).eps)
    for t in (one_hot, soft):
        # H(t, y) = H(t) + KL(t ‖ y)
        entropy = special.entr(t).sum() / n
        assert cross_entropy_error(y, t, delta=0) == pytest.approx(
            entropy + special.rel_entr(t, y.astype(float)).sum() / n, rel=rtol
        )
        assert cross_entropy_error(y, t) == pytest.approx(
            -special.xlogy(t, y.astype(float) + 1e-7).sum() / n, rel=rtol
        )
        log_y = scores - special.logsumexp(scores.astype(float), axis=1, keepdims=True)
        assert softmax_cross_entropy(scores, t) == pytest.approx(-(t * log_y).sum() / n, rel=rtol)
    picked = -np.log(y.astype(float)[range(n), labels]).mean()
    assert cross_entropy_error(y, labels, delta=0) == pytest.approx(picked, rel=rtol)


def test_sum_of_squares_agrees_with_exact_fractions():
    y = [[0.25, 0.75, -1.5], [2, 0, 1e-3]]
    t = [[1, 0, 0], [0.5, -3, 7]]
    exact = (
        sum(
            (Fraction(a) - Fraction(b)) ** 2
            for p, q in zip(y, t, strict=True)
            for a, b in zip(p, q, strict=True)
        )
        / 2
    )
    assert sum_squared_error(y, t) == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_cross_entropy_of_a_uniform_guess_is_the_log_of_the_number_of_classes(classes):
    t = np.arange(classes)
    y = np.full((classes, classes), 1 / classes)
    assert cross_entropy_error(y, t, delta=0) == pytest.approx(math.log(classes), rel=1e-14)
    assert softmax_cross_entropy(np.full((classes, classes), -3.5), t) == pytest.approx(
        math.log(classes), rel=1e-14
    )


def test_cross_entropy_of_a_right_and_certain_guess_is_0():
    assert cross_entropy_error([0, 1], 1, delta=0) == 0
    assert softmax_cross_entropy([0, 800], 1) == 0


# What must hold for every batch


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", BATCHES)
def test_labels_of_any_integer_type_and_one_hot_rows_of_any_type_give_the_same_loss(loss, dtype, n):
    y, labels, one_hot, _ = random_batch(n, 5, dtype)
    expected = loss(y, one_hot)
    assert expected.dtype == dtype
    for integer in (np.int8, np.uint8, np.int32, np.int64, np.uint64):
        assert loss(y, labels.astype(integer)) == expected
    assert loss(y, labels.tolist()) == expected
    for kind in (bool, np.uint8, np.int64, np.float32, np.float64):
        assert loss(y, one_hot.astype(kind)) == expected
        assert loss(y, one_hot.astype(kind)).dtype == dtype
    assert loss(y, one_hot.tolist()) == expected


@pytest.mark.parametrize("loss", LOSSES)
def test_a_single_sample_equals_a_batch_of_one(loss):
    y, labels, one_hot, soft = random_batch(1, 5)
    for t in (labels, one_hot, soft):
        assert loss(y[0], t[0]) == loss(y, t)
    assert np.ndim(loss(y[0], 3)) == 0


@pytest.mark.parametrize("loss", [cross_entropy_error, softmax_cross_entropy])
@given(n=st.integers(1, 9), classes=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_cross_entropy_of_a_batch_is_the_mean_over_its_samples_in_any_order(loss, n, classes, seed):
    y, labels, _, soft = random_batch(n, classes, seed=seed)
    for t in (labels, soft):
        one_by_one = [loss(row, target) for row, target in zip(y, t, strict=True)]
        assert loss(y, t) == pytest.approx(np.mean(one_by_one), rel=1e-12)
        assert loss(y[::-1], t[::-1]) == pytest.approx(loss(y, t), rel=1e-12)


@given(n=st.integers(1, 9), classes=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_sum_of_squares_is_the_sum_over_samples_and_symmetric(n, classes, seed):
    y, _, _, soft = random_batch(n, classes, seed=seed)
    one_by_one = [sum_squared_error(row, target) for row, target in zip(y, soft, strict=True)]
    assert sum_squared_error(y, soft) == pytest.approx(sum(one_by_one), rel=1e-12, abs=1e-300)
    assert sum_squared_error(soft, y) == sum_squared_error(y, soft)
    assert sum_squared_error(y, y) == 0


@given(n=st.integers(1, 9), classes=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_no_guess_is_better_than_the_target_itself(n, classes, seed):
    y, _, _, soft = random_batch(n, classes, seed=seed)
    assert cross_entropy_error(y, soft, delta=0) >= cross_entropy_error(soft, soft, delta=0) - 1e-12


@given(n=st.integers(1, 9), classes=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_both_cross_entropies_agree_on_the_softmax_of_the_scores(n, classes, seed):
    scores = np.random.default_rng(seed).normal(0, 3, (n, classes))
    _, labels, one_hot, soft = random_batch(n, classes, seed=seed)
    for t in (labels, one_hot, soft):
        direct = softmax_cross_entropy(scores, t)
        assert direct == pytest.approx(cross_entropy_error(softmax(scores), t, delta=0), rel=1e-11, abs=1e-14)
        assert softmax_cross_entropy(scores + 1000, t) == pytest.approx(direct, rel=1e-10, abs=1e-11)


def test_three_axes_count_every_row_as_a_sample():
    y, labels, one_hot, _ = random_batch(6, 4)
    flat = cross_entropy_error(y, labels)
    assert cross_entropy_error(y.reshape(2, 3, 4), labels.reshape(2, 3)) == pytest.approx(flat, rel=1e-14)
    assert cross_entropy_error(y.reshape(2, 3, 4), one_hot.reshape(2, 3, 4)) == pytest.approx(flat, rel=1e-14)


# Where shapes could be confused


def test_as_many_samples_as_classes_does_not_confuse_labels_with_one_hot_rows():
    y, labels, one_hot, _ = random_batch(5, 5)
    assert cross_entropy_error(y, labels) == cross_entropy_error(y, one_hot)
    np.testing.assert_array_equal(as_one_hot(labels, y), one_hot)


def test_a_row_of_as_many_labels_as_classes_is_not_a_single_sample():
    with pytest.raises(ValueError, match="t must be rows that sum to 1"):
        cross_entropy_error([0.2, 0.3, 0.5], [2, 0, 1])


def test_one_class_alone_is_always_right():
    assert cross_entropy_error([[1.0], [1.0]], [0, 0], delta=0) == 0
    assert cross_entropy_error([[1.0], [1.0]], [[1], [1]], delta=0) == 0
    assert softmax_cross_entropy([[5.0], [-5.0]], [0, 0]) == 0


def test_one_hot_rows_by_hand():
    y = np.zeros((2, 3), np.float32)
    rows = as_one_hot([2, 0], y)
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert rows.dtype == np.float32
    assert as_one_hot(1, y[0]).tolist() == [0, 1, 0]
    assert as_one_hot(np.uint8(1), y[0]).tolist() == [0, 1, 0]


def test_labels_of_many_classes_need_no_square_of_memory():
    # A C×C identity would take 80 GB here.
    y = np.full((2, 100_000), 1e-5)
    assert cross_entropy_error(y, [0, 99_999], delta=0) == pytest.approx(5 * math.log(10))
    assert cross_entropy_error(np.full((1, 300), 1 / 300), np.uint8([255]), delta=0) == pytest.approx(
        math.log(300)
    )


def test_batch_size_counts_rows():
    sizes = [batch_size(np.zeros(shape)) for shape in [(3,), (1, 3), (7, 3), (2, 4, 3)]]
    assert sizes == [1, 1, 7, 8]
    assert {type(size) for size in sizes} == {int}


def test_sum_of_squares_takes_targets_of_any_size_in_the_shape_of_y():
    assert sum_squared_error([1.0, 2.0], [-3, 4]) == 10
    assert sum_squared_error([1, 2], [3, 2]) == 2  # integers in the shape of y are values, not labels
    assert sum_squared_error([1, 2], [3, 2]).dtype == np.float64


# Probabilities near 0 and scores far from it


def test_delta_keeps_a_probability_of_0_finite_and_stands_inside_the_log():
    assert cross_entropy_error([1, 0], 1) == -math.log(1e-7)
    assert cross_entropy_error([0.75, 0.25], 1, delta=0.25) == -math.log(0.5)


def test_zeros_at_the_wrong_classes_cost_nothing_even_without_delta():
    with np.errstate(all="raise"):
        assert cross_entropy_error([[0, 1], [0.5, 0.5]], [1, 0], delta=0) == pytest.approx(math.log(2) / 2)
        assert cross_entropy_error([0, 0.5, 0.5], [0, 0.5, 0.5], delta=0) == pytest.approx(math.log(2))


def test_rounding_may_lift_a_probability_a_little_above_1():
    assert cross_entropy_error([1 + 1e-6, 0], 0) == pytest.approx(0, abs=2e-6)


@pytest.mark.parametrize("dtype", FLOATS)
def test_losses_are_finite_and_silent_for_scores_of_1e4(dtype):
    scores = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0]], dtype)
    with np.errstate(all="raise", under="ignore"):
        assert softmax_cross_entropy(scores, [0, 1]) == 0
        assert softmax_cross_entropy(scores, [1, 0]) == 2e4
        assert softmax_cross_entropy(scores, [[0.5, 0.5, 0], [0, 1, 0]]) == 5e3
        assert cross_entropy_error(softmax(scores), [1, 0]) == pytest.approx(-math.log(1e-7), rel=1e-6)
        assert softmax_cross_entropy(np.full((2, 3), 1e4, dtype), [0, 1]) == pytest.approx(
            math.log(3), rel=1e-6
        )


def test_float32_losses_of_large_batches_keep_their_digits():
    rng = np.random.default_rng(4)
    scores = rng.normal(0, 3, (200_000, 5)).astype(np.float32)
    labels = rng.integers(5, size=200_000)
    exact = softmax_cross_entropy(scores.astype(np.float64), labels)
    assert softmax_cross_entropy(scores, labels) == pytest.approx(exact, rel=1e-6)
    assert cross_entropy_error(softmax(scores), labels, delta=0) == pytest.approx(exact, rel=1e-6)


def test_delta_of_numpy_type_does_not_widen_float32():
    assert cross_entropy_error(np.array([0.5, 0.5], np.float32), 0, np.float64(1e-7)).dtype == np.float32


# What does not fit

Y = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]


def test_the_message_names_the_predictions_as_the_caller_does():
    for loss, name in zip(LOSSES, ("y", "y", "scores"), strict=True):
        with pytest.raises(ValueError, match=rf"^t must be of shape \(2, 3\), like {name}, or labels"):
            loss(Y, [0, 1, 2])


@pytest.mark.parametrize(
    "y",
    [
        [[0.9, 0.9], [0.5, 0.5]],
        [[0.5, 0.5], [0.4, 0.4]],
        [[1.5, -0.5], [1, 0]],
        [[np.nan, 1], [1, 0]],
        [[2, 3], [0, 1]],
    ],
)
def test_rows_that_are_no_probabilities_are_refused(y):
    with pytest.raises(ValueError, match=r"^y must be rows that sum to 1 without negative entries, got .*"):
        cross_entropy_error(y, [0, 1])


@pytest.mark.parametrize(("off", "taken"), [(9e-4, True), (-9e-4, True), (1.1e-3, False), (-1.1e-3, False)])
def test_predictions_may_be_off_by_as_much_as_they_are_rounded_or_stepped(off, taken):
    with nullcontext() if taken else pytest.raises(ValueError, match="y must be rows that sum to 1"):
        assert cross_entropy_error([0.5, 0.5 + off], 0, delta=0) == pytest.approx(math.log(2))


def test_a_perfect_prediction_costs_what_the_docstring_says():
    assert cross_entropy_error([0, 1], 1) == pytest.approx(-1e-7, rel=1e-6)
    assert cross_entropy_error([0, 1], 1, delta=0) == 0


def test_distributions_may_be_off_by_as_much_as_float32_rounds():
    assert as_one_hot([0.5, 0.5 + 9e-6], np.ones(2)).tolist() == [0.5, 0.5 + 9e-6]
    with pytest.raises(ValueError, match="t must be rows that sum to 1"):
        as_one_hot([0.5, 0.5 + 11e-6], np.ones(2))


@pytest.mark.parametrize(
    ("y", "error", "words"),
    [
        (
            np.zeros((0, 3)),
            ValueError,
            r"NAME must be at least one sample, got float64 array of shape \(0, 3\)",
        ),
        (
            [],
            ValueError,
            r"NAME must be an array whose last axis runs over the classes, got float64 array of shape \(0,\)",
        ),
        (np.zeros((2, 0)), ValueError, r"NAME must be an array whose last axis runs over the classes, got"),
        (0.5, ValueError, "NAME must be an array whose last axis runs over the classes, got 0.5"),
    ],
)
@pytest.mark.parametrize("loss", LOSSES)
def test_predictions_that_make_no_sense_are_refused(loss, y, error, words):
    name = "scores" if loss is softmax_cross_entropy else "y"
    with pytest.raises(error, match=words.replace("NAME", name)):
        loss(y, [0])


@pytest.mark.parametrize("bad", [-1e-9, -1, 1.001, 1.5, np.nan, np.inf, -np.inf])
def test_what_is_no_probability_is_refused(bad):
    with pytest.raises(ValueError, match=r"y must be rows that sum to 1 without negative entries, got .*"):
        cross_entropy_error([[0.5, 0.5], [bad, 0.5]], [0, 1])
