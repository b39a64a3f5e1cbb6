"""Every interactive figure: when it comes, what it leaves to those without it, and that all can use it."""

import pytest

from tests.built import ROOT, html, pages
from tests.interactive.conftest import Before
from tests.interactive.test_delivery import FIGURES

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RUN_AXE = "async root => (await axe.run(root)).violations.map(it => it.id + ': ' + it.nodes[0].html)"
NAMES = """root => [...root.querySelectorAll("input, select, button")].filter(
    it => it.checkVisibility()).map(it => ({
    words: (it.labels?.[0] ?? it).textContent.trim() || it.getAttribute("aria-label"), html: it.outerHTML,
    size: Math.min(it.getBoundingClientRect().width, it.getBoundingClientRect().height) }))"""

STOPS = """root => {
    const controls = [...root.querySelectorAll(":is(input, select, button):enabled")]
        .filter(it => it.checkVisibility())
    return new Set(controls.map(it => it.type === "radio" ? it.name : it)).size // one stop a group of radios
}"""
HAS_FOCUS = """root => root.contains(document.activeElement)
    && document.activeElement.matches(":focus-visible")"""


@pytest.fixture(params=FIGURES)
def name(request):
    return request.param


def page_of(name):
    return next(page for page in pages() if f'data-interactive="{name}"' in html(page))


def test_it_is_fetched_when_the_reader_comes_near(name, fresh):
    view = fresh()
    asked = []
    view.page.on("request", lambda it: asked.append(it.url))
    view.page.goto(f"{view.origin}/{page_of(name)}", wait_until="networkidle")
    far = view.page.evaluate(
        f"""document.querySelector('img[data-interactive="{name}"]').getBoundingClientRect().top > 2000"""
    )
    assert any(url.endswith("interactive/loader.js") for url in asked)
    if far:
        assert not any(url.endswith(f"interactive/{name}.js") for url in asked)
    Before(view, name).come_near()
    assert sum(url.endswith(f"interactive/{name}.js") for url in asked) == 1
    assert not view.troubles


def test_without_scripts_the_still_picture_is_the_figure(name, fresh):
    view = fresh(java_script_enabled=False)
    view.page.goto(f"{view.origin}/{page_of(name)}")
    assert view.page.locator(f'img[data-interactive="{name}"]').first.is_visible()
    assert not view.page.locator(".interactive").count()


def test_in_print_the_still_picture_is_the_figure(name, figure):
    it = figure(name)
    assert not it.still.is_visible()
    it.page.emulate_media(media="print")
    assert it.still.is_visible()
    assert not it.root.is_visible()


def test_a_script_that_fails_leaves_the_still_picture(name, fresh):
    view = fresh()
    view.page.route(f"**/interactive/{name}.js", lambda route: route.abort())
    view.page.goto(f"{view.origin}/{page_of(name)}")
    it = Before(view, name)
    with view.page.expect_event("requestfailed"):
        it.still.evaluate("it => it.closest('figure').scrollIntoView({ block: 'center' })")
    assert it.still.is_visible()


def test_it_works_from_a_folder(name, figure):
    it = figure(name, kind="file")
    assert it.words


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(name, figure, scheme, width):
    it = figure(name, scheme=scheme, width=width)
    it.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert it.root.evaluate(RUN_AXE) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_stays_inside_the_page_and_its_controls_can_be_hit(name, figure, width):
    it = figure(name, width=width)
    box = it.root.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert it.page.evaluate("document.scrollingElement.scrollWidth") <= width
    controls = it.root.evaluate(NAMES)
    assert controls
    for control in controls:
        assert control["words"], control["html"]
        assert control["size"] >= 16, control["html"]


def test_the_keyboard_reaches_every_control(name, figure):
    it = figure(name)
    wanted = it.root.evaluate(STOPS)
    it.root.evaluate("root => { root.tabIndex = -1; root.focus() }")
    reached = 0
    for _ in range(wanted):
        it.page.keyboard.press("Tab")
        reached += it.root.evaluate(HAS_FOCUS)
    assert reached == wanted


WATCH_SHIFTS = """() => {
    window.shifted = 0
    new PerformanceObserver(list => list.getEntries().forEach(it => window.shifted += it.value)).observe(
        { type: "layout-shift", buffered: true })
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_the_reader_scrolls_to_it(name, fresh, width):
    view = fresh(width=width)
    view.page.goto(f"{view.origin}/{page_of(name)}", wait_until="networkidle")
    it = Before(view, name)
    far = "it => it.closest('figure').getBoundingClientRect().top > 2000"
    if it.still.evaluate(far):  # there without waiting: how long the way is does not matter
        it.still.evaluate("it => scrollBy(0, it.closest('figure').getBoundingClientRect().top - 2000)")
        view.page.wait_for_timeout(300)
    view.page.evaluate(WATCH_SHIFTS)
    before = view.page.evaluate("window.shifted")
    for _ in range(18):
        view.page.mouse.wheel(0, 120)
        view.page.wait_for_timeout(50)
    it.root.wait_for()
    assert view.page.evaluate("window.shifted") - before < 0.002


HEIGHT = "root => root.getBoundingClientRect().height"
SET = "(it, value) => { it.value = value; it.dispatchEvent(new Event('input', { bubbles: true })) }"


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_below_stays_where_it_is_while_sliders_move(name, figure, width):
    it = figure(name, width=width, reduced_motion="reduce")
    height = it.root.evaluate(HEIGHT)
    for slider in it.root.locator("input[type=range]").all():
        start = slider.input_value()
        for end in ("min", "max"):
            slider.evaluate(SET, slider.get_attribute(end))
            if (run := it.root.get_by_role("button", name="Run", exact=True)).count():
                run.click()
            assert it.root.evaluate(HEIGHT) == pytest.approx(height, abs=0.5), it.words
        slider.evaluate(SET, start)


def test_it_answers_aloud_only_once_it_was_touched(name, figure):
    it = figure(name)
    it.page.wait_for_timeout(700)
    assert not it.heard
    it.root.locator("input[type=range], input[type=radio], select, button").first.focus()
    it.root.locator("button, .interactive__choices input").last.dispatch_event("click")
    it.page.wait_for_function(
        "it => it.textContent", arg=it.root.locator(".interactive__heard").element_handle()
    )
    assert it.heard == it.words
