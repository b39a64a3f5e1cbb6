"""What the build consists of: its steps, what each reads and writes, and whether any of that has changed.

Nothing here runs a step or imports one. Sources are parsed with `ast`, so that asking costs milliseconds.
"""

import ast
import difflib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MNIST = "dlbook/data/mnist.npz"
INTERACTIVE = "docs/interactive"  # its *.js are bundled, each with what it takes from the folders below
ESBUILD = "node_modules/esbuild/package.json"
RESULT_IMPORT = re.compile(r"""from\s*["'](?:\.\./)+results/(\w+)\.json["']""")
ADDRESSES = ("DLBOOK_URL", "DLBOOK_REPO")  # of the published site and of its sources, for mkdocs.base.yml
SITE_TOOLS = (
    "mkdocs",
    "mkdocs-material",
    "mkdocstrings",
    "mkdocstrings-python",
    "Markdown",
    "pymdown-extensions",
    "Pygments",
    "beautifulsoup4",
    "nbformat",
)


SHOWN = re.compile(r"!\[[^\]]*\]\(assets/figures/([\w-]+)\.svg")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


class BuildError(Exception):
    """Something that the reader of the message can fix without a traceback."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; leave it alone if it has that content already."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)  # mkstemp's 0600 would follow the file into the site
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class Step:
    """One thing that the build makes."""

    kind: str  # "experiments", "figures", "interactive", "cards", "vendor" or "site"
    name: str
    source: Path | None = None
    results: tuple[str, ...] = ()  # whose values a figure's `draw` names as parameters, a script imports
    page: Path | None = None  # that a card stands for

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}" if self.source else self.name


def nearest(name: str, names: Sequence[str]) -> str:
    """Return a hint for an unknown name: those like it, or else all there are."""
    if like := difflib.get_close_matches(name, names, n=3, cutoff=0.5):
        return f"did you mean {' or '.join(like)}?"
    return f"there {'are' if names else 'is'} {', '.join(sorted(set(names))) or 'none at all'}"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Sources:
    """Content hashes and imports of files, remembered until a file's size or time changes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._codes: dict[str, str] = {}
        self._imports: dict[tuple[Path, str], frozenset[Path]] = {}

    def sha256(self, path: Path) -> str | None:
        """Return the content's hash, or None where there is no such file."""
        try:
            status = path.stat()
            key = (status.st_size, status.st_mtime_ns)
            if path not in self._hashes or self._hashes[path][0] != key:
                self._hashes[path] = key, hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            return None
        return self._hashes[path][1]

    def code(self, path: Path) -> str | None:
        """Hash a module without docstrings, comments and blank lines; hash the whole of any other file."""
        content = self.sha256(path)
        tree = self.tree(path) if path.suffix == ".py" else None
        if content is None or tree is None:
            return content
        if content not in self._codes:
            said = {
                line
                for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
                and ast.get_docstring(node, clean=False) is not None
                for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
            }
            lines = path.read_text(encoding="utf-8").split("\n")
            does = [line for at, line in enumerate(lines, 1) if at not in said and line.strip()]
            self._codes[content] = sha256("\n".join(it for it in does if not it.lstrip().startswith("#")))
        return self._codes[content]

    def tree(self, path: Path) -> ast.Module | None:
        """Return the parsed module, or None when it does not parse (running it will say why)."""
        content = self.sha256(path)
        if content is None:
            return None
        if content not in self._trees:
            try:
                self._trees[content] = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                self._trees[content] = None
        return self._trees[content]

    def function(self, path: Path, name: str) -> ast.FunctionDef | None:
        """Return the module's top-level function of that name, if there is one."""
        tree = self.tree(path)
        for node in tree.body if tree else []:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return node
        return None

    def closure(self, *paths: Path) -> set[Path]:
        """Return the files and every module of the project that they import, directly or not."""
        seen: set[Path] = set()
        waiting = set(paths)
        while waiting:
            path = waiting.pop()
            seen.add(path)
            waiting |= self._imported(path) - seen
        return seen

    def _imported(self, path: Path) -> frozenset[Path]:
        key = (path, self.sha256(path) or "")
        if key not in self._imports:
            module = path.relative_to(self.root).with_suffix("").parts
            package = module[:-1]  # of `a/b/__init__.py`, whose parts end with __init__, too
            names = [".".join(package)]
            nodes: list[ast.AST] = [self.tree(path) or ast.Module([], [])]
            for node in nodes:
                nodes += [] if _is_for_types(node) else ast.iter_child_nodes(node)
                if isinstance(node, ast.Import):
                    names += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    above = package[: len(package) + 1 - node.level] if node.level else ()
                    base = ".".join((*above, *([node.module] if node.module else [])))
                    names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
            self._imports[key] = frozenset(file for name in names for file in self._files(name))
        return self._imports[key]

    def _files(self, dotted: str) -> Iterable[Path]:
        """Find the project's files that importing `dotted` runs: its packages, and the module itself."""
        place = self.root
        for part in dotted.split("."):
            if place == self.root and part not in ("dlbook", "scripts"):
                return
            place = place / part
            for file in (place / "__init__.py", place.with_suffix(".py")):
                if file.is_file():
                    yield file
                    break


