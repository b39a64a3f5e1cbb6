"""Which numbers in the prose look measured, and what vouches for each that is typed all the same.

A measured number is taken from a result by name (`scripts/extensions/numbers.py`). A typed one that has a
decimal point, an exponent or a unit might be measured, and is looked at here: in paragraphs, tables,
captions, alt texts and descriptions. Code, formulas and numbers by name are no prose. What may vouch for it:

- a calculation in the text that it is part of, and that is right: `0.9 × 3 = 2.7`;
- the same section's code, Output or formulas, where it stands at the precision of the prose;
- the program behind a figure or a result of the section, which sets it: it is written in the source;
- somebody else: the sentence says *reported*, emphasized for all to see;
- a note on a line above it in its paragraph, or above its table or picture, which readers do not see. It
  works numbers out, with NumPy, `math` and all of `dlbook` at hand, or says why they are typed:

      <!-- typed: 0.9 * 8, 0.9 * 2 -->
      <!-- typed because: it is a budget -->
"""

import ast
import importlib
import math
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import dlbook
from scripts.checks.latex import KNOWN, FormulaError, FreeIndex, Values, parse
from scripts.extensions.code import DIRECTIVE
from scripts.extensions.fences import fences, without_fences
from scripts.extensions.location import FRONT_MATTER
from scripts.extensions.modules import find_module
from scripts.extensions.numbers import NAME, TYPED
from scripts.project import ROOT, Project

CALCULATION, SHOWN, SET, REPORTED, NOTED = "a calculation", "the section", "a program", "others", "a note"
WHAT_TO_DO = "take it from a result by name, {{ result.path:.1% }}, or see scripts/checks/typed_numbers.py"

# Numbers

DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
UNITS = {
    "%": r"\s?%|\s+percent\b",
    "times": r"\s+times\b|\s?×(?!\s*(?:\$|\.?\d))|-?fold\b",
    "ns": r"\s?ns\b|\s+nanoseconds?\b",
    "µs": r"\s?µs\b|\s+microseconds?\b",
    "ms": r"\s?ms\b|\s+milliseconds?\b",
    "s": r"\s?s\b|\s+seconds?\b",
    "min": r"\s?min\b|\s+minutes?\b",
    "h": r"\s?h\b|\s+hours?\b",
    "days": r"\s+days?\b",
    "B": r"\s?B\b|\s+bytes?\b",
    "kB": r"\s?[kK]i?B\b",
    "MB": r"\s?Mi?B\b",
    "GB": r"\s?Gi?B\b",
}
NUMBER = re.compile(
    rf"(?<![\w.])(?P<digits>{DIGITS})(?P<exponent>e[+−-]?\d+)?(?P<unit>{'|'.join(UNITS.values())})?"
    r"(?!\w|\.\d)"
)
POWER = re.compile(rf"(?:(?P<digits>{DIGITS})\s*\\(?:cdot|times)\s*)?10\^\{{?(?P<exponent>-?\d+)")
MANY = 3  # from so many digits on, a number stands twice on a page for a reason


