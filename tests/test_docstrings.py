"""Docstrings against the code: every argument is documented, and calls have the shapes that are stated."""

import inspect
import re

import numpy as np
import pytest

from tests.calls import CALLABLE, CONVENTIONS, DOCS, PUBLIC, Call, documented, sections, shape_of

SWAPPABLE = re.compile(r"\(([A-Z…]|step_num \+ 1|batch_size), ([A-Z…])\)")


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_documented_and_nothing_else(name):
    own, arguments = documented(name, DOCS[name], CONVENTIONS)
    assert [it for it, said in arguments.items() if not said] == []
    assert own.keys() <= arguments.keys()


def assert_is(value, said, form, known, net=None):
    if said in ("float", "int"):
        assert np.ndim(value) == 0
    elif said == "dict of str to ndarray":
        assert {key: it.shape for key, it in value.items()} == {
            key: it.shape for key, it in net.params.items()
        }
    elif (shape := shape_of(said, form, known)) is not None:
        assert np.shape(value) == shape, f"{said}: {np.shape(value)}"
    else:
        assert said.partition(" ")[0] in {it.__name__ for it in type(value).__mro__}


def assert_call_is_as_documented(name, doc, shared, form, kind):
    made = Call(name, doc, shared, form, kind)
    result, it, known, values = made(), made.object, made.known, made.values
    said = sections(doc)
    if made.goes_back and getattr(it, "grads", None):
        assert_is(it.grads, "dict of str to ndarray", form, known, it)
    for attribute in said.get("attributes", []):
        for value in (getattr(result, each) for each in attribute.name.split(", ")):
            if re.search(r"float|int|of shape", str(attribute.annotation)):
                assert_is(value, str(attribute.annotation), form, known)
            for key, shape in re.findall(r"``(\w+)`` (\([^)]*\))", attribute.description):
                assert_is(value[key], f"of shape {shape}", form, known)
    if inspect.isclass(PUBLIC[name]):
        return
    if "yields" in said:
        result = next(result)
    parts = said.get("returns", said.get("yields", []))
    if len(parts) > 1:
        assert len(result) == len(parts)
        for value, part in zip(result, parts, strict=True):
            assert_is(value, str(part.annotation), form, known, it)
    elif parts:
        assert_is(result, str(parts[0].annotation), form, known, it)
    elif "entry by entry" in doc.partition("\n\n")[0]:
        shapes = [known[argument] for argument, value in values.items() if isinstance(value, np.ndarray)]
        assert {np.shape(result)} == set(shapes)
    elif made.goes_back:
        assert np.shape(result) == known["x"]
    else:
        assert result is None, "what a function returns is documented"


def assert_is_as_documented(name, doc, shared):
    """One sample, a batch, and whatever else is stated; targets, and labels."""
    for form in range(4):
        for kind in range(2):
            assert_call_is_as_documented(name, doc, shared, form, kind)


@pytest.mark.parametrize("name", CALLABLE)
def test_calls_have_the_shapes_that_the_docstring_states(name):
    assert_is_as_documented(name, DOCS[name], CONVENTIONS)


@pytest.mark.parametrize(
    ("name", "at"), [(name, at) for name in CALLABLE for at in range(len(SWAPPABLE.findall(DOCS[name])))]
)
def test_a_shape_stated_the_wrong_way_round_is_noticed(name, at):
    found = list(SWAPPABLE.finditer(DOCS[name]))[at]
    wrong = f"{DOCS[name][: found.start()]}({found[2]}, {found[1]}){DOCS[name][found.end() :]}"
    with pytest.raises((AssertionError, ValueError)):
        assert_is_as_documented(name, wrong, CONVENTIONS)


@pytest.mark.parametrize("argument", [it for it, said in CONVENTIONS.items() if SWAPPABLE.search(said)])
def test_a_shape_that_the_conventions_state_the_wrong_way_round_is_noticed(argument):
    shared = dict(CONVENTIONS)
    shared[argument] = SWAPPABLE.sub(r"(\2, \1)", shared[argument])
    noticed = 0
    for name in CALLABLE:
        try:
            assert_is_as_documented(name, DOCS[name], shared)
        except (AssertionError, ValueError):
            noticed += 1
    assert noticed > 0
