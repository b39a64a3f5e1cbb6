r"""Is a formula true? This reads the LaTeX of the book's display formulas, and computes both of their sides.

    parse(r"y_k = \frac{e^{a_k}}{\sum_j e^{a_j}}").check(dict(a=a, y=softmax(a), j=range(3), k=range(3)))

A formula is compared for given values of its names. These are spelled as Python would: `W_1`, `λ_min`,
`x_hat` for \hat x, `μ_tilde`, `W_prime`, `w_star`, `grad_f` for ∇f, `dL_dW_1` for a derivative. A name
with an index is looked up as it stands; if it is not there, it is the entry of an array or a dict. Some
values have a meaning of their own:

- a `range`: the name is an index. Sums run over it, and where it is free the formula has to hold for all
  of it.
- a function: `f(x)` calls it, and a lonely `f` means `f(x)`.
- a NumPy `Polynomial`: a function, and f', f^{(5)} and so on are known, too. Where dots end a series,
  take one of so low a degree that nothing is left for the dots: they count as 0.
- `...`: the formula defines the name, and the lines below use what it says.

`check` also takes `after`, the values that ← leaves behind; `equals`, another expression that the formula
has to be equal to; `holds`, whether the formula is true at all; and `line`, the only line to look at,
counted from 1. The name `chance` stands for numbers between 0 and 1, which decide where a case comes
"with probability".
"""

import operator
import re
from functools import cache
from typing import NamedTuple

import numpy as np
from lark import Lark, Tree
from lark.exceptions import UnexpectedInput
from numpy.polynomial import Polynomial

TOLERANCE = 1e-9  # of the largest number in a comparison, or of 1

GRAMMAR = r"""
display: _BEGIN_ALIGNED? _line ((_BREAK | _GAP) (_line | continued))* _END_ALIGNED?
_line: chain | guarded
chain: sum (RELATION sum)*
continued: (RELATION sum)+
guarded: sum _COLON chain

sum: [SIGN] term (SIGN term)*
term: _factors
_factors: _factor | _factor _factors | _factor OPERATOR _factors | _reaching
_reaching: sum_of_all | sum_over | sum_without | sum_in | sum_from_to | limit | differentiated
sum_of_all: "\\sum" term
sum_over: "\\sum" "_" (name | "{" name "}") term
sum_without: "\\sum" "_" "{" name "\\ne" bare "}" term
sum_in: "\\sum" "_" "{" name "\\in" bare "}" term
sum_from_to: "\\sum" "_" "{" name RELATION sum "}" "^" _argument term
limit: "\\lim" "_" "{" name "\\to" sum "}" term
differentiated: _FRACTION "{" _PARTIAL "}" "{" _PARTIAL variable "}" term

_factor: _atom | power | transpose
power: _atom "^" _argument
transpose: _atom _TRANSPOSED
_atom: number | variable | group | fraction | slope | root | absolute | norm | mean | cases | matrix | dots
number: NUMBER
variable: name [subscript] [MARK]
group: "(" _items ")" | "[" _items "]"
_items: (sum | _ELLIPSIS) (("," | ";") (sum | _ELLIPSIS))*
fraction: _FRACTION _argument _argument
slope: _FRACTION "{" _PARTIAL variable "}" "{" _PARTIAL variable "}"
root: "\\sqrt" ["[" number "]"] "{" sum "}"
absolute: "\\lvert" sum "\\rvert"
norm: "\\lVert" sum "\\rVert"
mean: "\\overline" "{" sum "}"
cases: _BEGIN_CASES case (_BREAK case)* _END_CASES
case: sum (_IF chain | _OTHERWISE | _CHANCE sum)
matrix: _BEGIN_MATRIX row (_BREAK row)* _END_MATRIX
row: sum ("&" sum)*
dots: "\\dots"

_argument: "{" sum "}" | digit | bare
bare: name -> variable
digit: DIGIT -> number
name: LETTER | COMMAND | WORD | ACCENT name | ACCENT "{" name "}" | NABLA name
subscript: "_" (DIGIT | name | "{" index+ "}")
index: _part (SIGN _part)*
_part: DIGIT | place
place: name [subscript]

RELATION.2: /&?\s*(=|<|>|\\le\b|\\ge\b|\\approx\b|\\leftarrow\b)/
SIGN.2: /[+-]|\\pm\b/
OPERATOR.2: /\\cdot\b|\\odot\b/
MARK: /'+|\^\*|\^\{\(\d\)\}/
NUMBER: /\d+(\.\d+)?/
DIGIT: /\d/
LETTER: /[A-Za-z]/
COMMAND: /\\[a-zA-Z]+/
WORD.2: /\\(text|operatorname|mathbb)\{[^}]*\}/
ACCENT.2: /\\(hat|tilde)\b/
NABLA: "\\nabla"
_PARTIAL: "\\partial"
_FRACTION.2: /\\[td]?frac(?![a-zA-Z])/
_TRANSPOSED.2: /\^\s*\\top\b/
_ELLIPSIS: "\\ldots"
_COLON.3: /\{:\}\s*\\quad\s*&/
_IF.3: /&\s*\\text\{if \}/
_OTHERWISE.3: /&\s*\\text\{(otherwise|else)\.?\}/
_CHANCE.3: /&\s*\\text\{with probability \}/
_BREAK.4: /[,.]?\s*\\\\(\[[^\]]*\])?\s*&?/
_GAP.4: /,\s*(&\s*\\quad|&|\\qquad)|\\qquad\s*\\text\{or\}\s*\\qquad|\\quad\s*\\Rightarrow\s*\\quad/
_BEGIN_ALIGNED.3: /\\begin\{aligned\}\s*&?/
_END_ALIGNED.3: /[,.]?\s*\\end\{aligned\}/
_BEGIN_CASES.3: "\\begin{cases}"
_END_CASES.3: /[,.]?\s*\\end\{cases\}/
_BEGIN_MATRIX.3: "\\begin{pmatrix}"
_END_MATRIX.3: "\\end{pmatrix}"
SPACE.3: /\s+|\\[,;:!]|\\(left|right|[bB]ig[lr]|q?quad)(?![a-zA-Z])/
%ignore SPACE
"""
PARSER = Lark(GRAMMAR, start="display", parser="lalr", propagate_positions=True)

