"""Chapter 7's figure in a browser: who draws, by mouse, by finger or by keys, is answered."""

import pytest

from tests.interactive.conftest import Before
from tests.interactive.test_digits import PAD, STROKES

pytestmark = [pytest.mark.browser, pytest.mark.full]


def pad(it):
    return it.plot("Drawing pad")


def draw(it, digit):
    """Draw with the mouse."""
    box = pad(it).bounding_box()
    for points in STROKES[digit]:
        places = [(box["x"] + x / PAD * box["width"], box["y"] + y / PAD * box["height"]) for x, y in points]
        it.page.mouse.move(*places[0])
        it.page.mouse.down()
        for place in places[1:]:
            it.page.mouse.move(*place, steps=5)
        it.page.mouse.up()


def draw_by_finger(it, digit):
    """Draw as a finger does, by touches of the browser's own protocol."""
    touch = it.page.context.new_cdp_session(it.page)
    box = pad(it).bounding_box()
    for points in STROKES[digit]:
        places = [
            {"x": box["x"] + x / PAD * box["width"], "y": box["y"] + y / PAD * box["height"]}
            for x, y in points
        ]
        for kind, place in zip(
            ["touchStart", *["touchMove"] * len(places)], [places[0], *places], strict=True
        ):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def chances(it):
    cells = it.root.get_by_role("table", name="Probability of each digit").locator("td:last-child")
    return [text.removesuffix("\u00a0%") for text in cells.all_inner_texts()]


def test_it_starts_as_the_still_picture(figure):
    it = figure("digit")
    assert it.words.startswith("Test digit 0 is a 7, and the network says 7, with 99.")
    assert len(chances(it)) == 10
    assert sum(map(float, chances(it))) == pytest.approx(100, abs=0.5)
    assert it.root.locator(".digit__answer").inner_text() == "7"
    units = it.root.locator("svg rect")
    assert units.count() == 50
    square = units.evaluate_all("all => all.filter(it => it.getAttribute('rx') === '0').length")
    assert it.words.endswith(f" {square} of 50 hidden units are saturated.")
    assert 0 < square < 50
    ends = units.evaluate_all(
        "all => all.filter(it => it.getAttribute('rx') === '0').map(it => +it.getAttribute('fill-opacity'))"
    )
    assert all(min(z, 1 - z) <= 0.01 for z in ends)


def test_the_mouse_draws_over_the_first_digit_and_undo_takes_back_line_by_line(figure):
    it = figure("digit")
    first = it.words
    undo = it.root.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    for digit in (1, 0):
        draw(it, digit)
        assert it.words.startswith(f"It says {digit}, with ")
        assert float(chances(it)[digit]) == max(map(float, chances(it)))
        it.press("Clear")
        assert it.words == "The pad is empty: draw a digit."
        assert chances(it) == [""] * 10
    draw(it, 4)
    four = it.words
    draw(it, 0)
    assert it.words != four
    it.press("Undo")
    assert it.words == four
    while undo.is_enabled():
        it.press("Undo")
    assert it.words == first


def test_the_rubber_takes_ink_away(figure):
    it = figure("digit")
    it.choose("erases")
    for row in range(0, 100, 5):
        it.drag(pad(it), (0.01, row / 100), (0.99, row / 100))
        if not row:
            assert it.words != "The pad is empty: draw a digit."
    assert it.words == "The pad is empty: draw a digit.", "the rubber does not clear the first digit"


def test_a_finger_draws_and_the_page_stays_where_it_is(figure):
    it = figure("digit", width=390, has_touch=True)
    pad(it).evaluate("it => it.scrollIntoView({ block: 'center' })")
    scrolled = it.page.evaluate("scrollY")
    for digit in (1, 0):
        draw_by_finger(it, digit)
        assert it.words.startswith(f"It says {digit}, with ")
        it.root.get_by_role("button", name="Clear").evaluate("it => it.click()")
    assert it.page.evaluate("scrollY") == scrolled


def test_test_digits_right_and_wrong(figure):
    it = figure("digit")
    it.press("A 3")
    assert it.words.startswith("Test digit 30 is a 3, and the network says 3, with ")
    wrong = it.root.get_by_role("group", name="Test digits that it misreads").get_by_role("button")
    assert wrong.count() == 10
    for button in wrong.all():
        _, label, _, _, guess = button.get_attribute("aria-label").split()
        button.click()
        assert f" is a {label}, but the network says {guess}, with 9" in it.words
    draw(it, 1)  # now over the test digit, which was taken on purpose
    assert it.words.startswith("It says ")
    it.press("Undo")
    assert " but the network says " in it.words


def test_the_keyboard_draws(figure):
    it = figure("digit")
    it.press("Clear")
    pad(it).focus()
    press = it.page.keyboard.press
    for key in [*["ArrowUp"] * 10, " "]:
        press(key)
    assert it.words.startswith("The pen is down, 14 of 28 pixels from the left and 4 from the top. It says ")
    for _ in range(20):
        press("ArrowDown")
    assert it.words.startswith(
        "The pen is down, 14 of 28 pixels from the left and 24 from the top. It says 1"
    )
    press(" ")
    press("ArrowLeft")
    assert it.words.startswith("The pen is lifted, 13 of 28 pixels from the left")
    for _ in range(20):
        press("ArrowLeft")
    assert "1 of 28 pixels from the left" in it.words, "the pen stays on the pad"
    it.wait_until("it => it.textContent.includes('It says 1')", "heard")
    press("Tab")
    assert it.words.startswith("It says 1, with ")


def test_the_picture_that_the_network_sees_follows_the_colors(figure):
    darkest = """async (it) => {
        const { data } = it.getContext("2d").getImageData(0, 0, it.width, it.height)
        const at = data.findLastIndex((value, i) => i % 4 === 3 && value === 255)
        return [...data.slice(at - 3, at)]
    }"""
    for scheme, ink in (("light", [0x1F, 0x24, 0x30]), ("dark", [0xE6, 0xE6, 0xE3])):
        it = figure("digit", scheme=scheme)
        for canvas in it.root.locator("canvas").all()[:2]:
            assert canvas.evaluate(darkest) == pytest.approx(ink, abs=1)


def test_without_its_data_the_still_picture_stays(fresh):
    view = fresh()
    view.page.route("**/interactive/digit_network_data.js", lambda route: route.abort())
    view.page.goto(f"{view.origin}/07-stochastic-gradient-descent.html")
    it = Before(view, "digit")
    with view.page.expect_event("requestfailed"):
        it.still.evaluate("it => it.closest('figure').scrollIntoView({ block: 'center' })")
    assert it.still.is_visible()
    assert not it.root.count()
