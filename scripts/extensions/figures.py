"""Figures: an image of `assets/figures/NAME.svg` gets its size, loads when needed, and says how it was drawn.

One that is marked `{ data-interactive=NAME }` makes way for docs/interactive/NAME.js when that can run.
The size keeps the page from jumping while images load. The first loads with the page, the others late.
Figures are numbered by pymdownx.blocks.caption.
"""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from scripts.extensions.location import ProjectExtension, Source

FIGURE = re.compile(r"(?:.*/)?assets/figures/(?P<name>[\w-]+)\.svg")
LENGTH = re.compile(r"([\d.]+)(px|pt|in|cm|mm)?")
PIXELS = {None: 1.0, "px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}


class Figures(Treeprocessor):
    def __init__(self, md: Markdown, source: Source, extension: "FiguresExtension") -> None:
        super().__init__(md)
        self.source = source
        self.extension = extension

    def run(self, root: Element) -> None:
        loading = "eager"
        for image in root.iter("img"):
            if match := FIGURE.fullmatch(image.get("src", "")):
                self.complete(image, match[0], loading)
                loading = "lazy"
        for figure in root.iter("figure"):
            sources = [FIGURE.fullmatch(image.get("src", "")) for image in figure.iter("img")]
            for name in dict.fromkeys(match["name"] for match in sources if match):
                self.link(figure, name)

    def complete(self, image: Element, src: str, loading: str) -> None:
        """Give the image its size, and check what a reader needs of it."""
        page = self.source.page or self.extension.root / "docs" / "en" / "index.md"
        path = (page.parent / src).resolve()
        alt = image.get("alt", "")
        if not alt.strip():
            self.report(image, f"{src} has no alt text: say in a sentence what it shows", src)
        elif "\\(" in alt:
            self.report(
                image, f"the alt text of {src} holds a formula, which nobody can read there: {alt}", src
            )
        if not path.is_file():
            shown = (
                path.relative_to(self.extension.root) if path.is_relative_to(self.extension.root) else path
            )
            self.report(image, f"there is no figure {shown}: run make build, or check the name", src)
            return
        try:
            width, height = size(path)
        except (ElementTree.ParseError, ValueError) as error:
            self.report(image, f"{src} is no SVG with a size: {error}", src)
            return
        script = f"docs/interactive/{image.get('data-interactive', '')}.js"
        if "data-interactive" in image.attrib and not (self.extension.root / script).is_file():
            self.report(image, f"there is no interactive figure {script}", src)
        for key, value in {
            "width": str(round(width)),
            "height": str(round(height)),
            "loading": loading,
            "decoding": "async",
        }.items():
            if key not in image.attrib:  # attr_list may have said otherwise
                image.set(key, value)

    def link(self, figure: Element, name: str) -> None:
        """Let the caption say how the figure was drawn."""
        caption = figure.find("figcaption")
        script = f"scripts/figures/{name}.py"
        if caption is None:
            return
        if not (self.extension.root / script).is_file():
            self.report(caption, f"{script}, which should draw this figure, does not exist", f"{name}.svg")
            return
        paragraphs = caption.findall("p")
        last = paragraphs[-1] if paragraphs else caption
        link = SubElement(last, "a", {"class": "figure-source", "href": self.extension.link(script)})
        link.text = self.extension.getConfig("label")
        before = list(last)[-2] if len(last) > 1 else None
        if before is not None:
            before.tail = (before.tail or "").rstrip() + " "
        else:
            last.text = (last.text or "").rstrip() + " "

    def report(self, near: Element, message: str, text: str) -> None:
        """Report, and show it in place of the image or in the caption."""
        mark = self.md.htmlStash.store(self.source.problem(message, text))
        if near.tag == "img":
            near.tail = mark + (near.tail or "")
        else:
            SubElement(near, "span").text = mark


def size(path: Path) -> tuple[float, float]:
    """Read width and height in pixels off an SVG's first tag."""
    with path.open("rb") as file:
        _, svg = next(ElementTree.iterparse(file, events=["start"]))
    lengths = [LENGTH.fullmatch(svg.get(side, "")) for side in ("width", "height")]
    if all(lengths):
        width, height = (float(it[1]) * PIXELS[it[2]] for it in lengths if it)
        return width, height
    box = svg.get("viewBox", "").replace(",", " ").split()
    if len(box) != 4:
        raise ValueError("it has neither width and height nor a viewBox")
    return float(box[2]), float(box[3])


class FiguresExtension(ProjectExtension):
    def __init__(self, **options: Any) -> None:
        self.config = {"label": ["How it was drawn", "The words of the link to a figure's script"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        # After captions (4), before MkDocs turns paths of files into addresses (0).
        md.treeprocessors.register(Figures(md, self.source(md), self), "dlbook_figures", 3)


def makeExtension(**options: Any) -> FiguresExtension:
    return FiguresExtension(**options)
