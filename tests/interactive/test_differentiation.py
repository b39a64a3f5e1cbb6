"""docs/interactive/maths/differentiation.js gives dlbook's differences."""

import numpy as np
import pytest

from dlbook.differentiation import central_difference, complex_step, five_point_difference, forward_difference
from tests.interactive.javascript import javascript

FORMULAS = {"forward": forward_difference, "central": central_difference, "fivePoint": five_point_difference}
FUNCTIONS = {
    "exp": np.exp,
    "sin": np.sin,
    "cube": lambda x: x * x * x,
    "parabola": lambda x: x.dtype.type(0.01) * (x * x) + x.dtype.type(0.1) * x,
}
PLACES = [-2.0, -0.3, 0.7, 1.0, 1.9]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("precision", "dtype"), [("double", np.float64), ("single", np.float32)])
def test_estimates_are_those_of_dlbook(name, formula, precision, dtype):
    cases = [(x, 10.0**k) for x in PLACES for k in np.arange(-6, 0.01, 0.5)]
    answers = javascript(
        "maths/differentiation", [("estimate", name, formula, x, h, precision) for x, h in cases]
    )
    for (x, h), answer in zip(cases, answers, strict=True):
        x, h = dtype(x), dtype(h)
        if x + 2 * h == x or 2 * h == 0:
            continue
        expected = FORMULAS[formula](lambda at: dtype(FUNCTIONS[name](at)), x, h)
        # Two libraries may round exp and sin differently in the last digit; a difference divides that by h.
        last_digit = np.spacing(dtype(max(abs(FUNCTIONS[name](x + 2 * h)), abs(FUNCTIONS[name](x)))))
        allowed = 4 * last_digit / h if name in ("exp", "sin") else 0
        assert answer == pytest.approx(
            expected, rel=1e-9 if dtype is np.float64 else 1e-6, abs=float(allowed)
        )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slopes_are_exact(name):
    answers = javascript("maths/differentiation", [("slope", name, x) for x in PLACES])
    f = {"parabola": lambda z: 0.01 * z * z + 0.1 * z}.get(name, FUNCTIONS[name])
    assert answers == pytest.approx([complex_step(f, x) for x in PLACES], rel=1e-14)
