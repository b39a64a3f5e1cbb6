"""Layers: each computes forward, remembers what it needs, and sends gradients back."""

import numpy as np

from dlbook.activations import relu, sigmoid, softmax
from dlbook.checks import as_fraction, as_generator, as_positive, as_real, check
from dlbook.losses import as_one_hot, as_predictions, batch_size, softmax_cross_entropy


class Add:
    """The sum of two numbers or arrays."""

    def forward(self, x, y):
        """Add.

        Parameters
        ----------
        x, y : float or array_like
            Of the same shape.

        Returns
        -------
        float or ndarray
            ``x + y``.

        Raises
        ------
        TypeError
            If an input is not real.
        ValueError
            If the shapes differ.
        """
        x, y = as_pair(x, y)
        self.shape = x.shape
        return x + y

    def backward(self, dout):
        r"""Hand the gradient on to both inputs.

        Parameters
        ----------
        dout : float or array_like
            $\partial L / \partial (x + y)$, in the shape of the output.

        Returns
        -------
        (float or ndarray, float or ndarray)
            $\partial L / \partial x$ and $\partial L / \partial y$: both equal ``dout``.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        dout = as_gradient(dout, self)
        return dout * 1, dout * 1


class Multiply:
    """The product of two numbers or arrays, entry by entry."""

    def forward(self, x, y):
        """Multiply.

        Parameters
        ----------
        x, y : float or array_like
            Of the same shape. Arrays of floats are kept for `backward`, not copied: do
            not change them in between.

        Returns
        -------
        float or ndarray
            ``x * y``.

        Raises
        ------
        TypeError
            If an input is not real.
        ValueError
            If the shapes differ.
        """
        self.x, self.y = as_pair(x, y)
        self.shape = self.x.shape
        return self.x * self.y

    def backward(self, dout):
        r"""Give each input the gradient times the other input.

        Parameters
        ----------
        dout : float or array_like
            $\partial L / \partial (xy)$, in the shape of the output.

        Returns
        -------
        (float or ndarray, float or ndarray)
            $\partial L / \partial x$ and $\partial L / \partial y$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        dout = as_gradient(dout, self)
        return dout * self.y, dout * self.x


class Relu:
    """ReLU: what is positive goes through, the rest becomes 0."""

    def forward(self, x):
        r"""Compute $\max(0, x)$.

        Parameters
        ----------
        x : array_like
            Real numbers of any shape.

        Returns
        -------
        ndarray
            In the shape and float type of ``x``.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        """
        x = as_real(x, "x")
        self.positive = x > 0
        self.shape = x.shape
        return relu(x)

    def backward(self, dout):
        r"""Let the gradient through where the input was positive.

        Parameters
        ----------
        dout : array_like
            $\partial L / \partial y$, in the shape of the output.

        Returns
        -------
        ndarray
            $\partial L / \partial x$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        return as_gradient(dout, self) * self.positive


class Sigmoid:
    """The sigmoid, for arrays of any shape."""

    def forward(self, x):
        r"""Compute $y = \sigma(x)$.

        Parameters
        ----------
        x : array_like
            Real numbers of any shape.

        Returns
        -------
        ndarray
            In the shape and float type of ``x``.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        """
        y = sigmoid(x)
        self.slope = y * (1 - y)
        self.shape = y.shape
        return y

    def backward(self, dout):
        r"""Multiply by the slope, which forward has found from its output alone.

        Parameters
        ----------
        dout : array_like
            $\partial L / \partial y$, in the shape of the output.

        Returns
        -------
        ndarray
            $\partial L / \partial x = \partial L / \partial y \; y (1 - y)$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        return as_gradient(dout, self) * self.slope


