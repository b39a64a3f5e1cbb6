"""CONTRIBUTING.md lists the files that a new chapter, figure or function needs: all of them, no others."""

import re
from functools import cache

import pytest

from tests.built import CHAPTERS, ROOT
from tests.test_objects import MODULES, public

ROW = re.compile(r"^\| an? (?P<kind>\w+) \| (?P<files>[^|]*) \|", re.MULTILINE)
TABLE = {
    it["kind"]: re.findall(r"`([^`]+)`", it["files"])
    for it in ROW.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}
# What may name all of a kind, and need not: pages link to chapters, tests call functions, one compares names.
MAY = {"chapter": "docs/en/", "function": ("tests/", "docs/en/from-the-fish-book.md")}
FOLDERS = ("docs/en", "docs/theme", "docs/interactive", "dlbook", "scripts", "tests", ".github")
KINDS = {".py", ".md", ".yml", ".toml", ".js", ".html", ".css"}


@cache
def texts():
    """The sources of the book, by their paths."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found = [path for path in [*paths, *ROOT.glob("*")] if path.is_file() and path.suffix in KINDS]
    made = ("docs/en/assets/vendor", "docs/en/assets/interactive")
    names = {path.relative_to(ROOT).as_posix(): path for path in found}
    return {
        name: path.read_text(encoding="utf-8") for name, path in names.items() if not name.startswith(made)
    }


def stems(folder, *without):
    return [it.stem for it in sorted((ROOT / folder).glob("[a-z]*.py")) if it.stem not in without]


def on_pages(pattern):
    pages = [text for path, text in texts().items() if path.startswith("docs/en/")]
    return sorted({name for text in pages for name in re.findall(pattern, text)})


@cache
def things():
    """All there is of each kind, and how a file names one."""
    functions = sorted({name for module in MODULES for name in public(module)})
    result = r"""\{{\{{ ?{0}[.\[:]|experiments[./]{0}\b|def draw\([^)]*\b{0}\b|result\("{0}"\)"""
    return {
        "chapter": (CHAPTERS, r"\b{0}\b"),
        "figure": (stems("scripts/figures", "style", "logo", "favicon"), r"\bfigures[./]{0}\b"),
        "experiment": (stems("scripts/experiments"), result),
        "function": (functions, r"\b{0}\b"),
        "formula": (on_pages(r"\\label\{([\w-]+)\}"), r'\\label\{{{0}\}}|formula-{0}\b|"{0}"'),
        "bug": (on_pages(r"start:bug-([\w-]+)"), r"\bbug-{0}\b|\btest_bug_{0}\b"),
    }


def named_in(kind, name, paths):
    """The files, of some, that name one of a kind; a Python name has no hyphens."""
    forms = {name, name.replace("-", "_")}
    wanted = re.compile("|".join(things()[kind][1].format(re.escape(it)) for it in sorted(forms)))
    return {
        path for path in paths if any(it in texts()[path] for it in forms) and wanted.search(texts()[path])
    }


def test_the_table_has_all_kinds():
    assert TABLE.keys() == things().keys()


@pytest.mark.parametrize("kind", TABLE)
def test_each_file_is_needed(kind):
    for name in things()[kind][0]:
        for pattern in TABLE[kind]:
            files = [it.relative_to(ROOT).as_posix() for it in ROOT.glob(pattern.replace("NAME", name))]
            own = "NAME" in pattern and files  # its name says of what it is
            assert own or named_in(kind, name, set(files)), f"{kind} {name}: {pattern} does not have it"


@pytest.mark.parametrize("kind", TABLE)
def test_no_other_file_lists_them(kind):
    """A file that names most of a kind would have to name a new one, too."""
    names = things()[kind][0]
    listed = {it.relative_to(ROOT).as_posix() for pattern in TABLE[kind] for it in ROOT.glob(pattern)}
    listed |= {pattern.replace("NAME", name) for pattern in TABLE[kind] for name in names}
    others = {it for it in texts().keys() - listed if not it.startswith(MAY.get(kind, "-"))}
    times = [path for name in names for path in named_in(kind, name, others)]
    lists = {path for path in set(times) if times.count(path) > len(names) / 2}
    assert not lists, f"CONTRIBUTING.md does not say that a {kind} needs {lists}"


@pytest.mark.parametrize(
    ("check", "kind", "files"),
    [
        (test_no_other_file_lists_them, "formula", ["docs/en/*.md"]),
        (test_no_other_file_lists_them, "chapter", ["docs/en/*.md"]),
        (test_each_file_is_needed, "formula", ["docs/en/*.md", "README.md"]),
        (test_each_file_is_needed, "figure", ["scripts/experiments/NAME.py"]),
    ],
)
def test_a_table_that_is_not_true_is_noticed(monkeypatch, check, kind, files):
    monkeypatch.setitem(TABLE, kind, files)
    with pytest.raises(AssertionError):
        check(kind)
