"""docs/interactive/maths/tape.js records and goes back as dlbook's tape does."""

import numpy as np
import pytest

from dlbook.autodiff import Tensor
from tests.interactive.javascript import answer, javascript

FUNCTIONS = {name: getattr(Tensor, name) for name in ("exp", "log", "tanh", "relu")}
EXPRESSIONS = [
    *(
        "(p * q + c * q) * r",
        "p*p",
        "x + x + x",
        "-x**2",
        "(-x)**3 - -x",
        "x**2**3",
        "x**-1",
        "2**3*x",
        "x**0",
    ),
    *("1 - x - y - 2", "1 / x / y", "x - (y - z)", "x / (y / z)", "2*3 - 1 + x", "3 - x", "-(3 - x) * -y"),
    *("relu(w*x + b)", "log(1 + exp(-w*x))", "tanh(tanh(x)) * tanh(x)", "(w*x - t)**2 / 2", "exp(log(x))"),
    *("1.5e-1*x + .5", "a*b*c*d + a*b*c + a*b + a", "relu(x - 100) + y*0"),
]


def compare(text, inputs):
    """The same expression by JavaScript and by dlbook: every line of the tape, and every slope."""
    calls = [("read", text), ("forward", answer(0), inputs), ("gradients", answer(0), answer(1))]
    read, values, slopes = javascript("maths/tape", calls)
    tensors = dict(zip(read["names"], map(Tensor, inputs), strict=False))
    loss = eval(text, {**FUNCTIONS, **tensors})
    tape = loss.tape()
    loss.backward()
    assert values == pytest.approx([float(it.data) for it in tape], rel=1e-12, abs=1e-300)
    assert slopes == pytest.approx([float(it.grad) for it in tape], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text):
    (read,) = javascript("maths/tape", [("read", text)])
    rng = np.random.default_rng(0)
    for _ in range(5):
        compare(text, rng.uniform(0.2, 2, len(read["names"])).tolist())


def random_expression(rng, depth):
    """Every letter comes, and in the order of the alphabet, so that names and inputs go together."""
    if depth == 0:
        return rng.choice(["a", "b", "c", "0.5", "2"])
    x, y = (random_expression(rng, depth - 1) for _ in range(2))
    forms = ["({x} + {y})", "{x} - ({y})", "({x}) * {y}", "({x}) / (3 + ({y}))", "-({x}) * a", "(a*({x}))**2"]
    forms += ["tanh(b + {x})", "exp(-a*a) + ({x})", "relu({x} + c)", "log(3 + a*a + c) * ({y})"]
    return rng.choice(forms).format(x=x, y=y)


@pytest.mark.parametrize("seed", range(20))
def test_expressions_that_nobody_chose(seed):
    rng = np.random.default_rng(seed)
    compare(f"a + b + c + {random_expression(rng, 3)}", rng.uniform(0.2, 1.5, 3).tolist())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Type an expression."),
        ("  ", "Type an expression."),
        ("p * ", "A value is still missing at the end."),
        ("p * / q", "A value is expected in the place of “/”."),
        ("(p + q", "A “)” is still missing."),
        ("p + q)", "No “)” is expected there."),
        ("2 p", "No “p” is expected there."),
        ("p", "Nothing is recorded yet: it takes a letter and an operation."),
        ("2 * 3", "Nothing is recorded yet: it takes a letter and an operation."),
        ("2 ** x", "An exponent has to be a number."),
        ("exp x", "After “exp”, “(” is expected."),
        ("p ? q", "“?” is no sign that the tape knows."),
        ("p % q", "“%” is no sign that the tape knows."),
    ],
)
def test_what_is_no_expression_says_why(text, problem):
    assert javascript("maths/tape", [("read", text)]) == [{"problem": problem}]


def test_other_signs_for_the_same():
    one, other = javascript("maths/tape", [("read", "p * q - r ** 2"), ("read", "p·q − r^2")])
    assert one == other
