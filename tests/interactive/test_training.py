"""docs/interactive/maths/training.js trains as dlbook's network does."""

import numpy as np
import pytest

from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from tests.interactive.javascript import javascript

SETS = ["moons", "ring", "xor", "spirals"]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("hidden", "lr"), [(1, 0.3), (3, 1.0), (40, 0.5)])
def test_100_steps_are_those_of_dlbook(name, hidden, lr):
    points = [[0.3, -1.2], [2.0, 2.0], [-3.0, 0.1]]
    (it,) = javascript("maths/training", [("trained", name, 60, hidden, 4, lr, 100, points)])
    x, t = np.reshape(it["data"]["x"], (-1, 2)), np.array(it["data"]["t"])
    net = MultiLayerNet(2, [hidden], 2, "tanh", rng=0)
    for key, param in net.params.items():
        param[...] = np.reshape(it["start"][key], param.shape)
    rule, losses = SGD(lr), []
    for _ in range(100):
        losses.append(net.loss(x, t))
        rule.update(net.params, net.gradient(x, t))
    np.testing.assert_allclose(it["losses"], losses, rtol=1e-9)
    for key, param in net.params.items():
        np.testing.assert_allclose(np.reshape(it["net"][key], param.shape), param, rtol=1e-9, atol=1e-9)
    assert it["judged"]["loss"] == pytest.approx(net.loss(x, t), rel=1e-9)
    assert it["judged"]["accuracy"] == net.accuracy(x, t)
    np.testing.assert_allclose(it["probabilities"], net.predict(np.array(points))[:, 1], rtol=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_the_sets_are_balanced_inside_the_window_and_can_be_learnt(name):
    sets = javascript("maths/training", [("dataset", name, 400, seed) for seed in (1, 2)])
    (x, t), other = ((np.reshape(it["x"], (-1, 2)), np.array(it["t"])) for it in sets)
    assert t.mean() == 0.5
    assert (abs(x) < 3.4).all(axis=1).mean() > 0.97
    assert not np.array_equal(x, other[0])
    # A neighbour of a point has mostly its class: a nearest-neighbour rule, which knows no network, finds it.
    nearest = ((x[:, None] - other[0]) ** 2).sum(axis=2).argmin(axis=1)
    assert (other[1][nearest] == t).mean() > 0.8


def test_a_wide_network_starts_as_xavier_says():
    (net,) = javascript("maths/training", [("network", 4000, 3)])
    for key in ("W1", "W2"):
        assert np.std(net[key]) == pytest.approx(np.sqrt(2 / 4002), rel=0.05)
    assert not np.any(net["b1"])
