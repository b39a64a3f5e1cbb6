"""What a Python module's text says: the source of its objects, and the imports that a piece of it needs.

Modules are parsed, never imported: an edit shows at once while serving, and reading has no effects.
"""

import ast
import symtable
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Names(NamedTuple):
    bound: set[str]  # at the top level
    free: set[str]  # used, and not bound there: builtins among them


def names(code: str) -> Names:
    """Sort the names of a piece of code as Python's own compiler does."""
    top = symtable.symtable(code, "<listing>", "exec")
    bound = {it.get_name() for it in top.get_symbols() if it.is_assigned() or it.is_imported()}
    used = set()
    tables = [top]
    for table in tables:
        tables.extend(table.get_children())
        for it in table.get_symbols():
            if it.is_referenced() and (table is top or it.is_global()):
                used.add(it.get_name())
    return Names(bound, used - bound)


class Import(NamedTuple):
    """One name that an import binds; `name` is empty for `import module`."""

    module: str
    name: str
    alias: str

    @property
    def group(self) -> int:
        """Give the place of the import's paragraph: standard library, third party, the book's package."""
        top = self.module.partition(".")[0]
        return 0 if top in sys.stdlib_module_names else 2 if top == "dlbook" else 1

    def __str__(self) -> str:
        return (self.name or self.module) + (f" as {self.alias}" if self.alias else "")


def write_imports(imports: set[Import]) -> str:
    """Write import statements in the order that ruff gives them; names from one module share a line."""
    # Constants, then classes, then functions.
    ordered = sorted(imports, key=lambda it: (not it.name.isupper(), it.name[:1].islower(), it.name))
    paragraphs = []
    for group in sorted({it.group for it in imports}):
        modules = sorted({it.module for it in imports if it.group == group})
        plain = [f"import {it}" for module in modules for it in ordered if it[:2] == (module, "")]
        parts = {module: [str(it) for it in ordered if it.module == module and it.name] for module in modules}
        picked = [f"from {module} import {', '.join(parts[module])}" for module in modules if parts[module]]
        paragraphs.append("\n".join(plain + picked))
    return "\n\n".join(paragraphs)


class Module:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.split("\n")
        self.tree = ast.parse(text)
        self.names = names(text).bound
        self.imports = {
            it.alias or (it.name or it.module.partition(".")[0]): it for it in self.read_imports()
        }

    def read_imports(self) -> Iterator[Import]:
        for node in self.tree.body:
            if isinstance(node, ast.Import):
                yield from (Import(it.name, "", it.asname or "") for it in node.names)
            elif isinstance(node, ast.ImportFrom):
                package = ".".join(self.name.split(".")[: -node.level]) if node.level else ""
                module = ".".join(filter(None, (package, node.module)))
                yield from (Import(module, it.name, it.asname or "") for it in node.names)

    def find(self, path: list[str]) -> ast.stmt:
        """Find the definition of `["TwoLayerNet"]`, or of `["TwoLayerNet", "gradient"]`."""
        body, node = self.tree.body, None
        for depth, name in enumerate(path):
            inside = {bound: child for child in body for bound in defined_by(child)}
            if name not in inside:
                where = ".".join([self.name, *path[:depth]])
                known = ", ".join(inside) or "nothing"
                raise LookupError(f"{where} does not define {name!r}; it defines {known}")
            node = inside[name]
            body = node.body if isinstance(node, BLOCKS) else []
        if node is None:
            raise LookupError(
                f"{self.name} is a module: name something in it, such as {', '.join(self.names)}"
            )
        return node

    def source(self, node: ast.stmt, docstrings: bool) -> str:
        """Cut a definition out of the text, decorators included, and move it to the left margin."""
        decorators = node.decorator_list if isinstance(node, BLOCKS) else []
        first = min([node.lineno, *(it.lineno for it in decorators)])
        inner = () if docstrings else ast.walk(node)
        dropped = {at for it in inner if isinstance(it, BLOCKS) for at in self.docstring_lines(it)}
        lines = [self.lines[at - 1] for at in range(first, end(node) + 1) if at not in dropped]
        return "\n".join(line.removeprefix(" " * node.col_offset) for line in lines)

    def docstring_lines(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> range:
        """Number the lines of a docstring and the blank ones after it."""
        if ast.get_docstring(node) is None or len(node.body) == 1:  # alone, it is the body
            return range(0)
        after = end(node.body[0])
        while not self.lines[after].strip():
            after += 1
        return range(node.body[0].lineno, after + 1)

    def imports_for(self, code: str, bound: set[str]) -> str:
        """Write the imports of what `code` uses of this module's names and `bound` does not hold."""
        wanted = names(code).free - bound
        siblings = {name: Import(self.name, name, "") for name in self.names}
        return write_imports({(siblings | self.imports)[name] for name in wanted & self.names})


def defined_by(node: ast.stmt) -> list[str]:
    """List the names that a statement defines: a function, a class, or what it assigns to."""
    if isinstance(node, BLOCKS):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return [it.id for target in targets for it in ast.walk(target) if isinstance(it, ast.Name)]


def end(node: ast.stmt) -> int:
    """Give the number of a statement's last line."""
    assert node.end_lineno is not None  # only a node made by hand has none
    return node.end_lineno


@lru_cache(maxsize=64)
def parse(path: Path, mtime_ns: int, name: str) -> Module:
    """Parse a module again only when its file has changed."""
    return Module(name, path.read_text(encoding="utf-8"))


def find_module(root: Path, dotted: str) -> tuple[Path, Module, list[str]]:
    """Split `dlbook.networks.TwoLayerNet.gradient` into file, module and the path inside it."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        stem = root.joinpath(*parts[:length])
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if path.is_file():
                name = ".".join(parts[:length])
                return path, parse(path, path.stat().st_mtime_ns, name), parts[length:]
    raise LookupError(f"there is no module {dotted!r}")
