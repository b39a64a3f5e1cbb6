"""Run the experiments again, and say which numbers differ from those in results/.

python -m scripts.maintain.results             all of them
python -m scripts.maintain.results NAME…       some of them
python -m scripts.maintain.results --check     leave results/ as it is

Finished results wait in build/measured until all are finished. So an interrupted run continues where it
stopped.
"""

import argparse
import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.build import ONE_THREAD, Build, Report, select
from scripts.checks.results import differences
from scripts.project import ROOT, BuildError, Project


def measure_again(names: Sequence[str], into: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Run experiments that have no new result yet; return what differs, and what failed."""
    os.environ.update(ONE_THREAD)
    project, kept = Project(), Project()
    project.results = into
    steps = select([step for step in project.steps() if step.kind == "experiments"], names)
    report = Report()
    build = Build(project, report)
    try:
        build.run(steps)
    finally:
        report.bars.stop()
    found = {}
    for step in steps:
        if step not in build.failed:
            module = importlib.import_module(f"scripts.experiments.{step.name}")
            values = [it.result(step.name)["values"] for it in (kept, project)]
            found[step.name] = differences(module, *values)
    return found, {step.name: error for step, error in build.failed.items()}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.maintain.results", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="an experiment; all of them by default")
    parser.add_argument("--check", action="store_true", help="compare only; keep the results as they are")
    options = parser.parse_args(argv)
    into = ROOT / "build/measured"
    try:
        found, failed = measure_again(options.names, into)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. What is finished is kept; the same command continues from here.", file=sys.stderr)
        return 130
    for problem in failed.values():
        print(problem, file=sys.stderr)
    for name, lines in found.items():
        print(f"{name}: {'as before' if not lines else 'differs'}", *lines, sep="\n    ")
    if failed:
        return 1
    if not options.check:
        for path in into.glob("*.json"):
            os.replace(path, ROOT / "results" / path.name)
    shutil.rmtree(into)
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
