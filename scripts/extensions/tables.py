"""Tables: each stands in a box that scrolls sideways, from the start.

The theme's script puts the boxes around when a page has been read. Then the browser works out the style of
the whole article anew, and readers without scripts get no box. The script leaves alone what has a class.
"""

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

BOXES = ("md-typeset__scrollwrap", "md-typeset__table")  # of the theme's styles, from outside to inside
CLASS = "table"


class Tables(Treeprocessor):
    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            for i, child in enumerate(parent):
                if child.tag == "table":
                    parent[i] = boxed(child)


def boxed(table: Element) -> Element:
    """Put a table into its boxes; what follows it follows them."""
    outer = Element("div", {"class": BOXES[0]})
    outer.tail, table.tail = table.tail, None
    SubElement(outer, "div", {"class": BOXES[1]}).append(table)
    table.set("class", CLASS)
    return outer


class TablesExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        # Anywhere before MkDocs' own (0): nothing else looks for tables.
        md.treeprocessors.register(Tables(md), "dlbook_tables", 2)


def makeExtension(**options: Any) -> TablesExtension:
    return TablesExtension(**options)
