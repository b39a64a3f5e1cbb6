"""Errors say which argument it was, what came and what was expected."""

import re
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pytest

from dlbook.checks import (
    as_array,
    as_fraction,
    as_generator,
    as_positive,
    as_real,
    check,
    check_count,
    check_float_type,
    is_floats,
    warn_of_pixels,
)


def test_message_names_the_argument_what_was_expected_and_what_came():
    with pytest.raises(ValueError, match=r"^h must be small, got 3$"):
        check(False, "h", "small", 3)


def test_nothing_is_raised_when_the_condition_holds():
    check(True, "h", "small", 3)


def test_error_type_can_be_chosen():
    with pytest.raises(TypeError, match=r"^h must be small, got 'x'$"):
        check(False, "h", "small", "x", TypeError)


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        (np.array([1, -2]), "int64 array of shape (2,): [1, -2]"),
        (np.zeros((3, 5), np.float32), "float32 array of shape (3, 5)"),
        (np.arange(6), "int64 array of shape (6,): [0, 1, 2, 3, 4, 5]"),
        (np.arange(7), "int64 array of shape (7,)"),
        (np.float64(2.5), "2.5"),
        (np.array(7), "7"),
        (np.str_("word"), "'word'"),
        (None, "None"),
        ([1, "a"], "[1, 'a']"),
        (
            np.array([10**500], object),
            "object array of shape (1,): [100000000000000000...0000000000000000000]",
        ),
    ],
)
def test_what_came_is_described(got, shown):
    with pytest.raises(ValueError, match="x must be good") as error:
        check(False, "x", "good", got)
    assert str(error.value) == f"x must be good, got {shown}"


def test_what_came_is_described_in_one_short_line_however_long_it_is():
    for got in (np.zeros(10**6), list(range(10**6)), "a" * 10**6, dict.fromkeys(range(10**6))):
        with pytest.raises(ValueError, match="x must be good") as error:
            check(False, "x", "good", got)
        assert len(str(error.value)) < 200


@pytest.mark.parametrize("wrap", [int, lambda it: [it], np.array, lambda it: np.array([it])])
def test_an_integer_that_python_refuses_to_write_is_not_written(wrap):
    got = wrap(10**5000)
    words = f"x must be good, got {type(got).__name__} with too many digits to show"
    with pytest.raises(ValueError, match=f"^{words}$"):
        check(False, "x", "good", got)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_arrays_are_handed_through_uncopied(dtype):
    x = np.ones(3, dtype)
    assert as_real(x, "x").dtype == dtype
    assert np.shares_memory(as_real(x, "x"), x)


@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f4", "<f8"])
def test_floats_in_another_byte_order_are_turned(dtype):
    x = np.array([1.5, -2], dtype)
    assert is_floats(x)
    assert as_real(x, "x").dtype.isnative
    assert as_real(x, "x").tolist() == [1.5, -2]


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_the_book_computes_in_no_third_float_type(dtype):
    x = np.ones(3, dtype)
    assert not is_floats(x)
    for wrong in (x, x[0], [x[0]]):
        with pytest.raises(TypeError, match=rf"^x must be in float64 or float32, got dtype\('{x.dtype}'\)$"):
            as_real(wrong, "x")


@pytest.mark.parametrize("x", [3, [1, 2], (1, 2), [True, False], np.uint8([1, 2]), range(3), 2**62])
def test_integers_and_booleans_become_float64(x):
    assert as_real(x, "x").dtype == np.float64
    assert as_real(x, "x").tolist() == np.asarray(x).tolist()


def test_scalars_become_scalars():
    assert isinstance(as_real(1, "x"), np.float64)
    assert isinstance(as_real(np.array(1.5, np.float32), "x"), np.float32)


