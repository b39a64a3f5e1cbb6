"""docs/interactive/maths/descent.js walks as dlbook's optimizers do."""

import numpy as np
import pytest

from dlbook.gradients import numerical_gradient
from dlbook.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from tests.interactive.javascript import javascript

SURFACES = {
    "bowl": lambda p: p[0] ** 2 + p[1] ** 2,
    "tilted": lambda p: p[0] ** 2 + p[0] * p[1] + p[1] ** 2 - 6 * p[0] - 9 * p[1],
    "valley": lambda p: p[0] ** 2 / 20 + p[1] ** 2,
    "saddle": lambda p: p[0] ** 2 / 2 - p[1] ** 2 / 2 + p[1] ** 4 / 4,
    "minima": lambda p: p[0] ** 4 / 4 - 2 * p[0] ** 2 + p[0] + p[1] ** 2,
}
OPTIMIZERS = [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam]


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_and_their_gradients(name):
    points = np.random.default_rng(0).uniform(-3, 3, (40, 2))
    values = javascript("maths/descent", [("value", name, list(point)) for point in points])
    np.testing.assert_allclose(values, [SURFACES[name](point) for point in points], rtol=1e-9, atol=1e-12)
    gradients = javascript("maths/descent", [("gradient", name, list(point)) for point in points])
    expected = [numerical_gradient(SURFACES[name], point) for point in points]
    np.testing.assert_allclose(gradients, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("lr", [0.003, 0.1])
def test_paths_of_100_steps(name, optimizer, lr):
    start = [-1.7, 0.9]
    (path,) = javascript("maths/descent", [("path", name, optimizer.__name__, lr, start, 100)])
    (gradients,) = [javascript("maths/descent", [("gradient", name, point) for point in path])]
    rule, params = optimizer(lr), {"p": np.array(start)}
    expected = [params["p"].copy()]
    for gradient in gradients[:-1]:
        rule.update(params, {"p": np.array(gradient)})
        expected.append(params["p"].copy())
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-9)


def test_contours_lie_on_their_level():
    pieces = javascript("maths/descent", [("contours", "tilted", [4.0])])[0]
    values = [SURFACES["tilted"](np.array(point)) for piece in pieces for point in piece]
    assert len(values) > 100
    np.testing.assert_allclose(values, 4, atol=0.05)
