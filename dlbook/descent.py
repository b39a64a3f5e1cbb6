"""Gradient descent: walk downhill, one small step after another."""

import warnings

import numpy as np

from dlbook.checks import as_positive, as_real, check_callable, check_count
from dlbook.gradients import numerical_gradient


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    r"""Follow the numerical gradient of ``f`` downhill.

    Parameters
    ----------
    f : callable
        Takes an array in the shape of ``init_x`` and returns one real number.
    init_x : array_like of any shape
        Where to start.
    step_num : int
        How many steps to take.

    Returns
    -------
    x : ndarray of the shape of init_x
        Where the walk ended.
    history : ndarray of shape (step_num + 1, …)
        Every point visited, the start included. If a step leaves the range of floats, the history is
        shorter and ends at the last finite point.

    Warns
    -----
    RuntimeWarning
        If a step left the range of floats. A walk that diverges but stays finite ends without a warning.

    Notes
    -----
    $x \leftarrow x - \eta \nabla f(x)$.

    References
    ----------
    A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes
    rendus de l'Académie des sciences 25 (1847).
    """
    check_callable(f, "f")
    x = np.array(as_real(init_x, "init_x", finite=True))
    lr = as_positive(lr, "lr")
    check_count(step_num, "step_num", least=0)
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * numerical_gradient(f, x)
        if not np.isfinite(x).all():
            message = f"diverged in step {len(history)}: lr = {lr} is too large"
            warnings.warn(message, RuntimeWarning, stacklevel=2)
            break
        history.append(x.copy())
    return history[-1].copy(), np.array(history)
