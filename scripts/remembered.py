"""What `mkdocs serve` need not do again: convert a page that is as it was, and cut it up for the search.

A page takes code, numbers, figures, fragments of other pages and the targets of its links, all by name. So
what becomes of it depends on its text, on the configuration, and on those files alone that are named in the
text. As long as they stay the same, the page does. What its conversion told the plugins is told them again.

A convenience for whoever writes: a build remembers nothing, and tests/test_remembered.py holds what is served
to what is built.
"""

import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from scripts.extensions.location import FRAGMENT
from scripts.project import INTERACTIVE, Project

WORD = re.compile(r"\w+(?:-\w+)*", re.ASCII)
# Text is taken from elsewhere; before a bracket, some is only marked, for others to take.
SNIPPET = re.compile(r"-8<-+(?!-|\s*\[)")
# Asks for the docstrings of a module, whose classes inherit from none of another one.
DOCUMENTED = re.compile(r"^ *::: *([\w.]+)|\{\{ *([\w.]+):docstring", re.MULTILINE)
CONVERTED = ("content", "toc", "_title_from_render", "present_anchor_ids")  # what a conversion gives a page
Told = tuple[str, tuple[Any, ...], dict[str, Any]]  # a method's name and arguments


class Input(NamedTuple):
    """A file that a page can name."""

    uri: str
    place: str  # all that matters about it to those who only link to it
    path: Path | None


class Conversion(NamedTuple):
    """A page as it was converted, from what, and what the conversion told the plugins."""

    key: str
    attributes: dict[str, Any]
    links: dict[str, dict[str, str]] | None  # by page, to anchors, which are checked when all pages are there
    told: list[Told]


class Sections(NamedTuple):
    """A page's sections as the search lists them, and what they were cut out of."""

    of: tuple[Any, ...]
    entries: list[dict[str, Any]]


