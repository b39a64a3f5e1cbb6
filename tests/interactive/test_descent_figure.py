"""The figure of chapters 6 and 9 in a browser: run, step, drag the start, and let it diverge."""

import re

import pytest

from dlbook.descent import gradient_descent
from tests.interactive.conftest import Before, middle, numbers

pytestmark = [pytest.mark.browser, pytest.mark.full]


def point(figure):
    return numbers(figure.words.partition(": ")[2])


def test_it_steps_as_gradient_descent_does_and_pauses(figure):
    it = figure("descent")
    assert point(it) == pytest.approx([-4, 7, 16 - 28 + 49 + 24 - 63])
    for _ in range(3):
        it.press("Step")
    assert it.words.startswith("After 3 steps with η = 0.1")
    x, _ = gradient_descent(
        lambda p: p[0] ** 2 + p[0] * p[1] + p[1] ** 2 - 6 * p[0] - 9 * p[1], [-4.0, 7.0], lr=0.1, step_num=3
    )
    assert point(it)[:2] == pytest.approx(x, abs=0.01)
    it.press("Reset")
    assert it.words.startswith("After 0 steps")
    it.press("Run")
    it.wait_until("it => parseInt(it.textContent.slice('After '.length)) >= 5")
    it.press("Pause")
    words = it.words
    it.page.wait_for_timeout(300)
    assert it.words == words


def test_with_reduced_motion_it_is_there_at_once(figure):
    """Where it arrives, that too long steps diverge, and that a saddle holds who comes down its ridge."""
    it = figure("descent", reduced_motion="reduce")
    it.press("Run")
    assert it.words.startswith("After 300 steps")
    assert point(it) == pytest.approx([1, 4, -21], abs=0.005)
    it.control("Surface").select_option(label="x² + y², a bowl")
    it.slide("Learning rate η", 0.05)
    it.press("Run")
    assert re.match(r"It diverges with η = 1\.1: step \d+ ends more than 10,000 away", it.words)
    it.slide("Learning rate η", -0.3)
    it.press("Step")
    assert it.words == "After 1 step with η = 0.5: x = 0, y = 0, f = 0.", "the rate is the one that is read"
    it.slide("Learning rate η", -1)
    it.control("Surface").select_option(label="x²/2 − y²/2 + y⁴/4, a saddle")
    it.press("Run")
    assert point(it) == pytest.approx([0, 0, 0], abs=1e-6)
    it.slide("Start y", 0.01)
    it.press("Run")
    assert point(it) == pytest.approx([0, 1, -0.25], abs=1e-3)


@pytest.mark.parametrize("options", [{"width": 1280}, {"width": 390, "has_touch": True}])
def test_the_start_is_dragged(figure, options):
    it = figure("descent", **options)
    (x, y), plot = middle(it.root.locator(".handle")), it.plot("Contour lines").bounding_box()
    start = (x - plot["x"]) / plot["width"], (y - plot["y"]) / plot["height"]
    it.drag(it.plot("Contour lines"), start, (0.9, 0.8))
    x, y, _ = point(it)
    assert 4 < x < 7
    assert -2 < y < 2
    assert float(it.control("Start x").input_value()) == pytest.approx(x, abs=0.01)


def test_six_optimizers_race(figure, fresh):
    view = fresh(reduced_motion="reduce")
    view.page.goto(f"{view.origin}/09-optimizers.html")
    it = Before(view, "descent").come_near()
    it.press("Run")
    assert it.words.startswith("After 300 steps, lowest f first: ")
    assert it.words.count(",") == 6
    it.slide("All learning rates times", 0.5)
    it.press("Run")
    assert it.words.endswith("Diverged: SGD.") or "Diverged: SGD," in it.words
    it.control("SGD, 0.9").uncheck()
    assert "SGD" not in it.words
