"""Fenced code in Markdown, as pymdownx.superfences delimits it: what stands in a fence is left alone."""

import re
from collections.abc import Sequence
from typing import NamedTuple

OPENING = re.compile(r"(?P<prefix>[> ]*)(?P<mark>~{3,}|`{3,})(?P<header>[^`]*)$")


class Fence(NamedTuple):
    first: int  # the line of the opening mark
    last: int  # the line of the closing mark
    header: str  # what follows the opening mark: language and options
    code: list[str]


def fences(lines: Sequence[str]) -> list[Fence]:
    """Find the fences, in order. One that is never closed is none."""
    found = []
    at = 0
    while at < len(lines):
        opening = OPENING.match(lines[at])
        last = end_of(opening, lines, at) if opening else None
        if opening and last:
            code = [line[len(opening["prefix"]) :] for line in lines[at + 1 : last]]
            found.append(Fence(at, last, opening["header"].strip(), code))
            at = last
        at += 1
    return found


def end_of(opening: re.Match[str], lines: Sequence[str], first: int) -> int | None:
    """Find the closing mark: the same as the opening one, and nothing less indented before it."""
    indent = len(opening["prefix"])
    for at in range(first + 1, len(lines)):
        if lines[at].strip("> ") and lines[at][:indent].strip("> "):
            return None
        if lines[at][indent:].rstrip() == opening["mark"]:
            return at
    return None


def without_fences(text: str) -> str:
    """Blank out all fences, and keep the line numbers."""
    lines = text.split("\n")
    for fence in fences(lines):
        lines[fence.first : fence.last + 1] = [""] * (fence.last + 1 - fence.first)
    return "\n".join(lines)
