"""Mutation testing: make thousands of small changes to `dlbook`, one at a time; a test has to fail at each.

mutmut says which changes there are. Each is put, in memory alone, into a fork of a process that has collected
the package's tests; the fork runs those that reach the changed function, until one fails. No file of the
project is touched. A change that no test notices is a survivor, and has to be listed, with the reason, in
scripts/maintain/survivors.toml.
"""

import argparse
import difflib
import gc
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from scripts.project import ROOT, write_atomically

MODULES = sorted(path.stem for path in (ROOT / "dlbook").glob("[!_]*.py"))
SURVIVORS = ROOT / "scripts/maintain/survivors.toml"
VERDICTS = ROOT / "build/mutants.jsonl"
ENOUGH = 0.9  # of all changes have to be noticed
SURVIVED, TIMEOUT, CRASH = (
    "survived",
    "timeout",
    "crash",
)  # any other verdict is the name of the test that failed
PATIENCE = 10  # times as long as a test takes, and as many seconds more: then the change made it endless
MEMORY = 8 << 30  # bytes of addresses: a change that asks for more gets a MemoryError


@dataclass(frozen=True)
class Mutant:
    """A function of dlbook with one small change."""

    module: str
    function: str  # "softmax", "Affine.forward"
    was: str  # the lines that differ, as they are
    now: str  # and as the change makes them
    source: str  # the whole function, changed
    number: int = 1  # of those that read the same: a line may stand in a function twice

    @property
    def where(self) -> str:
        return f"{self.module}.{self.function}"

    @property
    def key(self) -> str:
        return f"{self.where}: {self.was} → {self.now} #{self.number}"

    def put(self) -> None:
        """Give the living function the code of this one, wherever it has been imported to."""
        function = functions(self.module)[self.function]
        namespace = dict(function.__globals__)
        exec(compile(self.source, function.__code__.co_filename, "exec"), namespace)
        changed = namespace[function.__name__]
        function.__code__ = changed.__code__
        function.__defaults__ = changed.__defaults__
        function.__kwdefaults__ = changed.__kwdefaults__


def functions(module: str) -> dict[str, FunctionType]:
    """The functions and methods that a module of dlbook defines, by name."""
    names = vars(importlib.import_module(f"dlbook.{module}"))
    own = {name: it for name, it in names.items() if getattr(it, "__module__", "") == f"dlbook.{module}"}
    found = {name: it for name, it in own.items() if isinstance(it, FunctionType)}
    for owner, it in own.items():
        if isinstance(it, type):
            found |= {f"{owner}.{n}": f for n, f in vars(it).items() if isinstance(f, FunctionType)}
    return found


def changes(original: str, changed: str) -> tuple[str, str]:
    """The lines of two texts that differ, without their indentation."""
    was, now = original.splitlines(), changed.splitlines()
    pieces = difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    removed = [line.strip() for tag, i, j, _, _ in pieces if tag != "equal" for line in was[i:j]]
    added = [line.strip() for tag, _, _, i, j in pieces if tag != "equal" for line in now[i:j]]
    return "\n".join(removed), "\n".join(added)


def mutants(module: str) -> list[Mutant]:
    """All small changes that mutmut knows to the functions of a module of dlbook."""
    import libcst
    from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    def code(node: Any) -> str:
        return libcst.Module([node]).code.strip()

    wrapper = libcst.MetadataWrapper(
        libcst.parse_module((ROOT / f"dlbook/{module}.py").read_text(encoding="utf-8"))
    )
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    names = {}
    for node in wrapper.module.body:
        if isinstance(node, libcst.FunctionDef):
            names[node] = node.name.value
        elif isinstance(node, libcst.ClassDef):
            names |= {
                method: f"{node.name.value}.{method.name.value}"
                for method in node.body.body
                if isinstance(method, libcst.FunctionDef)
            }
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for mutation in visitor.mutations:
        function = mutation.contained_by_top_level_function
        if function not in names:
            continue  # constants of modules: other modules have imported the objects themselves
        source = code(deep_replace(function, mutation.original_node, mutation.mutated_node))
        place = (names[function], *changes(code(function), source))
        seen[place] += 1
        found.append(Mutant(module, *place, source, seen[place]))
    return found


