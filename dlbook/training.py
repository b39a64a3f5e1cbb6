"""Training: mini-batch, gradient, update, repeat."""

import numpy as np

from dlbook.checks import as_array, as_generator, check, check_count, check_flag
from dlbook.optimizers import as_optimizer
from dlbook.running import Run, is_true, least_samples


def minibatches(x, t, batch_size=100, rng=None, replace=False, *, least=1):
    """Cut one epoch of samples into mini-batches, in random order.

    Parameters
    ----------
    x, t : array_like of shape (N, …)
        Samples, and as many targets.
    batch_size : int
        Samples in a mini-batch. The last one is smaller if ``batch_size`` does not divide N.
    replace : bool
        Draw N times with replacement rather than shuffle: a sample may then come twice, or not at all.
    least : int
        If the last mini-batch would have fewer samples than this, they join the one before it.

    Yields
    ------
    x_batch : ndarray of shape (batch_size, …)
        Copies of rows of ``x``.
    t_batch : ndarray of shape (batch_size, …)
        Copies of the same rows of ``t``.
    """
    x, t = as_array(x, "x"), as_array(t, "t")
    check_count(batch_size, "batch_size")
    check_count(least, "least")
    check(least <= batch_size, "least", f"at most batch_size, {batch_size}", least)
    check_flag(replace, "replace")
    check(x.ndim > 0 and len(x) > 0, "x", "at least one sample", x)
    N = len(x)
    check(t.ndim > 0 and len(t) == N, "t", f"one target for each of {N} samples", t)
    rng = as_generator(rng)
    order = rng.integers(N, size=N) if replace else rng.permutation(N)
    batches = np.split(order, range(batch_size, N - least + 1, batch_size))
    return ((x[rows], t[rows]) for rows in batches)


def train(
    net,
    train_set,
    test_set=None,
    epochs=10,
    batch_size=100,
    lr=None,
    *,
    validation=None,
    optimizer="sgd",
    rng=None,
    replace=False,
    callback=None,
    progress=None,
):
    r"""Train a network by mini-batches, and measure its accuracy before and after each epoch.

    Parameters
    ----------
    net : Network
        Trained in place.
    train_set : (array_like, array_like)
        A pair ``(x, t)`` of samples and targets, as `load_mnist` returns it.
    test_set, validation : (array_like, array_like), optional
        Pairs like it that the network never trains on.
    epochs : int
        How often to go through the training data.
    batch_size : int
        Samples in a mini-batch. With batch normalization, which needs two, a single sample that is left
        over at the end of an epoch joins the mini-batch before it.
    lr : float or callable, optional
        The learning rate $\eta$ of an optimizer that is given by name; without it, the optimizer's own
        default. A callable is a schedule, such as `cosine_decay` returns: its value for n is the rate of
        update n, counted from 1.
    optimizer : str or object
        A name, or an object with a method ``update(params, grads)``. An object has its own rate, so only a
        schedule may come with it.
    replace : bool
        Draw mini-batches with replacement rather than shuffle each epoch.
    callback : callable, optional
        Called as ``callback(net, history)`` after each epoch. If it returns True, training ends.
    progress : bool or callable, optional
        Whether to show loss and accuracies on standard error: in one line that is kept up to date if that is
        a terminal or a notebook, in a line for each epoch otherwise. Without it, they are shown on a terminal
        or in a notebook. A callable wraps the loop over epochs, as a progress bar does.

    Returns
    -------
    dict of str to list
        ``loss``: the loss of each mini-batch just before its update. ``train_accuracy``, and with such a
        set ``validation_accuracy``, ``validation_loss`` and ``test_accuracy``: on all samples, before the
        first epoch and after each.

    Warns
    -----
    RuntimeWarning
        If Ctrl-C ended training at a Python prompt or in a notebook. The history so far is returned.

    Notes
    -----
    What cannot be trained raises an error before anything has changed. If an exception ends training later,
    each update has been made as a whole or not at all, and the exception has the history so far as its
    attribute ``history``. That goes for Ctrl-C in a script, too.

    To repeat a run from one seed, give the network and `train` the same generator.
    """
    sets = as_sets(net, train_set, validation, test_set)
    check_options(net, epochs, batch_size, replace, callback, progress)
    optimizer = as_optimizer(optimizer, lr, net.params)
    rng, least = as_generator(rng), least_samples(net)
    run = Run(net, sets, epochs, batch_size, least, progress)
    x_train, t_train = sets["train_set"]
    with run:
        for _ in run.epochs:
            batches = minibatches(x_train, t_train, batch_size, rng, replace, least=least)
            for x, t in run.follow(batches):
                with run.whole:
                    loss, grads = net.loss_and_gradient(x, t)
                    optimizer.update(net.params, grads)
                    run.history["loss"].append(float(loss))
            run.measure()
            if callback is not None and is_true(callback(net, run.history)):
                break
    return run.history


def as_sets(net, train_set, validation, test_set):
    """Return the sets that are given by their names, or raise unless there is a network to train on them."""
    is_network = callable(getattr(net, "loss_and_gradient", None)) and not isinstance(net, type)
    check(is_network, "net", "a network, such as MultiLayerNet(784, [50], 10)", net, TypeError)
    sets = {"train_set": as_samples(train_set, "train_set", least_samples(net))}
    for name, pair in {"validation": validation, "test_set": test_set}.items():
        if pair is not None:
            sets[name] = as_samples(pair, name, 1)
    return sets


def check_options(net, epochs, batch_size, replace, callback, progress):
    """Raise unless these arguments of `train` are what it takes."""
    check_count(epochs, "epochs", least=0)
    check_count(batch_size, "batch_size", least_samples(net))
    check_flag(replace, "replace")
    check(callback is None or callable(callback), "callback", "a callable", callback, TypeError)
    shows = progress is None or isinstance(progress, bool) or callable(progress)
    check(shows, "progress", "True, False or a callable", progress, TypeError)


def as_samples(pair, name, least):
    """Return samples and targets as arrays, or raise unless ``pair`` has enough, and one target for each."""
    is_pair = isinstance(pair, tuple | list) and len(pair) == 2
    check(is_pair, name, "a pair of samples and targets, as in train(net, (x, t))", pair, TypeError)
    x, t = as_array(pair[0], f"{name}: x"), as_array(pair[1], f"{name}: t")
    check(x.ndim > 1, f"{name}: x", "an array with a sample in each row", x)
    few = f"at least {least} sample{'s'[: least - 1]}"
    check(len(x) >= least, f"{name}: x", few, x)
    check(t.ndim > 0 and len(t) == len(x), f"{name}: t", f"one target for each of {len(x)} samples", t)
    return x, t