@pytest.mark.parametrize(
    "x",
    [
        None,
        "1",
        ["1"],
        1j,
        [1, 1j],
        object(),
        [None],
        {},
        {1},
        b"1",
        np.array([1.0], object),
        10**400,
        np.datetime64(1, "D"),
    ],
)
def test_what_is_not_real_is_refused(x):
    with pytest.raises(TypeError, match="x must be real numbers, got"):
        as_real(x, "x")


def test_what_is_not_real_is_described_as_it_came():
    with pytest.raises(TypeError, match=r"^x must be real numbers, got \['1', 2\]$"):
        as_real(["1", 2], "x")


def test_ragged_rows_are_refused():
    for take in (as_array, as_real):
        with pytest.raises(ValueError, match=r"x must have rows of equal length, got \[\[1, 2\], \[3\]\]"):
            take([[1, 2], [3]], "x")


def test_hidden_entries_are_refused_for_their_mask_would_be_dropped():
    hidden = np.ma.array([1.0, 2.0], mask=[True, False])
    with pytest.raises(ValueError, match=r"^x must be without masked entries, got float64 array of shape"):
        as_real(hidden, "x")
    assert type(as_real(np.ma.array([1.0, 2.0]), "x")) is np.ndarray


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_finite_means_finite(bad):
    assert as_real([1, bad], "x").shape == (2,)
    assert as_real([1, 1e308], "x", finite=True).tolist() == [1, 1e308]
    with pytest.raises(
        ValueError,
        match=r"^x must be finite everywhere \(no NaN, no infinity\), got float64 array of shape \(2,\)",
    ):
        as_real([1, bad], "x", finite=True)
    with pytest.raises(ValueError, match="x must be finite"):
        as_real(bad, "x", finite=True)


@pytest.mark.parametrize("number", [1, 0.5, np.float32(0.5), np.array(0.5), np.float64(1e-300), 10**18])
def test_a_positive_number_comes_back_as_a_python_float(number):
    assert type(as_positive(number, "h")) is float
    assert as_positive(number, "h") == number


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (np.nan, ValueError),
        (np.inf, ValueError),
        (-np.inf, ValueError),
        ([1.0], ValueError),
        (np.ones(2), ValueError),
        ([], ValueError),
        ("1", TypeError),
        (None, TypeError),
        (1j, TypeError),
    ],
)
def test_what_is_not_a_positive_number_is_refused(number, error):
    with pytest.raises(error, match=r"h must be .*, got"):
        as_positive(number, "h")
    if not (np.isscalar(number) and number == 0):
        with pytest.raises(error, match=r"h must be .*, got"):
            as_positive(number, "h", or_zero=True)


def test_zero_passes_where_it_may():
    assert as_positive(0, "delta", or_zero=True) == 0


def test_the_message_says_whether_zero_would_pass():
    with pytest.raises(ValueError, match=r"^h must be a positive finite number, got 0$"):
        as_positive(0, "h")
    with pytest.raises(ValueError, match=r"^h must be a finite number, at least 0, got -1$"):
        as_positive(-1, "h", or_zero=True)


@pytest.mark.parametrize("number", [0, 0.5, np.float32(0.5), 1 - 2**-53])
def test_a_fraction_comes_back_as_a_python_float(number):
    assert type(as_fraction(number, "rate")) is float
    assert as_fraction(number, "rate") == number


@pytest.mark.parametrize("number", [1, -1e-300, np.nan, np.inf, [0.5]])
def test_what_is_not_a_fraction_is_refused(number):
    said = f"^rate must be a number from 0 up to, but not including, 1, got {re.escape(repr(number))}$"
    with pytest.raises(ValueError, match=said):
        as_fraction(number, "rate")


def test_what_is_no_number_is_no_fraction_either():
    with pytest.raises(TypeError, match=r"^rate must be real numbers, got '0.5'$"):
        as_fraction("0.5", "rate")


@pytest.mark.parametrize("dtype", ["float32", "f8", float, np.float32, np.dtype(np.float64)])
def test_the_book_computes_in_two_float_types(dtype):
    check_float_type(dtype)


