"""A page without a mouse: Tab reaches everything, a ring shows where one is, keys open, close and copy."""

import pytest

from tests.browser import WIDTHS
from tests.built import CHAPTERS, code_blocks, html, pages, report

pytestmark = pytest.mark.browser
full = pytest.mark.full

CHAPTER = f"{CHAPTERS[2]}.html" if CHAPTERS else "index.html"
FIGURE = next((page for page in pages() if 'data-interactive="' in html(page)), CHAPTER)
KINDS = ["index.html", FIGURE, "api/losses.html", "bugs.html"]  # the home page, a chapter with a figure, ...

SCROLLERS = "pre > code, .md-typeset__scrollwrap, .math.display"
# Whatever a mouse can use, and whatever scrolls sideways, if it is seen and not locked. Of radio buttons Tab
# comes to the one that is chosen; the search, once it is open, has keys of its own; the way back to the top
# is there only while a reader scrolls up.
OWED = f"""() => {{
    const controls = "a[href], button, summary, input, select, textarea, [tabindex='0']"
    return [...document.querySelectorAll(`${{controls}}, {SCROLLERS}`)].filter(it => {{
        const scrolls = it.scrollWidth > it.clientWidth || it.matches(controls)
        const radio = it.type === "radio", inside = it.closest(".md-search__form")
        const seen = it.checkVisibility({{ visibilityProperty: true }}) && (it.offsetWidth || radio)
        const other = radio && !it.checked || it.tabIndex < 0 && inside || it.matches(".md-top")
        return scrolls && seen && !other && !it.disabled && !it.closest("[inert]")
    }})
}}"""
NAME = """it => {
    const says = it.title || it.ariaLabel || it.innerText || it.getAttribute("href") || ""
    return `${[it.localName, ...it.classList].join(".")} ${JSON.stringify(says.slice(0, 40))}`
}"""
# Where the keyboard is, and what is wrong with what a reader sees of it.
FOCUSED = f"""async () => {{
    const frame = () => new Promise(requestAnimationFrame)
    await frame()
    await frame()
    const it = document.activeElement
    if (it === document.body) return null
    reached.add(it)
    const field = it.matches(".md-search__input") // its form shows it, by a border
    const ring = field ? it.form : it.type === "radio" ? it.nextElementSibling : it
    const {{ outlineStyle, outlineWidth, borderColor, opacity }} = getComputedStyle(ring)
    const marked = field ? borderColor !== quiet : outlineStyle !== "none" && parseFloat(outlineWidth) >= 2
    const box = ring.getBoundingClientRect()
    const header = document.querySelector(".md-header").getBoundingClientRect()
    const top = it.closest(".md-content, .md-footer") ? header.bottom : 0
    const free = Math.min(box.bottom, innerHeight) - Math.max(box.top, top) >= Math.min(12, box.height)
    const seen = opacity > .5 && ring.checkVisibility({{ visibilityProperty: true }})
    const inside = free && box.right > 0 && box.left < innerWidth
    const wrong = !marked ? "no ring shows" : !seen ? "nobody sees" : !inside ? "something hides" : ""
    return [({NAME})(it), wrong]
}}"""
UNFOLD = """most => {
    window.reached = new Set()
    window.quiet = getComputedStyle(document.querySelector(".md-search__form")).borderColor
    for (const it of [...document.querySelectorAll("details")].slice(0, most)) it.open = true
}"""


def start(view, name, unfolded=1000):
    """Open a page as it is, not laid out beforehand, with so much of it unfolded."""
    view.page.emulate_media(reduced_motion="reduce")  # nothing has to be waited for
    view.troubles.clear()
    view.page.goto(f"{view.origin}/{name}")
    view.page.evaluate(UNFOLD, unfolded)
    return view


def press(view, *keys):
    for key in keys:
        view.page.keyboard.press(key)
    return view.page.evaluate(FOCUSED)


