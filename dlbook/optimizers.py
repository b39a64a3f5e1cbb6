"""Optimizers: what to do with a gradient once it is there."""

import numpy as np

from dlbook.checks import as_positive, as_real, check


class SGD:
    r"""Stochastic gradient descent: step against the gradient of a mini-batch.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.

    Raises
    ------
    TypeError
        If ``lr`` is not a real number.
    ValueError
        If ``lr`` is not positive and finite.

    References
    ----------
    H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22
    (1951).
    """

    def __init__(self, lr=0.01):
        self.lr = as_positive(lr, "lr")

    def update(self, params, grads):
        r"""Move each parameter against its gradient.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is no array of floats, or a gradient no array of real numbers.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter is read-only.
            Whatever is raised, no parameter has been changed.

        Notes
        -----
        $W \leftarrow W - \eta\, \partial L / \partial W$.
        """
        check_grads(params, grads)
        for name in params:
            params[name] -= self.lr * grads[name]


OPTIMIZERS = {"sgd": SGD}


def as_optimizer(optimizer, lr):
    """Make an optimizer from its name; hand one that is made already through.

    Parameters
    ----------
    optimizer : str or object
        A key of ``OPTIMIZERS``, or anything with a method ``update(params, grads)``.
    lr : float
        The learning rate for one that is made from its name.

    Returns
    -------
    object
        With a method ``update(params, grads)``.

    Raises
    ------
    ValueError
        If no optimizer has this name.
    TypeError
        If it is neither a name nor has a method ``update``.
    """
    if isinstance(optimizer, str):
        check(optimizer in OPTIMIZERS, "optimizer", f"one of {sorted(OPTIMIZERS)}", optimizer)
        return OPTIMIZERS[optimizer](lr)
    has_update = callable(getattr(optimizer, "update", None)) and not isinstance(optimizer, type)
    check(has_update, "optimizer", "a name or an object with update(params, grads)", optimizer, TypeError)
    return optimizer


def check_grads(params, grads):
    """Refuse gradients that do not fit the parameters, and parameters that cannot be changed in place.

    Parameters
    ----------
    params, grads : dict of str to ndarray
        Parameters and their gradients.

    Raises
    ------
    TypeError
        If a parameter is no array of floats, or a gradient no array of real numbers.
    ValueError
        If the names or shapes differ, a gradient is not finite, or a parameter is read-only.
    """
    expected = {name: np.shape(param) for name, param in params.items()}
    came = {name: np.shape(grad) for name, grad in grads.items()}
    check(came == expected, "grads", f"of the names and shapes {expected}", came)
    for name, param in params.items():
        is_float = isinstance(param, np.ndarray) and param.dtype.kind == "f"
        check(is_float, f"params[{name!r}]", "an array of floats", param, TypeError)
        check(param.flags.writeable, f"params[{name!r}]", "writeable, for it is changed in place", param)
        is_array = isinstance(grads[name], np.ndarray | np.generic)
        check(is_array, f"grads[{name!r}]", "an array", grads[name], TypeError)
        as_real(grads[name], f"grads[{name!r}]", finite=True)
