"""Run benchmarks, print what they find, and keep it in results/.

A benchmark is a module of scripts/benchmarks with `run(progress)`. Its results belong to one machine and take
longer than a build may, so that no build measures them again. Pages and figures read them like the results of
experiments.
"""

import argparse
import hashlib
import importlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress as Bars

from scripts.extensions.results import duration
from scripts.measure import measure
from scripts.project import MNIST, ROOT, write_atomically

T = TypeVar("T")
KNOWN = sorted(path.stem for path in (ROOT / "scripts/benchmarks").glob("[!_]*.py"))
BY_NAME = {"autodiff_torch", "numerical_run"}  # PyTorch or nothing, and five minutes for one number


def keep(name: str, console: Console) -> dict[str, Any]:
    """Run a benchmark, keep what it found, and return its values."""
    module = importlib.import_module(f"scripts.benchmarks.{name}")
    data = {"file": MNIST, "sha256": hashlib.sha256((ROOT / MNIST).read_bytes()).hexdigest()}
    with Bars(console=console, transient=True) as bars:

        def progress(iterable: Iterable[T], total: int | None = None) -> Iterator[T]:
            items = list(iterable)
            yield from bars.track(items, total=total or len(items), description="")

        text = measure(module, progress, data=data)
    write_atomically(ROOT / "results" / f"{name}.json", text.encode())
    values: dict[str, Any] = json.loads(text)["values"]
    return values


def lines(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return every number with its path, as pages name it; what is a time reads like one."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = ", ".join(KNOWN)
    about = f"{known}; by default, all but {', '.join(sorted(BY_NAME))}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=about)
    names = parser.parse_args().names or [name for name in KNOWN if name not in BY_NAME]
    if unknown := ", ".join(name for name in names if name not in KNOWN):
        parser.error(f"there is no benchmark {unknown}; there are {known}")
    console = Console()
    for name in names:
        values = keep(name, console)
        console.rule(name)
        for path, number in lines(values):
            console.print(f"{path:60} {number:>16}", highlight=False, soft_wrap=True)
        for other in values.get("left_out", ()):
            console.print(f"Left out: {other}, which could not be installed.")


if __name__ == "__main__":
    main()
