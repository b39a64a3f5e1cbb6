"""What the build consists of: its steps, what each reads and writes, and whether any of that has changed.

Nothing here runs a step or imports one: the sources are read with `ast`, so that asking costs milliseconds.
"""

import ast
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FORMAT = "1"  # part of every fingerprint: raise it when what an experiment's JSON holds changes
MNIST = "dlbook/data/mnist.npz"
INTERACTIVE = "docs/interactive"  # its *.js are bundled, each with what it takes from the folders below
ESBUILD = "node_modules/esbuild/package.json"
RESULT_IMPORT = re.compile(r"""from\s*["'](?:\.\./)+results/(\w+)\.json["']""")
Documentable = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
KEPT = "scripts/benchmarks/results"  # measured by hand (`make bench`), kept in Git, copied to results/
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
    """Something that the reader of the message can mend; no traceback needed."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; leave it alone if it already says that."""
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

    kind: str  # "experiments", "kept", "figures", "interactive", "cards", "vendor" or "site"
    name: str
    source: Path | None = None
    results: tuple[str, ...] = ()  # whose values a figure's `draw` names as parameters, a script imports
    page: Path | None = None  # that a card stands for

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}" if self.source else self.name


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def documented(tree: ast.Module) -> list[Documentable]:
    """List what has a docstring: the module, its classes, its functions."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, Documentable)]
    return [node for node in nodes if ast.get_docstring(node, clean=False) is not None]


class Sources:
    """Content hashes and imports of files, remembered for as long as a file's size and time stand still."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._codes: dict[str, str] = {}
        self._listings: dict[str, str] = {}
        self._imports: dict[tuple[Path, str], frozenset[Path]] = {}

    def sha256(self, path: Path) -> str | None:
        """The content's hash; None where there is no such file."""
        try:
            status = path.stat()
            key = (status.st_size, status.st_mtime_ns)
            if path not in self._hashes or self._hashes[path][0] != key:
                self._hashes[path] = key, hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            return None
        return self._hashes[path][1]

    def code(self, path: Path) -> str | None:
        """The hash of what a module does, without what comments and docstrings say; of data, all of it."""
        content = self.sha256(path)
        if content is None or path.suffix != ".py" or self.tree(path) is None:
            return content
        if content not in self._codes:
            tree = ast.parse(path.read_bytes())  # of our own, for it is cut down
            for node in documented(tree):
                del node.body[0]
            self._codes[content] = sha256(ast.dump(tree))
        return self._codes[content]

    def listings(self, path: Path) -> str | None:
        """The hash of all that listings show of a module: its text without docstrings; of data, all of it."""
        content = self.sha256(path)
        tree = self.tree(path) if path.suffix == ".py" else None
        if content is None or tree is None:
            return content
        if content not in self._listings:
            inside = [node.body[0] for node in documented(tree) if len(node.body) > 1]  # alone, it is shown
            dropped = {at for it in inside for at in range(it.lineno, (it.end_lineno or 0) + 1)}
            lines = path.read_text(encoding="utf-8").split("\n")
            self._listings[content] = sha256(
                "\n".join(line for at, line in enumerate(lines, 1) if at not in dropped)
            )
        return self._listings[content]

    def tree(self, path: Path) -> ast.Module | None:
        """The parsed module; None when it does not parse (running it will say why)."""
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
        """The module's top-level function of that name."""
        tree = self.tree(path)
        for node in tree.body if tree else []:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return node
        return None

    def closure(self, *paths: Path) -> set[Path]:
        """The files themselves and every module of the project that they import, directly or not."""
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
            for node in ast.walk(self.tree(path) or ast.Module([], [])):
                if isinstance(node, ast.Import):
                    names += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    above = package[: len(package) + 1 - node.level] if node.level else ()
                    base = ".".join((*above, *([node.module] if node.module else [])))
                    names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
            self._imports[key] = frozenset(file for name in names for file in self._files(name))
        return self._imports[key]

    def _files(self, dotted: str) -> Iterable[Path]:
        """The project's files that importing `dotted` runs: its packages on the way, and itself."""
        place = self.root
        for part in dotted.split("."):
            if place == self.root and part not in ("dlbook", "scripts"):
                return
            place = place / part
            for file in (place / "__init__.py", place.with_suffix(".py")):
                if file.is_file():
                    yield file
                    break


