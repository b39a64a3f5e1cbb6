"""Score the pages of the finished site with Lighthouse, on a phone that it simulates.

python -m scripts.maintain.audit             every page
python -m scripts.maintain.audit NAME…       some of them, as `index` or `api/losses`

The site is served on this machine as a static host serves it. Nothing else is fetched. What a page lacks is
named; anything below the goals ends in failure. Scores for accessibility, best practices and SEO count what
is right, and are the same each time. Performance is estimated from times: where it seems too low, the median
of three runs decides.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from scripts.build import nearest
from scripts.checks.chromium import FLAGS, VARIABLE, find
from scripts.checks.static_host import StaticHost
from scripts.node import find_node
from scripts.project import ROOT

CLI = ROOT / "build/lighthouse/node_modules/lighthouse/cli/index.js"
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3  # for a median
SECONDS = 180  # for one run
Report = dict[str, Any]  # what Lighthouse writes about one page
Run = Callable[[str], Report]  # of the page's name


@dataclass(frozen=True)
class Audited:
    page: str
    scores: dict[str, int]  # by category, of 100
    lacking: tuple[str, ...]  # what the page would need to be better, where a score is too low

    @property
    def good(self) -> bool:
        return all(self.scores[category] >= goal for category, goal in GOALS.items())


def lighthouse(node: str, chromium: str, origin: str, page: str) -> Report:
    """Run Lighthouse on a page, with its own settings: a phone of the middle class, and a slow network."""
    options = ["--output=json", "--quiet", "--no-enable-error-reporting"]
    options += [f"--only-categories={','.join(GOALS)}", f"--chrome-flags=--headless=new {' '.join(FLAGS)}"]
    done = subprocess.run(
        [node, str(CLI), f"{origin}/{page}", *options],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{page}: Lighthouse does not run: {done.stderr.strip()}")
    report: Report = json.loads(done.stdout)
    if error := report.get("runtimeError"):
        raise RuntimeError(f"{page}: {error['message']}")
    return report


def scores(report: Report) -> dict[str, int]:
    return {category: round(100 * report["categories"][category]["score"]) for category in GOALS}


def audited(page: str, run: Run) -> Audited:
    """Score a page; where it seems slow, by the median of some runs."""
    reports = [run(page)]
    if scores(reports[0])["performance"] < GOALS["performance"]:
        reports += [run(page) for _ in range(RUNS - 1)]
    speeds = [scores(report)["performance"] for report in reports]
    found = {**scores(reports[0]), "performance": round(median(speeds))}
    typical = reports[speeds.index(sorted(speeds)[len(speeds) // 2])]
    lacking = [
        line
        for category, goal in GOALS.items()
        if found[category] < goal
        for line in faults(typical, category)
    ]
    return Audited(page, found, tuple(lacking))


def faults(report: Report, category: str) -> Iterator[str]:
    """Name the audits that cost points, and the first element that each complains of."""
    for it in report["categories"][category]["auditRefs"]:
        audit = report["audits"][it["id"]]
        if it["weight"] and audit["score"] is not None and audit["score"] < 1:
            items = audit.get("details", {}).get("items", [])
            first = items[0].get("node", {}).get("snippet", "") if items else ""
            said = " ".join(filter(None, [audit["title"], audit.get("displayValue"), first]))
            yield f"{category}: {it['id']} ({said})"


def show(pages: Sequence[Audited], console: Console) -> None:
    table = Table("page", box=None, pad_edge=False)
    for category in GOALS:
        table.add_column(category, justify="right")
    for page in pages:
        marks = ("" if page.scores[category] >= goal else " !" for category, goal in GOALS.items())
        table.add_row(page.page, *(f"{page.scores[it]}{mark}" for it, mark in zip(GOALS, marks, strict=True)))
    console.print(table, markup=False, highlight=False)
    for page in pages:
        for line in page.lacking:
            console.print(f"{page.page}: {line}", markup=False, highlight=False, soft_wrap=True)


def select(site: Path, names: Sequence[str]) -> list[str]:
    known = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    wanted = [f"{name.removesuffix('.html')}.html" for name in names]
    for page in wanted:
        if page not in known:
            sys.exit(f"There is no page {page}: {nearest(page, known)}")
    return wanted or known


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.maintain.audit", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="a page; all of them without any")
    names = parser.parse_args(argv).names
    node, chromium = find_node(), os.environ.get(VARIABLE) or find()
    if not (node and chromium and CLI.is_file()):
        sys.exit("Lighthouse, Node or a Chromium is missing: `make audit` installs them.")
    pages = select(ROOT / "site", names)
    console = Console()
    if not console.is_terminal:
        console.width = 120
    with StaticHost(ROOT / "site") as host:
        run = partial(lighthouse, node, chromium, host.origin)
        found = [audited(page, run) for page in track(pages, "Lighthouse", console=console, transient=True)]
    show(found, console)
    good = sum(page.good for page in found)
    goals = ", ".join(f"{category} {goal}" for category, goal in GOALS.items())
    console.print(f"{good} of {len(found)} pages reach {goals}.", highlight=False)
    return 0 if good == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
