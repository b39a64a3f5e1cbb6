"""Activation functions: what a unit does with the sum of its inputs, and their slopes."""

import numpy as np

from dlbook.checks import as_real, check


def step(x):
    """Return 1 where the input is positive, else 0, entry by entry.

    Notes
    -----
    The slope is 0 everywhere but at the jump, so gradients say nothing about it. (NumPy calls this
    function `heaviside`, after Oliver Heaviside; its second argument is the value at the jump.)

    References
    ----------
    F. Rosenblatt, "The perceptron", Psychological Review 65 (1958).
    """
    x = as_real(x, "x")
    return np.heaviside(x, 0)


def sigmoid(x):
    r"""Map every real number smoothly into the interval from 0 to 1, entry by entry.

    Notes
    -----
    $\sigma(x) = 1 / (1 + e^{-x}) = e^{x} / (1 + e^{x})$. Of these two forms, the code uses the one whose
    exponent is not positive, so that nothing overflows and neither tail loses digits.
    """
    x = as_real(x, "x")
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def sigmoid_grad(x):
    r"""Return the slope of the sigmoid at ``x``, at most 1/4, entry by entry.

    Parameters
    ----------
    x : array_like of any shape
        Inputs of the sigmoid, not its outputs.

    Notes
    -----
    $\sigma'(x) = \sigma(x)\,(1 - \sigma(x)) = e^{-|x|} / (1 + e^{-|x|})^2$. The last form loses no digits
    where $\sigma(x)$ is near 1.
    """
    x = as_real(x, "x")
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def relu(x):
    r"""Return $\max(0, x)$, entry by entry.

    References
    ----------
    X. Glorot, A. Bordes, Y. Bengio, "Deep sparse rectifier neural networks", AISTATS (2011).
    """
    x = as_real(x, "x")
    return np.maximum(x, 0)


def relu_grad(x):
    """Return the slope of ReLU at ``x``, entry by entry: 1 where the input is positive, else 0.

    Parameters
    ----------
    x : array_like of any shape
        Inputs of ReLU. (Its outputs serve as well: they are positive in the same places.)

    Notes
    -----
    At 0 there is no derivative; 0 is the usual choice.
    """
    return np.sign(relu(x))


def softmax(x):
    r"""Return the probabilities that belong to scores: each row is positive and sums to 1.

    Parameters
    ----------
    x : array_like of shape (C,), (N, C) or (…, C)
        Scores; the last axis runs over the classes.

    Returns
    -------
    ndarray of shape (C,), (N, C) or (…, C)
        Probabilities.

    Notes
    -----
    $y_k = e^{x_k} / \sum_j e^{x_j}$. A constant subtracted from all scores cancels, so the result does not
    change. Subtracting the largest score makes every exponent at most 0, and nothing overflows.

    References
    ----------
    J. S. Bridle, "Probabilistic interpretation of feedforward classification network outputs", in
    Neurocomputing, Springer (1990).
    """
    x = as_scores(x, "x")
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    r"""Return the logarithm of softmax, finite where softmax itself underflows to 0.

    Parameters
    ----------
    x : array_like of shape (C,), (N, C) or (…, C)
        Scores; the last axis runs over the classes.

    Returns
    -------
    ndarray of shape (C,), (N, C) or (…, C)
        Logarithms of the probabilities, at most 0.

    Notes
    -----
    $\log y_k = x_k - m - \log \sum_j e^{x_j - m}$ with $m = \max_j x_j$ (the log-sum-exp trick).

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax
    functions", IMA Journal of Numerical Analysis 41 (2021).
    """
    x = as_scores(x, "x")
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def as_scores(x, name):
    """Return ``x`` as floats, or raise unless its last axis has at least one class."""
    x = as_real(x, name)
    check(x.ndim > 0 and x.shape[-1] > 0, name, "an array whose last axis runs over the classes", x)
    return x
