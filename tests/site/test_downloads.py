"""What a reader takes along runs and says what the pages say: scripts, notebooks, the archive of the site."""

import ast
import copy
import io
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from types import SimpleNamespace
from urllib.parse import unquote
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mkdocs.livereload import LiveReloadServer
from nbclient import NotebookClient

from scripts import hooks
from scripts.checks.page_code import ONE_THREAD, SECONDS, Ran, difference, without_warnings
from scripts.project import BuildError
from scripts.site import downloads
from tests.built import CHAPTERS, READER, SITE, html, kind, of_kind, pages, soup

NAMES = sorted(page.removesuffix(".html") for page in pages() if 'class="downloads"' in html(page))
LONG = 5 * SECONDS  # only so that what never ends does end
WARNING = re.compile(r"^.*?\b(\w+Warning: .*)$", re.MULTILINE)

each = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(f"{name}.html")) for name in NAMES]
)


def blocks(name):
    """The Python blocks of a page that run, each with what its Output shows, or nothing."""
    found = []
    for code in of_kind(f"{name}.html", "run", "output"):
        if kind(code) == "run":
            found.append([code, ""])
        else:
            found[-1][1] = code.text
    return found


@cache
def notebook(name):
    return nbformat.read(SITE / f"downloads/{name}.ipynb", as_version=4)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def printed(cell):
    """What a cell has printed: standard output, and the warnings."""
    texts = {"stdout": "", "stderr": ""}
    for output in cell.outputs:
        texts[output.name] += output.text
    return texts["stdout"], set(WARNING.findall(texts["stderr"]))


def test_every_chapter_and_the_gallery_can_be_taken_along(site):
    assert {*CHAPTERS, "bugs"} <= set(NAMES)
    made = {path.name for path in (site / "downloads").iterdir()}
    assert made == {f"{name}.{suffix}" for name in NAMES for suffix in ("py", "ipynb")}


# What is in them: the page's code, which tests/test_pages.py runs, and its words


@each
def test_a_script_is_the_pages_code_under_its_headings(name, site):
    script = left = (site / f"downloads/{name}.py").read_text(encoding="utf-8")
    about = ast.get_docstring(ast.parse(left))
    assert soup(f"{name}.html").title.get_text().startswith(about.partition("\n")[0])
    assert "MIT" in about
    left = left.replace(f'"""{about}\n"""', "", 1)
    for code, _ in blocks(name):
        before, found, left = left.partition(f"{code.text}\n")
        assert found, f"downloads/{name}.py lacks this block, or has it elsewhere:\n{code.text}"
        assert all(line.startswith("# ") for line in before.split("\n") if line), before
    assert not left.strip()
    headings = {it.get_text().removesuffix("#") for it in soup(f"{name}.html").select("h2[id], h3[id]")}
    for line in re.findall(r"^# %% (.*)", script, re.MULTILINE):
        assert headings.issuperset(line.split(" / ")), line


@each
def test_a_notebook_has_the_pages_code_and_shows_its_output(name, site):
    path, book = site / f"downloads/{name}.ipynb", notebook(name)
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert book.metadata.kernelspec.name == book.metadata.language_info.name + "3" == "python3"
    assert len({cell.id for cell in book.cells}) == len(book.cells)
    assert path.stat().st_size < 1_000_000
    cells = code_cells(book)
    assert [cell.source for cell in cells] == [code.text for code, _ in blocks(name)]
    assert [cell.execution_count for cell in cells] == list(range(1, 1 + len(cells)))
    for cell, (code, output) in zip(cells, blocks(name), strict=True):
        where, (stored, warnings) = f"downloads/{name}.ipynb, cell {cell.id}", printed(cell)
        shown = without_warnings(output, Ran(stored, "\n".join(warnings)))
        assert shown.strip("\n").rstrip() == stored.strip("\n").rstrip(), where
        assert warnings <= set(output.split("\n")), where
        assert bool(stored or warnings) == bool(output), where
        hidden = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}
        assert cell.metadata == (hidden if code.tag.find_parent("details") else {}), where


