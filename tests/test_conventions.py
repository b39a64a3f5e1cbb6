"""Docstrings against the code: every argument is documented, and real calls have the shapes that are stated.

Griffe reads the docstrings, as it does to make the API pages. What a docstring does not say about an
argument, the Conventions in the package's docstring do.
"""

import importlib
import inspect
import pkgutil
import re

import griffe
import numpy as np
import pytest

import dlbook
from dlbook.networks import TwoLayerNet

N, D, H, C = 4, 3, 5, 6  # all different, so that no axis can pass as another
SIZES = {"N": N, "D": D, "H": H, "C": C}
REST = (2, 7)  # the axes of "…", unless another argument decides
HELPERS = ("_", "as_", "check_", "loss_by_", "batch_size", "read_arrays")
INSIDE = ("checks", "fast_differences")  # modules for the others
SWAPPABLE = re.compile(r"\(([A-Z…]|step_num \+ 1|batch_size), ([A-Z…])\)")


def public():
    """Every function, class and method that readers may call, by its name in the package."""
    found = {}
    for module in pkgutil.iter_modules(dlbook.__path__):
        for name, it in vars(importlib.import_module(f"dlbook.{module.name}")).items():
            ours = getattr(it, "__module__", "") == f"dlbook.{module.name}" and module.name not in INSIDE
            if ours and (inspect.isfunction(it) or inspect.isclass(it)) and not name.startswith(HELPERS):
                found[f"{module.name}.{name}"] = it
                for method in dir(it) if inspect.isclass(it) else ():
                    if inspect.isfunction(getattr(it, method)) and re.match(r"[a-zA-Z]|__call__", method):
                        found[f"{module.name}.{name}.{method}"] = getattr(it, method)
    return found


PUBLIC = public()
DOCS = {name: inspect.getdoc(it) for name, it in PUBLIC.items()}


def conventions(text=dlbook.__doc__):
    """What the Conventions say of each argument, up to the first full stop."""
    return dict(re.findall(r"^- ``(\w+)``: (.*?)\.\s", text, re.MULTILINE | re.DOTALL))


def sections(doc):
    parsed = griffe.Docstring(doc, parser="numpy").parse()
    return {it.kind.value: it.value for it in parsed if it.kind.value != "text"}


def documented(name, doc, shared):
    """What is said of each argument: by its docstring, or else by the Conventions."""
    own = {it.name.lstrip("*"): str(it.annotation) for it in sections(doc).get("parameters", [])}
    if "entry by entry" in doc:
        shared = shared | {"x": "array_like of any shape"}
    arguments = [it for it in inspect.signature(PUBLIC[name]).parameters if it != "self"]
    return own, {it: own.get(it, shared.get(it)) for it in arguments}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_is_documented_and_nothing_else(name):
    own, arguments = documented(name, DOCS[name], conventions())
    assert [it for it, said in arguments.items() if not said] == []
    assert own.keys() <= arguments.keys()


# What has no shape, or a shape that something else decides

SIZE = {"input_size": D, "output_size": C}
GRADS = {"params": {"W": np.ones((D, H))}, "grads": {"W": np.ones((D, H))}}
DATA = (np.ones((N, D)), np.arange(N))
GIVEN = {  # for each name the arguments of a call; a method's may come from its object
    "descent.gradient_descent": lambda _: {"f": square, "step_num": 3},
    "differentiation.central_difference": lambda _: {"f": np.sin},
    "differentiation.complex_step": lambda _: {"f": np.sin},
    "differentiation.five_point_difference": lambda _: {"f": np.sin},
    "differentiation.forward_difference": lambda _: {"f": np.sin},
    "gradients.gradient_check": lambda _: {"f": square},
    "gradients.numerical_gradient": lambda _: {"f": square},
    "initializers.he": lambda _: {"shape": (D, H)},
    "initializers.normal": lambda _: {"shape": (D, H)},
    "initializers.xavier": lambda _: {"shape": (D, H)},
    "networks.MultiLayerNet": lambda _: SIZE | {"hidden_sizes": [H], "dropout": 0.5},
    "networks.MultiLayerNet.forward": lambda net: {"layers": net.layers()},
    "networks.MultiLayerNet.gather": lambda net: {"layers": after_backward(net)},
    "networks.MultiLayerNet.hidden_units": lambda _: {"i": 1, "training": True},
    "networks.TwoLayerNet": lambda _: SIZE | {"hidden_size": H},
    "perceptron.Perceptron": lambda _: {"b": 1.0},
    "training.minibatches": lambda _: {"batch_size": 2},
    "training.train": lambda _: {
        "net": TwoLayerNet(D, H, C),
        "train_set": DATA,
        "test_set": DATA,
        "epochs": 1,
    },
    **{name: lambda _: GRADS for name in PUBLIC if re.fullmatch(r"optimizers\..*\.update", name)},
}
BASE = "network_base.Network"  # its own scores and gradient are for networks to define


def square(x):
    return np.sum(x**2)


def after_backward(net):
    layers = net.layers(training=True)
    dout = net.forward(np.ones((N, D)), layers)
    for layer in reversed(layers):
        dout = layer.backward(dout)
    return layers


