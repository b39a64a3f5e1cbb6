"""The fast differences against the general numerical gradient and the formulas."""

import numpy as np
import pytest

from dlbook.network_base import Network
from dlbook.networks import TwoLayerNet
from tests.test_networks import BATCHES, batch, two_layer


@pytest.mark.parametrize("hidden_size", [1, 2, 30])
def test_any_number_of_hidden_units_and_one_class_work(hidden_size):
    net = two_layer(hidden_size=hidden_size)
    x, labels, _, _ = batch(2)
    gradient, numerical = net.gradient(x, labels), net.numerical_gradient(x, labels)
    for name in net.params:
        np.testing.assert_allclose(gradient[name], numerical[name], atol=1e-8)
    one_class = TwoLayerNet(4, hidden_size, 1, rng=0)
    assert one_class.loss(x, [0, 0]) == 0
    assert not any(g.any() for g in one_class.gradient(x, [0, 0]).values())


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("h", [1e-4, 1e-2, 0.5])
def test_the_quick_numerical_gradient_is_the_general_one(n, h):
    """The same differences at the same step, also where that is far too long for the derivative."""
    net = two_layer()
    x, labels, one_hot, soft = batch(n)
    x[x < -0.5] = 0  # as most pixels are
    for t in (labels, one_hot, soft):
        ours, general = net.numerical_gradient(x, t, h), Network.numerical_gradient(net, x, t, h)
        assert ours.keys() == general.keys()
        for name, gradient in general.items():
            np.testing.assert_allclose(ours[name], gradient, rtol=0, atol=1e-9 if h < 1e-3 else 1e-12)


def test_the_quick_numerical_gradient_takes_a_single_sample():
    net = two_layer()
    x, labels, one_hot, _ = batch(7)
    for sample, label, row in zip(x, labels, one_hot, strict=True):
        general = Network.numerical_gradient(net, sample, label)
        for t in (label, row):
            for name, gradient in net.numerical_gradient(sample, t).items():
                np.testing.assert_allclose(gradient, general[name], rtol=0, atol=1e-9)
