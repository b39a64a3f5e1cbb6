"""Optimizers: what to do with a gradient."""

import numpy as np

from dlbook.checks import as_fraction, as_positive, as_real, check, check_floats


class SGD:
    """Stochastic gradient descent: step against the gradient of a mini-batch.

    References
    ----------
    H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22
    (1951).
    """

    def __init__(self, lr=0.01):
        self.lr = as_positive(lr, "lr")

    def update(self, params, grads):
        r"""Move each parameter against its gradient.

        Notes
        -----
        $W \leftarrow W - \eta\, \partial L / \partial W$.
        """
        grads = as_grads(params, grads)
        for name in params:
            params[name] -= self.lr * grads[name]


class Momentum:
    r"""Momentum: a velocity that accumulates gradients, like that of a ball rolling downhill.

    Parameters
    ----------
    momentum : float
        $\mu$, the share of the velocity that is kept in each step, from 0 to below 1.

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
    r"""Nesterov's momentum: the gradient counts as if the step had been taken already.

    Parameters
    ----------
    momentum : float
        $\mu$, the share of the velocity that is kept in each step, from 0 to below 1.

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

        Notes
        -----
        $v \leftarrow \mu v + \partial L / \partial W$, then
        $W \leftarrow W - \eta (\partial L / \partial W + \mu v)$. The gradient is taken at the point
        ahead, which is where the parameters are kept.
        """
        grads = as_grads(params, grads, self.velocity)
        for name, grad in grads.items():
            velocity = self.momentum * self.velocity.get(name, 0) + grad
            self.velocity[name] = velocity
            params[name] -= self.lr * (grad + self.momentum * velocity)


class AdaGrad:
    """AdaGrad: the more a parameter has moved, the smaller its steps become.

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
        r"""Move each parameter by its gradient, relative to all gradients so far.

        Notes
        -----
        $s \leftarrow s + g^2$, then $W \leftarrow W - \eta \, g / (\sqrt{s} + \epsilon)$, entry
        by entry, for the gradient $g$. The sum only grows, so the
        factor $\eta / (\sqrt{s} + \epsilon)$ only shrinks.
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
    decay : float
        $\rho$, the share of the old average that is kept, from 0 to below 1.

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
        r"""Move each parameter by its gradient, relative to the recent ones.

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
    """Adam: a velocity, as momentum has, and steps scaled as RMSProp does.

    Parameters
    ----------
    beta1, beta2 : float
        The shares of the velocity and of the average square that are kept, each from 0 to below 1.

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
        r"""Move each parameter by its velocity, relative to its recent gradients.

        Notes
        -----
        $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and
        $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$ start at 0, which pulls
        them toward 0. Dividing by $1 - \beta_1^n$ and $1 - \beta_2^n$ in step $n$ corrects
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
    """Return the optimizer of this name with this learning rate, or ``optimizer`` itself if it is one."""
    if isinstance(optimizer, str):
        check(optimizer in OPTIMIZERS, "optimizer", f"one of {sorted(OPTIMIZERS)}", optimizer)
        return OPTIMIZERS[optimizer](lr)
    has_update = callable(getattr(optimizer, "update", None)) and not isinstance(optimizer, type)
    check(has_update, "optimizer", "a name or an object with update(params, grads)", optimizer, TypeError)
    return optimizer


def as_grads(params, grads, state=None):
    """Return ``grads`` as floats, or raise unless they fit ``params``, and ``params`` fit ``state``."""
    check(isinstance(params, dict), "params", "a dict of arrays by name", params, TypeError)
    check(isinstance(grads, dict), "grads", "a dict of arrays by name", grads, TypeError)
    expected = {name: np.shape(param) for name, param in params.items()}
    came = {name: np.shape(grad) for name, grad in grads.items()}
    if came != expected:  # a message of that length takes as long as all other checks
        check(False, "grads", f"arrays with the names and shapes {expected}", came)
    floats = {}
    for name, param in params.items():
        grad = grads[name]
        check_floats(param, f"params[{name!r}]")
        check(param.flags.writeable, f"params[{name!r}]", "writeable, because it is changed in place", param)
        if state:
            known = np.shape(state.get(name, param))
            check(known == param.shape, f"params[{name!r}]", f"of shape {known}, as before", param)
        check(isinstance(grad, np.ndarray | np.generic), f"grads[{name!r}]", "an array", grad, TypeError)
        floats[name] = as_real(grad, f"grads[{name!r}]", finite=True)
    return floats
