"""How long a save takes to show while the book is served, with all its pages.

`mkdocs serve --dirty` runs on a copy of the whole book. An author saves, and a browser with an open page
waits, as the script in each served page does, to be told to load it again. The clock runs from the save until
the browser has what is new.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from scripts.build import ONE_THREAD
from scripts.experiments import Progress
from scripts.project import ROOT

FOLDER = ROOT / "build/bench/serving"
# All that making the pages reads, but node_modules, which is only linked to.
COPIED = ("dlbook", "docs", "results", "scripts", "build/stamps", "mkdocs.base.yml", "mkdocs.yml")
EPOCH = re.compile(r"livereload\((\d+), ")
ROUNDS = 7
WORDS, CODE = 3.0, 5.0  # seconds that a save may take


def copy_book(root: Path) -> None:
    for name in COPIED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")


class Server:
    """`mkdocs serve` on a copy of the book, and a browser's view of it."""

    def __init__(self, book: Path) -> None:
        self.log = book.parent / "serve.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}/"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK")}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mkdocs", "serve", "--dirty", "-a", f"127.0.0.1:{port}"],
                cwd=book,
                env={**kept, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(book)},
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
        """Return the time stamp of what is served."""
        found = EPOCH.search(self.get("index.html"))
        if not found:
            raise RuntimeError("the served pages do not load themselves again; is that the server of MkDocs?")
        return int(found[1])

    def wait(self, epoch: int) -> int:
        """Wait until there is something later, as the script in each served page does."""
        while (now := int(self.get(f"livereload/{epoch}/0"))) <= epoch:
            pass  # it answers after a minute even without news
        return now


class Save(NamedTuple):
    """Something that an author does again and again, and where it shows."""

    what: str
    target: float
    file: str
    old: str
    new: str  # has {} for a number, by which the rounds differ
    shown_in: str
    shown: str


SAVES = [
    Save(
        "a sentence of a chapter",
        WORDS,
        "docs/en/05-gradients.md",
        "\n## ",
        "\nSaved for the {}th time.\n\n## ",
        "05-gradients.html",
        "Saved for the {}th time.",
    ),
    Save(
        "a formula of a chapter",
        WORDS,
        "docs/en/10-initial-weights.md",
        "\n## ",
        "\nThe number $x_{{{}}}$ is new.\n\n## ",
        "10-initial-weights.html",
        "x_{{{}}}</annotation>",
    ),
    Save(
        "a docstring of `dlbook`",
        CODE,
        "dlbook/losses.py",
        "    Parameters\n",
        "    It was saved for the {}th time.\n\n    Parameters\n",
        "api/losses.html",
        "It was saved for the {}th time.",
    ),
    Save(
        "a function of `dlbook`",
        CODE,
        "dlbook/perceptron.py",
        "    def __call__",
        "    saved{} = True\n\n    def __call__",
        "01-perceptrons.html",
        "saved{}",
    ),
    Save(
        "a figure's script",
        CODE,
        "scripts/figures/error_against_step.py",
        "    return fig\n",
        "    fig.set_gid('saved{}')\n    return fig\n",
        "assets/figures/error_against_step.svg",
        "saved{}",
    ),
]


def run(progress: Progress) -> dict[str, Any]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        copy_book(FOLDER / "book")
        begin = time.perf_counter()
        with Server(FOLDER / "book") as server:
            start = time.perf_counter() - begin
            seconds: dict[Save, list[float]] = {save: [] for save in SAVES}
            for i, save in progress([(i, save) for i in range(ROUNDS + 1) for save in SAVES]):
                seconds[save].append(timed(server, FOLDER / "book", save, i))
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    medians = {save: median(it[1:]) for save, it in seconds.items()}  # after a round that does not count
    targets = {}
    for name, target in (("words", WORDS), ("code", CODE)):
        largest = max(it for save, it in medians.items() if save.target == target)
        targets[name] = {"target": target, "measured": largest, "met": largest <= target}
    return {
        "rounds": ROUNDS,
        "pages": len(list((ROOT / "docs/en").rglob("*.md"))),
        "start_seconds": start,
        "rows": [{"save": save.what, "seconds": it} for save, it in medians.items()],
        "targets": targets,
    }


def timed(server: Server, book: Path, save: Save, i: int) -> float:
    """Return the seconds from a save until a browser has what is new."""
    epoch, path = server.epoch(), book / save.file
    text = path.read_text(encoding="utf-8")
    if save.old not in text:
        raise RuntimeError(f"{save.file} does not say {save.old!r} any more, which was to be edited")
    begin = time.perf_counter()
    path.write_text(text.replace(save.old, save.new.format(i), 1), encoding="utf-8")
    while True:  # a figure may come one load after the page
        epoch = server.wait(epoch)
        if save.shown.format(i) in server.get(save.shown_in):
            return time.perf_counter() - begin
