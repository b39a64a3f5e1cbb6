"""A page's Python blocks: run them as a reader does, and compare what they print with what the page shows.

This file is its own worker: `run` starts it in the reader's interpreter, which has NumPy and `dlbook`
but none of this project's tools. So it imports nothing but the standard library.
"""

import json
import linecache
import math
import os
import re
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import IO, NamedTuple

SECONDS = 240.0  # what all blocks of a page may take together, on a busy machine; then one never ends
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class Block(NamedTuple):
    """Python code of a page."""

    source: str
    where: str


class Output(NamedTuple):
    """What the page says that the block before it prints."""

    text: str
    where: str


class Ran(NamedTuple):
    """What a block did: standard output, standard error (warnings), and the traceback if it raised."""

    printed: str
    warned: str = ""
    error: str = ""


# Running


def run(sources: Sequence[str], page: str, python: Path, seconds: float = SECONDS) -> list[Ran]:
    """Run blocks one after the other in one fresh interpreter, in an empty directory.

    A block that raises, ends the interpreter or takes too long is the last of the list.
    """
    named = [(f"<{page}, block {number}>", source) for number, source in enumerate(sources, 1)]
    # Isolated (-I): no PYTHONPATH, no user site, and nothing of the directory we happen to stand in.
    command = [os.fspath(python.absolute()), "-I", "-X", "utf8", __file__]
    with tempfile.TemporaryDirectory() as empty:
        try:
            process = subprocess.run(
                command,
                input=json.dumps(named).encode(),
                capture_output=True,
                timeout=seconds,
                cwd=empty,
                env=os.environ | ONE_THREAD,
                check=False,
            )
            reports, complaint = process.stdout, process.stderr.decode(errors="replace").strip()
            ending = f"the interpreter ended with exit code {process.returncode}"
            if complaint:
                ending = f"{ending}\n{complaint}"
        except subprocess.TimeoutExpired as expired:
            reports = expired.stdout or b""
            ending = f"the page's blocks may take {seconds:g} s together, and that ran out here"
    # A report that was cut off has no line end: the block that was writing it did not finish.
    done = [Ran(*json.loads(line)) for line in reports.splitlines(keepends=True) if line.endswith(b"\n")]
    if len(done) < len(named) and not (done and done[-1].error):
        done.append(Ran("", error=f"{named[len(done)][0]}: {ending}"))
    return done


def _work() -> None:
    """Run the blocks that come as JSON on standard input, and report each as a line of JSON."""
    blocks = json.load(sys.stdin)
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    page = types.ModuleType("__main__")
    sys.modules["__main__"] = page
    warnings.formatwarning = _one_line
    for name, source in blocks:
        with warnings.catch_warnings():
            pass  # leaving it makes Python forget which warnings it has given: each block gets all of its own
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as warned:
            os.dup2(printed.fileno(), 1)
            os.dup2(warned.fileno(), 2)
            error = _execute(name, source, page)
            sys.stdout.flush()
            sys.stderr.flush()
            print(json.dumps([_text(printed), _text(warned), error]), file=reports, flush=True)
        if error:
            break


def _execute(name: str, source: str, page: types.ModuleType) -> str:
    """Run one block in the page's namespace; return the traceback if it raised."""
    # So that tracebacks and inspect.getsource find the block's lines.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        exec(compile(source, name, "exec", dont_inherit=True), page.__dict__)
    except BaseException as error:  # SystemExit too: a block that ends the interpreter ends the page
        inside = error.__traceback__.tb_next if error.__traceback__ else None
        return "".join(traceback.format_exception(type(error), error, inside))
    return ""


def _one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning as a page can show it: without the file name, which is another one at the reader's."""
    return f"{category.__name__}: {message}\n"


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


# Comparing

# A number with a point or an exponent. Whole numbers are text, as are the digits of words and of versions.
_FLOAT = re.compile(r"(?<![\w.])-?(?:\d+\.\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+)(?!\w*\.\d)")
# NumPy prints 6. for what is 6.00000000 at its usual precision.
_NUMPY_DIGITS = 8
# From so many digits on, another machine's rounding may show in the last one.
_MANY_DIGITS = 6


def pairs(items: Iterable[Block | Output]) -> list[tuple[Block | None, Output | None]]:
    """Put each block together with the Output that comes before the next block; either may be missing."""
    together: list[tuple[Block | None, Output | None]] = []
    for item in items:
        if isinstance(item, Block):
            together.append((item, None))
        elif together and together[-1][1] is None:
            together[-1] = (together[-1][0], item)
        else:
            together.append((None, item))
    return together


def problem(ran: Ran, shown: str | None) -> str:
    """What is wrong between what a block did and what its Output shows (None: no Output); "" if nothing."""
    if found := fault(ran, shown):
        return found
    if shown is None:
        return "the block prints, and no Output follows it" if ran.printed.strip() else ""
    return difference(without_warnings(shown, ran), ran.printed)


def fault(ran: Ran, shown: str | None) -> str:
    """The part of `problem` that no other text in the Output would fix."""
    if ran.error:
        return f"the block fails:\n{ran.error.rstrip()}"
    unseen = [line for line in ran.warned.splitlines() if line not in (shown or "").splitlines()]
    if unseen:
        return f"the block warns, and no Output shows this line: {unseen[0]}"
    if shown is not None and not ran.printed.strip() and not ran.warned.strip():
        return "an Output follows, and the block prints nothing"
    return ""


def without_warnings(shown: str, ran: Ran) -> str:
    """An Output without the lines that are warnings of its block."""
    warned = ran.warned.splitlines()
    return "\n".join(line for line in shown.splitlines() if line not in warned)


def difference(shown: str, printed: str) -> str:
    """Where printed text departs from the text shown; "" if it agrees, at the precision shown."""
    for number, (left, right) in enumerate(zip_longest(_lines(shown), _lines(printed)), 1):
        if left is None:
            return f"line {number}: printed {right!r}, and the Output ends before it"
        if right is None:
            return f"line {number}: shown {left!r}, and the block prints no more"
        if not _same_line(left, right):
            return f"line {number}: shown {left!r}, printed {right!r}"
    return ""


def _lines(text: str) -> list[str]:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n").split("\n")


def _same_line(shown: str, printed: str) -> bool:
    if shown == printed:
        return True
    numbers = _FLOAT.findall(shown), _FLOAT.findall(printed)
    return _around_numbers(shown) == _around_numbers(printed) and all(map(_same_number, *numbers))


def _around_numbers(line: str) -> str:
    """A line without its numbers, and then without its widths: NumPy pads columns to their widest number."""
    text, count = _FLOAT.subn("#", line)
    return re.sub(r"(?<=\[) | (?=\])", "", " ".join(text.split())) if count else text


def _same_number(shown: str, printed: str) -> bool:
    """Whether `printed` is `shown` at the digits shown.

    With few digits it has to round to exactly those. With many, one unit in the last place is allowed, and
    two spacings of float64, for other processors round exp and log otherwise.
    """
    if shown.endswith("."):
        shown += "0" * _NUMPY_DIGITS
    value, other = Decimal(shown), Decimal(printed)
    _, digits, exponent = value.as_tuple()
    unit = Decimal(1).scaleb(int(exponent))
    if abs(other - value) <= unit / 2:
        return True
    if len(digits) < _MANY_DIGITS:
        return False
    return abs(other - value) <= max(unit * Decimal("1.5"), 2 * Decimal(math.ulp(float(value))))


if __name__ == "__main__":
    _work()
