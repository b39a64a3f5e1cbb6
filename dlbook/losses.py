"""Loss functions: how far predictions are from their targets, as one number."""

import numpy as np

from dlbook.activations import as_scores, log_softmax
from dlbook.checks import as_array, as_positive, as_real, check


def sum_squared_error(y, t):
    r"""Return half the sum of the squared differences between predictions and targets.

    Parameters
    ----------
    t : array_like of shape (C,) or (N, C), or integers of shape () or (N,)
        Any real numbers, or integer labels.

    Returns
    -------
    float
        The error, summed over classes and samples.

    Notes
    -----
    $E = \frac{1}{2} \sum_k (y_k - t_k)^2$; the half cancels against the exponent in the derivative.
    """
    y = as_predictions(y, "y")
    t = as_array(t, "t")
    t = as_real(t, "t") if t.shape == y.shape else as_one_hot(t, y)
    return 0.5 * np.sum((y - t.astype(y.dtype)) ** 2)


def cross_entropy_error(y, t, delta=1e-7):
    r"""Return the mean negative logarithm of the probability of the right class.

    Parameters
    ----------
    y : array_like of shape (C,) or (N, C)
        Predicted probabilities. A row may be off from a sum of 1 by 0.001, for rounding or a small step.
    delta : float
        Added to ``y`` inside the logarithm, so that a probability of 0 has a large error and not an
        infinite one. It shifts the error by about ``-delta / y``, so a perfect prediction has the
        error ``-delta``, a little less than nothing. With ``delta=0`` the error is exact.

    Returns
    -------
    float
        The error in nats, averaged over samples.

    Notes
    -----
    $E = -\frac{1}{N} \sum_n \sum_k t_{nk} \log y_{nk}$. Terms with $t_{nk} = 0$ are left out rather than
    multiplied by 0, because $0 \cdot \log 0$ is NaN. If the probabilities come from softmax, prefer
    `softmax_cross_entropy`, which needs no ``delta``.
    """
    y = as_predictions(y, "y")
    check(are_distributions(y, within=1e-3), "y", "rows that sum to 1 without negative entries", y)
    delta = as_positive(delta, "delta", or_zero=True)
    t = as_one_hot(t, y)
    right = t > 0
    return -np.sum(t[right] * np.log(y[right] + delta)) / batch_size(y)


def softmax_cross_entropy(scores, t):
    r"""Return the cross-entropy of softmax probabilities, straight from the scores.

    Returns
    -------
    float
        The error in nats, averaged over samples.

    Notes
    -----
    $E = -\frac{1}{N} \sum_n \sum_k t_{nk} \log \operatorname{softmax}(x_n)_k$, by `log_softmax`: finite
    even where $-\log$ of an underflowed softmax is infinite, as long as differences of scores are.
    """
    scores = as_predictions(scores, "scores")
    as_real(scores, "scores", finite=True)
    t = as_one_hot(t, scores, "scores")
    right = t > 0
    return -np.sum(t[right] * log_softmax(scores)[right]) / batch_size(scores)


def as_one_hot(t, y, name="y"):
    """Return targets in the shape and float type of the predictions, or raise unless they fit.

    Labels have one axis fewer than the predictions: shapes tell the two forms apart, sizes do not.
    """
    t = as_array(t, "t")
    if t.shape == y.shape:
        rows = as_real(t, "t")
        expected = "rows that sum to 1 without negative entries, or integer labels"
        check(are_distributions(rows), "t", expected, t)
        return rows.astype(y.dtype)
    labels_shape = y.shape[:-1]
    expected = f"of shape {y.shape}, like {name}, or labels of shape {labels_shape}"
    check(t.shape == labels_shape, "t", expected, t)
    expected = "integers where it holds labels (t.astype(int) makes integers of floats)"
    check(t.dtype.kind in "iu", "t", expected, t, TypeError)
    classes = y.shape[-1]
    unknown = t[(t < 0) | (t >= classes)]
    check(unknown.size == 0, "t", f"labels between 0 and {classes - 1}", unknown)
    return (t[..., np.newaxis] == np.arange(classes)).astype(y.dtype)


def are_distributions(rows, within=1e-5):
    """Return whether no entry is negative and each row sums to 1, by default as far as float32 rounds."""
    return np.all(rows >= 0) and np.all(np.abs(rows.sum(axis=-1) - 1) <= within)


def as_predictions(y, name):
    """Return ``y`` as floats, or raise unless it has at least one class and one sample."""
    y = as_scores(y, name)
    check(y.size > 0, name, "at least one sample", y)
    return y


def batch_size(y):
    """Return the number of samples: the rows of a batch, or 1."""
    return y.size // y.shape[-1]
