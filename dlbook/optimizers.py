"""Optimizers: what to do with a gradient once it is there."""

import numpy as np

from dlbook.checks import as_fraction, as_positive, as_real, check


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
        grads = as_grads(params, grads)
        for name in params:
            params[name] -= self.lr * grads[name]


class Momentum:
    r"""Momentum: a velocity that gathers gradients, as a ball rolling downhill does.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.
    momentum : float
        $\mu$, the share of the velocity that is kept in each step, from 0 to below 1.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If ``lr`` is not positive and finite, or ``momentum`` is not in its range.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods",
    USSR Computational Mathematics and Mathematical Physics 4 (1964).
    """

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = as_positive(lr, "lr")
        self.momentum = as_fraction(momentum, "momentum")
        self.velocity = {}

    def update(self, params, grads):
        r"""Move each parameter by its velocity.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats, or a gradient is not a real array.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter
            cannot be changed. Then nothing has been changed.

        Notes
        -----
        $v \leftarrow \mu v + \partial L / \partial W$, then $W \leftarrow W - \eta v$.
        """
        grads = as_grads(params, grads, self.velocity)
        for name, grad in grads.items():
            velocity = self.momentum * self.velocity.get(name, 0) + grad
            self.velocity[name] = velocity
            params[name] -= self.lr * velocity


class Nesterov:
    r"""Nesterov's momentum: the gradient counts as if the step were taken already.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.
    momentum : float
        $\mu$, the share of the velocity that is kept in each step, from 0 to below 1.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If ``lr`` is not positive and finite, or ``momentum`` is not in its range.

    References
    ----------
    Y. Nesterov, "A method of solving a convex programming problem with convergence
    rate O(1/k²)", Soviet Mathematics Doklady 27 (1983).
    I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization
    and momentum in deep learning", ICML (2013).
    """

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = as_positive(lr, "lr")
        self.momentum = as_fraction(momentum, "momentum")
        self.velocity = {}

    def update(self, params, grads):
        r"""Move each parameter by the velocity that it is about to have.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats, or a gradient is not a real array.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter
            cannot be changed. Then nothing has been changed.

        Notes
        -----
        $v \leftarrow \mu v + \partial L / \partial W$, then
        $W \leftarrow W - \eta (\partial L / \partial W + \mu v)$. The gradient is taken at the place
        ahead, which is where the parameters are kept.
        """
        grads = as_grads(params, grads, self.velocity)
        for name, grad in grads.items():
            velocity = self.momentum * self.velocity.get(name, 0) + grad
            self.velocity[name] = velocity
            params[name] -= self.lr * (grad + self.momentum * velocity)


class AdaGrad:
    r"""AdaGrad: the more a parameter has moved, the smaller its steps become.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.
    eps : float
        Added to the root, so that nothing is divided by 0.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If ``lr`` or ``eps`` is not positive and finite.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", Journal of Machine Learning Research 12 (2011).
    """

    def __init__(self, lr=0.01, eps=1e-10):
        self.lr = as_positive(lr, "lr")
        self.eps = as_positive(eps, "eps")
        self.squares = {}

    def update(self, params, grads):
        r"""Move each parameter, by its gradient relative to all before it.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats, or a gradient is not a real array.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter
            cannot be changed. Then nothing has been changed.

        Notes
        -----
        $s \leftarrow s + g^2$, then $W \leftarrow W - \eta \, g / (\sqrt{s} + \epsilon)$, entry
        by entry, for the gradient $g$. The sum only grows, so the steps shrink for ever.
        """
        grads = as_grads(params, grads, self.squares)
        for name, grad in grads.items():
            squares = self.squares.get(name, 0) + grad**2
            self.squares[name] = squares
            params[name] -= self.lr * grad / (np.sqrt(squares) + self.eps)


