"""What all networks share: the accuracy, the batches, and what each network has to define."""

import numpy as np
import pytest

from dlbook.network_base import Network, as_batch
from dlbook.networks import SimpleNet, TwoLayerNet
from tests.test_networks import NETS, batch, simple


def test_the_step_of_the_numerical_gradient_can_be_chosen():
    net = simple()
    x, t, _, _ = batch(2)
    exact = net.gradient(x, t)["W"]
    errors = [np.abs(net.numerical_gradient(x, t, h)["W"] - exact).max() for h in (1e-1, 1e-2)]
    assert errors[0] == pytest.approx(100 * errors[1], rel=0.1)
    assert np.abs(net.numerical_gradient(x, t)["W"] - exact).max() < 1e-8


@pytest.mark.parametrize("samples", [999, 1000, 1001, 2000, 2345])
def test_accuracy_of_many_samples_takes_a_thousand_at_a_time(samples):
    """Scores of 70,000 samples at once would leave the processor's cache, and take longer."""
    rng = np.random.default_rng(samples)
    net = TwoLayerNet(4, 5, 3, rng=0)
    x, t = rng.standard_normal((samples, 4)), rng.integers(0, 3, samples)
    expected = np.mean(net.scores(x).argmax(axis=1) == t)
    scores, sizes = net.scores, []
    net.scores = lambda part: sizes.append(len(part)) or scores(part)
    assert net.accuracy(x, t) == expected
    assert sum(sizes) == samples
    assert max(sizes) <= 1000
    assert len(sizes) == -(-samples // 1000)


def test_accuracy_by_hand():
    net = SimpleNet(np.identity(3))
    x = np.identity(3)[[0, 1, 2, 2]]
    assert net.accuracy(x, [0, 1, 2, 0]) == 0.75
    assert net.accuracy(x, [1, 0, 0, 0]) == 0
    assert net.accuracy(x, x) == 1
    assert net.accuracy(x, 0.4 * x + 0.2) == 1
    assert net.accuracy([1, 0, 0], 0) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_is_copied_only_if_its_float_type_is_another(dtype):
    x, W = np.ones((5, 2), dtype), np.ones((2, 3))
    assert np.shares_memory(as_batch(x, W.astype(dtype)), x)
    assert np.shares_memory(as_batch(x, W), x) == (dtype == np.float64)


@pytest.mark.parametrize("make", NETS)
def test_accuracy_names_the_scores_that_targets_have_to_fit(make):
    with pytest.raises(ValueError, match=r"t must be of shape \(2, 3\), like the scores, or labels"):
        make().accuracy(np.ones((2, 4)), [0, 1, 2])


def test_a_network_must_say_how_it_computes_scores_and_gradients():
    with pytest.raises(NotImplementedError, match=r"Network must define scores\(x\)"):
        Network().predict([1])
    with pytest.raises(NotImplementedError, match=r"Network must define gradient\(x, t\)"):
        Network().gradient([1], 0)


def test_pixels_that_were_not_divided_bring_a_warning_and_other_data_none():
    net = SimpleNet(np.ones((4, 3)))
    pixels = np.array([[0, 7, 255, 128]], np.uint8)
    words = r"^x goes up to 255, as pixels do: write x / 255"
    with pytest.warns(RuntimeWarning, match=words) as warned:
        net.predict(pixels)
    assert warned[0].filename == __file__
    with pytest.warns(RuntimeWarning, match=words):
        net.accuracy(pixels.astype(np.float32), [0])
    for other in (pixels / 255, pixels / 3, pixels - 128.0, pixels * 2.0, pixels > 100):
        net.accuracy(other, [0])
