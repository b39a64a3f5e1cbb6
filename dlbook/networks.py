"""Networks: parameters, the scores they give an input, and the gradient of the loss."""

from copy import copy, deepcopy
from functools import partial
from itertools import pairwise

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.checks import (
    as_array,
    as_fraction,
    as_generator,
    as_positive,
    as_real,
    check,
    check_count,
    check_float_type,
)
from dlbook.gradients import numerical_gradient
from dlbook.initializers import he, normal, xavier
from dlbook.layers import Affine, BatchNorm, Dropout, Relu, Sigmoid, SoftmaxWithLoss, Tanh
from dlbook.losses import as_one_hot, batch_size, softmax_cross_entropy

ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": Relu}
INITIALIZERS = {"xavier": xavier, "he": he}
AT_ONCE = 1000  # samples of many whose scores are computed together: what is in between stays in the cache


class Network:
    """What all networks of the book share: from scores to a prediction, a loss and its gradient.

    A network gives ``params``, a dict of its parameters, and ``scores(x)``.

    Attributes
    ----------
    params : dict of str to ndarray
        The parameters by name. Optimizers change them in place.
    """

    params: dict

    def scores(self, x):
        """Give one number a class, before softmax; each network computes it in its own way.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores; the largest is the network's guess.

        Raises
        ------
        NotImplementedError
            If the network does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} must define scores(x)")

    def predict(self, x):
        """Give the probability of each class.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Probabilities; each row sums to 1.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network or is empty, or it or a parameter is not finite.
        """
        return softmax(self.scores(x))

    def loss(self, x, t):
        """Give the cross-entropy error, averaged over samples.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        float
            The loss in nats.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        return softmax_cross_entropy(self.scores(x), t)

    def accuracy(self, x, t):
        """Give the share of samples whose largest score stands at the right class.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        x = as_array(x, "x")
        parts = np.split(x, range(AT_ONCE, len(x), AT_ONCE)) if x.ndim == 2 else [x]
        scores = np.concatenate([self.scores(part) for part in parts])
        t = as_one_hot(t, scores, "the scores")
        return float(np.mean(scores.argmax(axis=-1) == t.argmax(axis=-1)))

    def gradient(self, x, t):
        """Compute the gradient of the loss; each network does it in its own way.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Raises
        ------
        NotImplementedError
            If the network does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} must define gradient(x, t)")

    def loss_and_gradient(self, x, t):
        """Compute the loss and its gradient.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        (float, dict of str to ndarray)
            The loss in nats, and for each parameter its gradient.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        return self.loss(x, t), self.gradient(x, t)

    def trial_loss(self, x, t):
        """Give the loss that `gradient` is the gradient of, and leave everything as it was.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        float
            The loss in nats. A network that behaves differently in training says so.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        return self.loss(x, t)

    def numerical_gradient(self, x, t, h=1e-4):
        """Estimate the gradient of the loss by two evaluations a parameter.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).
        h : float
            The step of the central difference.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """

        def loss(_):
            return self.trial_loss(x, t)

        loss(None)  # names what does not fit, before anything is stepped
        params = self.params.items()
        return {name: numerical_gradient(loss, param, h) for name, param in params}


class SimpleNet(Network):
    """The smallest network: one matrix between the input and the scores.

    Parameters
    ----------
    W : array_like of shape (D, C), optional
        The weights; copied. Without them, a 2×3 matrix is drawn from the standard normal distribution.
    rng : numpy.random.Generator or int, optional
        Where the weights are drawn from.

    Attributes
    ----------
    W : ndarray of shape (D, C)
        The weights: the same array as ``params["W"]``.
    params : dict of str to ndarray
        ``W`` alone.

    Raises
    ------
    TypeError
        If ``W`` does not hold real numbers.
    ValueError
        If ``W`` is not a matrix, or not finite.
    """

    def __init__(self, W=None, rng=None):
        if W is None:
            W = as_generator(rng).standard_normal((2, 3))
        W = np.array(as_real(W, "W", finite=True))
        check(W.ndim == 2 and W.size > 0, "W", "a matrix", W)
        self.params = {"W": W}

    @property
    def W(self):
        """The weights, kept in one place: ``net.W`` is ``net.params["W"]``, also after a change."""
        return self.params["W"]

    @W.setter
    def W(self, W):
        self.params["W"] = W

    def scores(self, x):
        """Multiply the input by the weights.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores; the largest is the network's guess.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network or is empty, or it or a parameter is not finite.
        """
        (W,) = as_params(self.params, "W")
        return as_batch(x, W) @ W

    def gradient(self, x, t):
        r"""Compute the gradient of the loss by its formula.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        dict of str to ndarray
            ``W``, the gradient in the shape of the weights.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.

        Notes
        -----
        $\partial L / \partial W = \frac{1}{N} x^\top (y - t)$, where $y$ are the probabilities.
        """
        y = self.predict(x)
        dscores = (y - as_one_hot(t, y)) / batch_size(y)
        x, dscores = np.atleast_2d(as_batch(x, self.W), dscores)
        return {"W": x.T @ dscores}