class RMSProp:
    r"""RMSProp: AdaGrad with a memory that fades, so that steps do not shrink to nothing.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.
    decay : float
        $\rho$, the share of the old average that is kept, from 0 to below 1.
    eps : float
        Added to the root, so that nothing is divided by 0.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If ``lr`` or ``eps`` is not positive and finite, or ``decay`` is not in its range.

    References
    ----------
    G. Hinton, N. Srivastava, K. Swersky, "Neural networks for machine learning",
    lecture 6, University of Toronto (2012).
    """

    def __init__(self, lr=0.01, decay=0.99, eps=1e-8):
        self.lr = as_positive(lr, "lr")
        self.decay = as_fraction(decay, "decay")
        self.eps = as_positive(eps, "eps")
        self.squares = {}

    def update(self, params, grads):
        r"""Move each parameter, by its gradient relative to the recent ones.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats, or a gradient is not a real array.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter
            cannot be changed. Then nothing has been changed.

        Notes
        -----
        $s \leftarrow \rho s + (1 - \rho) g^2$, then
        $W \leftarrow W - \eta \, g / (\sqrt{s} + \epsilon)$, entry by entry, for the gradient
        $g$.
        """
        grads = as_grads(params, grads, self.squares)
        for name, grad in grads.items():
            old = self.decay * self.squares.get(name, 0)
            squares = old + (1 - self.decay) * grad**2
            self.squares[name] = squares
            params[name] -= self.lr * grad / (np.sqrt(squares) + self.eps)


class Adam:
    r"""Adam: a velocity, as momentum has, and steps scaled as RMSProp does.

    Parameters
    ----------
    lr : float
        The learning rate $\eta$.
    beta1 : float
        The share of the velocity that is kept, from 0 to below 1.
    beta2 : float
        The share of the average square that is kept, from 0 to below 1.
    eps : float
        Added to the root, so that nothing is divided by 0.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If ``lr`` or ``eps`` is not positive and finite, or a share is not in its range.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR (2015).
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr = as_positive(lr, "lr")
        self.beta1 = as_fraction(beta1, "beta1")
        self.beta2 = as_fraction(beta2, "beta2")
        self.eps = as_positive(eps, "eps")
        self.n, self.m, self.v = {}, {}, {}  # steps so far, and both averages

    def update(self, params, grads):
        r"""Move each parameter, by its velocity relative to its recent gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            The parameters, changed in place.
        grads : dict of str to ndarray
            A gradient for each parameter, in its shape.

        Raises
        ------
        TypeError
            If a parameter is not an array of floats, or a gradient is not a real array.
        ValueError
            If the names or shapes differ, a gradient is not finite, or a parameter
            cannot be changed. Then nothing has been changed.

        Notes
        -----
        $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and
        $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$ start at 0, which pulls
        them towards 0. Dividing by $1 - \beta_1^n$ and $1 - \beta_2^n$ in step $n$ corrects
        that: $W \leftarrow W - \eta \, \hat m / (\sqrt{\hat v} + \epsilon)$.
        """
        grads = as_grads(params, grads, self.m)
        for name, grad in grads.items():
            n = self.n.get(name, 0) + 1
            m = self.beta1 * self.m.get(name, 0) + (1 - self.beta1) * grad
            v = self.beta2 * self.v.get(name, 0) + (1 - self.beta2) * grad**2
            self.n[name], self.m[name], self.v[name] = n, m, v
            m_hat = m / (1 - self.beta1**n)
            v_hat = v / (1 - self.beta2**n)
            params[name] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


OPTIMIZERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
}


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


def as_grads(params, grads, state=None):
    """Check that gradients fit parameters that can be changed, and give them as floats.

    Parameters
    ----------
    params, grads : dict of str to ndarray
        Parameters and their gradients.
    state : dict of str to ndarray, optional
        What an optimizer remembers of parameters that it has updated before.

    Returns
    -------
    dict of str to ndarray
        The gradients, not copied if they are floats already.

    Raises
    ------
    TypeError
        If a parameter is no array of floats, or a gradient no array of real numbers.
    ValueError
        If names or shapes differ, a gradient is not finite, a parameter is read-only, or
        the state is that of another network.
    """
    expected = {name: np.shape(param) for name, param in params.items()}
    came = {name: np.shape(grad) for name, grad in grads.items()}
    if came != expected:  # a message of that length takes as long as all other checks
        check(False, "grads", f"of the names and shapes {expected}", came)
    floats = {}
    for name, param in params.items():
        grad = grads[name]
        is_float = isinstance(param, np.ndarray) and param.dtype.kind == "f"
        check(is_float, f"params[{name!r}]", "an array of floats", param, TypeError)
        check(param.flags.writeable, f"params[{name!r}]", "writeable, for it is changed in place", param)
        if state:
            known = np.shape(state.get(name, param))
            check(known == param.shape, f"params[{name!r}]", f"of shape {known}, as before", param)
        check(isinstance(grad, np.ndarray | np.generic), f"grads[{name!r}]", "an array", grad, TypeError)
        floats[name] = as_real(grad, f"grads[{name!r}]", finite=True)
    return floats
