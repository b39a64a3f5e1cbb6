"""A page without a mouse: Tab reaches everything, a ring shows where one is, keys open, close and copy."""

import pytest

from tests.browser import WIDTHS
from tests.built import CHAPTERS, soup
from tests.subjects import theme

pytestmark = pytest.mark.browser

CHAPTER = f"{CHAPTERS[2]}.html" if CHAPTERS else "index.html"
PAGES = ["index.html", CHAPTER, "notation.html", "api/networks.html"]

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
NAMES = """it => {
    const names = []
    for (; it; it = it.parentElement) names.push(it.id, ...it.classList)
    return names.filter(Boolean)
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
    return [({NAME})(it), !marked ? "no ring" : !seen ? "not seen" : !inside ? "behind something" : ""]
}}"""
SEEN_TO = {"no ring": "focus-visible", "not seen": "visibility", "behind something": "scroll-padding-top"}
UNFOLD = """() => {
    window.reached = new Set()
    window.quiet = getComputedStyle(document.querySelector(".md-search__form")).borderColor
    for (const it of document.querySelectorAll("details")) it.open = true
}"""


def start(view, name):
    """Open a page as it is, not laid out beforehand, with everything unfolded."""
    view.page.emulate_media(reduced_motion="reduce")  # nothing has to be waited for
    view.troubles.clear()
    view.page.goto(f"{view.origin}/{name}")
    view.page.evaluate(UNFOLD)


def press(view, *keys):
    for key in keys:
        view.page.keyboard.press(key)
    return view.page.evaluate(FOCUSED)


def walk(view, key):
    """Press a key until the page is left, and give the places that it came to."""
    places = []
    while place := press(view, key):
        places.append(place)
        assert len(places) < 800, f"a trap: {key} never leaves the page, and is now at {place[0]}"
    return places


def complaints(places):
    """What is wrong with places, and the stylesheets that see to it that it is right."""
    return "\n".join(f"{theme([SEEN_TO[what]], '.css')}: {what}: {it}" for it, what in places if what)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_everything_and_shows_where_it_is(name, width, fresh):
    view = fresh(width=width)
    start(view, name)
    forth, back = walk(view, "Tab"), walk(view, "Shift+Tab")
    assert not (wrong := complaints(forth + back)), wrong
    assert forth[0][0].startswith("a.md-skip")
    missed = view.page.evaluate(
        f"({OWED})().filter(it => !reached.has(it)).map(it => [({NAME})(it), ({NAMES})(it)])"
    )
    assert not missed, "\n".join(
        f"{theme(names, '.html', '.js')}: Tab never comes to {it}" for it, names in missed
    )
    assert view.troubles == []


def test_the_skip_link_leads_to_the_content(fresh):
    view = fresh()
    start(view, CHAPTER)
    press(view, "Tab", "Enter")
    anchor = view.page.url.partition("#")[2]
    assert soup(CHAPTER).find(id=anchor).find_parent(class_="md-content")
    assert view.page.evaluate("document.activeElement === document.body")
    press(view, "Tab")  # goes on from there
    assert view.page.evaluate("document.activeElement.closest('.md-content') !== null")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_fold_and_unfold(key, fresh):
    view = fresh()
    start(view, CHAPTER)
    view.page.locator(".md-content summary").first.focus()
    folds = "document.activeElement.parentElement.open"
    assert view.page.evaluate(folds)
    press(view, key)
    assert not view.page.evaluate(folds)
    press(view, key)
    assert view.page.evaluate(folds)


def test_keys_copy(fresh):
    view = fresh()
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start(view, CHAPTER)
    button = view.page.locator(".md-code__button").first
    for key in ("Enter", "Space"):
        view.page.evaluate("navigator.clipboard.writeText('nothing was copied')")
        button.focus()
        press(view, key)
        assert view.page.evaluate("navigator.clipboard.readText()") == soup(CHAPTER).find("pre").text.rstrip()
        assert view.page.get_by_role("status").filter(has_text="Copied").is_visible()
        assert button.evaluate("it => it === document.activeElement"), "and the keyboard stays where it was"


