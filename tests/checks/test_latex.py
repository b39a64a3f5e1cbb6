"""The reader of formulas: what binds how tightly, what a sum takes, and what is said of what is not true."""

# ruff: noqa: C408 (as in tests/formulas.py)

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from scripts.checks.latex import FormulaError, Untrue, parse

x, W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[1.0, -1.0, 0.5], [2.0, 0.25, -3.0]])
u, v = np.array([1.0, 2.0, 4.0]), np.array([3.0, -1.0, 5.0])
CUBE = Polynomial([1.0, 2.0, 3.0, 4.0])


def check(tex, **names):
    options = {name: names.pop(name) for name in ("after", "equals", "holds", "line") if name in names}
    parse(tex).check(names, **options)


@pytest.mark.parametrize(
    ("tex", "names"),
    [
        # What binds how tightly
        (r"2 + 3 \cdot 4 = 14", {}),
        (r"-2^2 + 1 = -3", {}),
        (r"2 \cdot 3^2 - 4 = 14", {}),
        (r"7 - 2 - 1 = 4", {}),
        (r"a b^2 - c = 3 \cdot 16 - 5", dict(a=3, b=4, c=5)),
        (r"\frac{a}{b} c = 3.75", dict(a=3, b=4, c=5)),
        (r"\tfrac12 + \frac1C + \dfrac{a + 1}{4} = 2", dict(C=2, a=3)),
        (r"(1 - a)\,\left(1 + a\right) = 1 - a^2", dict(a=3)),
        (r"2 \Bigl[ \bigl(a + 1\bigr) + 1 \Bigr] = 10", dict(a=3)),
        (r"e^{-a} e^a = 1", dict(a=3)),
        (r"\sqrt{a + 1} + \sqrt[3]{8} = 4", dict(a=3)),
        (r"|a - 5| + \left|\tfrac{a}{-3}\right| = 3", dict(a=3)),
        (r"a = \pm b", dict(a=np.array([2, -2]), b=2)),
        # Names and entries
        (r"W_1 + b_2 = 7", dict(W_1=3, b=[0, 0, 4])),
        (
            r"\lambda_{\min} + W_{\text{before}} + \hat x + \tilde{\mu} = 10",
            dict(λ_min=1, W_before=2, x_hat=3, μ_tilde=4),
        ),
        (r"w_{12} = 0.5 - 3.5", dict(w=W)),
        (r"g_{n+1} - g_{n-1} = 3", dict(g=u, n=1)),
        (r"y_{n t_n} = 4", dict(y=x, t=[0, 1, 0], n=1)),
        (r"W' = u' - w_i^*", dict(W_prime=1, u_prime=3, w_star=[0, 2], i=1)),
        (r"\frac{\partial L}{\partial W_2} + \frac{dL}{do} = 3", dict(dL_dW_2=1, dL_do=2)),
        (r"\frac{\partial y_k}{\partial a_j} = 0.25", dict(dy_da=W, k=1, j=1)),
        (r"\nabla f + \nabla \ell_n = 3", dict(grad_f=1, grad_ell={1: 2}, n=1)),
        # Sums take the rest of their term, and no more
        (r"\sum_k u_k v_k + 1 = 22", dict(u=u, v=v, k=range(3))),
        (r"2 \sum_{k} 3 u_k = 42", dict(u=u, k=range(3))),
        (r"\sum_i \sum_j u_i v_j = 49", dict(u=u, v=v, i=range(3), j=range(3))),
        (r"\sum_{i=1}^{D} w_i^2 = 5", dict(w={1: 1, 2: 2}, D=2)),
        (r"\sum_{n \in B} u_n = 9", dict(u=u, B=[0, 2, 2])),
        (r"\sum_{k \ne j} u_k = 5", dict(u=u, j=1, k=range(3))),
        (r"\sum W^2 = \sum_i \sum_j w_{ij}^2", dict(W=W, w=W, i=range(2), j=range(3))),
        # An index that is free stands for all its values
        (r"s_{nj} = \sum_i x_{ni} w_{ij}", dict(s=x @ W, x=x, w=W, n=range(3), i=range(2), j=range(3))),
        # Products
        (r"s = x W", dict(s=x @ W, x=x, W=W)),
        (r"s = W^\top x^\top", dict(s=(x @ W).T, x=x, W=W)),
        (r"u \odot v \odot x = a", dict(u=u, v=v, x=u, a=u * v * u)),
        (r"u \cdot v = 21", dict(u=u, v=v)),
        (r"u v = a", dict(u=u, v=v, a=u * v)),
        (r"\overline{u v} = 7", dict(u=u, v=v)),
        (r"\lVert u \rVert^2 = 21", dict(u=u)),
        # Functions
        (r"f(2) f(a)^2 = f (a) + 315", dict(f=lambda x: x**2, a=3)),
        (r"\log a b = 2", dict(a=np.e, b=2)),
        (r"\log \sum_k u_k = \log 7", dict(u=u, k=range(3))),
        (r"\operatorname{Im} f(x) \, b = 6", dict(f=lambda x: 1j * x, x=3, b=2)),
        (r"\max(0, s) = a", dict(s=v, a=[3, 0, 5])),
        (
            r"L(W) = E(y(x;\, W), t)",
            dict(L=lambda W: W + 3, W=1, E=lambda y, t: y - t, y=lambda x, W: x * W, x=5, t=1),
        ),
        (r"f + f'(1) + f''(x) + f^{(3)} = 1 + 20 + 6 + 24", dict(f=CUBE, x=0.0)),
        (
            r"f(x + h) = f + h f' + \tfrac{h^2}{2} f'' + \tfrac{h^3}{6} f''' + \dots",
            dict(f=CUBE, x=2.0, h=0.5),
        ),
        (r"\lim_{h \to 0} \frac{f(x+h) - f(x)}{h} = f'(x)", dict(f=CUBE, x=2.0)),
        (r"\frac{\partial}{\partial a_k} \sum_j a_j^2 = 2 a_k", dict(a=u, j=range(3), k=range(3))),
        # Vectors, matrices and cases
        (r"(1, 2) - 2 (1, 0) = (-1, 2)", {}),
        (r"(a, \; \ldots, \; b) = (1, 2)", dict(a=1, b=2)),
        (r"W = \begin{pmatrix} 1 & a \\[1ex] 3 & 4 \end{pmatrix}", dict(W=[[1, 2], [3, 4]], a=2)),
        (
            r"y = \begin{cases} 1 & \text{if } x > 0 , \\ a & \text{otherwise.} \end{cases}",
            dict(y=5, x=-1, a=5),
        ),
        (
            r"y = \begin{cases} 0 & \text{with probability } r \\ 2 & \text{with probability } q \end{cases}",
            dict(y=[0, 2], r=0.4, q=0.6, chance=np.array([0.3, 0.5])),
        ),
        # Lines
        (r"a = 1, \qquad b = 2", dict(a=1, b=2)),
        (r"a = 1 \qquad \text{or} \qquad b = 2", dict(a=1, b=2)),
        (r"\begin{aligned} a &= 1 + 1 \\ &= b , \\ c &= 3 . \end{aligned}", dict(a=2, b=2, c=3)),
        (r"\begin{aligned} &a + 1 \\ &\qquad = 3 \end{aligned}", dict(a=2)),
        (r"\begin{aligned} z &= a + 1, & \quad y &= 2 z \end{aligned}", dict(a=1, z=..., y=4)),
        (
            r"\begin{aligned} v &\leftarrow v + g, \\ W &\leftarrow W - v \end{aligned}",
            dict(v=1, g=2, W=5, after=dict(v=3, W=2)),
        ),
        (r"\tilde{\sigma}^2 \leftarrow 4 \tilde{\sigma}^2", dict(σ_tilde=1, after=dict(σ_tilde=2))),
        (r"\text{at } (0, 1){:} \quad & b > 1", dict(at=lambda x, y: x == y, b=1)),
        (r"0 < a \le b", dict(a=1, b=1)),
        (r"0 < a < b", dict(a=1, b=1, holds=False)),
        (r"\sum_k u_k", dict(u=u, k=range(3), equals="7")),
    ],
)
def test_what_is_true(tex, names):
    check(tex, **names)


