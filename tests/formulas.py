"""What the symbols of every display formula are: for each formula, random values for which it has to be true.

The values of what a formula defines come from `dlbook`, those of everything else from a random generator (or,
where a formula is a step of a derivation that no code takes, from another way to the same number). They are
named as in `scripts.checks.latex`, which computes the formula from its LaTeX.
"""

# ruff: noqa: C408 (names of formulas read better as dict(η=η) than as {"η": η})

import contextlib
import io
import re
from collections import defaultdict
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

from dlbook.activations import log_softmax, sigmoid, sigmoid_grad, softmax
from dlbook.autodiff import Tensor
from dlbook.descent import gradient_descent
from dlbook.differentiation import (
    central_difference,
    complex_step,
    five_point_difference,
    forward_difference,
)
from dlbook.fast_differences import loss_by_unit
from dlbook.gradients import numerical_gradient
from dlbook.initializers import normal, xavier
from dlbook.layers import Affine, BatchNorm, Convolution, Dropout, Relu, Sigmoid, SoftmaxWithLoss, Tanh
from dlbook.losses import cross_entropy_error, sum_squared_error
from dlbook.networks import MultiLayerNet, SimpleNet, TwoLayerNet
from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from dlbook.parallel import part
from dlbook.perceptron import AND, NAND, OR, XOR, Perceptron
from scripts.benchmarks.many_machines import step
from scripts.extensions.fences import fences
from tests.built import CHAPTERS, ROOT


class Entry(NamedTuple):
    """What is known of a formula on display."""

    name: str  # softmax, where a page has \label{softmax}
    cases: object  # a function from a random generator to arguments for `Formula.check`
    no_code: str  # why `dlbook` does not compute it, or "" if it does
    tex: str = ""  # the only text that it may have, where the comparison is made by hand


ENTRIES = []


def formula(*names, no_code="", by_hand=""):
    """Say of a function that it makes the cases of the formulas that have these names."""

    def enter(cases):
        ENTRIES.extend(Entry(name, cases, no_code, by_hand) for name in names)
        return cases

    return enter


def case(line=None, after=None, equals=None, holds=True, **names):
    return {"line": line, "names": names, "after": after, "equals": equals, "holds": holds}


SIZES = [dict(N=2, D=4, H=3, C=5), dict(N=5, D=2, H=4, C=3)]
SHAPES = [(), (4,), (3, 2)]


@cache
def listings():
    """The blocks of Python that are written in the chapters."""
    texts = [(ROOT / f"docs/en/{chapter}.md").read_text(encoding="utf-8") for chapter in CHAPTERS]
    found = [it for text in texts for it in fences(text.split("\n"))]
    return ["\n".join(it.code) for it in found if it.header == "python"]


def example(*names):
    """Run the first listing that sets all these names; give what it makes of them."""
    for code in listings():
        sets = [rf"^(def|class) {name}\b|^(\w+, )*{name}(, \w+)* = " for name in names]
        if all(re.search(it, code, re.MULTILINE) for it in sets):
            scope = {}
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, scope)
            return [scope[name] for name in names]
    raise LookupError(f"no listing of a chapter sets {', '.join(names)}")


def counted(values):
    """Give an array whose counting starts at 1."""
    return dict(enumerate(values, start=1))


def a_distribution(rng, *shape):
    y = rng.uniform(0.1, 1, shape)
    return y / y.sum(axis=-1, keepdims=True)


def a_polynomial(rng, degree):
    """Give a polynomial whose values and derivatives are all positive for positive x."""
    return Polynomial(rng.uniform(0.5, 2, degree + 1))


def a_network(rng, N, D, H, C):
    net = TwoLayerNet(D, H, C, rng=rng)
    net.params = {name: rng.normal(size=param.shape) for name, param in net.params.items()}
    return net, rng.normal(size=(N, D)), a_distribution(rng, N, C)


def slopes(f, x):
    """Differentiate a function of an array, much more exactly than `numerical_gradient`."""
    steps = np.eye(x.size).reshape(x.size, *x.shape)
    found = [five_point_difference(lambda h, e=e: np.array(f(x + h * e)), 0.0, 1e-4) for e in steps]
    return np.moveaxis(np.array(found), 0, -1).reshape(*np.shape(f(x)), *x.shape)


# 1 Perceptrons


def small_integers(rng, *shape):
    return rng.integers(-3, 4, size=shape)  # so small that sums are often exactly at the threshold


@formula("threshold-unit")
def _(rng):
    for w_1, w_2, x_1, x_2, θ in small_integers(rng, 100, 5):
        y = Perceptron([w_1, w_2], -θ)(x_1, x_2)
        yield case(y=y, w_1=w_1, w_2=w_2, x_1=x_1, x_2=x_2, θ=θ)


@formula("perceptron")
def _(rng):
    for w_1, w_2, x_1, x_2, b in small_integers(rng, 100, 5):
        yield case(y=Perceptron([w_1, w_2], b)(x_1, x_2), w_1=w_1, w_2=w_2, x_1=x_1, x_2=x_2, b=b)


@formula("weighted-sum")
def _(rng):
    for D in (1, 2, 5):
        w, x, b = small_integers(rng, D), small_integers(rng, D), small_integers(rng)
        # The perceptron keeps its sum for itself, but its answer tells which thresholds the sum passes.
        total = next(it for it in range(-99, 99) if not Perceptron(w, b - it)(*x))
        yield case(equals="T", T=total, w=counted(w), x=counted(x), b=b, D=D)


