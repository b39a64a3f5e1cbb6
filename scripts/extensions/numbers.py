"""Numbers by name: `{{ two_layer.test_accuracy[-1]:.2% }}` is taken from `results/`, never typed.

A path of keys and indices leads into the "values" of an experiment; what follows the colon is Python's format
spec, or `duration`. A line with `[*]` is repeated for each element. `{{ two_layer:provenance }}`, alone on a
line, becomes a folded box that says where the numbers come from. Each table of measured numbers needs the box
of their experiment under the same heading. Notes on typed numbers, `<!-- typed: 0.9 * 8 -->`, are taken out.
"""

import re
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from scripts.extensions.location import ProjectExtension, Source
from scripts.extensions.provenance import box, of_result
from scripts.extensions.results import Results

# A code span is left alone. A brace that is opened like ours and never closed is a slip.
TOKEN = re.compile(
    r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\{\{(?P<inner>[^{}]*)\}\}|(?P<unclosed>\{\{\s+[A-Za-z_].*)"
)
# TeX knows double braces too, as in \hat{{y}}; ours have a space inside, or go on after the first name.
OURS = re.compile(r"\s+(?![\s\\])|[A-Za-z_]\w*[.\[:]")
BOX = re.compile(r"\s*\{\{\s*(?P<name>\w+):provenance\s*\}\}\s*")
HEADING = re.compile(r"#{1,6} ")
ROW = re.compile(r"[> ]*\|")
NAME = re.compile(r"\{\{\s*(?P<name>\w+)[.\[]")
# A note on typed numbers, which is not for readers: scripts/checks/typed_numbers.py reads it.
TYPED = re.compile(
    r"^[ \t>]*<!-- typed(?: because:(?P<because>.*?)|:(?P<code>.*?))-->[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
WRONG = (LookupError, TypeError, ValueError)


class Measured(Preprocessor):
    def __init__(self, md: Markdown, extension: "MeasuredExtension") -> None:
        super().__init__(md)
        self.extension = extension
        self.results = Results(extension.root / "results")
        self.source: Source = extension.source(md)

    def run(self, lines: list[str]) -> list[str]:
        result = []
        lines = TYPED.sub("", "\n".join(lines)).split("\n")
        boxless = tables_without_boxes(lines)
        for at, line in enumerate(lines):
            new = self.expand(line) if "{{" in line else [line]
            if at in boxless:
                missing = " and ".join(f"{{{{ {name}:provenance }}}}" for name in boxless[at])
                error = LookupError(f"a table of measured numbers needs {missing} under the same heading")
                new[0] = new[0].replace("|", f"|{self.show(error, line.strip())} ", 1)
            for text in new if new != [line] else ():
                self.source.edited(line, text)
            result += new
        return result

    def expand(self, line: str) -> list[str]:
        """Give what stands in the place of one line: itself with its numbers, or one line an element."""
        texts = [match["inner"].strip() for match in TOKEN.finditer(line) if is_ours(match)]
        try:
            if texts and line.startswith("#"):
                raise LookupError("a heading cannot hold numbers by name: links to it would change with them")
            if box := BOX.fullmatch(line):
                return [line[: line.index("{{")] + self.md.htmlStash.store(self.provenance(box["name"]))]
            counts = {text: self.results.count(text) for text in texts if "[*]" in text}
            if len(set(counts.values())) > 1:
                raise LookupError(f"the lists of one row differ in length: {counts}")
        except WRONG as error:
            return [self.show(error, line.strip())]

        rows = range(max(counts.values(), default=1))
        return [TOKEN.sub(partial(self.replace, row=row), line) for row in rows]

    def replace(self, match: re.Match[str], row: int) -> str:
        try:
            if match["unclosed"]:
                raise LookupError(f"{match[0]!r} is not closed by '}}}}' on its line")
            if not is_ours(match):
                return match[0]
            text = match["inner"].strip()
            if text.startswith("dlbook."):
                raise LookupError("code by name must stand alone on its line")
            return self.results.number(text.replace("[*]", f"[{row}]"))
        except WRONG as error:
            return self.show(error, match[0])

    def show(self, error: Exception, text: str) -> str:
        message = f"the result lacks {error}" if type(error) is KeyError else str(error)
        return self.md.htmlStash.store(self.source.problem(message, text))

    def provenance(self, name: str) -> str:
        return box("Where these numbers come from", of_result(self.results[name], self.extension.link))


def is_ours(match: re.Match[str]) -> bool:
    return match["inner"] is not None and OURS.match(match["inner"]) is not None


def tables_without_boxes(lines: Sequence[str]) -> dict[int, list[str]]:
    """Find the results that a table takes numbers from and no box before the next heading explains.

    Give their names by the first line of the table that has such a number.
    """
    sections: list[list[int]] = [[]]
    for at, line in enumerate(lines):
        if HEADING.match(line):
            sections.append([])
        sections[-1].append(at)
    found = {}
    for section in sections:
        known = {box["name"] for at in section if (box := BOX.fullmatch(lines[at]))}
        for is_table, rows in groupby(section, key=lambda at: ROW.match(lines[at]) is not None):
            names = {it["name"]: at for at in reversed([*rows]) for it in NAME.finditer(lines[at])}
            if is_table and (missing := sorted(names.keys() - known)):
                found[min(names[name] for name in missing)] = missing
    return found


class MeasuredExtension(ProjectExtension):
    def extendMarkdown(self, md: Markdown) -> None:
        # After superfences (25) has taken the fences away, before raw HTML (20) is.
        md.preprocessors.register(Measured(md, self), "dlbook_measured", 24)


def makeExtension(**options: Any) -> MeasuredExtension:
    return MeasuredExtension(**options)
