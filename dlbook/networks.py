"""Networks: parameters, the scores that they give an input, and the gradient of the loss."""

import math
from copy import copy, deepcopy
from functools import partial
from itertools import pairwise

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.checks import (
    as_array,
    as_fraction,
    as_generator,
    as_named,
    as_positive,
    as_real,
    check,
    check_count,
    check_flag,
    check_float_type,
)
from dlbook.convolution import Convolution, Flatten, MaxPooling
from dlbook.fast_differences import two_layer_differences
from dlbook.gradients import as_step
from dlbook.initializers import as_sizes, he, normal, xavier
from dlbook.layers import Affine, BatchNorm, Dropout, Relu, Sigmoid, SoftmaxWithLoss, Tanh
from dlbook.losses import as_one_hot, batch_size, softmax_cross_entropy
from dlbook.network_base import Network, as_batch, as_params

ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": Relu}
NUMBERS = {0: 1, 4: 2, 6: 3}  # of a ConvNet's parameters, by the place of their layer
INITIALIZERS = {"xavier": xavier, "he": he}


class SimpleNet(Network):
    """The smallest network: one matrix between the input and the scores.

    Parameters
    ----------
    W : array_like of shape (D, C), optional
        The weights; copied. Without them, they are drawn from the standard normal distribution.
    shape : (int, int)
        D and C, if the weights are drawn.

    Attributes
    ----------
    W : ndarray of shape (D, C)
        The weights: the same array as ``params["W"]``.
    params : dict of str to ndarray
        ``W`` alone.
    """

    def __init__(self, W=None, rng=None, shape=(2, 3)):
        rng, shape = as_generator(rng), as_sizes(shape)
        if W is None:
            W = rng.standard_normal(shape)
        W = np.array(as_real(W, "W", finite=True))
        check(W.ndim == 2 and W.size > 0, "W", "a matrix", W)
        self.params = {"W": W}
        self.shapes = self.as_shapes(W.shape)

    @property
    def W(self):
        """The weights, kept in one place: ``net.W`` is ``net.params["W"]``, also after a change."""
        return self.params["W"]

    @W.setter
    def W(self, W):
        self.params["W"] = W

    def scores(self, x):
        (W,) = as_params(self, "W")
        return as_batch(x, W) @ W

    def gradient(self, x, t):
        r"""Return the gradient of the loss by its formula.

        Returns
        -------
        dict of str to ndarray
            ``W``, the gradient in the shape of the weights.

        Notes
        -----
        $\partial L / \partial W = \frac{1}{N} x^\top (y - t)$, where $y$ are the probabilities.
        """
        y = self.predict(x)
        dscores = (y - as_one_hot(t, y)) / batch_size(y)
        x, dscores = np.atleast_2d(as_batch(x, self.W), dscores)
        return {"W": x.T @ dscores}

    def settings(self):
        return {"shape": list(self.shapes["params"]["W"])}

    @classmethod
    def as_shapes(cls, shape):
        D, C = as_sizes(shape)
        return {"params": {"W": (int(D), int(C))}, "moving": {}}


