r"""Every formula on display is true of the code: computed from its LaTeX, for random values.

What is compared is what readers get: the LaTeX that KaTeX keeps in the built page, after all that
Markdown may have done to it. A formula is found by the name that its page gives it, `\label{softmax}`,
wherever it stands. `tests/formulas.py` knows the values, `scripts/checks/latex.py` computes. That the
comparison can fail is tested, too: with a fault in it, be it a sign, an index, an exponent or a factor, a
formula is not true any more.
"""

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import dlbook
from scripts.checks.latex import FormulaError, Untrue, parse
from tests.built import Display, displays, pages
from tests.formulas import ENTRIES

ALL = [pytest.param(it, id=it.name) for it in ENTRIES]
SEEDS = 3

# What a fault may do without making the formula false, and why.
HARMLESS = {
    "hidden-layer-by-hand": ["1 - 0 = 3"],  # adding 0
    "output-layer-by-hand": [
        *("- 0 \\cdot 3", "0 \\cdot 4", "3 - 0 = 1"),  # adding 0 times something
        *("- 0 \\cdot 2", "0 \\cdot 3 + 4"),
    ],
    "softmax-and-loss-slopes": ["y _j (1 - y_j)", "y_k (1 - y _k )"],  # for k = j
    "mean-square-of-a-sum": ["z _k z_k", "z_i z _i"],  # E is 0 but for i = k
    "scale-invariance": ["L( W)", "L( 3 W)"],  # true as well
    "dropout-mean": ["3 \\cdot 0"],  # adding 0 times something
}


@cache
def shown():
    """Find the formulas on display of the whole site."""
    return [it for page in pages() for it in displays(page)]


def display(entry):
    found = [it for it in shown() if it.name == entry.name]
    if not found:
        pytest.fail(
            rf"no page has \label{{{entry.name}}}: write it into the formula, "
            "or remove its values from tests/formulas.py",
            pytrace=False,
        )
    return found[0]


def size(tex):
    """Count the formulas of a display: each line is one of its own."""
    try:
        return len(parse(tex).lines)
    except FormulaError:
        return 1 + tex.count(r"\\")


def problem(entry, tex, seed=0):
    """Say what is wrong with a formula; "" if it is true."""
    if entry.tex and tex.split() != entry.tex.split():
        return "compared by hand with another text: compare again, in tests/formulas.py"
    if entry.tex:
        different = [
            f"{found} against {expected}" for found, expected in cases(entry, seed) if found != expected
        ]
        return ", ".join(different)
    try:
        formula = parse(tex)
        with np.errstate(all="ignore"):  # a fault may divide by 0
            for case in cases(entry, seed):
                formula.check(**case)
    except (FormulaError, Untrue) as error:
        return str(error)
    return ""


@cache
def cases(entry, seed):
    found = list(entry.cases(np.random.default_rng(seed)))
    assert found, "nothing to compare"
    return found


def complaints(formulas, known):
    """Say what to write, and where, for formulas that nothing could find or compare."""
    times = Counter(it.name for it in formulas)
    for it in formulas:
        if not it.name:
            yield rf"{it.source}: write a name, \label{{…}}, below the $$ of {it.tex.strip()}"
        elif times[it.name] > 1:
            yield rf"{it.source}: two formulas have \label{{{it.name}}}: give this one a name of its own"
        elif it.name not in known:
            yield f'{it.source}: say what its symbols are, below @formula("{it.name}") in tests/formulas.py'


def test_every_formula_on_display_is_known(site, record_property):
    known = {it.name: it for it in ENTRIES}
    assert len(known) == len(ENTRIES), "tests/formulas.py says something twice"
    if said := [*complaints(shown(), known)]:
        pytest.fail("\n".join(said), pytrace=False)

    def count(wanted):
        return sum(size(it.tex) for it in shown() if wanted(known[it.name]))

    with_code, by_hand = count(lambda it: not it.no_code), count(lambda it: it.tex)
    record_property(
        "summary",
        f"display formulas: {count(lambda it: True)}, all compared, {by_hand} of them by hand; "
        f"{with_code} with what the package computes",
    )


