"""Chapter 3's figure in a browser: the same probability, two losses, two slopes."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_it_says_both_losses_and_both_slopes(figure):
    it = figure("loss_slopes")
    said = "cross-entropy 2.3 with slope −10, squared error 0.81 with slope −1.8"
    assert it.words == f"The right class has the probability 0.1: {said}."
    # By the score, the squared error is flat where the answer is worst; cross-entropy is steepest there.
    it.choose("the score")
    it.slide("Probability of the right class", 0.001)
    assert "cross-entropy 6.91 with slope −0.999" in it.words
    assert "slope −0.002" in it.words


@pytest.mark.parametrize("options", [{"width": 1280}, {"width": 390, "has_touch": True}])
def test_the_point_is_dragged(figure, options):
    it = figure("loss_slopes", **options)
    it.drag(it.plot("The squared error"), (0.3, 0.5), (0.9, 0.5))
    assert 0.8 < float(it.control("Probability of the right class").input_value()) < 0.95
    it.control("Probability of the right class").focus()
    it.page.keyboard.press("Home")
    assert "The right class has the probability 0.001" in it.words
