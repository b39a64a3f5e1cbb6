"""Make the book: run the experiments, draw the figures, build the site, where what they read has changed.

python scripts/build.py                     everything that is stale
python scripts/build.py --list              each step's state, and what it reads
python scripts/build.py --only NAME         a step by its name, or all of a kind, as `figures`
python scripts/build.py --force             also what is up to date
python scripts/build.py --timings           how long each step took, the longest first
"""

import argparse
import base64
import contextlib
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import FrameType
from typing import Any

if not __package__:  # run as a file: the folder to import from is the project, not scripts/
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from scripts.node import find_node
from scripts.project import INTERACTIVE, BuildError, Project, Step, write_atomically
from scripts.site.content_security import protect

# Small matrices lose by threads, and the steps themselves run in parallel.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
STEPS_ARE_DONE = "DLBOOK_STEPS_ARE_DONE"  # tells scripts/hooks.py that this process has run them
# What tools write in the place of today: the first day that a ZIP can hold. When something was measured is in
# its result; on which day a page was made says nothing.
NO_DAY = {"SOURCE_DATE_EPOCH": "315532800"}
MOST_WORKERS = 8  # each may hold all of MNIST as floats


class Report:
    """Says in plain lines what the build does."""

    def started(self, step: Step) -> None: ...

    def advanced(self, step: Step, fraction: float) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...

    def finished(self, step: Step, seconds: float) -> None:
        self.say(f"{step.id}: {seconds:.1f} s")

    def say(self, text: str) -> None:
        print(text, flush=True)


