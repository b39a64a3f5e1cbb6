"""Numbers by name: `{{ two_layer.test_accuracy[-1]:.2% }}` is taken from `results/`, never typed.

A path of keys and indices leads into the "values" of an experiment; what follows the colon is Python's format
spec, or `duration`. A line with `[*]` is repeated for each element. `{{ two_layer:provenance }}`, alone on a
line, becomes a folded box that says where the numbers come from.
"""

import re
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from scripts.extensions.location import ProjectExtension, Source
from scripts.extensions.results import Results, duration

# A code span is left alone. A brace that is opened like ours and never closed is a slip.
TOKEN = re.compile(
    r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\{\{(?P<inner>[^{}]*)\}\}|(?P<unclosed>\{\{\s+[A-Za-z_].*)"
)
# TeX knows double braces too, as in \hat{{y}}; ours have a space inside, or go on after the first name.
OURS = re.compile(r"\s+(?![\s\\])|[A-Za-z_]\w*[.\[:]")
BOX = re.compile(r"\s*\{\{\s*(?P<name>\w+):provenance\s*\}\}\s*")
WRONG = (LookupError, TypeError, ValueError)


class Measured(Preprocessor):
    def __init__(self, md: Markdown, extension: "MeasuredExtension") -> None:
        super().__init__(md)
        self.extension = extension
        self.results = extension.results
        self.source: Source = extension.source(md)

    def run(self, lines: list[str]) -> list[str]:
        result = []
        for line in lines:
            new = self.expand(line) if "{{" in line else [line]
            for text in new if new != [line] else ():
                self.source.edited(line, text)
            result += new
        return result

    def expand(self, line: str) -> list[str]:
        """Give what stands in the place of one line: itself with its numbers, or one line an element."""
        texts = [match["inner"].strip() for match in TOKEN.finditer(line) if is_ours(match)]
        try:
            if texts and line.startswith("#"):
                raise LookupError("a heading takes no numbers: links to it would change with them")
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
                raise LookupError("code by name stands alone on its line")
            return self.results.number(text.replace("[*]", f"[{row}]"))
        except WRONG as error:
            return self.show(error, match[0])

    def show(self, error: Exception, text: str) -> str:
        message = f"the result lacks {error}" if type(error) is KeyError else str(error)
        return self.md.htmlStash.store(self.source.problem(message, text))

    def provenance(self, name: str) -> str:
        """Write the folded box."""
        it = self.results[name]
        link = f'<a href="{escape(self.extension.link(it["source"]))}">{escape(it["source"])}</a>'
        data = "none: all is computed"
        if it["data"]:
            sha256 = escape(it["data"]["sha256"])
            data = f'{escape(it["data"]["file"])}, SHA-256 <code title="{sha256}">{sha256[:16]}…</code>'
        date = it["date"].replace("T", " ").replace("Z", " UTC")
        rows = {
            "Experiment": f"{link}: {escape(it['about'])}",
            "Seed": escape(str(it["seed"])),
            "Data": data,
            "Versions": escape(", ".join(f"{name} {version}" for name, version in it["versions"].items())),
            "Machine": escape(it["machine"]),
            "Run": escape(f"{date}, in {duration(it['seconds'])}"),
        }
        cells = "".join(f'<tr><th scope="row">{key}</th><td>{value}</td></tr>' for key, value in rows.items())
        return (
            '<details class="provenance"><summary>Where these numbers come from</summary>'
            f"<table><tbody>{cells}</tbody></table></details>"
        )


def is_ours(match: re.Match[str]) -> bool:
    return match["inner"] is not None and OURS.match(match["inner"]) is not None


class MeasuredExtension(ProjectExtension):
    def __init__(self, **options: Any) -> None:
        self.config = {"results": ["", "The folder of results; results/ below the root unless given"]}
        super().__init__(**options)

    @property
    def results(self) -> Results:
        return Results(Path(self.getConfig("results") or self.root / "results"))

    def extendMarkdown(self, md: Markdown) -> None:
        # After superfences (25) has taken the fences away, before raw HTML (20) is.
        md.preprocessors.register(Measured(md, self), "dlbook_measured", 24)


def makeExtension(**options: Any) -> MeasuredExtension:
    return MeasuredExtension(**options)
