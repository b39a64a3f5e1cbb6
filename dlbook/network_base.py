"""The base of all networks: from scores to a prediction, a loss and its gradient."""

import numpy as np

from dlbook.activations import softmax
from dlbook.checks import as_array, as_real, check, check_floats, is_floats, warn_of_pixels
from dlbook.gradients import numerical_gradient
from dlbook.losses import as_one_hot, softmax_cross_entropy

AT_ONCE = 1000  # samples of many whose scores are computed together: what is in between stays in the cache


class Network:
    """What all networks of the book share: from scores to a prediction, a loss and its gradient.

    A network has ``params`` and defines ``scores(x)``; to be trained, it also defines ``gradient(x, t)``.

    Attributes
    ----------
    params : dict of str to ndarray
        The parameters by name.
    """

    params: dict

    def scores(self, x):
        """Return one number per class, before softmax.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores; the largest is the network's guess.
        """
        raise NotImplementedError(f"{type(self).__name__} must define scores(x)")

    def predict(self, x):
        """Return the probability of each class.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Probabilities; each row sums to 1.
        """
        return softmax(self.scores(x))

    def loss(self, x, t):
        """Return the cross-entropy error, averaged over samples.

        Returns
        -------
        float
            The loss in nats.
        """
        return softmax_cross_entropy(self.scores(x), t)

    def accuracy(self, x, t):
        """Return the share of samples whose largest score belongs to the right class.

        Returns
        -------
        float
            From 0 to 1.
        """
        x = as_array(x, "x")
        parts = np.split(x, range(AT_ONCE, len(x), AT_ONCE)) if x.ndim == 2 else [x]
        if x.dtype.kind == "f":  # of integers, `as_batch` warns
            warn_of_pixels(parts[0], "x")
        scores = np.concatenate([self.scores(part) for part in parts])
        t = as_one_hot(t, scores, "the scores")
        return float(np.mean(scores.argmax(axis=-1) == t.argmax(axis=-1)))

    def gradient(self, x, t):
        """Return the gradient of the loss.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.
        """
        raise NotImplementedError(f"{type(self).__name__} must define gradient(x, t)")

    def loss_and_gradient(self, x, t):
        """Return the loss and its gradient.

        Returns
        -------
        loss : float
            The loss in nats; of a network that behaves differently in training, the loss in training.
        grads : dict of str to ndarray
            For each parameter, the gradient in its shape.
        """
        return self.loss(x, t), self.gradient(x, t)

    def trial_loss(self, x, t):
        """Return the loss whose gradient `gradient` computes, and leave everything as it was.

        Returns
        -------
        float
            The loss in nats.
        """
        return self.loss(x, t)

    def numerical_gradient(self, x, t, h=None):
        """Estimate the gradient of the loss by central differences: two losses per parameter.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.
        """

        def loss(_):
            return self.trial_loss(x, t)

        loss(None)  # names what does not fit, before anything is stepped
        params = self.params.items()
        return {name: numerical_gradient(loss, param, h) for name, param in params}


def as_batch(x, W):
    """Return ``x`` in the float type of ``W``, copied only if it differs; raise unless ``x`` fits ``W``."""
    x = as_array(x, "x")
    if x.dtype.kind in "iu":
        warn_of_pixels(x, "x")
    x = as_real(x, "x")
    fits = x.ndim in (1, 2) and x.shape[-1] == len(W) and x.size > 0
    check(fits, "x", f"of shape ({len(W)},) or (N, {len(W)}) with N at least 1", x)
    return as_real(x.astype(W.dtype, copy=False), "x", finite=True)


def as_params(params, *names):
    """Return parameters in the order of their names, not copied, or raise unless they are finite floats."""
    found = [params.get(name) for name in names]
    for name, param in zip(names, found, strict=True):
        if not is_floats(param):
            check(name in params, "params", f"a dict with the names {names}", list(params))
            check_floats(param, name)
        as_real(param, name, finite=True)
    return found