class TwoLayerNet(Network):
    """A network with one hidden layer of sigmoid units and softmax at the end.

    Parameters
    ----------
    input_size : int
        D, the numbers a sample has.
    hidden_size : int
        H, the hidden units.
    output_size : int
        C, the classes.
    weight_init_std : float
        The standard deviation of the normal distribution that the weights are drawn from. Biases
        start at 0.
    rng : numpy.random.Generator or int, optional
        Where the weights are drawn from.
    dtype : float64 or float32
        The type of the parameters, and so of all that is computed.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).

    Raises
    ------
    TypeError
        If a size is no integer, or ``dtype`` is not a float type.
    ValueError
        If a size is not positive, or ``weight_init_std`` is negative or not finite.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        output_size,
        weight_init_std=0.01,
        rng=None,
        dtype=np.float64,
    ):
        check_count(input_size, "input_size")
        check_count(hidden_size, "hidden_size")
        check_count(output_size, "output_size")
        std = as_positive(weight_init_std, "weight_init_std", or_zero=True)
        check_float_type(dtype)
        rng = as_generator(rng)
        self.params = {
            "W1": rng.normal(0, std, (input_size, hidden_size)).astype(dtype),
            "b1": np.zeros(hidden_size, dtype),
            "W2": rng.normal(0, std, (hidden_size, output_size)).astype(dtype),
            "b2": np.zeros(output_size, dtype),
        }

    def forward(self, x):
        """Send the input through both layers, up to softmax.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        (ndarray of shape (D,) or (N, D), ndarray of shape (H,) or (N, H), ndarray of shape (C,) or (N, C))
            The input in the parameters' float type, the outputs of the hidden units, and the scores.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network or is empty, or it or a parameter is not finite.
        """
        W1, b1, W2, b2 = as_params(self.params, "W1", "b1", "W2", "b2")
        x = as_batch(x, W1)
        z = sigmoid(x @ W1 + b1)
        return x, z, z @ W2 + b2

    def scores(self, x):
        """Give one number a class, before softmax.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores; the largest is the network's guess.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network or is empty, or it or a parameter is not finite.
        """
        return self.forward(x)[-1]

    def backward(self, x, z, scores, t):
        r"""Compute the gradient of the loss by its formula, backwards from the loss to the input.

        Parameters
        ----------
        x, z, scores : ndarray
            What `forward` gave.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Raises
        ------
        TypeError
            If ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``t`` does not fit the scores.

        Notes
        -----
        With hidden outputs $z$ and probabilities $y$, the loss changes with the second layer's scores by
        $\frac{1}{N}(y - t)$, and with the first layer's sums by that times $W_2^\top$ times $z (1 - z)$.

        References
        ----------
        D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating
        errors", Nature 323 (1986).
        """
        y = softmax(scores)
        dscores = (y - as_one_hot(t, y)) / batch_size(y)
        dsums = dscores @ self.params["W2"].T * z * (1 - z)
        x, z, dscores, dsums = np.atleast_2d(x, z, dscores, dsums)
        return {
            "W1": x.T @ dsums,
            "b1": dsums.sum(axis=0),
            "W2": z.T @ dscores,
            "b2": dscores.sum(axis=0),
        }

    def gradient(self, x, t):
        """Compute the gradient of the loss: forward, and back.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        x, z, scores = self.forward(x)
        return self.backward(x, z, scores, t)

    def loss_and_gradient(self, x, t):
        """Compute the loss and its gradient from one way forward.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).

        Returns
        -------
        (float, dict of str to ndarray)
            The loss in nats, and for each parameter its gradient.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or ``x`` or a
            parameter is not finite.
        """
        x, z, scores = self.forward(x)
        return softmax_cross_entropy(scores, t), self.backward(x, z, scores, t)

    def numerical_gradient(self, x, t, h=1e-4):
        r"""Estimate the gradient by central differences, computing only what each step changes.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or (N,).
        h : float
            The step of the central difference.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape: the same numbers that two losses a parameter
            give, up to rounding.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, ``x`` or a
            parameter is not finite, or ``h`` is not positive.

        Notes
        -----
        A weight of the first layer acts only in samples whose input is not 0, and through one hidden
        unit. If that unit's output moves by $d$, the scores move by $d \, w$ with its row $w$ of $W_2$, and
        the loss of the sample by $\log \sum_k y_k e^{d w_k} - d \sum_k t_k w_k$.
        """
        h = as_positive(h, "h")
        W1, b1, W2, _ = as_params(self.params, "W1", "b1", "W2", "b2")
        x, z, scores = self.forward(x)
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


