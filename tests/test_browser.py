"""Every page in a real browser: one visit asks all that it can answer (tests/browser.py lists it)."""

import io

import pytest
from PIL import Image

from scripts.checks.static_host import EMPTY, StaticHost
from tests.browser import COLORS, EVERYTHING, LOOK, SETTLE, SHIFT, WIDTHS, Window, ask_axe, press_all, visit
from tests.built import CHAPTERS, code_blocks, pages, report, soup

pytestmark = pytest.mark.browser
full = pytest.mark.full

CHAPTER = f"{CHAPTERS[2]}.html" if CHAPTERS else "index.html"


# Every page


def test_a_page_opens(built_page, window):
    """On a phone, in light colors, with axe and one copy button."""
    wrong = visit(window(width=390), built_page, EVERYTHING)
    if wrong:
        pytest.fail(report(built_page, wrong), pytrace=False)


@full
@pytest.mark.parametrize("scheme", ["light, then dark", "dark, on a phone"])
def test_a_page_opens_in_every_scheme_and_width(built_page, scheme, window):
    """With all its copy buttons pressed once, and with what waits far below laid out."""
    if scheme == "dark, on a phone":
        view = window("http", "dark", 390)
        wrong = visit(view, built_page, COLORS)
    else:
        view = window()
        wrong = visit(view, built_page, EVERYTHING) + press_all(view, code_blocks(built_page))
        darken(view)
        wrong += [
            f"in the dark: {it}" for it in [*view.page.evaluate(LOOK, [1280, True]), *ask_axe(view, COLORS)]
        ]
        view.page.emulate_media(color_scheme="light")
    if wrong := [it for it in wrong + displaced(view, built_page) if it]:
        pytest.fail(report(built_page, wrong), pytrace=False)


def darken(view):
    view.page.emulate_media(color_scheme="dark")
    view.page.wait_for_function("() => document.body.dataset.mdColorScheme === 'slate'")


@full
def test_a_page_opens_from_a_folder(built_page, window):
    if built_page != "404.html":  # a server's page
        wrong = visit(window("file"), built_page)
        assert not wrong, report(built_page, wrong)


# Lays out all that waits, first as it stands once a reader has come near, and then as if nothing waited.
NEAR = """() => {
    document.adoptedStyleSheets = [] // with which the visit had everything laid out
    const waiting = [...document.querySelectorAll(".md-content__inner *")]
        .filter(it => getComputedStyle(it).contentVisibility === "auto")
    return ["layout style paint", "none"].map(contain => {
        for (const it of waiting) Object.assign(it.style, { contentVisibility: "visible", contain })
        return [...document.querySelectorAll(".md-content__inner > *")].map(it => {
            const { top, height } = it.getBoundingClientRect()
            return [it.tagName, Math.round(top), Math.round(height)].join(" ")
        })
    }).concat(waiting.length)
}"""


def displaced(view, name):
    """A box that waits keeps margins in that would collapse with those outside, and would move all below."""
    waiting, at_once, count = view.page.evaluate(NEAR)
    if name.removesuffix(".html") in CHAPTERS and count < 20:
        return ["nothing waits to be laid out: docs/theme/assets/stylesheets/book.css"]
    moved = [f"{one}, not {other}" for one, other in zip(waiting, at_once, strict=True) if one != other]
    return [f"what waits to be laid out keeps a margin in: {moved[0]}"] if moved else []


def test_a_visit_sees_what_is_wrong(fresh):
    """So that nothing above passes because nothing was looked at."""
    view = fresh(width=390)
    spoilt = """<p style="color: #ccc">Pale.</p><p style="font-size: 9px">Small.</p><button></button>
        <p id="wide" style="width: 900px">Wide.</p><img src="https://example.org/a.png"><img src="absent.png">
        <span class="katex-error">Error</span>"""

    def spoil(route):
        answer = route.fetch()
        page = answer.text().replace("</article>", f"{spoilt}</article>", 1)
        route.fulfill(response=answer, body=page.replace("</code></pre>", " more</code></pre>", 1))

    view.page.route("**/setup.html", spoil)
    said = report("setup.html", visit(view, "setup.html", EVERYTHING))
    assert said.startswith("docs/en/setup.md (site/setup.html)")
    for what in (
        "foreign: https://example.org/a.png",
        "Content Security Policy",
        "absent.png",
        'scrolls sideways: <p id="wide"',
        "12 px: Small.",
        "an error stands on the page",
        "axe, image-alt",
        "axe, button-name",
        "axe, color-contrast",
        "block 1 shows",
        "the copy button of block 1 copies",
    ):
        assert what in said, f"{what} is not in {said}"


@full
def test_a_finger_copies_on_a_phone_and_every_page_was_looked_at(fresh):
    view = fresh(width=390, has_touch=True, is_mobile=True)
    assert len(code_blocks(CHAPTER)) >= 5
    assert visit(view, CHAPTER, how="tap") == []
    assert len(pages()) > len(CHAPTERS) + 10


# States that a visitor brings about


def search(view, words):
    view.page.keyboard.press("/")
    view.page.keyboard.type(words)
    view.page.locator(".md-search-result__meta", has_text="matching documents").wait_for()


STATES = {
    "the search has found something": (1280, lambda view: search(view, "softmax")),
    "the search has found something in a narrow window": (390, lambda view: search(view, "softmax")),
    "the search has found nothing": (1280, lambda view: search(view, "xylophone")),
    "the menu is open": (390, lambda view: view.page.locator(".md-header__button[for=__drawer]").click()),
    "something was copied": (1280, lambda view: view.page.locator(".md-code__button").first.click()),
    "the keyboard is on a link": (1280, lambda view: view.page.locator(".md-content p a").first.focus()),
    "a word was looked for": (1280, lambda view: view.open(f"{CHAPTER}?h=softmax")),
    "the dark was chosen": (1280, lambda view: switch_to(view.page, "slate")),
}