class LiveReport(Report):
    """The same on a terminal: a bar for every step that takes longer than a second, then one line."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            transient=True,
            auto_refresh=False,
        )
        self._started: dict[Step, float] = {}
        self._fractions: dict[Step, float] = {}
        self._tasks: dict[Step, TaskID] = {}
        self._bars.start()

    def started(self, step: Step) -> None:
        self._started[step] = time.monotonic()

    def advanced(self, step: Step, fraction: float) -> None:
        self._fractions[step] = fraction

    def tick(self) -> None:
        for step, start in self._started.items():
            if step not in self._tasks and time.monotonic() - start > 1:
                self._tasks[step] = self._bars.add_task(step.id, total=None)
        for step, task in self._tasks.items():
            if step in self._fractions:
                self._bars.update(task, total=1, completed=self._fractions[step])
        self._bars.refresh()

    def finished(self, step: Step, seconds: float) -> None:
        if step in self._tasks:
            super().finished(step, seconds)
            self._bars.remove_task(self._tasks.pop(step))
        self._started.pop(step, None)

    def say(self, text: str) -> None:
        self._bars.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def close(self) -> None:
        self._bars.stop()


class Worker:
    """A process that runs experiments and figures, one after the other.

    One that is to stand by imports what figures take longest to import, before it is asked for any.
    """

    def __init__(self, root: Path, stand_by: bool = False) -> None:
        self.modules: dict[Path, str] | None = None  # as they were at its first step, which may import them
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.worker", *(["--stand-by"] if stand_by else [])],
            cwd=root,
            env={
                **os.environ,
                **ONE_THREAD,
                "PYTHONDONTWRITEBYTECODE": "1",
            },  # `mkdocs serve` watches dlbook/
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, request: dict[str, Any], step: Step, report: Report) -> dict[str, Any]:
        requests, answers = self.process.stdin, self.process.stdout
        assert requests is not None
        assert answers is not None
        with contextlib.suppress(OSError, ValueError):  # a pipe closed at one end, a line broken off
            requests.write(json.dumps(request) + "\n")
            requests.flush()
            for line in answers:
                message: dict[str, Any] = json.loads(line)
                if "fraction" not in message:
                    return message
                report.advanced(step, message["fraction"])
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return {"error": f"its process ended by itself ({ending(code)})"}


def ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


class Builder:
    """Runs the steps of a project that are stale, in parallel, each after those that it needs."""

    def __init__(self, project: Project, report: Report, spare: Worker | None = None) -> None:
        self.project = project
        self.report = report
        self.ran: list[Step] = []
        self.failed: dict[Step, str] = {}
        self._idle = [spare] if spare else []
        self._processes = [worker.process for worker in self._idle]
        self._closed = False
        self._lock = threading.Lock()
        self.interrupted: list[Step] = []  # those that were running when run() was left by an exception
        self._running: dict[Future[tuple[dict[str, str], float]], Step] = {}

    def run(self, wanted: Sequence[Step], force: bool = False) -> None:
        """Bring the wanted steps up to date. Afterwards `ran` and `failed` say what happened."""
        steps = self.project.steps()
        waiting = list(wanted)
        for step in waiting:  # it grows: what a wanted step reads has to exist
            missing = (s for s in self.project.needs(step, steps) if not self.project.has_output(s))
            waiting += [other for other in missing if other not in waiting]
        for step in wanted:
            for other in self.project.needs(step, steps):
                if other not in waiting and self.project.why_stale(other):
                    self.report.say(f"{step.id} takes {other.id} as it is, though that is stale")
        # The longest first, so that the last one running is short.
        waiting.sort(key=lambda step: -float(self.project.stamp(step).get("seconds", 60)))
        jobs = min(len(waiting), os.cpu_count() or 1, MOST_WORKERS) or 1
        with ThreadPoolExecutor(jobs) as threads:
            try:
                while self._running or (waiting and not self._closed):
                    self._submit(waiting, steps, wanted if force else (), jobs, threads)
                    if self._running:
                        done, _ = wait(self._running, timeout=0.1, return_when=FIRST_COMPLETED)
                        for future in done:
                            self._collect(future)
                        self.report.tick()
            except BaseException:
                self.interrupted = list(self._running.values())
                raise
            finally:
                self.close()

    def _submit(
        self,
        waiting: list[Step],
        steps: list[Step],
        forced: Sequence[Step],
        jobs: int,
        threads: ThreadPoolExecutor,
    ) -> None:
        """Hand out every step that can start now; drop those that are fresh or cannot start at all."""
        for step in list(waiting):
            needs = self.project.needs(step, steps)
            broken = [other.id for other in needs if other in self.failed]
            if broken:
                waiting.remove(step)
                self.failed[step] = f"{step.id}: not made, because of {', '.join(broken)}"
            elif any(other in waiting or other in self._running.values() for other in needs):
                continue
            elif step not in forced and self.project.why_stale(step) is None:
                waiting.remove(step)
            elif len(self._running) < jobs:
                waiting.remove(step)
                self.report.started(step)
                self._running[threads.submit(self._make, step)] = step

    def _collect(self, future: Future[tuple[dict[str, str], float]]) -> None:
        step = self._running.pop(future)
        try:
            reads, seconds = future.result()
        except BuildError as error:
            self.failed[step] = str(error)
            return
        except Exception as error:  # a full disk, say: the other steps are none the worse for it
            self.failed[step] = f"{step.id} failed: {type(error).__name__}: {error}"
            return
        self.project.record(step, reads, seconds)
        self.ran.append(step)
        self.report.finished(step, seconds)

    def close(self) -> None:
        """End every process of ours; what they were about to say is lost, and nothing else."""
        with self._lock:
            self._closed = True
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with contextlib.suppress(OSError, ValueError):  # what was not sent is not wanted any more
                    pipe.close()

    # What follows runs in the threads.

    def _make(self, step: Step) -> tuple[dict[str, str], float]:
        reads = self.project.reads(step)  # before the work: what changes meanwhile makes the step stale again
        start = time.monotonic()
        if step.kind == "vendor":
            self._copy_vendored()
        elif step.kind == "kept" and step.source:
            write_atomically(self.project.writes(step)[0], step.source.read_bytes())
        elif step.kind == "interactive" and step.source:
            self._bundle(step)
        elif step.kind == "site":
            self._build_site()
        else:
            return reads, self._run_module(step)
        return reads, time.monotonic() - start

    def _run_module(self, step: Step) -> float:
        assert step.source
        request: dict[str, Any] = {"kind": step.kind, "name": step.source.stem}
        if step.kind == "experiments":
            request["data"] = self.project.data(step)
        else:
            request["results"] = {name: self._values(step, name) for name in step.results}
        if step.page:
            request["title"] = self.project.title(step.page)
            request["book"] = self.project.title(step.page.parent / "index.md")
        worker = self._worker()
        message = worker.run(request, step, self.report)
        if worker.process.poll() is None:
            self._idle.append(worker)
        if message.get("printed"):
            self.report.say(f"{step.id} printed:\n{message['printed'].rstrip()}")
        if "error" in message:
            raise BuildError(f"{step.id} failed: {message['error']}")
        output = base64.b64decode(message["output"]) if step.page else message["output"].encode()
        for path in self.project.writes(step):
            write_atomically(path, output)
        return float(message["seconds"])

    def _worker(self) -> Worker:
        """Give a worker at leisure, unless what it may have imported has changed since it did."""
        modules = self.project.modules()
        while self._idle:
            worker = self._idle.pop()
            if worker.process.poll() is None and worker.modules in (None, modules):
                break
            worker.process.terminate()
        else:
            worker = Worker(self.project.root)
            self._own(worker.process)
        worker.modules = modules
        return worker

    def _own(self, process: subprocess.Popen[str]) -> None:
        """Take note of a process that has to end with the build, even if the build is ending just now."""
        with self._lock:
            self._processes.append(process)
            if self._closed:
                process.terminate()

    def _bundle(self, step: Step) -> None:
        """Make one classic script of a module and what it imports: from a folder, browsers refuse modules."""
        root = self.project.root
        for name in step.results:
            self._values(step, name)  # so that a missing one is called by its name
        esbuild, node = root / "node_modules/esbuild/bin/esbuild", find_node()
        if not node or not esbuild.is_file():
            raise BuildError(f"{step.id}: esbuild or Node is missing; `make setup` installs both")
        options = ["--bundle", "--format=iife", "--minify", "--charset=utf8", "--target=es2022"]
        command = [node, str(esbuild), f"{INTERACTIVE}/{step.name}.js", *options, "--log-level=warning"]
        done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8")
        if done.returncode or done.stderr:
            raise BuildError(f"{step.id} failed:\n{done.stderr.strip()}")
        for path in self.project.writes(step):
            write_atomically(path, done.stdout.encode())

    def _values(self, step: Step, name: str) -> Any:
        try:
            return self.project.values(name)
        except (OSError, ValueError, KeyError):
            kinds = ("experiments", "kept")
            known = nearest(name, [other.name for other in self.project.steps() if other.kind in kinds])
            raise BuildError(
                f"{step.source and step.source.relative_to(self.project.root)} reads {name}, "
                f"but there is no results/{name}.json ({known})"
            ) from None

    def _copy_vendored(self) -> None:
        for source, name in self.project.vendored():
            if not source.is_file():
                file = source.relative_to(self.project.root)
                raise BuildError(f"vendor: {file} is missing; `make setup` installs it")
            content = source.read_bytes()
            if source.suffix == ".css":
                content = woff2_only(content.decode()).encode()
            for edition in self.project.editions():
                write_atomically(edition / "assets/vendor" / name, content)

    def _build_site(self) -> None:
        """Build into a new folder, and put it in the old one's place when it is complete."""
        root = self.project.root
        new, old = root / "build/site.new", root / "build/site.old"
        configs = self.project.configs()
        if not configs:
            raise BuildError("site: there is no mkdocs.yml")
        try:
            # mkdocs.yml is the site; mkdocs.ko.yml would be the folder ko/ of it.
            names = [config.name.removeprefix("mkdocs").removesuffix(".yml").strip(".") for config in configs]
            editions = {config: new / name for config, name in zip(configs, names, strict=True)}
            for config, folder in editions.items():
                self._mkdocs(config, folder)
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

    def _mkdocs(self, config: Path, target: Path) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(target)],
            cwd=self.project.root,
            env={**os.environ, **ONE_THREAD, "NO_MKDOCS_2_WARNING": "1", STEPS_ARE_DONE: "1", **NO_DAY},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._own(process)
        log, _ = process.communicate()
        if process.returncode:
            raise BuildError(f"site: {config.name} does not build; the site is as it was\n{complaints(log)}")


