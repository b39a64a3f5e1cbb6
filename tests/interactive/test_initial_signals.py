"""docs/interactive/maths/initial_signals.js sends signals through five layers as dlbook's network does."""

import numpy as np
import pytest
from scipy import stats

from dlbook.initializers import he, xavier
from dlbook.networks import MultiLayerNet
from tests.interactive.javascript import javascript

SAMPLES, UNITS, LAYERS = 200, 100, 5
MODULE = "maths/initial_signals"


@pytest.fixture(scope="module")
def drawn():
    return javascript(MODULE, [("draws", 0)])[0]


def test_what_is_drawn_is_normal_and_independent(drawn):
    everything = np.concatenate([drawn["x"], *drawn["weights"]])
    assert everything.size == SAMPLES * UNITS + LAYERS * UNITS**2
    assert stats.kstest(everything, "norm").pvalue > 0.01
    assert abs(np.corrcoef(everything[:-1], everything[1:])[0, 1]) < 0.01
    assert javascript(MODULE, [("draws", 1)])[0]["x"] != drawn["x"]


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("std", [0.001, 0.1, 1.0, 10.0])
def test_signals_are_those_of_dlbook(drawn, activation, std):
    (signals,) = javascript(MODULE, [("signals", drawn, activation, std)])
    net = MultiLayerNet(UNITS, [UNITS] * LAYERS, 10, activation, rng=0)
    for i, W in enumerate(drawn["weights"]):
        net.params[f"W{i + 1}"][...] = std * np.reshape(W, (UNITS, UNITS))
    z = np.reshape(drawn["x"], (SAMPLES, UNITS))
    for i, layer in enumerate(net.layers()[:-1]):
        z = layer.forward(z)
        if i % 2:
            np.testing.assert_allclose(
                np.reshape(signals[i // 2], z.shape), z, rtol=1e-9, atol=1e-12 * abs(z).max()
            )
    last = signals[-1]
    spread, ends = javascript(MODULE, [("spread", last), ("saturated", last, activation)])
    assert spread == pytest.approx(z.std(axis=0).mean(), rel=1e-9)
    near = {"tanh": abs(z) > 0.99, "sigmoid": (z < 0.01) | (z > 0.99), "relu": z < -1}[activation]
    assert ends == pytest.approx(near.mean(), abs=1e-3)


@pytest.mark.parametrize(
    ("activation", "edges"), [("tanh", (-1, 1)), ("sigmoid", (0, 1)), ("relu", (-14, 10))]
)
def test_histograms(activation, edges):
    z = np.random.default_rng(0).normal(0.3, 0.2, 1000).clip(0.001, 0.999)
    (heights,) = javascript(MODULE, [("histogram", list(z), activation)])
    counts, _ = np.histogram(np.log10(z) if activation == "relu" else z, 40, edges)
    np.testing.assert_allclose(heights, counts / counts.max())


def test_the_sizes_that_have_a_name_are_those_of_dlbook():
    (named,) = javascript(MODULE, [("named",)])
    for name, draw in {"Xavier": xavier, "He": he}.items():
        assert named[name] == pytest.approx(draw((UNITS, UNITS), rng=0).std(), rel=0.02)
