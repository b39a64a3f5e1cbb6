"""Where a problem on a page stands: `docs/en/03-loss-functions.md:42`, found without asking MkDocs.

Every extension reports through `Source.problem`: one warning (which fails a `strict` build, and only warns
while serving), and one visible mark in the page.
"""

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from scripts.extensions.fences import without_fences

ROOT = Path(__file__).resolve().parents[2]
FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
FRAGMENT = re.compile(r'^--8<-- "(?P<file>[^":]+):(?P<name>[\w-]+)"$', re.MULTILINE)

# A logger below MkDocs' own: its `strict` counts the warnings of the whole family.
log = logging.getLogger("mkdocs.dlbook")


class ProjectExtension(Extension):
    """What the book's extensions share: the project that they take names from."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "root": [str(ROOT), "The folder that holds docs/, results/ and the package"],
            "repository": [os.environ.get("DLBOOK_REPO", ""), "Where the sources are shown, if anywhere"],
            **getattr(self, "config", {}),
        }
        super().__init__(**options)

    @property
    def root(self) -> Path:
        return Path(self.getConfig("root"))

    def link(self, path: str) -> str | None:
        """Return the address at which a file or folder of the project is shown; none is made up."""
        if not (repository := self.getConfig("repository").rstrip("/")):
            return None
        kind = "tree" if (self.root / path).is_dir() else "blob"
        return f"{repository}/{kind}/main/{path}" if path else repository

    def source(self, md: Markdown) -> "Source":
        """Give the one `Source` that all our extensions on this converter share."""
        if "dlbook_source" not in md.preprocessors:
            # Before everything else: from here on other preprocessors change the text.
            md.preprocessors.register(Source(md, self.root), "dlbook_source", 1000)
        source = md.preprocessors["dlbook_source"]
        assert isinstance(source, Source)
        return source


class Source(Preprocessor):
    """The text that is being converted, the file that it came from, and what is wrong with it."""

    def __init__(self, md: Markdown, root: Path) -> None:
        super().__init__(md)
        self.root = root

    def run(self, lines: list[str]) -> list[str]:
        # Without blank lines at its ends, for whoever strips the front matter may leave some.
        self.text = "\n".join(lines).strip()
        self.edits: list[tuple[str, str]] = []
        self.reported: Counter[str] = Counter()
        self.__dict__.pop("origin", None)
        return lines

    def edited(self, old: str, new: str) -> None:
        """Remember that a line was rewritten, so that a problem with the new one leads to the old one."""
        self.edits.append((old.strip(), new.strip()))

    @cached_property
    def origin(self) -> tuple[Path, int] | None:
        """The file below `root` that holds the text, and the number of lines before it."""
        for path in sorted(self.root.glob("docs/**/*.md")):
            raw = read(path, path.stat().st_mtime_ns)
            for body in (raw, FRONT_MATTER.sub("", raw, count=1) if FRONT_MATTER.match(raw) else raw):
                if body.strip() == self.text:
                    start = raw.rindex(body.strip()) if body.strip() else 0
                    return path, raw.count("\n", 0, start)
        return None

    @property
    def page(self) -> Path | None:
        return self.origin[0] if self.origin else None

    def pieces(self) -> Iterator[tuple[Path, int, str]]:
        """The page's text and the fragments that it takes from other pages: file, lines before, text."""
        if not self.origin:
            return
        yield *self.origin, self.text
        for it in FRAGMENT.finditer(self.text):
            path = self.origin[0].parent / it["file"]
            raw = read(path, path.stat().st_mtime_ns)
            start, end = (raw.index(f"[{mark}:{it['name']}]") for mark in ("start", "end"))
            yield path, raw.count("\n", 0, start), raw[start:end]

    def problem(self, message: str, text: str) -> str:
        """Warn about `text`; give the HTML that shows the warning to whoever looks at the page."""
        report = f"{self.locate(text)}: {message}"
        log.warning(report)
        return f'<span class="build-error">{escape(report)}</span>'

    def locate(self, text: str) -> str:
        """Name file and line of `text`; when the same text is wrong again, of its next occurrence."""
        original = next((old for old, new in self.edits if text in new or (new and new in text)), "")
        needle = text.strip() if text.strip() in self.text else original or text.strip()
        self.reported[needle] += 1
        if self.origin:
            path, before, there = next((it for it in self.pieces() if needle in it[2]), (*self.origin, ""))
            found = line_of(needle, without_fences(there), self.reported[needle])
            return f"{path.relative_to(self.root).as_posix()}:{before + found}"
        # mkdocstrings converts docstrings, section by section: look for them where they were written.
        for path in sorted(self.root.glob("dlbook/**/*.py")):
            code = read(path, path.stat().st_mtime_ns)
            if all(line.strip() in code for line in self.text.split("\n")):
                return f"{path.relative_to(self.root).as_posix()}:{line_of(needle, code, 1)}"
        return f"a text that is no file below docs ({self.text.partition(chr(10))[0]!r})"


@lru_cache(maxsize=256)
def read(path: Path, mtime_ns: int) -> str:
    """Read a file again only when it has changed."""
    return path.read_text(encoding="utf-8-sig")


def line_of(needle: str, text: str, occurrence: int) -> int:
    """Count the lines up to an occurrence of `needle`; to the last one, if there are fewer."""
    starts = [match.start() for match in re.finditer(re.escape(needle), text)] if needle else []
    return text.count("\n", 0, starts[min(occurrence, len(starts)) - 1]) + 1 if starts else 1
