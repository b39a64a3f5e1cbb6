"""Make the book: run what experiments are stale, draw the figures, build the site.

python scripts/build.py                   everything that is stale
python scripts/build.py NAME…             some steps, by name or by kind: `two_layer`, `figures`, `site`
python scripts/build.py --list            each step's state, and what it reads
python scripts/build.py --force NAME…     make steps again, even if they are up to date
"""

import argparse
import contextlib
import importlib
import io
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import FrameType
from typing import Any

if not __package__:  # run as a file: the folder to import from is the project, not scripts/
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from scripts.node import find_node
from scripts.project import INTERACTIVE, ROOT, BuildError, Project, Step, nearest, write_atomically

# Small matrices lose by threads, and the steps themselves run in parallel.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ALL_IS_MADE = "DLBOOK_ALL_IS_MADE"  # tells scripts/hooks.py that it need not call this script
# What tools write in place of today: the first day that a ZIP can hold. A result says when it was measured;
# the day on which a page was made says nothing.
NO_DAY = {"SOURCE_DATE_EPOCH": "315532800"}
MOST_WORKERS = 8  # each may hold all of MNIST as floats
KINDS = ("experiments", "vendor", "figures", "interactive", "cards", "site")
STAGES = (("experiments",), ("vendor", "figures", "interactive", "cards"), ("site",))


# In the worker processes: each function returns what to write, and writes nothing itself.


told: "SimpleQueue[tuple[Step, float]]"  # how far experiments have come


def start_worker(queue: "SimpleQueue[tuple[Step, float]]") -> None:
    global told
    told = queue
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers


def work(step: Step, inputs: dict[str, Any]) -> tuple[bytes, str, float]:
    """Make a step's output; return it with what the step printed and how long it took."""
    printed = io.StringIO()
    start = time.perf_counter()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            output = MAKERS[step.kind](step, **inputs)
        except BuildError:
            raise
        except (Exception, SystemExit) as error:
            raise BuildError(f"{step.id} failed:\n{trace(error, step)}") from None
    return output, printed.getvalue(), time.perf_counter() - start


def experiment(step: Step, **provenance: Any) -> bytes:
    from scripts.measure import Progress, measure

    module = importlib.import_module(f"scripts.experiments.{step.name}")
    if not isinstance(seed := getattr(module, "SEED", None), int):
        raise BuildError(f"{step.id} needs an integer SEED, got {seed!r}")
    told.put((step, 0.0))
    progress = Progress(lambda fraction: told.put((step, fraction)))
    return measure(module, progress, **provenance).encode()


def figure(step: Step, results: dict[str, Any]) -> bytes:
    import matplotlib
    from matplotlib.figure import Figure

    from scripts.figures.style import to_svg
    from scripts.measure import about

    module = importlib.import_module(f"scripts.figures.{step.name}")
    about(module)
    with matplotlib.rc_context():  # what one figure sets does not reach the next
        drawn = module.draw(**results)
        if isinstance(drawn, str):
            return drawn.encode()
        if not isinstance(drawn, Figure):
            raise BuildError(
                f"{step.id}: draw() must return a Figure or SVG text, not {type(drawn).__name__}"
            )
        return to_svg(drawn).encode()


def card(step: Step, results: dict[str, Any], title: str, book: str) -> bytes:
    from scripts.site.social_cards import draw

    assert step.source
    module = importlib.import_module(f"scripts.figures.{step.source.stem}")
    return draw(module.draw(**results), title, book)


def bundle(step: Step) -> bytes:
    """Join a module and what it imports in one classic script: from a folder, browsers refuse modules."""
    assert step.source
    root = step.source.parents[2]
    esbuild, node = root / "node_modules/esbuild/bin/esbuild", find_node()
    if not node or not esbuild.is_file():
        raise BuildError(f"{step.id}: esbuild or Node is missing; `make setup` installs both")
    options = ["--bundle", "--format=iife", "--minify", "--charset=utf8", "--target=es2022"]
    command = [node, str(esbuild), f"{INTERACTIVE}/{step.name}.js", *options, "--log-level=warning"]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8")
    if done.returncode or done.stderr:
        raise BuildError(f"{step.id} failed:\n{done.stderr.strip()}")
    return done.stdout.encode()