def test_a_formula_that_nothing_compares_is_told_what_to_write():
    formulas = [
        Display("softmax", "y", "docs/en/a.md:3"),
        Display("", "z = 1", "docs/en/a.md:9"),
        Display("new", "z", "docs/en/b.md:1"),
        *[Display("twice", "z", f"docs/en/{page}.md:5") for page in "ab"],
    ]
    said = "\n".join(complaints(formulas, {"softmax", "twice"}))
    assert said.count("\n") == 3
    assert "docs/en/a.md:9: write a name, \\label{…}, below the $$ of z = 1" in said
    assert 'docs/en/b.md:1: say what its symbols are, below @formula("new") in tests/formulas.py' in said
    assert "docs/en/b.md:5: two formulas have \\label{twice}" in said


@pytest.mark.parametrize("entry", ALL)
def test_a_formula_is_true(site, entry):
    it = display(entry)
    for seed in range(SEEDS):
        if said := problem(entry, it.tex, seed):
            pytest.fail(f"{it.source}: {said}", pytrace=False)


@pytest.mark.parametrize("entry", [it for it in ALL if not it.values[0].no_code])
def test_what_a_formula_is_compared_with_comes_from_the_package(site, entry):
    ran = set()
    sys.setprofile(lambda frame, event, _: ran.add(frame.f_code.co_filename))
    try:
        problem(entry, display(entry).tex, seed=SEEDS)
    finally:
        sys.setprofile(None)
    assert any(Path(it).parent == Path(dlbook.__file__).parent for it in ran)


# Would it notice?

LEFT = r"\\(?:begin|end|text|operatorname|mathbb)\{[^}]*\}|\\\\\[[^\]]*\]|[+-]\s*\\dots"
LEFT += r"|\\(?:cdot|left|right|[bB]ig[lr]|q?quad)(?![a-zA-Z])"
TOKENS = rf"(?:{LEFT})|(_\{{[a-z]{{2}}\}}|_[a-z]\b|\\[a-zA-Z]+|\d|[-+<>'A-Za-z])"
TURNED = {"+": "-", "-": "+", "<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}


def faults(token, letters):
    """Give what may stand in a formula by mistake where this stands."""
    if token in TURNED:
        return [TURNED[token]]
    if token.isdigit():
        return [str(int(token) + 1), ""]
    if re.fullmatch("_[a-z]", token):
        return [f"_{it}" for it in letters if it != token[1]]
    if token.startswith("_"):
        return [f"_{{{token[3]}{token[2]}}}"]
    return ["", "3"]  # a name left out, or something else in its place


def mutants(tex):
    """Give the formula with one fault in it, for all faults that leave something to read."""
    letters = sorted(set(re.findall(r"_([a-z])\b", tex)))
    for match in re.finditer(TOKENS, tex):
        for fault in faults(match[1], letters) if match[1] else ():
            mutant = " ".join(f"{tex[: match.start()]} {fault} {tex[match.end() :]}".split())
            try:
                parse(mutant)
            except FormulaError:
                continue
            yield mutant


COMPUTED = [it for it in ENTRIES if not it.tex]
SAMPLE = COMPUTED[::10]  # for every run; all of them take a quarter of a minute


@pytest.mark.parametrize(
    "entry",
    [pytest.param(it, id=it.name, marks=[] if it in SAMPLE else pytest.mark.full) for it in COMPUTED],
)
def test_a_formula_with_a_fault_is_not_true(site, entry):
    tried, harmless = 0, set()
    for mutant in mutants(display(entry).tex):
        tried += 1
        if not problem(entry, mutant):
            why = [it for it in HARMLESS.get(entry.name, ()) if it in mutant]
            assert why, f"this passes: {mutant}"
            harmless.update(why)
    assert tried >= 2
    assert harmless == set(HARMLESS.get(entry.name, ()))


def test_another_text_than_the_one_that_was_compared_by_hand_is_not_true(site):
    by_hand = [it for it in ENTRIES if it.tex]
    assert by_hand
    for entry in by_hand:
        assert "compare again" in problem(entry, display(entry).tex.replace("+", "-"))
