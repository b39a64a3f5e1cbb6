"""Layers: each computes forward, remembers what it needs, and sends gradients back."""

import numpy as np

from dlbook.activations import relu, relu_grad, sigmoid, sigmoid_grad, softmax
from dlbook.checks import (
    as_fraction,
    as_generator,
    as_gradient,
    as_positive,
    as_real,
    check,
    check_flag,
    check_floats,
)
from dlbook.convolution import Convolution, Flatten, MaxPooling  # noqa: F401  layers, too
from dlbook.losses import as_one_hot, as_predictions, batch_size, softmax_cross_entropy


class Add:
    """The sum of two numbers or arrays."""

    def forward(self, x, y):
        """Return ``x + y``, entry by entry.

        Parameters
        ----------
        x, y : array_like of any shape
            Of the same shape.
        """
        x, y = as_pair(x, y)
        self.shape = x.shape
        return x + y

    def backward(self, dout):
        r"""Return the gradient of both inputs, each equal to ``dout``.

        Returns
        -------
        dx : ndarray of the shape of dout
            $\partial L / \partial x$.
        dy : ndarray of the shape of dout
            $\partial L / \partial y$.
        """
        dout = as_gradient(dout, self)
        return dout * 1, dout * 1


class Multiply:
    """The product of two numbers or arrays, entry by entry."""

    def forward(self, x, y):
        """Return ``x * y``, entry by entry.

        Parameters
        ----------
        x, y : array_like of any shape
            Of the same shape.
        """
        self.x, self.y = as_pair(x, y)
        self.shape = self.x.shape
        return self.x * self.y

    def backward(self, dout):
        r"""Return the gradient of each input: ``dout`` times the other input.

        Returns
        -------
        dx : ndarray of the shape of dout
            $\partial L / \partial x$.
        dy : ndarray of the shape of dout
            $\partial L / \partial y$.
        """
        dout = as_gradient(dout, self)
        return dout * self.y, dout * self.x


class Relu:
    """ReLU: positive entries pass, the others become 0."""

    def forward(self, x):
        r"""Return $\max(0, x)$, entry by entry."""
        self.x = as_real(x, "x")
        self.shape = self.x.shape
        return relu(self.x)

    def backward(self, dout):
        """Return ``dout`` where the input was positive, else 0."""
        return as_gradient(dout, self) * relu_grad(self.x)


class Sigmoid:
    r"""The sigmoid, $y = \sigma(x)$."""

    def forward(self, x):
        r"""Return $\sigma(x)$, entry by entry."""
        self.x = as_real(x, "x")
        self.shape = self.x.shape
        return sigmoid(self.x)

    def backward(self, dout):
        """Return ``dout`` times the slope, `sigmoid_grad`."""
        return as_gradient(dout, self) * sigmoid_grad(self.x)


class Tanh:
    r"""The hyperbolic tangent, $y = \tanh(x)$."""

    def forward(self, x):
        r"""Return $\tanh(x)$, entry by entry."""
        self.x = as_real(x, "x")
        self.shape = self.x.shape
        return np.tanh(self.x)

    def backward(self, dout):
        r"""Return ``dout`` times the slope.

        Notes
        -----
        The slope is $1 - \tanh^2 x = 4 e^{-2|x|} / (1 + e^{-2|x|})^2$. The last form loses no digits where
        $\tanh x$ is near 1 or −1.
        """
        dout = as_gradient(dout, self)
        e = np.exp(-np.abs(self.x))
        return dout * (2 * e / (1 + e**2)) ** 2


