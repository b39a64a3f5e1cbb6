"""Activation functions: what a unit does with the sum of its inputs, and the slopes of it."""

import numpy as np

from dlbook.checks import as_real, check


def step(x):
    r"""Answer 1 where the input is positive, else 0.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray or float
        Zeros and ones in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.

    Notes
    -----
    The slope is 0 everywhere but at the jump, so gradients say nothing about it. (NumPy calls this
    function after Oliver Heaviside; its second argument is the value at the jump.)

    References
    ----------
    F. Rosenblatt, "The perceptron", Psychological Review 65 (1958).
    """
    x = as_real(x, "x")
    return np.heaviside(x, 0)


def sigmoid(x):
    r"""Squeeze every real number smoothly into the interval from 0 to 1.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray or float
        In the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.

    Notes
    -----
    $\sigma(x) = 1 / (1 + e^{-x}) = e^{x} / (1 + e^{x})$. Of the two forms, the one whose exponent is not
    positive is used, so that nothing overflows and neither tail loses digits.
    """
    x = as_real(x, "x")
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def sigmoid_grad(x):
    r"""Give the slope of the sigmoid at ``x``.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape: inputs of the sigmoid, not its outputs.

    Returns
    -------
    ndarray or float
        In the shape and float type of ``x``; at most 1/4.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.

    Notes
    -----
    $\sigma'(x) = \sigma(x)\,(1 - \sigma(x)) = \sigma(x)\,\sigma(-x)$; the last form does not cancel.
    """
    x = as_real(x, "x")
    return sigmoid(x) * sigmoid(-x)


def relu(x):
    r"""Let what is positive through and stop the rest.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray or float
        $\max(0, x)$ in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.

    References
    ----------
    X. Glorot, A. Bordes, Y. Bengio, "Deep sparse rectifier neural networks", AISTATS (2011).
    """
    x = as_real(x, "x")
    return np.maximum(x, 0)


def relu_grad(x):
    r"""Give the slope of ReLU at ``x``: 1 where the input is positive, else 0.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape: inputs of ReLU. (Its outputs serve as well: they are positive at the
        same places.)

    Returns
    -------
    ndarray or float
        Zeros and ones in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.

    Notes
    -----
    At 0 there is no derivative; 0 is the usual choice.
    """
    return step(x)


def softmax(x):
    r"""Turn scores into probabilities: positive, and each row sums to 1.

    Parameters
    ----------
    x : array_like of shape (C,) or (N, C) or (…, C)
        Scores; the last axis runs over the classes.

    Returns
    -------
    ndarray
        Probabilities in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` has no class axis, or no classes on it.

    Notes
    -----
    $y_k = e^{x_k} / \sum_j e^{x_j}$. Subtracting a constant from all scores changes nothing, for it
    cancels; subtracting the largest makes every exponent at most 0, and nothing overflows.

    References
    ----------
    J. S. Bridle, "Probabilistic interpretation of feedforward classification network outputs", in
    Neurocomputing, Springer (1990).
    """
    x = as_scores(x, "x")
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    r"""Give the logarithm of softmax, finite where softmax itself underflows to 0.

    Parameters
    ----------
    x : array_like of shape (C,) or (N, C) or (…, C)
        Scores; the last axis runs over the classes.

    Returns
    -------
    ndarray
        Logarithms of the probabilities, at most 0, in the shape and float type of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` has no class axis, or no classes on it.

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
    """Check that ``x`` has a last axis of one class or more, and give it as a float array.

    Parameters
    ----------
    x : array_like of shape (…, C)
        One number a class.
    name : str
        The argument's name, for the message.

    Returns
    -------
    ndarray
        In the shape of ``x``.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` is a single number, or its last axis is empty.
    """
    x = as_real(x, name)
    check(x.ndim > 0 and x.shape[-1] > 0, name, "an array whose last axis runs over the classes", x)
    return x