@pytest.mark.parametrize(
    ("tex", "names", "said"),
    [
        ("a = 2 b", dict(a=3, b=1), "a = 2 b: 3 against 2"),
        ("a = b = c", dict(a=3, b=3, c=4), "a = b = c: 3 against 4"),
        ("a_k = 2", dict(a=[2, 2, 3], k=range(3)), "a_k = 2: 3 against 2, k = 2"),
        ("a = b", dict(a=u, b=u[:2]), "against"),
        ("a = b", dict(a=1.0, b=1 + 1e-8), "1.00000001"),
        (r"\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}", dict(a=1, b=3), "b = 2: 3 against 2"),
        ("a = b", dict(a=1, b=1, holds=False), "a = b holds, and should not"),
        ("a", dict(a=1, equals="2"), "a, which is 2: 1 against 2"),
        (r"a \leftarrow a + 1", dict(a=1, after=dict(a=3)), "3 against 2"),
        (
            r"\text{at } (0, 1){:} \quad & b > 1",
            dict(at=lambda x, y: x < y, b=1),
            "is False, and should be True",
        ),
    ],
)
def test_what_is_not_true(tex, names, said):
    with pytest.raises(Untrue) as raised:
        check(tex, **names)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("tex", "names", "said"),
    [
        (r"a = \frac{1}{", {}, r"cannot read a = \frac{1}{ from its end on"),
        (r"a = \int b", dict(a=1, b=1), "nothing is known of int"),
        ("a = b ! c", {}, "cannot read a = b ! c from ! c on"),
        (r"\begin{cases} 1", {}, "cannot read"),
        ("= 1", {}, "cannot read = 1 from = 1 on"),
        ("a = q", dict(a=1), "nothing is known of q"),
        ("a_3 = 1", dict(a=[1]), "a has no entry (3,)"),
        ("z + 1 = 1", dict(z=...), "z is used before it is defined"),
        (r"\sum_i x_i = 1", dict(x=u), "i runs over None: bind it to a range"),
        (r"\sum_{i < 1}^{2} x_i = 1", dict(x=u), "and not from = to"),
        ("x W = 1", dict(x=u, W=W), "cannot compute x W = 1"),
        (r"\frac{a}{0} = 1", dict(a=1), "division by zero"),
        ("a + 1", dict(a=1), "a + 1 says nothing that could be true"),
        (r"a, \qquad b = 2", dict(a=1, b=2), "a says nothing that could be true"),
        ("a_k = 1", dict(a=[], k=range(0)), "k has no values, so a_k = 1 says nothing"),
        (
            r"y = \begin{cases} 1 & \text{if } x > 0, \\ 0 & \text{if } x < 2 \end{cases}",
            dict(y=1, x=1),
            "exactly one",
        ),
        (
            r"y = \begin{cases} 1 & \text{if } x > 0, \\ 0 & \text{if } x < 0 \end{cases}",
            dict(y=1, x=0),
            "exactly one",
        ),
        (
            r"y = \begin{cases} 1 & \text{with probability } r \end{cases}",
            dict(y=1, r=0.5, chance=0),
            "add up to 0.5",
        ),
    ],
)
def test_what_cannot_be_read_or_computed(tex, names, said):
    with pytest.raises((FormulaError, Untrue)) as raised:
        check(tex, **names)
    assert said in str(raised.value)
