"""What `mkdocs serve` remembers: after every save it serves, to the byte, what a build from nothing makes."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from scripts.build import ONE_THREAD, STEPS_ARE_DONE
from tests.built import ROOT

# All that making the pages reads, but node_modules, which is only linked to.
COPIED = ("dlbook", "docs", "results", "scripts", "build/stamps", "mkdocs.base.yml", "mkdocs.yml")
EPOCH = re.compile(rb"livereload\((\d+), ")


class Book:
    """A copy of the whole book, with its editor's hands."""

    def __init__(self, root):
        self.root = root
        for name in COPIED:
            there = root / name
            there.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, there)
        (root / "node_modules").symlink_to(ROOT / "node_modules")

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK")}
        return {**kept, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(self.root), **more}

    def edit(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not say {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def built(self, address):
        """Build it from nothing, for a host at that address; every file by its name."""
        site = self.root / "build/fresh"
        command = [sys.executable, "-m", "mkdocs", "build", "--no-strict", "-d", str(site)]
        environment = self.environment(DLBOOK_URL=address, **{STEPS_ARE_DONE: "1"})
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return contents(site)


class Server:
    """`mkdocs serve`, as a browser sees it, and what it has written."""

    def __init__(self, book, address, folder, log):
        self.book, self.address, self.folder, self.log = book, address, folder, log

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=120) as answer:
            return answer.read()

    def epoch(self):
        return int(EPOCH.search(self.get("index.html"))[1])

    @contextmanager
    def save(self):
        """Wait, after the edits within, until the server tells the browsers to load the page again."""
        before, said = self.epoch(), len(self.log.read_text())
        yield
        deadline = time.monotonic() + 60
        while self.epoch() == before:
            assert time.monotonic() < deadline, self.log.read_text()[said:]
            time.sleep(0.05)
        self.said = self.log.read_text()[said:]

    def converted(self):
        """Name the pages that the last save had converted."""
        return {name for line in re.findall("Converted (.*)", self.said) for name in line.split(", ")}

    def served(self):
        (site,) = self.folder.glob("mkdocs_*")
        return contents(site)


def contents(site):
    files = {str(it.relative_to(site)): it.read_bytes() for it in site.rglob("*") if it.is_file()}
    # Compressed with the time of the build in it.
    del files["sitemap.xml.gz"]
    return files


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    folder = tmp_path_factory.mktemp("served")
    log = folder / "serve.log"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"]
    with log.open("w") as lines:
        process = subprocess.Popen(
            command, cwd=book.root, env=book.environment(TMPDIR=str(folder)), stdout=lines, stderr=lines
        )
    try:
        server = Server(book, f"http://127.0.0.1:{port}/", folder, log)
        deadline = time.monotonic() + 120
        while "Serving on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def assert_as_built(server):
    served, built = server.served(), server.book.built(server.address)
    assert served.keys() == built.keys()
    different = [name for name in sorted(built) if served[name] != built[name]]
    assert different == []


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


def page_is_new(book):
    (book.root / "docs/en/addendum.md").write_text(
        "# Addendum\n\nSee [there](03-loss-functions.md#by-hand).\n"
    )
    book.edit("docs/en/setup.md", "\n## ", "\nThere is [an addendum](addendum.md).\n\n## ")


def page_is_gone(book):
    (book.root / "docs/en/addendum.md").unlink()


# What is saved, and which pages have to be converted for it. The gallery takes from all chapters.
SAVES = {
    "words": (
        [prose, fragment, heading, title],
        {"01-perceptrons.md", "05-gradients.md", "09-optimizers.md"},
    ),
    "what pages show": ([figure, result], {"12-generalization.md", "speed.md"}),
    "a new page": ([page_is_new], {"addendum.md", "setup.md"}),
    "a page is gone": ([page_is_gone], {"setup.md"}),
}


@pytest.mark.parametrize("save", SAVES)
def test_what_is_served_after_a_save_is_what_a_build_makes(server, save):
    edits, converted = SAVES[save]
    with server.save():
        for edit in edits:
            edit(server.book)
    assert_as_built(server)
    assert server.converted() - {"bugs.md"} == converted


def test_a_mistake_is_shown_and_said_again_until_it_is_mended(server):
    mistake = "no experiment has left a result 'nowhere'"
    with server.save():
        server.book.edit("docs/en/notation.md", "\n## ", "\nIt is {{ nowhere.at_all }}.\n\n## ")
    assert f"docs/en/notation.md:15: {mistake}" in server.said
    assert mistake.replace("'", "&#x27;").encode() in server.get("notation.html")
    with server.save():
        server.book.edit("docs/en/index.md", "\n## ", "\nAnother page.\n\n## ")
    assert f"docs/en/notation.md:15: {mistake}" in server.said
    with server.save():
        server.book.edit("docs/en/notation.md", "{{ nowhere.at_all }}", "mended")
    assert mistake not in server.said


def test_another_configuration_converts_all(server):
    with server.save():
        server.book.edit("mkdocs.base.yml", 'permalink: "#"', 'permalink: "§"')
    assert len(server.converted()) == len(list(server.book.root.glob("docs/en/**/*.md")))
    assert_as_built(server)