class Trial:
    """A pytest plugin that runs the tests once as they are, and then against each mutant."""

    def __init__(
        self, mutants: Sequence[Mutant], verdicts: "Verdicts", workers: int, console: Console
    ) -> None:
        self.mutants = mutants
        self.verdicts = verdicts
        self.workers = workers
        self.console = console
        self.reached: dict[str, list[pytest.Item]] = {}  # by each function; the fastest first
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_configure(self) -> None:
        from hypothesis import HealthCheck, Phase, settings  # not before pytest: it wants to import it itself

        # One counterexample is as good as the smallest, and a busy machine is not a bug.
        settings.register_profile(
            "mutants",
            settings.get_profile(settings.get_current_profile_name()),
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=[HealthCheck.too_slow],
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        with self.bar("the tests as they are", len(session.items)) as step:
            self.rehearse(session.items, step)
        if self.failed:
            raise session.Interrupted(f"without any change fail: {', '.join(self.failed)}")
        todo = [it for it in self.mutants if not self.verdicts.stands(it)]
        todo.sort(key=lambda it: sum(self.seconds[test.nodeid] for test in self.reached.get(it.where, ())))
        self.console.print(
            f"{len(session.items)} tests pass; {len(todo)} of {len(self.mutants)} mutants to try"
        )
        gc.collect()
        gc.freeze()  # so that forks do not copy what they never touch
        with self.bar("mutants", len(todo)) as step:
            for mutant, verdict in self.judge(todo):
                self.verdicts[mutant] = verdict
                step()
        return True

    @contextmanager
    def bar(self, what: str, total: int) -> Iterator[Any]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as bars:
            task = bars.add_task(what, total=total)
            yield lambda: bars.advance(task)

    def rehearse(self, items: Sequence[pytest.Item], step: Any) -> None:
        """Run each test as it is: how long it takes, and which functions of dlbook it reaches."""
        where = {
            f.__code__: f"{module}.{name}" for module in MODULES for name, f in functions(module).items()
        }
        hits: set[CodeType] = set()

        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "call":
                hits.add(frame.f_code)

        for item, following in pairwise([*items, None]):
            assert item is not None
            hits.clear()
            sys.setprofile(note)
            try:
                reports = runtestprotocol(item, log=False, nextitem=following)
            finally:
                sys.setprofile(None)
            self.seconds[item.nodeid] = sum(report.duration for report in reports)
            self.failed += [item.nodeid] * any(report.failed for report in reports)
            for code in hits & where.keys():
                self.reached.setdefault(where[code], []).append(item)
            step()
        for tests in self.reached.values():
            tests.sort(key=lambda item: self.seconds[item.nodeid])

    def judge(self, todo: Iterable[Mutant]) -> Iterator[tuple[Mutant, str]]:
        """Try each mutant in a process of its own, several side by side."""
        running: dict[int, tuple[Mutant, int]] = {}

        def finished() -> tuple[Mutant, str]:
            pid, status = os.wait()
            mutant, answers = running.pop(pid)
            with os.fdopen(answers, encoding="utf-8") as file:
                said = file.read()
            if os.WIFSIGNALED(status):
                return mutant, TIMEOUT if os.WTERMSIG(status) == signal.SIGPROF else CRASH
            if os.WEXITSTATUS(status):
                raise RuntimeError(f"{mutant.key} could not be tried:\n{said}")
            return mutant, said

        try:
            for mutant in todo:
                if len(running) == self.workers:
                    yield finished()
                answers, answer = os.pipe()
                pid = os.fork()
                if pid == 0:
                    self.attempt(mutant, answer)
                os.close(answer)
                running[pid] = mutant, answers
            while running:
                yield finished()
        finally:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def attempt(self, mutant: Mutant, answer: int) -> None:
        """In the fork: run the tests that reach the function until one fails, say which, and end."""
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
            mutant.put()
            os.write(answer, self.first_failure(mutant).encode())
        except BaseException:
            os.write(answer, traceback.format_exc().encode())
            os._exit(1)
        os._exit(0)

    def first_failure(self, mutant: Mutant) -> str:
        killer = self.verdicts.get(mutant)
        tests = sorted(
            self.reached.get(mutant.where, []),
            key=lambda it: (it.nodeid != killer, f"test_{mutant.module}.py" not in it.nodeid),
        )
        for item, following in pairwise([*tests, None]):
            assert item is not None
            # Of processor time, not of the clock, for the machine may be busy. The signal ends the process.
            signal.setitimer(signal.ITIMER_PROF, PATIENCE * (1 + self.seconds[item.nodeid]))
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return item.nodeid
        return SURVIVED


class Verdicts:
    """What became of each mutant; remembered, so that a run that was stopped can go on.

    A verdict stands for as long as nothing changes that it depends on. After that, the test that failed is
    still the first to try.
    """

    def __init__(self, path: Path, of: str) -> None:
        self.path = path
        self.of = of
        self.found: dict[str, dict[str, str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            entry = json.loads(line)
            self.found[entry["mutant"]] = entry
        write_atomically(path, "".join(map(self.line, self.found.values())).encode())

    @staticmethod
    def line(entry: dict[str, str]) -> str:
        return json.dumps(entry, ensure_ascii=False) + "\n"

    def stands(self, mutant: Mutant) -> bool:
        return self.found.get(mutant.key, {}).get("of") == self.of

    def get(self, mutant: Mutant) -> str | None:
        return self.found.get(mutant.key, {}).get("verdict")

    def __setitem__(self, mutant: Mutant, verdict: str) -> None:
        entry = {"mutant": mutant.key, "verdict": verdict, "of": self.of}
        self.found[mutant.key] = entry
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self.line(entry))


def fingerprint() -> str:
    """A hash of what decides whether a test fails: package, tests, this script, what is installed."""
    files = [ROOT / f"dlbook/{module}.py" for module in MODULES]
    files += [*tests(MODULES), ROOT / "tests/conftest.py", Path(__file__)]
    read = [(path.name, path.read_text(encoding="utf-8")) for path in files]
    installed = sorted({(it.name, it.version) for it in metadata.distributions()})
    return hashlib.sha256(repr((read, installed, sys.version)).encode()).hexdigest()


def tests(modules: Iterable[str]) -> list[Path]:
    """The test files of modules of dlbook; each has one."""
    return [ROOT / f"tests/test_{module}.py" for module in modules]


@dataclass(frozen=True)
class Listed:
    """Survivors that are known: changes to the same lines, and why no test can, or need, notice them."""

    where: str
    was: str
    now: tuple[str, ...]
    why: str


def listed(path: Path = SURVIVORS) -> list[Listed]:
    """Read the list of known survivors."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["survivors"]
    return [Listed(it["where"], it["was"], tuple(it["now"]), it["why"]) for it in entries]


def complaints(verdicts: dict[Mutant, str], known: Sequence[Listed], enough: float = ENOUGH) -> list[str]:
    """What is wrong: survivors that are not listed, listed ones that are none, too few noticed."""
    reasons = {(it.where, it.was, now) for it in known for now in it.now}
    alive = {(it.where, it.was, it.now) for it, verdict in verdicts.items() if verdict == SURVIVED}
    modules = {it.module for it in verdicts}
    said = []
    for where, was, now in sorted(alive - reasons):
        entry = {"where": where, "was": was, "now": [now], "why": ""}
        text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
        said.append(
            f"No test notices this change. Write one, or list it with the reason:\n[[survivors]]\n{text}"
        )
    for where, was, now in sorted(reasons - alive):
        if where.partition(".")[0] in modules:
            said.append(f"Listed as a survivor, but noticed, or no longer made: {where}: {was} → {now}\n")
    noticed = sum(verdict != SURVIVED for verdict in verdicts.values())
    if noticed < enough * len(verdicts):
        said.append(f"{noticed} of {len(verdicts)} changes are noticed: fewer than {enough:.0%}\n")
    return said


def report(verdicts: dict[Mutant, str]) -> Table:
    """What became of the mutants, module by module."""
    table = Table("module", *("mutants", "killed", "timeouts", "crashes", "survived", "score"))
    for column in table.columns[1:]:
        column.justify = "right"
    by_module = {module: [v for it, v in verdicts.items() if it.module == module] for module in MODULES}
    for module, found in [*by_module.items(), ("all", list(verdicts.values()))]:
        if not found:
            continue
        special = [found.count(verdict) for verdict in (TIMEOUT, CRASH, SURVIVED)]
        score = f"{1 - special[-1] / len(found):.1%}"
        if module == "all":
            table.add_section()
        table.add_row(module, *map(str, (len(found), len(found) - sum(special), *special)), score)
    return table


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.maintain.mutants", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(MODULES)}; all of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many to try side by side")
    options = parser.parse_args(argv)
    wanted = options.modules or MODULES
    if unknown := sorted(set(wanted) - set(MODULES)):
        parser.error(f"there is no module {', '.join(unknown)}; there are {', '.join(MODULES)}")
    os.chdir(ROOT)
    os.nice(10)  # it takes long: let others go first
    console = Console()
    candidates = [mutant for module in wanted for mutant in mutants(module)]
    verdicts = Verdicts(VERDICTS, fingerprint())
    trial = Trial(candidates, verdicts, options.workers, console)
    quiet = ["-qq", "--no-header", "--capture=no", "-p", "no:cacheprovider"]
    code = pytest.main([*quiet, *map(str, tests(MODULES))], plugins=[trial])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(code)
    found = {mutant: verdicts.get(mutant) or "" for mutant in candidates}
    console.print(report(found))
    said = complaints(found, listed())
    console.print(*said, sep="\n", highlight=False, markup=False, soft_wrap=True)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