@formula("decision-boundary")
def _(rng):
    for w_1, w_2, x_1, x_2, b in small_integers(rng, 200, 5):
        if w_1 or w_2:
            unit = Perceptron([w_1, w_2], b)
            answers = [unit(x_1 + step * w_1, x_2 + step * w_2) for step in (-1e-3, 1e-3)]
            yield case(holds=answers == [0, 1], w_1=w_1, w_2=w_2, x_1=x_1, x_2=x_2, b=b)


@formula("xor-conditions")
def _(rng):
    for w_1, w_2, b in small_integers(rng, 100, 3):
        unit = Perceptron([w_1, w_2], b)

        def is_right(x_1, x_2, unit=unit):
            return unit(x_1, x_2) == XOR(x_1, x_2)

        yield case(at=is_right, w_1=w_1, w_2=w_2, b=b)


@formula("xor-of-two-layers")
def _(rng):
    for x_1, x_2 in product((0, 1), repeat=2):
        yield case(y=XOR(x_1, x_2), AND=AND, NAND=NAND, OR=OR, x_1=x_1, x_2=x_2, z_1=..., z_2=...)


# 2 Neural networks

HIDDEN, OUTPUT = ("x", "W1", "b1", "s"), ("z", "W2", "b2", "a")


@formula("hidden-layer-by-hand")
def _(rng):
    x, W, b, _ = example(*HIDDEN)
    yield case(s=Affine(W, b).forward([x])[0])


@formula("output-layer-by-hand")
def _(rng):
    x, W_1, b_1, _ = example(*HIDDEN)
    _, W_2, b_2, _ = example(*OUTPUT)
    yield case(a=Affine(W_2, b_2).forward(Relu().forward(Affine(W_1, b_1).forward([x])))[0])


@formula("linear-layers-collapse")
def _(rng):
    for size in SIZES:
        net, x, _ = a_network(rng, **size)
        W_1, b_1, W_2, b_2 = net.params.values()
        a = Affine(W_2, b_2).forward(Affine(W_1, b_1).forward(x))
        yield case(a=a, x=x, W_1=W_1, b_1=b_1, W_2=W_2, b_2=b_2)


@formula("layer")
def _(rng):
    for D, H in ((2, 3), (4, 1)):
        x, W, b = rng.normal(size=D), rng.normal(size=(D, H)), rng.normal(size=H)
        s = Affine(W, b).forward(x[np.newaxis])[0]
        yield case(s=s, x=x, W=W, w=W, b=b, i=range(D), j=range(H))


@formula(
    "layer-shapes",
    by_hand=r"""
\begin{aligned}
(D) \cdot (D, H) + (H) &\to (H), \\
(N, D) \cdot (D, H) + (H) &\to (N, H) .
\end{aligned}
""",
)
def _(rng):
    for size in SIZES:
        net, x, _ = a_network(rng, **size)
        N, D, H = size["N"], size["D"], size["H"]
        yield [np.shape(it) for it in (x, *net.params.values())][:3], [(N, D), (D, H), (H,)]
        yield [net.forward(it)[1].shape for it in (x[0], x)], [(H,), (N, H)]


@formula("softmax")
def _(rng):
    for C in (1, 2, 7):
        a = rng.normal(size=C)
        yield case(y=softmax(a), a=a, j=range(C), k=range(C))


@formula("softmax-shift")
def _(rng):
    for C in (1, 2, 7):
        a, c = rng.normal(size=C), rng.normal()
        yield case(equals="y_k", y=softmax(a + c), a=a, c=c, j=range(C), k=range(C))


@formula("sigmoid")
def _(rng):
    for shape in SHAPES:
        yield case(σ=sigmoid, s=rng.normal(size=shape))


@formula("softmax-of-two-classes")
def _(rng):
    for shape in SHAPES:
        yield case(
            equals=r"\tanh(s)", σ=sigmoid, tanh=np.tanh, a=rng.normal(size=2), s=rng.normal(size=shape)
        )


# 3 Loss functions


@formula("squared-error")
def _(rng):
    for C in (2, 7):
        y, t = rng.normal(size=(2, C))
        yield case(E=sum_squared_error(y, t), y=y, t=t, k=range(C))


@formula("cross-entropy")
def _(rng):
    for C in (2, 7):
        y, t = a_distribution(rng, 2, C)
        yield case(E=cross_entropy_error(y, t, delta=0), y=y, t=t, k=range(C))


@formula("batch-cross-entropy")
def _(rng):
    for N, C in ((1, 4), (5, 3)):
        y, t = a_distribution(rng, 2, N, C)
        yield case(E=cross_entropy_error(y, t, delta=0), y=y, t=t, N=N, n=range(N), k=range(C))


@formula("batch-cross-entropy-of-labels")
def _(rng):
    for N, C in ((1, 4), (5, 3)):
        y, t = a_distribution(rng, N, C), rng.integers(C, size=N)
        yield case(E=cross_entropy_error(y, t, delta=0), y=y, t=t, N=N, n=range(N))


@formula("log-softmax")
def _(rng):
    for C in (1, 2, 7):
        a = rng.normal(size=C)
        y = np.exp(log_softmax(a))
        yield case(y=y, a=a, m=a.max(), j=range(C), k=range(C))


@formula("loss-of-weights")
def _(rng):
    for size in SIZES:
        x, t = rng.normal(size=(size["N"], 2)), rng.integers(3, size=size["N"])
        yield case(
            L=lambda W, x=x, t=t: SimpleNet(W).loss(x, t),
            E=lambda y, t: cross_entropy_error(y, t, delta=0),
            y=lambda x, W: SimpleNet(W).predict(x),
            x=x,
            W=rng.normal(size=(2, 3)),
            t=t,
        )


