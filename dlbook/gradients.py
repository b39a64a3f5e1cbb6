"""Gradients: all the partial derivatives of a function at once, from its values alone."""

import numpy as np

from dlbook.checks import as_array, as_positive, as_real, check, check_callable


def numerical_gradient(f, x, h=None):
    r"""Estimate the gradient of ``f`` at ``x`` by a central difference in each entry.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns one real number. It may ignore its argument and use the array ``x`` from
        outside, as ``lambda W: net.loss(x, t)`` does, because ``x`` itself is changed.
    x : ndarray of any shape
        Floats: where to differentiate. Each entry is moved by ``h`` forward and back **in place** and then
        restored, even if ``f`` raises. (A list of floats is copied to an array first.)
    h : float, optional
        The step, in the unit of ``x``. Without it, 1e-4 if ``x`` is float64, and 1e-2 if it is float32, where
        a shorter step would lose most digits.

    Returns
    -------
    ndarray of the shape of x
        The partial derivatives.

    Notes
    -----
    $\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}$ for every index $i$, so
    $f$ is called twice for each entry of $x$. If an entry is so large that $x_i + h$ is rounded to $x_i$
    (beyond about 1e12 in float64, 2.6e5 in float32), its slope comes out as 0.
    """
    check_callable(f, "f")
    x = as_array(x, "x")
    check(x.dtype.kind == "f", "x", "floats, because x + h must fit in", x, TypeError)
    check(x.flags.writeable, "x", "writeable, because it is changed in place", x)
    as_real(x, "x", finite=True)
    h = as_step(h, x.dtype)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        value = x[i]
        try:
            x[i] = value + h
            f_above = as_number(f(x))
            x[i] = value - h
            f_below = as_number(f(x))
        finally:
            x[i] = value
        gradient[i] = (f_above - f_below) / (2 * h)
    return gradient


def as_step(h, dtype):
    """Return the step as a float; without one, a step that suits the float type."""
    return as_positive((1e-4 if dtype.itemsize == 8 else 1e-2) if h is None else h, "h")


def as_number(value):
    """Return the value of ``f(x)`` as a float, no view of ``x``, or raise unless it is one real number."""
    number = as_real(value, "f(x)")
    check(number.ndim == 0, "f(x)", "one real number", value, TypeError)
    return float(number)


def gradient_check(f, x, gradient, h=None):
    r"""Return the relative error of a gradient, compared with the numerical one.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns one real number; see `numerical_gradient`.
    x : ndarray of any shape
        Floats: where to compare. Changed in place and restored.
    gradient : array_like of the shape of x
        What is claimed to be the gradient of ``f`` at ``x``.
    h : float, optional
        The step; see `numerical_gradient`.

    Returns
    -------
    float
        0 if both agree, at most 2. In float64, an error below about 1e-7 suggests a correct gradient, an
        error above 1e-4 a wrong one.

    Notes
    -----
    $\max_i |g_i - n_i| \,/\, \max(\max_i |g_i|, \max_i |n_i|)$ for the claimed gradient $g$ and the numerical
    one $n$; 0 if both are 0.
    """
    gradient = as_real(gradient, "gradient", finite=True)
    shape = as_array(x, "x").shape
    check(gradient.shape == shape, "gradient", f"of the shape of x, {shape}", gradient)
    numerical = numerical_gradient(f, x, h)
    as_real(numerical, "the numerical gradient", finite=True)
    largest = np.max(np.abs([gradient, numerical]), initial=0)
    difference = np.max(np.abs(gradient - numerical), initial=0)
    return float(difference / largest) if largest > 0 else 0.0
