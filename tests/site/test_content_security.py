"""The content security policy: in every page, as tight as can be, and a browser keeps to it."""

import base64
import hashlib

import pytest

from scripts.project import BuildError
from scripts.site.content_security import policy, protect
from tests.built import html, report, soup

PAGE = '<!doctype html>\n<html><head>\n<meta charset="utf-8">\n<title>A page</title>{}</head></html>'
# What a page may do: nothing but for these, and for its own inline scripts and style sheets.
ALLOWED = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src-elem": {"'self'"},
    "style-src-attr": {"'unsafe-inline'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "worker-src": {"'self'"},
    "base-uri": {"'none'"},
    "form-action": {"'none'"},
}


def directives(text):
    parts = [directive.split() for directive in text.split(";")]
    assert len({name for name, *_ in parts}) == len(parts)
    return {name: set(sources) for name, *sources in parts}


def sha256(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Made of a page


@pytest.mark.parametrize(
    ("head", "directive", "hashes"),
    [
        ("", "script-src", set()),
        # The example of the specification, https://www.w3.org/TR/CSP3/#external-hash
        (
            "<script>alert('Hello, world.');</script>",
            "script-src",
            {"'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"},
        ),
        ("<script>0</script><script type=module>1</script>", "script-src", {sha256("0"), sha256("1")}),
        ("<script>'é & &amp; <p>'\n</script>", "script-src", {sha256("'é & &amp; <p>'\n")}),
        ("<script></script>", "script-src", {sha256("")}),
        ("<script src=a.js></script>", "script-src", set()),
        ('<script type="application/json">{}</script>', "script-src", set()),
        ("<template><p></template>", "script-src", set()),
        ("<style>p { color: red }</style>", "style-src-elem", {sha256("p { color: red }")}),
        ("<style>p { color: red }</style>", "script-src", set()),
    ],
)
def test_what_stands_in_a_page_is_allowed_by_its_hash(head, directive, hashes):
    assert directives(policy(PAGE.format(head)))[directive] == {"'self'", *hashes}


def test_the_policy_comes_after_the_encoding_and_before_all_else(tmp_path):
    page = tmp_path / "page.html"
    html = PAGE.format("<script>'é'</script>")
    page.write_text(html, encoding="utf-8")
    protect(page)
    before, after = html.split("\n<title>")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}">'
    assert page.read_text(encoding="utf-8") == f"{before}\n{meta}\n<title>{after}"


def test_a_page_without_encoding_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><title>A page</title>")
    with pytest.raises(BuildError, match=r"page\.html has no <meta charset>"):
        protect(tmp_path / "page.html")


def test_nothing_else_is_allowed():
    assert directives(policy(PAGE.format(""))) == ALLOWED


# On the pages of the site


def test_a_page_allows_its_own_and_nothing_else(built_page):
    """The policy comes first, after the encoding, for it does not bind what stands before it."""
    page, wrong = soup(built_page), []
    charset, meta = page.head.find_all(True)[:2]
    if charset.get("charset") != "utf-8" or html(built_page).encode().index(b"charset=") > 1024:
        wrong.append("the encoding does not stand in the first kilobyte")
    if meta.get("http-equiv") != "Content-Security-Policy" or len(page.select("meta[http-equiv]")) != 1:
        pytest.fail(report(built_page, [*wrong, "there is no policy after the encoding"]), pytrace=False)
    scripts = [it for it in page.find_all("script", src=False) if it.get("type") != "application/json"]
    inline = {"script-src": scripts, "style-src-elem": page.find_all("style")}
    found = directives(meta["content"])
    for name, sources in ALLOWED.items():
        wanted = sources | {sha256(it.string or "") for it in inline.get(name, [])}
        if found.get(name) != wanted:
            wrong.append(f"{name} allows {found.get(name)}, and not {wanted}")
    wrong += [f"the policy has {name}" for name in found.keys() - ALLOWED.keys()]
    for element in page.find_all(True):  # scripts in attributes and addresses, which no hash allows
        address = str(element.get("href", element.get("action")))
        if any(name.startswith("on") for name in element.attrs) or address.startswith("javascript:"):
            wrong.append(f"a script that no policy allows: {str(element)[:120]}")
    if wrong:
        pytest.fail(report(built_page, wrong), pytrace=False)


# In a browser. That it stops nothing of the book's own is seen wherever a test opens a page: tests/browser.py
# takes down what is said in the console, where a browser says what it stops.

INTRUDE = """async () => {
    const stopped = []
    addEventListener("securitypolicyviolation", it => stopped.push([it.effectiveDirective, it.blockedURI]))
    const add = (name, properties) => {
        const element = Object.assign(document.createElement(name), properties)
        document.body.append(element)
        return element
    }
    add("script", { textContent: "window.intruded = 'inline'" })
    add("img", { src: "https://example.org/a.png" })
    add("style", { textContent: "body { display: none }" })
    add("iframe", { src: "https://example.org/" })
    add("p", { innerHTML: `<b onclick="window.intruded = 'handler'">` }).firstChild.click()
    setTimeout("window.intruded = 'evaluated'")
    await fetch("https://example.org/a.json").catch(() => 0)
    await new Promise(done => setTimeout(done, 100))
    return { stopped, intruded: window.intruded ?? null, shown: getComputedStyle(document.body).display }
}"""


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["http", pytest.param("file", marks=pytest.mark.full)])
def test_a_browser_stops_what_is_not_the_sites_own(kind, fresh):
    view = fresh(kind)
    view.open("setup.html")
    assert view.troubles == []
    seen = view.page.evaluate(INTRUDE)
    assert sorted(map(tuple, seen["stopped"])) == [
        ("connect-src", "https://example.org/a.json"),
        ("frame-src", "https://example.org"),
        ("img-src", "https://example.org/a.png"),
        ("script-src", "eval"),
        ("script-src-attr", "inline"),
        ("script-src-elem", "inline"),
        ("style-src-elem", "inline"),
    ]
    assert seen["intruded"] is None
    assert seen["shown"] != "none"
    assert [it for it in view.troubles if "Content Security Policy" in it], "the window does not notice"
    assert "failed: https://example.org/a.png csp" in view.troubles, "it is stopped before it is asked for"