class TwoLayerNet(Network):
    """One hidden layer of H sigmoid units between D inputs and C scores.

    Parameters
    ----------
    input_size : int
        D, the inputs.
    hidden_size : int
        H, the hidden units.
    output_size : int
        C, the classes.
    weight_init_std : float
        The standard deviation of the normal distribution that weights are drawn from; biases start at 0.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).
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
        self.shapes = self.as_shapes(input_size, hidden_size, output_size)
        self.sizes = [int(size) for size in (input_size, hidden_size, output_size)]
        self.weight_init_std = std = as_positive(weight_init_std, "weight_init_std", or_zero=True)
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

        Returns
        -------
        x : ndarray of shape (D,) or (N, D)
            The input in the float type of the parameters.
        z : ndarray of shape (H,) or (N, H)
            The outputs of the hidden units.
        scores : ndarray of shape (C,) or (N, C)
            The scores.
        """
        W1, b1, W2, b2 = as_params(self, "W1", "b1", "W2", "b2")
        x = as_batch(x, W1)
        z = sigmoid(x @ W1 + b1)
        return x, z, z @ W2 + b2

    def scores(self, x):
        return self.forward(x)[-1]

    def backward(self, x, z, scores, t):
        r"""Return the gradient of the loss by its formula, backward from the loss to the input.

        Parameters
        ----------
        z : ndarray of shape (H,) or (N, H)
            The outputs of the hidden units, as `forward` returns them.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.

        Notes
        -----
        With hidden outputs $z$ and probabilities $y$, the loss changes with the second layer's scores by
        $\frac{1}{N}(y - t)$, and with the first layer's sums by that times $W_2^\top$ times $z (1 - z)$.

        References
        ----------
        D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating
        errors", Nature 323 (1986).
        """
        x, z, scores = as_forwarded(self, x, z, scores)
        y = softmax(scores)
        dscores = (y - as_one_hot(t, y, "scores")) / batch_size(y)
        dsums = dscores @ self.params["W2"].T * z * (1 - z)
        x, z, dscores, dsums = np.atleast_2d(x, z, dscores, dsums)
        return {
            "W1": x.T @ dsums,
            "b1": dsums.sum(axis=0),
            "W2": z.T @ dscores,
            "b2": dscores.sum(axis=0),
        }

    def gradient(self, x, t):
        x, z, scores = self.forward(x)
        return self.backward(x, z, scores, t)

    def loss_and_gradient(self, x, t):
        x, z, scores = self.forward(x)
        return softmax_cross_entropy(scores, t), self.backward(x, z, scores, t)

    def numerical_gradient(self, x, t, h=None):
        """Estimate the gradient by central differences, computing only what each step changes.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape: up to rounding, the same numbers as by two
            losses per parameter.
        """
        x, z, scores = self.forward(x)
        h = as_step(h, x.dtype)
        return two_layer_differences(self.params, x, z, scores, t, h)

    def settings(self):
        sizes = dict(zip(("input_size", "hidden_size", "output_size"), self.sizes, strict=True))
        return sizes | {"weight_init_std": self.weight_init_std, "dtype": str(self.dtype)}

    @classmethod
    def as_shapes(cls, input_size, hidden_size, output_size, **_):
        check_count(input_size, "input_size")
        check_count(hidden_size, "hidden_size")
        check_count(output_size, "output_size")
        D, H, C = int(input_size), int(hidden_size), int(output_size)
        return {"params": {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}, "moving": {}}

    def outline(self):
        return [("Affine", ["W1", "b1"]), ("Sigmoid", []), ("Affine", ["W2", "b2"])]


