"""docs/interactive/maths/perceptron.js answers as dlbook's perceptrons do."""

import numpy as np
import pytest

from dlbook.perceptron import AND, NAND, OR, XOR, Perceptron
from tests.interactive.javascript import javascript

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def unit(perceptron):
    return {"w": list(perceptron.w), "b": perceptron.b}


def test_answers_are_those_of_dlbook():
    rng = np.random.default_rng(0)
    cases = [
        (Perceptron(rng.uniform(-1, 1, 2), rng.uniform(-1, 1)), *rng.uniform(-1, 2, 2)) for _ in range(300)
    ]
    cases += [(gate, *corner) for gate in (AND, NAND, OR) for corner in CORNERS]
    cases += [(Perceptron([1, 1], -1), *corner) for corner in CORNERS]  # corners on the line itself
    answers = javascript("maths/perceptron", [("answer", unit(it), x1, x2) for it, x1, x2 in cases])
    assert answers == [it(x1, x2) for it, x1, x2 in cases]


@pytest.mark.parametrize(
    ("gate", "units"), [("AND", [AND]), ("NAND", [NAND]), ("OR", [OR]), ("XOR", [NAND, OR])]
)
def test_the_gates_of_the_book_get_all_corners_right(gate, units):
    assert javascript("maths/perceptron", [("right", [unit(it) for it in units], gate)]) == [[True] * 4]
    answers = javascript("maths/perceptron", [("network", [unit(it) for it in units], *x) for x in CORNERS])
    assert answers == [{"AND": AND, "NAND": NAND, "OR": OR, "XOR": XOR}[gate](*x) for x in CORNERS]


def test_a_line_through_two_points_keeps_its_side_and_its_length():
    rng = np.random.default_rng(1)
    cases = rng.uniform(-1, 1, (50, 3, 2))
    calls = [("through", list(p), list(q), {"w": list(w), "b": 0}) for p, q, w in cases]
    for (p, q, w), line in zip(cases, javascript("lib/lines", calls), strict=True):
        new = np.array(line["w"])
        np.testing.assert_allclose([new @ p + line["b"], new @ q + line["b"]], 0, atol=1e-12)
        assert np.linalg.norm(new) == pytest.approx(np.linalg.norm(w))
        assert new @ w >= 0


def test_the_side_of_a_line_is_where_its_sum_is_positive():
    rng = np.random.default_rng(2)
    cases = [(rng.uniform(-1, 1, 2), rng.uniform(-1, 1)) for _ in range(50)]
    calls = [("side", {"w": list(w), "b": b}, [-1, 1], [-1, 1]) for w, b in cases]
    for (w, b), corners in zip(cases, javascript("lib/lines", calls), strict=True):
        sums = np.array(corners).reshape(-1, 2) @ w + b
        assert (sums > -1e-12).all()
        x, y = np.array(corners).reshape(-1, 2).T if corners else np.zeros((2, 1))
        area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
        inside = (rng.uniform(-1, 1, (20_000, 2)) @ w + b > 0).mean() * 4
        assert area == pytest.approx(inside, abs=0.08)
