"""The built site as a whole: its links, pictures and words, and what it fetches."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import NavigableString, Tag

from tests.built import CHAPTERS, ROOT, SITE, code_blocks, ids, pages, report, soup

REPOSITORY = re.compile(r"https?://[^#?]+/(?:blob|edit|raw|tree)/main/(?P<path>[^#?]+)")
# The sections of a chapter, by their ids.
SECTIONS = [
    "by-hand",
    "the-mathematics",
    "the-code",
    "the-experiment",
    "spot-the-bug",
    "exercises",
    "what-to-remember",
    "sources",
]
NO_PROSE = {"code", "pre", "script", "style", "svg", "template"}
FETCHING = [
    *((tag, "src") for tag in ("script", "img", "iframe", "source", "video", "audio", "track", "embed")),
    *((tag, "srcset") for tag in ("img", "source")),
    ("video", "poster"),
    ("object", "data"),
    ("input", "src"),
]


def addresses(page, tag, attribute):
    return [it[attribute] for it in soup(page).find_all(tag, attrs={attribute: True})]


def is_foreign(address):
    return bool(urlsplit(address).scheme or urlsplit(address).netloc) and not address.startswith("data:")


@cache
def anchors(path):
    return {*ids(path.relative_to(SITE.resolve()).as_posix()), "", "__top"}


def leads_somewhere(page, address):
    """Whether the file that an address on a page leads to is there, and its anchor, too."""
    parts = urlsplit(address)
    # The page for addresses that lead nowhere counts from the root: nobody knows where it will stand.
    start = SITE if parts.path.startswith("/") else (SITE / page).parent
    path = (start / unquote(parts.path).lstrip("/") if parts.path else SITE / page).resolve()
    return path.is_file() and (path.suffix != ".html" or unquote(parts.fragment) in anchors(path))


# One test a page. Each of these functions gives what is wrong with a page, in sentences.


def links(page):
    for tag, attribute in (("a", "href"), ("link", "href"), ("img", "src"), ("script", "src")):
        for address in addresses(page, tag, attribute):
            into = REPOSITORY.match(address)
            if into and not (ROOT / into["path"]).exists():
                yield f"the repository has no {into['path']}"
            if (
                not is_foreign(address)
                and not address.startswith("data:")
                and not leads_somewhere(page, address)
            ):
                yield f"{address} leads nowhere"
    for it in soup(page).select("a[href]"):
        named = it.get_text().strip() or it.get("title") or it.get("aria-label")
        if not named and not it.find("img", alt=True):
            yield f"a link does not say where it leads: {it}"


def fetched(page):
    """A page fetches only what the site has."""
    found = [address for tag, attribute in FETCHING for address in addresses(page, tag, attribute)]
    for it in soup(page).select("link[href]"):
        if not {"canonical", "prev", "next", "alternate"} & set(it["rel"]):
            found.append(it["href"])
    found += [url for it in soup(page).find_all("style") for url in urls(it.get_text())]
    found += [url for it in soup(page).find_all(style=True) for url in urls(it["style"])]
    if not found:
        yield "nothing is fetched: is that a page?"
    yield from (f"{address} would be fetched from another host" for address in found if is_foreign(address))


def urls(css):
    found = re.findall(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+["']([^"']+)""", css)
    return [next(filter(None, groups), "") for groups in found]


def pictures(page):
    for number, it in enumerate(soup(page).select(".md-content img")):
        where, figure = it.get("src", "")[:80], it.find_parent("figure")
        if len(it.get("alt", "").split()) < 5:
            yield f"the words of a picture have to say what it shows: {where}"
        if not re.fullmatch(r"[1-9]\d*,[1-9]\d*", f"{it.get('width')},{it.get('height')}"):
            yield f"a picture has no size: {where}"
        if it.get("loading") != ("lazy" if number else "eager"):
            yield f"the first picture loads with the page, and the others late: {where}"
        captions = figure.select("figcaption > p") if figure else []
        if len(" ".join(it.get_text() for it in captions).split()) < 5:
            yield f"a picture has no caption: {where}"
    for it in soup(page).find_all("img"):
        if not it.get("alt"):
            yield f"a picture has no words: {it}"
    numbers = [int(re.search(r"\d+", it.get_text())[0]) for it in soup(page).select(".caption-prefix")]
    captions = soup(page).select("figcaption")
    if numbers != list(range(1, len(captions) + 1)):
        yield f"{len(captions)} figures have the numbers {numbers}"
    for caption in captions:
        rows = [row.th.get_text() for row in caption.select("details.provenance tr")]
        if rows[:1] != ["Script"] or not (
            "Numbers" in rows or {"Experiment", "Seed", "Data", "Versions", "Run"} < set(rows)
        ):
            yield f"a figure does not say where it comes from: {caption.get_text()[:80]}"


