"""Loss functions: how far predictions are from their targets, in one number."""

import numpy as np

from dlbook.activations import as_scores, log_softmax
from dlbook.checks import as_array, as_positive, as_real, check


def sum_squared_error(y, t):
    r"""Give half the sum of the squared differences between predictions and targets.

    Parameters
    ----------
    y : array_like of shape (C,) or (N, C)
        Predictions.
    t : array_like
        Targets: in the shape of ``y``, or integer labels of shape () or (N,).

    Returns
    -------
    float
        The error, summed over classes and samples, in the float type of ``y``.

    Raises
    ------
    TypeError
        If ``y`` or ``t`` does not hold real numbers, or labels are not integers.
    ValueError
        If there is nothing to sum, the shapes do not fit, or a label names no class.

    Notes
    -----
    $E = \frac{1}{2} \sum_k (y_k - t_k)^2$; the half cancels against the exponent in the derivative.
    """
    y = as_predictions(y, "y")
    t = as_array(t, "t")
    t = as_real(t, "t") if t.shape == y.shape else as_one_hot(t, y)
    return 0.5 * np.sum((y - t.astype(y.dtype)) ** 2)


def cross_entropy_error(y, t, delta=1e-7):
    r"""Give the mean negative logarithm of the probability that was given to the right class.

    Parameters
    ----------
    y : array_like of shape (C,) or (N, C)
        Predicted probabilities; each row sums to 1.
    t : array_like
        Targets: one-hot (or any distribution) in the shape of ``y``, or integer labels of shape ()
        or (N,).
    delta : float
        Added to ``y`` inside the logarithm, so that a probability of 0 costs much and not infinity.
        It shifts the error by about ``delta / y``; with ``delta=0`` the error is exact.

    Returns
    -------
    float
        The error in nats, averaged over samples, in the float type of ``y``.

    Raises
    ------
    TypeError
        If ``y`` or ``t`` does not hold real numbers, or labels are not integers.
    ValueError
        If there are no samples, a probability is outside 0 to 1, ``delta`` is negative or not finite,
        the shapes do not fit, or a target is no distribution over the classes.

    Notes
    -----
    $E = -\frac{1}{N} \sum_n \sum_k t_{nk} \log y_{nk}$. Terms with $t_{nk} = 0$ are left out rather than
    multiplied by 0, for $0 \cdot \log 0$ is NaN. If the probabilities come from softmax, prefer
    `softmax_cross_entropy`, which needs no ``delta``.
    """
    y = as_predictions(y, "y")
    check(np.all((y >= 0) & (y < 1.001)), "y", "probabilities from 0 to 1", y)
    delta = as_positive(delta, "delta", or_zero=True)
    t = as_one_hot(t, y)
    right = t > 0
    return -np.sum(t[right] * np.log(y[right] + delta)) / batch_size(y)


def softmax_cross_entropy(scores, t):
    r"""Give the cross-entropy of softmax probabilities straight from the scores.

    Parameters
    ----------
    scores : array_like of shape (C,) or (N, C)
        What the last layer puts out, before softmax.
    t : array_like
        Targets: one-hot (or any distribution) in the shape of ``scores``, or integer labels of
        shape () or (N,).

    Returns
    -------
    float
        The error in nats, averaged over samples, in the float type of ``scores``.

    Raises
    ------
    TypeError
        If ``scores`` or ``t`` does not hold real numbers, or labels are not integers.
    ValueError
        If there are no samples, a score is not finite, the shapes do not fit, or a target is no
        distribution over the classes.

    Notes
    -----
    $E = -\frac{1}{N} \sum_n \sum_k t_{nk} \log \operatorname{softmax}(x_n)_k$, by `log_softmax`: finite
    also where $-\log$ of an underflowed softmax is infinite.
    """
    scores = as_predictions(scores, "scores")
    as_real(scores, "scores", finite=True)
    t = as_one_hot(t, scores, "scores")
    return -np.sum(t * log_softmax(scores)) / batch_size(scores)


def as_one_hot(t, y, name="y"):
    """Give targets in the shape and float type of the predictions, whichever way they came.

    Labels have one axis fewer than the predictions: shapes tell the two forms apart, sizes do not.

    Parameters
    ----------
    t : array_like
        One-hot rows (or distributions) in the shape of ``y``, or integer labels of shape ``y.shape[:-1]``.
    y : ndarray of shape (C,) or (N, C)
        The predictions.
    name : str
        What the caller calls the predictions, for the message.

    Returns
    -------
    ndarray
        In the shape and float type of ``y``.

    Raises
    ------
    TypeError
        If ``t`` does not hold real numbers, or labels are not integers.
    ValueError
        If the shapes do not fit, a label names no class, or a row is no distribution over the classes.
    """
    t = as_array(t, "t")
    if t.shape == y.shape:
        rows = as_real(t, "t")
        sum_to_1 = np.allclose(rows.sum(axis=-1), 1, rtol=0, atol=1e-5)  # float32 rounds
        expected = "rows that sum to 1, nothing negative, or integer labels"
        check(sum_to_1 and np.all(rows >= 0), "t", expected, t)
        return rows.astype(y.dtype)
    labels_shape = y.shape[:-1]
    expected = f"of shape {y.shape}, like {name}, or labels of shape {labels_shape}"
    check(t.shape == labels_shape, "t", expected, t)
    check(t.dtype.kind in "iu", "t", "integers where labels stand", t, TypeError)
    classes = y.shape[-1]
    unknown = t[(t < 0) | (t >= classes)]
    check(unknown.size == 0, "t", f"labels between 0 and {classes - 1}", unknown)
    return (t[..., np.newaxis] == np.arange(classes)).astype(y.dtype)


def as_predictions(y, name):
    """Check that ``y`` holds one row a sample, and at least one sample; give it as a float array.

    Parameters
    ----------
    y : array_like of shape (C,) or (N, C)
        One number a class.
    name : str
        The argument's name, for the message.

    Returns
    -------
    ndarray
        In the shape of ``y``.

    Raises
    ------
    TypeError
        If ``y`` does not hold real numbers.
    ValueError
        If ``y`` is a single number, or holds no sample or no class.
    """
    y = as_scores(y, name)
    check(y.size > 0, name, "at least one sample", y)
    return y


def batch_size(y):
    """Count the samples: the rows of a batch, or 1.

    Parameters
    ----------
    y : ndarray of shape (C,) or (N, C)
        One row a sample.

    Returns
    -------
    int
        N, or 1 for a single sample.
    """
    return y.size // y.shape[-1]
