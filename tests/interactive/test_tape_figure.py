"""Chapter 13's figure in a browser: type, and go back step by step."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.full]
DONE = " Now every slope is known."


def test_the_way_back_over_the_pool_and_over_another_expression(figure):
    it = figure("tape")
    assert it.words == "Recorded: 8 lines. The result is 27, and its own slope is 1. Press Next to go back."
    said = []
    for _ in range(4):
        it.press("Next")
        said.append(it.words)
    assert said == [
        "Backward through line 7, [6] × r, where the slope is 1: [6] gets 0.9; r gets 30.",
        "Backward through line 6, [4] + [5], where the slope is 0.9: [4] gets 0.9; [5] gets 0.9.",
        "Backward through line 5, c × q, where the slope is 0.9: c gets 2.7; q gets 1.8.",
        "Backward through line 4, p × q, where the slope is 0.9: p gets 2.7; q gets 7.2, for a total of 9."
        + DONE,
    ]
    lines = it.root.locator("svg.tape")
    assert "◂9" in lines.text_content()
    it.press("Next")
    assert it.words == said[-1]
    it.slide("Steps back", 2)
    assert it.words == said[1]
    it.control("q").fill("10")
    assert it.words.startswith("Recorded: 8 lines. The result is 90")
    it.control("Expression").fill("x * x *")
    assert it.words == ("A value is still missing at the end. The tape is that of the last whole expression.")
    assert "▸90" in lines.text_content()
    it.control("Expression").fill("x * x * x")
    it.control("x").fill("2")
    it.press("Next")
    it.press("Next")
    gets = "x gets 4, for a total of 8; x gets 4, for a total of 12."
    assert it.words == f"Backward through line 1, x × x, where the slope is 2: {gets}{DONE}"


def test_by_keyboard_on_a_phone(figure):
    it = figure("tape", width=390)
    it.control("Expression").focus()
    it.page.keyboard.press("Control+A")
    it.page.keyboard.type("relu(0 - a)")
    it.control("Steps back").focus()
    it.page.keyboard.press("End")
    assert it.words == "Backward through line 1, 0 − a, where the slope is 0: a gets 0." + DONE
    it.control("Expression").fill("+".join("abcdefghijk"))
    assert it.words == "That makes more than 16 lines. The tape is that of the last whole expression."
