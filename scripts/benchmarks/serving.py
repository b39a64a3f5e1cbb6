"""How long a save takes to show while the book is served, with all its pages.

`mkdocs serve` runs on a copy of the whole book. An author saves, and a browser with an open page waits, as
the script in each served page does, to be told to load it again. The clock runs from the save until the
browser has what is new. A sentence is saved under a server that remembers nothing, too.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from scripts.build import ONE_THREAD, STEPS_ARE_DONE
from scripts.experiments import Progress
from scripts.project import ROOT

FOLDER = ROOT / "build/bench/serving"
# All that making the pages reads, but node_modules, which is only linked to.
COPIED = (
    "dlbook",
    "docs",
    "results",
    "scripts",
    "build/stamps",
    "mkdocs.base.yml",
    "mkdocs.yml",
    "pyproject.toml",
)
EPOCH = re.compile(r"livereload\((\d+), ")
ROUNDS = 7
TARGET = 2.0  # seconds


class Copy:
    """A copy of the whole book, to be edited."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, root / name)
        (root / "node_modules").symlink_to(ROOT / "node_modules")

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK")}
        return {**kept, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(self.root), **more}

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise RuntimeError(f"{name} does not say {old!r} any more, which was to be edited")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


class Server:
    """`mkdocs serve` on a copy of the book, and a browser's view of it."""

    def __init__(self, copy: Copy, temporary: Path, **environment: str) -> None:
        self.temporary, self.log = temporary, temporary / "serve.log"
        temporary.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}/"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"],
                cwd=copy.root,
                env=copy.environment(
                    TMPDIR=str(temporary), **environment
                ),  # the site goes into a folder there
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> "Server":
        while "Serving on" not in self.log.read_text(encoding="utf-8"):
            if self.process.poll() is not None:
                raise RuntimeError(f"mkdocs serve does not start:\n{self.log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.origin + path, timeout=120) as answer:
            return str(answer.read().decode())

    def epoch(self) -> int:
        """The time stamp of what is served."""
        found = EPOCH.search(self.get("index.html"))
        if not found:
            raise RuntimeError("the served pages do not load themselves again; is that the server of MkDocs?")
        return int(found[1])

    def wait(self, epoch: int) -> int:
        """Wait until there is something later, as the script in each served page does."""
        while (now := int(self.get(f"livereload/{epoch}/0"))) <= epoch:
            pass  # it answers after a minute even without news
        return now

    @contextmanager
    def save(self) -> Iterator[None]:
        """Wait, after the edits within, until the server tells browsers to load the page again."""
        epoch = self.epoch()
        yield
        self.wait(epoch)

    @property
    def site(self) -> Path:
        (folder,) = self.temporary.glob("mkdocs_*")
        return folder


class Save(NamedTuple):
    """Something that an author does again and again, and where it shows."""

    what: str
    file: str
    old: str
    new: str  # has {} for a number, by which the rounds differ
    shown_in: str
    shown: str


SAVES = {
    "sentence": Save(
        "a sentence of a chapter",
        "docs/en/05-gradients.md",
        "\n## ",
        "\nSaved for the {}th time.\n\n## ",
        "05-gradients.html",
        "Saved for the {}th time.",
    ),
    "formula": Save(
        "a formula of a chapter",
        "docs/en/10-initial-weights.md",
        "\n## ",
        "\nThe number $x_{{{}}}$ is new.\n\n## ",
        "10-initial-weights.html",
        "x_{{{}}}</annotation>",
    ),
    "docstring": Save(
        "a docstring in `dlbook`",
        "dlbook/losses.py",
        "    Parameters\n",
        "    It was saved for the {}th time.\n\n    Parameters\n",
        "api/losses.html",
        "It was saved for the {}th time.",
    ),
    "figure": Save(
        "a figure's script",
        "scripts/figures/error_against_step.py",
        "    return fig\n",
        "    fig.set_gid('saved{}')\n    return fig\n",
        "assets/figures/error_against_step.svg",
        "saved{}",
    ),
}


def run(progress: Progress) -> dict[str, Any]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        copy = Copy(FOLDER / "book")
        begin = time.perf_counter()
        with Server(copy, FOLDER / "remembering") as server:
            start = time.perf_counter() - begin
            seconds: dict[str, list[float]] = {name: [] for name in SAVES}
            for i, name in progress([(i, name) for i in range(ROUNDS + 1) for name in SAVES]):
                seconds[name].append(timed(server, copy, SAVES[name], i))
        with Server(copy, FOLDER / "forgetful", **{STEPS_ARE_DONE: "1"}) as server:
            anew = [timed(server, copy, SAVES["sentence"], 100 + i) for i in progress(range(3))]
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    medians = {name: median(it[1:]) for name, it in seconds.items()}  # after a round that does not count
    largest = max(medians.values())
    return {
        "rounds": ROUNDS,
        "pages": len(list((ROOT / "docs/en").rglob("*.md"))),
        "start_seconds": start,
        "rows": [{"save": SAVES[name].what, "seconds": it} for name, it in medians.items()],
        "anew_seconds": median(anew),
        "targets": {"seconds": {"target": TARGET, "measured": largest, "met": largest <= TARGET}},
    }


def timed(server: Server, copy: Copy, save: Save, i: int) -> float:
    """The seconds from a save until a browser has what is new."""
    epoch = server.epoch()
    begin = time.perf_counter()
    copy.edit(save.file, save.old, save.new.format(i))
    while True:  # a figure may come one load after the page
        epoch = server.wait(epoch)
        if save.shown.format(i) in server.get(save.shown_in):
            return time.perf_counter() - begin