class Affine:
    """Weights and biases: $xW + b$.

    Parameters
    ----------
    W : array_like of shape (D, H)
        The weights; used as they are, not copied, if they are a float array.
    b : array_like of shape (H,)
        The biases; likewise.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W`` (D, H) and ``b`` (H,).
    grads : dict of str to ndarray
        Their gradients, after `backward`.
    """

    def __init__(self, W, b):
        W, b = as_real(W, "W", finite=True), as_real(b, "b", finite=True)
        check(W.ndim == 2 and W.size > 0, "W", "a matrix", W)
        check(b.shape == W.shape[1:], "b", f"of shape {W.shape[1:]}, a bias for each column of W", b)
        self.params = {"W": W, "b": b}
        self.grads = {}

    def forward(self, x):
        """Return ``x @ W + b``, one output for each column of ``W``.

        Parameters
        ----------
        x : array_like of shape (N, D)
            A batch.

        Returns
        -------
        ndarray of shape (N, H)
            The outputs.
        """
        W, b = self.params["W"], self.params["b"]
        x = as_real(x, "x")
        fits = x.ndim == 2 and x.shape[1] == len(W)
        check(fits, "x", f"of shape (N, {len(W)})", x)
        self.x = x
        self.shape = (len(x), len(b))
        return x @ W + b

    def backward(self, dout):
        r"""Return the gradient of the input, and keep those of the parameters.

        Notes
        -----
        For the output $y = xW + b$: $\partial L / \partial x = \partial L / \partial y \, W^\top$,
        $\partial L / \partial W = x^\top \, \partial L / \partial y$, and $\partial L / \partial b$ is the
        sum of $\partial L / \partial y$ over the batch.
        """
        dout = as_gradient(dout, self)
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        return dout @ self.params["W"].T


class BatchNorm:
    """Batch normalization: each feature of a batch gets the mean and the spread that the network wants.

    In training, mean and variance are those of the batch, and moving averages of them are kept. In
    inference the moving averages take their place, so that a sample's result does not depend on the
    other samples.

    Parameters
    ----------
    gamma : array_like of shape (H,)
        The standard deviation that each feature gets; used as it is, not copied, if it is a float array.
    beta : array_like of shape (H,)
        The mean that each feature gets; likewise.
    moving_mean, moving_var : ndarray of shape (H,), optional
        Moving averages to continue, changed in place. Without them, 0 and 1.
    momentum : float
        The share of a moving average that each batch keeps, from 0 to below 1.
    training : bool
        Whether to use the batch's own mean and variance; the attribute may change between batches.

    Attributes
    ----------
    params : dict of str to ndarray
        ``gamma`` (H,) and ``beta`` (H,).
    grads : dict of str to ndarray
        Their gradients, after `backward`.
    moving_mean, moving_var : ndarray of shape (H,)
        The moving averages.

    Notes
    -----
    Each batch moves the averages by ``moving = momentum * moving + (1 - momentum) * batch``. The moving
    variance takes the unbiased estimate, with N − 1 below the sum, because the batch's own variance is
    on average too small by the factor (N − 1) / N.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", ICML (2015).
    """

    def __init__(
        self,
        gamma,
        beta,
        moving_mean=None,
        moving_var=None,
        momentum=0.9,
        eps=1e-5,
        training=True,
    ):
        gamma, beta = as_real(gamma, "gamma", finite=True), as_real(beta, "beta", finite=True)
        check(gamma.ndim == 1 and gamma.size > 0, "gamma", "a vector", gamma)
        check(beta.shape == gamma.shape, "beta", f"of the shape of gamma, {gamma.shape}", beta)
        self.params = {"gamma": gamma, "beta": beta}
        self.grads = {}
        self.moving_mean = np.zeros_like(gamma) if moving_mean is None else moving_mean
        self.moving_var = np.ones_like(gamma) if moving_var is None else moving_var
        for name in ("moving_mean", "moving_var"):
            check_moving(getattr(self, name), name, gamma.shape)
        check((self.moving_var >= 0).all(), "moving_var", "at least 0 everywhere", moving_var)
        self.momentum = as_fraction(momentum, "momentum")
        self.eps = as_positive(eps, "eps")
        check_flag(training, "training")
        self.training = training

    def forward(self, x):
        r"""Normalize each feature, then scale and shift it.

        Parameters
        ----------
        x : array_like of shape (N, H)
            A batch, finite; in training of at least two samples.

        Returns
        -------
        ndarray of shape (N, H)
            ``gamma * x_hat + beta``.

        Notes
        -----
        $\hat{x} = (x - \mu) / \sqrt{\sigma^2 + \epsilon}$, with mean $\mu$ and variance
        $\sigma^2$ of each column.
        """
        gamma, beta = self.params["gamma"], self.params["beta"]
        x = as_real(x, "x", finite=True)
        fits = x.ndim == 2 and x.shape[1] == len(gamma)
        check(fits, "x", f"of shape (N, {len(gamma)})", x)
        if self.training:
            check(len(x) > 1, "x", "a batch of at least 2 samples in training", x)
            mean, var = x.mean(axis=0), as_real(x.var(axis=0), "the variance of x", finite=True)
            self.remember(mean, var * len(x) / (len(x) - 1))
        else:
            mean, var = self.moving_mean, self.moving_var
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        self.of_batch = self.training
        self.shape = x.shape
        return gamma * self.x_hat + beta

    def backward(self, dout):
        r"""Return the gradient of the input, and keep those of the parameters.

        Notes
        -----
        With $g = \gamma \; \partial L / \partial y$, the gradient of $\hat{x}$, and a bar for the mean over
        the batch, $\partial L / \partial x$ is $g - \overline{g} - \hat{x} \, \overline{g \hat{x}}$, divided
        by $\sqrt{\sigma^2 + \epsilon}$, because each sample also moves the batch's mean and variance.
        In inference it does not, and only the first of the three terms, $g$, is left.
        """
        dout = as_gradient(dout, self)
        x_hat = self.x_hat
        self.grads = {"gamma": (dout * x_hat).sum(axis=0), "beta": dout.sum(axis=0)}
        g = dout * self.params["gamma"]
        if self.of_batch:
            g = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
        return g / self.std

    def remember(self, mean, var):
        """Move the moving averages toward those of a batch.

        Parameters
        ----------
        mean, var : ndarray of shape (H,)
            The batch's mean and unbiased variance.
        """
        mean, var = as_real(mean, "mean", finite=True), as_real(var, "var", finite=True)
        shape = self.moving_mean.shape
        check(mean.shape == shape, "mean", f"of shape {shape}", mean)
        check(var.shape == shape, "var", f"of shape {shape}", var)
        for moving, batch in ((self.moving_mean, mean), (self.moving_var, var)):
            moving *= self.momentum
            moving += (1 - self.momentum) * batch


