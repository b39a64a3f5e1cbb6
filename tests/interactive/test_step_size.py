"""Chapter 4's figure in a browser: choose a step, and read how far off the slope is."""

import math

import pytest

from dlbook.differentiation import central_difference, forward_difference
from tests.interactive.conftest import numbers

pytestmark = [pytest.mark.browser, pytest.mark.full]


def said(figure):
    """The estimate and its error, as the words below the figure have them."""
    _, estimate, off = numbers(figure.words)[-3:]
    return estimate, off


def test_it_starts_as_the_still_picture_and_says_what_is_chosen(figure):
    it = figure("step_size")
    estimate, off = said(it)
    assert "With h = 0.5, " in it.words
    assert estimate == pytest.approx(central_difference(math.exp, 1, 0.5), rel=1e-9), "h is what is read"
    assert off == pytest.approx(estimate - math.e, rel=0.05)
    it.slide("step h", -5)
    estimate, off = said(it)
    assert estimate == pytest.approx(math.e, rel=1e-9)
    assert off < 1e-9
    it.choose("forward")
    assert said(it)[0] == pytest.approx(forward_difference(math.exp, 1, 1e-5), rel=1e-9)
    it.choose("float32")
    assert said(it)[1] > 1e-4
    it.choose("float64")
    it.choose("central")
    it.slide("step h", -3)
    it.control("f(x)").select_option(label="x³")
    it.slide("place x", 2)
    assert said(it)[0] == pytest.approx(12, abs=1e-5)


def test_the_keyboard_changes_the_step_and_a_screen_reader_hears_it(figure):
    it = figure("step_size")
    before = it.words
    it.control("step h").focus()
    it.page.keyboard.press("Home")
    assert "With h = 1 × 10⁻¹⁶" in it.words
    assert it.words != before
    it.wait_until("it => it.textContent", "heard")
    assert it.heard == it.words


@pytest.mark.parametrize("width", [1280, 390])
def test_the_mouse_drags_the_step(figure, width):
    it = figure("step_size", width=width)
    plot = it.plot("The error of the slope")
    it.drag(plot, (0.9, 0.5), (0.5, 0.5))
    h = float(it.control("step h").input_value())
    assert -10 < h < -6
    assert f"{10**h:.1e}"[0] in it.words


def test_a_finger_chooses_the_step(figure):
    it = figure("step_size", width=390, has_touch=True)
    box = it.plot("The error of the slope").bounding_box()
    it.page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    assert -9 < float(it.control("step h").input_value()) < -4
