"""Every formula on display is true of the code: computed from its LaTeX, for random values.

What is compared is what readers get: the LaTeX that KaTeX keeps in the built page, after all that
Markdown may have done to it. `tests/formulas.py` knows the values, `scripts/checks/latex.py` computes. That the
comparison can fail is tested, too: with a fault in it, be it a sign, an index, an exponent or a factor, a
formula is not true any more.
"""

import re
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import dlbook
from scripts.checks.latex import FormulaError, Untrue, parse
from tests.built import displays, pages
from tests.formulas import ENTRIES

ALL = [pytest.param(it, id=str(it)) for it in ENTRIES]
SEEDS = 3

# What a fault may do without making the formula false, and why.
HARMLESS = {
    "02-neural-networks.html#by-hand-1": ["1 - 0 = 3"],  # adding 0
    "02-neural-networks.html#by-hand-2": [
        *("- 0 \\cdot 3", "0 \\cdot 4", "3 - 0 = 1"),  # adding 0 times something
        *("- 0 \\cdot 2", "0 \\cdot 3 + 4"),
    ],
    "08-backpropagation.html#softmax-with-loss-1": ["y _j (1 - y_j)", "y_k (1 - y _k )"],  # for k = j
    "10-initial-weights.html#how-large-a-sum-is-1": ["z _k z_k", "z_i z _i"],  # E is 0 but for i = k
    "11-batch-normalization.html#what-batch-normalization-does-not-see-1": [
        "L( W)",
        "L( 3 W)",
    ],  # true as well
    "12-generalization.html#dropout-2": ["3 \\cdot 0"],  # adding 0 times something
}


@cache
def on_display():
    """Find each formula of the site by its section and its number there."""
    found = {}
    for page in pages():
        counts = defaultdict(int)
        for it in displays(page):
            counts[it.section] += 1
            found[it.section, counts[it.section]] = it
    return found


def display(entry):
    try:
        return on_display()[entry.section, entry.number]
    except KeyError:
        page, _, heading = entry.section.partition("#")
        pytest.fail(
            f"docs/en/{page}.md: no formula {entry.number} on display below #{heading}", pytrace=False
        )


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


def test_every_formula_on_display_is_known(site, record_property):
    shown = on_display()
    known = {(it.section, it.number): it for it in ENTRIES}
    unknown = [it for place, it in shown.items() if place not in known]

    def count(wanted):
        return sum(size(it.tex) for place, it in shown.items() if wanted(known.get(place)))

    total, not_code = count(lambda it: True), count(lambda it: it and it.no_code)
    by_hand = count(lambda it: it and it.tex)
    evaluated = count(lambda it: it and not it.tex and not it.no_code)
    with_code = total - not_code
    share = (evaluated + by_hand) / with_code
    summary = f"display formulas: {total}, of which {with_code} have code; "
    summary += (
        f"evaluated {evaluated}, by oracle {by_hand}, covered {share:.0%} (the others are evaluated, too)"
    )
    record_property("summary", summary)
    if unknown:
        said = [f"{it.source}: nothing compares this with the code: {it.tex.strip()}" for it in unknown]
        pytest.fail(
            "\n".join([*said, f"{summary}; say in tests/formulas.py what the symbols are"]), pytrace=False
        )
    assert set(known) == set(shown)


@pytest.mark.parametrize("entry", ALL)
def test_a_formula_is_true(site, entry):
    shown = display(entry)
    for seed in range(SEEDS):
        if said := problem(entry, shown.tex, seed):
            pytest.fail(f"{shown.source}: {said}", pytrace=False)


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


@pytest.mark.parametrize("entry", [it for it in ALL if not it.values[0].tex])
def test_a_formula_with_a_fault_is_not_true(site, entry):
    tried, harmless = 0, set()
    for mutant in mutants(display(entry).tex):
        tried += 1
        if not problem(entry, mutant):
            why = [it for it in HARMLESS.get(str(entry), ()) if it in mutant]
            assert why, f"this passes: {mutant}"
            harmless.update(why)
    assert tried >= 2
    assert harmless == set(HARMLESS.get(str(entry), ()))


def test_another_text_than_the_one_that_was_compared_by_hand_is_not_true(site):
    by_hand = [it for it in ENTRIES if it.tex]
    assert by_hand
    for entry in by_hand:
        assert "compare again" in problem(entry, display(entry).tex.replace("+", "-"))
