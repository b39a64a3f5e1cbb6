"""Checks of what comes in: one line each where they are used, one wording for all."""

import reprlib
from numbers import Integral

import numpy as np


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
    ndarray or numpy.floating
        Of the same shape; a scalar if ``x`` is one.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` is ragged, or ``finite`` is asked for and it is not.
    """
    try:
        numbers = np.asarray(x)
    except ValueError as ragged:
        raise ValueError(f"{name} must have rows of one length, got {reprlib.repr(x)}") from ragged
    check(numbers.dtype.kind in "fiub", name, "real numbers", x, TypeError)
    if numbers.dtype.kind != "f":
        numbers = numbers.astype(np.float64)
    if finite:
        check(np.isfinite(numbers).all(), name, "finite everywhere (no NaN, no infinity)", numbers)
    return numbers[()]


def check_positive(x, name):
    """Refuse what is not one finite number greater than zero.

    Parameters
    ----------
    x : float
        The number.
    name : str
        The argument's name, for the message.

    Raises
    ------
    TypeError
        If ``x`` is not a real number.
    ValueError
        If ``x`` is an array, is not finite, or is not greater than zero.
    """
    number = as_real(x, name)
    check(number.ndim == 0 and 0 < number < np.inf, name, "a positive finite number", x)


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
