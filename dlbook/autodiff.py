"""Automatic differentiation: arrays that record how they were computed, and so know the way back."""

from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from dlbook.checks import as_real, check

RECORDING = ContextVar("RECORDING", default=True)
NUMBERS = count()


class Tensor:
    r"""An array that remembers the operation that made it, and what went into that operation.

    Tensors are added, subtracted, multiplied, divided, raised to a power, multiplied as matrices (``@``) and
    indexed as arrays are, with each other and with arrays and numbers. Whatever is no tensor is a constant:
    it gets no gradient. ``<``, ``<=``, ``>`` and ``>=`` return arrays of truth values, of which nothing is
    recorded; ``==`` asks whether two are the same tensor.

    Parameters
    ----------
    data : array_like of any shape
        The numbers; copied.

    Attributes
    ----------
    data : ndarray
        The numbers. They are read-only, because the way back may need them. To go on with others of the same
        shape, set ``x.data = …``, which copies them; what was recorded before keeps the old ones.
    grad : ndarray or None
        The gradient in the shape and type of ``data``: the sum of what every `backward` has brought, or None
        if none has come here. Set it to None to start anew.
    number : int
        How many tensors were made before this one.
    steps : tuple or None
        The parents that this tensor was computed from, each with a function that turns the gradient of this
        tensor into the gradient of the parent. Empty if nothing was recorded, None after `backward`.

    Notes
    -----
    If $x$ went into several tensors $o_j$, then
    $\frac{\partial L}{\partial x} = \sum_j \frac{\partial L}{\partial o_j} \frac{\partial o_j}{\partial x}$.
    Each operation knows the product for its own $o_j$, and `backward` adds them up.

    References
    ----------
    S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976).
    """

    __array_ufunc__ = None  # NumPy leaves array * tensor to the tensor
    grad: Any
    steps: Any

    def __init__(self, data):
        self.data = data
        self.grad, self.number, self.steps = None, next(NUMBERS), ()

    @property
    def data(self):
        """The numbers, read-only."""
        return self._data

    @data.setter
    def data(self, data):
        data = np.array(as_real(data, "data"))
        shape = getattr(self, "_data", data).shape
        check(data.shape == shape, "data", f"of the shape that it has, {shape}", data)
        data.flags.writeable = False
        self._data = data

    @property
    def shape(self):
        """The shape of ``data``."""
        return self._data.shape

    def __repr__(self):
        return f"Tensor({self.data})"

    def __add__(self, other):
        return record(self.data + as_operand(other), (self, lambda dout: dout), (other, lambda dout: dout))

    def __sub__(self, other):
        return record(self.data - as_operand(other), (self, lambda dout: dout), (other, lambda dout: -dout))

    def __mul__(self, other):
        x, y = self.data, as_operand(other)
        return record(
            x * y,
            (self, lambda dout: dout * y),
            (other, lambda dout: dout * x),
        )

    def __truediv__(self, other):
        return _divide(self, other)

    def __matmul__(self, other):
        return _matmul(self, other)

    def __neg__(self):
        return record(-self.data, (self, lambda dout: -dout))

    def __pow__(self, n):
        check(np.ndim(n) == 0, "the exponent", "one number", n)
        x, n = self.data, float(as_real(n, "the exponent"))
        return record(x**n, (self, lambda dout: dout * n * x ** (n - 1 if n else 0)))

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return record(as_operand(other) - self.data, (self, lambda dout: -dout))

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return _divide(other, self)

    def __rmatmul__(self, other):
        return _matmul(other, self)

    def exp(self):
        """Return $e^x$ of each entry.

        Returns
        -------
        Tensor
            In the same shape.
        """
        out = np.exp(self.data)
        return record(out, (self, lambda dout: dout * out))

    def log(self):
        """Return the natural logarithm of each entry.

        Returns
        -------
        Tensor
            In the same shape.
        """
        x = self.data
        return record(np.log(x), (self, lambda dout: dout / x))

    def tanh(self):
        """Return the hyperbolic tangent of each entry.

        Returns
        -------
        Tensor
            In the same shape.
        """
        out = np.tanh(self.data)
        return record(out, (self, lambda dout: dout * (1 - out**2)))

    def relu(self):
        r"""Return $\max(0, x)$ of each entry $x$; at 0, the slope is taken to be 0.

        Returns
        -------
        Tensor
            In the same shape.
        """
        x = self.data
        return record(np.maximum(x, 0), (self, lambda dout: dout * (x > 0)))

    def sum(self, axis=None, keepdims=False):
        """Return the sum of all entries, or of those along an axis.

        Parameters
        ----------
        axis, keepdims
            As NumPy has them.

        Returns
        -------
        Tensor
            The sum or sums.
        """
        x, out = self.data, self.data.sum(axis, keepdims=True)
        return record(
            out if keepdims else out.squeeze(axis),
            (self, lambda dout: np.broadcast_to(dout.reshape(out.shape), x.shape)),
        )

    def mean(self, axis=None, keepdims=False):
        """Return the mean of all entries, or of those along an axis.

        Parameters
        ----------
        axis, keepdims
            As NumPy has them.

        Returns
        -------
        Tensor
            The mean or means.
        """
        out = self.sum(axis, keepdims)
        return out / (self.data.size / max(out.data.size, 1))

    def max(self, axis=None, keepdims=False):
        """Return the largest of all entries, or of those along an axis; equal ones share the gradient.

        Parameters
        ----------
        axis, keepdims
            As NumPy has them.

        Returns
        -------
        Tensor
            The largest number or numbers.
        """
        x, out = self.data, self.data.max(axis, keepdims=True)
        largest = (x == out) | np.isnan(x)  # NaN is the largest wherever it occurs
        share = largest / largest.sum(axis, keepdims=True)
        return record(
            out if keepdims else out.squeeze(axis),
            (self, lambda dout: dout.reshape(out.shape) * share),
        )

    def reshape(self, *shape):
        """Return the same numbers in another shape.

        Parameters
        ----------
        *shape : int
            The sizes of the axes, or a tuple of them; one may be −1.

        Returns
        -------
        Tensor
            The same numbers.
        """
        x = self.data
        return record(x.reshape(*shape), (self, lambda dout: dout.reshape(x.shape)))

    @property
    def T(self):
        """The transpose: the axes in reverse order."""
        return record(self.data.T, (self, lambda dout: dout.T))

    def __getitem__(self, index):
        x, index = self.data, deepcopy(index)

        def back(dout):
            dx = np.zeros_like(x)
            np.add.at(dx, index, dout)  # += would lose all but one of an entry that was taken several times
            return dx

        return record(x[index], (self, back))

    def __iter__(self):
        return map(self.__getitem__, range(len(self.data)))

    def __lt__(self, other):
        return self.data < as_operand(other)

    def __le__(self, other):
        return self.data <= as_operand(other)

    def __gt__(self, other):
        return self.data > as_operand(other)

    def __ge__(self, other):
        return self.data >= as_operand(other)

    def tape(self):
        """Return this tensor and all that went into it, in the order in which they were made.

        Returns
        -------
        list of Tensor
            Each tensor comes after its parents, so the list backward has it after everything that used it.
        """
        found, ahead = {self}, [self]
        while ahead:
            steps = ahead.pop().steps
            unused = steps is not None
            check(unused, "backward", "called once (add losses first)", "a used tape")
            parents = {parent for parent, _ in steps} - found
            found |= parents
            ahead += parents
        return sorted(found, key=attrgetter("number"))

    def backward(self):
        """Add to ``grad``, of every tensor that went into this number, the slope of this number there.

        What was recorded is given up on the way, so that memory is free again. So a tensor between can be
        gone through only once: add losses that share it, and go back from the sum.
        """
        out = self.data
        check(out.size == 1, "the tensor", "one number, as a loss is", out)
        check(self.steps != (), "the tensor", "the recorded result of operations", out)
        tape, self.grad = self.tape(), np.ones_like(out)
        while tape:
            node = tape.pop()
            for parent, back in node.steps:
                grad = unbroadcast(back(node.grad), parent.shape)
                grad = grad.astype(parent.data.dtype)  # a copy, for this parent alone
                parent.grad = grad if parent.grad is None else parent.grad + grad
            if node.steps:
                node.steps = None