MAKERS: dict[str, Callable[..., bytes]] = {
    "experiments": experiment,
    "figures": figure,
    "cards": card,
    "interactive": bundle,
}


def trace(error: BaseException, step: Step) -> str:
    """Format the traceback from the step's own file on; the frames above say nothing to its author."""
    frames = traceback.TracebackException.from_exception(error)
    for i, frame in enumerate(frames.stack):
        if Path(frame.filename) == step.source:
            frames.stack = traceback.StackSummary.from_list(list(frames.stack)[i:])
            break
    else:  # not in the step's own code, but while importing it, say
        return f"{step.source}: {error}\n{''.join(frames.format()).rstrip()}"
    return "".join(frames.format()).rstrip()


# In the parent process


class Report:
    """Bars on a terminal, and a line for what took longer than a second; elsewhere, a line for each step."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(highlight=False, markup=False, soft_wrap=True)
        self.bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self.running: dict[Step, Any] = {}
        self.bars.start()

    def stage(self, steps: Sequence[Step]) -> None:
        kinds = ", ".join(dict.fromkeys(step.kind for step in steps))
        total = len(steps) if len(steps) > 1 else None
        self.all = self.bars.add_task(kinds, total=total)

    def advanced(self, step: Step, fraction: float) -> None:
        if step not in self.running:
            self.running[step] = self.bars.add_task(step.id, total=100)
        self.bars.update(self.running[step], completed=round(100 * fraction))

    def finished(self, step: Step, seconds: float) -> None:
        self.bars.advance(self.all)
        if step in self.running:
            self.bars.remove_task(self.running.pop(step))
        if seconds > 1 or self.bars.disable:
            self.say(f"{step.id}: {seconds:.1f} s")

    def end_of_stage(self) -> None:
        self.bars.remove_task(self.all)

    def say(self, text: str) -> None:
        self.bars.console.print(text)


class Build:
    """One run: brings steps up to date, stage by stage; afterwards `made` and `failed` say what happened."""

    def __init__(self, project: Project, report: Report) -> None:
        self.project = project
        self.report = report
        self.made: list[Step] = []
        self.failed: dict[Step, str] = {}
        self.running: set[Step] = set()

    def run(self, wanted: Sequence[Step], force: bool = False) -> None:
        for stage in STAGES:
            steps = [step for step in wanted if step.kind in stage]
            steps = [step for step in steps if force or self.project.why_stale(step)]
            if not steps or self.failed:  # nothing is drawn or built from what could not be made
                continue
            self.report.stage(steps)
            by_hand = [step for step in steps if step.kind in ("vendor", "site")]
            for step in by_hand:
                self._make_here(step)
            self._make_in_parallel([step for step in steps if step not in by_hand])
            self.report.end_of_stage()

    def _make_here(self, step: Step) -> None:
        reads = self.project.reads(step)  # before the work: what changes meanwhile makes the step stale again
        start = time.monotonic()
        self.running = {step}
        try:
            copy_vendored(self.project) if step.kind == "vendor" else build_site(self.project)
        except BuildError as error:
            self.failed[step] = str(error)
        else:
            self._made(step, reads, time.monotonic() - start)

    def _make_in_parallel(self, steps: Sequence[Step]) -> None:
        if not steps:
            return
        # The slowest first, so that no core waits long for the last one.
        steps = sorted(steps, key=self._seconds, reverse=True)
        context = multiprocessing.get_context("spawn")
        queue: SimpleQueue[tuple[Step, float]] = context.SimpleQueue()
        jobs = min(len(steps), os.cpu_count() or 1, MOST_WORKERS)
        with ProcessPoolExecutor(jobs, context, start_worker, (queue,)) as pool:
            work_on: dict[Future[tuple[bytes, str, float]], tuple[Step, dict[str, str]]] = {}
            try:
                for step in steps:
                    try:
                        inputs = self._inputs(step)
                    except BuildError as error:
                        self.failed[step] = f"{step.id} failed: {error}"
                        continue
                    work_on[pool.submit(work, step, inputs)] = step, self.project.reads(step)
                waiting = set(work_on)
                while waiting:
                    self.running = {work_on[it][0] for it in waiting if it.running()}
                    done, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                    while not queue.empty():
                        self.report.advanced(*queue.get())
                    for future in done:
                        self._collect(future, *work_on[future])
            except BaseException:
                for process in multiprocessing.active_children():
                    process.terminate()
                pool.shutdown(cancel_futures=True)
                raise

    def _collect(self, future: Future[tuple[bytes, str, float]], step: Step, reads: dict[str, str]) -> None:
        try:
            output, printed, seconds = future.result()
            for path in self.project.writes(step):
                write_atomically(path, output)
        except BrokenProcessPool:
            among = ", ".join(sorted(it.id for it in self.running))
            self.failed[step] = f"{step.id}: not made, because a process ended by itself while making {among}"
        except BuildError as error:
            self.failed[step] = str(error)
        except Exception as error:  # a full disk, say: the other steps are none the worse for it
            self.failed[step] = f"{step.id} failed: {type(error).__name__}: {error}"
        else:
            if printed:
                self.report.say(f"{step.id} printed:\n{printed.rstrip()}")
            self._made(step, reads, seconds)

    def _made(self, step: Step, reads: dict[str, str], seconds: float) -> None:
        self.project.record(step, reads)
        self.made.append(step)
        self.report.finished(step, seconds)

    def _seconds(self, step: Step) -> float:
        """Return how long an experiment took last time; one that never ran may take long."""
        with contextlib.suppress(BuildError):
            return float(self.project.result(step.name)["seconds"]) if step.kind == "experiments" else 0
        return 60

    def _inputs(self, step: Step) -> dict[str, Any]:
        """Return what a worker needs to know, besides the sources, to make the step."""
        project = self.project
        if step.kind == "experiments":
            return {"code": project.fingerprint(step), "data": project.data(step)}
        values = {name: project.result(name)["values"] for name in step.results}
        if step.kind == "interactive":
            return {}
        if step.page:
            book = project.title(step.page.parent / "index.md")
            return {"results": values, "title": project.title(step.page), "book": book}
        return {"results": values}


def copy_vendored(project: Project) -> None:
    for source, name in project.vendored():
        if not source.is_file():
            file = source.relative_to(project.root)
            raise BuildError(f"vendor: {file} is missing; `make setup` installs it")
        content = source.read_bytes()
        if source.suffix == ".css":
            content = woff2_only(content.decode()).encode()
        for edition in project.editions():
            write_atomically(edition / "assets/vendor" / name, content)


def woff2_only(css: str) -> str:
    """Return KaTeX's stylesheet without the older font formats, which are not shipped."""
    return re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\(\"(?:woff|truetype)\"\)", "", css)


