"""What is said of formulas that are not true, or cannot be read or computed.

tests/test_formulas.py proves the rest with all formulas of the book: they are true, and with any fault in
them they are not. The grammar has nothing that none of them uses.
"""

# ruff: noqa: C408 (as in tests/formulas.py)

import numpy as np
import pytest

from scripts.checks.latex import FormulaError, Untrue, parse

u, W = np.array([1.0, 2.0, 4.0]), np.array([[1.0, -1.0, 0.5], [2.0, 0.25, -3.0]])


def check(tex, **names):
    options = {name: names.pop(name) for name in ("after", "equals", "holds", "line") if name in names}
    parse(tex).check(names, **options)


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
        # What cannot be read
        (r"a = \frac{1}{", {}, r"cannot read a = \frac{1}{, starting at its end"),
        (r"a = \int b", dict(a=1, b=1), "nothing is known about int"),
        ("a = b ! c", {}, "cannot read a = b ! c, starting at ! c"),
        (r"\begin{cases} 1", {}, "cannot read"),
        ("= 1", {}, "cannot read = 1, starting at = 1"),
        ("a = q", dict(a=1), "nothing is known about q"),
        ("a_3 = 1", dict(a=[1]), "a has no entry (3,)"),
        ("z + 1 = 1", dict(z=...), "z is used before it is defined"),
        (r"\sum_i x_i = 1", dict(x=u), "i runs over None: bind it to a range"),
        (r"\sum_{i < 1}^{2} x_i = 1", dict(x=u), "and not from = to"),
        ("x W = 1", dict(x=u, W=W), "cannot compute x W = 1"),
        (r"\frac{a}{0} = 1", dict(a=1), "division by zero"),
        ("a + 1", dict(a=1), "a + 1 makes no claim"),
        (r"a, \qquad b = 2", dict(a=1, b=2), "a makes no claim"),
        ("a_k = 1", dict(a=[], k=range(0)), "k has no values, so a_k = 1 makes no claim"),
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
def test_what_is_said_of_a_formula(tex, names, said):
    with pytest.raises((FormulaError, Untrue)) as raised:
        check(tex, **names)
    assert said in str(raised.value)