@formula("line-between-weights", no_code="only the experiment walks along that line")
def _(rng):
    for shape in SHAPES:
        before, after = rng.normal(size=(2, *shape))
        for r, W in ((0, before), (1, after), (0.5, (before + after) / 2)):
            yield case(W={r: W}.get, r=r, W_before=before, W_after=after)


@formula("squared-error-of-a-guess")
def _(rng):
    for C in (2, 3, 10):
        yield case(equals="E", E=sum_squared_error(np.full(C, 1 / C), 0), C=C)


# 4 Numerical differentiation: polynomials of so low a degree that nothing is left for the dots


def a_series(rng, degree):
    return dict(f=a_polynomial(rng, degree), x=rng.uniform(0.5, 1), h=rng.uniform(0.2, 0.4))


@formula("derivative")
def _(rng):
    for degree in (1, 2, 4):
        f = a_polynomial(rng, degree)
        yield case(f=f, f_prime=lambda x, f=f: complex_step(f, x), x=rng.uniform(0.5, 1))


@formula("taylor-series", no_code="Taylor's theorem")
def _(rng):
    yield case(**a_series(rng, 3))


@formula("difference-errors")
def _(rng):
    for line, degree in enumerate((2, 4), start=1):
        names = a_series(rng, degree)
        yield case(line, **names, forward=forward_difference(**names), central=central_difference(**names))


@formula("two-step-lengths")
def _(rng):
    names = a_series(rng, 4)
    f, x = names["f"], names["x"]
    yield case(**names, D=lambda h: central_difference(f, x, h), c=f.deriv(3)(x) / 6)


@formula("five-point-error")
def _(rng):
    names = a_series(rng, 6)
    f, x, h = names.values()
    yield case(
        equals="F",
        **names,
        D=lambda h: central_difference(f, x, h),
        F=five_point_difference(f, x, h),
    )


@formula("rounding-error", no_code="a bound")
def _(rng):
    # The worst case for a line that rises: its points, and then its values, are rounded away from each other.
    f = Polynomial(rng.uniform(1, 2, size=2))
    x, h, ε = rng.uniform(1, 2), rng.uniform(0.2, 0.4), rng.uniform(0.1, 0.5)
    above, below = (f(x + side * (h + ε / 2 * x)) + side * ε / 2 * f(x) for side in (1, -1))
    yield case(equals="R", **dict(f=f, x=x, h=h, ε=ε), R=(above - below) / (2 * h) - f.deriv()(x))


@formula("total-error")
def _(rng):
    names = a_series(rng, 3)
    f, x, _ = names.values()
    ε = rng.uniform(0.1, 0.5)

    def rounded(at):
        """Put each value off by ε |f|, in the direction that makes the error larger."""
        return f(at) + np.sign(at - x) * ε * f(x)

    yield case(**names, D=lambda h: central_difference(rounded, x, h), ε=ε)


@formula("best-step", no_code="where the error is smallest")
def _(rng):
    f, x, _ = a_series(rng, 4).values()
    ε = rng.uniform(0.1, 0.5)
    slope_of_the_sum = Polynomial([-ε * f(x), 0, 0, f.deriv(3)(x) / 3])  # times h²
    h = next(root.real for root in slope_of_the_sum.roots() if abs(root.imag) < 1e-9)
    yield case(f=f, x=x, ε=ε, h=h)


@formula("complex-series", no_code="Taylor's theorem")
def _(rng):
    yield case(**a_series(rng, 3), i=1j)


@formula("complex-step-error")
def _(rng):
    names = a_series(rng, 4)
    yield case(equals="D", **names, i=1j, D=complex_step(**names))


@formula("partial-derivatives")
def _(rng):
    x = np.array([3.0, 4.0])
    yield case(x=x, df_dx=numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, x))


@formula("second-difference-error", no_code="the solution has its own")
def _(rng):
    yield case(**a_series(rng, 5))


# 5 Gradients


def a_quadratic(rng, n):
    """Give a function of n variables, and its gradient."""
    A, b = rng.normal(size=(n, n)), rng.normal(size=n)
    return lambda x: x @ A @ x / 2 + b @ x, lambda x: (A + A.T) @ x / 2 + b


@formula("gradient")
def _(rng):
    (f, _), x = a_quadratic(rng, 2), rng.normal(size=2)  # two variables leave nothing for the dots
    yield case(grad_f=numerical_gradient(f, x), df_dx=slopes(f, x), n=2)


@formula("partial-difference")
def _(rng):
    for n in (1, 2, 4):
        x, h = rng.normal(size=n), 0.1

        def f(x):
            return np.sum(np.sin(x)) ** 2

        yield case(df_dx=numerical_gradient(f, x, h), f=f, x=x, h=h, e=np.eye(n), i=range(n))


@formula("directional-slope")
def _(rng):
    for angle_x, angle_u in rng.uniform(0, 2 * np.pi, (5, 2)):
        (f, grad_f), u = a_quadratic(rng, 2), np.array([np.cos(angle_u), np.sin(angle_u)])
        x = np.array([np.cos(angle_x), np.sin(angle_x)])
        angle = np.arctan2(*grad_f(x)[::-1])
        yield case(f=f, x=x, u=u, φ=angle - angle_u, grad_f=numerical_gradient(f, x))


@formula("gradient-of-a-matrix")
def _(rng):
    W, x, t = rng.normal(size=(2, 3)), rng.normal(size=2), 2
    yield case(dL_dW=SimpleNet(W).gradient(x, t)["W"], dL_dw=slopes(lambda W: SimpleNet(W).loss(x, t), W))


# 6 Gradient descent


def squares(x):
    return np.sum(x**2)


