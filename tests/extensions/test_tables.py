"""Tables: each in its boxes, wherever it stands."""

import pytest
from bs4 import BeautifulSoup

from tests.built import pages, soup

TABLE = """
| a | b |
| --- | ---: |
| 1 | `2` |
"""
IN = {
    "on the page": TABLE,
    "after words": f"Words.\n{TABLE}\nMore words.",
    "in a list": "- item\n" + TABLE.replace("\n|", "\n    |"),
    "in a folded box": "??? tip\n" + TABLE.replace("\n|", "\n    |"),
    "in HTML": f'<div class="symbols" markdown>\n{TABLE}\n</div>',
    "two": TABLE + "\nand\n" + TABLE,
}


def convert(project, text):
    return BeautifulSoup(project.convert(text), "html.parser")


@pytest.mark.parametrize("where", IN)
def test_a_table_stands_in_its_boxes(where, project):
    page = convert(project, IN[where])
    tables = page.select("table")
    assert len(tables) == IN[where].count("---:")
    for table in tables:
        inner, outer, *_ = table.parents
        # The names in the theme's styles, and that in the book's.
        names = ["md-typeset__scrollwrap", "md-typeset__table", "table"]
        assert [it["class"] for it in (outer, inner, table)] == [[name] for name in names]
        assert [it.name for it in inner.children] == ["table"]
        assert table.select_one("td:last-child code").text == "2"
    assert project.problems() == []


def test_what_follows_a_table_follows_its_boxes(project):
    page = convert(project, IN["after words"])
    assert [it.name for it in page.find_all(recursive=False)] == ["p", "div", "p"]
    assert page.text.split() == ["Words.", "a", "b", "1", "2", "More", "words."]


@pytest.mark.parametrize("name", pages())
def test_no_table_is_left_to_the_theme(name, site):
    left = soup(name).select("table:not([class])")
    assert not left, f"mkdocs.base.yml should list scripts.extensions.tables for {left[0].text!r}"
