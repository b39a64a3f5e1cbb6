"""Every interactive figure: when it comes, what it leaves to those without it, and that all can use it."""

import pytest

from tests.browser import ask_axe
from tests.built import html, pages, report
from tests.interactive.conftest import Before
from tests.interactive.test_delivery import FIGURES

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("name", FIGURES)]
full = pytest.mark.full

CONTROLS = """root => [...root.querySelectorAll("input, select, button")].filter(it => it.checkVisibility())
    .flatMap(it => {
        const words = (it.labels?.[0] ?? it).textContent.trim() || it.getAttribute("aria-label")
        const { width, height } = it.getBoundingClientRect()
        const wrong = [words ? "" : "has no name", Math.min(width, height) < 16 ? "is too small to hit" : ""]
        return wrong.filter(Boolean).map(what => `a control ${what}: ${it.outerHTML}`)
    })"""
STOPS = """root => {
    const controls = [...root.querySelectorAll(":is(input, select, button):enabled")]
        .filter(it => it.checkVisibility())
    return new Set(controls.map(it => it.type === "radio" ? it.name : it)).size // one stop a group of radios
}"""
HAS_FOCUS = (
    "root => root.contains(document.activeElement) && document.activeElement.matches(':focus-visible')"
)
FAR = "it => it.closest('figure').getBoundingClientRect().top > 2000"


def page_of(name):
    return next(page for page in pages() if f'data-interactive="{name}"' in html(page))


def look(name, view, width):
    """Open a figure's page, go to the figure, use it, and list what is wrong."""
    asked, wrong = [], []
    view.page.on("request", lambda it: asked.append(it.url))
    view.page.goto(f"{view.origin}/{page_of(name)}")
    it = Before(view, name)
    script = f"interactive/{name}.js"
    if it.still.evaluate(FAR) and any(url.endswith(script) for url in asked):
        wrong.append("its script is fetched before a reader comes near")
    it.come_near()
    if (times := sum(url.endswith(script) for url in asked)) != 1:
        wrong.append(f"its script is fetched {times} times")
    if it.still.is_visible() or not it.words:
        wrong.append("the still picture stays beside it, or it says nothing")
    box = it.root.bounding_box()
    sideways = it.page.evaluate("document.scrollingElement.scrollWidth") > width
    if box["x"] < 0 or box["x"] + box["width"] > width or sideways:
        wrong.append("it does not stay inside the page")
    wrong += it.root.evaluate(CONTROLS)
    wanted = it.root.evaluate(STOPS)
    it.root.evaluate("root => { root.tabIndex = -1; root.focus() }")
    reached = 0
    for _ in range(wanted):
        it.page.keyboard.press("Tab")
        reached += it.root.evaluate(HAS_FOCUS)
    if not wanted or reached != wanted:
        wrong.append(f"Tab reaches {reached} of {wanted} controls")
    it.root.evaluate("root => root.removeAttribute('tabindex')")
    wrong += ask_axe(view, root=f'figure:has(img[data-interactive="{name}"]) .interactive')
    if it.heard:
        wrong.append(f"it says aloud, before it was touched: {it.heard}")
    it.root.locator("button, .interactive__choices input").last.dispatch_event("click")
    it.wait_until("it => it.textContent", "heard")
    if it.heard != it.words:
        wrong.append(f"it says {it.words!r} below it and {it.heard!r} aloud")
    return [f"the figure {name} (docs/interactive/{name}.js): {it}" for it in [*view.troubles, *wrong]]


def test_it_comes_answers_and_can_be_used(name, fresh):
    if wrong := look(name, fresh(width=390, reduced_motion="reduce"), 390):
        pytest.fail(report(page_of(name), wrong), pytrace=False)


@full
@pytest.mark.parametrize(
    ("kind", "scheme", "width"), [("http", "dark", 390), ("http", "dark", 1280), ("file", "light", 1280)]
)
def test_it_does_so_in_other_windows(name, kind, scheme, width, fresh):
    if wrong := look(name, fresh(kind, scheme=scheme, width=width), width):
        pytest.fail(report(page_of(name), wrong), pytrace=False)


@full
def test_without_it_the_still_picture_is_the_figure(name, fresh, figure):
    """Without scripts, when its own script fails, and in print."""
    view = fresh(java_script_enabled=False)
    view.page.goto(f"{view.origin}/{page_of(name)}")
    assert view.page.locator(f'img[data-interactive="{name}"]').first.is_visible()
    assert not view.page.locator(".interactive").count()

    view = fresh()
    view.page.route(f"**/interactive/{name}.js", lambda route: route.abort())
    view.page.goto(f"{view.origin}/{page_of(name)}")
    it = Before(view, name)
    with view.page.expect_event("requestfailed"):
        it.still.evaluate("it => it.closest('figure').scrollIntoView({ block: 'center' })")
    assert it.still.is_visible()

    it = figure(name)
    it.page.emulate_media(media="print")
    assert it.still.is_visible()
    assert not it.root.is_visible()


WATCH_SHIFTS = """() => {
    window.shifted = 0
    new PerformanceObserver(list => list.getEntries().forEach(it => window.shifted += it.value)).observe(
        { type: "layout-shift", buffered: true })
}"""
HEIGHT = "root => root.getBoundingClientRect().height"
SET = "(it, value) => { it.value = value; it.dispatchEvent(new Event('input', { bubbles: true })) }"


@full
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_a_reader_comes_or_moves_a_slider(name, fresh, width):
    view = fresh(width=width, reduced_motion="reduce")
    view.page.goto(f"{view.origin}/{page_of(name)}", wait_until="networkidle")
    it = Before(view, name)
    if it.still.evaluate(FAR):  # there without waiting: how long the way is does not matter
        it.still.evaluate("it => scrollBy(0, it.closest('figure').getBoundingClientRect().top - 2000)")
        view.page.wait_for_timeout(300)
    view.page.evaluate(WATCH_SHIFTS)
    before = view.page.evaluate("window.shifted")
    for _ in range(18):
        view.page.mouse.wheel(0, 120)
        view.page.wait_for_timeout(50)
    it.root.wait_for()
    assert view.page.evaluate("window.shifted") - before < 0.002
    it.come_near()
    height = it.root.evaluate(HEIGHT)
    for slider in it.root.locator("input[type=range]").all():
        start = slider.input_value()
        for end in ("min", "max"):
            slider.evaluate(SET, slider.get_attribute(end))
            if (run := it.root.get_by_role("button", name="Run", exact=True)).count():
                run.click()
            assert it.root.evaluate(HEIGHT) == pytest.approx(height, abs=0.5), it.words
        slider.evaluate(SET, start)