@formula("descent-by-hand")
def _(rng):
    yield case(equals="x", x=example("f", "x", "history")[-1][1])


@formula("gradient-descent")
def _(rng):
    for n in (1, 2, 4):
        (f, grad_f), x, η = a_quadratic(rng, n), rng.normal(size=n), rng.uniform()
        yield case(after=dict(x=gradient_descent(f, x, η, 1)[0]), x=x, η=η, grad_f=grad_f)


@formula("step-on-squares")
def _(rng):
    for n in (1, 2, 4):
        x, η = rng.normal(size=n), rng.uniform()
        yield case(equals="y", y=gradient_descent(squares, x, η, 1)[0], x=x, η=η)


@formula("stable-learning-rates")
def _(rng):
    for λ, η in rng.uniform(0.2, 3, (50, 2)):
        start, end = abs(gradient_descent(lambda x, λ=λ: λ / 2 * x @ x, [1.0], η, 3)[1][[0, -1], 0])
        yield case(holds=end < start, λ=λ, η=η)


@formula("slopes-are-equations")
def _(rng):
    def tilted_bowl(p):
        x, y = p
        return x**2 + x * y + y**2 - 6 * x - 9 * y

    x, y = gradient_descent(tilted_bowl, rng.normal(size=2), lr=0.3, step_num=200)[0]
    yield case(x=x, y=y)
    # Each equation also alone. A slope is linear in y, so two values tell where it is 0.
    for line in (1, 2):
        x = rng.normal()
        at_0, at_1 = (numerical_gradient(tilted_bowl, np.array([x, y]))[line - 1] for y in (0.0, 1.0))
        yield case(line=line, x=x, y=at_0 / (at_0 - at_1))


# 7 Stochastic gradient descent


def samples(rng, M):
    """Give a small network, M samples, and the loss and the gradient of each as their numbers call for."""
    net, x, t = SimpleNet(rng.normal(size=(2, 3))), rng.normal(size=(M, 2)), rng.integers(3, size=M)
    ell = [net.loss(*it) for it in zip(x, t, strict=True)]
    grad_ell = [net.gradient(*it)["W"] for it in zip(x, t, strict=True)]
    return net, x, t, counted(ell), counted(grad_ell)


@formula("gradient-of-all")
def _(rng):
    for M in (1, 5):
        net, x, t, ell, grad_ell = samples(rng, M)
        g = net.gradient(x, t)["W"]
        yield case(L=net.loss(x, t), ell=ell, M=M, g=g, grad_L=g, grad_ell=grad_ell)


@formula("mini-batch-step")
def _(rng):
    for N in (1, 3):
        net, x, t, _, grad_ell = samples(rng, 5)
        B, η = rng.integers(1, 6, size=N), rng.uniform()
        W, g_B = net.W.copy(), net.gradient(x[B - 1], t[B - 1])["W"]
        SGD(η).update(net.params, {"W": g_B})
        yield case(after=dict(W=net.W), g_B=g_B, N=N, B=B, grad_ell=grad_ell, W=W, η=η)


@formula("mini-batch-noise")
def _(rng):
    for M, N in ((2, 3), (4, 2)):
        net, x, t, _, _ = samples(rng, M)

        def gradient(rows, net=net, x=x, t=t):
            return net.gradient(x[rows], t[rows])["W"].ravel()

        alone = np.array([gradient([n]) for n in range(M)])
        yield case(
            g_B=np.array([gradient(list(B)) for B in product(range(M), repeat=N)]),  # all that can be drawn
            g=gradient(range(M)),
            grad_ell=counted(alone),
            v=alone.var(axis=0).sum(),
            M=M,
            N=N,
        )


@formula("two-layer-network")
def _(rng):
    for size in SIZES:
        net, x, _ = a_network(rng, **size)
        x, z, a = net.forward(x)
        W_1, b_1, W_2, b_2 = net.params.values()
        s = Affine(W_1, b_1).forward(x)
        names = dict(x=x, s=s, z=z, a=a, W_1=W_1, b_1=b_1, W_2=W_2, b_2=b_2)
        yield case(**names, y=net.predict(x), σ=sigmoid, softmax=softmax)


@formula("two-layer-gradient")
def _(rng):
    for size in SIZES:
        net, x, t = a_network(rng, **size)
        W_1, b_1, W_2, b_2 = net.params.values()
        layers = [Affine(W_1, b_1), Sigmoid(), Affine(W_2, b_2)]
        a = x
        for layer in layers:
            a = layer.forward(a)
        last = SoftmaxWithLoss()
        last.forward(a, t)
        dL_da = last.backward()
        grads = {f"dL_d{name[0]}_{name[1]}": grad for name, grad in net.gradient(x, t).items()}
        yield case(
            **grads,
            **dict(x=x, y=net.predict(x), t=t, z=net.forward(x)[1], W_2=W_2),
            dL_da=dL_da,
            dL_ds=layers[1].backward(layers[2].backward(dL_da)),
            N=size["N"],
            n=range(size["N"]),
        )


@formula("slope-of-log-sum")
def _(rng):
    for C in (1, 2, 7):
        a = rng.normal(size=C)
        yield case(a=a, y=softmax(a), j=range(C), k=range(C))


# 8 Backpropagation


@formula("chain-rule")
def _(rng):
    for x, dL_do in rng.normal(size=(5, 2)):
        layer = Sigmoid()
        layer.forward(x)
        yield case(dL_dx=layer.backward(dL_do), dL_do=dL_do, do_dx=sigmoid_grad(x))