def build_site(project: Project) -> None:
    """Build into a new folder, and put it in the old one's place when it is complete."""
    root = project.root
    new, old = root / "build/site.new", root / "build/site.old"
    configs = project.configs()
    if not configs:
        raise BuildError("site: there is no mkdocs.yml")
    try:
        # mkdocs.yml is the site; mkdocs.ko.yml would be the folder ko/ of it.
        names = [config.name.removeprefix("mkdocs").removesuffix(".yml").strip(".") for config in configs]
        editions = {config: new / name for config, name in zip(configs, names, strict=True)}
        for config, folder in editions.items():
            mkdocs(root, config, folder)
        complete(new, editions)
        shutil.rmtree(old, ignore_errors=True)
        if (root / "site").exists():
            os.replace(root / "site", old)
        try:
            os.replace(new, root / "site")
        except BaseException:
            if old.exists():
                os.replace(old, root / "site")
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def mkdocs(root: Path, config: Path, target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(target)],
        cwd=root,
        env={**os.environ, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", ALL_IS_MADE: "1", **NO_DAY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if done.returncode:
        # What MkDocs complained of, or its whole log when it crashed.
        lines = [line for line in done.stdout.splitlines() if not line.startswith(("INFO", "DEBUG"))]
        log = "\n".join(lines) or done.stdout
        raise BuildError(f"site: {config.name} does not build, so the site was left as it was\n{log}")


def complete(site: Path, editions: dict[Path, Path]) -> None:
    """Make what is made of finished pages, whichever generator made those.

    An edition is given by its configuration and its folder in the site.
    """
    from scripts.site import downloads  # reads HTML, and
    from scripts.site.content_security import protect
    from scripts.site.sitemap import finish  # YAML, for which listing steps should not wait

    for config, folder in editions.items():
        finish(config, folder)
    for page in site.rglob("*.html"):
        protect(page)
    downloads.write(site)


# The command line


def select(steps: Sequence[Step], names: Sequence[str]) -> list[Step]:
    """Return the steps with those names, ids or kinds, or all of them when there are no names."""
    for name in names:
        if not any(name in (step.name, step.id, step.kind) for step in steps) and name not in KINDS:
            known = sorted({step.name for step in steps} | set(KINDS))
            raise BuildError(f"There is no step called {name}: {nearest(name, known)}")
    return [step for step in steps if not names or {step.name, step.id, step.kind} & set(names)]


def show_list(project: Project, steps: Sequence[Step]) -> None:
    for step in steps:
        why = project.why_stale(step)
        print(f"{step.id}: {f'stale ({why})' if why else 'fresh'}")
        reads = list(project.reads(step))
        if step.kind in ("site", "vendor") and len(reads) > 12:
            reads = [*reads[:12], f"and {len(reads) - 12} more"]
        print(f"    reads {', '.join(reads)}")


def interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="scripts/build.py", description=about, allow_abbrev=False)
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="a step or a kind of step; all of them by default"
    )
    parser.add_argument("--force", action="store_true", help="make the steps even if they are up to date")
    parser.add_argument("--list", action="store_true", help="show each step's state and what it reads")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    options = arguments(argv)
    project = Project(root)
    try:
        wanted = select(project.steps(), options.names)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    if options.list:
        show_list(project, wanted)
        return 0
    os.environ.update(ONE_THREAD)  # for the workers
    signal.signal(signal.SIGTERM, interrupt)
    start = time.monotonic()
    for name in project.sweep():
        print(f"Removed {name}, which nothing makes anymore")
    if not options.force and not any(project.why_stale(step) for step in wanted):
        print(f"Everything is up to date ({time.monotonic() - start:.1f} s).")
        return 0
    report = Report()
    build = Build(project, report)
    try:
        build.run(wanted, options.force)
    except KeyboardInterrupt:
        running = ", ".join(sorted(step.id for step in build.running)) or "nothing"
        print(f"Interrupted while making {running}. Finished steps are kept.", file=sys.stderr)
        return 130
    finally:
        report.bars.stop()
    for problem in build.failed.values():
        print(f"\n{problem}", file=sys.stderr)
    seconds = f"{time.monotonic() - start:.1f} s"
    if build.failed:
        failed = ", ".join(step.id for step in build.failed)
        print(f"\nFailed: {failed}. Made: {len(build.made)} steps, {seconds}.", file=sys.stderr)
        return 1
    print(f"{len(build.made)} of {len(wanted)} steps made in {seconds}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