# Shapes


def shape_of(said, form, known):
    """The shape that a type names, in the given form: single sample, batch, …; None if it has none."""
    if other := re.search(r"of the shape of (?:the )?(\w+)", said):
        return known[other[1]]
    if "shape" not in said:
        return None
    anything = ["()", "(D,)", "(N, D)", "(N, D, H)"]
    shapes = anything if "any shape" in said else re.findall(r"\([^()]*\)", said)
    axes = [it.strip() for it in shapes[min(form, len(shapes) - 1)].strip("()").split(",") if it.strip()]
    return sum((known["…"] if it == "…" else (eval(it, {}, known),) for it in axes), ())


def arguments_for(name, doc, shared, form, kind, known, it=None):
    """Values for a call: given above, or random ones in the shape that is stated."""
    rng = np.random.default_rng(0)
    values = dict(GIVEN[name](it)) if name in GIVEN else {}
    known |= {key: value for key, value in values.items() if isinstance(value, int)}
    for argument, said in documented(name, doc, shared)[1].items():
        integers = kind == 1 and ", or integers" in said
        shape = shape_of(said.split(", or integers")[integers], form, known)
        if argument in values or shape is None:
            continue
        known[argument] = shape
        if "any shape" in said:
            known["…"] = shape
        drawn = rng.integers(C, size=shape) if integers else np.asarray(rng.uniform(0.1, 0.9, shape))
        if argument in ("y", "t") and shape and not integers:
            drawn /= drawn.sum(axis=-1, keepdims=True)
        values[argument] = drawn
    return values


def call(function, values):
    """Call a function; one that takes any number of arguments with D of them."""
    kinds = {it.kind for it in inspect.signature(function).parameters.values()}
    return function(*[values["x"]] * D) if inspect.Parameter.VAR_POSITIONAL in kinds else function(**values)


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
        assert said.partition(" ")[0] == type(value).__name__


def assert_call_is_as_documented(name, doc, shared, form, kind):
    known = SIZES | {"…": REST}
    owner = ".".join(name.split(".")[:2])
    it = None
    if name != owner:
        made = arguments_for(owner, DOCS[owner], shared, form, kind, dict(known))
        it = PUBLIC[owner](**made)
    if name.startswith("layers.") and name.endswith(".backward"):
        forward = f"{owner}.forward"
        values = arguments_for(forward, DOCS[forward], shared, form, kind, known, it)
        known["output"] = np.shape(it.forward(**values))
    values = arguments_for(name, doc, shared, form, kind, known, it)
    result = call(PUBLIC[name] if it is None else getattr(it, name.rpartition(".")[2]), values)
    said = sections(doc)
    if name.endswith(".backward") and getattr(it, "grads", None):
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
    elif name.startswith("layers.") and name.endswith(".backward"):
        assert np.shape(result) == known["x"]
    else:
        assert result is None, "what a function returns is documented"


def assert_is_as_documented(name, doc, shared):
    """One sample, a batch, and whatever else is stated; targets, and labels."""
    for form in range(4):
        for kind in range(2):
            assert_call_is_as_documented(name, doc, shared, form, kind)


CALLED = [it for it in PUBLIC if not it.startswith(BASE) and it != "datasets.load_mnist"]


@pytest.mark.parametrize("name", CALLED)
def test_calls_have_the_shapes_that_the_docstring_states(name):
    assert_is_as_documented(name, DOCS[name], conventions())


def test_mnist_has_the_shapes_that_the_docstring_states():
    doc = DOCS["datasets.load_mnist"]
    for x, t, options in [("784", "", {}), ("28, 28", "10", {"flatten": False, "one_hot_label": True})]:
        assert f"(N, {x})" in doc
        assert f"(N, {t})".replace(" )", ")") in doc
        for images, targets in PUBLIC["datasets.load_mnist"](**options):
            assert images.shape == (len(images), *map(int, x.split(",")))
            assert targets.shape == (len(images), *map(int, t.split()))


@pytest.mark.parametrize(
    ("name", "at"), [(name, at) for name in CALLED for at in range(len(SWAPPABLE.findall(DOCS[name])))]
)
def test_a_shape_stated_the_wrong_way_round_is_noticed(name, at):
    found = list(SWAPPABLE.finditer(DOCS[name]))[at]
    wrong = f"{DOCS[name][: found.start()]}({found[2]}, {found[1]}){DOCS[name][found.end() :]}"
    with pytest.raises((AssertionError, ValueError)):
        assert_is_as_documented(name, wrong, conventions())


@pytest.mark.parametrize("argument", [it for it, said in conventions().items() if SWAPPABLE.search(said)])
def test_a_shape_that_the_conventions_state_the_wrong_way_round_is_noticed(argument):
    shared = conventions()
    shared[argument] = SWAPPABLE.sub(r"(\2, \1)", shared[argument])
    noticed = 0
    for name in CALLED:
        try:
            assert_is_as_documented(name, DOCS[name], shared)
        except (AssertionError, ValueError):
            noticed += 1
    assert noticed > 0
