"""Training: mini-batch, gradient, update, repeat."""

import numpy as np

from dlbook.checks import as_array, as_generator, check, check_count, check_flag
from dlbook.optimizers import as_optimizer


def minibatches(x, t, batch_size=100, rng=None, replace=False):
    """Cut one epoch of samples into mini-batches, in random order.

    Parameters
    ----------
    x, t : array_like of shape (N, …)
        Samples, and as many targets.
    batch_size : int
        Samples in a mini-batch. The last one is smaller if ``batch_size`` does not divide N.
    replace : bool
        Draw N times with replacement rather than shuffle: a sample may then come twice, or not at all.

    Yields
    ------
    x_batch : ndarray of shape (batch_size, …)
        Copies of rows of ``x``.
    t_batch : ndarray of shape (batch_size, …)
        Copies of the same rows of ``t``.
    """
    x, t = as_array(x, "x"), as_array(t, "t")
    check_count(batch_size, "batch_size")
    check_flag(replace, "replace")
    check(x.ndim > 0 and len(x) > 0, "x", "at least one sample", x)
    N = len(x)
    check(t.ndim > 0 and len(t) == N, "t", f"one target for each of {N} samples", t)
    rng = as_generator(rng)
    order = rng.integers(N, size=N) if replace else rng.permutation(N)
    batches = np.split(order, range(batch_size, N, batch_size))
    return ((x[rows], t[rows]) for rows in batches)


def train(
    net,
    train_set,
    test_set,
    epochs=10,
    batch_size=100,
    lr=0.1,
    optimizer="sgd",
    rng=None,
    replace=False,
    progress=iter,
):
    r"""Train a network by mini-batches, and measure its accuracy before and after each epoch.

    Parameters
    ----------
    net : Network
        Trained in place.
    train_set, test_set : (ndarray, ndarray)
        Pairs ``(x, t)`` of samples and targets, as `load_mnist` returns them.
    epochs : int
        How often to go through the training data.
    batch_size : int
        Samples in a mini-batch.
    lr : float
        The learning rate $\eta$ of an optimizer that is given by name.
    optimizer : str or object
        A name, or an object with a method ``update(params, grads)``.
    replace : bool
        Draw mini-batches with replacement rather than shuffle each epoch.
    progress : callable
        Wraps the loop over epochs, as a progress bar does.

    Returns
    -------
    dict of str to list
        ``loss``: the loss of each mini-batch just before its update. ``train_accuracy`` and
        ``test_accuracy``: on all samples, before the first epoch and after each.
    """
    check_count(epochs, "epochs", least=0)
    check_pair(train_set, "train_set")
    check_pair(test_set, "test_set")
    x_train, t_train = train_set
    x_test, t_test = test_set
    optimizer = as_optimizer(optimizer, lr)
    rng = as_generator(rng)
    history = {
        "loss": [],
        "train_accuracy": [net.accuracy(x_train, t_train)],
        "test_accuracy": [net.accuracy(x_test, t_test)],
    }
    for _ in progress(range(epochs)):
        for x, t in minibatches(x_train, t_train, batch_size, rng, replace):
            loss, grads = net.loss_and_gradient(x, t)
            history["loss"].append(float(loss))
            optimizer.update(net.params, grads)
        history["train_accuracy"].append(net.accuracy(x_train, t_train))
        history["test_accuracy"].append(net.accuracy(x_test, t_test))
    return history


def check_pair(pair, name):
    """Raise unless ``pair`` is a tuple or list of two, samples and targets."""
    check(isinstance(pair, tuple | list) and len(pair) == 2, name, "a pair (x, t)", pair, TypeError)