def head(page):
    it = soup(page)
    if it.html.get("lang") != "en" or not it.title.get_text().strip():
        yield "the page has no language, or no title"
    own = description(page) if page not in ("404.html", "index.html") else "the others need none"
    if len(own) < 20 or own == description("index.html"):
        yield "the page has no description of its own"
    if not os.environ.get("DLBOOK_URL") and it.select("link[rel=canonical], meta[property^='og:']"):
        yield "the page claims an address, and nobody has given it one"
    for link, direction in ((".md-footer__link--prev", "prev"), (".md-footer__link--next", "next")):
        if page != "404.html" and it.select_one(f"link[rel={direction}]") and not it.select_one(link):
            yield f"no link {link}: theme.features in mkdocs.base.yml has it"


def description(page):
    found = soup(page).find("meta", attrs={"name": "description"})
    return found["content"] if found else ""


def markup(page):
    it = soup(page)
    if len(it.find_all("h1")) != 1:
        yield "a page has one main heading"
    for before, after in itertools.pairwise(it.select(".md-content :is(h1,h2,h3,h4,h5,h6)")):
        if int(after.name[1]) > int(before.name[1]) + 1:
            yield f"a level of headings is skipped before {after.get_text()!r}"
    times = Counter(element["id"] for element in it.find_all(id=True))
    yield from (f"the id {name} stands {times[name]} times" for name in times if times[name] > 1)
    for error in it.select(".build-error, .katex-error, .arithmatex"):
        yield f"not rendered: {error.get_text()}"
    said = prose(page)
    for leftover in ("{{", "}}", "$", r"\(", r"\[", "](", "**", "///", "```", "[^"):
        if leftover in said:
            yield f"markup is left: {said[max(0, said.index(leftover) - 60) :][:120]}"


def prose(page):
    """The words of a page: no code, no formulas, no scripts."""
    return "".join(words(soup(page).select_one(".md-content")))


def words(element):
    for it in element.children:
        if type(it) is NavigableString:
            yield it
        elif isinstance(it, Tag) and it.name not in NO_PROSE and "katex" not in it.get("class", ()):
            yield from words(it)


def template(page):
    """What all chapters have in common."""
    it = soup(page)
    sections = [heading["id"] for heading in it.select(".md-content h2")]
    if [name for name in sections if name in SECTIONS] != SECTIONS or sections[-1] != SECTIONS[-1]:
        yield f"the sections are {sections}, and not {SECTIONS}"
        return
    # The question, and the picture that answers it, come before the first section.
    first = [tag.name for tag in it.h1.find_all_next(["p", "figure", "h2"])]
    if not {"p", "figure"} <= set(first[: first.index("h2")]):
        yield "no words or no figure before the first section"
    if not it.select(".katex-display"):
        yield "no formula on display"
    exercises = {}
    inside = current = None
    for tag in it.select(".md-content :is(h2, h3, details)"):
        if tag.name == "h2":
            inside = tag["id"] == "exercises"
        elif inside and tag.name == "h3":
            current = exercises.setdefault(tag["id"], [])
        elif inside and current is not None:
            current += tag["class"]
            if tag.has_attr("open"):
                yield f"{tag.summary.get_text()} is not folded"
    for name, folded in exercises.items():
        if folded != ["tip", "question"]:
            yield f"#{name} has {folded} below it, and not a hint and a solution"
    if not 3 <= len(exercises) <= 6:
        yield f"3 to 6 exercises, not {len(exercises)}"
    if not 1 <= len(it.find(id="what-to-remember").find_next("ul").find_all("li", recursive=False)) <= 4:
        yield "1 to 4 lines to remember"


def length(page):
    words_read, lines = (
        len(prose(page).split()),
        sum(len(code.text.splitlines()) for code in code_blocks(page)),
    )
    if not 1200 <= words_read <= 7000 or lines > 700:  # with all that is folded, and the exercises
        yield f"a chapter is no book, and this one has {words_read} words and {lines} lines of code"


def api(page):
    """What a page's own code imports is for readers to use: an API page explains it."""
    shown = {name for other in pages() if other.startswith("api/") for name in ids(other)}
    for code in code_blocks(page):
        if not code.title.startswith("dlbook/"):  # those are the package's own lines
            missing = set(imported(code.text)) - shown
            yield from (f"no page in docs/en/api shows {name}, which is used here" for name in missing)
    if page.startswith("api/") and page != "api/index.html":
        leads_to = {link["href"].partition("#")[0] for link in soup(page).h1.find_next("p").select("a[href]")}
        if not leads_to & {f"../{name}.html" for name in CHAPTERS}:
            yield "no chapter teaches it"