@dataclass(frozen=True)
class Number:
    """A number as it is written: `93.1%` is 0.931 to the nearest thousandth."""

    text: str
    value: Fraction
    place: Fraction  # what one more in the last digit would add
    unit: str = ""

    @classmethod
    def of(cls, text: str, digits: str, exponent: str = "0", unit: str = "") -> "Number":
        scale = Fraction(10) ** int(exponent.replace("−", "-")) / (100 if unit == "%" else 1)
        digits = digits.replace(",", "")
        place = Fraction(1, 10 ** len(digits.partition(".")[2]))
        return cls(text, Fraction(f"0{digits}") * scale, place * scale, unit)

    def __str__(self) -> str:
        return " ".join(self.text.split())

    @property
    def digits(self) -> int:
        return len(str(self.value // self.place))

    def might_be_measured(self) -> bool:
        return bool(self.unit) or "." in self.text or "e" in self.text

    def agrees(self, other: "Number") -> bool:
        """Whether the other is this number, or this is the other rounded, if not to a single digit."""
        alike = (self.unit, other.unit)
        if self.unit != other.unit and alike not in (("%", ""), ("times", "")):
            return False
        if self.unit == "times" and not other.unit and "." not in self.text:
            return False  # "3 times" stands beside a 3 by chance
        off = abs(self.value - other.value)
        return off == 0 or (self.digits > 1 and other.place < self.place and off <= self.place / 2)


def numbers(text: str) -> Iterator[tuple[int, Number]]:
    """Read the numbers of a text, each with its place."""
    for match in NUMBER.finditer(text):
        unit = next((name for name, form in UNITS.items() if re.fullmatch(form, match["unit"] or "")), "")
        yield match.start(), Number.of(match[0], match["digits"], (match["exponent"] or "e0")[1:], unit)


def powers(tex: str) -> Iterator[Number]:
    for match in POWER.finditer(tex):
        yield Number.of(match[0], match["digits"] or "1", match["exponent"])


# Calculations

OPERAND = rf"\(?\s?[−-]?(?:{DIGITS}|½)\s?\)?"
SIDE = rf"{OPERAND}(?:\s*[+−·×/-]\s*{OPERAND})*"
EQUATION = re.compile(rf"(?<![\w.$]){SIDE}(?:\s*(?:=|≈|, about)\s*{SIDE})+")
PYTHON = str.maketrans({"−": "-", "·": "*", "×": "*", ",": None, "\n": " "})


def calculate(side: str) -> Fraction:
    """Work out `0.5 · (−0.5) + 1` exactly."""
    text = side.strip().translate(PYTHON).replace("½", "(1/2)")
    exact = re.sub(DIGITS, lambda number: f"Fraction('{number[0]}')", text)
    return Fraction(eval(exact, {"Fraction": Fraction}))  # SIDE lets nothing but numbers and signs through


def holds(equation: str) -> bool:
    """Whether all sides of an equation are equal; a decimal fraction on the right may be rounded."""
    first, *others = re.split(r"=|≈|, about", equation)
    try:
        for side in others:
            written = [number for _, number in numbers(side)]
            slack = written[0].place / 2 if len(written) == 1 and "." in written[0].text else 0
            if abs(calculate(first) - calculate(side)) > slack:
                return False
    except (SyntaxError, ZeroDivisionError):
        return False
    return True


# Pages

FORMULA = re.compile(r"(?<!\\)\$\$.+?\$\$|(?<!\\)\$[^$\n](?:[^$]*[^$\\])?\$", re.DOTALL)
# Parts of works, editions of software, numbers of preprints
REFERENCE = (
    r"(?:\b[Ss]ections?|\b[Cc]hapters?|\bLecture|\b[Vv]ersions?|arXiv:|\bShareAlike|\bPython|\bNumPy|\bSciPy)"
)
NO_PROSE = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"<!--.*?-->",
        r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)",
        r"\{\{.*?\}\}",
        FORMULA.pattern,
        # Attributes
        r"(?<=[)\]*])\{[ :.#][^}]*\}",
        # The target of a link
        r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+(?P<quote>[\"']).*?(?P=quote))?\)",
        r"</?[a-zA-Z][^>]*>",
        rf"{REFERENCE}\s*\d[\d.]*\d(?:(?:,| and| to|, and)\s+\d+\.\d+)*(?!{'|'.join(UNITS.values())})",
    )
]
TITLE = re.compile(r'"[^"]*"|\*[^*]*\*')
CITING = re.compile(
    r"(?:^|(?<=\n))(?:#{1,2} [^\n]*\{ *#sources\b[^\n]*\n).*|(?:^|(?<=\n))\s*\[\^[\w-]+\]:(?:(?!\n\n).)*",
    re.DOTALL,
)
REPORTED_SENTENCE = re.compile(r"(?:(?!\.\s|\n\n).)*\*(?:reported|reports?)\*(?:(?!\.\s|\n\n).)*", re.DOTALL)
SUMMARY = re.compile(r"## .*\{ *#what-to-remember\b")
APPROXIMATELY = re.compile(r"\b(?:about|near|nearly|around|roughly|almost|some)\s+(?:minus\s+)?$")
FIGURE = re.compile(r"assets/figures/(?P<name>[\w-]+)\.svg")


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def prose_of(text: str) -> str:
    """Put blanks in the place of all that is not prose; every character stays where it is."""
    lines = text.split("\n")
    for fence in fences(lines):
        for at in range(fence.first, fence.last + 1):
            lines[at] = " " * len(lines[at])
    text = "\n".join(lines)
    if front := FRONT_MATTER.match(text):
        kept = re.sub(r"^(?!description:).*$", blank, front[0], flags=re.MULTILINE)
        text = kept + text[front.end() :]
    for pattern in NO_PROSE:
        text = pattern.sub(blank, text)
    return CITING.sub(lambda match: TITLE.sub(blank, match[0]), text)


class Found(NamedTuple):
    """A number of the prose that might be measured, and what vouches for it."""

    at: int
    line: int
    number: Number
    by: str  # "" where nothing does


class Note(NamedTuple):
    """What says of some typed numbers what they are, or why they are typed."""

    range: range  # what it speaks of: all from its end to the next blank line
    line: int
    because: str
    values: list[float]  # what its code gives
    problem: str = ""  # why its code cannot be run

    def vouches(self, number: "Number") -> bool:
        return bool(self.because) or any(close(number, value) for value in self.values)


def close(number: "Number", value: float) -> bool:
    """Whether a number is a value, rounded and without its sign."""
    return abs(abs(value) - number.value) <= number.place * Fraction("0.50001")


class Section(NamedTuple):
    range: range
    shown: list[Number]  # in code, Output and formulas
    set: list[Number]  # in the programs behind figures and results


class Page:
    """A page's prose, and the numbers in it."""

    def __init__(self, path: Path, root: Path = ROOT) -> None:
        self.file = path.relative_to(root).as_posix()
        self.root = root
        self.text = path.read_text(encoding="utf-8")
        self.prose = prose_of(self.text)
        self.flat = self.prose.replace("*", " ")  # without emphasis, which may stand inside a calculation
        headings = [match.start() for match in re.finditer(r"^## ", self.prose, re.MULTILINE)]
        self.sections = []
        for start, end in pairwise([0, *headings, len(self.text)]):
            text = self.text[start:end]
            self.sections.append(Section(range(start, end), self.shown_in(text), self.set_for(text)))

    def shown_in(self, text: str) -> list[Number]:
        """Read what stands in code, in Output and in formulas."""
        lines = text.split("\n")
        code = ["\n".join(fence.code) for fence in fences(lines)]
        for line in lines:
            if directive := DIRECTIVE.match(line):
                _, module, inside = find_module(self.root, directive["name"])
                code.append(module.source(module.find(inside), docstrings=False))
        tex = [match[0].replace("{,}", ",") for match in FORMULA.finditer(text)]
        found = [number for part in (*code, *tex) for _, number in numbers(part)]
        return found + [number for part in tex for number in powers(part)]

    def set_for(self, text: str) -> list[Number]:
        """Read what is written in the programs behind a text's results and behind figures without results."""
        results = {match["name"]: None for match in NAME.finditer(text)}
        programs = []
        for match in FIGURE.finditer(text):
            path = self.root / "scripts/figures" / f"{match['name']}.py"
            if path.is_file():
                read = project_at(self.root).figure(path).results
                results |= dict.fromkeys(read)
                programs += [] if read else [path]  # what draws results sets no more than where to put them
        for folder in ("scripts/experiments", "scripts/benchmarks"):
            programs += [self.root / folder / f"{name}.py" for name in results]
        return [number for path in programs if path.is_file() for number in literals(path)]

    def notes(self) -> Iterator[Note]:
        for match in TYPED.finditer(self.text):
            blank = self.text.find("\n\n", match.end())
            place = range(match.end(), blank if blank >= 0 else len(self.text))
            line, because = self.line(match.start()), (match["because"] or "").strip()
            try:
                yield Note(place, line, because, work_out(match["code"]) if match["code"] else [])
            except Exception as error:  # whatever a note's code may do
                yield Note(place, line, because, [], f"this note cannot be worked out: {error!r}")

    def find(self) -> Iterator[Found]:
        """Find the numbers that might be measured, and ask for each who vouches for it."""
        right = [place for place, equation in self.calculations() if holds(equation)]
        calculated = [
            (at, number) for at, number in numbers(self.flat) if any(at in place for place in right)
        ]
        reported = [range(*match.span()) for match in REPORTED_SENTENCE.finditer(self.text)]
        notes = list(self.notes())
        everywhere = [number for section in self.sections for number in section.shown]

        for at, number in numbers(self.prose):
            if not number.might_be_measured():
                continue
            section = next(it for it in self.sections if at in it.range)
            summary = SUMMARY.match(self.text, section.range.start)  # whose numbers are the page's
            shown = everywhere if summary or number.digits >= MANY else section.shown
            exact = not number.unit and not APPROXIMATELY.search(self.prose[:at])
            witnesses = {
                CALCULATION: any(number.agrees(it) for there, it in calculated if there in section.range),
                SHOWN: any(number.agrees(it) for it in shown),
                SET: exact and any(number.value == it.value for it in section.set),
                REPORTED: any(at in place for place in reported),
                NOTED: any(at in note.range and note.vouches(number) for note in notes),
            }
            by = next((name for name, speaks in witnesses.items() if speaks), "")
            yield Found(at, self.line(at), number, by)

    def problems(self) -> Iterator[str]:
        """Say what is wrong with the page's numbers, each with its file and line."""
        found = list(self.find())
        for it in found:
            if not it.by:
                yield f"{self.file}:{it.line}: {it.number} looks measured: {WHAT_TO_DO}"
        for note in self.notes():
            below = [it for it in found if it.at in note.range]
            idle = [it for it in note.values if not any(close(other.number, it) for other in below)]
            if note.problem:
                yield f"{self.file}:{note.line}: {note.problem}"
            elif idle:
                yield f"{self.file}:{note.line}: this note gives {idle}, which nothing below it says"
            elif NOTED not in [it.by for it in below]:
                yield f"{self.file}:{note.line}: this note is not needed any more: remove it"
        for place, equation in self.calculations():
            if not holds(equation):
                yield f"{self.file}:{self.line(place.start)}: {equation} is wrong"
        for line, equation, found_value, shown_value, last in self.calculations_in_formulas():
            if abs(found_value - shown_value) > last / 2 + 1e-9 * abs(found_value):
                yield f"{self.file}:{line}: {equation} is wrong, by {found_value - shown_value:.2g}"

    def calculations(self) -> Iterator[tuple[range, str]]:
        """Find what reads like an equation between numbers."""
        for match in EQUATION.finditer(self.flat):
            yield range(*match.span()), " ".join(match[0].split())

    def calculations_in_formulas(self) -> Iterator[tuple[int, str, float, float, float]]:
        """Find the neighboring sides of the text's formulas that both are numbers, with their values."""
        text = without_fences(self.text)
        for match in FORMULA.finditer(text):
            tex = re.sub(r"(?<!\d)\.(?=\d)", "0.", match[0].strip("${} \n"))
            line = text.count("\n", 0, match.start()) + 1
            sides = [] if match[0].startswith("$$") else re.split(r"=|\\approx", tex)
            known = [(side, value) for side in sides if (value := constant(side)) is not None]
            for (left, found), (right, shown) in pairwise(known):
                equation = f"{left.strip()} = {right.strip()}"
                yield line, equation, found, shown, last_digit(right, r"\approx" in tex)

    def line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def work_out(code: str) -> list[float]:
    """Run a note's code; give the numbers of its last line."""
    *before, last = ast.parse(textwrap.dedent(code).strip()).body
    scope = names()
    exec(compile(ast.Module(before, []), "<note>", "exec"), scope)
    assert isinstance(last, ast.Expr), "its last line has to be the numbers"
    value = eval(compile(ast.Expression(last.value), "<note>", "eval"), scope)
    found: list[float] = np.hstack(value if isinstance(value, tuple) else (value,)).tolist()
    return found


def names() -> dict[str, Any]:
    """What a note may use without importing it."""
    modules = [importlib.import_module(f"dlbook.{it.name}") for it in pkgutil.iter_modules(dlbook.__path__)]
    public = {name: it for module in modules for name, it in vars(module).items() if name[0] != "_"}
    return {**vars(math), **public, "np": np}


def constant(tex: str) -> float | None:
    """Compute a formula that is a number; None for every other."""
    try:
        with np.errstate(all="ignore"):  # the text speaks of log 0, too
            return float(Values(KNOWN).value(parse(tex).lines[0].sides[0]))
    except (FormulaError, FreeIndex, LookupError, TypeError, ValueError, AttributeError):
        return None


def last_digit(tex: str, rounded: bool) -> float:
    """Say what one more in the last digit would add, where a rounded number stands alone; 0 elsewhere."""
    alone = [*powers(tex)] or [number for _, number in numbers(tex)]
    bare = re.fullmatch(r"\s*-?[\d.,]+(\s*\\cdot\s*10\^\{-?\d+\})?\s*", tex)
    return float(alone[0].place) if bare and (rounded or "." in tex) else 0.0


@cache
def project_at(root: Path) -> Project:
    return Project(root)


@cache
def literals(path: Path) -> list[Number]:
    """The numbers that are written in a program."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    ]
    return [Number(str(value), Fraction(str(value)), Fraction(0)) for value in values]


def pages() -> list[Path]:
    return sorted((ROOT / "docs/en").rglob("*.md"))