class Pages:
    """The pages as they were when they were last converted."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.converted: list[str] = []  # in this build
        self._configuration = ""
        self._conversions: dict[str, Conversion] = {}
        self._sections: dict[str, Sections] = {}
        self._inputs: dict[str, list[Input]] = {}  # by the word that names them
        self._texts: dict[Path, tuple[str, str]] = {}  # of files: hash and text
        self._tell: dict[str, Callable[..., Any]] = {}  # this build's plugins
        self._told: list[Told] = []  # by the conversion that is going on

    def begin(self, config: MkDocsConfig) -> None:
        """Start a new build, whose plugins are new ones."""
        self.converted = []
        configs = sorted(self.project.root.glob("mkdocs*.yml"))
        configuration = digest(str(self.project.sources.sha256(path)) for path in configs)
        if configuration != self._configuration:
            self._conversions.clear()
            self._sections.clear()
        self._configuration = configuration
        if mkdocstrings := config.plugins.get("mkdocstrings"):  # it is told of the objects on each page
            self._listen(config.plugins["autorefs"], "register_anchor")
            self._listen(mkdocstrings.handlers.inventory, "register")
        for name in ("search", "material/search"):
            if index := getattr(config.plugins.get(name), "search_index", None):
                index.add_entry_from_context = partial(self._search, index, index.add_entry_from_context)

    def gather(self, files: Files) -> None:
        """List all that a page can name."""
        self._inputs = defaultdict(list)
        found = [
            Input(it.src_uri, f"{it.url} {it.inclusion}", Path(it.abs_src_path) if it.abs_src_path else None)
            for it in files
        ]
        patterns = (
            "dlbook/**/*.py",
            "dlbook/data/*",
            "results/*.json",
            "scripts/*/*.py",
            f"{INTERACTIVE}/*.js",
        )
        for pattern in patterns:
            for path in sorted(self.project.root.glob(pattern)):
                found.append(Input(path.relative_to(self.project.root).as_posix(), "", path))
        for it in found:
            name = it.uri.removesuffix("/__init__.py").rpartition("/")[2].partition(".")[0]
            # What is no single word can be written in several ways, and counts as named by every page.
            self._inputs[name if WORD.fullmatch(name) else ""].append(it)

    def follow(self, page: Page) -> None:
        """Let a page be converted only if need be."""
        page.render = partial(self._render, page, page.render)  # type: ignore[method-assign]

    def _render(self, page: Page, convert: Callable[..., None], config: MkDocsConfig, files: Files) -> None:
        uri, key = page.file.src_uri, self._key(page)
        known = self._conversions.pop(uri, None)
        if known and known.key == key:
            self._recall(known, page, files)
        else:
            self.converted.append(uri)
            self._told = []
            with Complaints() as complaints:
                convert(config, files)
            if complaints.heard:  # it has to complain again in the next build
                return
            attributes = {name: getattr(page, name) for name in CONVERTED}
            links = page.links_to_anchors
            by_uri = None if links is None else {to.src_uri: anchors for to, anchors in links.items()}
            known = Conversion(key, attributes, by_uri, self._told)
        self._conversions[uri] = known

    def _recall(self, known: Conversion, page: Page, files: Files) -> None:
        vars(page).update(known.attributes)
        if known.links is not None:
            by_uri = {file.src_uri: file for file in files}
            page.links_to_anchors = {by_uri[uri]: anchors for uri, anchors in known.links.items()}
        for name, args, kwargs in known.told:
            self._tell[name](*(page if isinstance(it, Page) else it for it in args), **kwargs)

    def _listen(self, plugin: Any, name: str) -> None:
        """Note what a plugin is told during a conversion."""
        tell = self._tell[name] = getattr(plugin, name)

        def heard(*args: Any, **kwargs: Any) -> None:
            self._told.append((name, args, kwargs))
            tell(*args, **kwargs)

        setattr(plugin, name, heard)

    def _search(self, index: Any, cut: Callable[[Page], None], page: Page) -> None:
        """Give the search a page's sections, cut anew only if the page has changed."""
        of = (page.content, page.title, page.meta, page.toc)
        known = self._sections.get(page.url)
        if known and known.of == of:
            index.entries += known.entries
            return
        before = len(index.entries)
        cut(page)
        self._sections[page.url] = Sections(of, index.entries[before:])

    # What a page depends on

    def _key(self, page: Page) -> str:
        """Fingerprint all that can decide what becomes of a page."""
        texts = [page.markdown or ""]
        for text in texts:  # they grow: what is taken from other pages may take from others
            texts += sorted(self._taken(text).difference(texts))
        named = set().union(*map(self._named, texts))
        # A caption tells what its figure's script imports, and from which results and data it draws.
        modules = self.project.sources.closure(
            *(it.path for it in named if it.path and it.path.suffix == ".py")
        )
        for path in modules:
            named |= {it for it in self._named(self._text(path)) if it.uri.endswith((".json", ".npz"))}
        read = modules | {it.path for it in named if it.path and it.path.suffix != ".md"}
        documented = {"".join(name) for text in texts for name in DOCUMENTED.findall(text)}
        places = sorted(f"{it.uri} {it.place}" for it in named)
        contents = sorted(f"{path} {self._content(path, documented)}" for path in read)
        return digest([page.file.src_uri, *texts, *places, *contents])

    def _content(self, path: Path, documented: set[str]) -> str | None:
        """Fingerprint what a page can show of a file: of a module, docstrings only where it asks for them."""
        sources, root = self.project.sources, self.project.root
        if not path.is_relative_to(root / "dlbook"):
            return sources.sha256(path)
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        asked = any(f"{name}.".startswith(f"{module}.") for name in documented)
        return sources.sha256(path) if asked else sources.listings(path)

    def _taken(self, text: str) -> set[str]:
        """Find what a text takes from other pages."""
        pages = {it.uri: it.path for it in self._named(text) if it.path and it.path.suffix == ".md"}
        fragments = FRAGMENT.findall(text)
        if len(fragments) < len(SNIPPET.findall(text)):  # some in another form, which may mean any page
            return set(map(self._text, pages.values()))
        return {between(name, self._text(pages[file])) for file, name in fragments if file in pages}

    def _named(self, text: str) -> set[Input]:
        """Find all that a text names, or may name."""
        return {it for word in words(text) | {""} for it in self._inputs.get(word, ())}

    def _text(self, path: Path) -> str:
        """Read a file, again only when it has changed."""
        sha256 = self.project.sources.sha256(path) or "missing"
        if path not in self._texts or self._texts[path][0] != sha256:
            self._texts[path] = sha256, path.read_text(encoding="utf-8", errors="replace")
        return self._texts[path][1]


@lru_cache(maxsize=512)
def words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))


def between(name: str, text: str) -> str:
    """Cut out the fragment that a page has marked for others to take; without marks, all of it."""
    found = re.search(rf"\[start:{name}\](.*?)^[^\n]*\[end:{name}\]", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else text


def digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class Complaints(logging.Handler):
    """Collects the warnings that are given within a `with`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record)

    def __enter__(self) -> "Complaints":
        logging.getLogger("mkdocs").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("mkdocs").removeHandler(self)
