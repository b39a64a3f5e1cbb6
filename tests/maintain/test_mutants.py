"""The list of survivors: each is a change to what is there, and what mutmut says is compared with it."""

import importlib
import inspect
import operator

import pytest

from scripts.maintain import mutants
from scripts.maintain.mutants import complaints, listed

NAME = "dlbook.layers.xǁAddǁbackward__mutmut_3"
DIFF = """# dlbook.layers.xǁAddǁbackward__mutmut_3: survived
--- dlbook/layers.py
+++ dlbook/layers.py
@@ -1,2 +1,2 @@
     def backward(self, dout):
-        return dout * 1, dout * 1
+        return dout / 1, dout * 1
"""
CHANGE = ("layers.Add.backward", "return dout * 1, dout * 1", "return dout / 1, dout * 1")
MANY = {f"dlbook.layers.x_f__mutmut_{i}": "killed" for i in range(9)}


def test_what_mutmut_says_is_read():
    assert mutants.statuses(f"    {NAME}: survived\n    dlbook.a.x_f__mutmut_1: not checked\n") == {
        NAME: "survived"
    }
    assert mutants.change(NAME, DIFF) == CHANGE
    assert mutants.function("dlbook.losses.x_as_one_hot__mutmut_77") == "losses.as_one_hot"


@pytest.mark.parametrize(
    ("tried", "survivors", "known", "said"),
    [
        ({**MANY, NAME: "survived"}, {CHANGE}, {CHANGE}, []),
        ({**MANY, NAME: "killed"}, set(), set(), []),
        ({**MANY, NAME: "survived"}, {CHANGE}, set(), ["No test notices this change."]),
        ({**MANY, NAME: "killed"}, set(), {CHANGE}, ["Listed as a survivor, but a test notices it"]),
        (MANY, set(), {CHANGE}, []),  # a function that was not asked for
        ({NAME: "survived", "dlbook.layers.x_f__mutmut_1": "killed"}, {CHANGE}, {CHANGE}, ["1 of 2 changes"]),
        ({}, set(), set(), ["0 of 0 changes"]),
    ],
)
def test_survivors_are_those_that_are_listed_and_few(tried, survivors, known, said):
    found = complaints(tried, survivors, known)
    assert [line.startswith(words) for words, line in zip(said, found, strict=True)] == [True] * len(said)


def test_an_entry_can_be_pasted_into_the_list(tmp_path):
    (line,) = complaints({**MANY, NAME: "survived"}, {CHANGE}, set())
    (tmp_path / "survivors.toml").write_text(line[line.index("[[") :], encoding="utf-8")
    assert listed(tmp_path / "survivors.toml") == {CHANGE: ""}


@pytest.mark.parametrize(("where", "was", "now"), listed(), ids=lambda it: it.partition("\n")[0])
def test_a_listed_survivor_is_a_change_to_what_is_there(where, was, now):
    module, _, path = where.partition(".")
    source = inspect.getsource(operator.attrgetter(path)(importlib.import_module(f"dlbook.{module}")))
    assert set(was.splitlines()) <= {line.strip() for line in source.splitlines()}, "it no longer says so"
    assert listed()[where, was, now].endswith("."), "it needs a reason"