def rendered(name):
    """The notebook's Markdown cells as Jupyter shows them, with a word in the place of each formula."""
    texts = [cell.source for cell in notebook(name).cells if cell.cell_type == "markdown"]
    # A title alone is that of a box which begins with code.
    text = "\n\n".join(re.sub(r"^\*\*([^*]+)\*\*$", r"<summary>\1</summary>", it) for it in texts)
    text = re.sub(r"(?<!\\)(\$\$?)(?!\$)(.+?)\1", lambda it: formula(it[2]), text, flags=re.DOTALL)
    shown = BeautifulSoup(MarkdownIt("commonmark").enable("table").render(text), "html.parser")
    shown.blockquote.decompose()  # where it comes from, and what it needs
    for it in shown.find_all("summary"):
        if it.get_text().endswith(" …"):
            it.decompose()  # the rest of what is in one box
    sources = {it.get_text() for it in soup(f"{name}.html").select("details.provenance > summary")}
    for it in shown.find_all("summary", string=list(sources)):
        it["class"] = it.find_next("ul")["class"] = "provenance"
    return shown


def page_without_code(name):
    """The page, with the same words for formulas, and with the titles of its code alone."""
    page = BeautifulSoup(html(f"{name}.html"), "html.parser").article
    for it in page.select(".downloads, .headerlink, .md-content__button, .footnote-backref, script"):
        it.decompose()
    for it in page.select(".katex"):
        it.replace_with(formula(it.annotation.get_text()))
    for it in page.select(".caption-prefix"):
        it.name = "strong"
    for it in page.select(".highlight:is(.language-python, :has(.filename))"):
        title = it.select_one(".filename")
        if title and title.get_text() != "Output":
            it.insert_before(title)
            if title.get_text().startswith("Not run"):  # a notebook has it among its words
                title.name = "em"
                it.insert_before(" ", it.code.get_text())
        it.decompose()
    page.h1.string = soup(f"{name}.html").title.get_text().partition(" - ")[0]
    return page


def formula(tex):
    r"""A word for a formula: the same one for \vert, which tables need, and its sign."""
    signs = tex.replace(r"\vert ", "|").replace(r"\Vert ", r"\|")
    return f" tex{''.join(f'{ord(it):x}' for it in signs if not it.isspace())} "


def words(element):
    return re.findall(r"\w+", element.get_text(" "))


def of_provenance(element):
    return any("provenance" in it.get("class", ()) for it in (element, *element.parents))


@each
def test_a_notebook_says_what_the_page_says(name, site):
    """Word by word, formula by formula and part by part, rendered by a Markdown that is not the book's."""
    shown, page = rendered(name), page_without_code(name)
    said, expected = words(shown), words(page)
    for at, (one, other) in enumerate(zip(said, expected, strict=False)):
        assert one == other, (
            f"downloads/{name}.ipynb: {said[at - 8 : at + 4]}, not {expected[at - 8 : at + 4]}"
        )
    assert len(said) == len(expected)
    for tag in ("h1", "h2", "h3", "strong", "em", "sup", "table", "tr", "ol", "ul", "li", "summary"):
        # A table that says where numbers come from has become a list.
        parts = [
            [words(it) for it in whole.find_all(tag) if not of_provenance(it)] for whole in (shown, page)
        ]
        assert parts[0] == parts[1], tag
    assert (
        not {it.name for it in shown.find_all()} - {it.name for it in page.find_all()} - {"pre", "ul", "li"}
    )
    foreign = [it["href"] for it in page.select("a[href]") if "://" in it["href"]]
    assert [it["href"] for it in shown.select("a[href]")] == foreign, "links lead there from anywhere"
    for picture, original in zip(shown.find_all("img"), page.find_all("img"), strict=True):
        assert (picture["alt"], picture["width"]) == (original["alt"], original["width"])
        kind, _, data = picture["src"].partition(",")
        assert kind == "data:image/svg+xml"
        svg = ElementTree.fromstring(unquote(data))
        beside = ElementTree.parse(site / original["src"]).getroot()
        assert [it.tag for it in svg.iter()] == [it.tag for it in beside.iter()]
        assert "prefers-color-scheme" not in unquote(data), "its paper is white where the system is dark"