def complete(site: Path, editions: dict[Path, Path]) -> None:
    """Make what is made of finished pages, whichever generator made those.

    An edition is given by its configuration and its folder in the site.
    """
    from scripts.site import downloads  # reads HTML, and
    from scripts.site.sitemap import finish  # YAML, for which listing steps should not wait

    for config, folder in editions.items():
        finish(config, folder)
    for page in site.rglob("*.html"):
        protect(page)
    downloads.write(site)


def complaints(log: str) -> str:
    """What MkDocs complained of; its whole log when it only crashed."""
    lines = [line for line in log.splitlines() if not line.startswith(("INFO", "DEBUG"))]
    return "\n".join(lines) or log


def woff2_only(css: str) -> str:
    """KaTeX's stylesheet without the older font formats, which are not shipped."""
    return re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\(\"(?:woff|truetype)\"\)", "", css)


def nearest(name: str, names: Sequence[str]) -> str:
    """A hint after an unknown name: those like it, or else all there are."""
    like = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if like:
        return f"did you mean {' or '.join(like)}?"
    return f"there {'are' if names else 'is'} {', '.join(sorted(set(names))) or 'none at all'}"


def select(steps: Sequence[Step], names: Sequence[str]) -> list[Step]:
    """The steps with those names, ids or kinds; all of them when there are no names."""
    selected = [step for step in steps if not names or {step.name, step.id, step.kind} & set(names)]
    for name in names:
        kinds = ("experiments", "kept", "figures", "interactive", "cards")
        if name not in kinds and not any(name in (step.name, step.id) for step in steps):
            known = sorted({step.name for step in steps} | set(kinds))
            raise BuildError(f"There is no step called {name}: {nearest(name, known)}")
    return selected