def imported(text):
    found = re.findall(r"^ *from (dlbook\.\w+) import (?:\(([^)]*)\)|(.*))$", text, re.MULTILINE)
    return [f"{module}.{name}" for module, *names in found for name in re.findall(r"\w+", " ".join(names))]


def numbers(page):
    """A page says where its numbers come from. Which tables have a box near them is for the build to say."""
    path = ROOT / "docs/en" / page.replace(".html", ".md")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    boxes = [it.get_text() for it in soup(page).select("details.provenance :is(a, code)")]
    said = {re.sub(r"scripts/(experiments|benchmarks)/(\w+)\.py", r"\2", box) for box in boxes}
    for result in sorted(set(re.findall(r"\{\{\s*(?!dlbook)(\w+)[.[]", text)) - said):
        yield f"the page lacks {{{{ {result}:provenance }}}}"


def test_a_page_is_whole(built_page):
    checks = [links, fetched, pictures, head, markup, api, numbers]
    if built_page.removesuffix(".html") in CHAPTERS:
        checks += [template, length]
    if wrong := [it for check in checks for it in check(built_page)]:
        pytest.fail(report(built_page, wrong), pytrace=False)


# All pages together, and what is no page


@pytest.mark.parametrize("readme", ["README.md", "CONTRIBUTING.md", "dlbook/data/README.md"])
def test_links_of_a_readme_lead_to_files(readme):
    text = re.sub("`[^`]*`", "", (ROOT / readme).read_text(encoding="utf-8"))
    for address in re.findall(r"\]\(([^)#]+)", text):
        assert is_foreign(address) or ((ROOT / readme).parent / address).exists(), f"{readme}: {address}"


def test_pages_lead_from_one_to_the_next(site):
    book = [page for page in pages() if page != "404.html"]
    assert len({soup(page).title.get_text() for page in book}) == len(book), "titles of their own"
    for direction in ("prev", "next"):
        ends = [page for page in book if not soup(page).select_one(f"link[rel={direction}]")]
        assert len(ends) == 1, f"{direction}: {ends}"
    with_source = [page for page in book if soup(page).select_one("a[rel=edit]")]
    assert with_source in ([], book), "a link to its source has every page, or none"


def test_styles_and_pictures_fetch_only_what_the_site_has(site):
    styles, drawn = sorted(site.rglob("*.css")), sorted(site.rglob("*.svg"))
    assert styles
    assert drawn
    for style in styles:
        for url in urls(style.read_text(encoding="utf-8")):
            if not url.startswith(("data:", "#")):
                assert not is_foreign(url), f"{style}: {url}"
                assert (style.parent / urlsplit(url).path).is_file(), f"{style}: {url}"
    for picture in drawn:
        text = re.sub(r"<metadata>.*?</metadata>", "", picture.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not [url for url in urls(text) if not url.startswith("#")], picture
        assert not re.search(r"""href=["'](?!#|data:)""", text), picture


def test_fonts_are_woff2_and_of_the_version_that_renders(site):
    fonts = {
        path.suffix for path in site.rglob("*") if path.suffix in (".woff", ".ttf", ".otf", ".eot", ".woff2")
    }
    assert fonts == {".woff2"}
    styles = (site / "assets/vendor/katex/katex.min.css").read_text(encoding="utf-8")
    renderer = json.loads((ROOT / "node_modules/katex/package.json").read_text(encoding="utf-8"))
    version = re.search(r'\.katex-version:+after\{content:"([\d.]+)"', styles)[1]
    assert version == renderer["version"], "assets/vendor/katex/katex.min.css is not the renderer's"


def test_search_knows_every_page_and_no_markup_and_needs_no_server(site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))["docs"]
    known = {entry["location"].partition("#")[0] for entry in index}
    for page in pages():
        assert page in {*known, "404.html"}, f"docs/en/{page.removesuffix('.html')}.md is kept from search"
    assert any("softmax" in entry["text"].lower() for entry in index)
    for entry in index:
        words = re.sub(
            r"<pre>.*?</pre>|<code>.*?</code>", "", f"{entry['title']} {entry['text']}", flags=re.DOTALL
        )
        found = re.search(r"\\[a-zA-Z(\[]|<math|<annotation|class=|katex|\{\{|\$", words)
        assert not found, words[max(0, found.start() - 60) :][:120]
    assert "__index" in (site / "search/search_index.js").read_text(encoding="utf-8")[:100]


# The build refuses faults, and a second edition joins