@pytest.mark.parametrize(("dtype", "shown"), [("float16", "'float16'"), (int, "<class 'int'>"), (3, "3")])
def test_other_types_are_refused(dtype, shown):
    with pytest.raises(TypeError, match=f"^dtype must be float32 or float64, got {shown}$"):
        check_float_type(dtype)


@pytest.mark.parametrize("n", [1, 7, np.int32(7), np.uint8(7)])
def test_counts_are_integers(n):
    check_count(n, "n")


@pytest.mark.parametrize(
    ("n", "error", "words"),
    [
        (1.0, TypeError, "n must be an integer, got 1.0"),
        ("1", TypeError, "n must be an integer, got '1'"),
        (None, TypeError, "n must be an integer, got None"),
        (True, TypeError, "n must be an integer, got True"),
        (np.True_, TypeError, "n must be an integer, got True"),
        ([1], TypeError, r"n must be an integer, got \[1\]"),
        (0, ValueError, "n must be at least 1, got 0"),
        (10**9 + 1, ValueError, "n must be at most 1,000,000,000, got 1000000001"),
        (-3, ValueError, "n must be at least 1, got -3"),
    ],
)
def test_what_is_not_a_count_is_refused(n, error, words):
    with pytest.raises(error, match=words):
        check_count(n, "n")


def test_least_count_can_be_chosen():
    check_count(0, "n", least=0)
    with pytest.raises(ValueError, match="n must be at least 0, got -1"):
        check_count(-1, "n", least=0)


def test_a_generator_is_handed_through_and_a_seed_makes_one():
    rng = np.random.default_rng(3)
    assert as_generator(rng) is rng
    assert as_generator(3).random() == rng.random()
    assert as_generator(None).random() != as_generator(None).random()


@pytest.mark.parametrize(
    ("rng", "error", "shown"),
    [
        ("seed", TypeError, "'seed'"),
        (1.5, TypeError, "1.5"),
        (-1, ValueError, "-1"),
        (np.random, TypeError, "<module .*"),
        (True, TypeError, "True"),
        ([1, 2], TypeError, r"\[1, 2\]"),
        (
            np.ones((1, 1)).view(np.matrix),
            TypeError,
            r"float64 array of shape \(1, 1\): \[\[1.0\]\]",
        ),  # NumPy crashes
    ],
)
def test_what_is_no_source_of_random_numbers_is_refused(rng, error, shown):
    expected = r"a numpy\.random\.Generator or a seed \(an integer of at least 0\)"
    with pytest.raises(error, match=f"^rng must be {expected}, got {shown}$"):
        as_generator(rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_numbers_are_finite_even_if_their_squares_are_not(dtype):
    x = np.full((3, 2), np.finfo(dtype).max)
    np.testing.assert_array_equal(as_real(x, "x", finite=True), x)
    assert as_real(x[0, 0], "x", finite=True) == x[0, 0]


@pytest.mark.parametrize(("low", "high", "warns"), [
    (0, 255, True), (0, 101, True), (0, 1, False), (0, 100, False), (-1, 255, False), (0, 256, False),
    (np.nan, 255, False),
])  # fmt: skip
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_pixels_that_were_not_divided_are_noticed(low, high, warns, dtype):
    x = np.array([[low, high, 0.5]], dtype)
    words = f"x goes up to {high}, as pixels do: write x / 255, so that it goes up to 1"
    with pytest.warns(RuntimeWarning, match=f"^{words}$") if warns else nullcontext():
        warn_of_pixels(x, "x")


def test_importing_the_package_imports_little_besides_numpy():
    """Or it would take much longer than NumPy: pathlib, hashlib and numpy.ma are a tenth of it each."""
    code = (
        "import pkgutil, sys, numpy; before = set(sys.modules); import dlbook\n"
        "for it in pkgutil.iter_modules(dlbook.__path__, 'dlbook.'): __import__(it.name)\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('dlbook')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"copy"}
