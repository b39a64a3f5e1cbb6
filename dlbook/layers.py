"""Layers: each computes forward, remembers what it needs, and sends gradients back."""

from dlbook.activations import relu, sigmoid, softmax
from dlbook.checks import as_real, check
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
        self.y, self.t = softmax(scores), as_one_hot(t, scores, "scores")
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
