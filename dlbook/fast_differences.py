"""Fast differences: the numerical gradient of a two-layer network, computing only what each step changes."""

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.losses import as_one_hot


def two_layer_differences(params, x, z, scores, t, h):
    r"""Return the gradient of the loss of a two-layer network by central differences.

    Parameters
    ----------
    x, z, scores : ndarray
        What `TwoLayerNet.forward` returned.

    Returns
    -------
    dict of str to ndarray
        For each parameter, its gradient: up to rounding, the same numbers as by two losses a parameter.

    Notes
    -----
    A weight of the first layer acts only in samples whose input is not 0, and through one hidden
    unit. If that unit's output moves by $d$, the scores move by $d \, w$ with its row $w$ of $W_2$, and
    the loss of the sample by $\log \sum_k y_k e^{d w_k} - d \sum_k t_k w_k$.
    """
    W1, b1, W2 = params["W1"], params["b1"], params["W2"]
    y = softmax(scores)
    x, z, y, t = np.atleast_2d(x, z, y, as_one_hot(t, y))
    one = np.ones((len(x), 1), x.dtype)
    x, z = np.hstack([x, one]), np.hstack([z, one])  # a bias is the weight of an input of 1

    sums = x @ np.vstack([W1, b1])
    sample, entry = np.nonzero(x)
    step = h * x[sample, entry]
    y_sample = np.ascontiguousarray(y[sample].T)
    dW1 = np.empty((x.shape[1], len(W2)), x.dtype)
    for j, w in enumerate(W2):
        s, z_before, target = sums[sample, j], z[sample, j], (t @ w)[sample]
        up = loss_by_unit(sigmoid(s + step) - z_before, w, y_sample, target)
        down = loss_by_unit(sigmoid(s - step) - z_before, w, y_sample, target)
        dW1[:, j] = np.bincount(entry, up - down, len(dW1))

    step, y, t = h * z[:, :, np.newaxis], y[:, np.newaxis], t[:, np.newaxis]
    dW2 = (loss_by_score(step, y, t) - loss_by_score(-step, y, t)).sum(axis=0)
    dW1, dW2 = dW1 / (2 * h * len(x)), dW2 / (2 * h * len(x))
    return {"W1": dW1[:-1], "b1": dW1[-1], "W2": dW2[:-1], "b2": dW2[-1]}


def loss_by_unit(d, w, y, target):
    r"""Return how each sample's loss changes when the output of a hidden unit moves by ``d`` (N,).

    It is $\log \sum_k y_k e^{d w_k} - d \sum_k t_k w_k$ with the unit's weights ``w`` (C,), the probabilities
    before, ``y`` (C, N), and the weight for the right class, ``target`` (N,).
    """
    return np.log(np.einsum("kn,kn->n", y, np.exp(np.outer(w, d)))) - d * target


def loss_by_score(d, y, t):
    r"""Return how a sample's loss changes when one score moves by ``d``: $\log(1 + y (e^d - 1)) - d t$."""
    return np.log1p(y * np.expm1(d)) - d * t
