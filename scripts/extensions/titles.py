"""Links without words: `[](05-gradients.md#what-it-costs)` takes the words of the heading it leads to.

So a heading is written once. Such a link leads to a whole page, whose number comes from its file's name,
or to a heading with an id of its own, `## What it costs { #what-it-costs }`, on another page or on this one.
A heading that is such a link takes the words alone.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from scripts.extensions.fences import without_fences
from scripts.extensions.location import ProjectExtension, Source, read

# A code span is left alone.
LINK = re.compile(
    r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|(?<!!)\[\]\((?P<path>[^\s()#]*)(?:#(?P<id>[^\s()]+))?\)"
)
NUMBER = re.compile(r"0*(\d+)-")


class Titles(Preprocessor):
    def __init__(self, md: Markdown, source: Source) -> None:
        super().__init__(md)
        self.source = source

    def run(self, lines: list[str]) -> list[str]:
        # Other pages first, so that a heading that takes its words from there has some.
        there = [LINK.sub(partial(self.replace, here=None), line) for line in lines]
        here = "\n".join(there)
        result = [LINK.sub(partial(self.replace, here=here), line) for line in there]
        for old, new in zip(lines, result, strict=True):
            if new != old:
                self.source.edited(old, new)
        return result

    def replace(self, match: re.Match[str], here: str | None) -> str:
        path, name = match["path"], match["id"]
        if match["ticks"] or bool(path) != (here is None):
            return match[0]
        try:
            words = self.title(path, name, here)
        except LookupError as error:
            return self.md.htmlStash.store(self.source.problem(str(error), match[0]))
        in_heading = re.fullmatch("#+ ", match.string[: match.start()])  # which is no link then
        return words if in_heading else f"[{words}]{match[0][2:]}"

    def title(self, path: str, name: str | None, here: str | None) -> str:
        """Find the words of a heading, without links and attributes."""
        text, number = here or "", ""
        if path:
            page = self.source.page
            file = (page.parent if page else self.source.root / "docs/en") / path
            if not file.is_file():
                raise LookupError(f"there is no {path} whose title this link could take")
            text = read(file, file.stat().st_mtime_ns)
            number = "" if name or not (match := NUMBER.match(Path(path).name)) else f"{match[1]}. "
        own = rf"\{{[^}}\n]*#{re.escape(name)}(?![\w-])[^}}\n]*\}}" if name else r"(?:\{[^}\n]*\})?"
        heading = re.search(
            rf"^{'#{1,6}' if name else '#'} (.*?)\s*{own}[ \t]*$", without_fences(text), re.MULTILINE
        )
        if not heading:
            wanted = f"heading with {{ #{name} }}" if name else "main heading"
            raise LookupError(f"{path or 'this page'} has no {wanted} whose words this link could take")
        return number + re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1])


class TitlesExtension(ProjectExtension):
    def extendMarkdown(self, md: Markdown) -> None:
        # After superfences (25) has taken the fences away, before raw HTML (20) is.
        md.preprocessors.register(Titles(md, self.source(md)), "dlbook_titles", 23)


def makeExtension(**options: Any) -> TitlesExtension:
    return TitlesExtension(**options)
