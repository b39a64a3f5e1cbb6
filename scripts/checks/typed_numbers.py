"""Which numbers in the prose look measured, and what vouches for each that is typed all the same.

python -m scripts.checks.typed_numbers             those that nothing vouches for
python -m scripts.checks.typed_numbers PAGE…       all of some pages, each with what vouches for it

A measured number is taken from a result by name (`scripts/extensions/numbers.py`). A typed one that has a
decimal point, an exponent or a unit might be measured, and is looked at here: in paragraphs, tables,
captions, alt texts and descriptions. Code, formulas and numbers by name are no prose. What may vouch for it:

- a calculation in the text that it is part of, and that is right: `0.9 × 3 = 2.7`;
- the same section's code, Output or formulas, where it stands at the precision of the prose;
- the program behind a figure or a result of the section, which sets it: it is written in the source;
- somebody else: the sentence says *reported*, emphasised for all to see;
- scripts/checks/typed_numbers.toml, which works it out or says why it may be typed.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from scripts.extensions.code import DIRECTIVE
from scripts.extensions.fences import fences
from scripts.extensions.location import FRONT_MATTER
from scripts.extensions.modules import find_module
from scripts.extensions.numbers import NAME
from scripts.project import ROOT, Project

LIST = ROOT / "scripts/checks/typed_numbers.toml"
CALCULATION, SHOWN, SET, REPORTED, LISTED = "a calculation", "the section", "a program", "others", "the list"

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
OPERATIONS = {
    ast.Add: Fraction.__add__,
    ast.Sub: Fraction.__sub__,
    ast.Mult: Fraction.__mul__,
    ast.Div: Fraction.__truediv__,
}


def calculate(side: str) -> Fraction:
    """Work out `0.5 · (−0.5) + 1` exactly."""
    text = side.strip().translate(PYTHON).replace("½", "(1/2)")
    return value_of(ast.parse(text, mode="eval").body, text)


def value_of(node: ast.expr, text: str) -> Fraction:
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](value_of(node.left, text), value_of(node.right, text))
    if isinstance(node, ast.UnaryOp):
        return -value_of(node.operand, text)
    return Fraction(ast.get_source_segment(text, node) or "")


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
    r"(?:^|(?<=\n))(?:#{1,2} Sources and [^\n]*\n).*|(?:^|(?<=\n))\s*\[\^[\w-]+\]:(?:(?!\n\n).)*", re.DOTALL
)
REPORTED_SENTENCE = re.compile(r"(?:(?!\.\s|\n\n).)*\*(?:reported|reports?)\*(?:(?!\.\s|\n\n).)*", re.DOTALL)
SUMMARY = "## What to remember\n"
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


class Passage(NamedTuple):
    """An entry of the list: some words of a page, and what their numbers are or why they may be typed."""

    page: str
    words: str
    is_: str = ""  # Python that gives the numbers in their order; a test works it out
    because: str = ""
    code: str = ""  # what Python has to run before

    def find(self, text: str) -> list[range]:
        """Find the places of the words; `…` among them stands for any others, and a blank for any break."""
        parts = [r"\s+".join(map(re.escape, part.split())) for part in self.words.split("…")]
        return [range(*match.span()) for match in re.finditer(r".*?".join(parts), text, re.DOTALL)]


class Section(NamedTuple):
    range: range
    shown: list[Number]  # in code, Output and formulas
    set: list[Number]  # in the programs behind figures and results


class Page:
    """A page's prose, and the numbers in it."""

    def __init__(self, path: Path, root: Path = ROOT) -> None:
        self.name = path.relative_to(root / "docs/en").with_suffix("").as_posix()
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

    def find(self, passages: Sequence[Passage] = ()) -> Iterator[Found]:
        """Find the numbers that might be measured, and ask for each who vouches for it."""
        right = [place for place, equation in self.calculations() if holds(equation)]
        calculated = [
            (at, number) for at, number in numbers(self.flat) if any(at in place for place in right)
        ]
        reported = [range(*match.span()) for match in REPORTED_SENTENCE.finditer(self.text)]
        listed = [place for it in passages if it.page == self.name for place in it.find(self.text)]
        everywhere = [number for section in self.sections for number in section.shown]

        for at, number in numbers(self.prose):
            if not number.might_be_measured():
                continue
            section = next(it for it in self.sections if at in it.range)
            summary = self.prose.startswith(SUMMARY, section.range.start)  # whose numbers are the page's
            shown = everywhere if summary or number.digits >= MANY else section.shown
            exact = not number.unit and not APPROXIMATELY.search(self.prose[:at])
            witnesses = {
                CALCULATION: any(number.agrees(it) for there, it in calculated if there in section.range),
                SHOWN: any(number.agrees(it) for it in shown),
                SET: exact and any(number.value == it.value for it in section.set),
                REPORTED: any(at in place for place in reported),
                LISTED: any(at in place for place in listed),
            }
            by = next((name for name, speaks in witnesses.items() if speaks), "")
            yield Found(at, self.line(at), number, by)

    def calculations(self) -> Iterator[tuple[range, str]]:
        """Find what reads like an equation between numbers."""
        for match in EQUATION.finditer(self.flat):
            yield range(*match.span()), " ".join(match[0].split())

    def line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


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


def passages(path: Path = LIST) -> list[Passage]:
    """Read the list."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["passage"]
    return [Passage(**{"is_" if key == "is" else key: text for key, text in it.items()}) for it in entries]


def pages(root: Path = ROOT) -> list[Path]:
    return sorted((root / "docs/en").rglob("*.md"))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.checks.typed_numbers", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("pages", metavar="PAGE", nargs="*", help="03-loss-functions, say: all of its numbers")
    options = parser.parse_args(argv)
    listed = passages()
    unknown = set(options.pages)
    alone = 0
    for path in pages():
        page = Page(path)
        unknown.discard(page.name)
        for it in page.find(listed):
            alone += not it.by
            if page.name in options.pages or (not it.by and not options.pages):
                print(f"{path.relative_to(ROOT)}:{it.line}: {it.number} ({it.by or 'NOTHING'})")
    if unknown:
        sys.exit(f"There is no page called {', '.join(sorted(unknown))}")
    return 1 if alone else 0


if __name__ == "__main__":
    sys.exit(main())
