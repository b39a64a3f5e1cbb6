"""The checks of built pages notice faults: each passes a sound page of a few lines, and stops at others."""

import inspect
import sys
from pathlib import Path

import pytest

from scripts.site.content_security import policy
from tests import built, test_pages, test_site
from tests.extensions import test_tables
from tests.site import test_content_security

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title>
<meta name="description" content="A page of a few lines, called {name}"><link rel="stylesheet" href="a.css">
</head><body><div class="md-content">{body}</div></body></html>"""


def block(code, language="python", title=""):
    name = f'<span class="filename">{title}</span>' if title else ""
    return f'<div class="language-{language} highlight">{name}<pre><code>{code}</code></pre></div>'


def exercise(*folded):
    boxes = "".join(f"<details class={it}><summary>Folded</summary></details>" for it in folded)
    return "".join(f"<h3 id={it}>An exercise</h3>{boxes}" for it in "abc")


ADD = block("print(1 / 3)")
OUTPUT = block("0.3333333333333333", "text", "Output")
BOX = "<details class=provenance><table><tr><th>Script</th></tr><tr><th>{}</th></tr></table></details>"
CAPTION = "<p><span class=caption-prefix>Figure 1.</span> What is seen in it.</p>" + BOX.format("Numbers")
PICTURE = "<img alt='five words say what it shows' width=1 height=1 loading=eager src=a.svg>"
FIGURE = f"<figure>{PICTURE}<figcaption>{CAPTION}</figcaption></figure>"
LATER = FIGURE.replace("eager", "lazy").replace("Figure 1", "Figure 2")
PARTS = {"exercises": exercise("tip", "question"), "what-to-remember": "<ul><li>a</li></ul>"}
SECTIONS = "".join(f"<h2 id={it}>Words</h2>{PARTS.get(it, '')}" for it in test_site.SECTIONS)
CHAPTER = f"<h1>A</h1><p>A question.</p><figure></figure><p class=katex-display></p>{SECTIONS}"

NEXT = "<link rel=next>"
LEADING = [f"<a class=md-footer__link--{it}>" for it in ("prev", "next")]
META = '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{}">'
SAFE = PAGE.replace('<meta charset="utf-8">', META.format(policy(PAGE)))

# A check, what it passes, and what it stops at.
CASES = [
    (
        test_pages.test_blocks_print_what_the_page_shows,
        ADD + OUTPUT,
        [
            ADD + OUTPUT.replace("333<", "433<"),
            ADD + OUTPUT.replace("0.3333333333333333", ""),
            ADD,
            OUTPUT,
            block("print(1 / 0)"),
            block("import warnings; warnings.warn('seen')"),
        ],
    ),
    (
        test_pages.test_every_block_is_accounted_for,
        ADD,
        [block("1", "pycon")],
    ),
    (
        test_pages.test_code_that_is_not_python_says_what_it_is,
        block("make build", "sh"),
        [
            block("E = 1", "text"),
            block("E = 1", "pyhton"),
            block("$ make build", "sh"),
            block("make build  # in site/", "sh"),
        ],
    ),
    (
        test_pages.test_outputs_are_text,
        ADD + OUTPUT,
        [ADD + block("1", "json", "Output")],
    ),
    (
        test_pages.test_a_block_that_does_not_run_gives_its_reason,
        block("f()", title="Not run: it never ends"),
        [block("f()", title="Not run"), block("f(", title="Not run: it never ends")],
    ),
    (
        test_pages.test_blocks_need_nothing_but_what_the_reader_installed,
        block("import json\nfrom dlbook.losses import f\nimport numpy"),
        [block("import matplotlib.pyplot"), block("from scipy import special")],
    ),
    (
        test_site.links,
        "<h2 id=b>B</h2><a href=#b>b</a><a href=https://example.org>c</a><a href=a.css title=a></a>",
        [
            "<a href=#b>b</a>",
            "<a href=none.html>b</a>",
            "<img src=none.svg>",
            "<a href=a.css></a>",
            "<a href=a.css><img></a>",
            "<a href=https://example.org/edit/main/none.md>a</a>",
        ],
    ),
    (
        test_site.fetched,
        "<img src=a.svg><a href=https://example.org>a</a><style>p { background: url(a.svg) }</style>",
        [
            "<img src=https://example.org/a.png>",
            "<img src=a.svg srcset='https://example.org/a.png 2x'>",
            "<video src=//example.org/a.webm></video>",
            "<script src=https://example.org/a.js></script>",
            "<link rel=stylesheet href=https://example.org/css?family=Roboto>",
            "<p style='background: url(https://example.org/a.png)'>",
            "<style>@import 'https://example.org/a.css'</style>",
        ],
    ),
    (
        test_site.pictures,
        FIGURE + LATER,
        [
            FIGURE.replace("five words", ""),
            FIGURE.replace("width=1 ", "width=0 "),
            FIGURE.replace("eager", "lazy"),
            FIGURE + LATER.replace("lazy", "eager"),
            FIGURE + FIGURE.replace("eager", "lazy"),
            FIGURE.replace("What is seen in it.", ""),
            FIGURE.replace("Numbers", "Seed"),
            FIGURE.replace(BOX.format("Numbers"), ""),
            PICTURE,
        ],
    ),
    (
        test_site.head,
        PAGE.replace("</head>", NEXT + "</head>").replace("{body}", "".join(LEADING)),
        [
            PAGE.replace("{name}</title>", "</title>"),
            PAGE.replace("A page of a few lines, called", "A"),
            PAGE.replace("</head>", "<link rel=canonical href=https://example.org/></head>"),
            *(NEXT + it for it in LEADING[:1]),
        ],
    ),
    (
        test_site.markup,
        "<h1>A</h1><h2>B</h2><h3 id=a>C</h3><h2 id=b>D</h2><code>**</code><span class=katex>$</span>",
        [
            "<h1>A</h1><h1>B</h1>",
            "<h2>A</h2>",
            "<h1>A</h1><h3>C</h3>",
            "<h1>A</h1><p id=a></p><p id=a></p>",
            "<h1>A</h1><p>A word in **bold.</p>",
            "<h1>A</h1><p>{{ two_layer.loss }}</p>",
            "<h1>A</h1><p>[a](b)</p>",
            "<h1>A</h1><span class=build-error></span>",
        ],
    ),
    (
        test_site.template,
        CHAPTER,
        [
            CHAPTER.replace("spot-the-bug", "the-bug"),
            CHAPTER.replace("<figure></figure>", ""),
            CHAPTER.replace("katex-display", ""),
            CHAPTER.replace("question>", "note>"),
            CHAPTER.replace("<details", "<details open"),
            CHAPTER.replace(PARTS["exercises"], ""),
            CHAPTER.replace("<li>a</li>", "<li>a</li>" * 5),
            f"{CHAPTER}<h2 id=more>More</h2>",
        ],
    ),
    (test_site.length, "<p>" + "word " * 1200, ["<p>" + "word " * 1100, "<p>" + "word " * 7001]),
    (
        test_content_security.test_a_page_allows_its_own_and_nothing_else,
        SAFE,
        [
            PAGE,
            SAFE.replace("<meta charset", "<script>0</script><meta charset"),
            *(
                SAFE.replace("</body>", f"{it}</body>")
                for it in (
                    "<script>0</script>",
                    "<style>p {}</style>",
                    "<button onclick='alert()'>a</button>",
                    "<a href='javascript:alert()'>a</a>",
                )
            ),
        ],
    ),
    (test_tables.test_no_table_is_left_to_the_theme, "<table class=table></table>", ["<table></table>"]),
]


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Give a function that runs a check on a site of one page, and says whether it passes."""
    for module in (built, test_site):
        monkeypatch.setattr(module, "SITE", tmp_path)

    def put(check, html):
        html = html if html.startswith("<!doctype") else PAGE.replace("{body}", html)
        name = f"page{len(list(tmp_path.iterdir()))}"
        for cached in (built.html, built.soup, built.code_blocks, test_site.anchors):
            cached.cache_clear()
        (tmp_path / f"{name}.html").write_text(html.replace("{name}", name), encoding="utf-8")
        (tmp_path / "index.html").write_text(PAGE.replace("A page", "The home page"))
        for file in ("a.css", "a.svg"):
            (tmp_path / file).touch()
        page = f"{name}.html"
        known = {"built_page": page, "page": page, "name": page, "chapter": name, "site": tmp_path}
        known["reader"] = Path(sys.executable)
        wanted = inspect.signature(check).parameters
        if inspect.isgeneratorfunction(check):
            return not list(check(page))
        try:
            check(**{it: known[it] for it in wanted})
        except (AssertionError, pytest.fail.Exception, SyntaxError):
            return False
        return True

    yield put
    for cached in (built.html, built.soup, built.code_blocks, test_site.anchors):
        cached.cache_clear()


@pytest.mark.parametrize(("check", "sound", "faulty"), CASES, ids=lambda it: getattr(it, "__name__", ""))
def test_a_check_passes_what_is_sound_and_stops_at_each_fault(put, check, sound, faulty):
    assert put(check, sound)
    assert [html for html in faulty if put(check, html)] == []


@pytest.mark.parametrize(
    "css",
    [
        'p { background: url("https://example.org/a.png") }',
        '@font-face { font-family: "A"; src: url(http://example.org/a.woff2) }',
        '@import "https://example.org/a.css";',
        "p { background: url(none.svg) }",
    ],
)
def test_styles_may_fetch_nothing_from_others(put, tmp_path, css):
    check = test_site.test_styles_and_pictures_fetch_only_what_the_site_has
    (tmp_path / "a.css").write_text("p { background: url(a.svg), url(data:,) }")
    assert put(check, "")
    (tmp_path / "a.css").write_text(css)
    assert not put(check, "")
