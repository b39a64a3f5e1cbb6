"""Mutation testing itself: verdicts are true, survivors are listed, and what is listed is still there."""

import inspect
import json
import os
import subprocess
import sys

import pytest

from scripts.maintain import mutants
from scripts.maintain.mutants import (
    CRASH,
    MODULES,
    SURVIVED,
    TIMEOUT,
    Listed,
    Mutant,
    Verdicts,
    changes,
    complaints,
)
from tests.built import ROOT

LISTED = mutants.listed()


def mutant(now="return NAND(x1, x2)", module="perceptron", function="XOR"):
    return Mutant(module, function, "return AND(NAND(x1, x2), OR(x1, x2))", now, f"def XOR(x1, x2): {now}")


# A trial, in a process of its own: it runs pytest

TRIAL = """
import json, sys
import pytest
from rich.console import Console
from scripts.maintain import mutants
mutants.PATIENCE = 0.5
found = {}
class Found(dict):
    def stands(self, mutant): return False
    def __setitem__(self, mutant, verdict): found[mutant.now] = verdict
bodies = json.loads(sys.argv[1])
candidates = [
    mutants.Mutant("perceptron", "XOR", "", body, "def XOR(x1, x2):\\n    " + body) for body in bodies
]
trial = mutants.Trial(candidates, Found(), 2, Console(quiet=True))
code = pytest.main(["-q", "--capture=no", "-p", "no:cacheprovider", "test_it.py"], plugins=[trial])
import dlbook.perceptron
assert dlbook.perceptron.XOR(0, 1) == 1, "the mutants are in forks"
print("FOUND", json.dumps(found))
sys.exit(code)
"""
TESTS = """
import pytest
from dlbook.perceptron import AND, XOR  # by name, as readers do

@pytest.mark.parametrize("x", [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_xor(x):
    assert XOR(*x[:2]) == x[2]

def test_and():
    assert AND(1, 1) == 1
"""


def attempt(folder, tests, *bodies):
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", TRIAL, json.dumps(bodies)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_verdicts_are_true(tmp_path):
    expected = {
        "return AND(NAND(x1, x2), OR(x1, x2))": SURVIVED,
        "return NAND(x1, x2)": "test_it.py::test_xor[x0]",
        "return OR(x1, x2)": "test_it.py::test_xor[x3]",
        "raise SystemExit": "test_it.py::test_xor[x0]",
        "while True: pass": TIMEOUT,
        "import os; os.abort()": CRASH,
    }
    done = attempt(tmp_path, TESTS, *expected)
    assert "FOUND" in done.stdout, done.stdout + done.stderr
    found = json.loads(done.stdout.rpartition("FOUND")[2])
    assert found.keys() == expected.keys()
    for body, verdict in expected.items():
        alike = verdict.startswith("test_it.py")
        # Which of several failing tests is the fastest may differ from run to run.
        assert found[body].startswith("test_it.py::test_xor") if alike else found[body] == verdict, body


def test_what_fails_without_any_change_proves_nothing(tmp_path):
    done = attempt(tmp_path, TESTS + "    assert AND(1, 0) == 1\n", "return NAND(x1, x2)")
    assert "without any change fail: test_it.py::test_and" in done.stdout
    assert "FOUND {}" in done.stdout
    assert done.returncode == pytest.ExitCode.INTERRUPTED


def test_a_change_that_cannot_be_put_stops_the_run(tmp_path):
    done = attempt(tmp_path, TESTS, "return (")
    assert done.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert "XOR:  → return ( #1 could not be tried" in done.stdout + done.stderr
    assert "SyntaxError" in done.stdout + done.stderr


# What mutmut makes


def test_mutants_differ_from_the_function_in_the_lines_that_they_say():
    pytest.importorskip("mutmut")
    found = mutants.mutants("perceptron")
    assert len({it.key for it in found}) == len(found) > 50
    assert {it.function for it in found} == {"Perceptron.__init__", "Perceptron.__call__", "XOR"}
    swapped = [it for it in found if it.now == "return np.where(total - self.b > 0, 1, 0)[()]"]
    assert [it.was for it in swapped] == ["return np.where(total + self.b > 0, 1, 0)[()]"]
    assert swapped[0].now in swapped[0].source


def test_functions_and_methods_are_found_where_they_are_defined():
    names = mutants.functions("layers")
    assert {"Affine.forward", "as_gradient"} <= names.keys()
    assert "as_real" not in names, "it is imported there"