@formula("chain-rule-of-sums")
def _(rng):
    for H in (1, 4):
        W, dL_do = rng.normal(size=(2, 1, H))
        layer = Affine(W, np.zeros(H))
        layer.forward([[rng.normal()]])
        yield case(dL_dx=layer.backward(dL_do)[0, 0], dL_do=dL_do[0], do_dx=W[0], j=range(H))


@formula("relu-slope")
def _(rng):
    for x in (*rng.normal(size=5), -0.5, 0.5):
        layer = Relu()
        layer.forward(x)
        yield case(do_dx=layer.backward(1.0), x=x)


@formula("sigmoid-slope")
def _(rng):
    for x in rng.normal(size=5):
        layer = Sigmoid()
        o = layer.forward(x)
        yield case(do_dx=layer.backward(1.0), x=x, o=o)


def an_affine_layer(rng, N, D, H, C):
    x, W, b, dL_do = (
        rng.normal(size=(N, D)),
        rng.normal(size=(D, H)),
        rng.normal(size=H),
        rng.normal(size=(N, H)),
    )
    layer = Affine(W, b)
    o = layer.forward(x)
    dL_dx = layer.backward(dL_do)
    dL_dW, dL_db = layer.grads.values()
    names = dict(x=x, W=W, w=W, b=b, o=o, dL_do=dL_do, dL_dx=dL_dx, dL_dW=dL_dW, dL_dw=dL_dW, dL_db=dL_db)
    return dict(**names, i=range(D), j=range(H), n=range(N))


@formula("affine", "affine-slopes", "affine-gradients")
def _(rng):
    for size in SIZES:
        yield case(**an_affine_layer(rng, **size))


@formula("softmax-and-loss-slopes")
def _(rng):
    for C in (2, 5):
        a, t = rng.normal(size=C), a_distribution(rng, C)
        yield case(
            dL_dy=slopes(lambda y, t=t: cross_entropy_error(y, t, delta=0), softmax(a)),
            dy_da=slopes(softmax, a),
            **dict(y=softmax(a), t=t, j=range(C), k=range(C)),
        )


@formula("softmax-with-loss-gradient")
def _(rng):
    for C in (2, 5):
        layer, a, t = SoftmaxWithLoss(), rng.normal(size=C), a_distribution(rng, C)
        layer.forward(a, t)
        yield case(dL_da=layer.backward(), y=softmax(a), t=t, j=range(C), k=range(C))


@formula("tanh-slope")
def _(rng):
    for x in rng.normal(size=5):
        layer = Tanh()
        o = layer.forward(x)
        yield case(do_dx=layer.backward(1.0), o=o, x=x, σ=sigmoid)


# 9 Optimizers


def steps(optimizer, rng, *states, count=4):
    """Update a matrix some times; give it and what the optimizer remembers, before and after each step."""
    params = {"W": rng.normal(size=(3, 2))}
    memory = [getattr(optimizer, state) for state in states]
    for _ in range(count):
        before = [params["W"].copy(), *(it.get("W", np.zeros((3, 2))) for it in memory)]
        g = rng.normal(size=(3, 2))
        optimizer.update(params, {"W": g})
        yield g, before, [params["W"].copy(), *(it["W"] for it in memory)]


def curvatures(rng):
    """Give the smallest and the largest curvature, and the condition number."""
    smallest, largest = np.sort(rng.uniform(0.1, 3, 2))
    return dict(λ_min=smallest, λ_max=largest, κ=np.linalg.cond(np.diag([smallest, largest])))


@formula("sgd")
def _(rng):
    η = rng.uniform()
    for g, (W,), (W_after,) in steps(SGD(η), rng):
        yield case(after=dict(W=W_after), W=W, η=η, g=g)


@formula("best-rate")
def _(rng):
    for _ in range(3):
        names = curvatures(rng)
        λ = np.array([names["λ_min"], names["λ_max"]])
        # Equally large with opposite signs: 1 - η λ_min = q and 1 - η λ_max = -q.
        η, _ = np.linalg.solve([[λ[0], 1], [λ[1], -1]], [1, 1])
        params = {"x": np.ones(2)}
        SGD(η).update(params, {"x": λ * params["x"]})
        yield case(**names, η=η, factor=params["x"])


@formula("momentum")
def _(rng):
    η, μ = rng.uniform(size=2)
    for g, (W, v), (W_after, v_after) in steps(Momentum(η, μ), rng, "velocity"):
        yield case(after=dict(v=v_after, W=W_after), v=v, W=W, g=g, η=η, μ=μ)


@formula("momentum-recurrence")
def _(rng):
    η, μ, λ = rng.uniform(size=3)
    optimizer, params, x = Momentum(η, μ), {"x": np.array(1.0)}, []
    for _ in range(6):
        x.append(float(params["x"]))
        optimizer.update(params, {"x": λ * params["x"]})
    yield case(x=x, η=η, μ=μ, λ=λ, n=range(1, 5))


@formula("momentum-oscillates")
def _(rng):
    for η, μ, λ in rng.uniform(0, (2, 1, 2), (50, 3)):
        # A step is linear in x and v: look what it makes of (1, 0) and (0, 1), and for the roots of that.
        columns = []
        for x, v in np.eye(2):
            optimizer, params = Momentum(η, μ), {"x": np.array(x)}
            optimizer.velocity["x"] = v
            optimizer.update(params, {"x": λ * params["x"]})
            columns.append([float(params["x"]), float(optimizer.velocity["x"])])
        roots = np.linalg.eigvals(np.array(columns).T)
        yield case(holds=bool(np.iscomplex(roots).all()), η=η, μ=μ, λ=λ)