@pytest.fixture
def small(tmp_path):
    """A copy of the project with its real configuration and machinery, two small pages and two figures."""
    for name in ("dlbook", "scripts", "docs/theme"):
        leave_out = shutil.ignore_patterns("__pycache__", "experiments", "data")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=leave_out)
    shutil.copy(ROOT / "mkdocs.base.yml", tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    for figure in (tmp_path / "scripts/figures").glob("*.py"):
        if figure.stem not in ("__init__", "style", "logo", "favicon"):
            figure.unlink()
    add_edition(tmp_path, "mkdocs.yml", "en", {"index.md": SOUND, "other.md": "# Other\n\n## A section\n"})
    write(tmp_path / "results/tiny.json", json.dumps({"values": {"accuracy": 0.5}}))
    return tmp_path


SOUND = """\
# Small

{{ dlbook.losses.sum_squared_error }}

A number, {{ tiny.accuracy:.2f}}, a formula, $x^2$, and a [link](other.md#a-section).

![A mark that is drawn by code.](assets/figures/logo.svg)

/// figure-caption
The mark of the book.
///
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def add_edition(root, config, language, docs):
    folder = "site" if config == "mkdocs.yml" else f"site/{language}"
    write(
        root / config,
        f"INHERIT: mkdocs.base.yml\nsite_name: Small\ndocs_dir: docs/{language}\nsite_dir: {folder}\n"
        f"theme:\n  language: {language}\nnav:\n" + "".join(f"  - {name}\n" for name in docs),
    )
    for name, text in docs.items():
        write(root / "docs" / language / name, text)


def build(root):
    """Run the project's own build, in the copy."""
    command = [sys.executable, "scripts/build.py"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


FAULTS = {  # what is right on a page, what is written in its place, and what MkDocs has to say of it
    "$x^2$": ("$x^{2$", "docs/en/{page}:5: "),
    "tiny.accuracy": ("tiny.loss", "docs/en/{page}:5: "),
    "tiny.": ("nobody.", "docs/en/{page}:5: "),
    ":.2f": ("", "docs/en/{page}:5: "),
    "losses.sum_squared_error": ("losses.nothing", "docs/en/{page}:3: "),
    "logo.svg": ("nothing.svg", "docs/en/{page}:7: "),
    "A mark that is drawn by code.": ("", "docs/en/{page}:7: "),
    "# Small": ("# Small $x$", "docs/en/{page}:1: "),
    "other.md#a-section": ("nothing.md", "Doc file '{page}' contains a link 'nothing.md'"),
    "#a-section": ("#nothing", "Doc file '{page}' contains a link 'other.md#nothing'"),
}


@pytest.mark.full
def test_faulty_pages_do_not_build(small):
    """Each fault on a page of its own; each is a warning with file and line, and strict stops at any."""
    sound = build(small)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    before = (small / "site/index.html").read_bytes()

    pages = {f"fault{number}.md": fault for number, fault in enumerate(FAULTS.items())}
    for page, (right, (wrong, _)) in pages.items():
        assert right in SOUND
        write(small / "docs/en" / page, SOUND.replace(right, wrong, 1))
    write(
        small / "mkdocs.yml", (small / "mkdocs.yml").read_text() + "".join(f"  - {page}\n" for page in pages)
    )
    faulty = build(small)
    assert faulty.returncode != 0
    for page, (_, (wrong, said_of_it)) in pages.items():
        said = [line for line in faulty.stderr.splitlines() if page in line]
        expected = f"WARNING -  {said_of_it.format(page=page)}"
        assert any(line.startswith(expected) for line in said), (
            f"{wrong!r}: expected {expected}, got {said}; is it validated in mkdocs.base.yml?"
        )
    assert (small / "site/index.html").read_bytes() == before


@pytest.mark.full
def test_a_second_edition_joins_without_moving_anything(small):
    korean = {"index.md": SOUND.replace("Small", "작은 책"), "other.md": "# 다른\n\n## 절 { #a-section }\n"}
    add_edition(small, "mkdocs.ko.yml", "ko", korean)
    built = build(small)
    assert built.returncode == 0, built.stdout + built.stderr
    for folder, language, title in (("site", "en", "Small"), ("site/ko", "ko", "작은 책")):
        page = (small / folder / "index.html").read_text(encoding="utf-8")
        assert f'lang="{language}"' in page
        assert title in page
        for name in (
            "assets/figures/logo.svg",
            "assets/vendor/katex/katex.min.css",
            "search/search_index.js",
        ):
            assert (small / folder / name).is_file(), f"{folder}/{name}"
    assert (small / "site/ko/assets/figures/logo.svg").read_bytes() == (
        small / "site/assets/figures/logo.svg"
    ).read_bytes()
