"""Figures: an image of `assets/figures/NAME.svg` gets its size, loads when needed, and says how it was drawn.

One that is marked `{ data-interactive=NAME }` makes way for docs/interactive/NAME.js when that can run.
The size keeps the page from jumping while images load. The first loads with the page, the others late.
A folded box in the caption leads to the script, and says which results the script reads and where those come
from. Figures are numbered by pymdownx.blocks.caption.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from scripts.extensions import provenance
from scripts.extensions.location import ProjectExtension, Source
from scripts.extensions.results import Results
from scripts.project import Project

FIGURE = re.compile(r"(?:.*/)?assets/figures/(?P<name>[\w-]+)\.svg")
LENGTH = re.compile(r"([\d.]+)(px|pt)?")
PIXELS = {None: 1.0, "px": 1.0, "pt": 96 / 72}


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
            for image in figure.iter("img"):
                if match := FIGURE.fullmatch(image.get("src", "")):
                    self.explain(figure, match["name"], image.get("data-interactive"))

    def complete(self, image: Element, src: str, loading: str) -> None:
        """Give the image its size, and check what a reader needs of it."""
        page = self.source.page or self.extension.root / "docs" / "en" / "index.md"
        path = (page.parent / src).resolve()
        alt = image.get("alt", "")
        if not alt.strip():
            self.report(image, f"{src} has no alt text: say in a sentence what it shows", src)
        elif "\\(" in alt:
            self.report(
                image, f"the alt text of {src} contains a formula, which cannot be read there: {alt}", src
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
            self.report(image, f"{src} is not an SVG with a size: {error}", src)
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

    def explain(self, figure: Element, name: str, interactive: str | None) -> None:
        """Let the caption say how the figure was drawn."""
        caption = figure.find("figcaption")
        script = f"scripts/figures/{name}.py"
        if caption is None:
            return
        if not (self.extension.root / script).is_file():
            self.report(caption, f"{script}, which should draw this figure, does not exist", f"{name}.svg")
            return
        try:
            rows = self.origin(script, f"docs/interactive/{interactive}.js")
        except (LookupError, TypeError, ValueError) as error:
            what = f"the result lacks {error}" if type(error) is KeyError else str(error)
            message = f"it is not known where the numbers of {script} come from: {what}"
            self.report(caption, message, f"{name}.svg")
            return
        mark = self.md.htmlStash.store(provenance.box("How it was drawn", rows))
        *_, last = (caption, *caption)
        if last is caption:
            caption.text = (caption.text or "") + mark
        else:
            last.tail = (last.tail or "") + mark

    def origin(self, script: str, interactive: str) -> provenance.Rows:
        """Name the scripts and the results that they read, or what they compute from."""
        project, link = project_at(self.extension.root), self.extension.link
        figure = project.figure(project.root / script)
        results = figure.results
        tree = project.sources.tree(project.root / script)
        about = (ast.get_docstring(tree) if tree else None) or ""
        rows = [("Script", provenance.source(script, about.partition("\n")[0], link))]
        if (project.root / interactive).is_file():
            rows.append(
                ("Interactive", provenance.source(interactive, "the same, computed while you read", link))
            )
            results += project.interactive(project.root / interactive).results
        for result in dict.fromkeys(results):
            rows += provenance.of_result(Results(project.root / "results")[result], link)
        if not results:
            files = project.sources.closure(project.root / script)
            package = any(file.is_relative_to(project.root / "dlbook") for file in files)
            whence = "from <code>dlbook</code>" if package else "in the script"
            rows.append(("Numbers", f"computed {whence}, without a run"))
            if data := project.data(figure):
                rows.append(("Data", provenance.data(data)))
        return rows

    def report(self, near: Element, message: str, text: str) -> None:
        """Report, and show it in place of the image or in the caption."""
        mark = self.md.htmlStash.store(self.source.problem(message, text))
        if near.tag == "img":
            near.tail = mark + (near.tail or "")
        else:
            SubElement(near, "span").text = mark


@cache
def project_at(root: Path) -> Project:
    """One for all pages: it remembers what it has read for as long as the files stand still."""
    return Project(root)


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
    def extendMarkdown(self, md: Markdown) -> None:
        # After captions (4), before MkDocs turns paths of files into addresses (0).
        md.treeprocessors.register(Figures(md, self.source(md), self), "dlbook_figures", 3)


def makeExtension(**options: Any) -> FiguresExtension:
    return FiguresExtension(**options)