class Dropout:
    """Switch units off at random in training, so that no unit can rely on a particular other one.

    Parameters
    ----------
    rate : float
        The probability that a unit is switched off, from 0 to below 1.
    training : bool
        Whether to switch anything off; the attribute may change between batches.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a
    simple way to prevent neural networks from overfitting", JMLR 15 (2014).
    """

    def __init__(self, rate=0.5, rng=None, training=True):
        self.rate = as_fraction(rate, "rate")
        self.rng = as_generator(rng)
        check_flag(training, "training")
        self.training = training

    def forward(self, x):
        """Return ``x`` with some entries 0 and the others divided by ``1 - rate``, entry by entry.

        This leaves the expected value as it was. In inference, return the values of ``x`` unchanged.
        """
        x = as_real(x, "x")
        self.scale = np.ones_like(x)
        if self.training:
            keep = self.rng.random(x.shape, np.float32) >= self.rate
            self.scale *= keep / (1 - self.rate)
        self.shape = x.shape
        return x * self.scale

    def backward(self, dout):
        """Return ``dout`` times what `forward` multiplied each entry by."""
        return as_gradient(dout, self) * self.scale


class SoftmaxWithLoss:
    """Softmax and cross-entropy in one, because together they have a simple gradient."""

    def forward(self, scores, t):
        """Return the loss.

        Returns
        -------
        float
            The cross-entropy error in nats, averaged over samples.
        """
        scores = as_predictions(scores, "scores")
        loss = softmax_cross_entropy(scores, t)
        self.y, self.t = softmax(scores), as_one_hot(t, scores)
        self.shape = ()
        return loss

    def backward(self, dout=1.0):
        r"""Return the gradient of the scores: prediction minus target.

        Parameters
        ----------
        dout : float
            $\partial L / \partial L = 1$, unless the loss is part of something larger.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            $\frac{1}{N} (y - t)$ times ``dout``.
        """
        dout = float(as_gradient(dout, self))
        return dout * (self.y - self.t) / batch_size(self.y)


def as_pair(x, y):
    """Return two inputs as floats, or raise unless they have the same shape."""
    x, y = as_real(x, "x"), as_real(y, "y")
    check(y.shape == x.shape, "y", f"of the shape of x, {x.shape}", y)
    return x, y


def check_moving(average, name, shape):
    """Raise unless a moving average is a finite float array of this shape, to be changed in place."""
    check_floats(average, name)
    check(average.flags.writeable, name, "writeable, because it is changed in place", average)
    check(average.shape == shape, name, f"of shape {shape}", average)
    as_real(average, name, finite=True)
