"""Numbers in prose: none that looks measured is typed, but for those that something vouches for."""

import importlib
import math
import pkgutil
import re
import textwrap
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import dlbook
from scripts.checks.latex import KNOWN, FormulaError, FreeIndex, Values, parse
from scripts.checks.typed_numbers import (
    CALCULATION,
    FORMULA,
    LISTED,
    REPORTED,
    SET,
    SHOWN,
    Page,
    Passage,
    holds,
    numbers,
    pages,
    passages,
    powers,
    prose_of,
)
from scripts.extensions.fences import without_fences
from scripts.project import ROOT

LIST = passages()
PAGES = {path.relative_to(ROOT / "docs/en").with_suffix("").as_posix(): path for path in pages()}
WHAT_TO_DO = "take it from a result by name, {{ result.path:.1% }}, or see scripts/checks/typed_numbers.py"


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    return Page(PAGES[request.param])


# The book


def test_no_number_that_looks_measured_is_typed(page):
    alone = [it for it in page.find(LIST) if not it.by]
    places = [f"docs/en/{page.name}.md:{it.line}: {it.number} looks measured" for it in alone]
    assert not alone, f"{'; '.join(places)}: {WHAT_TO_DO}"


def test_calculations_in_the_text_are_right(page):
    wrong = [
        f"docs/en/{page.name}.md:{page.line(place.start)}: {equation} is wrong"
        for place, equation in page.calculations()
        if not holds(equation)
    ]
    assert not wrong, "; ".join(wrong)


def calculations_in_formulas(page):
    """Give the neighbouring sides of the text's formulas that both are numbers, with their values."""
    text = without_fences(page.text)
    for match in FORMULA.finditer(text):
        tex = re.sub(r"(?<!\d)\.(?=\d)", "0.", match[0].strip("${} \n"))
        line = text.count("\n", 0, match.start()) + 1
        sides = [] if match[0].startswith("$$") else re.split(r"=|\\approx", tex)
        known = [(side, value) for side in sides if (value := constant(side)) is not None]
        for (left, found), (right, shown) in pairwise(known):
            yield line, f"{left.strip()} = {right.strip()}", found, shown, place(right, r"\approx" in tex)


def constant(tex):
    """Compute a formula that is a number; None for every other."""
    try:
        with np.errstate(all="ignore"):  # the text speaks of log 0, too
            return float(Values(KNOWN).value(parse(tex).lines[0].sides[0]))
    except (FormulaError, FreeIndex, LookupError, TypeError, ValueError, AttributeError):
        return None


def place(tex, rounded):
    """Say what one more in the last digit would add, where a rounded number stands alone; 0 elsewhere."""
    alone = [*powers(tex)] or [number for _, number in numbers(tex)]
    bare = re.fullmatch(r"\s*-?[\d.,]+(\s*\\cdot\s*10\^\{-?\d+\})?\s*", tex)
    return float(alone[0].place) if bare and (rounded or "." in tex) else 0.0


def test_calculations_in_formulas_of_the_text_are_right(page):
    wrong = [
        f"docs/en/{page.name}.md:{line}: {equation} is wrong, by {found - shown:.2g}"
        for line, equation, found, shown, last in calculations_in_formulas(page)
        if abs(found - shown) > last / 2 + 1e-9 * abs(found)
    ]
    assert not wrong, "; ".join(wrong)


def test_there_are_calculations_in_formulas():
    assert sum(len([*calculations_in_formulas(Page(path))]) for path in PAGES.values()) > 30


@pytest.mark.parametrize("passage", LIST, ids=[f"{it.page}: {it.words[:40]}" for it in LIST])
def test_a_listed_passage_is_there_and_needed(passage):
    assert passage.page in PAGES, f"there is no page {passage.page}"
    page = Page(PAGES[passage.page])
    places = passage.find(page.text)
    assert len(places) == 1, f"these words stand {len(places)} times in docs/en/{passage.page}.md"
    assert [it for it in page.find() if it.at in places[0] and not it.by], "not needed any more: remove it"
    assert bool(passage.is_) != bool(passage.because), "either `is` or `because`"


@pytest.fixture(scope="module")
def names():
    """What the list's Python may use without importing it."""
    modules = [importlib.import_module(f"dlbook.{it.name}") for it in pkgutil.iter_modules(dlbook.__path__)]
    public = {name: it for module in modules for name, it in vars(module).items() if name[0] != "_"}
    return {**vars(math), **public, "np": np}


WORKED_OUT = [it for it in LIST if it.is_]


