"""The process that runs experiments and draws figures: requests are lines on stdin, answers lines on stdout.

It writes no files. Whatever a step makes goes back to the parent, the only one that writes.
"""

import base64
import contextlib
import importlib
import io
import json
import math
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import UTC, datetime
from importlib import metadata
from types import ModuleType
from typing import Any, TextIO, TypeVar

T = TypeVar("T")


class StepError(Exception):
    """A step that breaks the rules for steps: the message is all that its author needs."""


class Progress:
    """Tells the parent how far the loops of a step have come; loops within loops count as parts of theirs."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._loops: list[list[float]] = []  # [done, total] from the outermost loop inwards
        self._told = 0.0

    def __call__(self, iterable: Iterable[T], total: int | None = None) -> Iterator[T]:
        size = total if total is not None else len(iterable) if isinstance(iterable, Sized) else 0
        loop: list[float] = [0, size]
        self._loops.append(loop)
        try:
            for item in iterable:
                yield item
                loop[0] += 1
                self._tell()
        finally:
            self._loops.remove(loop)

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told < 0.1:
            return
        self._told = now
        fraction, share = 0.0, 1.0
        for done, total in self._loops:
            share /= max(total, done, 1)
            fraction += share * done
        send(self._answers, {"fraction": min(fraction, 1.0)})


def send(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def plain(value: Any, path: str = "values") -> Any:
    """The value in JSON's own types: NumPy's turn into Python's; the rest is refused by its path."""
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StepError(f"{path} is {value}: results hold finite numbers only")
        return value
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise StepError(f"{path} has the key {key!r}: the keys of results are strings")
        return {key: plain(item, f"{path}.{key}") for key, item in value.items()}
    raise StepError(f"{path} is of type {type(value).__name__}, which JSON cannot hold")


def about(module: ModuleType) -> str:
    if not module.__doc__:
        raise StepError("the module needs a docstring whose first line says what it is about")
    return module.__doc__.strip().splitlines()[0]


def experiment(name: str, data: dict[str, str] | None, progress: Progress) -> str:
    """Run an experiment; the text of its results file."""
    module = importlib.import_module(f"scripts.experiments.{name}")
    seed = getattr(module, "SEED", None)
    if not isinstance(seed, int):
        raise StepError(f"the module needs an integer SEED, and has {seed!r}")
    return measured(module, data, progress)


def measured(module: ModuleType, data: dict[str, str] | None, progress: Callable[..., Any]) -> str:
    """Run an experiment or a benchmark; the text of its results file: what it found, and how."""
    import numpy

    description = about(module)
    start = time.perf_counter()
    values = module.run(progress)
    seconds = time.perf_counter() - start
    if not isinstance(values, dict):
        raise StepError(f"run() has to return a dict of results, and returned {type(values).__name__}")
    result = {
        "experiment": module.__name__.rpartition(".")[2],
        "source": module.__name__.replace(".", "/") + ".py",
        "about": description,
        "seed": getattr(module, "SEED", "none: nothing is drawn"),
        "data": data,
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


def figure(name: str, results: dict[str, Any]) -> str:
    """Draw a figure; the text of its SVG file."""
    module = importlib.import_module(f"scripts.figures.{name}")
    about(module)
    import matplotlib
    from matplotlib.figure import Figure

    from scripts.figures import style

    with matplotlib.rc_context():  # what one figure sets does not reach the next
        drawn = module.draw(**results)
        if isinstance(drawn, str):
            return drawn
        if not isinstance(drawn, Figure):
            raise StepError(f"draw() has to return a Figure or SVG text, and returned {type(drawn).__name__}")
        return style.to_svg(drawn)


def card(name: str, results: dict[str, Any], title: str, book: str) -> str:
    """Draw the card of a page with its first figure; the PNG in base64, for JSON has no bytes."""
    module = importlib.import_module(f"scripts.figures.{name}")
    from scripts.site import social_cards

    return base64.b64encode(social_cards.draw(module.draw(**results), title, book)).decode()


def trace(error: BaseException, source: str) -> str:
    """The traceback from the step's own file on: the frames of this runner say nothing to its author."""
    if isinstance(error, StepError):
        return f"{source}: {error}"
    frames = traceback.TracebackException.from_exception(error)
    for i, frame in enumerate(frames.stack):
        if frame.filename.endswith(source):
            frames.stack = traceback.StackSummary.from_list(list(frames.stack)[i:])
            return "".join(frames.format()).rstrip()
    # Not in the step's own code, but while importing it, say, or writing its figure.
    return f"{source}: {error}\n{''.join(frames.format()).rstrip()}"


def answer(request: dict[str, Any], answers: TextIO) -> dict[str, Any]:
    printed = io.StringIO()
    start = time.perf_counter()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            if request["kind"] == "experiments":
                output = experiment(request["name"], request["data"], Progress(answers))
            elif request["kind"] == "cards":
                output = card(request["name"], request["results"], request["title"], request["book"])
            else:
                output = figure(request["name"], request["results"])
            message: dict[str, Any] = {"output": output}
        except (Exception, SystemExit) as error:
            folder = "experiments" if request["kind"] == "experiments" else "figures"
            message = {"error": trace(error, f"scripts/{folder}/{request['name']}.py")}
    return {**message, "printed": printed.getvalue(), "seconds": time.perf_counter() - start}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it ends this process
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what compiled code prints must not get between the answers
    if "--stand-by" in sys.argv[1:]:
        importlib.import_module("matplotlib.backends.backend_svg")  # nothing of ours, which may change
    for line in sys.stdin:
        send(answers, answer(json.loads(line), answers))


if __name__ == "__main__":
    main()
