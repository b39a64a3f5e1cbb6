"""A window of a real browser, and all that one visit to a page can answer. Its fixtures: conftest.py."""

from tests.built import ROOT, code_blocks

WIDTHS = {1280: 900, 390: 844}
BUTTON = ".md-code__button[data-md-type=copy]"


class Window:
    """A browser window that notes whatever goes wrong in it."""

    def __init__(self, browser, origin, scheme="light", width=1280, **options):
        self.origin = origin
        self.troubles = []
        self.context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": WIDTHS[width]}, **options
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        note = self.troubles.append
        self.page.on(
            "console", lambda it: it.type in ("error", "warning") and note(f"console {it.type}: {it.text}")
        )
        self.page.on("pageerror", lambda it: note(f"error: {it}"))
        self.page.on("requestfailed", lambda it: note(f"failed: {it.url} {it.failure}"))
        self.page.on("response", lambda it: it.status >= 400 and note(f"{it.status}: {it.url}"))
        own = (origin, "data:", "blob:")
        self.page.on("request", lambda it: it.url.startswith(own) or note(f"foreign: {it.url}"))

    def open(self, name):
        """Open a page, unfold it, and wait until its pictures, fonts and scripts are there."""
        self.troubles.clear()
        self.page.goto(f"{self.origin}/{name}")
        self.shift = self.page.evaluate(SHIFT)
        self.page.evaluate(SETTLE)


SHIFT = """() => new Promise(done => {
    let sum = 0
    new PerformanceObserver(list => list.getEntries().forEach(it => it.hadRecentInput || (sum += it.value)))
        .observe({ type: "layout-shift", buffered: true })
    setTimeout(() => done(sum), 50)
})"""
SETTLE = """async () => {
    for (const picture of document.images) picture.loading = "eager"
    for (const folded of document.querySelectorAll("details")) folded.open = true
    const near = new CSSStyleSheet() // what is far below the first screen counts, too
    near.replaceSync("* { content-visibility: visible !important }")
    document.adoptedStyleSheets.push(near) // no content security policy forbids that
    await Promise.allSettled([...document.images].map(picture => picture.decode()))
    await document.fonts.ready
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
}"""

# What is wrong with how the open page looks, in sentences.
LOOK = """([width, dark]) => {
    const wrong = []
    const name = it => it.outerHTML.replace(/\\s+/g, " ").slice(0, 100)
    const seen = it => it.checkVisibility() && it.getBoundingClientRect().width > 0
    const all = selector => [...document.querySelectorAll(selector)]
    const clips = it => getComputedStyle(it).overflowX !== "visible"
    if (innerWidth !== width || matchMedia("(prefers-color-scheme: dark)").matches !== dark)
        wrong.push("this is another window than the one that was asked for")
    if (document.scrollingElement.scrollWidth > innerWidth) {
        const free = it => it === document.body || !clips(it) && free(it.parentElement)
        const wide = all("body *").filter(it => it.getBoundingClientRect().right > innerWidth + 1
            && it.checkVisibility() && free(it.parentElement))
        wrong.push(`the page scrolls sideways: ${wide.slice(-2).map(name).join(" and ")}`)
    }
    for (const it of document.images) if (!it.naturalWidth) wrong.push(`a picture is missing: ${it.src}`)
    for (const it of all(".katex-error, .build-error")) wrong.push(`an error stands on the page: ${name(it)}`)
    for (const it of all("pre > code"))
        if (it.checkVisibility() && it.scrollWidth > it.clientWidth && !clips(it))
            wrong.push(`code does not scroll inside its block: ${name(it)}`)
    const formulas = all(".katex")
    for (const it of formulas)
        if (it.checkVisibility() && !seen(it)) wrong.push(`a formula has no width: ${it.textContent}`)
    const fonts = [...document.fonts].filter(it => it.status === "loaded").map(it => it.family).join()
    const set = it => getComputedStyle(it.querySelector(".mathnormal") ?? it).fontFamily.includes("KaTeX")
    if (formulas.some(seen) && !(fonts.includes("KaTeX_Math") && formulas.every(set)))
        wrong.push("formulas lack their fonts")
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = []
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement, text = texts.currentNode.data.trim()
        const raised = element.closest(".katex, sup, .footnote-backref") // the backref is a picture
        if (text && !raised && parseFloat(getComputedStyle(element).fontSize) < 12 && seen(element))
            small.push(text.slice(0, 40))
    }
    if (small.length) wrong.push(`words are smaller than 12 px: ${small.slice(0, 3).join(", ")}`)
    const paper = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)
    const light = paper.reduce((sum, it) => sum + Number(it), 0) / 3
    if (dark ? light >= 64 : light <= 224) wrong.push(`the paper is not ${dark ? "dark" : "light"}: ${paper}`)
    return wrong
}"""
CODE_SEEN = "[...document.querySelectorAll('pre > code')].map(it => it.innerText.trimEnd())"

