"""Gradient descent: walk downhill, one small step after another."""

import warnings

import numpy as np

from dlbook.checks import as_positive, as_real, check_count
from dlbook.gradients import numerical_gradient


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    r"""Follow the numerical gradient of ``f`` downhill.

    Parameters
    ----------
    f : callable
        Takes an array in the shape of ``init_x`` and gives one real number.
    init_x : array_like
        Where to start. It is copied, never changed; integers become float64.
    lr : float
        The learning rate $\eta$: how far to step for a gradient of 1.
    step_num : int
        How many steps to take.

    Returns
    -------
    x : ndarray
        Where the walk ended, in the shape of ``init_x``.
    history : ndarray of shape (step_num + 1, …)
        Every point visited, the start included. Shorter if the walk left the range of floats: it then
        ends at the last finite point.

    Raises
    ------
    TypeError
        If ``init_x`` or ``lr`` is not real, ``step_num`` is no integer, or ``f`` does not give one number.
    ValueError
        If ``init_x`` is not finite, ``lr`` is not positive or ``step_num`` is negative.

    Warns
    -----
    RuntimeWarning
        If the walk diverged.

    Notes
    -----
    $x \leftarrow x - \eta \nabla f(x)$.

    References
    ----------
    A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes
    rendus de l'Académie des sciences 25 (1847).
    """
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
