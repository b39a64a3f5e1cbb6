"""docs/interactive/maths/graph.js goes forward and back as dlbook's layers do."""

import numpy as np
import pytest

from dlbook.gradients import numerical_gradient
from dlbook.layers import Add, Multiply, Relu, Sigmoid
from tests.interactive.javascript import javascript

LOSSES = {
    "pool": lambda p, q, c, r: (p * q + c * q) * r,
    "unit": lambda w, x, b: np.log1p(np.exp(-(w * x + b))),  # minus the logarithm of a sigmoid
    "relu": lambda w, x, t: (max(w * x, 0) - t) ** 2,
}
NAMES = {"pool": "pqcr", "unit": "wxb", "relu": "wxt"}


def slopes(back):
    """What every input has got at the end."""
    return {name: total for step in back for name, total in zip(step["from"], step["totals"], strict=True)}


@pytest.mark.parametrize("graph", LOSSES)
def test_values_and_slopes(graph):
    rows = np.random.default_rng(0).uniform(0.2, 3, (20, len(NAMES[graph])))
    rows = np.concatenate([rows, -rows])
    inputs = [dict(zip(NAMES[graph], map(float, row), strict=True)) for row in rows]
    values = javascript("maths/graph", [("forward", graph, it) for it in inputs])
    ways_back = javascript("maths/graph", [("backward", graph, it) for it in values])
    for row, forward, back in zip(rows, values, ways_back, strict=True):
        assert forward["L"] == pytest.approx(LOSSES[graph](*row), rel=1e-9)
        expected = numerical_gradient(lambda it: LOSSES[graph](*it), row)
        assert [slopes(back)[name] for name in NAMES[graph]] == pytest.approx(
            list(expected), rel=1e-5, abs=1e-6
        )


@pytest.mark.parametrize(
    ("operation", "layer"), [("add", Add), ("multiply", Multiply), ("relu", Relu), ("sigmoid", Sigmoid)]
)
def test_an_operation_is_a_layer_of_dlbook(operation, layer):
    two = operation in ("add", "multiply")
    cases = [[float(it) for it in row] for row in np.random.default_rng(1).normal(size=(50, 3))]
    inputs = [case[:2] if two else case[:1] for case in cases]
    outs = javascript("maths/graph", [("apply", operation, *it) for it in inputs])
    calls = [("applyBack", operation, case[2], *it) for case, it in zip(cases, inputs, strict=True)]
    for case, it, out, gives in zip(cases, inputs, outs, javascript("maths/graph", calls), strict=True):
        step = layer()
        arrays = [np.array([value]) for value in it]
        assert out == pytest.approx(step.forward(*arrays)[0], rel=1e-9, abs=1e-12)
        assert gives == pytest.approx(list(np.ravel(step.backward(np.array([case[2]])))), rel=1e-9, abs=1e-12)
