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
    boxes = "".join(f"<details><summary>{it}</summary></details>" for it in folded)
    return "".join(f"<h3 id={it}>An exercise</h3>{boxes}" for it in "abc")


ADD = block("print(1 / 3)")
OUTPUT = block("0.3333333333333333", "text", "Output")
FIGURE = '<figure><img alt="five words say what it shows" width=1 height=1 src=a.svg>{}</figure>'
CAPTION = "<figcaption><p>Figure {}. What is seen in it.</p></figcaption>"
BOX = "<details class=provenance><table><tr><th>Script</th></tr>{}</table></details>"
SECTIONS = "".join(f"<h2 id={it}>Words</h2>" for it in test_site.SECTIONS)
CHAPTER = f"<h1>A</h1><p>A question.</p><figure></figure>{SECTIONS}"

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
        [block("E = 1", "text"), block("E = 1", "pyhton"), block("$ make build", "sh")],
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
        test_site.test_links_lead_to_files_and_anchors,
        "<h2 id=b>B</h2><a href=#b>b</a><a href=https://example.org>c</a>",
        ["<a href=#b>b</a>", "<a href=none.html>b</a>", "<img src=none.svg>"],
    ),
    (
        test_site.test_links_say_where_they_lead,
        "<a href=a.css>a</a><a href=a.css title=a></a><a href=a.css><img alt=a></a>",
        ["<a href=a.css></a>", "<a href=a.css><img></a>"],
    ),
    (
        test_site.test_a_page_fetches_only_what_the_site_has,
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
        test_site.test_pictures_have_words_and_a_size,
        FIGURE,
        [FIGURE.replace("five words", ""), FIGURE.replace("width=1 ", "width=0 "), "<img src=a.svg>"],
    ),
    (
        test_site.test_the_first_picture_loads_with_the_page_and_the_others_late,
        "<img loading=eager><img loading=lazy>",
        ["<img loading=lazy>", "<img loading=eager><img loading=eager>", "<img>"],
    ),
    (
        test_site.test_figures_have_captions,
        FIGURE.format(CAPTION),
        [FIGURE, "<img>", FIGURE.format("<p>A</p>")],
    ),
    (
        test_site.test_figures_are_numbered_in_order,
        CAPTION.format(1) + CAPTION.format(2),
        [CAPTION.format(2), CAPTION.format(1) + CAPTION.format(1)],
    ),
    (
        test_site.test_figures_say_where_they_come_from,
        f"<figcaption>{BOX.format('<tr><th>Numbers</th></tr>')}</figcaption>",
        [f"<figcaption>{BOX.format('')}</figcaption>", f"<figcaption>{BOX.format('<tr><th>Seed</th></tr>')}"],
    ),
    (
        test_site.test_a_page_leads_to_its_neighbours,
        NEXT + "".join(LEADING),
        [NEXT + "".join(it for it in LEADING if it != missing) for missing in LEADING],
    ),
    (test_site.test_a_page_has_one_main_heading, "<h1>A</h1>", ["<h1>A</h1><h1>B</h1>", "<h2>A</h2>"]),
    (
        test_site.test_headings_do_not_skip_a_level,
        "<h1>A</h1><h2>B</h2><h3>C</h3><h2>D</h2>",
        ["<h1>A</h1><h3>C</h3>"],
    ),
    (test_site.test_ids_are_unique, "<p id=a></p><p id=b></p>", ["<p id=a></p><p id=a></p>"]),
    (
        test_site.test_nothing_is_left_of_the_markup,
        "<p>Words <code>**</code> and <span class=katex>$</span>.</p>",
        [
            "<p>A word in **bold.</p>",
            "<p>{{ two_layer.loss }}</p>",
            "<p>[a](b)</p>",
            "<span class=build-error>",
        ],
    ),
    (
        test_site.test_a_chapter_follows_the_template,
        CHAPTER,
        [
            CHAPTER.replace("spot-the-bug", "the-bug"),
            CHAPTER.replace("<figure></figure>", ""),
            f"{CHAPTER}<h2 id=more>More</h2>",
        ],
    ),
    (
        test_site.test_exercises_have_a_hint_and_a_folded_solution,
        f"<h2 id=exercises>E</h2>{exercise('Hint', 'Solution')}",
        [
            f"<h2 id=exercises>E</h2>{exercise('Hint', 'Remark')}",
            f"<h2 id=exercises>E</h2>{exercise('Hint', 'Solution')}".replace("<details>", "<details open>"),
            "<h2 id=exercises>E</h2>",
        ],
    ),
    (
        test_site.test_a_chapter_ends_with_four_lines_to_remember,
        "<h2 id=what-to-remember>A</h2><ul><li>a</li></ul>",
        [f"<h2 id=what-to-remember>A</h2><ul>{'<li>a</li>' * 5}</ul>"],
    ),
    (
        test_content_security.test_nothing_on_a_page_needs_more_than_it_may,
        "<a href=a.html>a</a>",
        ["<button onclick='alert()'>a</button>", "<a href='javascript:alert()'>a</a>"],
    ),
    (
        test_content_security.test_a_page_allows_its_own_and_nothing_else,
        SAFE,
        [SAFE.replace("</body>", f"{it}</body>") for it in ("<script>0</script>", "<style>p {}</style>")],
    ),
    (
        test_content_security.test_the_policy_comes_first,
        SAFE,
        [PAGE, SAFE.replace("<meta charset", "<script>0</script><meta charset")],
    ),
    (
        test_site.test_the_head_of_a_page,
        PAGE,
        [PAGE.replace("{name}</title>", "</title>"), PAGE.replace("A page of a few lines, called", "A")],
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
    check = test_site.test_styles_fetch_only_what_the_site_has
    (tmp_path / "a.css").write_text("p { background: url(a.svg), url(data:,) }")
    assert put(check, "")
    (tmp_path / "a.css").write_text(css)
    assert not put(check, "")