def show_list(project: Project, steps: Sequence[Step]) -> None:
    stale: set[Step] = set()
    for step in steps:
        why = project.why_stale(step)
        behind = [other.id for other in project.needs(step, project.steps()) if other in stale]
        if why is None and behind:
            why = f"waits for {', '.join(behind)}"
        if why is not None:
            stale.add(step)
        print(f"{step.id}: {'fresh' if why is None else f'stale ({why})'}")
        reads = [name for name in project.reads(step) if name != "format"]
        if step.kind in ("site", "vendor") and len(reads) > 12:
            reads = [*reads[:12], f"and {len(reads) - 12} more"]
        print(f"    reads {', '.join(reads)}")


def show_timings(project: Project, steps: Sequence[Step], ran: Sequence[Step]) -> None:
    timed = [(float(project.stamp(step).get("seconds", 0)), step) for step in steps if project.stamp(step)]
    for seconds, step in sorted(timed, key=lambda pair: -pair[0]):
        print(f"{seconds:8.2f} s  {step.id}{'' if step in ran else '  (earlier)'}")


def interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/build.py", description=(__doc__ or "").splitlines()[0], allow_abbrev=False
    )
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="a step or a kind (repeatable)"
    )
    parser.add_argument("--force", action="store_true", help="run the steps even when they are up to date")
    parser.add_argument(
        "--list", action="store_true", help="show each step's state and what it reads; run nothing"
    )
    parser.add_argument(
        "--timings", action="store_true", help="show how long each step took, the longest first"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None, project: Project | None = None) -> int:
    options = arguments(argv)
    project = project or Project()
    try:
        wanted = select(project.steps(), options.only)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    if options.list:
        show_list(project, wanted)
        return 0

    signal.signal(signal.SIGTERM, interrupt)
    start = time.monotonic()
    for name in project.sweep():
        print(f"Removed {name}, which nothing makes any more")
    stale = options.force or any(project.why_stale(step) for step in wanted)
    report = LiveReport() if stale and sys.stdout.isatty() else Report()
    builder = Builder(project, report)
    try:
        builder.run(wanted, options.force)
    except KeyboardInterrupt:
        report.close()
        running = ", ".join(step.id for step in builder.interrupted) or "nothing"
        print(f"Interrupted while making {running}; what was finished is kept.", file=sys.stderr)
        return 130
    finally:
        report.close()
    failures = [step for step in project.steps() if step in builder.failed]  # causes before consequences
    for step in failures:
        print(f"\n{builder.failed[step]}", file=sys.stderr)
    if options.timings:
        show_timings(project, wanted, builder.ran)
    seconds = f"{time.monotonic() - start:.1f} s"
    if failures:
        failed = ", ".join(step.id for step in failures)
        print(f"\nFailed: {failed}. Made: {len(builder.ran)} steps, {seconds}.", file=sys.stderr)
        return 1
    made = f"{len(builder.ran)} of {len(wanted)} steps made" if builder.ran else "Everything is up to date"
    print(f"{made}, {seconds}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
