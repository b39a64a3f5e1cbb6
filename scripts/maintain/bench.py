"""Run benchmarks, print what they find, and keep it in scripts/benchmarks/results/.

A benchmark is a module of scripts/benchmarks with `run(progress)`. Its results belong to one machine and take
longer than a build may, so they are kept in Git, with where and when they were measured. Pages and figures
read them like the results of experiments.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress as Bars

from scripts.extensions.results import duration
from scripts.project import KEPT, MNIST, ROOT, Sources, write_atomically
from scripts.worker import measured

T = TypeVar("T")
LONG = {"numerical_run"}  # five minutes for one number: only when asked for by name


class Progress:
    """Shows the loops of a benchmark as bars."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def __call__(self, iterable: Iterable[T], total: int | None = None) -> Iterator[T]:
        items = list(iterable)
        yield from self._bars.track(items, total=total or len(items), description="")


def measure(name: str, console: Console) -> dict[str, Any]:
    """Run a benchmark, keep what it found, and give its values."""
    module = importlib.import_module(f"scripts.benchmarks.{name}")
    data = {"file": MNIST, "sha256": Sources(ROOT).sha256(ROOT / MNIST) or "missing"}
    with Bars(console=console, transient=True) as bars:
        text = measured(module, data, Progress(bars))
    write_atomically(ROOT / KEPT / f"{name}.json", text.encode())
    values: dict[str, Any] = json.loads(text)["values"]
    return values


def lines(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every number by its path, as pages name it; what is a time reads like one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from lines(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from lines(item, f"{path}[{i}]")
    elif isinstance(value, float):
        yield path, duration(value) if "seconds" in path and value >= 0 else f"{value:.4g}"
    else:
        yield path, str(value)


def main(argv: Sequence[str] | None = None) -> int:
    known = sorted(path.stem for path in (ROOT / "scripts").glob("benchmarks/[!_]*.py"))
    parser = argparse.ArgumentParser(
        prog="scripts/maintain/bench.py", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; those that are short"
    )
    wanted = parser.parse_args(argv).names or [name for name in known if name not in LONG]
    if unknown := [name for name in wanted if name not in known]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    console = Console()
    for name in wanted:
        values = measure(name, console)
        console.rule(name)
        for path, number in lines(values):
            console.print(f"{path:60} {number:>16}", highlight=False, soft_wrap=True)
        for other in values.get("left_out", ()):
            console.print(f"Left out: {other}, which could not be installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
