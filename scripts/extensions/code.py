"""Code by name: a line that is only `{{ dlbook.losses.cross_entropy_error }}` becomes that object's source.

The source stands as it does in its file, but without docstrings (`:docstring` keeps them), and after the
imports that it needs and that no earlier Python block of the page has bound: a copied page runs.
"""

import re
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from scripts.extensions.fences import fences
from scripts.extensions.location import ProjectExtension, Source
from scripts.extensions.modules import BLOCKS, find_module, names

DIRECTIVE = re.compile(r"(?P<indent>[> ]*)\{\{\s*(?P<name>dlbook(?:\.\w+)*)(?::(?P<option>\w*))?\s*\}\}\s*$")
PYTHON = re.compile(r"\{?\s*\.?(python|py)\b")
NOT_RUN = re.compile(r"""title=["']Not run""")


class CodeByName(Preprocessor):
    def __init__(self, md: Markdown, root: Path, source: Source) -> None:
        super().__init__(md)
        self.root = root
        self.source = source

    def run(self, lines: list[str]) -> list[str]:
        blocks = fences(lines)
        inside = {at for fence in blocks for at in range(fence.first, fence.last + 1)}
        opening = {fence.first: fence for fence in blocks}
        bound: set[str] = set()  # by the Python blocks so far, which run in page order
        result: list[str] = []
        for at, line in enumerate(lines):
            header = opening[at].header if at in opening else ""
            if PYTHON.match(header) and not NOT_RUN.search(header):
                bound |= names_or_none("\n".join(opening[at].code))
            directive = DIRECTIVE.match(line) if at not in inside else None
            if not directive:
                result.append(line)
                continue
            try:
                listing = self.listing(directive["name"], directive["option"], bound)
            except (LookupError, SyntaxError) as error:
                listing = [self.md.htmlStash.store(self.source.problem(str(error), line.strip()))]
            result += [(directive["indent"] + text).rstrip() for text in listing]
        return result

    def listing(self, name: str, option: str | None, bound: set[str]) -> list[str]:
        """Write the fence, and add what its code binds to `bound`."""
        if option not in (None, "docstring"):
            raise LookupError(f"{name} has no form {option!r}, only 'docstring'")
        path, module, inside = find_module(self.root, name)
        node = module.find(inside)
        code = module.source(node, docstrings=option == "docstring")
        if imports := module.imports_for(code, bound):
            code = imports + ("\n\n\n" if isinstance(node, BLOCKS) else "\n\n") + code
        bound |= names(code).bound
        # The fence must be longer than any that stands in the code.
        mark = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("``+", code))])
        return [f'{mark}python title="{path.relative_to(self.root).as_posix()}"', *code.split("\n"), mark]


def names_or_none(code: str) -> set[str]:
    """Find what a block binds when it runs; one that does not even parse is for the tests to report."""
    try:
        return names(code).bound
    except (SyntaxError, ValueError):
        return set()


class CodeExtension(ProjectExtension):
    def extendMarkdown(self, md: Markdown) -> None:
        # Before superfences (25) takes the fences away, after normalize_whitespace (30), which would drop
        # the marks of stashed HTML.
        md.preprocessors.register(CodeByName(md, self.root, self.source(md)), "dlbook_code", 27)


def makeExtension(**options: Any) -> CodeExtension:
    return CodeExtension(**options)
