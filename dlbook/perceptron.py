"""Perceptrons: a weighted sum and a threshold, and the logic that they can express."""

import numpy as np

from dlbook.checks import as_real, check


class Perceptron:
    r"""A unit that answers 1 if the weighted sum of its inputs is large enough, else 0.

    Parameters
    ----------
    w : array_like of shape (D,)
        The weights: how much each input counts, and in which direction. Copied to ``self.w``.
    b : float
        The bias, kept as ``self.b``: how ready the unit is to answer 1. It is the negative of the
        threshold, $b = -\theta$.

    Attributes
    ----------
    w : ndarray of shape (D,)
        The weights.
    b : float
        The bias.

    References
    ----------
    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and
    organization in the brain", Psychological Review 65 (1958).
    """

    def __init__(self, w, b):
        w, b = as_real(w, "w", finite=True), as_real(b, "b", finite=True)
        check(w.ndim == 1 and w.size > 0, "w", "a vector", w)
        check(b.ndim == 0, "b", "one number", b)
        self.w, self.b = np.array(w), float(b)

    def __call__(self, *x):
        r"""Return 0 or 1 for one value of each input, or for many at once, entry by entry.

        Parameters
        ----------
        *x : array_like of any shape
            One argument for each of the D inputs, each finite. Their shapes must broadcast.

        Notes
        -----
        $y = 1$ where $w_1 x_1 + w_2 x_2 + \ldots + b > 0$, else 0.
        """
        check(len(x) == len(self.w), "x", f"{len(self.w)} inputs", x, TypeError)
        inputs = as_inputs(x)
        total = sum(w_i * x_i for w_i, x_i in zip(self.w, inputs, strict=True))
        return np.where(total + self.b > 0, 1, 0)[()]


def as_inputs(x):
    """Return inputs as finite floats, or raise unless their shapes broadcast; errors call them x1, x2, …"""
    names = [f"x{i}" for i in range(1, len(x) + 1)]
    inputs = [as_real(x_i, name, finite=True) for x_i, name in zip(x, names, strict=True)]
    shapes = [x_i.shape for x_i in inputs]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        check(False, " and ".join(names), "of shapes that broadcast", shapes)
    return inputs


AND = Perceptron(w=[0.5, 0.5], b=-0.7)
NAND = Perceptron(w=[-0.5, -0.5], b=0.7)
OR = Perceptron(w=[0.5, 0.5], b=-0.2)


def XOR(x1, x2):
    r"""Return 1 if one of two inputs is 1 and the other is not, else 0, entry by entry.

    Parameters
    ----------
    x1, x2 : array_like of any shape
        The inputs, 0 or 1.

    Notes
    -----
    There are two layers of perceptrons: NAND and OR see the inputs, AND sees their answers.

    References
    ----------
    M. Minsky, S. Papert, "Perceptrons", MIT Press (1969): why one layer cannot do it.
    """
    return AND(NAND(x1, x2), OR(x1, x2))