def _is_for_types(node: ast.AST) -> bool:
    """Tell whether a statement is `if TYPE_CHECKING:`, which no program runs."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


class Project:
    """A checkout: which steps it has, and the state of each."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root.resolve()
        self.results = self.root / "results"
        self.sources = Sources(self.root)
        self._versions: dict[str, str] = {}

    # What there is

    def steps(self) -> list[Step]:
        """List every step, each after those that it reads from."""
        experiments = [Step("experiments", path.stem, path) for path in self._modules("experiments", "run")]
        figures = [self.figure(path) for path in self._modules("figures", "draw")]
        interactive = [self.interactive(path) for path in sorted((self.root / INTERACTIVE).glob("*.js"))]
        made_once = [Step("vendor", "vendor"), Step("site", "site")]
        return [*experiments, *figures, *interactive, *self._cards(figures), *made_once]

    def figure(self, path: Path) -> Step:
        """Return the step that draws a figure, with the results that its `draw` asks for."""
        draw = self.sources.function(path, "draw")
        results = tuple(argument.arg for argument in draw.args.args) if draw else ()
        return Step("figures", path.stem, path, results)

    def interactive(self, path: Path) -> Step:
        """Return the step that bundles an interactive figure, with the results that it imports."""
        results = tuple(dict.fromkeys(RESULT_IMPORT.findall(path.read_text(encoding="utf-8"))))
        return Step("interactive", path.stem, path, results)

    def _cards(self, figures: list[Step]) -> list[Step]:
        """List a card for each chapter and home page, with the first figure that the page shows."""
        drawn = {figure.name: figure for figure in figures}
        cards = []
        for edition in self.editions():
            chapters = sorted(edition.glob("[0-9][0-9]-*.md"))
            for page in [edition / "index.md", *chapters] if chapters else []:
                shown = SHOWN.search(page.read_text(encoding="utf-8"))
                if shown and (figure := drawn.get(shown[1])):
                    name = f"{edition.name}/{page.stem}"
                    cards.append(Step("cards", name, figure.source, figure.results, page))
        return cards

    def title(self, page: Path) -> str:
        """Return a page's main heading, or its file's name where it has none."""
        heading = HEADING.search(page.read_text(encoding="utf-8"))
        return heading[1].strip() if heading else page.stem

    def _modules(self, folder: str, function: str) -> list[Path]:
        """List the modules that define `function`, and those that do not parse; the others are helpers."""
        return [
            path
            for path in sorted((self.root / "scripts" / folder).glob("[!_.]*.py"))
            if self.sources.function(path, function) or self.sources.tree(path) is None
        ]

    def editions(self) -> list[Path]:
        """List the folders in docs/ that hold a book: those with a home page."""
        return sorted(page.parent for page in (self.root / "docs").glob("*/index.md"))

    def configs(self) -> list[Path]:
        """List the MkDocs configurations, one for each edition; mkdocs.base.yml is what they share."""
        paths = [path for path in self.root.glob("mkdocs*.yml") if path.name != "mkdocs.base.yml"]
        # The main one first: MkDocs empties the folder that it builds into, and the others' are inside it.
        return sorted(paths, key=lambda path: (path.name != "mkdocs.yml", path.name))

    # What a step reads and writes

    def reads(self, step: Step) -> dict[str, str]:
        """Map everything that decides what the step makes, by name, to a hash or a version."""
        versions: tuple[str, ...] = ()
        read: dict[str, str] = {}
        if step.kind == "interactive":
            shared = (self.root / INTERACTIVE).glob("*/**/*.js")
            files = {self.root / INTERACTIVE / f"{step.name}.js", self.root / ESBUILD, *shared}
        elif step.source:
            files = self.sources.closure(step.source)
            if step.kind in ("figures", "cards"):
                files |= self.sources.closure(self.root / "scripts/figures/style.py")
                versions = ("numpy", "matplotlib")
            if step.page:
                files |= self.sources.closure(self.root / "scripts/site/social_cards.py")
                read |= {"title": self.title(step.page), "book": self.title(step.page.parent / "index.md")}
            if self.root / "dlbook/datasets.py" in files:
                files.add(self.root / MNIST)
        elif step.kind == "vendor":
            files = {source for source, _ in self.vendored()} | {self.root / "scripts/build.py"}
        else:
            files = self._site_files()
            read |= {name: os.environ.get(name, "") for name in ADDRESSES}
            versions = SITE_TOOLS
        read |= {f"results/{name}.json": self._values_hash(name) for name in step.results}
        # What a module of the package says matters only to the site, which shows it.
        package = self.root / "dlbook"
        for file in files:
            says_nothing = step.kind != "site" and file.is_relative_to(package)
            content = self.sources.code(file) if says_nothing else self.sources.sha256(file)
            read[file.relative_to(self.root).as_posix()] = content or "missing"
        return dict(sorted((read | {name: self._version(name) for name in versions}).items()))

    def fingerprint(self, experiment: Step) -> str:
        """Return the hash of all that decides an experiment's values: its code, what it imports, its data.

        The same on every machine, whatever is installed there, because kept results carry it.
        """
        assert experiment.source
        files = self.sources.closure(experiment.source)
        if self.root / "dlbook/datasets.py" in files:
            files.add(self.root / MNIST)
        hashes = {file.relative_to(self.root).as_posix(): self.sources.code(file) for file in files}
        return sha256(json.dumps(hashes, sort_keys=True))[:16]

    def data(self, step: Step) -> dict[str, str | None] | None:
        """Return file and checksum of the data set that a step reads, for its provenance."""
        if step.source and self.root / "dlbook/datasets.py" in self.sources.closure(step.source):
            return {"file": MNIST, "sha256": self.sources.sha256(self.root / MNIST)}
        return None

    def writes(self, step: Step) -> list[Path]:
        """List the files, or for the site the folder, that the step makes."""
        if step.kind == "experiments":
            return [self.results / f"{step.name}.json"]
        if step.kind == "figures":
            return [edition / "assets/figures" / f"{step.name}.svg" for edition in self.editions()]
        if step.kind == "interactive":
            return [edition / "assets/interactive" / f"{step.name}.js" for edition in self.editions()]
        if step.page:
            return [step.page.parent / "assets/cards" / f"{step.page.stem}.png"]
        if step.kind == "vendor":
            names = [name for _, name in self.vendored()]
            return [edition / "assets/vendor" / name for edition in self.editions() for name in names]
        return [self.root / "site"]

    def vendored(self) -> list[tuple[Path, str]]:
        """List what the site takes from npm: each file, and its name below assets/vendor/."""
        katex = self.root / "node_modules/katex"
        fonts = sorted((katex / "dist/fonts").glob("*.woff2"))
        return [
            (katex / "dist/katex.min.css", "katex/katex.min.css"),
            (katex / "LICENSE", "katex/LICENSE"),
            *((font, f"katex/fonts/{font.name}") for font in fonts),
        ]

    def _site_files(self) -> set[Path]:
        folders = ("docs", "scripts/extensions", "scripts/figures", "dlbook", "results")
        found = {path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file()}
        files = {
            path
            for path in found
            if path.suffix not in (".pyc", ".npz", ".tmp") and not path.name.startswith(".")
        }
        python = {path for path in files if path.suffix == ".py"} | {self.root / "scripts/hooks.py"}
        files |= self.sources.closure(*python, self.root / "scripts/build.py")
        files |= set(self.root.glob("mkdocs*.yml"))
        return files | {self.root / "node_modules/katex/package.json"}

    def result(self, name: str) -> dict[str, Any]:
        """Read what an experiment or a benchmark found; raise with the names that there are."""
        try:
            result = json.loads((self.results / f"{name}.json").read_bytes())
            assert isinstance(result["values"], dict)
            return dict(result)
        except FileNotFoundError:
            known = [path.stem for path in self.results.glob("*.json")]
            raise BuildError(f"there is no results/{name}.json ({nearest(name, known)})") from None
        except (ValueError, KeyError, TypeError, AssertionError):
            raise BuildError(f"results/{name}.json is damaged: `git checkout` brings it back") from None

    def _values_hash(self, name: str) -> str:
        # The values alone: an experiment that ran again and found the same leaves its figures as they are.
        try:
            return sha256(json.dumps(self.result(name)["values"], sort_keys=True))
        except BuildError:
            return "missing"

    def _version(self, package: str) -> str:
        if package not in self._versions:
            try:
                self._versions[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                self._versions[package] = "not installed"
        return self._versions[package]

    # Whether it is up to date

    def _stamp_file(self, step: Step) -> Path:
        return self.root / "build/stamps" / f"{step.id}.json"

    def record(self, step: Step, reads: dict[str, str]) -> None:
        """Note what the step read, and what it has made of that."""
        if step.kind != "experiments":
            stamp = {"reads": reads, "writes": self._written(step)}
            write_atomically(self._stamp_file(step), json.dumps(stamp, indent=1).encode())

    def _written(self, step: Step) -> dict[str, str | None]:
        files = self.writes(step)
        if step.kind == "site":
            files = sorted(path for path in files[0].rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): self.sources.sha256(path) for path in files}

    def why_stale(self, step: Step) -> str | None:
        """Return None if the step would make again what is there; otherwise the reason why it would not."""
        if step.kind == "experiments":
            try:
                known = self.result(step.name).get("code")
            except BuildError as error:
                return str(error)
            return (
                None if known == self.fingerprint(step) else "its code changed, or code or data that it uses"
            )
        try:
            stamp = json.loads(self._stamp_file(step).read_bytes())
        except (OSError, ValueError):
            return "never built"
        now, then = self.reads(step), stamp["reads"]
        for name in (*now, *then):
            if now.get(name) != then.get(name):
                what = "is new" if name not in then else "is gone" if name not in now else "changed"
                return f"{name} {what}"
        written = self._written(step)
        for name in (*written, *stamp["writes"]):
            if written.get(name) is None:
                return f"{name} is missing"
            if written[name] != stamp["writes"].get(name):
                return f"{name} was edited by hand"
        return None

    def sweep(self) -> list[str]:
        """Remove what steps that no longer exist have left behind, so that no page can show it."""
        alive = {self._stamp_file(step) for step in self.steps()}
        removed = []
        for stamp_file in sorted((self.root / "build/stamps").rglob("*.json")):
            if stamp_file not in alive:
                for name in json.loads(stamp_file.read_bytes())["writes"]:
                    if not name.startswith("results/"):  # which is in Git
                        (self.root / name).unlink(missing_ok=True)
                        removed.append(name)
                stamp_file.unlink()
        return removed