class Tanh:
    """The hyperbolic tangent, for arrays of any shape."""

    def forward(self, x):
        r"""Compute $y = \tanh(x)$.

        Parameters
        ----------
        x : array_like
            Real numbers of any shape.

        Returns
        -------
        ndarray
            In the shape and float type of ``x``.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        """
        y = np.tanh(as_real(x, "x"))
        self.slope = 1 - y**2
        self.shape = y.shape
        return y

    def backward(self, dout):
        r"""Multiply by the slope, which forward has found from its output alone.

        Parameters
        ----------
        dout : array_like
            $\partial L / \partial y$, in the shape of the output.

        Returns
        -------
        ndarray
            $\partial L / \partial x = \partial L / \partial y \; (1 - y^2)$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        return as_gradient(dout, self) * self.slope


class Affine:
    r"""Weights and biases: $xW + b$.

    Parameters
    ----------
    W : array_like of shape (D, H)
        The weights; used as they are, not copied, if they are a float array.
    b : array_like of shape (H,)
        The biases; likewise.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W`` and ``b``.
    grads : dict of str to ndarray
        Their gradients, after `backward`.

    Raises
    ------
    TypeError
        If ``W`` or ``b`` is not real.
    ValueError
        If the shapes do not fit, or a number is not finite.
    """

    def __init__(self, W, b):
        W, b = as_real(W, "W", finite=True), as_real(b, "b", finite=True)
        check(W.ndim == 2 and W.size > 0, "W", "a matrix", W)
        check(b.shape == W.shape[1:], "b", f"of shape {W.shape[1:]}", b)
        self.params = {"W": W, "b": b}
        self.grads = {}

    def forward(self, x):
        """Compute one output a column of ``W``.

        Parameters
        ----------
        x : array_like of shape (N, D)
            A batch with one sample a row. An array of floats is kept for `backward`, not
            copied: do not change it in between.

        Returns
        -------
        ndarray of shape (N, H)
            ``x @ W + b``.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        ValueError
            If it does not have the shape (N, D).
        """
        W, b = self.params["W"], self.params["b"]
        x = as_real(x, "x")
        fits = x.ndim == 2 and x.shape[1] == len(W)
        check(fits, "x", f"of shape (N, {len(W)})", x)
        self.x = x
        self.shape = (len(x), len(b))
        return x @ W + b

    def backward(self, dout):
        r"""Compute the gradients of the parameters, and send the rest to the layer before.

        Parameters
        ----------
        dout : array_like of shape (N, H)
            $\partial L / \partial y$ for the output $y = xW + b$.

        Returns
        -------
        ndarray of shape (N, D)
            $\partial L / \partial x = \partial L / \partial y \, W^\top$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.

        Notes
        -----
        $\partial L / \partial W = x^\top \, \partial L / \partial y$, and $\partial L / \partial b$ is the
        sum of $\partial L / \partial y$ over the batch.
        """
        dout = as_gradient(dout, self)
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        return dout @ self.params["W"].T


class BatchNorm:
    r"""Give each feature of a batch the mean and the spread that the network wants.

    In training, mean and variance are those of the batch, and moving averages of them are
    kept. For inference the moving averages stand in, so that a sample's result does not
    depend on its neighbours.

    Parameters
    ----------
    gamma : array_like of shape (H,)
        The standard deviation that each feature gets; used as it is, not copied, if it is
        a float array.
    beta : array_like of shape (H,)
        The mean that each feature gets; likewise.
    moving_mean, moving_var : ndarray of shape (H,), optional
        Moving averages to go on with; changed in place. Without them, 0 and 1.
    momentum : float
        How much of a moving average stays at each batch.
    eps : float
        Added to the variance, so that a feature that does not vary is not divided by 0.
    training : bool
        Whether to use the batch's own mean and variance.

    Attributes
    ----------
    params : dict of str to ndarray
        ``gamma`` and ``beta``.
    grads : dict of str to ndarray
        Their gradients, after `backward`.
    moving_mean, moving_var : ndarray of shape (H,)
        The moving averages.
    training : bool
        May be changed between batches.

    Raises
    ------
    TypeError
        If an argument is not real, or a moving average is no array of floats.
    ValueError
        If the shapes differ, or a number is not finite or out of its range.

    Notes
    -----
    Each batch moves the averages by ``moving = momentum * moving + (1 - momentum) * batch``.
    The variance that is remembered is the unbiased one, with N − 1 below the sum: the
    batch's own is on average too small by the factor (N − 1) / N.

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
        check(beta.shape == gamma.shape, "beta", f"of shape {gamma.shape}", beta)
        self.params = {"gamma": gamma, "beta": beta}
        self.grads = {}
        self.moving_mean = np.zeros_like(gamma) if moving_mean is None else moving_mean
        self.moving_var = np.ones_like(gamma) if moving_var is None else moving_var
        for name in ("moving_mean", "moving_var"):
            check_moving(getattr(self, name), name, gamma.shape)
        check((self.moving_var >= 0).all(), "moving_var", "at least 0 everywhere", moving_var)
        self.momentum = as_fraction(momentum, "momentum")
        self.eps = as_positive(eps, "eps")
        self.training = training

    def forward(self, x):
        r"""Normalise each feature, then scale and shift it.

        Parameters
        ----------
        x : array_like of shape (N, H)
            A batch with one sample a row; in training at least two.

        Returns
        -------
        ndarray of shape (N, H)
            ``gamma * x_hat + beta``.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        ValueError
            If it does not have the shape (N, H), is one sample only in training, or is not
            finite.

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
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.remember(mean, var * len(x) / (len(x) - 1))
        else:
            mean, var = self.moving_mean, self.moving_var
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        self.of_batch = self.training
        self.shape = x.shape
        return gamma * self.x_hat + beta

    def backward(self, dout):
        r"""Compute the gradients of the parameters, and send the rest to the layer before.

        Parameters
        ----------
        dout : array_like of shape (N, H)
            $\partial L / \partial y$ for the output $y = \gamma \hat{x} + \beta$.

        Returns
        -------
        ndarray of shape (N, H)
            $\partial L / \partial x$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.

        Notes
        -----
        With $g = \gamma \; \partial L / \partial y$, the gradient of $\hat{x}$, and a bar for
        the mean over the batch, it is $g - \overline{g} - \hat{x} \, \overline{g \hat{x}}$,
        divided by $\sqrt{\sigma^2 + \epsilon}$: a sample also moves the mean and the variance
        of all. In inference, where it does not, only $g$ is left of the three.
        """
        dout = as_gradient(dout, self)
        x_hat = self.x_hat
        self.grads = {"gamma": (dout * x_hat).sum(axis=0), "beta": dout.sum(axis=0)}
        g = dout * self.params["gamma"]
        if self.of_batch:
            g = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
        return g / self.std

    def remember(self, mean, var):
        """Move the moving averages towards those of a batch.

        Parameters
        ----------
        mean, var : ndarray of shape (H,)
            The batch's mean and unbiased variance.
        """
        for moving, batch in ((self.moving_mean, mean), (self.moving_var, var)):
            moving *= self.momentum
            moving += (1 - self.momentum) * batch


class Dropout:
    """Switch units off at random in training, so that none can lean on a certain other.

    Parameters
    ----------
    rate : float
        The probability that a unit is switched off.
    rng : numpy.random.Generator or int, optional
        Where the choice comes from.
    training : bool
        Whether to switch anything off.

    Attributes
    ----------
    training : bool
        May be changed between batches.

    Raises
    ------
    TypeError
        If ``rate`` is not a number.
    ValueError
        If it is not from 0 up to, but not including, 1.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a
    simple way to prevent neural networks from overfitting", JMLR 15 (2014).
    """

    def __init__(self, rate=0.5, rng=None, training=True):
        self.rate = as_fraction(rate, "rate")
        self.rng = as_generator(rng)
        self.training = training

    def forward(self, x):
        """Switch units off, and make up for them by those that stay.

        Parameters
        ----------
        x : array_like
            Real numbers of any shape.

        Returns
        -------
        ndarray
            In training, ``x`` with some entries 0 and the others divided by ``1 - rate``,
            which leaves the expected value as it was. In inference, ``x`` itself.

        Raises
        ------
        TypeError
            If ``x`` is not real.
        """
        x = as_real(x, "x")
        self.scale = np.ones_like(x)
        if self.training:
            keep = self.rng.random(x.shape, np.float32) >= self.rate
            self.scale *= keep / (1 - self.rate)
        self.shape = x.shape
        return x * self.scale

    def backward(self, dout):
        r"""Let the gradient through where, and as much as, the input went through.

        Parameters
        ----------
        dout : array_like
            $\partial L / \partial y$, in the shape of the output.

        Returns
        -------
        ndarray
            $\partial L / \partial x$.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If its shape is not that of the output, or nothing has gone forward yet.
        """
        return as_gradient(dout, self) * self.scale


class SoftmaxWithLoss:
    """Softmax and cross-entropy in one, for together they have a simple gradient."""

    def forward(self, scores, t):
        """Compute the loss.

        Parameters
        ----------
        scores : array_like of shape (C,) or (N, C)
            What the last layer gave.
        t : array_like
            Targets: one-hot in the shape of ``scores``, or integer labels.

        Returns
        -------
        float
            The cross-entropy error, averaged over samples.

        Raises
        ------
        TypeError
            If ``scores`` or ``t`` is not real, or labels are not integers.
        ValueError
            If there are no samples, a score is not finite, or ``t`` does not fit.
        """
        scores = as_predictions(scores, "scores")
        loss = softmax_cross_entropy(scores, t)
        self.y, self.t = softmax(scores), as_one_hot(t, scores)
        self.shape = ()
        return loss

    def backward(self, dout=1.0):
        r"""Compute the gradient of the scores: prediction minus target.

        Parameters
        ----------
        dout : float
            $\partial L / \partial L = 1$, unless the loss is part of something larger.

        Returns
        -------
        ndarray of shape (C,) or (N, C)
            $\frac{1}{N} (y - t)$ times ``dout``.

        Raises
        ------
        TypeError
            If ``dout`` is not real.
        ValueError
            If ``dout`` is not one number, or nothing has gone forward yet.
        """
        dout = float(as_gradient(dout, self))
        return dout * (self.y - self.t) / batch_size(self.y)


def as_pair(x, y):
    """Check that two inputs have one shape, and give them as float arrays.

    Parameters
    ----------
    x, y : float or array_like
        The inputs of a layer.

    Returns
    -------
    (ndarray, ndarray)
        Of the same shape.

    Raises
    ------
    TypeError
        If an input is not real.
    ValueError
        If the shapes differ.
    """
    x, y = as_real(x, "x"), as_real(y, "y")
    check(y.shape == x.shape, "y", f"of the shape of x, {x.shape}", y)
    return x, y


def as_gradient(dout, layer):
    """Check that a gradient has the shape of what the layer put out, and give it as floats.

    Parameters
    ----------
    dout : float or array_like
        The gradient that comes back.
    layer : object
        The layer; `forward` has noted the ``shape`` of its output.

    Returns
    -------
    ndarray
        In the shape of the output.

    Raises
    ------
    TypeError
        If ``dout`` is not real.
    ValueError
        If the shape differs, or nothing has gone forward yet.
    """
    shape = getattr(layer, "shape", None)
    name = type(layer).__name__
    check(shape is not None, f"{name}.backward", "called after forward", "no forward yet")
    dout = as_real(dout, "dout")
    check(dout.shape == shape, "dout", f"of the shape of the output, {shape}", dout)
    return dout


def check_moving(average, name, shape):
    """Refuse what cannot be kept up to date in place as a moving average.

    Parameters
    ----------
    average : ndarray of shape (H,)
        The moving average.
    name : str
        The argument's name, for the message.
    shape : tuple of int
        The shape of the features.

    Raises
    ------
    TypeError
        If it is no array of floats.
    ValueError
        If its shape differs, or a number is not finite.
    """
    is_float = isinstance(average, np.ndarray) and average.dtype.kind == "f"
    check(is_float, name, "an array of floats", average, TypeError)
    check(average.shape == shape, name, f"of shape {shape}", average)
    as_real(average, name, finite=True)