@pytest.mark.parametrize(
    ("original", "changed", "difference"),
    [
        ("def f():\n    return 1\n", "def f():\n    return 2\n", ("return 1", "return 2")),
        ("f(\n    a,\n    b,\n)", "f(\n    a,\n)", ("b,", "")),
        ("x\n  y\nz", "x\n  Y\nZ", ("y\nz", "Y\nZ")),
    ],
)
def test_only_the_lines_that_differ_are_shown(original, changed, difference):
    assert changes(original, changed) == difference


# What is remembered


def test_a_verdict_stands_until_something_changes_and_its_test_is_tried_first_after_that(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    verdicts = Verdicts(path, of="now")
    assert not verdicts.stands(mutant())
    verdicts[mutant()] = "test_it"
    verdicts[mutant("return 1")] = SURVIVED
    again = Verdicts(path, of="now")
    assert again.stands(mutant())
    assert again.get(mutant("return 1")) == SURVIVED
    later = Verdicts(path, of="later")
    assert not later.stands(mutant())
    assert later.get(mutant()) == "test_it"
    later[mutant()] = TIMEOUT
    assert Verdicts(path, of="later").get(mutant()) == TIMEOUT
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2, "a verdict takes the place of the last"


def test_verdicts_depend_on_the_package_its_tests_and_nothing_else():
    assert mutants.fingerprint() == mutants.fingerprint()
    assert all(path.is_file() for path in mutants.tests(MODULES)), "each module has its tests"


# What is wrong


def known(now="return NAND(x1, x2)", where="perceptron.XOR"):
    return Listed(where, mutant().was, (now,), "It is the same.")


@pytest.mark.parametrize(
    ("verdicts", "listed", "said"),
    [
        ({mutant(): "test_it", mutant("return 1"): TIMEOUT}, [], []),
        ({mutant(): SURVIVED}, [known()], []),
        ({mutant(): SURVIVED}, [], ["No test notices this change"]),
        ({mutant(): SURVIVED}, [known("return 1")], ["No test notices", "Listed as a survivor, but noticed"]),
        ({mutant(): "test_it"}, [known()], ["Listed as a survivor, but noticed"]),
        ({mutant(): "test_it"}, [known(where="layers.XOR")], []),  # a module that was not asked for
    ],
)
def test_survivors_are_those_that_are_listed(verdicts, listed, said):
    found = complaints(verdicts, listed, enough=0)
    assert [words for words, line in zip(said, found, strict=True) if not line.startswith(words)] == []


def test_an_entry_can_be_pasted_into_the_list(tmp_path):
    now = 'return "\N{RIGHTWARDS ARROW}\\"'
    (line,) = complaints({mutant(now): SURVIVED}, [], enough=0)
    (tmp_path / "survivors.toml").write_text(line[line.index("[[") :], encoding="utf-8")
    assert mutants.listed(tmp_path / "survivors.toml") == [Listed("perceptron.XOR", mutant().was, (now,), "")]


def test_nine_of_ten_changes_have_to_be_noticed():
    many = {mutant(f"return {i}"): "test_it" for i in range(9)}
    assert complaints({**many, mutant(): SURVIVED}, [known()]) == []
    (line,) = complaints({**many, mutant(): SURVIVED, mutant("2"): SURVIVED}, [known(), known("2")])
    assert line == "9 of 11 changes are noticed: fewer than 90%\n"


def test_the_table_counts_by_module():
    other = mutant(module="layers", function="Affine.forward")
    table = mutants.report({mutant(): SURVIVED, mutant("1"): "test_it", mutant("2"): CRASH, other: TIMEOUT})
    rows = list(zip(*(column.cells for column in table.columns), strict=True))
    assert rows == [
        ("layers", "1", "0", "1", "0", "0", "100.0%"),
        ("perceptron", "3", "1", "0", "1", "1", "66.7%"),
        ("all", "4", "1", "1", "1", "1", "75.0%"),
    ]


def test_an_unknown_module_is_named(capsys):
    with pytest.raises(SystemExit):
        mutants.main(["layer"])
    assert "there is no module layer; there are activations, checks," in capsys.readouterr().err


# The list


@pytest.mark.parametrize("entry", LISTED, ids=lambda it: it.where)
def test_a_listed_survivor_is_a_change_to_what_is_there(entry):
    module, _, function = entry.where.partition(".")
    source = inspect.getsource(mutants.functions(module)[function])
    lines = [line.strip() for line in source.splitlines()]
    assert set(entry.was.splitlines()) <= set(lines), "the function no longer says so"
    assert entry.why.endswith("."), "it needs a reason"
    assert entry.now


def test_no_survivor_is_listed_twice():
    changes = [(it.where, it.was, now) for it in LISTED for now in it.now]
    assert len(set(changes)) == len(changes)
