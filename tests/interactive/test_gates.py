"""Chapter 1's figure in a browser: gates that a line can win, and one that it cannot."""

import pytest

from tests.interactive.conftest import middle

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_gates_that_a_line_wins_and_one_that_two_do(figure):
    it = figure("gates")
    assert it.words == "The perceptron with w = (0.5, 0.5), b = −0.2 gets 2 of 4 corners right."
    it.slide("b", -0.7)
    assert it.words.endswith("gets all four corners right: this is AND.")
    it.choose("NAND")
    assert it.words.endswith("gets 0 of 4 corners right.")
    it.press("Swap the sides")
    assert it.words.endswith("all four corners right: this is NAND.")
    it.slide("w₁", 0.5)
    it.slide("w₂", 0.5)
    it.slide("b", -0.2)
    it.choose("XOR")
    assert "3 of 4 corners right. No single line does better" in it.words
    rows = it.root.locator("tbody tr")
    assert [rows.nth(i).inner_text().split()[-1] for i in range(4)] == ["✓", "✓", "✓", "✗"]
    it.choose("A second layer")
    it.choose("the second")
    for label, value in {"w₁": -0.5, "w₂": -0.5, "b": 0.7}.items():
        it.slide(label, value)
    assert it.words.endswith("gets all four corners right: this is XOR.")
    it.control("A second layer").uncheck()
    assert "3 of 4" in it.words
    # Weights of 0 have no line.
    it.choose("AND")
    it.slide("b", -0.2)
    it.slide("w₁", 0)
    it.slide("w₂", 0)
    assert "w = (0, 0), b = −0.2 gets 3 of 4 corners right" in it.words
    assert it.words.endswith("there is no line: every corner gets the same answer.")
    assert not it.root.locator(".handle").first.is_visible()


@pytest.mark.parametrize("options", [{"width": 1280}, {"width": 390, "has_touch": True}])
def test_a_line_is_dragged_by_its_ends(figure, options):
    it = figure("gates", **options)
    before = it.words
    plane = it.plot("The four corners").bounding_box()
    it.page.mouse.move(*middle(it.root.locator(".handle").first))
    it.page.mouse.down()
    it.page.mouse.move(plane["x"] + 0.25 * plane["width"], plane["y"] + 0.1 * plane["height"])
    it.page.mouse.up()
    assert it.words != before
    b = float(it.control("b").input_value())
    assert f"b = {b:g}".replace("-", "−") in it.words