def walk(view, key):
    """Press a key until the page is left; list what is wrong with the places that it comes to."""
    places = []
    while place := press(view, key):
        places.append(place)
        assert len(places) < 1500, f"a trap: {key} never leaves the page, and is now at {place[0]}"
    return [f"{wrong} that the keyboard is on {it}" for it, wrong in places if wrong]


def focused(view, selector):
    return view.page.evaluate("it => document.activeElement.matches(it)", selector)


def walked(view, name, keys=("Tab",), unfolded=1000):
    """What is wrong with a page for whoever has only the Tab key."""
    start(view, name, unfolded)
    for figure in view.page.locator(
        "figure:has(img[data-interactive])"
    ).all():  # come alive when they are near
        if figure.is_visible():
            figure.scroll_into_view_if_needed()
            figure.locator(".interactive").first.wait_for()
    view.page.evaluate("scrollTo(0, 0)")
    wrong = [it for key in keys for it in walk(view, key)]
    missed = view.page.evaluate(f"({OWED})().filter(it => !reached.has(it)).map({NAME})")
    return [*wrong, *(f"Tab never comes to {it}" for it in missed), *view.troubles]


@pytest.mark.parametrize("name", KINDS)
def test_a_page_of_each_kind_is_used_by_keys(name, fresh):
    """Tab, the skip link, a fold, a copy button and, on a chapter, the controls of its figure."""
    view = fresh(width=390)
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wrong = walked(view, name, unfolded=3)
    start(view, name)
    if not press(view, "Tab")[0].startswith("a.md-skip"):
        wrong.append("the first Tab does not come to the skip link")
    press(view, "Enter", "Tab")
    if not focused(view, ".md-content *"):
        wrong.append("the skip link does not lead to the content")
    for key in ("Enter", "Space"):
        if view.page.locator(".md-content summary").count():
            view.page.locator(".md-content summary").first.focus()
            states = [press(view, key) and focused(view, "[open] > summary") for _ in range(2)]
            wrong += [] if states == [False, True] else [f"{key} does not fold and unfold"]
        button = view.page.locator(".md-code__button[data-md-type=copy]").first
        view.page.evaluate("navigator.clipboard.writeText('nothing was copied')")
        button.focus()
        press(view, key)
        if view.page.evaluate("navigator.clipboard.readText()") != code_blocks(name)[0].text:
            wrong.append(f"{key} does not copy")
        if not button.evaluate("it => it === document.activeElement"):
            wrong.append("the keyboard does not stay on the copy button")
    if wrong:
        pytest.fail(report(name, wrong), pytrace=False)


@full
def test_tab_reaches_everything_and_shows_where_it_is(built_page, fresh):
    """On pages of each kind also back again, and on a phone."""
    widths, keys = (WIDTHS, ("Tab", "Shift+Tab")) if built_page in KINDS else ([1280], ("Tab",))
    if wrong := [it for width in widths for it in walked(fresh(width=width), built_page, keys)]:
        pytest.fail(report(built_page, wrong), pytrace=False)


@full
@pytest.mark.parametrize("kind", SCROLLERS.split(", "))
def test_arrows_scroll_what_is_too_wide(kind, fresh):
    view = fresh(width=390)
    view.page.set_viewport_size({"width": 240, "height": 844})  # a phone whose letters are enlarged
    start(view, CHAPTER)
    for it in view.page.locator(".md-content table").all():  # gets its frame when it comes into view
        it.scroll_into_view_if_needed()
    view.page.locator(kind).first.scroll_into_view_if_needed()
    view.page.locator(f":is({kind})[tabindex]").first.focus()
    press(view, "ArrowRight", "ArrowRight")
    view.page.wait_for_function("() => document.activeElement.scrollLeft > 0")