class MultiLayerNet(Network):
    r"""A network of any depth, put together from layers that know their own gradients.

    Parameters
    ----------
    input_size : int
        D, the inputs.
    hidden_sizes : sequence of int
        The units of each hidden layer, from the input on. Without any, the network has one matrix, like
        `SimpleNet`, and biases.
    output_size : int
        C, the classes.
    activation : "relu", "sigmoid" or "tanh"
        What the hidden units do with their sums.
    weight_init : float, "xavier" or "he"
        How the weights are drawn: the standard deviation of a normal distribution, or an initializer
        that derives it from the sizes. Biases start at 0.
    weight_decay : float
        $\lambda$: how strongly large weights are penalized. Half of it times the sum of all squared
        weights is added to the loss; biases are not penalized.
    batch_norm : bool
        Whether each hidden layer normalizes its sums before the activation. In training, a batch then
        needs at least two samples.
    dropout : float
        The probability that a hidden unit is switched off in training.
    rng : numpy.random.Generator or int, optional
        The source of the weights, and then of what dropout switches off.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1``, ``b1``, ``W2``, ``b2`` and so on, a pair for each layer; with batch normalization also
        ``gamma1``, ``beta1`` and so on, a pair for each hidden layer.
    moving : dict of str to ndarray
        The moving averages of batch normalization: ``mean1``, ``var1`` and so on.
    depth : int
        The number of matrices: one more than there are hidden layers.

    Notes
    -----
    `scores`, `predict`, `accuracy` and `loss` describe the network in use: with moving averages, and
    without dropout. `gradient` and `numerical_gradient` describe it in training, as does `loss` with
    ``training=True``.
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
        self.activation = as_named(activation, "activation", ACTIVATIONS)
        initialize = as_initializer(weight_init)
        check_flag(batch_norm, "batch_norm")
        check_float_type(dtype)
        self.shapes = self.as_shapes(input_size, hidden_sizes, output_size, batch_norm=batch_norm)
        self.weight_init = weight_init.lower() if isinstance(weight_init, str) else float(weight_init)
        self.weight_decay = as_positive(weight_decay, "weight_decay", or_zero=True)
        self.batch_norm = batch_norm
        self.dropout = as_fraction(dropout, "dropout")
        self.rng = as_generator(rng)
        self.sizes = [int(size) for size in (input_size, *hidden_sizes, output_size)]
        self.depth = len(hidden_sizes) + 1
        self.params = {}
        self.moving = {}
        for i, shape in enumerate(pairwise(self.sizes), start=1):
            self.params[f"W{i}"] = initialize(shape, rng=self.rng, dtype=dtype)
            self.params[f"b{i}"] = np.zeros(shape[1], dtype)
        if self.batch_norm:
            for i, size in enumerate(hidden_sizes, start=1):
                self.params |= {f"gamma{i}": np.ones(size, dtype), f"beta{i}": np.zeros(size, dtype)}
                self.moving |= {f"mean{i}": np.zeros(size, dtype), f"var{i}": np.ones(size, dtype)}

    def layers(self, training=False):
        """Return new layers around the parameters as they are now.

        Returns
        -------
        list of layer
            Affine, activation, affine, …, affine: new objects that share the network's arrays.
        """
        check_flag(training, "training")
        layers = []
        for i in range(1, self.depth + 1):
            W, b = as_params(self, f"W{i}", f"b{i}")
            layers += [Affine(W, b), *self.hidden_units(i, training)]
        return layers

    def hidden_units(self, i, training):
        """Return what hidden layer ``i`` does with its sums.

        Parameters
        ----------
        i : int
            The number of the layer, from 1 on. The last matrix has nothing after it.

        Returns
        -------
        list of layer
            The activation; where the network has them, batch normalization before it and dropout after it.
        """
        check_count(i, "i")
        check(i <= self.depth, "i", f"at most {self.depth}, the number of matrices", i)
        check_flag(training, "training")
        if i == self.depth:
            return []
        layers = [self.activation()]
        if self.batch_norm:
            gamma, beta = as_params(self, f"gamma{i}", f"beta{i}")
            mean, var = as_params(self, f"mean{i}", f"var{i}", of="moving")
            layers.insert(0, BatchNorm(gamma, beta, mean, var, training=training))
        if self.dropout > 0:
            layers.append(Dropout(self.dropout, self.rng, training))
        return layers

    def scores(self, x):
        return self.forward(x, self.layers())

    def forward(self, x, layers):
        """Send the input through the given layers.

        Parameters
        ----------
        layers : list of layer
            From `layers`; each remembers what its backward needs.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores.
        """
        check_layers(layers)
        x = as_batch(x, self.params["W1"])
        out = np.atleast_2d(x)
        for layer in layers:
            out = layer.forward(out)
        return out if x.ndim == 2 else out[0]

    def loss(self, x, t, training=False):
        """Return the cross-entropy error, averaged over samples, and the penalty on the weights.

        Returns
        -------
        float
            The loss in nats.
        """
        scores = self.forward(x, self.layers(training))
        return softmax_cross_entropy(scores, t) + self.penalty()

    def penalty(self):
        r"""Return what weight decay adds to the loss.

        Returns
        -------
        float
            $\frac{\lambda}{2} \sum W^2$ over the entries of all matrices.
        """
        if self.weight_decay == 0:
            return 0.0
        weights = as_params(self, *[f"W{i}" for i in range(1, self.depth + 1)])
        return self.weight_decay / 2 * sum(float(np.sum(W**2)) for W in weights)

    def gradient(self, x, t):
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x, t):
        layers, last = self.layers(training=True), SoftmaxWithLoss()
        loss = last.forward(self.forward(x, layers), t) + self.penalty()
        dout = np.atleast_2d(last.backward())
        for layer in reversed(layers):
            dout = layer.backward(dout)
        return loss, self.gather(layers)

    def gather(self, layers):
        """Return the gradients that the layers found, by the parameters' names, plus those of weight decay.

        Parameters
        ----------
        layers : list of layer
            From `layers`, after their backward.

        Returns
        -------
        dict of str to ndarray
            For each parameter, the gradient in its shape.
        """
        check_layers(layers)
        grads, i = {}, 0
        for layer in layers:
            i += isinstance(layer, Affine)
            for name, grad in getattr(layer, "grads", {}).items():
                grads[f"{name}{i}"] = grad
            if self.weight_decay > 0 and isinstance(layer, Affine):
                grads[f"W{i}"] += self.weight_decay * layer.params["W"]
        return grads

    def trial_loss(self, x, t):
        """Return the loss in training, and leave everything as it was.

        The moving averages stay, and the units that are switched off are those that the next call of
        `gradient` will switch off.

        Returns
        -------
        float
            The loss in nats.
        """
        if not self.batch_norm and not self.dropout:
            return self.loss(x, t)
        net = copy(self)
        net.rng, net.moving = deepcopy((self.rng, self.moving))
        return net.loss(x, t, training=True)

    def settings(self):
        input_size, *hidden_sizes, output_size = self.sizes
        return {
            "input_size": input_size,
            "hidden_sizes": hidden_sizes,
            "output_size": output_size,
            "activation": self.activation.__name__.lower(),
            "weight_init": self.weight_init,
            "weight_decay": self.weight_decay,
            "batch_norm": self.batch_norm,
            "dropout": self.dropout,
            "dtype": str(self.dtype),
        }

    @classmethod
    def as_shapes(cls, input_size, hidden_sizes, output_size, *, batch_norm=False, **_):
        check_count(input_size, "input_size")
        is_sequence = isinstance(hidden_sizes, tuple | list)
        check(is_sequence, "hidden_sizes", "a list of sizes", hidden_sizes, TypeError)
        for size in hidden_sizes:
            check_count(size, "hidden_sizes")
        check_count(output_size, "output_size")
        params: dict = {}
        moving: dict = {}
        for i, (D, H) in enumerate(pairwise(map(int, [input_size, *hidden_sizes, output_size])), start=1):
            params |= {f"W{i}": (D, H), f"b{i}": (H,)}
        if batch_norm:
            for i, H in enumerate(map(int, hidden_sizes), start=1):
                params |= {f"gamma{i}": (H,), f"beta{i}": (H,)}
                moving |= {f"mean{i}": (H,), f"var{i}": (H,)}
        return {"params": params, "moving": moving}

    def check_arrays(self):
        super().check_arrays()
        self.layers()  # a layer knows more of its arrays, such as that no variance is negative

    def outline(self):
        rows = []
        for i in range(1, self.depth + 1):
            rows.append(("Affine", [f"W{i}", f"b{i}"]))
            if i < self.depth:
                rows += [("BatchNorm", [f"gamma{i}", f"beta{i}"])] * self.batch_norm
                rows += [(self.activation.__name__, [])] + [("Dropout", [])] * (self.dropout > 0)
        return rows


class ConvNet(Network):
    """A network for images: convolution, ReLU, max pooling, affine, ReLU, affine.

    Images may come as such, or as rows of D = C · H · W pixels.

    Parameters
    ----------
    input_shape : (int, int, int)
        An image: its channels C, its rows H and its columns W.
    filters : int
        F, the filters of the convolution.
    filter_size : int
        The rows and columns of a filter.
    hidden_size : int
        The hidden units between the two affine layers.
    output_size : int
        The classes.
    pad : int
        How many rows and columns of zeros are put around each image.
    pool_size : int
        The rows and columns of the windows that max pooling takes the largest entry of.
    weight_init : float, "xavier" or "he"
        How the weights are drawn: the standard deviation of a normal distribution, or an initializer that
        derives it from the sizes. Biases start at 0.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` and ``b1`` of the filters, ``W2``, ``b2``, ``W3`` and ``b3`` of the affine layers.
    """

    def __init__(
        self,
        input_shape,
        filters,
        filter_size,
        hidden_size,
        output_size,
        *,
        pad=0,
        pool_size=2,
        weight_init="he",
        rng=None,
        dtype=np.float64,
    ):
        self.shapes = self.as_shapes(
            input_shape, filters, filter_size, hidden_size, output_size, pad=pad, pool_size=pool_size
        )
        check_float_type(dtype)
        draw = partial(as_initializer(weight_init), rng=as_generator(rng), dtype=dtype)
        self.input_shape = tuple(map(int, input_shape))
        self.pad, self.pool_size = int(pad), int(pool_size)
        self.weight_init = weight_init.lower() if isinstance(weight_init, str) else float(weight_init)
        shapes = self.shapes["params"]
        self.params = {name: np.zeros(shape, dtype) for name, shape in shapes.items()}
        F, *window = shapes["W1"]
        self.params["W1"] = draw((math.prod(window), F)).T.reshape(F, *window)
        self.params |= {name: draw(shapes[name]) for name in ("W2", "W3")}

    def layers(self):
        """Return new layers around the parameters as they are now.

        Returns
        -------
        list of layer
            New objects that share the network's arrays.
        """
        W1, b1, W2, b2, W3, b3 = as_params(self, "W1", "b1", "W2", "b2", "W3", "b3")
        return [
            Convolution(W1, b1, pad=self.pad),
            Relu(),
            MaxPooling(self.pool_size),
            Flatten(),
            Affine(W2, b2),
            Relu(),
            Affine(W3, b3),
        ]

    def scores(self, x):
        return self.forward(x, self.layers())

    def forward(self, x, layers):
        """Send the input through the given layers.

        Parameters
        ----------
        x : array_like of shape (D,) or (N, D)
            A sample or a batch; or, of shape (C, H, W) or (N, C, H, W), an image or several.
        layers : list of layer
            From `layers`; each remembers what its backward needs.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            Scores.
        """
        x, shape, D = as_array(x, "x"), self.input_shape, math.prod(self.input_shape)
        single = x.ndim in (1, 3)
        if x.ndim > 2:
            forms = f"{shape}, {('N', *shape)}, ({D},) or (N, {D}) with N at least 1".replace("'", "")
            check(x.ndim < 5 and x.shape[-3:] == shape, "x", f"of shape {forms}", x)
            x = x.reshape(*x.shape[:-3], D)
        out = as_batch(x, np.empty((D, 0), self.dtype)).reshape(-1, *shape)
        check_layers(layers)
        for layer in layers:
            out = layer.forward(out)
        return out[0] if single else out

    def gradient(self, x, t):
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x, t):
        layers, last, grads = self.layers(), SoftmaxWithLoss(), {}
        loss = last.forward(self.forward(x, layers), t)
        dout = np.atleast_2d(last.backward())
        while layers:
            layer = layers.pop()  # what it has kept is free when it is done
            # Nobody asks how the loss changes with the pixels.
            dout = layer.backward(dout) if layers else layer.gradients(dout)
            for name, grad in getattr(layer, "grads", {}).items():
                grads[f"{name}{NUMBERS[len(layers)]}"] = grad
        return loss, {name: grads[name] for name in self.params}

    def settings(self):
        shapes = self.shapes["params"]
        (F, _, K, _), (H, O) = shapes["W1"], shapes["W3"]
        return {
            "input_shape": list(self.input_shape),
            "filters": F,
            "filter_size": K,
            "hidden_size": H,
            "output_size": O,
            "pad": self.pad,
            "pool_size": self.pool_size,
            "weight_init": self.weight_init,
            "dtype": str(self.dtype),
        }

    @classmethod
    def as_shapes(
        cls, input_shape, filters, filter_size, hidden_size, output_size, *, pad=0, pool_size=2, **_
    ):
        is_triple = isinstance(input_shape, tuple | list) and len(input_shape) == 3
        check(is_triple, "input_shape", "channels, rows and columns", input_shape, TypeError)
        for size in input_shape:
            check_count(size, "input_shape")
        check_count(filters, "filters")
        check_count(filter_size, "filter_size")
        check_count(hidden_size, "hidden_size")
        check_count(output_size, "output_size")
        check_count(pad, "pad", least=0)
        check_count(pool_size, "pool_size")
        C, *sides = map(int, input_shape)
        rows, columns = ((side + 2 * pad - filter_size + 1) // pool_size for side in sides)
        least = filter_size + pool_size - 1 - 2 * pad
        check(rows > 0 and columns > 0, "input_shape", f"of at least {least} rows and columns", input_shape)
        F, K, D, H, O = map(int, (filters, filter_size, filters * rows * columns, hidden_size, output_size))
        params = {"W1": (F, C, K, K), "b1": (F,), "W2": (D, H), "b2": (H,), "W3": (H, O), "b3": (O,)}
        return {"params": params, "moving": {}}

    def outline(self):
        rows = []
        for i, layer in enumerate(self.layers()):
            numbers = [NUMBERS[i]] if i in NUMBERS else []
            rows.append((type(layer).__name__, [f"{name}{number}" for number in numbers for name in "Wb"]))
        return rows


def as_forwarded(net, x, z, scores):
    """Return what `TwoLayerNet.forward` returned as floats, or raise unless it and W2 have their shapes."""
    if not type(x) is type(z) is type(scores) is np.ndarray or not x.dtype == z.dtype == scores.dtype:
        x, z, scores = as_real(x, "x"), as_real(z, "z"), as_real(scores, "scores")
    D, H, C = net.sizes
    rows = x.shape[:-1]
    if getattr(net.params.get("W2"), "shape", None) != (H, C):
        as_params(net)
    if not (x.shape == (*rows, D) and z.shape == (*rows, H) and scores.shape == (*rows, C) and len(rows) < 2):
        as_batch(x, net.params["W1"])
        for name, value, size in (("z", z, H), ("scores", scores, C)):
            check(value.shape == (*rows, size), name, f"of shape {(*rows, size)}", value)
    return x, z, scores


def check_layers(layers):
    """Raise unless these are layers."""
    are_layers = isinstance(layers, tuple | list) and all(hasattr(it, "backward") for it in layers)
    check(are_layers, "layers", "a list of layers", layers, TypeError)


def as_initializer(weight_init):
    """Return the initializer of this name, or `normal` with this standard deviation."""
    if isinstance(weight_init, str):
        return as_named(weight_init, "weight_init", INITIALIZERS)
    return partial(normal, std=as_positive(weight_init, "weight_init", or_zero=True))