@pytest.mark.parametrize("passage", WORKED_OUT, ids=[f"{it.page}: {it.words[:40]}" for it in WORKED_OUT])
def test_the_numbers_of_a_listed_passage_are_what_it_says(passage, names):
    page = Page(PAGES[passage.page])
    (place,) = passage.find(page.text)
    typed = [it.number for it in page.find() if it.at in place]
    scope = dict(names)
    exec(passage.code, scope)
    values = np.ravel(eval(f"({passage.is_},)", scope)).tolist()
    assert len(typed) == len(values), f"the numbers are {[str(number) for number in typed]}"
    for number, value in zip(typed, values, strict=True):
        assert abs(abs(value) - number.value) <= number.place * Fraction("0.50001"), f"{number} is {value}"


# The checker


class Small:
    """A small project with one page."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def found(self, text, passages=()):
        """Give each number that looks measured, with what vouches for it."""
        page = Page(self.write("docs/en/page.md", text), self.root)
        return [(str(it.number), it.by) for it in page.find(passages)]


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path)


@pytest.mark.parametrize(
    "number",
    [
        "93.1%",
        "93 %",
        "7 percent",
        "12 s",
        "0.3 ms",
        "325 µs",
        "3 minutes",
        "38 h",
        "20 seconds",
        "3 times",
        "14×",
        "20-fold",
        "10 MB",
        "250,000 bytes",
        ".97",
        "0.9312",
        "1,234.5",
        "6e-11",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "It came to {}.",
        "**{}**, at last",
        "| run | {} |",
        "![It rises to {}.](a.svg)",
        "/// figure-caption\nIt rises to {}.\n///",
        "    Folded: {}",
        "[up to {}](other.md)",
        "A claim[^1].\n\n[^1]: It came to {}.",
        "---\ndescription: A network reaches {}\n---\n\n# Title",
    ],
)
def test_a_number_that_looks_measured_is_found(small, text, number):
    assert small.found(text.format(number)) == [(number, "")]


@pytest.mark.parametrize(
    "text",
    [
        "A batch of 100, 60,000 digits, 10 classes, in 2016, chapter 7.",
        "The 784-50-10 network of a 10×10 picture, 3 steps, 5 samples.",
        "`lr=0.37` and ``a ` 12 s``",
        "```python\nx = 0.37\n```",
        "!!! note\n\n    ```text\n    12 s\n    ```",
        "$\\eta = 0.37$ and\n\n$$\nx = 12.5\n$$",
        "{{ run.accuracy[3]:.1% }} of {{ run.time:.2f }} s",
        "[a link](page.html#0.37 'x')",
        "[a link](https://example.org/1.37)",
        "![Alt.](a.svg){ width=0.37 }",
        '<div style="width: 0.37em">text</div>',
        "<!-- It was 0.37. -->",
        "Python 3.11, NumPy 2.0, version 1.20, sections 5.4 and 5.5, arXiv:1706.02677",
        '## Sources and where to read on\n\n- A. Author, "ImageNet in 1 hour", *Nature* (2017).',
        'A claim[^1].\n\n[^1]: A. Author, "ImageNet in 1 hour", section 3.2.',
        "---\ntitle: In 12 s\n---\n\n# Title",
    ],
)
def test_what_is_no_prose_or_does_not_look_measured(small, text):
    assert small.found(text) == []


def test_lines_are_those_of_the_file(small):
    text = "---\ndescription: x\n---\n\n# A\n\n```text\n0.1\n```\n\nIt is\n**0.37**.\n"
    page = Page(small.write("docs/en/page.md", text), small.root)
    (found,) = page.find()
    assert found.line == 12
    assert len(prose_of(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("0.9 × 3 = **2.7**", CALCULATION),
        ("7.2 + 1.8 = 9", CALCULATION),
        ("½ · 400 · 0.0025 =\n0.5", CALCULATION),
        ("0.5 · (−0.5) + 1 = 0.75", CALCULATION),
        ("2 · 0.1 / 1.414 = 0.141", CALCULATION),
        ("19 / 21, about 0.905", CALCULATION),
        ("0.9 × 3 = 2.8", ""),
        ("2 · 0.1 / 1.414 = 0.142", ""),
        ("Some 2.7.\n\nIt is 0.9 × 3 = 2.7", CALCULATION),
        ("0.9 × 3 = 2.7\n\n## Elsewhere\n\nIt is 2.7.", ""),
    ],
)
def test_a_calculation_vouches_for_its_numbers_if_it_is_right(small, text, by):
    assert small.found(text)[-1][1] == by


def test_what_a_calculation_is():
    assert holds("1.261 / 0.1 = 12.61")
    assert holds("24 + 6 = 30 = 15 · 2")
    assert not holds("24 + 6 = 31")
    assert not holds("1 / 0 = 1")
    assert not holds("24 = 24.4")


OUTPUT = '```text title="Output"\ntest accuracy: 0.9312 after 16 steps, 3.2 times, 12 s\n```\n'


@pytest.mark.parametrize(
    ("number", "by"),
    [
        ("0.9312", SHOWN),
        (".931", SHOWN),
        ("93.1%", SHOWN),
        ("93%", SHOWN),
        ("0.932", ""),
        ("0.9", ""),  # one digit agrees with too much
        ("94%", ""),
        ("3.2 times", SHOWN),
        ("16 times", ""),  # beside a 16 by chance
        ("12 s", SHOWN),
        ("12 ms", ""),
        ("0.9312 s", ""),
    ],
)
def test_an_output_of_the_section_vouches_for_what_it_shows(small, number, by):
    assert small.found(f"# A\n\n## B\n\n{OUTPUT}\nIt is {number}.") == [(number, by)]


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("```python\nSGD(lr=0.1)\n```", "0.1"),
        ("!!! note\n\n    ```python\n    SGD(lr=0.1)\n    ```", "0.1"),
        ("$\\mu = 0.9$", "0.9"),
        ("$$\nx = 6 \\cdot 10^{-11}\n$$", "6e-11"),
        ("from $10^{-5}$ on", "1e-5"),
        ("$0.37$", "0.37 times"),
        ("{{ dlbook.descent.STEP }}", "0.01"),
    ],
)
def test_code_formulas_and_listings_vouch_for_what_they_show(small, code, number):
    small.write("dlbook/descent.py", "STEP = 0.01\n")
    assert small.found(f"# A\n\n{code}\n\nIt is {number}.") == [(number, SHOWN)]


def test_few_digits_are_looked_for_in_the_section_and_many_in_the_page(small):
    text = f"# A\n\n## B\n\n{OUTPUT}\n## C\n\nIt is 0.93, or 0.931.\n\n## What to remember\n\nIt is 0.93."
    assert small.found(text) == [("0.93", ""), ("0.931", SHOWN), ("0.93", SHOWN)]


def test_programs_vouch_for_what_they_set(small):
    small.write("scripts/experiments/run.py", '"""Of 0.5."""\nRATES = (0.1, 0.35)  # 0.25\n')
    small.write("scripts/figures/plain.py", "UNITS = [-0.45]\ndef draw(): ...\n")
    small.write("scripts/figures/curve.py", "PLACE = 0.55\ndef draw(run): ...\n")
    of_run = "At 0.35, −0.1, 0.25, 0.5, about 0.1, 10%."
    wanted = [("0.35", SET), ("0.1", SET), ("0.25", ""), ("0.5", ""), ("0.1", ""), ("10%", "")]
    assert small.found(f"{of_run} {{{{ run.accuracy:.2f }}}}") == wanted
    assert small.found(f"![{of_run}](assets/figures/curve.svg)") == wanted
    assert small.found("![At −0.45.](assets/figures/plain.svg)") == [("0.45", SET)]
    # Where a figure of results puts its labels says nothing of them.
    assert small.found("![At 0.55.](assets/figures/curve.svg)") == [("0.55", "")]
    assert small.found(f"# A\n\n{{{{ run.x:.1f }}}}\n\n## B\n\n{of_run}")[0] == ("0.35", "")


def test_what_others_report_is_marked_in_its_sentence(small):
    text = "We got 0.91. A reader *reported*\n0.93. That is 0.02 more, reported or not."
    assert small.found(text) == [("0.91", ""), ("0.93", REPORTED), ("0.02", "")]


def test_the_list_is_for_one_page_and_its_words(small):
    text = "From 0.1 over\n0.2 to 0.3, or 0.4."
    assert small.found(text, [Passage("page", "0.1 … to 0.3")]) == [
        ("0.1", LISTED),
        ("0.2", LISTED),
        ("0.3", LISTED),
        ("0.4", ""),
    ]
    assert [len(Passage("page", words).find(text)) for words in ("over 0.2", "0.5", "0.")] == [1, 0, 4]
    assert {by for _, by in small.found(text, [Passage("other", "0.1 … to 0.3")])} == {""}


def test_a_number_is_read_with_its_unit():
    ((_, number),) = numbers("1,234.5 ms")
    assert (number.value, number.place, number.unit) == (Fraction("1234.5"), Fraction("0.1"), "ms")
    ((_, number),) = numbers("93.1%")
    assert (number.value, number.place, number.unit) == (Fraction("0.931"), Fraction("0.001"), "%")
    ((_, number),) = numbers("6e−11")
    assert (number.value, number.digits) == (Fraction(6, 10**11), 1)
    assert [str(number) for _, number in numbers("1.2.3 x4 5y a.7 [0.1,0.2]")] == ["0.1", "0.2"]