@full
def test_keys_choose_the_palette(fresh):
    view = start(fresh(), CHAPTER)
    view.page.locator("input[name=__palette]:checked").focus()
    for scheme in ("default", "slate", "default", "default", "slate"):  # light, dark, the system's, and again
        press(view, "Enter")
        assert view.page.locator("body").get_attribute("data-md-color-scheme") == scheme
    assert view.page.url.endswith(CHAPTER)


SEARCHES = "() => document.activeElement.matches('.md-search__input')"
FOUND = ".md-search-result__link[href*='h=softmax']"
IS_FOCUSED = "it => it === document.activeElement"


@full
@pytest.mark.parametrize("width", WIDTHS)
def test_keys_search_and_come_back(width, fresh):
    view = start(fresh(width=width), CHAPTER)
    link = view.page.locator(".md-content p a").first
    link.focus()
    press(view, "/")
    view.page.wait_for_function(SEARCHES)
    view.page.keyboard.type("softmax")
    view.page.locator(FOUND).first.wait_for()
    press(view, "ArrowDown")
    assert focused(view, ".md-search-result__link")
    press(view, "Escape")
    view.page.wait_for_function(IS_FOCUSED, arg=link.element_handle())
    press(view, "/")
    view.page.wait_for_function(SEARCHES)
    view.page.locator(FOUND).first.wait_for()
    press(view, "ArrowDown")
    view.page.keyboard.press("Enter")
    view.page.wait_for_url(lambda url: "?h=" in url)
    assert view.troubles == []


@full
@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_search_in_a_narrow_window(key, fresh):
    view = start(fresh(width=390), CHAPTER)
    button = view.page.locator(".md-header__button[for=__search]")
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    press(view, key)
    view.page.wait_for_function(SEARCHES)
    assert button.get_attribute("aria-expanded") == "true"
    press(view, "Escape")
    view.page.wait_for_function(IS_FOCUSED, arg=button.element_handle())


@full
@pytest.mark.parametrize("leave", ["Escape", "Enter", "Space"])
def test_keys_open_the_menu_and_come_back(leave, fresh):
    view = start(fresh(width=390), KINDS[2])
    button = view.page.locator(".md-header__button[for=__drawer]").first
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    press(view, "Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert focused(view, ".book-nav [aria-current=page]"), "the menu opens where the reader is"
    assert press(view, "Shift+Tab", "Tab")[1] == ""
    assert walk(view, "Tab") == []
    left = view.page.evaluate("[...reached].filter(it => !it.closest('.book-nav')).length")
    assert left == 0, "the keyboard stays in the menu that it opened"
    if leave != "Escape":
        view.page.locator(".book-nav__close").focus()
    press(view, leave)
    assert button.get_attribute("aria-expanded") == "false"
    assert button.evaluate(IS_FOCUSED)
    assert not view.page.locator(".book-nav").is_visible()


@full
def test_the_menu_leads_to_a_section(fresh):
    view = start(fresh(width=390), CHAPTER)
    view.page.locator(".md-header__button[for=__drawer]").focus()
    press(view, "Enter", "Tab")
    view.page.keyboard.press("Enter")
    view.page.wait_for_function("() => !document.getElementById('__drawer').checked")
    assert "#" in view.page.url
    press(view, "Tab")
    assert focused(view, ".md-content *")


@full
def test_a_menu_that_is_open_when_the_window_grows_locks_nobody_out(fresh):
    view = start(fresh(width=390), CHAPTER)
    view.page.locator(".md-header__button[for=__drawer]").click()
    view.page.set_viewport_size({"width": 1280, "height": 900})
    view.page.wait_for_function("() => !document.getElementById('__drawer').checked")
    assert view.page.locator("[inert]").count() == 0


@full
def test_the_menu_opens_without_scripts(fresh):
    view = fresh(width=390, java_script_enabled=False)
    view.page.goto(f"{view.origin}/{CHAPTER}")
    view.page.locator("label.md-header__button[for=__drawer]").click()
    view.page.locator(".book-nav a[href='notation.html']").click()
    assert view.page.url.endswith("notation.html")