@pytest.mark.parametrize("kind", SCROLLERS.split(", "))
def test_arrows_scroll_what_is_too_wide(kind, fresh):
    view = fresh(width=390)
    view.page.set_viewport_size({"width": 240, "height": 844})  # a telephone whose letters are enlarged
    start(view, CHAPTER)
    for it in view.page.locator(".md-content table").all():  # gets its frame when it comes into view
        it.scroll_into_view_if_needed()
    view.page.locator(kind).first.scroll_into_view_if_needed()
    wide = view.page.locator(f":is({kind})[tabindex]").first
    wide.focus()
    press(view, "ArrowRight", "ArrowRight")
    view.page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_keys_choose_the_palette(fresh):
    view = fresh()
    start(view, CHAPTER)
    view.page.locator("input[name=__palette]:checked").focus()
    for scheme in ("default", "slate", "default", "default", "slate"):  # light, dark, the system's, and again
        press(view, "Enter")
        assert view.page.locator("body").get_attribute("data-md-color-scheme") == scheme
    assert view.page.url.endswith(CHAPTER)


SEARCHES = "() => document.getElementById('__search').checked"
FOUND = ".md-search-result__link[href*='h=softmax']"
READS = "() => !document.getElementById('__search').checked"


@pytest.mark.parametrize("width", WIDTHS)
def test_keys_search_and_come_back(width, fresh):
    view = fresh(width=width)
    start(view, CHAPTER)
    link = view.page.locator(".md-content p a").first
    link.focus()
    press(view, "/")
    view.page.wait_for_function(SEARCHES)
    view.page.keyboard.type("softmax")
    view.page.locator(FOUND).first.wait_for()
    press(view, "ArrowDown")
    assert view.page.evaluate("document.activeElement.matches('.md-search-result__link')")
    press(view, "Escape")
    view.page.wait_for_function(READS)
    view.page.wait_for_function("it => it === document.activeElement", arg=link.element_handle())
    press(view, "/")
    view.page.wait_for_function("() => document.activeElement.matches('.md-search__input')")
    view.page.locator(FOUND).first.wait_for()
    press(view, "ArrowDown")
    view.page.keyboard.press("Enter")
    view.page.wait_for_url(lambda url: "?h=" in url)
    assert view.troubles == []


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_search_in_a_narrow_window(key, fresh):
    view = fresh(width=390)
    start(view, CHAPTER)
    button = view.page.locator(".md-header__button[for=__search]")
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    press(view, key)
    view.page.wait_for_function("() => document.activeElement.matches('.md-search__input')")
    assert button.get_attribute("aria-expanded") == "true"
    press(view, "Escape")
    view.page.wait_for_function("it => it === document.activeElement", arg=button.element_handle())


@pytest.mark.parametrize("leave", ["Escape", "Enter", "Space"])
def test_keys_open_the_menu_and_come_back(leave, fresh):
    view = fresh(width=390)
    start(view, "api/networks.html")
    button = view.page.get_by_role("button", name="Navigation").first
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    press(view, "Enter")
    assert button.get_attribute("aria-expanded") == "true"
    here = view.page.locator(".book-nav [aria-current=page]")
    assert here.evaluate("it => it === document.activeElement"), "the menu opens where the reader is"
    assert press(view, "Shift+Tab", "Tab")[1] == ""
    places = walk(view, "Tab")
    assert not (wrong := complaints(places)), wrong
    left = view.page.evaluate("[...reached].filter(it => !it.closest('.book-nav')).length")
    assert left == 0, "the keyboard stays in the menu that it opened"
    if leave == "Escape":
        press(view, leave)
    else:
        view.page.locator(".book-nav__close").focus()
        press(view, leave)
    assert button.get_attribute("aria-expanded") == "false"
    assert button.evaluate("it => it === document.activeElement")
    assert not view.page.locator(".book-nav").is_visible()


def test_the_menu_leads_to_a_section(fresh):
    view = fresh(width=390)
    start(view, CHAPTER)
    view.page.locator(".md-header__button[for=__drawer]").focus()
    press(view, "Enter", "Tab")
    view.page.keyboard.press("Enter")
    view.page.wait_for_function("() => !document.getElementById('__drawer').checked")
    assert "#" in view.page.url
    press(view, "Tab")
    assert view.page.evaluate("document.activeElement.closest('.md-content') !== null")


def test_a_menu_that_is_open_when_the_window_grows_locks_nobody_out(fresh):
    view = fresh(width=390)
    start(view, CHAPTER)
    view.page.locator(".md-header__button[for=__drawer]").click()
    view.page.set_viewport_size({"width": 1280, "height": 900})
    view.page.wait_for_function("() => !document.getElementById('__drawer').checked")
    assert view.page.locator("[inert]").count() == 0


def test_the_menu_opens_without_scripts(browser, served):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{served}/{CHAPTER}")
    page.locator("label.md-header__button[for=__drawer]").click()
    page.locator(".book-nav a", has_text="Notation").click()
    assert page.url.endswith("notation.html")
    context.close()
