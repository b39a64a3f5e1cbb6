"""Run an experiment or a benchmark: its result is what it found, with everything that decided it."""

import json
import math
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime
from importlib import metadata
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


class Progress:
    """Tells how far the loops of an experiment have come; a loop within a loop counts as part of a turn."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._loops: list[list[float]] = []  # [done, total], from the outermost loop inwards
        self._told = 0.0

    def __call__(self, iterable: Iterable[T], total: int | None = None) -> Iterator[T]:
        size = total if total is not None else len(iterable) if isinstance(iterable, Sized) else 0
        loop: list[float] = [0, size]
        self._loops.append(loop)
        try:
            for item in iterable:
                yield item
                loop[0] += 1
                if time.monotonic() - self._told > 0.1:
                    self._told = time.monotonic()
                    self._tell(self.fraction())
        finally:
            self._loops.remove(loop)

    def fraction(self) -> float:
        fraction, share = 0.0, 1.0
        for done, total in self._loops:
            share /= max(total, done, 1)
            fraction += share * done
        return min(fraction, 1.0)


def plain(value: Any, path: str = "values") -> Any:
    """Return the value in JSON's own types; raise with the path of what JSON cannot hold."""
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{path} is {value}: results hold finite numbers only")
        return value
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path} has the key {key!r}: the keys of results are strings")
        return {key: plain(item, f"{path}.{key}") for key, item in value.items()}
    raise TypeError(f"{path} is of type {type(value).__name__}, which JSON cannot hold")


def about(module: ModuleType) -> str:
    """Return the first line of a module's docstring."""
    if not module.__doc__:
        raise ValueError(f"{module.__name__} needs a docstring whose first line says what it is about")
    return module.__doc__.strip().splitlines()[0]


def measure(module: ModuleType, progress: Callable[..., Any], **provenance: Any) -> str:
    """Run a module's `run` and return the text of its results file."""
    import numpy

    description = about(module)
    start = time.perf_counter()
    values = module.run(progress)
    seconds = time.perf_counter() - start
    if not isinstance(values, dict):
        raise TypeError(f"run() must return a dict of results, and returned {type(values).__name__}")
    result = {
        "experiment": module.__name__.rpartition(".")[2],
        "source": module.__name__.replace(".", "/") + ".py",
        "about": description,
        "seed": getattr(module, "SEED", "none: nothing is drawn"),
        **provenance,
        "versions": {
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "dlbook": metadata.version("dlbook"),
        },
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(seconds, 3),
        "values": plain(values),
    }
    return json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
