"""The runner of the pages' blocks, and the comparison of what they print with what the pages show."""

import math
import re
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scripts.checks.page_code import Block, Output, Ran, difference, pairs, problem, run

PYTHON = Path(sys.executable)


# Running


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["x = 1\nprint(x)", "x += 1", "print(x)"], ["1\n", "", "2\n"]),
        (["1 + 1", "'text'"], ["", ""]),  # a bare expression
        (
            ["import os\nprint(os.listdir('.'), __name__, [it for it in dir() if it[0] != '_'])"],
            ["[] __main__ ['os']\n"],
        ),
        (["import sys\nprint(sys.modules['__main__'].sys is sys)"], ["True\n"]),
        (["import os\nprint(os.environ['OPENBLAS_NUM_THREADS'])"], ["1\n"]),
        (["import os\nprint('a', flush=True)\n_ = os.system('echo b')"], ["a\nb\n"]),
        (["import inspect\ndef f(): ...\nprint(inspect.getsource(f))"], ["def f(): ...\n\n"]),
    ],
)
def test_what_blocks_print(sources, expected):
    assert [ran.printed for ran in run(sources, "page", PYTHON)] == expected


def test_blocks_see_nothing_of_this_project_but_what_is_installed(monkeypatch, tmp_path):
    (tmp_path / "stray.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert "ModuleNotFoundError" in run(["import stray"], "page", PYTHON)[0].error


def test_an_exception_stops_the_page_and_names_its_block():
    first, second = run(["x = 1", "def f():\n    return x / 0\nf()", "print(3)"], "03-losses", PYTHON)
    assert not first.error
    assert '"<03-losses, block 2>", line 3, in <module>' in second.error
    assert "return x / 0" in second.error  # the traceback shows the block's own lines
    assert "scripts" not in second.error


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = = 1", "SyntaxError"),
        ("raise SystemExit", "SystemExit"),
        ("input()", "EOFError"),
        ("import os\nos._exit(3)", "<page, block 2>: the interpreter ended with exit code 3"),
        (
            "while 1: pass",
            "<page, block 2>: the page's blocks may take 3 s together, and that ran out here",
        ),
    ],
)
def test_a_block_that_cannot_finish_is_the_last(source, complaint):
    first, last = run(["x = 1", source, "print(3)"], "page", PYTHON, seconds=3)
    assert not first.error
    assert complaint in last.error


def test_each_block_gets_all_its_warnings():
    warn = "import numpy as np\nnp.log(np.zeros(1))"
    assert [ran.warned for ran in run([warn, warn], "page", PYTHON)] == [
        "RuntimeWarning: divide by zero encountered in log\n"
    ] * 2


# Which Output belongs to which block


def test_pairs():
    first, second, output = Block("1", "a"), Block("2", "b"), Output("x", "c")
    assert pairs([first, second, output]) == [(first, None), (second, output)]
    assert pairs([output, first]) == [(None, output), (first, None)]
    assert pairs([first, output, output]) == [(first, output), (None, output)]


@pytest.mark.parametrize(
    ("ran", "shown", "expected"),
    [
        (Ran(""), None, ""),
        (Ran("1\n"), "1", ""),
        (Ran("1\n"), "2", "line 1: shown '2', printed '1'"),
        (Ran("1\n"), None, "the block prints, and no Output follows it"),
        (Ran(""), "1", "an Output follows, and the block prints nothing"),
        (Ran("", error="ValueError: no"), None, "the block fails:\nValueError: no"),
        (Ran("", "W: w\n"), None, "the block warns, and no Output shows this line: W: w"),
        (Ran("1\n", "W: w\n"), "1", "the block warns, and no Output shows this line: W: w"),
        (Ran("1\n", "W: w\n"), "W: w\n1", ""),
        (Ran("", "W: w\n"), "W: w", ""),
        (Ran("1\n", "W: w\n"), "W: w\n2", "line 1: shown '2', printed '1'"),
    ],
)
def test_problem(ran, shown, expected):
    assert problem(ran, shown) == expected