@full
@pytest.mark.parametrize("state", STATES)
def test_a_page_is_accessible_while(state, fresh):
    width, bring_about = STATES[state]
    view = fresh(width=width, reduced_motion="reduce")
    view.open(CHAPTER)
    bring_about(view)
    wrong = ask_axe(view)
    if state != "the dark was chosen":
        darken(view)
        wrong += ask_axe(view, COLORS)
    assert not wrong, report(CHAPTER, wrong)


@pytest.mark.parametrize("kind", ["http", pytest.param("file", marks=full)])
def test_search_finds_softmax(kind, fresh):
    view = fresh(kind)
    view.open("setup.html")
    view.page.keyboard.press("/")
    view.page.keyboard.type("softmax")
    view.page.locator(f".md-search-result__link[href*='{CHAPTER}?h=softmax']").first.click()
    view.page.wait_for_url(lambda url: CHAPTER in url)
    view.page.locator(".md-content mark", has_text="softmax").first.wait_for(state="attached")
    assert view.troubles == []


# The palette


@full
def test_the_palette_switch_changes_page_and_figures_and_is_kept(fresh):
    view = fresh(width=1280)
    view.open(CHAPTER)
    figure = view.page.locator(".md-content figure img").first
    light = brightness(view.page, figure)
    assert min(light) > 224
    switch_to(view.page, "slate")
    assert max(brightness(view.page, figure)) < 64
    view.open("index.html")
    assert view.page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    view.open(CHAPTER)
    switch_to(view.page, "default")
    assert brightness(view.page, figure) == light
    assert view.troubles == []


@full
def test_the_palette_follows_the_system_before_the_theme_has_loaded(fresh):
    view = fresh(scheme="dark")
    view.page.route("**/bundle*.js", lambda route: route.abort())
    view.page.goto(f"{view.origin}/{CHAPTER}")
    view.page.locator("body[data-md-color-scheme=slate]").wait_for()
    view.page.emulate_media(color_scheme="light")
    view.page.locator("body[data-md-color-scheme=default]").wait_for()


def switch_to(page, scheme):
    """Click the switch, which goes around three choices, until the page has a color scheme."""
    for _ in range(4):
        page.locator("label.md-header__button[for^=__palette]:visible").click()
        page.evaluate(SETTLE)
        if page.locator("body").get_attribute("data-md-color-scheme") == scheme:
            page.wait_for_timeout(400)  # the colors change gradually
            return
    pytest.fail(f"the switch never comes to {scheme}")


def brightness(page, figure):
    """How bright the paper is, in a figure and beside it: there nothing else is to be seen."""
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    return [picture.getpixel((round(box["x"]) + x, round(box["y"]) + 3)) for x in (3, -3)]


# What a chapter costs its readers: bytes and counts, which are the same on every machine, and never times


@pytest.fixture(scope="session")
def host(site):
    """The site as a static host serves it, compressed."""
    with StaticHost(site) as running:
        yield running


LIGHT = {"bytes": 250_000, "requests": 25, "layout_shift": 0.002}
LOADED = """() => [...document.fonts].filter(it => it.status === "loaded").map(it =>
    `${it.family}-${it.style === "italic" ? "Italic" : it.weight === "bold" ? "Bold" : "Regular"}`)"""
PRELOADED = "[...document.querySelectorAll('link[rel=preload]')].map(it => it.href)"


@full
@pytest.mark.parametrize("number", range(len(CHAPTERS)))
def test_a_chapter_is_light(number, browser, host):
    view = Window(browser, host.origin)
    view.page.goto(host.origin + EMPTY)
    host.take()

    def cost(chapter):
        view.page.goto(f"{host.origin}/{chapter}.html")  # waits for all that the page names, however slowly
        view.page.wait_for_load_state("networkidle")
        fetched = host.take()
        weight = sum(it.bytes for it in fetched)
        shift = view.page.evaluate(SHIFT)
        return {"bytes": weight, "requests": len(fetched), "layout_shift": shift}, [it.path for it in fetched]

    first, fetched = cost(CHAPTERS[number])
    assert {name: first[name] for name in LIGHT if first[name] > LIGHT[name]} == {}, fetched
    assert not [path for path in fetched if "/search" in path or "worker" in path]
    preloaded, loaded = (view.page.evaluate(it) for it in (PRELOADED, LOADED))
    assert preloaded, "formulas wait for their fonts"
    assert [it for it in preloaded if it.split("/")[-1].removesuffix(".woff2") not in loaded] == []
    if number + 1 < len(CHAPTERS):
        following, fetched = cost(CHAPTERS[number + 1])
        assert following["bytes"] <= 80_000, fetched
        assert following["layout_shift"] <= LIGHT["layout_shift"]
    view.context.close()


LANDED = """name => {
    const header = document.querySelector(".md-header").getBoundingClientRect().bottom
    return Math.abs(document.getElementById(name).getBoundingClientRect().top - header) < 40
}"""


@full
@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_leads_to_its_section(width, fresh):
    """Far below the first screen, heights are only estimates until a reader comes there."""
    view = fresh(width=width)
    names = [it["id"] for it in soup(CHAPTER).select(".md-content h2[id]")][1:-2]
    for name in (names[-1], names[0], names[len(names) // 2]):
        view.page.goto(f"{view.origin}/{CHAPTER}?for={name}#{name}")
        view.page.wait_for_function(LANDED, arg=name)
