"""Perceptrons against truth tables and exact arithmetic, alone, layered, and for many inputs at once."""

import itertools
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.perceptron import AND, NAND, OR, XOR, Perceptron

GATES = [(AND, operator.and_), (NAND, lambda p, q: not (p and q)), (OR, operator.or_), (XOR, operator.xor)]
BITS = list(itertools.product([0, 1], repeat=2))


# Logic


@pytest.mark.parametrize(("gate", "logic"), GATES)
@pytest.mark.parametrize("kind", [int, float, bool, np.int8, np.uint8, np.float32, np.bool_])
def test_truth_tables(gate, logic, kind):
    for x1, x2 in BITS:
        y = gate(kind(x1), kind(x2))
        assert y == logic(bool(x1), bool(x2))
        assert isinstance(y, np.integer)


@pytest.mark.parametrize(("gate", "logic"), GATES)
def test_a_truth_table_at_once(gate, logic):
    x1, x2 = np.transpose(BITS)
    y = gate(x1, x2)
    assert y.dtype.kind == "i"
    assert y.tolist() == [logic(bool(p), bool(q)) for p, q in BITS]
    assert gate(x1.tolist(), x2.tolist()).tolist() == y.tolist()
    assert gate(x1.reshape(2, 2), x2.reshape(2, 2)).tolist() == y.reshape(2, 2).tolist()


@pytest.mark.parametrize(("gate", "logic"), GATES)
@given(bits=st.lists(st.tuples(st.booleans(), st.booleans())))
def test_each_entry_is_answered_for_itself(gate, logic, bits):
    x1, x2 = [p for p, _ in bits], [q for _, q in bits]
    assert gate(x1, x2).tolist() == [logic(p, q) for p, q in bits]


def test_no_perceptron_of_a_fine_grid_is_xor():
    # Minsky and Papert: the four corners cannot be separated so by one line.
    grid = np.linspace(-2, 2, 17)
    tables = {
        tuple(Perceptron(w, b)(*np.transpose(BITS)).tolist()) for *w, b in itertools.product(grid, repeat=3)
    }
    everything = set(itertools.product([0, 1], repeat=4))
    assert everything - tables == {(0, 1, 1, 0), (1, 0, 0, 1)}


# The boundary


def test_on_the_boundary_the_answer_is_0():
    line = Perceptron(w=[1, -2], b=0.5)
    assert line(1.5, 1) == 0
    assert line(np.nextafter(1.5, 2), 1) == 1
    assert line(1.5, np.nextafter(1, 2)) == 0
    assert Perceptron([0.0], 0)(7) == 0


def test_the_bias_is_the_threshold_with_the_sign_turned():
    threshold = 3
    unit = Perceptron([1, 1, 1], -threshold)
    for x in itertools.product([0, 1, 2], repeat=3):
        assert unit(*x) == (sum(x) > threshold)


whole = st.integers(-100, 100)


@given(data=st.data(), w=st.lists(whole, min_size=1, max_size=6), b=whole)
def test_the_answer_is_that_of_exact_arithmetic(data, w, b):
    # Eighths are exact in binary, so that a sum of 0 really is 0.
    x = data.draw(st.lists(whole, min_size=len(w), max_size=len(w)))
    total = sum(Fraction(w_i, 8) * x_i for w_i, x_i in zip(w, x, strict=True)) + Fraction(b, 8)
    assert Perceptron([w_i / 8 for w_i in w], b / 8)(*x) == (total > 0)


# Many inputs at once


def test_inputs_are_broadcast():
    x1, x2 = np.linspace(-1, 2, 7)[:, np.newaxis], np.linspace(-1, 2, 5)
    answers = AND(x1, x2)
    assert answers.shape == (7, 5)
    assert answers.tolist() == [[AND(p, q) for q in x2] for p in x1[:, 0]]
    assert 0 < answers.mean() < 1
    assert OR([0, 1], 0).tolist() == [0, 1]
    assert AND([], []).shape == (0,)
    assert AND(np.zeros((2, 0, 3)), 1).shape == (2, 0, 3)


