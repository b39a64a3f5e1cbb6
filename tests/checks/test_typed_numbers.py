"""Numbers in prose: none that looks measured is typed, but for those that something vouches for."""

import re
import textwrap
from fractions import Fraction

import pytest

from scripts.checks.typed_numbers import (
    CALCULATION,
    NOTED,
    REPORTED,
    SET,
    SHOWN,
    Page,
    holds,
    numbers,
    pages,
    prose_of,
)
from scripts.project import ROOT


@pytest.mark.parametrize("path", pages(), ids=lambda it: it.relative_to(ROOT / "docs/en").as_posix())
def test_the_numbers_of_a_page_are_right_and_something_vouches_for_each(path):
    if problems := [*Page(path).problems()]:
        pytest.fail("\n".join(problems), pytrace=False)


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

    def page(self, text):
        return Page(self.write("docs/en/page.md", text), self.root)

    def found(self, text):
        """Give each number that looks measured, with what vouches for it."""
        return [(str(it.number), it.by) for it in self.page(text).find()]


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path)


MEASURED = """
    93.1%  93 %  7 percent  12 s  0.3 ms  325 µs  3 minutes  38 h  20 seconds  3 times  14×  20-fold  10 MB
    250,000 bytes  .97  0.9312  1,234.5  6e-11
"""


@pytest.mark.parametrize("number", re.split(r"\s{2,}", MEASURED.strip()))
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
        '## Sources { #sources }\n\n- A. Author, "ImageNet in 1 hour", *Nature* (2017).',
        'A claim[^1].\n\n[^1]: A. Author, "ImageNet in 1 hour", section 3.2.',
        "---\ntitle: In 12 s\n---\n\n# Title",
    ],
)
def test_what_is_no_prose_or_does_not_look_measured(small, text):
    assert small.found(text) == []


def test_lines_are_those_of_the_file(small):
    text = "---\ndescription: x\n---\n\n# A\n\n```text\n0.1\n```\n\nIt is\n**0.37**.\n"
    (found,) = small.page(text).find()
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
    assert not any(map(holds, ["24 + 6 = 31", "1 / 0 = 1", "24 = 24.4"]))


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
    end = "## End { #what-to-remember }\n\nIt is 0.93."
    text = f"# A\n\n## B\n\n{OUTPUT}\n## C\n\nIt is 0.93, or 0.931.\n\n{end}"
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


NOTE = "Of 0.4.\n<!-- typed: {} -->\nFrom 0.1 over\n0.22 to −0.3, or 10.\n\nAnd 0.1."


@pytest.mark.parametrize(
    ("code", "vouched"),
    [
        ("0.3, 2 / 9, 0.1", "0.1 0.22 0.3"),  # in any order, rounded, whatever the sign
        ("[*np.arange(1, 4) / 10]", "0.1 0.3"),
        ("AND.w[0] / 5", "0.1"),
        ("\nten = 10\n1 / ten", "0.1"),
        ("0.2", ""),
    ],
)
def test_a_note_vouches_for_what_it_gives_down_to_the_next_blank_line(small, code, vouched):
    by = small.found(NOTE.format(code))
    assert [number for number, _ in by] == ["0.4", "0.1", "0.22", "0.3", "0.1"]
    assert " ".join(number for number, name in by if name == NOTED) == vouched


@pytest.mark.parametrize("indent", ["", "    ", "> "])
def test_a_note_may_say_why_a_number_is_typed(small, indent):
    note = f"{indent}<!-- typed because: it is\n{indent}a budget -->"
    text = f"A note:\n\n{note}\n{indent}| under 2 minutes |\n"
    assert small.found(text) == [("2 minutes", NOTED)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# A\n\nIt is 0.37.", "3: 0.37 looks measured: take it from a result"),
        ("<!-- typed: 0.37 -->\nIt is 0.38.", "2: 0.38 looks measured"),
        ("A.\n<!-- typed: 0.37, 0.5 -->\nIt is 0.37.", "2: this note gives [0.5], which nothing below"),
        ("<!-- typed: 0.9 * 3 -->\nIt is 0.9 × 3 = 2.7.", "1: this note is not needed any more"),
        ("<!-- typed because: why? -->\nIt is 3.", "1: this note is not needed any more"),
        ("<!-- typed: nothing / 2 -->\nIt is 0.1.", "1: this note cannot be worked out: NameError"),
        ("It is .16 + .035 = .205", "1: .16 + .035 = .205 is wrong"),
        ("A\n\n$e^2 = 7.398$", "3: e^2 = 7.398 is wrong"),
        ("$\\log 2 \\approx 0.7$ and $\\sqrt{4} = 3$", r"1: \sqrt{4} = 3 is wrong"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(small, text, problem):
    assert [it for it in small.page(text).problems() if it.startswith(f"docs/en/page.md:{problem}")]


def test_a_number_is_read_with_its_unit():
    ((_, number),) = numbers("1,234.5 ms")
    assert (number.value, number.place, number.unit) == (Fraction("1234.5"), Fraction("0.1"), "ms")
    ((_, number),) = numbers("93.1%")
    assert (number.value, number.place, number.unit) == (Fraction("0.931"), Fraction("0.001"), "%")
    ((_, number),) = numbers("6e−11")
    assert (number.value, number.digits) == (Fraction(6, 10**11), 1)
    assert [str(number) for _, number in numbers("1.2.3 x4 5y a.7 [0.1,0.2]")] == ["0.1", "0.2"]
