"""Checks of what comes in: one line each where they are used, one wording for all."""

import reprlib
from math import isfinite
from numbers import Integral

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def check(ok, name, expected, got, error=ValueError):
    """Raise an error that says what came and what was expected, unless ``ok`` is true.

    Parameters
    ----------
    ok : bool
        The condition that must hold.
    name : str
        The argument, as the caller wrote it.
    expected : str
        What it must be; the message reads "``name`` must be ``expected``, got …".
    got : object
        What came.
    error : type
        The exception to raise.

    Raises
    ------
    ValueError
        Or ``error``, if ``ok`` is false.
    """
    if not ok:
        raise error(f"{name} must be {expected}, got {_describe(got)}")


def _describe(got):
    if isinstance(got, np.ndarray) and got.ndim > 0:
        values = f": {got.tolist()}" if got.size <= 6 else ""
        return f"{got.dtype} array of shape {got.shape}{values}"
    return reprlib.repr(got.item() if isinstance(got, np.generic | np.ndarray) else got)


def as_array(x, name):
    """Turn array-like values into a plain array, whatever they are.

    Nothing is copied if ``x`` is an array already.

    Parameters
    ----------
    x : array_like
        Values of any shape.
    name : str
        The argument's name, for the message.

    Returns
    -------
    ndarray
        Of the same shape.

    Raises
    ------
    ValueError
        If ``x`` is ragged, or a masked array that hides entries (NumPy would drop the mask).
    """
    if type(x) is np.ndarray:  # nothing to turn, nothing hidden; networks come here all the time
        return x
    if isinstance(x, np.ndarray):  # lists and numbers hide nothing, and numpy.ma takes time to import
        check(not np.ma.is_masked(x), name, "without masked entries", x)
    try:
        return np.asarray(x)
    except ValueError as ragged:
        raise ValueError(f"{name} must have rows of one length, got {reprlib.repr(x)}") from ragged


def as_real(x, name, finite=False):
    """Turn array-like real numbers into a float array; float32 stays float32.

    Nothing is copied if ``x`` is a float array already.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape. Integers and booleans become float64.
    name : str
        The argument's name, for the message.
    finite : bool
        Whether NaN and infinities are refused.

    Returns
    -------
    ndarray or float
        Of the same shape; a scalar if ``x`` is one.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` is ragged, hides entries by a mask, or ``finite`` is asked for and it is not.
    """
    numbers = as_array(x, name)
    check(numbers.dtype.kind in "fiub", name, "real numbers", x, TypeError)
    if numbers.dtype.kind != "f":
        numbers = numbers.astype(np.float64)
    if finite and not isfinite(np.vdot(numbers, numbers)):  # finite squares: so are the numbers
        check(np.isfinite(numbers).all(), name, "finite everywhere (no NaN, no infinity)", numbers)
    return numbers[()]


def as_positive(x, name, or_zero=False):
    """Refuse what is not one finite number greater than zero.

    Parameters
    ----------
    x : float
        The number.
    name : str
        The argument's name, for the message.
    or_zero : bool
        Whether zero will do, too.

    Returns
    -------
    float
        The number as Python's own float, which leaves float32 arrays float32 when it meets them.
        (NumPy's float64 makes float64 of them.)

    Raises
    ------
    TypeError
        If ``x`` is not a real number.
    ValueError
        If ``x`` is an array, is not finite, or is too small.
    """
    number = as_real(x, name)
    expected = "a finite number, at least 0" if or_zero else "a positive finite number"
    check(number.ndim == 0 and 0 <= number < np.inf and (or_zero or number > 0), name, expected, x)
    return float(number)


def as_fraction(x, name):
    """Refuse what is not one number from 0 up to, but not including, 1.

    Parameters
    ----------
    x : float
        The number.
    name : str
        The argument's name, for the message.

    Returns
    -------
    float
        The number as Python's own float, as `as_positive` gives it.

    Raises
    ------
    TypeError
        If ``x`` is not a real number.
    ValueError
        If ``x`` is an array, or outside the range.
    """
    number = as_real(x, name)
    fits = number.ndim == 0 and 0 <= number < 1
    check(fits, name, "a number from 0 up to, but not including, 1", x)
    return float(number)


def check_count(n, name, least=1):
    """Refuse what is not an integer of at least ``least``.

    Parameters
    ----------
    n : int
        The number of things.
    name : str
        The argument's name, for the message.
    least : int
        The smallest that makes sense.

    Raises
    ------
    TypeError
        If ``n`` is not an integer.
    ValueError
        If ``n`` is smaller than ``least``.
    """
    check(isinstance(n, Integral) and not isinstance(n, bool), name, "an integer", n, TypeError)
    check(n >= least, name, f"at least {least}", n)


def check_float_type(dtype):
    """Refuse what is not one of the two float types that the book computes in.

    Parameters
    ----------
    dtype : dtype
        float64 or float32, or their names.

    Raises
    ------
    TypeError
        If it is something else.
    """
    check(dtype in FLOATS, "dtype", "float32 or float64", dtype, TypeError)


def as_generator(rng):
    """Give the source of random numbers that was asked for.

    Parameters
    ----------
    rng : numpy.random.Generator or int, optional
        A generator, which is handed through, or a seed for a new one. Without it, the new one is
        seeded by the operating system.

    Returns
    -------
    numpy.random.Generator
        NumPy's global generator is neither used nor changed.

    Raises
    ------
    TypeError
        If ``rng`` is neither.
    ValueError
        If a seed is negative.
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        expected = "a numpy.random.Generator or a seed (an integer of at least 0)"
        raise type(error)(f"rng must be {expected}, got {_describe(rng)}") from error