# They run as their readers run them. All have their pages' code, so one of each kind is enough.

ONE = CHAPTERS[2] if CHAPTERS else ""


@pytest.mark.full
def test_a_script_prints_what_the_page_shows(reader, tmp_path):
    run = subprocess.run(
        [reader, "-I", "-X", "utf8", SITE / f"downloads/{ONE}.py"],
        cwd=tmp_path,
        env=os.environ | ONE_THREAD,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    ran = Ran(run.stdout, "\n".join(WARNING.findall(run.stderr)))
    shown = "\n".join(without_warnings(output, ran) for _, output in blocks(ONE))
    # Where one block's output ends and the next one's begins, pages show no blank lines.
    assert difference(*(re.sub(r"\n\s*\n", "\n", text).strip() for text in (shown, ran.printed))) == ""


@pytest.mark.full
def test_a_notebook_runs_and_prints_what_it_shows(reader, monkeypatch, tmp_path):
    """In a kernel that imports NumPy and `dlbook` from the reader's environment, and reads no settings."""
    (packages,) = READER.parents[1].glob("lib/python*/site-packages")
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    for variable, value in {**ONE_THREAD, "PYTHONPATH": str(packages)}.items():
        monkeypatch.setenv(variable, value)
    book = copy.deepcopy(notebook(ONE))
    for cell in code_cells(book):
        cell.outputs = []
    where = "import dlbook, numpy; print(dlbook.__file__, numpy.__file__)"
    book.cells.append(nbformat.v4.new_code_cell(where))
    resources = {"metadata": {"path": tmp_path}}
    NotebookClient(book, timeout=LONG, kernel_name="python3", resources=resources).execute()
    where, _ = printed(book.cells.pop())
    assert all(path.startswith(str(READER.parents[1])) for path in where.split()), where
    for shown, cell in zip(code_cells(notebook(ONE)), code_cells(book), strict=True):
        assert {it.output_type for it in cell.outputs} <= {"stream"}, f"{cell.id} shows a value"
        (expected, warnings), (found, warned) = printed(shown), printed(cell)
        assert difference(expected, found) == "", cell.id
        assert warned == warnings, cell.id


# The archive


def test_the_archive_is_the_site(site):
    with zipfile.ZipFile(site / "dlbook.zip") as files:
        assert files.testzip() is None
        packed = {entry.filename.removeprefix("dlbook/"): files.read(entry) for entry in files.infolist()}
        assert len({(entry.date_time, entry.external_attr) for entry in files.infolist()}) == 1
    there = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    for_servers = {"404.html", "robots.txt", "sitemap.xml"}
    assert set(there) - set(packed) == {"dlbook.zip", *for_servers.intersection(there)}
    assert [name for name in packed if name not in there or packed[name] != there[name].read_bytes()] == []


def test_pages_say_how_large_the_archive_is(site):
    size = (site / "dlbook.zip").stat().st_size
    for name in NAMES:
        link = soup(f"{name}.html").select_one(".downloads-site").get_text()
        said = float(re.search(r"([\d.]+) MB", link)[1])
        assert abs(size / 1e6 - said) < 0.75, f"mkdocs.yml says {link!r} of {size:,} bytes"


# Elements that no page has yet, or not all of them


PAGE = """\
<!doctype html><html lang="en"><head><title>3. Small - The Book</title>
<meta name="description" content="What it is about.">{head}</head>
<body><a class="md-logo" title="The Book"></a><a class="book-source" href="https://example.org/repository"></a>
<article><h1 id="small">Small</h1>{body}
<aside class="downloads"><p class="downloads-note">It needs <a href="setup.html">NumPy</a>. MIT.</p></aside>
</article></body></html>
"""
CODE = '<div class="language-{} highlight">{}<pre><span></span><code>{}\n</code></pre></div>'


def small(tmp_path, body, head=""):
    path = tmp_path / "small.html"
    path.write_text(PAGE.format(body=body, head=head), encoding="utf-8")
    return downloads.Page(tmp_path, path)


def sources(page):
    return [cell.source for cell in nbformat.reads(downloads.notebook(page), as_version=4).cells]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<p>5 * 3, a_b, _x_, [y](z), a &lt; b, `c` and \\</p>",
            r"5 \* 3, a_b, \_x\_, \[y](z), a \< b, \`c\` and \\",
        ),
        ("<p>1. No list</p>", r"1\. No list"),
        ("<p># no heading</p>", r"\# no heading"),
        ("<p>a<!-- not said -->\n  <code>`b`</code><br><em>c</em></p>", "a `` `b` ``<br>*c*"),
        ("<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>", "- a\n\n  1. b\n  2. c\n\n- d"),
        ("<ol start=3><li><p>a</p><p>b</p></li></ol>", "3. a\n\n   b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ('<div class="admonition"><p class="admonition-title">A</p><p>b</p></div>', "> **A**\n>\n> b"),
        ("<button>Run</button><p>a<input></p>", "a"),
        (CODE.format("sh", "", "make"), "```sh\nmake\n```"),
        (CODE.format("text", '<span class="filename">log</span>', "```"), "`log`\n\n````text\n```\n````"),
        (
            CODE.format("python", '<span class="filename">Not run: it would take days</span>', "import this"),
            "*Not run: it would take days*\n\n```python\nimport this\n```",
        ),
    ],
)
def test_html_becomes_markdown(body, text, tmp_path):
    (source,) = sources(small(tmp_path, body))
    assert source.split("\n\n", 2)[2] == text


