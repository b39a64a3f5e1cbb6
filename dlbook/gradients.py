"""Gradients: all the partial derivatives of a function at once, from its values alone."""

import numpy as np

from dlbook.checks import as_array, as_positive, as_real, check


def numerical_gradient(f, x, h=1e-4):
    r"""Estimate the gradient of ``f`` at ``x`` by a central difference in each entry.

    Parameters
    ----------
    f : callable
        Takes ``x`` and gives one real number. It may also ignore its argument and use the array ``x``
        from outside, as ``lambda W: net.loss(x, t)`` does, for ``x`` itself is what is stepped.
    x : ndarray of float, any shape
        Where to differentiate. Each entry is moved by ``h`` forward and back **in place** and then
        restored, also when ``f`` raises. (A list of floats is copied to an array first.)
    h : float
        The step, in the unit of ``x``. The default suits float64; float32 wants about ``1e-2``.

    Returns
    -------
    ndarray
        The partial derivatives, in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold floats (``x + h`` would be cut back to an integer), ``h`` is not real, or
        ``f`` gives anything but one real number.
    ValueError
        If ``x`` is read-only or not finite everywhere, or ``h`` is not a positive finite number.

    Notes
    -----
    $\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}$ for every index $i$, so
    $f$ is called twice for each entry of $x$. An entry so large that $x_i + h$ is rounded to $x_i$ (beyond
    about 1e12 in float64, 2000 in float32) seems to have slope 0.
    """
    x = as_array(x, "x")
    check(x.dtype.kind == "f", "x", "floats, for x + h has to fit in", x, TypeError)
    check(x.flags.writeable, "x", "writeable, for it is stepped in place", x)
    as_real(x, "x", finite=True)
    h = as_positive(h, "h")
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


def as_number(value):
    """Check that what a function gave is one real number.

    Parameters
    ----------
    value : object
        What ``f(x)`` gave.

    Returns
    -------
    float
        A copy, not a view of ``x``, which is about to change.

    Raises
    ------
    TypeError
        If it is not one real number.
    """
    number = as_real(value, "f(x)")
    check(number.ndim == 0, "f(x)", "one real number", value, TypeError)
    return float(number)


def gradient_check(f, x, gradient, h=1e-4):
    r"""Compare a gradient with the numerical one.

    Parameters
    ----------
    f : callable
        Takes ``x`` and gives one real number; see `numerical_gradient`.
    x : ndarray of float, any shape
        Where to compare. Stepped in place and restored.
    gradient : array_like
        What is claimed to be the gradient of ``f`` at ``x``, in the shape of ``x``.
    h : float
        The step of the numerical gradient.

    Returns
    -------
    float
        The relative error: 0 if they agree, at most 2. In float64, below about 1e-7 speaks for a
        correct gradient, above 1e-4 against it.

    Raises
    ------
    TypeError
        As `numerical_gradient`.
    ValueError
        As `numerical_gradient`, or if the shapes differ, or either gradient is not finite.

    Notes
    -----
    $\max_i |g_i - n_i| \,/\, \max(\max_i |g_i|, \max_i |n_i|)$ for the claimed gradient $g$ and the numerical
    one $n$; 0 if both are 0.
    """
    gradient = as_real(gradient, "gradient", finite=True)
    shape = np.shape(x)
    check(gradient.shape == shape, "gradient", f"of the shape of x, {shape}", gradient)
    numerical = numerical_gradient(f, x, h)
    as_real(numerical, "the numerical gradient", finite=True)
    largest = np.max(np.abs([gradient, numerical]), initial=0)
    difference = np.max(np.abs(gradient - numerical), initial=0)
    return float(difference / largest) if largest > 0 else 0.0