GREEK = {"beta": "β", "gamma": "γ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ"}
GREEK |= {"lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "varphi": "φ"}
SIGNS = {"+": 1, "-": -1}
KNOWN = {"e": np.e, "log": np.log, "cos": np.cos, "max": np.maximum, "Im": np.imag, "pm": np.array([1, -1])}


class FormulaError(Exception):
    """A formula that cannot be read or computed."""


class Untrue(Exception):
    """A formula that is not true."""


class FreeIndex(Exception):
    """An index that has no value yet: a formula with it has to hold for all of them."""


@cache
def parse(tex):
    """Read a display formula."""
    # An upright bar opens and closes, the d of a derivative looks like a letter, and 12 may be 1 and 2.
    text = re.sub(r"\\left\||\\right\|", "|", tex)
    text = re.sub(r"\|([^|]*)\|", r"\\lvert \1 \\rvert ", text)
    text = re.sub(r"\\frac\{d([a-zA-Z])\}\{d([a-zA-Z])\}", r"\\frac{\\partial \1}{\\partial \2}", text)
    text = re.sub(r"(\\[td]?frac)(\d)(\w)", r"\1{\2}{\3}", text)
    text = text.strip().rstrip(",. \n")
    try:
        return Formula(text, PARSER.parse(text))
    except UnexpectedInput as error:
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        rest = "its end" if ended else " ".join(text[error.pos_in_stream :].split())
        raise FormulaError(f"cannot read {' '.join(text.split())}, starting at {rest}") from None


class Line(NamedTuple):
    """A chain of sides with relations between them, or a single side."""

    text: str
    sides: list
    relations: list
    guard: object = None  # what says whether the chain is to hold


class Formula:
    """A display formula; its lines follow each other, and each may use what those above have defined."""

    def __init__(self, text, tree):
        self.text = text
        self.lines = []
        for node in tree.children:
            self.lines.append(self.line(node))

    def line(self, node):
        said = " ".join(self.text[node.meta.start_pos : node.meta.end_pos].replace("&", "").split())
        guard, parts = None, node.children
        if node.data == "guarded":
            guard, parts = parts[0], parts[1].children
        elif node.data == "continued":
            # It goes on from what the line above ends with, which may be all that stands there.
            above = self.lines[-1] if self.lines[-1].relations else self.lines.pop()
            parts = [above.sides[-1], *parts]
        return Line(said, parts[::2], list(map(plain, parts[1::2])), guard)

    def check(self, names, line=None, after=None, equals=None, holds=True):
        """Raise `Untrue` if the formula is false for these values (or true, where it is not to hold)."""
        names = {**KNOWN, **names}
        try:
            last = self.lines[-1]
            for it in self.lines if line is None else [self.lines[line - 1]]:
                if not it.relations and not (it is last and equals):
                    raise FormulaError(f"{it.text} makes no claim: say what it equals")
                self.check_line(it, names, after or {})
            if equals is not None:
                given = parse(equals).lines[0]
                text = f"{last.text}, which is {given.text}"
                self.check_line(Line(text, [last.sides[-1], given.sides[0]], ["="]), names, {})
        except Untrue:
            if holds:
                raise
        else:
            if not holds:
                raise Untrue(f"{self.text} holds, and should not")

    def check_line(self, line, names, after):
        try:
            self.compare_line(line, names, after)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise FormulaError(f"cannot compute {line.text}: {error}") from error

    def compare_line(self, line, names, after):
        target = line.sides[0]
        if line.relations[:1] == [r"\leftarrow"]:
            compare(line, Values({**names, **after}), Values(names))
            names.update({name: after[name] for name in spellings(target) if name in after})
            return
        if line.relations and names.get(spelling(target)) is ...:
            names[spelling(target)] = Values(names).value(line.sides[1])
        compare(line, Values(names), Values(names))


def compare(line, first, others):
    """Compare all neighbours in a line. The first side may have values of its own."""
    try:
        if line.guard is not None:
            found = [others.value(it) for it in line.sides]
            holds = all(map(related, found, line.relations, found[1:]))
            expected = bool(first.value(line.guard))
            if expected != holds:
                raise Untrue(f"{line.text} is {holds}, and should be {expected}{first.place()}")
            return
        found = [first.value(line.sides[0]), *map(others.value, line.sides[1:])]
    except FreeIndex as free:
        (index,) = free.args
        if not first.names[index]:
            raise FormulaError(f"{index} has no values, so {line.text} makes no claim") from None
        for value in first.names[index]:
            compare(line, first.with_(index, value), others.with_(index, value))
        return
    for left, relation, right in zip(found, line.relations, found[1:], strict=False):
        if not related(left, relation, right):
            raise Untrue(f"{line.text}: {shown(left)} against {shown(right)}{first.place()}")


class Values:
    """Computes the parts of a formula, for given values of its names."""

    def __init__(self, names, running=()):
        self.names = names
        self.running = running  # the indices that run, and where they are

    def with_(self, name, value):
        return Values({**self.names, name: value}, (*self.running, (name, value)))

    def place(self):
        return "".join(f", {name} = {value}" for name, value in self.running)

    def value(self, node):
        return getattr(self, node.data)(*node.children)

    # Sums and products

    def chain(self, *parts):
        values = [self.value(it) for it in parts[::2]]
        return all(map(related, values, map(plain, parts[1::2]), values[1:]))

    def sum(self, sign, first, *others):
        total = self.signed(sign or "+", first)
        for sign, term in zip(others[::2], others[1::2], strict=True):
            total = total + self.signed(sign, term)
        return total

    def signed(self, sign, term):
        return SIGNS.get(sign, self.names["pm"]) * self.value(term)

    def term(self, *factors):
        """Multiply from left to right, where a function takes what stands to the right of it."""
        left, times = None, multiply
        todo = list(factors)
        while todo:
            if todo[0] in TIMES:
                times = TIMES[todo.pop(0)]
                continue
            right = self.applied(todo)
            left = right if left is None else times(left, right)
            times = multiply
        return left

    def applied(self, todo):
        """Take the next factor from the list; if it is a function, also what it is applied to."""
        node = todo.pop(0)
        factor = self.value(node)
        if not callable(factor):
            return factor
        following = todo[0] if todo and todo[0] not in TIMES else None
        if following is not None and base(following).data == "group":
            value = factor(*[self.value(it) for it in base(todo.pop(0)).children])
            return self.raised(value, following)
        if following is not None and len(spelling(node.children[0])) > 1:  # a word, such as log
            return factor(self.applied(todo))
        return factor(self.named("x"))

    def raised(self, value, node):
        if node.data == "power":
            return value ** self.value(node.children[1])
        return np.transpose(value) if node.data == "transpose" else value

    def power(self, below, above):
        return self.value(below) ** self.value(above)

    def transpose(self, matrix):
        return np.transpose(self.value(matrix))

    def fraction(self, above, below):
        return self.value(above) / self.value(below)

    def root(self, degree, radicand):
        value = self.value(radicand)
        return np.sqrt(value) if degree is None else value ** (1 / self.value(degree))

    def absolute(self, inside):
        return np.abs(self.value(inside))

    def norm(self, inside):
        return np.linalg.norm(self.value(inside), axis=-1)

    def mean(self, inside):
        return np.mean(self.value(inside), axis=0)

    def group(self, *items):
        values = [self.value(it) for it in items]
        return values[0] if len(values) == 1 else np.array(values)

    def matrix(self, *rows):
        return np.array([[self.value(it) for it in row.children] for row in rows])

    def number(self, digits):
        return float(digits) if "." in digits else int(digits)

    def dots(self):
        return 0

    # Sums over an index, limits and derivatives

    def sum_of_all(self, term):
        return np.sum(self.value(term))

    def sum_over(self, index, term):
        return self.added(index, self.names.get(spelling(index)), term)

    def sum_without(self, index, other, term):
        all_but = [it for it in self.names[spelling(index)] if it != self.value(other)]
        return self.added(index, all_but, term)

    def sum_in(self, index, members, term):
        return self.added(index, self.value(members), term)

    def sum_from_to(self, index, equals, first, last, term):
        if equals != "=":
            raise FormulaError(f"a sum over {spelling(index)} {equals}, and not from = to")
        return self.added(index, range(self.value(first), self.value(last) + 1), term)

    def added(self, index, values, term):
        if not np.iterable(values):
            raise FormulaError(f"{spelling(index)} runs over {values}: bind it to a range")
        return sum(Values({**self.names, spelling(index): it}).value(term) for it in values)

    def limit(self, index, goal, term):
        """Let the polynomial through some values nearby say what stands in the limit."""
        steps = 0.5 ** np.arange(2, 8)
        goal = self.value(goal)
        values = [Values({**self.names, spelling(index): goal + step}).value(term) for step in steps]
        return Polynomial.fit(steps, values, len(steps) - 1)(0.0)

    def differentiated(self, variable, term):
        """Differentiate by a step into the complex plane."""
        name, subscript, _ = variable.children
        h = 1e-20
        stepped = np.array(self.named(spelling(name)), complex)
        stepped[self.indices(subscript) if subscript else ...] += 1j * h
        return np.imag(Values({**self.names, spelling(name): stepped}).value(term)) / h

    # Cases

    def cases(self, *cases):
        conditions: list = []
        values, chances = [], []
        for case in cases:
            value, *condition = case.children
            values.append(self.value(value))
            if not condition:  # otherwise
                conditions.append(sum(conditions) == 0)
            elif condition[0].data == "chain":
                conditions.append(self.value(condition[0]))
            else:
                chances.append(self.value(condition[0]))
                passed = sum(chances)
                conditions.append(
                    (self.named("chance") < passed) & (self.named("chance") >= passed - chances[-1])
                )
        if chances and not close(sum(chances), 1):
            raise FormulaError(f"the probabilities of the cases add up to {sum(chances)}, not 1")
        if not np.all(sum(np.asarray(it, int) for it in conditions) == 1):
            raise FormulaError("not exactly one of the cases applies")
        return np.select(np.broadcast_arrays(*conditions), np.broadcast_arrays(*values))[()]

    # Names

    def variable(self, name, subscript=None, mark=None):
        mark = mark or ""
        marked = spelling(name) + {"'": "_prime", "^*": "_star"}.get(mark, mark)
        function = self.names.get(spelling(name))
        if mark and marked not in self.names and isinstance(function, Polynomial):
            return function.deriv(len(mark) if mark.startswith("'") else int(mark.strip("^{()}")))
        return self.entry(marked, subscript)

    def slope(self, above, below):
        names = [f"d{spelling(it.children[0])}" for it in (above, below)]
        subscripts = [it.children[1] for it in (above, below) if it.children[1]]
        return self.entry("_".join(names), *subscripts)

    def entry(self, name, *subscripts):
        """Look a name up together with its subscript, or else the entry of what it stands for."""
        given = [it for it in subscripts if it is not None]
        whole = "_".join([name, *map(spelling, given)])
        if whole in self.names or not given:
            return self.named(whole)
        value = self.named(name)
        at = tuple(place for it in given for place in self.indices(it))
        try:
            return value[at[0] if len(at) == 1 else at]
        except (IndexError, KeyError, TypeError):
            raise FormulaError(f"{name} has no entry {at}") from None

    def indices(self, subscript):
        return tuple(map(self.position, subscript.children))

    def position(self, part):
        if not isinstance(part, Tree):
            return int(part)
        if part.data == "index":
            first, *others = part.children
            steps = zip(others[::2], others[1::2], strict=True)
            return self.position(first) + sum(SIGNS[str(sign)] * self.position(it) for sign, it in steps)
        return self.variable(*part.children) if part.data == "place" else self.variable(part)

    def named(self, name):
        if name not in self.names:
            raise FormulaError(f"nothing is known about {name}")
        value = self.names[name]
        if value is ...:
            raise FormulaError(f"{name} is used before it is defined")
        if isinstance(value, range):
            raise FreeIndex(name)
        return value


def multiply(a, b):
    """Juxtaposed: a matrix product if there is a matrix, otherwise entry by entry."""
    return a @ b if max(np.ndim(a), np.ndim(b)) == 2 and min(np.ndim(a), np.ndim(b)) else a * b


def dot(a, b):
    return a @ b if np.ndim(a) and np.ndim(b) else a * b


TIMES = {r"\cdot": dot, r"\odot": operator.mul}
RELATIONS = {"<": np.less, ">": np.greater, r"\le": np.less_equal, r"\ge": np.greater_equal}


def related(left, relation, right):
    return bool(np.all(RELATIONS.get(relation, close)(left, right)))


def plain(relation):
    """Take away the mark by which lines are aligned."""
    return relation.strip("& \n")


def close(a, b):
    if np.shape(a) != np.shape(b):
        return False
    largest = max(1, np.max(np.abs(a)), np.max(np.abs(b)))
    return np.abs(np.subtract(a, b)) <= TOLERANCE * largest


def shown(value):
    return np.array2string(np.asarray(value), precision=12, threshold=9)


def base(node):
    return node.children[0] if node.data in ("power", "transpose") else node


def spelling(node):
    """Spell a name, its subscript included, as Python would."""
    if not isinstance(node, Tree):
        word = re.sub(r"\\[a-z]+\{(.*)\}", r"\1", node).strip().lstrip("\\")
        return GREEK.get(word, word)
    parts = [spelling(it) for it in node.children if it is not None]
    if node.data == "name" and len(parts) > 1:
        mark, inside = parts
        return f"grad_{inside}" if mark == "nabla" else f"{inside}_{mark}"
    return ("_" if node.data in ("variable", "place") else "").join(parts)


def spellings(node):
    """Spell all names in a part of a formula, with their subscripts and without."""
    variables = list(node.find_data("variable"))
    return {spelling(it) for it in variables} | {spelling(it.children[0]) for it in variables}
