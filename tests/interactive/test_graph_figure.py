"""Chapter 8's figure in a browser: forward, then back, step by step."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.full]
DONE = " Now every slope is known."


def test_all_steps_of_the_day_at_the_pool_and_other_numbers(figure):
    it = figure("graph")
    said = []
    for _ in range(8):
        it.press("Next")
        said.append(it.words)
    end = said[-1]
    assert end.endswith(DONE)
    said[-1] = end.removesuffix(DONE)
    assert said == [
        "Forward: u = p × q = 8 × 3 = 24.",
        "Forward: v = c × q = 2 × 3 = 6.",
        "Forward: s = u + v = 24 + 6 = 30.",
        "Forward: L = s × r = 30 × 0.9 = 27.",
        "Backward through L, whose slope with respect to itself is 1: s gets 0.9; r gets 30.",
        "Backward through s, where the slope is 0.9: u gets 0.9; v gets 0.9.",
        "Backward through v, where the slope is 0.9: c gets 2.7; q gets 1.8.",
        "Backward through u, where the slope is 0.9: p gets 2.7; q gets 7.2, for a total of 9.",
    ]
    assert "◂9" in it.root.locator("svg.graph").text_content()
    it.press("Next")
    assert it.words == end
    for _ in range(4):
        it.press("Back")
    assert it.words == said[3]
    assert "◂" not in it.root.locator("svg.graph").text_content()
    it.slide("Step", 4)
    it.control("q").fill("10")
    assert it.words == "Forward: L = s × r = 100 × 0.9 = 90."
    it.control("q").fill("")
    assert it.words == "q must be a number from −100 to 100."
    it.control("Step").focus()
    assert it.control("q").input_value() == "10", "what is no number changes nothing"
    assert it.words.endswith("= 90.")
    it.control("Graph").select_option(label="a unit and its loss: L = −log σ(wx + b)")
    it.control("w").fill("-100")
    it.control("x").fill("20.5")
    it.slide("Step", 4)
    assert it.words == "Forward: L = −log(y) = −log(0) = ∞. (The true y was rounded to 0.)"
    it.press("Next")
    it.press("Next")
    assert it.words.startswith("Backward through y, where the slope is −∞: s gets not a number.")


def test_through_a_dead_relu_nothing_comes_back(figure):
    it = figure("graph", width=390)
    it.control("Graph").select_option(label="a ReLU and a squared error: L = (relu(wx) − t)²")
    it.control("w").fill("-1.5")
    it.control("Step").focus()
    it.page.keyboard.press("End")
    assert it.words == "Backward through s, where the slope is 0: w gets 0; x gets 0." + DONE
    it.page.keyboard.press("ArrowLeft")
    assert it.words == "Backward through z, where the slope is −2: s gets 0."
