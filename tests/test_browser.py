"""Every page in a real browser: light and dark, wide and narrow, served and from a folder."""

import io

import pytest
from PIL import Image

from scripts.benchmarks.reading import Reader
from scripts.checks.static_host import StaticHost
from tests.browser import SETTLE, WIDTHS
from tests.built import CHAPTERS, ROOT, pages, soup

pytestmark = pytest.mark.browser

CHAPTER = f"{CHAPTERS[0]}.html" if CHAPTERS else "index.html"


# Every page

LOOK = """() => {
    const seen = element => element.checkVisibility() && element.getBoundingClientRect().width > 0
    const small = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement
        const size = parseFloat(getComputedStyle(element).fontSize)
        const raised = element.closest(".katex, sup, .footnote-backref")  // the backref is a picture
        if (size < 12 && texts.currentNode.data.trim() && seen(element) && !raised)
            small.push(`${size}px: ${texts.currentNode.data.trim().slice(0, 40)}`)
    }
    const formulas = [...document.querySelectorAll(".katex")]
    return {
        window: innerWidth,
        width: document.scrollingElement.scrollWidth,
        dark: matchMedia("(prefers-color-scheme: dark)").matches,
        missing: [...document.images].filter(it => !it.naturalWidth).map(it => it.src),
        broken: document.querySelectorAll(".katex-error, .build-error").length,
        invisible: formulas.filter(it => it.checkVisibility() && !seen(it)).length,
        fonts: !formulas.some(seen)
            || [...document.fonts].some(it => it.family.includes("KaTeX_Math") && it.status === "loaded")
            && formulas.every(it =>
                getComputedStyle(it.querySelector(".mathnormal") ?? it).fontFamily.includes("KaTeX")),
        small,
        paper: getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number),
    }
}"""


# What a stylesheet can spoil, and how much it is spoilt on a page.
SPOILT = {
    "the page scrolls sideways": lambda seen: max(0, seen["width"] - seen["window"]),
    "formulas lack their fonts": lambda seen: not seen["fonts"],
    "words are too small": lambda seen: len(seen["small"]),
    "the paper is not dark": lambda seen: seen["dark"] and sum(seen["paper"]) >= 3 * 64,
    "the paper is not light": lambda seen: not seen["dark"] and sum(seen["paper"]) <= 3 * 224,
}


def culprits(view, much):
    """Name those of the book's stylesheets without which a page would be spoilt less than half as much."""
    before = much(view.page.evaluate(LOOK))
    toggle = f"async number => {{ document.styleSheets[number].disabled ^= 1; await ({SETTLE})() }}"
    found = []
    addresses = view.page.evaluate("[...document.styleSheets].map(it => it.href ?? '')")
    for number, address in enumerate(addresses):
        source = f"docs/theme/assets/{address.partition('/assets/')[2]}"
        if (ROOT / source).is_file():
            view.page.evaluate(toggle, number)
            if much(view.page.evaluate(LOOK)) < before / 2:
                found.append(source)
            view.page.evaluate(toggle, number)
    return found or "no stylesheet alone is to blame"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens(built_page, window, scheme, width):
    view = window("http", scheme, width)
    view.open(built_page)
    seen = view.page.evaluate(LOOK)
    assert not view.troubles, view.troubles
    assert seen["missing"] == []
    assert seen["broken"] == 0
    assert seen["invisible"] == 0
    assert (seen["window"], seen["dark"]) == (width, scheme == "dark")
    for what, much in SPOILT.items():
        assert not much(seen), f"{what}: {culprits(view, much)}; {seen['small'][:3]}, {seen['paper']}"


@pytest.mark.parametrize("name", [name for name in pages() if name != "404.html"])  # a server's page
def test_a_page_opens_from_a_folder(name, window):
    view = window("file")
    view.open(name)
    seen = view.page.evaluate(LOOK)
    assert view.troubles == []
    assert seen["missing"] == []
    assert seen["fonts"]


# What is far below


