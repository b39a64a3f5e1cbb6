"""The built site as its readers get it: its pages, and their code as the copy button copies it."""

import os
import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup

from scripts.checks.page_code import Block, Output, pairs, problem, run

ROOT = Path(__file__).resolve().parents[1]
SITE = Path(os.environ.get("DLBOOK_SITE", ROOT / "site"))
READER = Path(os.environ.get("DLBOOK_READER", ROOT / "build" / "reader")) / "bin" / "python"
CHAPTERS = sorted(path.stem for path in (ROOT / "docs" / "en").glob("[0-9][0-9]-*.md"))
PYTHON = {"python", "py", "python3"}
DISPLAY = re.compile(
    r"""<div(?=[^>]*\bclass=["']?math display\b)([^>]*)>.*?<annotation[^>]*>(.*?)</annotation>""", re.DOTALL
)


class Code(NamedTuple):
    """A code block of a page."""

    tag: object
    language: str
    title: str
    text: str


def pages():
    """Name the pages, as paths below the site."""
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))


def source(page):
    """Name the file that a page is made from."""
    known = (f"docs/en/{page.removesuffix('.html')}.md", f"docs/theme/{page}")
    return next((path for path in known if (ROOT / path).is_file()), page)


def report(page, wrong):
    """Say all that is wrong with a page in one message, which names the page's source."""
    lines = [" ".join(it.split())[:600] for it in dict.fromkeys(wrong)]
    return "\n  ".join([f"{source(page)} (site/{page})", *lines]) if wrong else ""


@cache
def html(page):
    return (SITE / page).read_text(encoding="utf-8")


@cache
def soup(page):
    return BeautifulSoup(html(page), "html.parser")


@cache
def code_blocks(page):
    """Find everything that is set as code, in page order, but for the line numbers beside it."""
    return [code_block(pre) for pre in soup(page).find_all("pre") if not pre.find_parent(class_="linenos")]


def code_block(pre):
    highlight = pre.find_parent(class_="highlight")
    title = highlight.select_one(".filename") if highlight else None
    code = pre.find("code", recursive=False) or pre
    classes = [name for tag in (highlight, pre, code) if tag for name in tag.get("class", [])]
    language = next((name.removeprefix("language-") for name in classes if name.startswith("language-")), "")
    return Code(pre, language, title.get_text() if title else "", copied(code))


def copied(code):
    """The text that Material's copy button copies: a `data-copy` above the code, or what is seen of it."""
    above = code.find_parent(attrs={"data-copy": True})
    if above:
        return above["data-copy"].rstrip()
    hidden = code.select(".md-annotation")
    return "".join(text for text in code.strings if not any(tag in hidden for tag in text.parents)).rstrip()


def ids(page):
    return re.findall(r"""\sid=["']?([^"'\s>]+)""", html(page))


def kind(code):
    """Say what proves a block: each has exactly one proof."""
    if code.language not in PYTHON:
        return "output" if code.title == "Output" else "other"
    if code.tag.find_parent(class_="mkdocstrings-source"):
        return "source"
    if code.tag.find_parent(class_="doc-signature"):
        return "signature"
    return "not run" if code.title.startswith("Not run") else "run"


def of_kind(page, *kinds):
    return [code for code in code_blocks(page) if kind(code) in kinds]


def wrong_outputs(page, codes, reader):
    """Run a page's code in a fresh interpreter, and say where it does not print what the page shows."""
    items = []
    for code in codes:
        line = code.text.strip().partition("\n")[0]
        where = f"{page}, block {1 + sum(isinstance(item, Block) for item in items)} ({line!r})"
        if kind(code) in ("run", "output"):
            items.append(Output(code.text, where) if kind(code) == "output" else Block(code.text, where))
    results = iter(run([item.source for item in items if isinstance(item, Block)], page, reader))
    wrong = []
    for block, output in pairs(items):
        if block is None:
            wrong.append(f"an Output without a Python block: {output.text!r}")
        elif ran := next(results, None):  # none after a block that failed
            found = problem(ran, output.text if output else None)
            wrong += [f"{block.where}: {found}"] if found else []
    return "\n".join(wrong)


class Display(NamedTuple):
    """A formula on display: its name on the page, its LaTeX, and where it is written."""

    name: str  # softmax, where the page has \label{softmax}; "" where it has none
    tex: str
    source: str  # the file and the line


@cache
def displays(page):
    """Find the formulas on display in page order. KaTeX keeps their LaTeX beside what it makes of them."""
    source = Path("docs", "en", page).with_suffix(".md").as_posix()
    text = (ROOT / source).read_text(encoding="utf-8") if (ROOT / source).is_file() else ""
    found = []
    for attributes, annotation in DISPLAY.findall(html(page)):
        name = re.search(r"""\bid=["']?formula-([\w-]+)""", attributes)
        tex = unescape(annotation)
        # A formula that is indented in the source is not so on the page.
        words = r"\s+".join(map(re.escape, tex.split()))
        there = re.search(rf"\\label\{{{name[1]}\}}" if name else words, text)
        line = f":{text.count(chr(10), 0, there.start()) + 1}" if there else ""
        found.append(Display(name[1] if name else "", tex, f"{source}{line}"))
    return found