def test_code_that_is_not_run_is_a_comment_in_a_script(tmp_path):
    code = CODE.format("python", '<span class="filename">Not run: no end</span>', "a = 1\n\nb = 2")
    text = downloads.script(small(tmp_path, f'<h2 id="a">A</h2>{code}'))
    assert text.endswith('"""\n\n\n# %% A\n\n# Not run: no end\n# a = 1\n# \n# b = 2\n')


def test_bars_do_not_end_a_cell(tmp_path):
    one, other = (f"<bdi class='math'><annotation>{tex}</annotation></bdi>" for tex in (r"|x|", r"\|y\|"))
    head = f"<th style='text-align: right'>{one}</th><th><code>a | b</code></th>"
    body = f"<tr><td>{other}</td><td>|</td></tr>"
    (source,) = sources(small(tmp_path, f"<table><thead><tr>{head}</tr></thead>{body}</table>"))
    lines = source.split("\n")[-3:]
    assert lines == [r"| $\vert x\vert$ | `a \| b` |", "| ---: | --- |", r"| $\Vert y\Vert$ | \| |"]


def test_links_into_the_book_lead_there_if_it_is_known_where_it_is(tmp_path):
    body = '<p><a href="other.html#x">a</a>, <a href="#small">b</a>, <a href="https://example.com/">c</a></p>'
    (source,) = sources(small(tmp_path, body))
    assert source.endswith("a, b, [c](https://example.com/)")
    assert "> [The Book](https://example.org/repository). It needs NumPy. MIT." in source
    page = (tmp_path / "small.html").read_text(encoding="utf-8")
    nowhere = re.sub('<a class="book-source".*?</a>', "", page)
    (tmp_path / "nowhere.html").write_text(nowhere, encoding="utf-8")
    (source,) = sources(downloads.Page(tmp_path, tmp_path / "nowhere.html"))
    assert "> The Book. It needs NumPy. MIT." in source
    (source,) = sources(
        small(tmp_path, body, '<link rel=canonical href="https://example.net/book/small.html">')
    )
    at = "https://example.net/book"
    assert source.endswith(f"[a]({at}/other.html#x), [b]({at}/small.html#small), [c](https://example.com/)")
    assert f"> [The Book]({at}/small.html). It needs [NumPy]({at}/setup.html). MIT." in source