# Lays out all that waits, first as it stands once a reader has come near, and then as if nothing waited.
NEAR = """() => {
    const waiting = [...document.querySelectorAll(".md-content__inner *")]
        .filter(it => getComputedStyle(it).contentVisibility === "auto")
    return ["layout style paint", "none"].map(contain => {
        for (const it of waiting) Object.assign(it.style, { contentVisibility: "visible", contain })
        return [...document.querySelectorAll(".md-content__inner > *")].map(it => {
            const { top, height } = it.getBoundingClientRect()
            return [it.tagName, Math.round(top), Math.round(height)]
        })
    }).concat(waiting.length)
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_waits_stands_where_it_would(chapter, width, window):
    """A box that waits keeps margins in that would collapse with those outside, and would move all below."""
    view = window("http", width=width)
    view.page.goto(f"{view.origin}/{chapter}.html")
    waiting, at_once, count = view.page.evaluate(NEAR)
    assert count > 20
    moved = [pair for pair in zip(waiting, at_once, strict=True) if pair[0] != pair[1]]
    assert not moved, f"what waits in docs/theme/assets/stylesheets/book.css keeps a margin in: {moved[:1]}"


# Search


@pytest.mark.parametrize("kind", ["http", "file"])
def test_search_finds_softmax(kind, fresh):
    view = fresh(kind)
    view.open("setup.html")
    view.page.keyboard.press("/")
    view.page.keyboard.type("softmax")
    results = view.page.locator(".md-search-result__link")
    results.first.wait_for()
    addresses = [link.get_attribute("href") for link in results.all()]
    chapter = next(
        number for number, address in enumerate(addresses) if "03-loss-functions.html?h=softmax" in address
    )
    results.nth(chapter).click()
    view.page.wait_for_url(lambda url: "03-loss-functions.html" in url)
    view.page.locator(".md-content mark", has_text="softmax").first.wait_for(state="attached")
    assert view.troubles == []


# The palette


def test_the_palette_switch_changes_page_and_figures(fresh):
    view = fresh(width=1280)
    view.open(CHAPTER)
    figure = view.page.locator(".md-content figure img").first
    light = brightness(view.page, figure)
    assert light["page"] > 224
    assert light["figure"] > 224
    switch_to(view.page, "slate")
    dark = brightness(view.page, figure)
    assert dark["page"] < 64
    assert dark["figure"] < 64
    switch_to(view.page, "default")
    assert brightness(view.page, figure) == light
    assert view.troubles == []


def test_the_palette_is_kept_from_page_to_page(fresh):
    view = fresh()
    view.open(CHAPTER)
    switch_to(view.page, "slate")
    view.open("index.html")
    assert view.page.locator("body").get_attribute("data-md-color-scheme") == "slate"


def test_the_palette_follows_the_system_before_the_theme_has_loaded(fresh):
    view = fresh(scheme="dark")
    view.page.route("**/bundle*.js", lambda route: route.abort())
    view.page.goto(f"{view.origin}/{CHAPTER}")
    body = view.page.locator("body")
    assert body.get_attribute("data-md-color-scheme") == "slate"
    view.page.emulate_media(color_scheme="light")
    view.page.locator("body[data-md-color-scheme=default]").wait_for()


def switch_to(page, scheme):
    """Click the switch, which goes around three choices, until the page has a colour scheme."""
    for _ in range(4):
        page.locator("label.md-header__button[for^=__palette]:visible").click()
        page.evaluate(SETTLE)
        if page.locator("body").get_attribute("data-md-color-scheme") == scheme:
            page.wait_for_timeout(400)  # the colours change gradually
            return
    pytest.fail(f"the switch never comes to {scheme}")


def brightness(page, figure):
    """How bright the paper is, on the page and in a figure: their corners show nothing else."""
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    inside = picture.getpixel((round(box["x"]) + 3, round(box["y"]) + 3))
    ground = sum(page.evaluate(LOOK)["paper"]) / 3
    return {"page": ground, "figure": inside}


# Narrow


def test_code_scrolls_inside_its_block(window):
    view = window("http", "light", 390)
    view.open(CHAPTER)
    clipped = view.page.evaluate(
        """() => [...document.querySelectorAll("pre > code")].filter(it =>
            it.checkVisibility() && it.scrollWidth > it.clientWidth
            && !["auto", "scroll"].includes(getComputedStyle(it).overflowX)).length"""
    )
    assert clipped == 0


# What a chapter costs its readers: bytes and counts, which are the same on every machine, and never times


@pytest.fixture(scope="session")
def host(site):
    """The site as a static host serves it, compressed."""
    with StaticHost(site) as running:
        yield running


@pytest.fixture
def reader_of(browser, host):
    """Give a reader with an empty cache."""
    reader = Reader(browser, host, slow_down=1)
    yield reader
    reader.context.close()


LIGHT = {"bytes": 250_000, "requests": 25, "layout_shift": 0.002}
LOADED = """() => [...document.fonts].filter(it => it.status === "loaded").map(it =>
    `${it.family}-${it.style === "italic" ? "Italic" : it.weight === "bold" ? "Bold" : "Regular"}`)"""


@pytest.mark.parametrize("number", range(len(CHAPTERS)))
def test_a_chapter_is_light(number, reader_of):
    first = reader_of.open(f"{CHAPTERS[number]}.html")
    assert {name: first[name] for name in LIGHT if first[name] > LIGHT[name]} == {}, reader_of.fetched
    for unused in ("/search", "worker"):
        assert not [it.path for it in reader_of.fetched if unused in it.path]
    preloaded = reader_of.page.evaluate(
        "[...document.querySelectorAll('link[rel=preload]')].map(it => it.href)"
    )
    assert preloaded, "formulas wait for their fonts"
    loaded = reader_of.page.evaluate(LOADED)
    assert [it for it in preloaded if it.split("/")[-1].removesuffix(".woff2") not in loaded] == []
    if number + 1 < len(CHAPTERS):
        following = reader_of.open(f"{CHAPTERS[number + 1]}.html")
        assert following["bytes"] <= 80_000, reader_of.fetched
        assert following["layout_shift"] <= LIGHT["layout_shift"]


LANDED = """name => {
    const header = document.querySelector(".md-header").getBoundingClientRect().bottom
    return Math.abs(document.getElementById(name).getBoundingClientRect().top - header) < 40
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_leads_to_its_section(width, fresh):
    """Far below the first screen, heights are only estimates until a reader comes there."""
    view = fresh(width=width)
    names = [it["id"] for it in soup(CHAPTER).select(".md-content h2[id]")][1:-2]
    for name in (names[-1], names[0], names[len(names) // 2]):
        view.page.goto(f"{view.origin}/{CHAPTER}?for={name}#{name}")
        view.page.wait_for_function(LANDED, arg=name)


def test_every_page_was_looked_at(site):
    assert len(pages()) >= 20
