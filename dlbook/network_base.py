"""The base of all networks: from scores to a prediction, a loss and its gradient."""

from copy import deepcopy
from functools import cached_property

import numpy as np

from dlbook.activations import softmax
from dlbook.checks import FLOATS, as_array, as_real, check, check_finite, check_floats, warn_of_pixels
from dlbook.gradients import numerical_gradient
from dlbook.losses import as_one_hot, softmax_cross_entropy

AT_ONCE = 1000  # samples of many whose scores are computed together: what is in between stays in the cache


class Network:
    """What all networks of the book share: from scores to a prediction, a loss and its gradient.

    A network has ``params`` and defines ``scores(x)``; to be trained, it also defines ``gradient(x, t)``, and
    to be saved, ``settings()``.

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

    def classify(self, x):
        """Return the class with the largest score: the network's guess.

        Returns
        -------
        ndarray of shape () or (N,)
            Labels, from 0 to C − 1; of a single sample a Python int.
        """
        labels = as_scores(self, x).argmax(axis=-1)
        return labels if labels.ndim else int(labels)

    def accuracy(self, x, t):
        """Return the share of samples whose largest score belongs to the right class.

        Returns
        -------
        float
            From 0 to 1.
        """
        scores = as_scores(self, x)
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

    def settings(self):
        """Return what makes such a network: the arguments of its class, except ``rng``.

        Returns
        -------
        dict
            Each argument by its name; numbers, strings, and lists of them.
        """
        raise NotImplementedError(f"{type(self).__name__} must define settings()")

    @property
    def dtype(self):
        """The float type of the first parameter, and so of all."""
        return getattr(next(iter(self.params.values()), None), "dtype", None)

    @cached_property
    def shapes(self):  # kept, because each step asks for it; the settings decide it, not the arrays
        return self.as_shapes(**self.settings())

    @classmethod
    def as_shapes(cls, *arguments, **settings):
        """Return the shapes of ``params`` and of ``moving`` by name; a class may know them by itself."""
        net = cls(*arguments, **settings)
        kinds = {"params": net.params, "moving": getattr(net, "moving", {})}
        return {of: {name: it.shape for name, it in arrays.items()} for of, arrays in kinds.items()}

    def check_arrays(self):
        """Raise unless the parameters and any moving averages fit the settings."""
        for of in self.shapes:
            as_params(self, of=of)

    def copy(self):
        """Return a network that is equal in everything and shares nothing: train one, and the other stays.

        Returns
        -------
        Network
            With the same settings, arrays and random numbers to come.
        """
        return deepcopy(self)

    def outline(self):
        """Return the layers in order, as `repr` lists them.

        Returns
        -------
        list of (str, list of str)
            The name of a layer, and the names of its parameters.
        """
        return [("Array", [name]) for name in self.params]

    def __repr__(self):
        """Summarize the network: its class and settings, its layers and their shapes, its parameters."""
        from inspect import signature  # here, because it takes long to import

        settings = {} if type(self).settings is Network.settings else self.settings()
        usual = {name: it.default for name, it in signature(type(self)).parameters.items()}
        given = [f"{name}={value!r}" for name, value in settings.items() if value != usual.get(name)]
        rows = [f"{type(self).__name__}({', '.join(given)})"]
        outline = self.outline()
        width = max([9, *(len(layer) for layer, _ in outline)])
        for layer, names in outline:
            arrays = ", ".join(f"{name} {np.shape(self.params.get(name, ()))}" for name in names)
            size = sum(np.size(self.params.get(name, ())) for name in names)
            rows.append(f"  {layer:<{width}} {arrays:<30}{size:>12,}" if names else f"  {layer}")
        total = sum(np.size(param) for param in self.params.values())
        return "\n".join([*rows, f"  {total:,} parameters"])


def as_scores(net, x):
    """Return the scores of a sample or a batch, computed for so many samples at a time as fit the cache."""
    x = as_array(x, "x")
    parts = np.split(x, range(AT_ONCE, len(x), AT_ONCE)) if x.ndim in (2, 4) else [x]
    if x.dtype.kind == "f":  # of integers, `as_batch` warns
        warn_of_pixels(parts[0], "x")
    return np.concatenate([net.scores(part) for part in parts])


def as_batch(x, W):
    """Return ``x`` in the float type of ``W``, copied only if it differs; raise unless ``x`` fits ``W``."""
    x = as_array(x, "x")
    if x.dtype != W.dtype:
        if x.dtype.kind in "iu":
            warn_of_pixels(x, "x")
        x = as_real(x, "x")
    if not (x.ndim in (1, 2) and x.shape[-1] == len(W) and x.size > 0):
        check(False, "x", f"of shape ({len(W)},) or (N, {len(W)}) with N at least 1", x)
    if x.dtype != W.dtype:
        x = x.astype(W.dtype)
    check_finite(x, "x")
    return x


def as_params(net, *names, of="params"):
    """Return parameters in the order of their names, or all, not copied; raise unless they fit the network.

    ``of="moving"`` returns moving averages.
    """
    arrays, shapes = getattr(net, of, {}), net.shapes[of]
    if not (isinstance(arrays, dict) and arrays.keys() == shapes.keys()):
        came = list(arrays) if isinstance(arrays, dict) else arrays
        check(False, of, f"a dict with the names {list(shapes)}", came)
    dtype, found = net.dtype, [arrays[name] for name in names or shapes]
    for name, array in zip(names or shapes, found, strict=True):
        if not (type(array) is np.ndarray and array.dtype == dtype in FLOATS and array.shape == shapes[name]):
            check_param(array, name, shapes[name], dtype)
        check_finite(array, name)
    return found


def check_param(array, name, shape, dtype):
    """Raise unless a parameter is an array of this shape and type, and say what it is not."""
    check_floats(array, name)
    check(array.dtype in FLOATS, name, "in the machine's own order of bytes", array.dtype, TypeError)
    check(array.shape == shape, name, f"of shape {shape}", array)
    check(array.dtype == dtype, name, f"{dtype}, like the other parameters", array, TypeError)
    as_array(array, name)
