"""Chapter 10's figure in a browser: five histograms answer to the size of the weights."""

from itertools import pairwise

import pytest

from tests.interactive.conftest import numbers

pytestmark = [pytest.mark.browser, pytest.mark.full]
STD = "Standard deviation of the weights"


def differences(figure):
    """How much the five layers' outputs differ, as the words say it."""
    return numbers(figure.words.partition("differ by ")[2])[:5]


def test_large_weights_saturate_small_ones_silence_and_each_unit_has_its_size(figure):
    it = figure("initial_signals")
    bars = it.root.locator("path.bars")
    assert bars.count() == 5
    assert bars.last.evaluate("it => it.getBBox().height") > 50
    assert "saturated" in it.words
    assert min(differences(it)) > 0.9
    it.press("0.01")
    assert it.words.endswith("The inputs can hardly be told apart anymore.")
    falling = differences(it)
    assert all(later < earlier / 5 for earlier, later in pairwise(falling))
    it.press("Xavier")
    assert it.words.endswith("The signals get through.")
    it.choose("ReLU")
    it.press("He")
    assert it.words.endswith("The signals get through.")
    it.press("1")
    assert it.words.endswith("The signals explode.")
    it.choose("sigmoid")
    it.press("Xavier")
    assert it.words.endswith("told apart anymore.")


def test_the_slider_and_other_weights(figure):
    it = figure("initial_signals", width=390)
    it.control(STD).focus()
    it.page.keyboard.press("Home")
    assert float(it.control(STD).get_attribute("aria-valuetext")) == 0.001
    before = it.words
    it.press("Draw other weights")
    assert it.words != before
    assert it.words.endswith("told apart anymore.")