class Project:
    """A checkout: which steps it has, and the state of each."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root.resolve()
        self.sources = Sources(self.root)
        self._versions: dict[str, str] = {}

    # What there is

    def steps(self) -> list[Step]:
        """Every step, each after those that it reads from."""
        experiments = [Step("experiments", path.stem, path) for path in self._modules("experiments", "run")]
        kept = [Step("kept", path.stem, path) for path in sorted((self.root / KEPT).glob("*.json"))]
        figures = [self.figure(path) for path in self._modules("figures", "draw")]
        interactive = [self.interactive(path) for path in sorted((self.root / INTERACTIVE).glob("*.js"))]
        made_once = [Step("vendor", "vendor"), Step("site", "site")]
        return [*experiments, *kept, *figures, *interactive, *self._cards(figures), *made_once]

    def figure(self, path: Path) -> Step:
        """The step that draws a figure, with the results that its `draw` asks for."""
        draw = self.sources.function(path, "draw")
        results = tuple(argument.arg for argument in draw.args.args) if draw else ()
        return Step("figures", path.stem, path, results)

    def interactive(self, path: Path) -> Step:
        """The step that bundles an interactive figure, with the results that it imports."""
        results = tuple(dict.fromkeys(RESULT_IMPORT.findall(path.read_text(encoding="utf-8"))))
        return Step("interactive", path.stem, path, results)

    def _cards(self, figures: list[Step]) -> list[Step]:
        """One for each chapter and the home page of an edition, with the figure that the page shows first."""
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
        """A page's main heading; its name where it has none."""
        heading = HEADING.search(page.read_text(encoding="utf-8"))
        return heading[1].strip() if heading else page.stem

    def _modules(self, folder: str, function: str) -> list[Path]:
        """Modules that define `function`, and those that do not parse; the others there are helpers."""
        return [
            path
            for path in sorted((self.root / "scripts" / folder).glob("[!_.]*.py"))
            if self.sources.function(path, function) or self.sources.tree(path) is None
        ]

    def editions(self) -> list[Path]:
        """The folders in docs/ that hold a book: those with a home page."""
        return sorted(page.parent for page in (self.root / "docs").glob("*/index.md"))

    def configs(self) -> list[Path]:
        """One MkDocs configuration an edition; mkdocs.base.yml is what they share."""
        paths = [path for path in self.root.glob("mkdocs*.yml") if path.name != "mkdocs.base.yml"]
        # The main one first: MkDocs empties the folder that it builds into, and the others' are inside it.
        return sorted(paths, key=lambda path: (path.name != "mkdocs.yml", path.name))

    # What a step reads and writes

    def needs(self, step: Step, steps: list[Step]) -> list[Step]:
        """The steps that have to come first."""
        if step.kind == "site":
            return [other for other in steps if other != step]
        if step.kind in ("figures", "interactive", "cards"):
            kinds = ("experiments", "kept")
            return [other for other in steps if other.kind in kinds and other.name in step.results]
        return []

    def reads(self, step: Step) -> dict[str, str]:
        """Everything that decides what the step makes: name → hash or version."""
        versions: tuple[str, ...] = ()
        read: dict[str, str] = {"format": FORMAT}
        if step.kind == "kept":
            files = {path for path in (step.source,) if path}
        elif step.kind == "interactive":
            shared = (self.root / INTERACTIVE).glob("*/**/*.js")
            files = {self.root / INTERACTIVE / f"{step.name}.js", self.root / ESBUILD, *shared}
        elif step.source:
            files = self.sources.closure(step.source)
            versions = ("numpy",)
            if step.kind in ("figures", "cards"):
                files |= self.sources.closure(self.root / "scripts/figures/style.py")
                versions = ("numpy", "matplotlib")
            if step.page:
                files |= self.sources.closure(self.root / "scripts/site/social_cards.py")
                read |= {"title": self.title(step.page), "book": self.title(step.page.parent / "index.md")}
            if self.root / "dlbook/datasets.py" in files:
                files.add(self.root / MNIST)
        elif step.kind == "vendor":
            files = {source for source, _ in self.vendored()}
            files |= {self.root / "scripts/build.py"}
        else:
            files = self._site_files()
            read["DLBOOK_URL"] = os.environ.get("DLBOOK_URL", "")  # mkdocs.base.yml asks for it
            versions = SITE_TOOLS
        read |= {f"results/{name}.json": self._values_hash(name) for name in step.results}
        # What a module of the package says matters only to the site, which shows it.
        package = self.root / "dlbook"
        for file in files:
            says_nothing = step.kind != "site" and file.is_relative_to(package)
            content = self.sources.code(file) if says_nothing else self.sources.sha256(file)
            read[str(file.relative_to(self.root))] = content or "missing"
        read |= {name: self._version(name) for name in versions}
        return dict(sorted(read.items()))

    def data(self, step: Step) -> dict[str, str | None] | None:
        """File and checksum of the data set that a step reads, for its provenance."""
        if step.source and self.root / "dlbook/datasets.py" in self.sources.closure(step.source):
            return {"file": MNIST, "sha256": self.sources.sha256(self.root / MNIST)}
        return None

    def writes(self, step: Step) -> list[Path]:
        """The files, or for the site the folder, that the step makes."""
        if step.kind in ("experiments", "kept"):
            return [self.root / "results" / f"{step.name}.json"]
        if step.kind == "figures":
            return [edition / "assets/figures" / f"{step.name}.svg" for edition in self.editions()]
        if step.kind == "interactive":
            return [edition / "assets/interactive" / f"{step.name}.js" for edition in self.editions()]
        if step.page:
            return [step.page.parent / "assets/cards" / f"{step.page.stem}.png"]
        if step.kind == "vendor":
            return [
                edition / "assets/vendor" / name for edition in self.editions() for _, name in self.vendored()
            ]
        return [self.root / "site"]

    def vendored(self) -> list[tuple[Path, str]]:
        """What the site takes from npm: file, and its name below assets/vendor/."""
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

    def modules(self) -> dict[Path, str]:
        """Everything of the project that a worker may import, with its hash."""
        files = [path for folder in ("dlbook", "scripts") for path in (self.root / folder).rglob("*.py")]
        return {path: self.sources.sha256(path) or "missing" for path in files}

    def values(self, experiment: str) -> Any:
        """What the experiment's `run` returned when it last ran."""
        return json.loads((self.root / "results" / f"{experiment}.json").read_bytes())["values"]

    def _values_hash(self, experiment: str) -> str:
        # The values alone: an experiment that ran again and found the same leaves its figures as they are.
        try:
            values = json.dumps(self.values(experiment), sort_keys=True)
        except (OSError, ValueError, KeyError, TypeError):
            return "missing"
        return sha256(values)

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

    def stamp(self, step: Step) -> dict[str, Any]:
        """What the step read and wrote, and how long it took, when it last succeeded; {} if it never did."""
        try:
            stamp = json.loads(self._stamp_file(step).read_bytes())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def record(self, step: Step, reads: dict[str, str], seconds: float) -> None:
        stamp = {"reads": reads, "writes": self._written(step), "seconds": round(seconds, 3)}
        write_atomically(self._stamp_file(step), json.dumps(stamp, indent=1).encode())

    def _written(self, step: Step) -> dict[str, str | None]:
        files = self.writes(step)
        if step.kind == "site":
            files = sorted(path for path in files[0].rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): self.sources.sha256(path) for path in files}

    def why_stale(self, step: Step) -> str | None:
        """None when the step would make again just what is there; otherwise the reason that it would not."""
        stamp = self.stamp(step)
        if not stamp:
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
                return f"{name} was changed by other hands"
        return None

    def has_output(self, step: Step) -> bool:
        return all(path.exists() for path in self.writes(step))

    def sweep(self) -> list[str]:
        """Remove what steps that no longer exist have left behind, so that no page can show it."""
        alive = {self._stamp_file(step) for step in self.steps()}
        removed = []
        for stamp_file in sorted((self.root / "build/stamps").rglob("*.json")):
            if stamp_file not in alive:
                for name in json.loads(stamp_file.read_bytes())["writes"]:
                    (self.root / name).unlink(missing_ok=True)
                    removed.append(name)
                stamp_file.unlink()
        return removed