# Comparing


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.51", "0.510825457099338"),
        ("0.5975\n", "0.5975"),
        ("loss 1.5631118171679368", "loss 1.563111817167937"),
        ("-6.11110793e-10", "-6.11110794e-10"),
        ("[ 6. -8.]", "[6.   -8.]"),
        ("[6. 8.]", "[6.00000000001 8.        ]"),
        ("[[1. 0.5]\n [2. 3. ]]", "[[ 1.  0.5]\n [ 2.  3. ]]"),
        ("nan -inf", "nan -inf"),
        ("0.0", "-0.0"),
        ("2.302584092994546", "2.3025840929945454"),  # the neighbour in float64
    ],
)
def test_agree(shown, printed):
    assert difference(shown, printed) == ""


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.52", "0.510825457099338"),
        ("0.5", "0.6"),  # few digits: not even one unit
        ("[6. 8.]", "[6.4 8. ]"),
        ("[6. 8.]", "[7. 8.]"),
        ("0.30000000000000004", "0.3000000000000009"),
        ("1e-5", "1e-6"),
        ("1e-05", "1E-05"),
        ("1.5", "-1.5"),
        ("1.5", "+1.5"),
        ("10", "11"),
        ("79,520", "79,510"),
        ("6", "6.0"),
        ("inf", "-inf"),
        ("0.5", "nan"),
        ("numpy 2.4.6", "numpy 2.4.7"),
        ("x0.5", "x0.6"),
        ("float32", "float64"),
        ("a b", "ab"),
        ("  a b", " a b"),
        ("a  b", "a b"),
        ("a\nb", "a"),
        ("a", "a\nb"),
        ("a\n\nb", "a\nb"),
        ("(2, 3)", "(2, 3]"),
    ],
)
def test_differ(shown, printed):
    assert difference(shown, printed) != ""


floats = st.floats(allow_nan=True, allow_infinity=True)
arrays = st.lists(floats, min_size=1, max_size=12).map(lambda values: str(np.array(values)))
words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2200), max_size=12)
outputs = st.lists(
    st.one_of(floats.map(str), arrays, floats.map("{:.4f}".format), st.integers().map(str), words), max_size=6
).map("\n".join)


@given(outputs)
def test_every_output_agrees_with_itself(text):
    assert difference(text, text) == ""


@given(outputs, st.data())
def test_a_changed_character_is_noticed(text, data):
    places = [
        at for at, character in enumerate(text) if not (character.isspace() or character in "0123456789-+.")
    ]
    assume(places)
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.characters(categories=["L", "P", "S"]).filter(lambda c: c != text[at]))
    assert difference(text[:at] + other + text[at + 1 :], text)


@given(st.floats(-1e6, 1e6), st.integers(0, 12), st.integers(2, 50), st.sampled_from([-1, 1]))
def test_more_than_a_unit_in_the_last_place_is_noticed(value, digits, units, sign):
    text = f"loss {value:.{digits}f}"
    number = Decimal(text.split()[1])
    changed = number + sign * units * Decimal(1).scaleb(-digits)
    assume(abs(changed - number) > 3 * Decimal(math.ulp(value)))  # float64 itself has to tell them apart
    assert difference(f"loss {changed:.{digits}f}", text)


@given(st.floats(-1e6, 1e6, allow_subnormal=False), st.integers(1, 9), st.integers(2, 9))
def test_more_than_a_unit_in_the_last_place_is_noticed_in_exponents(value, digits, units):
    text = f"{value:.{digits}e}"
    mantissa, exponent = text.split("e")
    changed = Decimal(mantissa) + units * Decimal(1).scaleb(-digits)
    assert difference(f"{changed}e{exponent}", text)
    assert difference(f"{mantissa}e{int(exponent) + 1:+03d}", text) or Decimal(mantissa) == 0


@given(st.floats(-1e6, 1e6), st.integers(1, 5))
def test_few_digits_must_be_the_right_ones(value, digits):
    shown = f"{value:.{digits}f}"
    assume(len(re.sub(r"\D", "", shown).lstrip("0")) < 6)
    changed = Decimal(shown) + Decimal(1).scaleb(-digits)
    assume(len(changed.as_tuple().digits) < 6)
    # Half-way between the two, either is right.
    assume(abs(Decimal(repr(value)) - (Decimal(shown) + changed) / 2) > Decimal(1).scaleb(-digits - 6))
    assert difference(shown, repr(value)) == "" or "e" in repr(value)
    assert difference(f"{changed:.{digits}f}", repr(value)) or "e" in repr(value)
