"""The built site as a whole: its links, pictures and words, and what it fetches."""

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest

from scripts.project import Project
from tests.built import CHAPTERS, ROOT, SITE, code_blocks, ids, pages, soup

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


def target(page, address):
    """Find the file below the site, and the anchor in it, that an address on a page leads to."""
    parts = urlsplit(address)
    # The page for addresses that lead nowhere counts from the root: nobody knows where it will stand.
    start = SITE if parts.path.startswith("/") else (SITE / page).parent
    path = start / unquote(parts.path).lstrip("/") if parts.path else SITE / page
    return path.resolve(), unquote(parts.fragment)


@cache
def anchors(path):
    return {*ids(path.relative_to(SITE.resolve()).as_posix()), "", "__top"}


def addresses(page, **attributes):
    """List what a page's elements point to: `addresses(page, a="href")`."""
    for tag, attribute in attributes.items():
        for element in soup(page).find_all(tag, attrs={attribute: True}):
            yield element, element[attribute]


def is_foreign(address):
    return bool(urlsplit(address).scheme or urlsplit(address).netloc) and not address.startswith("data:")


# Links


def test_links_lead_to_files_and_anchors(built_page):
    dead = []
    for _, address in addresses(built_page, a="href", link="href", img="src", script="src"):
        if not is_foreign(address) and not address.startswith("data:"):
            path, fragment = target(built_page, address)
            if not path.is_file() or (path.suffix == ".html" and fragment not in anchors(path)):
                dead.append(address)
    assert not dead


@pytest.mark.parametrize("readme", ["README.md", "CONTRIBUTING.md", "dlbook/data/README.md"])
def test_links_of_a_readme_lead_to_files(readme):
    text = re.sub("`[^`]*`", "", (ROOT / readme).read_text(encoding="utf-8"))
    for address in re.findall(r"\]\(([^)#]+)", text):
        assert is_foreign(address) or ((ROOT / readme).parent / address).exists(), f"{readme}: {address}"


def test_links_say_where_they_lead(built_page):
    for element, _ in addresses(built_page, a="href"):
        words = element.get_text().strip() or element.get("title") or element.get("aria-label")
        assert words or element.find("img", alt=True), element


# Nothing is fetched from anyone

FETCHING = [
    *((tag, "src") for tag in ("script", "img", "iframe", "source", "video", "audio", "track", "embed")),
    *((tag, "srcset") for tag in ("img", "source")),
    ("video", "poster"),
    ("object", "data"),
    ("input", "src"),
]


def test_a_page_fetches_only_what_the_site_has(built_page):
    fetched = [
        address for tag, attribute in FETCHING for _, address in addresses(built_page, **{tag: attribute})
    ]
    fetched += [
        address
        for element, address in addresses(built_page, link="href")
        if not {"canonical", "prev", "next", "alternate"} & set(element["rel"])
    ]
    fetched += [url for style in soup(built_page).find_all("style") for url in urls(style.get_text())]
    fetched += [url for element in soup(built_page).find_all(style=True) for url in urls(element["style"])]
    assert fetched
    assert not {address: written_in(address) for address in fetched if is_foreign(address)}


def written_in(address):
    """Name the sources that hold an address; what is in none of them comes by the configuration."""
    sources = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs/theme").rglob("*.html")]
    found = [path for path in sources if address in path.read_text(encoding="utf-8")]
    return [path.relative_to(ROOT).as_posix() for path in found] or ["mkdocs.base.yml"]