class MultiLayerNet(Network):
    r"""A network of any depth, put together from layers that know their own gradients.

    Parameters
    ----------
    input_size : int
        D, the numbers a sample has.
    hidden_sizes : sequence of int
        The units of each hidden layer, from the input on. Without any, the network has
        one matrix, like `SimpleNet`.
    output_size : int
        C, the classes.
    activation : "relu", "sigmoid" or "tanh"
        What the hidden units do with their sums.
    weight_init : float, "xavier" or "he"
        How the weights are drawn: the standard deviation of a normal distribution, or an
        initializer that finds it from the sizes. Biases start at 0.
    weight_decay : float
        $\lambda$: how strongly large weights are punished. The loss grows by half of it
        times the sum of all squared weights; biases go free.
    batch_norm : bool
        Whether each hidden layer normalises its sums before the activation.
    dropout : float
        The probability that a hidden unit is switched off in training.
    rng : numpy.random.Generator or int, optional
        Where the weights are drawn from, and then what dropout switches off.
    dtype : float64 or float32
        The type of the parameters, and so of all that is computed.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1``, ``b1``, ``W2``, ``b2`` and so on, a pair a layer; with batch normalization
        also ``gamma1``, ``beta1`` and so on, a pair a hidden layer.
    moving : dict of str to ndarray
        The moving averages of batch normalization: ``mean1``, ``var1`` and so on.
    depth : int
        The number of matrices: one more than there are hidden layers.

    Raises
    ------
    TypeError
        If a size is no integer, or ``dtype`` is not a float type.
    ValueError
        If a size is not positive, there is no such activation or initializer, or a number
        is out of its range.

    Notes
    -----
    `scores`, `predict`, `accuracy` and `loss` are about the network as it is used: with
    moving averages, and without dropout. `gradient` and `numerical_gradient` are about the
    network in training, as is `loss` with ``training=True``.
    """

    moving: dict

    def __init__(
        self,
        input_size,
        hidden_sizes,
        output_size,
        activation="relu",
        *,
        weight_init=0.01,
        weight_decay=0.0,
        batch_norm=False,
        dropout=0.0,
        rng=None,
        dtype=np.float64,
    ):
        check_count(input_size, "input_size")
        is_sequence = isinstance(hidden_sizes, tuple | list)
        check(is_sequence, "hidden_sizes", "a list of sizes", hidden_sizes, TypeError)
        for size in hidden_sizes:
            check_count(size, "hidden_sizes")
        check_count(output_size, "output_size")
        check_name(activation, "activation", ACTIVATIONS)
        initialize = as_initializer(weight_init)
        check(isinstance(batch_norm, bool), "batch_norm", "True or False", batch_norm, TypeError)
        check_float_type(dtype)
        self.activation = ACTIVATIONS[activation]
        self.weight_decay = as_positive(weight_decay, "weight_decay", or_zero=True)
        self.batch_norm = batch_norm
        self.dropout = as_fraction(dropout, "dropout")
        self.rng = as_generator(rng)
        self.depth = len(hidden_sizes) + 1
        self.params = {}
        self.moving = {}
        sizes = pairwise([input_size, *hidden_sizes, output_size])
        for i, shape in enumerate(sizes, start=1):
            self.params[f"W{i}"] = initialize(shape, rng=self.rng, dtype=dtype)
            self.params[f"b{i}"] = np.zeros(shape[1], dtype)
        if self.batch_norm:
            for i, size in enumerate(hidden_sizes, start=1):
                self.params |= {f"gamma{i}": np.ones(size, dtype), f"beta{i}": np.zeros(size, dtype)}
                self.moving |= {f"mean{i}": np.zeros(size, dtype), f"var{i}": np.ones(size, dtype)}

    def layers(self, training=False):
        """Put the layers together around the parameters as they are now.

        Parameters
        ----------
        training : bool
            Whether batch normalization uses the batch's statistics and dropout drops.

        Returns
        -------
        list of layer
            Affine, activation, affine, …, affine: new objects, the same arrays.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats.
        ValueError
            If a parameter is missing or not finite.
        """
        layers = []
        for i in range(1, self.depth + 1):
            W, b = as_params(self.params, f"W{i}", f"b{i}")
            layers += [Affine(W, b), *self.hidden_units(i, training)]
        return layers

    def hidden_units(self, i, training):
        """Put together what a hidden layer does with its sums.

        Parameters
        ----------
        i : int
            The number of the layer; after the last matrix nothing is done.
        training : bool
            Whether batch normalization uses the batch's statistics and dropout drops.

        Returns
        -------
        list of layer
            The activation; batch normalization before it and dropout after it, where the
            network has them.
        """
        if i == self.depth:
            return []
        layers = [self.activation()]
        if self.batch_norm:
            gamma, beta = as_params(self.params, f"gamma{i}", f"beta{i}")
            mean, var = self.moving[f"mean{i}"], self.moving[f"var{i}"]
            layers.insert(0, BatchNorm(gamma, beta, mean, var, training=training))
        if self.dropout > 0:
            layers.append(Dropout(self.dropout, self.rng, training))
        return layers

    def scores(self, x):
        """Send the input forward through all layers, up to softmax.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores; the largest is the network's guess.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network or is empty, or it or a parameter is not
            finite.
        """
        return self.forward(x, self.layers())

    def forward(self, x, layers):
        """Send the input through layers that are there already.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        layers : list of layer
            From `layers`; each remembers what its backward needs.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` does not fit the network, is empty or not finite.
        """
        x = as_batch(x, self.params["W1"])
        out = np.atleast_2d(x)
        for layer in layers:
            out = layer.forward(out)
        return out if x.ndim == 2 else out[0]

    def loss(self, x, t, training=False):
        """Give the cross-entropy error, averaged over samples, and the price of the weights.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or
            (N,).
        training : bool
            Whether batch normalization uses the batch's statistics, and moves its averages,
            and dropout drops.

        Returns
        -------
        float
            The loss in nats.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or
            ``x`` or a parameter is not finite.
        """
        scores = self.forward(x, self.layers(training))
        return softmax_cross_entropy(scores, t) + self.penalty()

    def penalty(self):
        r"""Give what weight decay adds to the loss.

        Returns
        -------
        float
            $\frac{\lambda}{2} \sum W^2$ over the entries of all matrices.
        """
        if self.weight_decay == 0:
            return 0.0
        weights = [self.params[f"W{i}"] for i in range(1, self.depth + 1)]
        return self.weight_decay / 2 * sum(float(np.sum(W**2)) for W in weights)

    def gradient(self, x, t):
        r"""Compute the gradient of the loss by backpropagation.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or
            (N,).

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or
            ``x`` or a parameter is not finite.
        """
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x, t):
        r"""Compute the loss and its gradient by backpropagation, in one go.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or
            (N,).

        Returns
        -------
        (float, dict of str to ndarray)
            The loss in training, in nats, and for each parameter its gradient.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or
            ``x`` or a parameter is not finite.

        References
        ----------
        D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by
        back-propagating errors", Nature 323 (1986).
        """
        layers, last = self.layers(training=True), SoftmaxWithLoss()
        loss = last.forward(self.forward(x, layers), t) + self.penalty()
        dout = np.atleast_2d(last.backward())
        for layer in reversed(layers):
            dout = layer.backward(dout)
        return loss, self.gather(layers)

    def gather(self, layers):
        """Give each parameter the gradient that its layer has found, and weight decay's part.

        Parameters
        ----------
        layers : list of layer
            From `layers`, after their backward.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.
        """
        grads, i = {}, 0
        for layer in layers:
            i += isinstance(layer, Affine)
            for name, grad in getattr(layer, "grads", {}).items():
                grads[f"{name}{i}"] = grad
            if self.weight_decay > 0 and isinstance(layer, Affine):
                grads[f"W{i}"] += self.weight_decay * layer.params["W"]
        return grads

    def trial_loss(self, x, t):
        """Give the loss in training, and leave everything as it was.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            One sample, or a batch with one sample a row.
        t : array_like
            Targets: one-hot of shape (C,) or (N, C), or integer labels of shape () or
            (N,).

        Returns
        -------
        float
            The loss in nats. The moving averages stay, and the units that are switched off
            are those that `gradient` switches off when it is called next.

        Raises
        ------
        TypeError
            If ``x`` or ``t`` does not hold real numbers, or labels are not integers.
        ValueError
            If ``x`` does not fit the network or is empty, ``t`` does not fit ``x``, or
            ``x`` or a parameter is not finite.
        """
        if not self.batch_norm and not self.dropout:
            return self.loss(x, t)
        net = copy(self)
        net.rng, net.moving = deepcopy((self.rng, self.moving))
        return net.loss(x, t, training=True)