AXE = ROOT / "node_modules/axe-core/axe.min.js"
WCAG = [f"wcag{version}{level}" for version in ("2", "21", "22") for level in ("a", "aa")]
EVERYTHING = {"type": "tag", "values": [*WCAG, "best-practice"]}
COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a palette can break
# Of a whole page, what axe leaves for a person to decide counts as well, except the colors of what lies half
# behind another thing or on a picture: the same colors lie in the open elsewhere. Signs and single letters it
# need not leave: formulas are made of them. A header cell with nothing but a formula is not empty: axe reads
# no MathML.
ASK_AXE = """async ([root, runOnly]) => {
    const { options } = axe._audit.checks["color-contrast"]
    const strict = { ...options, ignoreUnicode: false, ignoreLength: true, ignorePseudo: true }
    axe.configure({ checks: [{ id: "color-contrast", options: root ? options : strict }] })
    const hidden = [
        "bgOverlap", "imgNode", "elmPartiallyObscured", "elmPartiallyObscuring", "outsideViewport",
    ]
    const asked = { runOnly, resultTypes: ["violations", "incomplete"], preload: false }
    const { violations, incomplete } = await axe.run(root ?? document, asked)
    const said = new Map()
    for (const { id, nodes } of [...violations, ...root ? [] : incomplete]) for (const node of nodes) {
        const checks = [...node.any, ...node.all, ...node.none]
        const formula = () => document.querySelector(node.target.at(-1)).matches("th:has(math)")
        if (checks.some(it => hidden.includes(it.data?.messageKey))) continue
        if (id === "empty-table-header" && formula()) continue
        const reason = `axe, ${id}: ${checks.map(it => it.message).join("; ")}`
        if (!said.has(reason)) said.set(reason, node.html.replace(/\\s+/g, " ").slice(0, 160))
    }
    return [...said].map(it => it.join(": "))
}"""


def ask_axe(view, rules=EVERYTHING, root=None):
    """List the rules that the open page, or a part of it, breaks; each reason once, with one element."""
    view.page.evaluate(AXE.read_text(encoding="utf-8"))  # the page's policy would stop a script element
    return view.page.evaluate(ASK_AXE, [root, rules])


def visit(view, name, rules=None, how="click"):
    """Open a page, press its first copy button, and list everything that is wrong."""
    page = view.page
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    view.open(name)
    wrong = page.evaluate(LOOK, [page.viewport_size["width"], dark])
    if view.shift > 0.05:
        wrong.append(f"the page moves while it loads, by {view.shift:.3f}")
    if rules:
        wrong += ask_axe(view, rules)
    seen, codes = page.evaluate(CODE_SEEN), code_blocks(name)
    for number, (shown, code) in enumerate(zip(seen, codes, strict=False), 1):
        if shown != code.text:
            wrong.append(f"block {number} shows {shown!r}, but {code.text!r} is copied and run")
    if (count := (page.locator(BUTTON).count(), len(codes))) != (len(seen), len(seen)):
        wrong.append(
            f"{len(seen)} blocks of code are seen, {count[1]} are run, {count[0]} have a copy button"
        )
    wrong += [press(view, 0, code.text, how) for code in codes[:1]]
    return [it for it in [*view.troubles, *wrong] if it]


# The theme says in a box that it has copied: what the box still says of an earlier copy is wiped away.
READY = """async block => {
    block.scrollIntoView({ block: "center", behavior: "instant" })
    const box = document.querySelector(".md-dialog")
    box.classList.remove("md-dialog--active")
    box.firstElementChild.textContent = ""
    await navigator.clipboard.writeText("nothing was copied")
}"""
COPIED = """async () => {
    const box = document.querySelector(".md-dialog--active")
    return [await navigator.clipboard.readText(), box?.checkVisibility() ? box.innerText : ""]
}"""
# Much faster than a mouse: what the mouse would hit is asked for instead.
PRESS = f"""async ([selector, number]) => {{
    const block = document.querySelectorAll("pre:has(> code)")[number]
    await ({READY})(block)
    const button = block.querySelector(selector)
    button.scrollIntoView({{ block: "center", behavior: "instant" }}) // of a block taller than the window
    const box = button.getBoundingClientRect()
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    if (button.contains(hit)) button.click()
    return await ({COPIED})()
}}"""


def press_all(view, codes):
    """Press all copy buttons of the open page, and list what is wrong with what the clipboard then has."""
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = [view.page.evaluate(PRESS, [BUTTON, number]) for number in range(len(codes))]
    return [
        not_copied(number, code.text, *it) for number, (code, it) in enumerate(zip(codes, found, strict=True))
    ]


def press(view, number, text, how="click"):
    """Press one copy button as a person does, and say what is wrong with what the clipboard then has."""
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = view.page.locator("pre:has(> code)").nth(number)
    block.evaluate(READY)
    getattr(block.locator(BUTTON), how)()
    return not_copied(number, text, *view.page.evaluate(COPIED))


def not_copied(number, text, copied, said):
    if copied != text:
        return f"the copy button of block {number + 1} copies {copied!r}, and not {text!r}"
    return "" if said else f"nothing says that block {number + 1} was copied"
