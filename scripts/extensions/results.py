"""What the experiments measured: `two_layer.test_accuracy[-1]:.2%` looked up in `results/two_layer.json`."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

PATH = re.compile(r"""(?P<name>[A-Za-z_]\w*)(?P<steps>(?:\.\w+|\[(?:-?\d+|"[^"]*")\])*)(?::(?P<spec>.*))?""")
STEP = re.compile(r"""\.(?P<key>\w+)|\["(?P<quoted>[^"]*)"\]|\[(?P<index>-?\d+)\]""")


class Results:
    """A folder with one JSON file an experiment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        if not path.is_file():
            known = (
                ", ".join(sorted(it.stem for it in self.folder.glob("*.json"))) or "none yet: run make build"
            )
            raise LookupError(f"there is no result named {name!r}; known results: {known}")
        return read(path, path.stat().st_mtime_ns)

    def look_up(self, text: str) -> tuple[Any, str]:
        """Follow a path of keys and indices; give what is there, and the format spec."""
        path = PATH.fullmatch(text)
        if not path:
            raise LookupError(f"{text!r} must look like 'result.key[index]:spec'")
        value, so_far = self[path["name"]]["values"], path["name"]
        for step in STEP.finditer(path["steps"]):
            key: Any = int(step["index"]) if step["index"] else step["key"] or step["quoted"]
            kind = list if step["index"] else dict
            try:
                value = value[key] if isinstance(value, kind) else kind()[key]
            except LookupError:
                raise LookupError(f"{so_far} has no {step[0]}; it is {sketch(value)}") from None
            so_far += step[0]
        return value, path["spec"] or ""

    def number(self, text: str) -> str:
        """Write the number that a path names, as its spec says."""
        value, spec = self.look_up(text)
        path = text.removesuffix(f":{spec}")
        if spec == "provenance":
            raise LookupError(f"{text}: provenance belongs to a whole result, alone on its line")
        if isinstance(value, dict | list) or value is None:
            raise TypeError(f"{path} is {sketch(value)}, not a number")
        if isinstance(value, float) and not spec:
            raise TypeError(f"{path} is {value!r}: say how to round it, as in {{{{ {path}:.3f }}}}")
        try:
            written = duration(value) if spec == "duration" else format(value, spec)
        except (TypeError, ValueError) as error:
            message = f"{path} is {value!r}, which the format {spec!r} does not fit: {error}"
            raise ValueError(message) from None
        return written if isinstance(value, str) else re.sub("^-", "\N{MINUS SIGN}", written)

    def count(self, text: str) -> int:
        """Count the elements of the list that stands before `[*]`."""
        before, _, after = text.partition("[*]")
        values, _ = self.look_up(before)
        if not isinstance(values, list) or not values or "[*]" in after:
            raise LookupError(f"{text}: [*] needs one list that is not empty; {before} is {sketch(values)}")
        return len(values)


@lru_cache(maxsize=64)
def read(path: Path, mtime_ns: int) -> dict[str, Any]:
    """Read a result again only when it has changed."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def sketch(value: Any) -> str:
    """Describe what a path led to, for whoever took it for something else."""
    if isinstance(value, dict):
        return f"a mapping with the keys {', '.join(value) or '(none)'}"
    return f"a list of {len(value)}" if isinstance(value, list) else repr(value)


def duration(seconds: float) -> str:
    """Write a time as one says it, to three digits: `38 h 16 min`, `22.9 s`, `310 ms`, `325 µs`."""
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"a duration must be finite and not negative, got {seconds}")
    short = float(f"{seconds:.3g}")  # first, so that 59.99 s becomes 1 min and 999.9 ms becomes 1 s
    if short < 60:
        units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
        unit, size = next((it for it in units if short >= it[1]), units[-1 if short else 0])
        text = f"{short / size:.3g} {unit}"
    elif round(seconds) < 3600:
        text = "{} min {} s".format(*divmod(round(seconds), 60)).removesuffix(" 0 s")
    else:
        text = "{} h {} min".format(*divmod(round(seconds / 60), 60)).removesuffix(" 0 min")
    return text.replace(" ", "\N{NO-BREAK SPACE}")
