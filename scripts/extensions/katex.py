r"""Formulas by KaTeX while the book is built: pymdownx.arithmatex (generic) finds them, this renders them.

All formulas of a page go to KaTeX in one request. What comes back is HTML for the eye and MathML for
screen readers.

A formula on display has a name in the page, by which tests and links find it: `\label{softmax}` becomes
`id="formula-softmax"`, and is no part of the LaTeX that readers see and copy.
"""

import re
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from scripts.extensions.katex_process import RENDERER, Formula, NoRenderer
from scripts.extensions.location import ProjectExtension, Source

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TAG = re.compile("<[A-Za-z/!?]")
LABEL = re.compile(r"[ \t]*\\label\{([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\}[ \t]*\n?")


class Formulas(Treeprocessor):
    def __init__(self, md: Markdown, source: Source) -> None:
        super().__init__(md)
        self.source = source

    def run(self, root: Element) -> None:
        self.clear_headings(root)
        self.report_stray_dollars(root)
        self.take_labels(root)
        found = [(it, tex_of(it)) for it in root.iter() if it.get("class") == "arithmatex" and it.text]
        try:
            answers = RENDERER.render([formula for _, formula in found])
        except NoRenderer as error:  # once a page, not once a formula
            element, (tex, _) = found[0]
            element.append(self.mark(str(error), tex))
            return
        for (element, (tex, displayed)), answer in zip(found, answers, strict=True):
            if TAG.search(tex):
                answer = {"error": "a < before a letter starts a tag in Markdown (write a space after it)"}
            if "error" in answer:
                element.text = ""
                element.append(self.mark(f"{answer['error']}, in the formula {tex.strip()}", tex))
                continue
            # Material's search leaves an excluded element at the next end tag of the same name, and KaTeX's
            # HTML is full of spans. It has no bdi, which otherwise shows like a span.
            element.tag = "div" if displayed else "bdi"
            element.set("class", "math display" if displayed else "math inline")
            element.set("data-search-exclude", "")
            element.text = self.md.htmlStash.store(answer["html"])

    def clear_headings(self, root: Element) -> None:
        """Report formulas in headings, where they would spoil titles, the table of contents and links."""
        for parent in list(root.iter()):
            for heading in [it for it in parent if it.tag in HEADINGS]:
                for element in [it for it in heading.iter() if it.get("class") == "arithmatex"]:
                    tex, _ = tex_of(element)
                    element.attrib.clear()
                    element.text = tex
                    # Beside the heading, so that its words do not become part of the title.
                    mark = self.mark(f"a heading takes no formula, such as {tex}", tex)
                    parent.insert(list(parent).index(heading) + 1, mark)

    def report_stray_dollars(self, root: Element) -> None:
        """Report dollar signs that neither open nor close a formula: readers would see bare TeX."""
        for element in list(root.iter()):
            texts = [element.text, *(child.tail for child in element)]
            # Code and formulas are atomic.
            bare = [it for it in texts if it and "$" in it and not isinstance(it, AtomicString)]
            if bare:
                # The longest line with a dollar sign, for a lone one is hard to find on the page.
                lines = [line.strip() for text in bare for line in text.split("\n") if "$" in line]
                line = max(lines, key=len)
                shown = HTML_PLACEHOLDER_RE.sub("…", line)
                message = f"a $ that belongs to no formula (a dollar sign is written \\$): {shown}"
                element.append(self.mark(message, line))

    def take_labels(self, root: Element) -> None:
        """Turn the labels of formulas on display into ids; KaTeX refuses whatever else looks like one."""
        for element in root.iter():
            text = element.text or ""
            if (
                element.get("class") == "arithmatex"
                and text.startswith("\\[")
                and (label := LABEL.search(text))
            ):
                element.set("id", f"formula-{label[1]}")
                element.text = AtomicString(LABEL.sub("", text, count=1))

    def mark(self, message: str, text: str) -> Element:
        span = Element("span")
        span.text = self.md.htmlStash.store(self.source.problem(message, text.strip()))
        return span


def tex_of(element: Element) -> Formula:
    r"""Undo what arithmatex does: it wraps formulas in \(…\) or \[…\], and escapes those on display."""
    text = element.text or ""
    displayed = text.startswith("\\[")
    return (unescape(text[2:-2]) if displayed else text[2:-2]), displayed


class KatexExtension(ProjectExtension):
    def extendMarkdown(self, md: Markdown) -> None:
        # After inline patterns (20), before attr_list (8), toc (5) and captions (4).
        md.treeprocessors.register(Formulas(md, self.source(md)), "dlbook_katex", 14)


def makeExtension(**options: Any) -> KatexExtension:
    return KatexExtension(**options)
