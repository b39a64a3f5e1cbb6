"""Links to the sources: `[the test](repo:scripts/checks/typed_numbers.py)`, and `[this repository](repo:)`.

Only the environment knows where the sources are shown, by DLBOOK_REPO. Without it no address is made up,
and the words of such a link are followed by its path, unless they are the path.
"""

from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from scripts.extensions.location import ProjectExtension, Source

SCHEME = "repo:"


class Links(Treeprocessor):
    def __init__(self, md: Markdown, source: Source, extension: ProjectExtension) -> None:
        super().__init__(md)
        self.source = source
        self.extension = extension

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            address = link.get("href", "")
            if address.startswith(SCHEME):
                self.complete(link, address.removeprefix(SCHEME))

    def complete(self, link: Element, path: str) -> None:
        if not (self.extension.root / path).exists():
            mark = self.source.problem(f"there is no {path} in the repository", SCHEME + path)
            link.tail = self.md.htmlStash.store(mark) + (link.tail or "")
        if address := self.extension.link(path):
            link.set("href", address)
            return
        del link.attrib["href"]
        link.tag = "span"
        if path and "".join(link.itertext()) != path:
            *_, last = (None, *link)
            if last is None:
                link.text = f"{link.text or ''} ("
            else:
                last.tail = f"{last.tail or ''} ("
            code = SubElement(link, "code")
            code.text, code.tail = path, ")"


class RepositoryExtension(ProjectExtension):
    def extendMarkdown(self, md: Markdown) -> None:
        # After links are made (inline, 20), before MkDocs turns paths of files into addresses (0).
        md.treeprocessors.register(Links(md, self.source(md), self), "dlbook_repository", 5)


def makeExtension(**options: Any) -> RepositoryExtension:
    return RepositoryExtension(**options)
