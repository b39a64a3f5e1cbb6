"""What `mkdocs serve` remembers: after every save it serves, to the byte, what a build from nothing makes."""

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from contextlib import contextmanager
from inspect import isclass

import pytest

import dlbook
from scripts.benchmarks.serving import Copy, Server
from scripts.build import STEPS_ARE_DONE


class Book(Copy):
    """A copy of the book, and what a build makes of it."""

    def built(self, address):
        """Build it from nothing, for a host at that address; every file by its name."""
        site = self.root / "build/fresh"
        command = [sys.executable, "-m", "mkdocs", "build", "--no-strict", "-d", str(site)]
        environment = self.environment(DLBOOK_URL=address, **{STEPS_ARE_DONE: "1"})
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return contents(site)


class Editor:
    """Edits the book, and sees what the server says and serves then."""

    def __init__(self, book, server):
        self.book, self.server = book, server

    @contextmanager
    def save(self):
        before = len(self.server.log.read_text(encoding="utf-8"))
        with self.server.save():
            yield
        self.said = self.server.log.read_text(encoding="utf-8")[before:]

    def converted(self):
        """Name the pages that the last save had converted."""
        return {name for line in re.findall("Converted (.*)", self.said) for name in line.split(", ")}

    def assert_as_built(self):
        served, built = contents(self.server.site), self.book.built(self.server.origin)
        assert served.keys() == built.keys()
        assert [name for name in sorted(built) if served[name] != built[name]] == []


def contents(site):
    files = {str(it.relative_to(site)): it.read_bytes() for it in site.rglob("*") if it.is_file()}
    files.pop("sitemap.xml.gz", None)  # has the time of the build in it
    return files


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    with Server(book, tmp_path_factory.mktemp("served")) as server:
        yield Editor(book, server)


def prose(book):
    book.edit("docs/en/09-optimizers.md", "\n## ", "\nA new sentence, with $x^2 + 1$.\n\n## ")


def fragment(book):
    mark = "[start:bug-on-the-boundary] -->\n"
    book.edit("docs/en/01-perceptrons.md", mark, mark + "\nTaken from here.\n")


def heading(book):
    """Rename what other pages link to: their links are broken, and still lead where they say."""
    book.edit("docs/en/05-gradients.md", "### What it costs", "### What all this costs")


def title(book):
    """A page's title stands in the table of contents of all."""
    book.edit("docs/en/notation.md", "---\n", "---\ntitle: What the letters mean\n")


def figure(book):
    """A figure of another size."""
    book.edit("scripts/figures/dropout_masks.py", "width=7.2", "width=6.2")


def result(book):
    path = book.root / "scripts/benchmarks/results/numerical_run.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["values"]["seconds"] *= 2
    path.write_text(json.dumps(kept), encoding="utf-8")


# What is saved, and which pages have to be converted for it.
SAVES = {
    "words": (
        [prose, fragment, heading, title],
        {"01-perceptrons.md", "05-gradients.md", "09-optimizers.md", "bugs.md"},
    ),
    "what pages show": ([figure, result], {"12-generalization.md", "speed.md"}),
}


def test_nothing_is_trained_again_for_a_docstring(editor):
    with editor.save():
        editor.book.edit("dlbook/descent.py", '"""', '"""Newly: ')
        editor.book.edit("dlbook/descent.py", "    Parameters\n", "    Newly.\n\n    Parameters\n")
    editor.assert_as_built()
    assert "Making" not in editor.said
    assert editor.converted() == {"api/descent.md"}, "no other page shows its docstrings"


@pytest.mark.parametrize("save", SAVES)
def test_what_is_served_after_a_save_is_what_a_build_makes(editor, save):
    edits, converted = SAVES[save]
    with editor.save():
        for edit in edits:
            edit(editor.book)
    editor.assert_as_built()
    assert editor.converted() == converted


def test_classes_inherit_within_their_module():
    """Or the page of one module might show docstrings of another, and would have to be converted with it."""
    names = [it.name for it in pkgutil.iter_modules(dlbook.__path__, "dlbook.")]
    classes = {it for name in names for it in vars(importlib.import_module(name)).values() if isclass(it)}
    ours = [it for it in classes if it.__module__ in names]
    assert ours
    for it in ours:
        assert {base.__module__ for base in it.__mro__} <= {it.__module__, "builtins"}


def test_a_page_comes_and_goes(editor):
    setup, link = "docs/en/setup.md", "\nThere is [an addendum](addendum.md).\n"
    addendum = editor.book.root / "docs/en/addendum.md"
    with editor.save():
        addendum.write_text("# Addendum\n\nSee [there](03-loss-functions.md#by-hand).\n")
        editor.book.edit(setup, "\n## ", f"{link}\n## ")
    editor.assert_as_built()
    assert editor.converted() == {"addendum.md", "setup.md"}
    with editor.save():
        addendum.unlink()
    editor.assert_as_built()
    assert editor.converted() == {"setup.md"}
    with editor.save():
        editor.book.edit(setup, link, "")
    assert editor.converted() == {"setup.md"}


def test_a_mistake_is_shown_and_said_again_until_it_is_mended(editor):
    mistake = "no experiment has left a result 'nowhere'"
    with editor.save():
        editor.book.edit("docs/en/notation.md", "\n## ", "\nIt is {{ nowhere.at_all }}.\n\n## ")
    before = (editor.book.root / "docs/en/notation.md").read_text(encoding="utf-8").partition("{{ nowhere")[0]
    said = f"docs/en/notation.md:{before.count(chr(10)) + 1}: {mistake}"
    assert said in editor.said
    assert mistake.replace("'", "&#x27;") in editor.server.get("notation.html")
    with editor.save():
        editor.book.edit("docs/en/index.md", "\n## ", "\nAnother page.\n\n## ")
    assert said in editor.said
    with editor.save():
        editor.book.edit("docs/en/notation.md", "{{ nowhere.at_all }}", "mended")
    assert mistake not in editor.said


def test_another_configuration_converts_all(editor):
    with editor.save():
        editor.book.edit("mkdocs.base.yml", 'permalink: "#"', 'permalink: "§"')
    assert len(editor.converted()) == len(list(editor.book.root.glob("docs/en/**/*.md")))
    editor.assert_as_built()
