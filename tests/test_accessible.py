"""Every page as those meet it who do not see it well, or not at all: axe-core knows the rules."""

import pytest

from tests.browser import WIDTHS
from tests.built import CHAPTERS, ROOT
from tests.subjects import subject, theme

pytestmark = pytest.mark.browser

CHAPTER = f"{CHAPTERS[2]}.html" if CHAPTERS else "index.html"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WCAG = [f"wcag{version}{level}" for version in ("2", "21", "22") for level in ("a", "aa")]
EVERYTHING = {"type": "tag", "values": [*WCAG, "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a palette can break
# What axe leaves for a person to decide counts as well, but for the colours of what lies half behind another
# thing: the same colours lie in the open elsewhere. Signs and single letters it need not leave: formulas are
# made of them. A header cell with nothing but a formula is not empty: axe reads no MathML.
LOOK = """async runOnly => {
    const { options } = axe._audit.checks["color-contrast"]
    const strict = { ...options, ignoreUnicode: false, ignoreLength: true, ignorePseudo: true }
    axe.configure({ checks: [{ id: "color-contrast", options: strict }] })
    const hidden = ["bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring", "outsideViewport"]
    const { violations, incomplete } = await axe.run({ runOnly })
    return [...violations, ...incomplete].flatMap(({ id, nodes }) => nodes.map(node => {
        const element = document.querySelector(node.target.at(-1))
        const names = []
        for (let it = element; it; it = it.parentElement) names.push(it.id, ...it.classList)
        const checks = [...node.any, ...node.all, ...node.none]
        return {
            rule: id,
            element: node.html.replace(/\\s+/g, " ").slice(0, 160),
            says: checks.map(it => it.message).join("; "),
            colours: checks.flatMap(it => [it.data?.fgColor, it.data?.bgColor]).filter(Boolean),
            names: names.filter(Boolean),
            tolerated: checks.some(it => hidden.includes(it.data?.messageKey))
                || id === "empty-table-header" && element.matches("th:has(math)"),
        }
    })).filter(it => !it.tolerated)
}"""


def to_mend(found, name):
    """The stylesheets with an element's colours, or the templates with the nearest name; or else the page."""
    named = theme(found["colours"], ".css") if found["colours"] else theme(found["names"], ".html", ".js")
    return named or subject(f"::[{name}]")


def broken(view, name, rules, state=""):
    """What breaks the rules on the page that is open: file, page, rule, element, reason."""
    view.page.evaluate(AXE.read_text(encoding="utf-8"))  # a script element the page's policy would stop
    said = {}
    for it in view.page.evaluate(LOOK, rules):
        said.setdefault(
            (it["rule"], it["says"]), [to_mend(it, name), name + state, it["rule"], it["element"], it["says"]]
        )
    return [": ".join(it) for it in said.values()]


def in_the_dark(view):
    view.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    view.page.wait_for_function("() => document.body.dataset.mdColorScheme === 'slate'")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_accessible(built_page, width, window):
    view = window("http", "light", width)
    view.page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no colour on its way to another
    view.open(built_page)
    wrong = broken(view, built_page, EVERYTHING)
    in_the_dark(view)
    wrong += broken(view, built_page, COLOURS, ", dark")
    view.page.emulate_media(color_scheme="light")
    assert not wrong, "\n".join(wrong)


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
}


@pytest.mark.parametrize("state", STATES)
def test_a_page_is_accessible_while(state, fresh):
    width, bring_about = STATES[state]
    view = fresh(width=width)
    view.page.emulate_media(reduced_motion="reduce")
    view.open(CHAPTER)
    bring_about(view)
    wrong = broken(view, CHAPTER, EVERYTHING)
    in_the_dark(view)
    wrong += broken(view, CHAPTER, COLOURS, ", dark")
    assert not wrong, "\n".join(wrong)


def test_the_rules_are_kept_by_those_who_choose_the_dark(fresh):
    view = fresh()
    view.page.emulate_media(reduced_motion="reduce")
    view.open(CHAPTER)
    for _ in range(2):  # light, then dark
        view.page.locator("label.md-header__button[for^=__palette]:visible").click()
    assert view.page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    assert not (wrong := broken(view, CHAPTER, EVERYTHING)), "\n".join(wrong)


def test_axe_sees_what_is_wrong(fresh):
    """So that nothing above passes because nothing was looked at."""
    view = fresh()
    view.open("setup.html")
    view.page.evaluate("""() => {
        const content = document.querySelector(".md-content__inner")
        content.append(new Image(9, 9), document.createElement("button"))
        content.querySelector("p").style.color = "#ccc"
    }""")
    rules = {line.split(": ")[2] for line in broken(view, "setup.html", EVERYTHING)}
    assert rules == {"image-alt", "button-name", "color-contrast"}