@formula("best-momentum", no_code="the best constants, chosen by whoever calls")
def _(rng):
    for _ in range(3):
        names = curvatures(rng)
        # At the two ends: √η √λ_min = 1 - √μ and √η √λ_max = 1 + √μ.
        ends = [[np.sqrt(names["λ_min"]), 1], [np.sqrt(names["λ_max"]), -1]]
        η, μ = np.linalg.solve(ends, [1, 1]) ** 2
        yield case(**names, η=η, μ=μ)


def nesterov(rng):
    """Give steps of the class, with the places u: it keeps those ahead."""
    η, μ = rng.uniform(size=2)
    for g, (W, v), (W_after, v_after) in steps(Nesterov(η, μ), rng, "velocity"):
        u, u_after = W + η * μ * v, W_after + η * μ * v_after
        yield dict(η=η, μ=μ, g=g, W=W, v=v, u=u), dict(W=W_after, v=v_after, u=u_after)


@formula("nesterov-ahead")
def _(rng):
    for names, after in nesterov(rng):
        # The gradient is known at one place. Bend the function so that a look elsewhere shows.
        def grad_f(place, names=names):
            return names["g"] + 3 * (place - names["W"])

        yield case(after=after, **names, grad_f=grad_f)


@formula("nesterov")
def _(rng):
    for names, after in nesterov(rng):
        yield case(after=after, **names)


@formula("adagrad")
def _(rng):
    η, ε = rng.uniform(size=2)
    for g, (W, s), (W_after, s_after) in steps(AdaGrad(η, ε), rng, "squares"):
        yield case(after=dict(s=s_after, W=W_after), s=s, W=W, g=g, η=η, ε=ε)


@formula("rmsprop")
def _(rng):
    η, ρ, ε = rng.uniform(size=3)
    for g, (W, s), (W_after, s_after) in steps(RMSProp(η, ρ, ε), rng, "squares"):
        yield case(after=dict(s=s_after, W=W_after), s=s, W=W, g=g, η=η, ρ=ρ, ε=ε)


@formula("adam")
def _(rng):
    η, β_1, β_2, ε = rng.uniform(size=4)
    for n, (g, before, after) in enumerate(steps(Adam(η, β_1, β_2, ε), rng, "m", "v"), start=1):
        names = dict(zip("Wmv", before, strict=True))
        after = dict(zip("Wmv", after, strict=True))
        yield case(after=after, **names, m_hat=..., v_hat=..., g=g, η=η, β_1=β_1, β_2=β_2, ε=ε, n=n)


@formula("adam-average")
def _(rng):
    β_1, g = rng.uniform(), {}
    for n, (g_n, _, (_, m)) in enumerate(steps(Adam(beta1=β_1), rng, "m"), start=1):
        g[n] = g_n
        yield case(m=m, β_1=β_1, g=dict(g), n=n)


@formula("nesterov-change-of-place")
def _(rng):
    for names, after in nesterov(rng):
        yield case(**names, **{f"{name}_prime": value for name, value in after.items()})


# 10 Initial weights. An expected value is the mean over all the signs that weights of one size can have.
# Drawn like that they are independent, with mean 0; and the mean over all drawings is exact.


def expected(values):
    return np.mean(values, axis=-1)


def all_signs(D, size):
    """Give all drawings of D weights, one in each column."""
    return size * np.array(list(product((-1, 1), repeat=D))).T


@formula("mean-square-of-a-sum", "mean-square-by-variance", no_code="a property of random numbers")
def _(rng):
    for D in (1, 4):
        z, size = rng.normal(size=D), rng.uniform(0.5, 2)
        w = all_signs(D, size)[:, np.newaxis]
        yield case(
            **dict(z=z, w=w, s=np.einsum("i,ijk->jk", z, w), D=D, i=range(D), k=range(D), j=range(1)),
            **dict(E=expected, Var=np.var),
        )


@formula("relu-halves", no_code="a property of random numbers")
def _(rng):
    for D in (1, 4):
        yield case(E=expected, s=rng.normal(size=D) @ all_signs(D, 2))


@formula("relu-growth", no_code="a property of random numbers")
def _(rng):
    for D in (1, 4):
        z, w = rng.normal(size=D), all_signs(D, rng.uniform(0.5, 2))
        next_z = Relu().forward(z @ w)[np.newaxis]
        yield case(E=expected, Var=np.var, z=[None, z, next_z], w=w, D=D, l=2)


@formula("slopes-through-weights")
def _(rng):
    for size in SIZES:
        names = an_affine_layer(rng, **size)
        yield case(w=names["W"], dL_dz=names["dL_dx"][0], dL_ds=names["dL_do"][0], i=names["i"], j=names["j"])


@formula("xavier")
def _(rng):
    for D, H in ((2, 3), (4, 1)):
        seed = int(rng.integers(2**32))
        same = normal((D, H), 1, seed)  # the same drawing, with a variance of 1
        yield case(Var=lambda w, same=same: np.mean((w / same) ** 2), w=xavier((D, H), seed), D=D, H=H)


# 11 Batch normalization: one column of a batch


def a_batch_norm(rng, N, H):
    γ, β, ε = rng.normal(size=H), rng.normal(size=H), rng.uniform()
    x, dL_dy = rng.normal(size=(2, N, H))
    layer = BatchNorm(γ, β, momentum=0, eps=ε)
    y = layer.forward(x)
    j = rng.integers(H)
    # With momentum 0 the moving average is the mean of this batch.
    μ, σ_ε = layer.moving_mean[j], layer.std[j]
    return dict(
        **dict(x=x[:, j], x_hat=layer.x_hat[:, j], y=y[:, j], γ=γ[j], β=β[j], μ=μ, ε=ε, N=N, n=range(N)),
        **dict(σ=np.sqrt(σ_ε**2 - ε), σ_ε=σ_ε, d=x[:, j] - μ, g=γ[j] * dL_dy[:, j]),
        dL_dx=layer.backward(dL_dy)[:, j],
    )