def loss_by_unit(d, w, y, target):
    r"""Give the change of each sample's loss when the output of a hidden unit moves.

    Parameters
    ----------
    d : ndarray of shape (N,)
        How far it moves.
    w : ndarray of shape (C,)
        The unit's weight for each class.
    y : ndarray of shape (C, N)
        The probabilities before.
    target : ndarray of shape (N,)
        The weight for the right class.

    Returns
    -------
    ndarray of shape (N,)
        $\log \sum_k y_k e^{d w_k} - d \sum_k t_k w_k$.
    """
    return np.log(np.einsum("kn,kn->n", y, np.exp(np.outer(w, d)))) - d * target


def loss_by_score(d, y, t):
    r"""Give the change of a sample's loss when one score moves.

    Parameters
    ----------
    d : ndarray
        How far it moves.
    y, t : ndarray
        The probability of the class before, and its target; of shapes that fit ``d``.

    Returns
    -------
    ndarray
        $\log(1 + y (e^d - 1)) - d t$.
    """
    return np.log1p(y * np.expm1(d)) - d * t


def as_batch(x, W):
    """Check that the input fits the weights, and give it in their float type.

    Parameters
    ----------
    x : array_like of shape (D,) or (N, D)
        One sample, or a batch with one sample a row.
    W : ndarray of shape (D, H)
        The weights that it will meet.

    Returns
    -------
    ndarray of shape (D,) or (N, D)
        The input; not copied if its type fits.

    Raises
    ------
    TypeError
        If ``x`` does not hold real numbers.
    ValueError
        If ``x`` is neither one sample nor a batch, is empty, has not D columns, or is not finite.
    """
    x = as_real(x, "x")
    fits = x.ndim in (1, 2) and x.shape[-1] == len(W) and x.size > 0
    check(fits, "x", f"of shape ({len(W)},) or (N, {len(W)}) with N at least 1", x)
    return as_real(x.astype(W.dtype, copy=False), "x", finite=True)