def record(data, *operands):
    """Return the result of an operation as a tensor that knows the way back.

    Parameters
    ----------
    data : array_like of any shape
        The result; an array of floats is not copied, but made read-only.
    *operands : tuple of Tensor and callable
        An operand, and the function that turns the gradient of the result into the gradient of that operand.
        If it was repeated by broadcasting, `unbroadcast` does the rest. What is no tensor is left out.

    Returns
    -------
    Tensor
        The result.
    """
    out = Tensor.__new__(Tensor)  # past __init__, which copies
    out._data = np.asarray(as_real(data, "data"))
    out._data.flags.writeable = False
    out.grad, out.number, out.steps = None, next(NUMBERS), ()
    if RECORDING.get():
        out.steps = tuple(it for it in operands if isinstance(it[0], Tensor))
    return out


def unbroadcast(grad, shape):
    """Return the gradient of what was broadcast: it was used several times, so add up.

    Parameters
    ----------
    grad : ndarray of any shape
        The gradient in the shape after broadcasting.
    shape : tuple of int
        The shape before.

    Returns
    -------
    ndarray
        The gradient in that shape.
    """
    if grad.shape == shape:
        return grad
    new = grad.ndim - len(shape)
    repeated = [new + i for i, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*range(new), *repeated)).reshape(shape)


@contextmanager
def no_grad():
    """Record nothing inside a ``with`` block: results are tensors without parents."""
    token = RECORDING.set(False)
    try:
        yield
    finally:
        RECORDING.reset(token)


def _divide(x, y):
    """Return ``x / y`` and record it; one of the two may be a constant."""
    a, b = as_operand(x), as_operand(y)
    out = a / b
    return record(out, (x, lambda dout: dout / b), (y, lambda dout: -dout * out / b))


def _matmul(x, y):
    """Return ``x @ y`` and record it; a vector counts as a row at the left, as a column at the right."""
    a, b = as_operand(x), as_operand(y)
    for side in (a, b):
        check(np.ndim(side) in (1, 2), "what stands beside @", "a vector or a matrix", side)
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T).T
    shape = len(rows), columns.shape[1]
    return record(
        a @ b,
        (x, lambda dout: (dout.reshape(shape) @ columns.T).reshape(a.shape)),
        (y, lambda dout: (rows.T @ dout.reshape(shape)).reshape(b.shape)),
    )


def as_operand(x):
    """Return the numbers of a tensor, a Python number as a float, or a copy of other real numbers."""
    if isinstance(x, Tensor):
        return x.data
    return float(x) if isinstance(x, int | float) else np.array(as_real(x, "the operand"))
