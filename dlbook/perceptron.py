"""Perceptrons: a weighted sum and a threshold, and the logic that they can learn."""

import numpy as np

from dlbook.checks import as_real, check


class Perceptron:
    r"""A unit that answers 1 if the weighted sum of its inputs is large enough, else 0.

    Parameters
    ----------
    w : array_like of shape (D,)
        The weights: how much each input counts, and in which direction.
    b : float
        The bias: how ready the unit is to answer 1. It is the threshold with the sign
        turned, $b = -\theta$.

    Attributes
    ----------
    w : ndarray of shape (D,)
        The weights.
    b : float
        The bias.

    Raises
    ------
    TypeError
        If ``w`` or ``b`` is not real.
    ValueError
        If ``w`` is not a vector, ``b`` is not one number, or either is not finite.

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
        r"""Answer for one value of each input, or for many at once.

        Parameters
        ----------
        *x : float or array_like
            One argument an input. Arrays give an answer for each entry; their shapes
            must fit each other.

        Returns
        -------
        int or ndarray of int
            0 or 1, in the shape of the inputs.

        Raises
        ------
        TypeError
            If there are more or fewer inputs than weights, or one is not real.
        ValueError
            If an input is not finite, or the shapes do not fit each other.

        Notes
        -----
        $y = 1$ where $w_1 x_1 + w_2 x_2 + \ldots + b > 0$, else 0.
        """
        check(len(x) == len(self.w), "x", f"{len(self.w)} inputs", x, TypeError)
        inputs = [as_real(x_i, "x", finite=True) for x_i in x]
        total = sum(w_i * x_i for w_i, x_i in zip(self.w, inputs, strict=True))
        return np.where(total + self.b > 0, 1, 0)[()]


AND = Perceptron(w=[0.5, 0.5], b=-0.7)
NAND = Perceptron(w=[-0.5, -0.5], b=0.7)
OR = Perceptron(w=[0.5, 0.5], b=-0.2)


def XOR(x1, x2):
    """Answer 1 if one of two inputs is 1 and the other is not: two layers of perceptrons.

    Parameters
    ----------
    x1, x2 : float or array_like
        The inputs, 0 or 1.

    Returns
    -------
    int or ndarray of int
        0 or 1, in the shape of the inputs.

    Raises
    ------
    TypeError
        If an input is not real.
    ValueError
        If an input is not finite, or the shapes do not fit each other.

    References
    ----------
    M. Minsky, S. Papert, "Perceptrons", MIT Press (1969): why one layer cannot do it.
    """
    return AND(NAND(x1, x2), OR(x1, x2))
