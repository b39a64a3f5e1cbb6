"""Initial weights: random numbers of the size that keeps signals alive from layer to layer."""

import math

import numpy as np

from dlbook.checks import as_generator, as_positive, check, check_count, check_float_type


def normal(shape, std=0.01, rng=None, dtype=np.float64):
    r"""Draw weights from a normal distribution around 0.

    Parameters
    ----------
    shape : (int, int)
        D inputs and H outputs, the shape of the matrix.
    std : float
        The standard deviation. With 0 all weights are 0.

    Returns
    -------
    ndarray of shape (D, H)
        The weights.

    Notes
    -----
    $W_{ij} \sim N(0, \text{std}^2)$.
    """
    D, H = as_sizes(shape)
    std = as_positive(std, "std", or_zero=True)
    check_float_type(dtype)
    return as_generator(rng).normal(0, std, (D, H)).astype(dtype)


def xavier(shape, rng=None, dtype=np.float64):
    r"""Draw weights that suit tanh, and other units that pass small sums on almost unchanged.

    Parameters
    ----------
    shape : (int, int)
        D inputs and H outputs, the shape of the matrix.

    Returns
    -------
    ndarray of shape (D, H)
        The weights.

    Notes
    -----
    $W_{ij} \sim N(0, \frac{2}{D + H})$: between $\frac{1}{D}$, which keeps the variance of the signals on
    the way forward, and $\frac{1}{H}$, which keeps that of the gradients on the way back.

    References
    ----------
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS (2010).
    """
    D, H = as_sizes(shape)
    return normal((D, H), math.sqrt(2 / (D + H)), rng, dtype)


def he(shape, rng=None, dtype=np.float64):
    r"""Draw weights that suit ReLU, which lets only half of the signal through.

    Parameters
    ----------
    shape : (int, int)
        D inputs and H outputs, the shape of the matrix.

    Returns
    -------
    ndarray of shape (D, H)
        The weights.

    Notes
    -----
    $W_{ij} \sim N(0, \frac{2}{D})$.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers: surpassing human-level
    performance on ImageNet classification", ICCV (2015).
    """
    D, H = as_sizes(shape)
    return normal((D, H), math.sqrt(2 / D), rng, dtype)


def as_sizes(shape):
    """Return the shape of a matrix, or raise unless it is a pair of positive integers."""
    is_pair = isinstance(shape, tuple | list) and len(shape) == 2
    check(is_pair, "shape", "a pair (D, H)", shape, TypeError)
    for size in shape:
        check_count(size, "shape")
    return shape
