"""Compare the changes to `dlbook` that no test notices with those that are listed: the end of `make mutants`.

mutmut makes thousands of small changes to the package, one at a time, and at each a test has to fail;
`[tool.mutmut]` in pyproject.toml says which tests. A survivor has to stand in survivors.toml with a reason.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scripts.project import ROOT

SURVIVORS = ROOT / "scripts/maintain/survivors.toml"
ENOUGH = 0.9  # of all changes have to be noticed
NOTICED = {"killed", "timeout", "segfault"}
# "dlbook.losses.x_softmax__mutmut_3", and with a class "dlbook.layers.xǁAffineǁforward__mutmut_1"
NAME = re.compile(r"dlbook\.(?P<module>[\w.]+)\.x(?:_|ǁ(?P<owner>[^ǁ]+)ǁ)(?P<function>[^ǁ]+)__mutmut_\d+")

Change = tuple[
    str, str, str
]  # the function ("layers.Affine.forward"), the lines that differ, what they become


def mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def statuses(results: str) -> dict[str, str]:
    """Return what became of each change that was tried."""
    found = dict(line.strip().split(": ", 1) for line in results.splitlines() if ": " in line)
    return {name: status for name, status in found.items() if status != "not checked"}


def function(name: str) -> str:
    match = NAME.fullmatch(name)
    assert match, f"mutmut now gives its changes names of another form: {name}"
    return ".".join(filter(None, match.groups()))


def change(name: str, diff: str) -> Change:
    """Return the lines of a diff that differ, without their indentation."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, now = ("\n".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    return function(name), was, now


def listed(path: Path = SURVIVORS) -> dict[Change, str]:
    """Return the known survivors, each with the reason why no test can, or need, notice it."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["survivors"]
    return {(it["where"], it["was"], now): it["why"] for it in entries for now in it["now"]}


def complaints(tried: dict[str, str], survivors: set[Change], known: Iterable[Change]) -> list[str]:
    """Return what is wrong: survivors that are not listed, listed ones that are none, too few noticed."""
    said = []
    for where, was, now in sorted(survivors - set(known)):
        entry = {"where": where, "was": was, "now": [now], "why": ""}
        text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
        said.append(
            f"No test notices this change. Write one, or list it with a reason:\n[[survivors]]\n{text}"
        )
    functions = {function(name) for name in tried}
    for where, was, now in sorted(set(known) - survivors):
        if where in functions:
            why = "a test notices it, or mutmut no longer makes it"
            said.append(f"Listed as a survivor, but {why}: {where}: {was} → {now}\n")
    noticed = sum(status in NOTICED for status in tried.values())
    if noticed < ENOUGH * len(tried) or not tried:
        said.append(f"{noticed} of {len(tried)} changes are noticed: fewer than {ENOUGH:.0%}\n")
    return said


def main() -> int:
    tried = statuses(mutmut("results", "--all", "true"))
    alive = {change(name, mutmut("show", name)) for name, status in tried.items() if status not in NOTICED}
    said = complaints(tried, alive, listed())
    print(
        *said, ", ".join(f"{count} {status}" for status, count in Counter(tried.values()).items()), sep="\n"
    )
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