# The weights belong to the perceptron


def test_the_weights_are_copied_and_can_be_changed():
    w = np.array([1.0, 1.0])
    unit = Perceptron(w, -1.5)
    w[0] = -9
    assert unit(1, 1) == 1
    unit.w[0] = -9
    assert unit(1, 1) == 0
    unit.b = 9
    assert unit(1, 1) == 1
    assert w.tolist() == [-9, 1]


def test_weights_and_bias_of_any_kind_become_floats():
    unit = Perceptron(w=(1, True), b=np.int8(-1))
    assert unit.w.dtype == np.float64
    assert unit.w.tolist() == [1, 1]
    assert type(unit.b) is float
    assert unit(1, 1) == 1
    assert unit(0.5, 0.5) == 0


# What does not fit


@pytest.mark.parametrize(
    ("w", "b", "error", "words"),
    [
        (1.0, 0, ValueError, "w must be a vector, got 1.0"),
        ([], 0, ValueError, r"w must be a vector, got float64 array of shape \(0,\)"),
        ([[1, 2]], 0, ValueError, r"w must be a vector, got float64 array of shape \(1, 2\)"),
        ([1, 2], [0.5], ValueError, r"b must be one number, got float64 array of shape \(1,\): \[0.5\]"),
        ([1, 2], np.nan, ValueError, "b must be finite everywhere .*, got nan"),
        ([1, 2], -np.inf, ValueError, "b must be finite everywhere .*, got -inf"),
        ([1, 2], "0", TypeError, "b must be real numbers, got '0'"),
        ([1, 2], None, TypeError, "b must be real numbers, got None"),
    ],
)
def test_a_perceptron_that_makes_no_sense_is_refused(w, b, error, words):
    with pytest.raises(error, match=f"^{words}"):
        Perceptron(w, b)


@pytest.mark.parametrize("gate", [AND, NAND, OR])
@pytest.mark.parametrize(
    ("x", "words"),
    [
        ((), r"x must be 2 inputs, got \(\)"),
        ((1,), r"x must be 2 inputs, got \(1,\)"),
        (([0, 1],), r"x must be 2 inputs, got \(\[0, 1\],\)"),  # a vector is one input, not two
        ((1, 0, 1), r"x must be 2 inputs, got \(1, 0, 1\)"),
    ],
)
def test_another_number_of_inputs_than_weights_is_refused(gate, x, words):
    with pytest.raises(TypeError, match=f"^{words}"):
        gate(*x)


@pytest.mark.parametrize(("gate", "logic"), GATES)
@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ("1", TypeError, "must be real numbers, got '1'"),
        (None, TypeError, "must be real numbers, got None"),
        (1j, TypeError, "must be real numbers, got 1j"),
        (np.nan, ValueError, "must be finite everywhere .*, got nan"),
        ([0, np.inf], ValueError, r"must be finite everywhere .*: \[0.0, inf\]"),
        ([[0, 1], [1]], ValueError, "must have rows of equal length"),
        (np.ma.masked_equal([0, 1], 1), ValueError, "must be without masked entries"),
    ],
)
def test_bad_inputs_are_refused_wherever_they_stand(gate, logic, bad, error, words):
    for name, x in {"x1": (bad, 1), "x2": (1, bad)}.items():
        with pytest.raises(error, match=f"^{name} {words}"):
            gate(*x)


@pytest.mark.parametrize(("gate", "logic"), GATES)
def test_shapes_that_do_not_fit_are_refused(gate, logic):
    with pytest.raises(
        ValueError, match=r"^x1 and x2 must be of shapes that broadcast, got \[\(2,\), \(3,\)\]"
    ):
        gate([0, 1], [0, 1, 1])