OUTPUT = CODE.format("text", '<span class="filename">Output</span>', "1")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<marquee>a</marquee>", "have no place for this element: <marquee>a</marquee>"),
        ("<p><kbd>a</kbd></p>", "have no place for this element: <kbd>a</kbd>"),
        ("words", "have no place for this element: <article>"),
        ("<figure><p>a</p></figure>", "have no place for this element: <figure>"),
        ('<figure><img src="a.png"></figure>', "have no place for this element: <img"),
        ("<details><p>a</p></details>", "have no place for this element: <details>"),
        ("<table><tr><td>a</td></tr></table>", "have no place for this element: <table>"),
        (f"<ul><li>{CODE.format('python', '', 'a')}</li></ul>", "have no place for this element: <div class"),
        (OUTPUT, "no Python block prints this Output: '1'"),
        (CODE.format("python", "", "print(1)") + OUTPUT * 2, "no Python block prints this Output: '1'"),
    ],
)
def test_what_cannot_be_taken_along_stops_the_build(body, said, tmp_path):
    with pytest.raises(BuildError, match=rf"small\.md: .*{re.escape(said)}"):
        sources(small(tmp_path, body))


def test_a_page_without_what_downloads_need_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PAGE", PAGE.replace("downloads-note", "note"))
    with pytest.raises(
        BuildError, match=r"small\.md: there is no \.downloads-note, which its downloads need"
    ):
        small(tmp_path, "")


@pytest.fixture
def asked(tmp_path):
    """Ask the server of `mkdocs serve`, as its hook leaves it: give what is answered to an address."""
    server = LiveReloadServer(lambda: None, "127.0.0.1", 0, root=str(tmp_path), mount_path="/book/")
    hooks.on_serve(server, config=SimpleNamespace(site_dir=str(tmp_path)))

    def ask(address):
        statuses = []
        answer = server.get_app()({"PATH_INFO": address}, lambda status, _: statuses.append(status))
        content = b"".join(answer)
        getattr(answer, "close", bool)()
        return statuses[0], content

    yield ask
    server.server_close()


def test_while_serving_no_download_is_dead(asked, tmp_path):
    small(tmp_path, CODE.format("python", "", "print(1)") + OUTPUT)
    for name in ("downloads/other.py", "downloads/small.html.py", "downloads/nothing.py"):
        assert asked(f"/book/{name}")[0].startswith("404")
    assert not (tmp_path / "downloads").exists()
    status, content = asked("/book/downloads/small.py")
    assert status.startswith("200")
    assert content.endswith(b"print(1)\n")
    small(tmp_path, CODE.format("python", "", "print(2)"))
    assert asked("/book/downloads/small.py")[1].endswith(b"print(2)\n"), "the page has changed"
    with zipfile.ZipFile(io.BytesIO(asked("/book/dlbook.zip")[1])) as files:
        made = ("downloads/small.ipynb", "downloads/small.py", "small.html")
        assert files.namelist() == [f"dlbook/{name}" for name in made]


def test_while_serving_a_page_that_cannot_be_taken_along_is_reported(asked, tmp_path, caplog):
    small(tmp_path, OUTPUT)
    assert asked("/book/downloads/small.ipynb")[0].startswith("404")
    assert "small.md: no Python block prints this Output: '1'" in caplog.text
