"""Checks of arguments: one line each where they are used, one wording for all."""

import reprlib
import sys
import warnings
from math import isfinite
from numbers import Integral

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
MOST = 10**9  # of anything that is counted: units, samples, epochs


def check(ok, name, expected, got, error=ValueError):
    """Raise ``error``, "``name`` must be ``expected``, got …", unless ``ok`` is true."""
    if not ok:
        raise error(f"{name} must be {expected}, got {_describe(got)}")


def _describe(got):
    """Return what came in one short line: small arrays in full, large ones by type and shape."""
    try:
        if isinstance(got, np.ndarray) and got.ndim > 0:
            values = f": {reprlib.repr(got.tolist())}" if got.size <= 6 else ""
            return f"{got.dtype} array of shape {got.shape}{values}"
        return reprlib.repr(got.item() if isinstance(got, np.generic | np.ndarray) else got)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return f"{type(got).__name__} with too many digits to show"


def as_array(x, name):
    """Return array-like values as a plain array, not copied if ``x`` is one; raise if ragged or masked."""
    if type(x) is np.ndarray:  # nothing to turn, nothing hidden; networks come here all the time
        return x
    if isinstance(x, np.ndarray):  # lists and numbers hide nothing, and numpy.ma takes time to import
        check(not np.ma.is_masked(x), name, "without masked entries", x)
    try:
        return np.asarray(x)
    except ValueError as ragged:
        raise ValueError(f"{name} must have rows of equal length, got {_describe(x)}") from ragged


def as_real(x, name, finite=False):
    """Return real numbers as floats, not copied if ``x`` is a float array; raise unless real (and finite)."""
    numbers = as_array(x, name)
    if numbers.dtype not in FLOATS:  # integers, floats in another byte order, or nothing to compute with
        check(numbers.dtype.kind in "fiub", name, "real numbers", x, TypeError)
        is_float = numbers.dtype.kind == "f"
        check(not is_float or is_floats(numbers), name, "in float64 or float32", numbers.dtype, TypeError)
        numbers = numbers.astype(numbers.dtype.newbyteorder("=") if is_float else np.float64)
    if finite:
        check_finite(numbers, name)
    return numbers[()]


def check_finite(numbers, name):
    """Raise unless an array of floats is finite everywhere."""
    if not isfinite(np.vdot(numbers, numbers)):  # finite squares: so are the numbers
        check(np.isfinite(numbers).all(), name, "finite everywhere (no NaN, no infinity)", numbers)


def is_floats(x):
    """Return whether ``x`` is an array of float32 or float64, in any byte order."""
    return isinstance(x, np.ndarray) and (x.dtype in FLOATS or x.dtype.newbyteorder("=") in FLOATS)


def check_floats(x, name):
    """Raise unless ``x`` is an array of float32 or float64."""
    check(isinstance(x, np.ndarray) and x.dtype.kind == "f", name, "an array of floats", x, TypeError)
    check(is_floats(x), name, "in float64 or float32", x.dtype, TypeError)


def as_positive(x, name, or_zero=False):
    """Return ``x`` as a float that leaves float32 arrays float32; raise unless it is positive and finite."""
    number = as_real(x, name)
    expected = "a finite number, at least 0" if or_zero else "a positive finite number"
    check(number.ndim == 0 and 0 <= number < np.inf and (or_zero or number > 0), name, expected, x)
    return float(number)


def as_fraction(x, name):
    """Return ``x`` as a Python float, or raise unless it is a number from 0 to below 1."""
    number = as_real(x, name)
    fits = number.ndim == 0 and 0 <= number < 1
    check(fits, name, "a number from 0 up to, but not including, 1", x)
    return float(number)


def as_named(name, argument, known):
    """Return what is ``known`` by this name, however it is capitalized, or raise."""
    is_known = isinstance(name, str) and name.lower() in known
    check(is_known, argument, f"one of {sorted(known)}", name)
    return known[name.lower()]


def check_count(n, name, least=1):
    """Raise unless ``n`` is an integer of at least ``least``, and not larger than any memory."""
    check(isinstance(n, Integral) and not isinstance(n, bool), name, "an integer", n, TypeError)
    check(n >= least, name, f"at least {least}", n)
    check(n <= MOST, name, f"at most {MOST:,}", n)


def check_flag(flag, name):
    """Raise unless ``flag`` is True or False."""
    check(isinstance(flag, bool | np.bool_), name, "True or False", flag, TypeError)


def check_callable(f, name):
    """Raise unless ``f`` can be called."""
    check(callable(f), name, "a function", f, TypeError)


def check_float_type(dtype):
    """Raise unless ``dtype`` is float32 or float64, or the name of one."""
    is_type = isinstance(dtype, type | str | np.dtype)  # None would be float64, an array many answers
    check(is_type and dtype in FLOATS, "dtype", "float32 or float64", dtype, TypeError)


def as_generator(rng):
    """Return a generator as it is, or a new one from a seed, or from the operating system without one."""
    expected = "a numpy.random.Generator or a seed (an integer of at least 0)"
    is_seed = isinstance(rng, Integral) and not isinstance(rng, bool)
    fits = rng is None or is_seed or isinstance(rng, np.random.Generator)
    check(fits, "rng", expected, rng, TypeError)
    check(not is_seed or rng >= 0, "rng", expected, rng)
    return np.random.default_rng(rng)


def warn_of_pixels(x, name):
    """Warn if ``x`` looks like images whose pixels go from 0 to 255, which networks hardly learn from."""
    if x.size > 0 and 100 < x.max() <= 255 and x.min() >= 0:
        message = f"{name} goes up to {x.max():g}, as pixels do: write {name} / 255, so that it goes up to 1"
        warnings.warn(message, RuntimeWarning, stacklevel=level_of_caller())


def level_of_caller():
    """Return how many levels above the function that asks the first line outside of the package stands."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals["__name__"].startswith("dlbook."):
        frame, level = frame.f_back, level + 1
    return level


def as_gradient(dout, layer):
    """Return ``dout`` as floats, or raise unless it has the shape of the layer's last output."""
    shape = getattr(layer, "shape", None)
    name = type(layer).__name__
    check(shape is not None, f"{name}.backward", "called after forward", "no forward yet")
    dout = as_real(dout, "dout")
    check(dout.shape == shape, "dout", f"of the shape of the output, {shape}", dout)
    return dout
