"""Training: mini-batch, gradient, update, repeat."""

import numpy as np

from dlbook.checks import as_array, as_generator, check, check_count
from dlbook.optimizers import as_optimizer


def minibatches(x, t, batch_size=100, rng=None, replace=False):
    r"""Cut one epoch of samples into mini-batches, in random order.

    Parameters
    ----------
    x : ndarray of shape (N, …)
        Samples.
    t : ndarray of shape (N, …)
        Their targets.
    batch_size : int
        Samples in a mini-batch. The last one is smaller if ``batch_size`` does not divide N.
    rng : numpy.random.Generator or int, optional
        Where the order comes from.
    replace : bool
        Draw N times with replacement, rather than shuffle: a sample may then come twice, or not at all.

    Returns
    -------
    iterator of (ndarray, ndarray)
        Pairs ``(x_batch, t_batch)``, copies of the rows.

    Raises
    ------
    TypeError
        If ``batch_size`` is no integer.
    ValueError
        If it is not positive, there are no samples, or ``x`` and ``t`` differ in length.
    """
    x, t = as_array(x, "x"), as_array(t, "t")
    check_count(batch_size, "batch_size")
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
    r"""Train a network by mini-batches, and look at its accuracy before and after each epoch.

    Parameters
    ----------
    net : Network
        Trained in place.
    train_set, test_set : (ndarray, ndarray)
        Pairs ``(x, t)`` of samples and targets, as `load_mnist` gives them.
    epochs : int
        How often to go through the training data.
    batch_size : int
        Samples in a mini-batch.
    lr : float
        The learning rate $\eta$, for an optimizer that is given by name.
    optimizer : str or object
        A name, or an object with a method ``update(params, grads)``.
    rng : numpy.random.Generator or int, optional
        Where the order of the samples comes from.
    replace : bool
        Draw mini-batches with replacement rather than shuffle each epoch.
    progress : callable
        Wraps the loop over epochs, as a progress bar does.

    Returns
    -------
    dict of str to list
        ``loss``: the loss of each mini-batch just before its update. ``train_accuracy`` and
        ``test_accuracy``: on all samples, before the first epoch and after each.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If no optimizer has this name, a number is out of its range, or samples and targets do not fit
        each other or the network.
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
    """Refuse what is not a pair of samples and targets.

    Parameters
    ----------
    pair : (ndarray, ndarray)
        Samples and targets.
    name : str
        The argument's name, for the message.

    Raises
    ------
    TypeError
        If it is not a tuple or list of two.
    """
    check(isinstance(pair, tuple | list) and len(pair) == 2, name, "a pair (x, t)", pair, TypeError)
