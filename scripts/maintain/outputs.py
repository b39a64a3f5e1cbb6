"""Write what the pages' Python blocks print into the Output fences that follow them.

    python -m scripts.maintain.outputs                                  all pages
    python -m scripts.maintain.outputs docs/en/03-loss-functions.md     some pages

The blocks of a page run in page order in one fresh interpreter of a reader's: `build/reader/bin/python` where
that environment exists. An Output that agrees at the precision it shows stays as it is.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from markdown import Markdown

from scripts.checks.page_code import Block, Output, Ran, difference, fault, pairs, run, without_warnings
from scripts.extensions.code import DIRECTIVE, NOT_RUN, PYTHON, CodeByName, names_or_none
from scripts.extensions.fences import OPENING, fences
from scripts.extensions.location import Source
from scripts.project import ROOT

READER = ROOT / "build" / "reader" / "bin" / "python"
OUTPUT = re.compile(r"""title=(["'])Output\1""")


class Place(NamedTuple):
    """Where a block or an Output stands in the Markdown: its first and last line, and what is before each."""

    first: int
    last: int
    prefix: str


class Edit(NamedTuple):
    """Lines to put in the place of `lines[first:last]`."""

    first: int
    last: int
    new: list[str]


class PageError(Exception):
    """What keeps the outputs of a page from being written, with file and line."""


def read(lines: Sequence[str], name: str) -> dict[Block | Output, Place]:
    """Find the Python blocks (fences and listings by name) and the Outputs of a page, in page order."""
    listings = CodeByName(Markdown(), ROOT, Source(Markdown(), ROOT))
    fenced = {fence.first: fence for fence in fences(lines)}
    inside = {at for fence in fenced.values() for at in range(fence.first, fence.last + 1)}
    bound: set[str] = set()
    items: dict[Block | Output, Place] = {}
    for at, line in enumerate(lines):
        where = f"{name}:{at + 1}"
        if it := fenced.get(at):
            opening = OPENING.match(line)
            place = Place(at, it.last, opening["prefix"] if opening else "")
            code = "\n".join(it.code)
            if OUTPUT.search(it.header):
                items[Output(code, where)] = place
            elif PYTHON.match(it.header) and not NOT_RUN.search(it.header):
                items[Block(code, where)] = place
                bound |= names_or_none(code)
        elif at not in inside and (directive := DIRECTIVE.match(line)):
            try:
                listing = listings.listing(directive["name"], directive["option"], bound)
            except (LookupError, SyntaxError) as error:
                raise PageError(f"{where}: {error}") from None
            items[Block("\n".join(listing[1:-1]), where)] = Place(at, at, directive["indent"])
    return items


def edits(items: dict[Block | Output, Place], results: Sequence[Ran]) -> tuple[list[Edit], list[str]]:
    """Compare what was printed with what is shown: what to rewrite, and what only the author can fix."""
    changes: list[Edit] = []
    faults: list[str] = []
    left = iter(results)
    for block, output in pairs(items):
        if block is None:
            assert output
            faults.append(f"{output.where}: an Output without a Python block before it")
            continue
        ran = next(left, None)
        if ran is None:  # a block before this one failed
            break
        if found := fault(ran, output.text if output else None):
            faults.append(f"{block.where}: {found}")
        elif output and difference(without_warnings(output.text, ran), ran.printed):
            changes.append(rewritten(output, items[output], ran))
        elif not output and ran.printed.strip():
            changes.append(inserted(items[block], ran))
    return changes, faults


def rewritten(output: Output, place: Place, ran: Ran) -> Edit:
    """Put what was printed into the fence, after the warnings that the author lets the page show."""
    kept = [line for line in output.text.splitlines() if line in ran.warned.splitlines()]
    return Edit(place.first, place.last + 1, prefixed(fence(kept + printed(ran)), place.prefix))


def inserted(place: Place, ran: Ran) -> Edit:
    """Put an Output fence after a block that has none."""
    return Edit(place.last + 1, place.last + 1, prefixed(["", *fence(printed(ran))], place.prefix))


def printed(ran: Ran) -> list[str]:
    return ran.printed.strip("\n").split("\n")


def fence(lines: list[str]) -> list[str]:
    """An Output, in marks longer than any that were printed."""
    mark = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("``+", "\n".join(lines)))])
    return [f'{mark}text title="Output"', *lines, mark]


def prefixed(lines: list[str], prefix: str) -> list[str]:
    return [(prefix + line).rstrip() for line in lines]


def work_on(path: Path) -> bool:
    """Bring a page's Outputs up to date and say what changed; tell whether all is well."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    items = read(lines, name)
    sources = [item.source for item in items if isinstance(item, Block)]
    python = READER if READER.exists() else Path(sys.executable)
    changes, faults = edits(items, run(sources, path.stem, python) if sources else [])
    for said in (*(f"{name}:{change.first + 1}: written" for change in changes), *faults):
        print(said)
    if path.read_text(encoding="utf-8") != text:
        raise PageError(f"{name}: the page was changed while its blocks ran; run this again")
    for change in reversed(changes):  # from the last to the first, so that line numbers hold
        lines[change.first : change.last] = change.new
    path.write_text("\n".join(lines), encoding="utf-8")
    return not faults


def main(names: Sequence[str]) -> int:
    well = True
    for path in map(Path, names or sorted(map(str, (ROOT / "docs").glob("*/**/*.md")))):
        try:
            well &= work_on(path.resolve())
        except (OSError, PageError) as error:
            print(error)
            well = False
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
