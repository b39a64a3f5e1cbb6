"""Chapter 12's figure in a browser: a network learns, and learns by heart."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.full]


def said(figure):
    """The steps, and loss and per cent on both sets."""
    numbers = re.findall(r"\d+(?:\.\d+)?", figure.words.replace(",", ""))
    return int(numbers[0]), *(float(numbers[i]) for i in (2, 4, 5, 7))


def test_it_learns(figure):
    it = figure("training", reduced_motion="reduce")
    steps, loss, _, other, _ = said(it)
    assert steps == 0
    assert 0.4 < loss < 2
    it.press("Run")
    steps, after, right, after_other, _ = said(it)
    assert steps == 500
    assert after < loss
    assert after_other < other
    assert right > 80
    assert it.root.locator("image").get_attribute("href").startswith("data:image/png")
    it.press("Reset")
    assert said(it)[:2] == (0, loss)
    # With many units it learns by heart.
    it.slide("Hidden units", 40)
    for _ in range(8):
        it.press("Run")
    steps, loss, right, other, _ = said(it)
    assert steps == 4000
    assert right >= 95
    assert other > 2 * loss


def test_it_runs_and_pauses(figure):
    it = figure("training")
    it.press("Run")
    it.wait_until("it => !it.textContent.startsWith('After 0 ')")
    it.press("Pause")
    words = it.words
    it.page.wait_for_timeout(200)
    assert it.words == words
    it.press("Step")
    assert said(it)[0] == int(re.search(r"\d+", words)[0]) + 1


@pytest.mark.parametrize("options", [{}, {"width": 390, "has_touch": True, "scheme": "dark"}])
def test_other_sets_draws_and_colors(figure, options):
    it = figure("training", **options)
    seen = {it.root.locator("svg").first.inner_html()}
    for words in ("a ring", "XOR, in clouds", "two spirals"):
        it.control("Points").select_option(label=words)
        seen.add(it.root.locator("svg").first.inner_html())
    it.press("New points and weights")
    seen.add(it.root.locator("svg").first.inner_html())
    assert len(seen) == 5
    light = it.root.locator("image").get_attribute("href")
    it.page.evaluate("""() => {
        const { dataset } = document.body
        dataset.mdColorScheme = dataset.mdColorScheme === "slate" ? "default" : "slate"
    }""")
    it.page.wait_for_function(
        "([it, old]) => it.getAttribute('href') !== old",
        arg=[it.root.locator("image").element_handle(), light],
    )
