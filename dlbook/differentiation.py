"""Slopes from values alone: four formulas that find the derivative of a function of one variable."""

import numpy as np

from dlbook.checks import as_positive, as_real, check, check_callable


def forward_difference(f, x, h=1e-4):
    r"""Estimate the derivative by one step forward, entry by entry.

    Parameters
    ----------
    f : callable
        A function of one real variable. It is called with ``x + h``, an array if ``x`` is one.

    Notes
    -----
    $\frac{f(x+h) - f(x)}{h} = f'(x) + \frac{h}{2} f''(x) + O(h^2)$: halving the step halves the error, until
    rounding takes over near $h = \sqrt{\varepsilon}$.

    References
    ----------
    J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., Springer (2006), section 8.1.
    """
    check_callable(f, "f")
    x = as_real(x, "x", finite=True)
    h = as_positive(h, "h")
    return (f(x + h) - f(x)) / h


def central_difference(f, x, h=1e-4):
    r"""Estimate the derivative by one step forward and one back, entry by entry.

    Parameters
    ----------
    f : callable
        A function of one real variable. It is called with ``x + h`` and ``x - h``, arrays if ``x`` is one.

    Notes
    -----
    $\frac{f(x+h) - f(x-h)}{2h} = f'(x) + \frac{h^2}{6} f'''(x) + O(h^4)$: the terms in $h$ cancel. The best
    step is near $\varepsilon^{1/3}$.

    References
    ----------
    J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., Springer (2006), section 8.1.
    """
    check_callable(f, "f")
    x = as_real(x, "x", finite=True)
    h = as_positive(h, "h")
    return (f(x + h) - f(x - h)) / (2 * h)


def five_point_difference(f, x, h=1e-3):
    r"""Estimate the derivative by two steps forward and two back, entry by entry.

    Parameters
    ----------
    f : callable
        A function of one real variable. It is called with ``x ± h`` and ``x ± 2h``, arrays if ``x`` is one.

    Notes
    -----
    $\frac{f(x-2h) - 8 f(x-h) + 8 f(x+h) - f(x+2h)}{12h} = f'(x) - \frac{h^4}{30} f^{(5)}(x) + O(h^6)$: the
    central differences with steps $h$ and $2h$, combined so that their terms in $h^2$ cancel (Richardson's
    extrapolation). The best step is near $\varepsilon^{1/5}$.

    References
    ----------
    B. Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids", Mathematics of
    Computation 51 (1988).
    """
    check_callable(f, "f")
    x = as_real(x, "x", finite=True)
    h = as_positive(h, "h")
    return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)


def complex_step(f, x, h=1e-20):
    r"""Compute the derivative by one step into the complex plane, exact to rounding, entry by entry.

    Parameters
    ----------
    f : callable
        A function of one variable that takes complex numbers and is analytic at ``x``: made of
        ``+ - * /``, powers, ``exp``, ``log``, ``sin`` and the like, without ``abs``, ``max`` or comparisons.
        A function that returns a real number raises TypeError.
    h : float
        The step, in the unit of ``x``. Nothing is subtracted, so the step may be tiny.

    Notes
    -----
    $\frac{\operatorname{Im} f(x + ih)}{h} = f'(x) - \frac{h^2}{6} f'''(x) + O(h^4)$.

    References
    ----------
    W. Squire, G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
    Review 40 (1998).
    """
    check_callable(f, "f")
    x = as_real(x, "x", finite=True)
    h = as_positive(h, "h")
    value = f(x + 1j * h)
    check(np.iscomplexobj(value), "f(x + ih)", "complex", value, TypeError)
    return np.imag(value) / h
