"""Fingers: one that goes up or down scrolls the page, one that goes to the side or holds a ring moves it."""

import pytest

from tests.interactive.conftest import middle

pytestmark = [pytest.mark.browser, pytest.mark.full]


def swipe(page, start, end, steps=10):
    """One finger, from place to place in the window."""
    session = page.context.new_cdp_session(page)

    def send(kind, *points):
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    send("touchStart", start)
    for i in range(1, steps + 1):
        send("touchMove", tuple(a + (b - a) * i / steps for a, b in zip(start, end, strict=True)))
        page.wait_for_timeout(20)
    send("touchEnd")
    page.wait_for_timeout(200)


@pytest.mark.parametrize(
    ("name", "plot"), [("step_size", "The error of the slope"), ("loss_slopes", "The squared error")]
)
def test_a_finger_that_scrolls_over_a_plot_changes_nothing(name, plot, figure):
    it = figure(name, width=390, has_touch=True)
    it.plot(plot).evaluate("it => it.scrollIntoView({ block: 'center' })")
    words, top = it.words, it.page.evaluate("scrollY")
    x, y = middle(it.plot(plot))
    swipe(it.page, (x, y), (x, y - 200))
    assert it.page.evaluate("scrollY") > top + 100
    assert it.words == words


def test_a_finger_that_goes_to_the_side_moves_the_step(figure):
    it = figure("step_size", width=390, has_touch=True)
    it.plot("The error of the slope").evaluate("it => it.scrollIntoView({ block: 'center' })")
    top = it.page.evaluate("scrollY")
    x, y = middle(it.plot("The error of the slope"))
    swipe(it.page, (x + 100, y), (x - 60, y + 10))
    assert "× 10⁻" in it.words
    assert it.page.evaluate("scrollY") == top


@pytest.mark.parametrize("name", ["descent", "gates"])
def test_a_finger_holds_a_ring_in_every_direction(name, figure):
    it = figure(name, width=390, has_touch=True)
    it.root.locator("svg").first.evaluate("it => it.scrollIntoView({ block: 'center' })")
    words, top = it.words, it.page.evaluate("scrollY")
    ring = it.root.locator(".handle").first
    assert min(ring.bounding_box()["width"], ring.bounding_box()["height"]) >= 32
    x, y = middle(ring)
    swipe(it.page, (x + 8, y), (x + 28, y + 90))
    assert it.words != words
    assert it.page.evaluate("scrollY") == top
    if name == "descent":
        assert middle(ring) == pytest.approx((x + 20, y + 90), abs=3), "it stays where the finger took it"