def columns(rng):
    for N, H in ((2, 3), (5, 1)):
        yield case(**a_batch_norm(rng, N, H))


formula("batch-norm", "batch-norm-gradient")(columns)
formula("batch-norm-std-share", no_code="a step of the derivation")(columns)


@formula("batch-norm-std-slope", no_code="a step of the derivation")
def _(rng):
    for N, H in ((2, 3), (5, 1)):
        names = a_batch_norm(rng, N, H)
        g, d, σ_ε = names["g"], names["d"], names["σ_ε"]
        slope = five_point_difference(lambda σ_ε, g=g, d=d: g @ d / σ_ε, σ_ε)
        yield case(**names, dL_dσ_ε=slope)


@formula("scale-invariance")
def _(rng):
    net = MultiLayerNet(4, [3], 5, batch_norm=True, rng=rng)
    x, t = 1e6 * rng.normal(size=(6, 4)), rng.integers(5, size=6)  # so large that eps does not count

    def loss(W):
        net.params["W1"] = W
        return net.loss(x, t, training=True)

    for c in rng.uniform(0.5, 2, 3):
        yield case(L=loss, W=rng.normal(size=(4, 3)), c=c)


@formula("moving-averages")
def _(rng):
    ρ, averages = rng.uniform(), [rng.normal(size=3), rng.uniform(size=3)]
    for N in (2, 5):
        x = rng.normal(size=(N, 3))
        μ_tilde, variance = (it.copy() for it in averages)
        BatchNorm(np.ones(3), np.zeros(3), *averages, momentum=ρ).forward(x)
        yield case(
            after=dict(μ_tilde=averages[0].copy(), σ_tilde=np.sqrt(averages[1])),
            **dict(μ_tilde=μ_tilde, σ_tilde=np.sqrt(variance), μ=x.mean(axis=0), σ=x.std(axis=0), N=N, ρ=ρ),
        )


# 12 Generalization


def two_nets(rng, λ):
    """Give a network with weight decay, and the same one without."""
    seed = int(rng.integers(2**32))
    return [MultiLayerNet(4, [], 3, weight_init=1.0, weight_decay=it, rng=seed) for it in (λ, 0)]


@formula("loss-with-decay")
def _(rng):
    λ, x, t = rng.uniform(), rng.normal(size=(5, 4)), rng.integers(3, size=5)
    net, free = two_nets(rng, λ)
    yield case(equals="P", P=net.loss(x, t), L=free.loss(x, t), W=net.params["W1"], λ=λ)


@formula("weight-decay")
def _(rng):
    λ, η, x, t = *rng.uniform(size=2), rng.normal(size=(5, 4)), rng.integers(3, size=5)
    net, free = two_nets(rng, λ)
    W, g = free.params["W1"], free.gradient(x, t)["W1"]
    SGD(η).update(net.params, net.gradient(x, t))
    yield case(after=dict(W=net.params["W1"]), W=W, g=g, λ=λ, η=η)


@formula("shrunk-weight")
def _(rng):
    λ, λ_i, w_star = rng.uniform(0.2, 1), rng.uniform(size=3), rng.normal(size=3)

    def charged(w):
        return λ_i @ (w - w_star) ** 2 / 2 + λ / 2 * w @ w

    w = gradient_descent(charged, np.zeros(3), lr=1 / (λ_i.max() + λ), step_num=500)[0]
    for i in range(3):
        yield case(w=w, w_star=w_star, λ_i=λ_i[i], λ=λ, i=i)


@formula("dropout")
def _(rng):
    for r in (0.0, 0.3, 0.8):
        z, seed = rng.normal(size=200), int(rng.integers(2**32))
        chance = np.random.default_rng(seed).random(z.shape, np.float32)
        yield case(after=dict(z_j=Dropout(r, seed).forward(z)), z_j=z, r=r, chance=chance)


@formula("dropout-mean", no_code="an expected value")
def _(rng):
    yield case(z_j=rng.normal(), r=rng.uniform())


# 16 When it does not learn


@formula("loss-of-frequencies")
def _(rng):
    for C in (2, 5):
        p = a_distribution(rng, C)
        yield case(L=cross_entropy_error(p, p, delta=0), p=p, k=range(C))


@formula("step-keeps-its-promise")
def _(rng):
    x, t, w = rng.normal(size=(5, 4)), rng.integers(3, size=5), rng.normal(size=12)

    def net(w):
        return SimpleNet(w.reshape(4, 3))

    g = net(w).gradient(x, t)["W"].ravel()
    yield case(L=lambda w: net(w).loss(x, t), w=w, g=g)


# How fast, and why


@formula("loss-change-of-one-unit")
def _(rng):
    for C in (2, 5):
        y, w, t, d = a_distribution(rng, C), rng.normal(size=C), rng.integers(C), rng.normal()
        change = loss_by_unit(np.array([d]), w, y[:, np.newaxis], w[[t]])[0]
        yield case(equals="c", c=change, y=y, w=w, t=t, d=d, k=range(C))


# 13 Automatic differentiation


@formula("sum-over-users")
def _(rng):
    for count in (1, 4):
        x, *others = (Tensor(it) for it in rng.normal(size=count + 1))
        outputs = [x * other for other in others]
        sum(it.tanh() for it in outputs).backward()
        dL_do = np.array([it.grad for it in outputs])
        do_dx = np.array([it.data for it in others])
        yield case(dL_dx=x.grad, dL_do=dL_do, do_dx=do_dx, j=range(count))


