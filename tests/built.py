"""The built site as its readers get it: its pages, and their code as the copy button copies it."""

import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
SITE = Path(os.environ.get("DLBOOK_SITE", ROOT / "site"))
READER = Path(os.environ.get("DLBOOK_READER", ROOT / "build" / "reader")) / "bin" / "python"
CHAPTERS = sorted(path.stem for path in (ROOT / "docs" / "en").glob("[0-9][0-9]-*.md"))
PYTHON = {"python", "py", "python3"}


class Code(NamedTuple):
    """A code block of a page."""

    tag: object
    language: str
    title: str
    text: str


def pages():
    """Name the pages, as paths below the site."""
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))


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