def urls(css):
    found = re.findall(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+["']([^"']+)""", css)
    return [next(filter(None, groups), "") for groups in found]


def test_styles_fetch_only_what_the_site_has(site):
    styles = sorted(site.rglob("*.css"))
    assert styles
    for style in styles:
        for url in urls(style.read_text(encoding="utf-8")):
            if not url.startswith(("data:", "#")):
                assert not is_foreign(url), f"{style}: {url}"
                assert (style.parent / urlsplit(url).path).is_file(), f"{style}: {url}"


def test_pictures_fetch_nothing(site):
    for picture in site.rglob("*.svg"):
        text = picture.read_text(encoding="utf-8")
        assert not [url for url in urls(text) if not url.startswith("#")], picture
        assert not re.search(
            r"""href=["'](?!#|data:)""", re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
        )


def test_fonts_are_woff2_only(site):
    fonts = {
        path.suffix for path in site.rglob("*") if path.suffix in (".woff", ".ttf", ".otf", ".eot", ".woff2")
    }
    assert fonts == {".woff2"}


def test_formulas_and_their_styles_are_of_one_version(site):
    styles = (site / "assets/vendor/katex/katex.min.css").read_text(encoding="utf-8")
    renderer = json.loads((ROOT / "node_modules/katex/package.json").read_text(encoding="utf-8"))
    version = re.search(r'\.katex-version:+after\{content:"([\d.]+)"', styles)[1]
    assert version == renderer["version"], "assets/vendor/katex/katex.min.css is not the renderer's"


# Pictures


def test_pictures_have_words_and_a_size(built_page):
    for picture in soup(built_page).select(".md-content img"):
        assert len(picture.get("alt", "").split()) >= 5, f"a picture's words say what it shows: {picture}"
        assert int(picture["width"]) > 0, picture
        assert int(picture["height"]) > 0, picture
    for picture in soup(built_page).find_all("img"):
        assert picture.get("alt"), picture


def test_the_first_picture_loads_with_the_page_and_the_others_late(built_page):
    loading = [picture.get("loading") for picture in soup(built_page).select(".md-content img")]
    assert loading == ["eager", *["lazy"] * (len(loading) - 1)][: len(loading)]


def test_figures_have_captions(built_page):
    for picture in soup(built_page).select(".md-content img"):
        figure = picture.find_parent("figure")
        assert figure, f"a picture without a caption: {picture}"
        words = " ".join(text.get_text() for text in figure.select("figcaption > p")).split()
        assert len(words) >= 5, figure


def test_figures_are_numbered_in_order(built_page):
    captions = [caption.get_text() for caption in soup(built_page).select("figcaption")]
    numbers = [int(re.match(r"\s*Figure (\d+)\.", caption)[1]) for caption in captions]
    assert numbers == list(range(1, len(numbers) + 1))


# Pages


def test_the_head_of_a_page(built_page):
    page = soup(built_page)
    assert page.html["lang"] == "en"
    assert page.title.get_text().strip()
    if built_page not in ("404.html", "index.html"):
        assert len(description(built_page)) >= 20
        assert description(built_page) != description("index.html"), "no description of its own"


def description(page):
    return soup(page).find("meta", attrs={"name": "description"})["content"]


def test_pages_have_titles_of_their_own(site):
    titles = [soup(page).title.get_text() for page in pages()]
    assert len(titles) == len(set(titles))


def test_a_page_leads_to_its_neighbours(built_page):
    page = soup(built_page)
    wanted = {".md-footer__link--prev", ".md-footer__link--next"}
    beside = {"404.html": wanted, "index.html": {".md-footer__link--prev"}}  # the home page is the first
    if page.select_one("link[rel=next]") is None:
        beside.setdefault(built_page, {".md-footer__link--next"})
    missing = {link for link in wanted - beside.get(built_page, set()) if not page.select_one(link)}
    assert not missing, "theme.features in mkdocs.base.yml has such links"


def test_every_page_but_the_last_has_a_next(site):
    ends = [page for page in pages() if not soup(page).select_one("link[rel=next]") and page != "404.html"]
    assert len(ends) == 1, ends


def test_a_page_has_one_main_heading(built_page):
    assert len(soup(built_page).find_all("h1")) == 1


def test_headings_do_not_skip_a_level(built_page):
    headings = soup(built_page).select(".md-content :is(h1,h2,h3,h4,h5,h6)")
    pairs = itertools.pairwise(headings)
    skipping = [own_text(after) for before, after in pairs if int(after.name[1]) > int(before.name[1]) + 1]
    assert not skipping


def test_ids_are_unique(built_page):
    times = Counter(element["id"] for element in soup(built_page).find_all(id=True))
    assert [name for name in times if times[name] > 1] == []


def test_nothing_is_left_of_the_markup(built_page):
    assert [error.get_text() for error in soup(built_page).select(".build-error, .katex-error")] == []
    words = prose(built_page)
    for leftover in ("{{", "}}", "$", r"\(", r"\[", "](", "**", "///", "```", "[^"):
        assert leftover not in words, words[max(0, words.index(leftover) - 60) :][:120]


def prose(page):
    """The words of a page: no code, no formulas, no scripts."""
    skipped = ["code", "pre", "script", "style", "svg", "template"]
    content = soup(page).select_one(".md-content")
    texts = (
        text
        for text in content.strings
        if not text.find_parent(skipped) and not text.find_parent(class_="katex")
    )
    return "".join(texts)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_formulas_are_rendered(chapter, site):
    assert soup(f"{chapter}.html").select(".katex-display")
    assert not soup(f"{chapter}.html").select(".arithmatex")


# Search


def test_search_finds_words_and_no_markup(site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    texts = [f"{entry['title']} {entry['text']}" for entry in index["docs"]]
    assert any("softmax" in text.lower() for text in texts)
    for text in texts:
        words = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", text, flags=re.DOTALL)
        found = re.search(r"\\[a-zA-Z(\[]|<math|<annotation|class=|katex|\{\{|\$", words)
        assert not found, words[max(0, found.start() - 60) :][:120]


def test_search_knows_every_page(site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    known = {entry["location"].partition("#")[0] for entry in index["docs"]}
    for page in pages():
        assert page in {*known, "404.html"}, f"docs/en/{page.removesuffix('.html')}.md is kept from search"


def test_search_works_without_a_server(site):
    assert (site / "search/search_index.js").is_file(), "mkdocs.base.yml has the plugin that makes it"
    assert "__index" in (site / "search/search_index.js").read_text(encoding="utf-8")[:100]


# Chapters


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_follows_the_template(chapter, site):
    page = soup(f"{chapter}.html")
    sections = [heading["id"] for heading in page.select(".md-content h2")]
    assert [name for name in sections if name in SECTIONS] == SECTIONS, sections
    assert sections[-1] == SECTIONS[-1]
    # The question, and the picture that answers it, come before the first section.
    intro = page.h1.find_all_next(["p", "figure", "h2"])
    before = [tag.name for tag in intro[: [tag.name for tag in intro].index("h2")]]
    assert "p" in before
    assert "figure" in before


def own_text(heading):
    """A heading's words, without the link to itself."""
    return "".join(text for text in heading.strings if not text.find_parent(class_="headerlink")).strip()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_have_a_hint_and_a_folded_solution(chapter, site):
    page = soup(f"{chapter}.html")
    exercises = {}
    inside = current = None
    for tag in page.select(".md-content :is(h2, h3, details)"):
        if tag.name == "h2":
            inside = tag["id"] == "exercises"
        elif inside and tag.name == "h3":
            current = exercises.setdefault(tag["id"], [])
        elif inside:
            assert not tag.has_attr("open"), f"{chapter}: {tag.summary.get_text()} is not folded"
            current.append(tag.summary.get_text().strip())
    assert 3 <= len(exercises) <= 6, list(exercises)
    for title, folded in exercises.items():
        assert folded == ["Hint", "Solution"], f"{title}: {folded}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_ends_with_four_lines_to_remember(chapter, site):
    heading = soup(f"{chapter}.html").find(id="what-to-remember")
    assert 1 <= len(heading.find_next("ul").find_all("li", recursive=False)) <= 4


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_reads_in_a_quarter_of_an_hour_or_so(chapter, site):
    words = len(prose(f"{chapter}.html").split())
    lines = sum(len(code.text.splitlines()) for code in code_blocks(f"{chapter}.html"))
    assert 1200 <= words <= 6000, words
    assert lines <= 700, lines


# The API pages


def test_the_api_shows_what_the_pages_import(site):
    """What a page's own code imports is for readers to use: an API page explains it."""
    shown = {name for page in pages() if page.startswith("api/") for name in ids(page)}
    for page in pages():
        for code in code_blocks(page):
            if not code.title.startswith("dlbook/"):  # those are the package's own lines
                for name in imported(code.text):
                    _, module, _ = name.split(".")
                    assert name in shown, f"docs/en/api/{module}.md does not show {name}, used on {page}"


def imported(text):
    found = re.findall(r"^ *from (dlbook\.\w+) import (?:\(([^)]*)\)|(.*))$", text, re.MULTILINE)
    return [f"{module}.{name}" for module, *names in found for name in re.findall(r"\w+", " ".join(names))]


@pytest.mark.parametrize("page", [page for page in pages() if page.startswith("api/")])
def test_an_api_page_leads_to_a_chapter(page, site):
    links = soup(page).h1.find_next("p").select("a[href]")
    chapters = {f"../{chapter}.html" for chapter in CHAPTERS}
    assert page == "api/index.html" or chapters & {link["href"].partition("#")[0] for link in links}, (
        "no chapter teaches it"
    )


# Results


SHOWN = {
    page.relative_to(ROOT / "docs/en").with_suffix(".html").as_posix(): sorted(
        set(re.findall(r"\{\{\s*(?!dlbook)(\w+)[.[]", page.read_text(encoding="utf-8")))
    )
    for page in (ROOT / "docs/en").rglob("*.md")
}


@pytest.mark.parametrize("page", [page for page, results in SHOWN.items() if results])
def test_a_page_says_where_its_numbers_come_from(page, site):
    """Which tables have a box near them is for the build to say; here every number counts, in prose too."""
    boxes = [it.get_text() for it in soup(page).select("details.provenance :is(a, code)")]
    said = {re.sub(r"scripts/(experiments|benchmarks)/(\w+)\.py", r"\2", box) for box in boxes}
    missing = [result for result in SHOWN[page] if result not in said]
    assert not missing, f"the page lacks {{{{ {missing[0]}:provenance }}}}"


def test_figures_say_where_they_come_from(built_page):
    for caption in soup(built_page).select("figcaption"):
        rows = [row.th.get_text() for row in caption.select("details.provenance tr")]
        assert rows[0] == "Script", caption
        assert "Numbers" in rows or {"Experiment", "Seed", "Data", "Versions", "Run"} < set(rows), caption


# The site is of today


def test_the_site_is_made_of_what_is_there(site):
    """Results, figures and pages: none is older than what it was made from, or was changed by hand."""
    project = Project(ROOT)
    stale = {step.id: why for step in project.steps() if (why := project.why_stale(step))}
    assert not stale, f"run `make build`, for {stale}"


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
    for page, (_, (wrong, report)) in pages.items():
        said = [line for line in faulty.stderr.splitlines() if page in line]
        expected = f"WARNING -  {report.format(page=page)}"
        assert any(line.startswith(expected) for line in said), (
            f"{wrong!r}: expected {expected}, got {said}; is it validated in mkdocs.base.yml?"
        )
    assert (small / "site/index.html").read_bytes() == before


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