@formula("broadcast-slopes")
def _(rng):
    for N, H in ((1, 1), (4, 3)):
        b = Tensor(rng.normal(size=H))
        o = rng.normal(size=(N, H)) + b
        (o * o.tanh()).sum().backward()
        yield case(dL_db=b.grad, dL_do=o.grad, n=range(N), j=range(H))


@formula("quotient-slopes")
def _(rng):
    for numbers in rng.normal(size=(5, 2)):
        x, y = (Tensor(number) for number in numbers)
        o = x / y
        o.sum().backward()
        yield case(do_dx=x.grad, do_dy=y.grad, x=x.data, y=y.data, o=o.data)


# No number but 0 has the square 0.
@formula(
    "dual-product",
    no_code="the class is the page's own",
    by_hand=r"(x + x' \varepsilon)(y + y' \varepsilon) = xy + (x' y + x y') \, \varepsilon .",
)
def _(rng):
    (Dual,) = example("Dual")
    for x, dx, y, dy in rng.normal(size=(5, 4)):
        product = Dual(x, dx) * Dual(y, dy)
        yield [product.value, product.slope], [x * y, dx * y + x * dy]


# 14 Convolution


def a_convolution(rng, F, C, K):
    """Filters of K by K + 1 on one image, and what went forward and back."""
    x, W, b = rng.normal(size=(1, C, 5, 7)), rng.normal(size=(F, C, K, K + 1)), rng.normal(size=F)
    layer = Convolution(W, b)
    o = layer.forward(x)
    dL_do = rng.normal(size=o.shape)
    return layer, x, o, dL_do, layer.backward(dL_do)


@formula("convolution")
def _(rng):
    for K in (1, 2, 4):
        layer, x, o, *_ = a_convolution(rng, 1, 1, K)
        w, b = layer.params["W"][0, 0], layer.params["b"][0]
        _, _, H, W = o.shape
        yield case(o=o[0, 0], w=w, x=x[0, 0], b=b, i=range(K), j=range(K + 1), u=range(H), v=range(W))


@formula("convolution-of-channels")
def _(rng):
    for F, C, K in ((1, 1, 2), (3, 2, 3)):
        layer, x, o, *_ = a_convolution(rng, F, C, K)
        places = {"f": range(F), "c": range(C), "i": range(K), "j": range(K + 1)}
        places |= {"u": range(o.shape[2]), "v": range(o.shape[3])}
        yield case(o=o[0], w=layer.params["W"], x=x[0], b=layer.params["b"], **places)


def columns(x, K):
    """The windows of one image as the columns of a matrix, one after the other."""
    _, _, H, W = x.shape
    places = product(range(H - K + 1), range(W - K))
    return np.array([x[0, :, u : u + K, v : v + K + 1].ravel() for u, v in places]).T


@formula("convolution-as-product")
def _(rng):
    for F, C, K in ((1, 1, 2), (3, 2, 3)):
        layer, x, o, *_ = a_convolution(rng, F, C, K)
        W, b = layer.params["W"].reshape(F, -1), layer.params["b"][:, np.newaxis]
        yield case(o=o.reshape(F, -1), W=W, X=columns(x, K), b=b)


@formula("convolution-slopes")
def _(rng):
    for K in (1, 2, 4):
        layer, x, o, dL_do, dL_dx = a_convolution(rng, 1, 1, K)
        weights = defaultdict(float, np.ndenumerate(layer.params["W"][0, 0]))
        yield case(
            dL_dw=layer.grads["W"][0, 0],
            dL_db=layer.grads["b"][0],
            dL_dx=dL_dx[0, 0],
            dL_do=dL_do[0, 0],
            x=x[0, 0],
            w=weights,
            i=range(K),
            j=range(K + 1),
            u=range(o.shape[2]),
            v=range(o.shape[3]),
            p=range(x.shape[2]),
            q=range(x.shape[3]),
        )


@formula("convolution-gradients")
def _(rng):
    for F, C, K in ((1, 1, 2), (3, 2, 3)):
        layer, x, _, dL_do, dL_dx = a_convolution(rng, F, C, K)
        W, X = layer.params["W"].reshape(F, -1), columns(x, K)
        # What the windows get, `backward` adds up at once: compare the sums.
        dL_dX = W.T @ dL_do.reshape(F, -1)
        pixels = columns(np.arange(x.size).reshape(x.shape), K)
        total = np.bincount(pixels.ravel(), dL_dX.ravel(), x.size).reshape(x.shape)
        yield case(
            holds=bool(np.allclose(total, dL_dx)),
            dL_dW=layer.grads["W"].reshape(F, -1),
            dL_do=dL_do.reshape(F, -1),
            dL_dX=dL_dX,
            W=W,
            X=X,
        )


# 15 Many machines


@formula("batch-from-parts")
def _(rng):
    for N, K in ((7, 1), (7, 3), (9, 4)):
        net, x, t = a_network(rng, N, 4, 3, 5)
        parts = [part(N, k, K) for k in range(K)]
        whole, *g = (net.gradient(x[rows], t[rows])["W1"] for rows in (slice(N), *parts))
        yield case(g_B=whole, g=counted(g), n=counted([len(x[rows]) for rows in parts]), N=N, K=K)


@formula("step-time", no_code="a model, which only the benchmark fits")
def _(rng):
    for N, K in ((100, 1), (1000, 2), (10, 1000)):
        T_0, T_1, tau, S, R = rng.uniform(0.5, 2, 5)
        yield case(
            T=step(N, K, T_0, T_1, S, tau, R), T_0=T_0, T_1=T_1, N=N, K=K, tau=tau, S=S, R=R, log_2=np.log2
        )