def as_params(params, *names):
    """Give parameters in the order of their names, whatever the order of the dict.

    Parameters
    ----------
    params : dict of str to ndarray
        The parameters, which the user may have replaced.
    *names : str
        Which of them.

    Returns
    -------
    list of ndarray
        The parameters themselves, no copies.

    Raises
    ------
    TypeError
        Naming the first parameter that is no array of floats.
    ValueError
        If names are missing, or naming the first parameter that holds NaN or an infinity.
    """
    found = [params.get(name) for name in names]
    for name, param in zip(names, found, strict=True):
        if not (isinstance(param, np.ndarray) and param.dtype.kind == "f"):
            check(name in params, "params", f"a dict with the names {names}", list(params))
            check(False, name, "an array of floats", param, TypeError)
        as_real(param, name, finite=True)
    return found


def check_name(name, argument, known):
    """Refuse a name that stands for nothing.

    Parameters
    ----------
    name : str
        What came.
    argument : str
        The argument's name, for the message.
    known : dict of str to object
        What there is.

    Raises
    ------
    ValueError
        If ``known`` has no such name.
    """
    check(isinstance(name, str) and name in known, argument, f"one of {sorted(known)}", name)


def as_initializer(weight_init):
    """Give the function that draws weights as asked for.

    Parameters
    ----------
    weight_init : float, "xavier" or "he"
        A standard deviation, or the name of an initializer.

    Returns
    -------
    callable
        Called as ``initialize(shape, rng=…, dtype=…)``.

    Raises
    ------
    TypeError
        If it is neither a number nor a name.
    ValueError
        If there is no such initializer, or the number is negative or not finite.
    """
    if isinstance(weight_init, str):
        check_name(weight_init, "weight_init", INITIALIZERS)
        return INITIALIZERS[weight_init]
    return partial(normal, std=as_positive(weight_init, "weight_init", or_zero=True))
