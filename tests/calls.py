"""Calls of all that dlbook offers, with arguments of the shapes that docstrings and Conventions state.

Griffe reads the docstrings, as it does to make the API pages. What a docstring does not say about an
argument, the Conventions in the package's docstring do.
"""

import importlib
import inspect
import pkgutil
import re
from functools import cache

import griffe
import numpy as np

import dlbook
from dlbook.networks import TwoLayerNet

N, D, H, C = 4, 3, 5, 6  # all different, so that no axis can pass as another
SIZES = {"N": N, "D": D, "H": H, "C": C, "height": 9, "width": 8, "channels": 2}
SIZES |= {"W": 7, "F": 2, "HH": 3, "WW": 3, "OH": 3, "OW": 5}  # of images, filters and maps
REST = (2, 7)  # the axes of "…", unless another argument decides
# What modules do for themselves, and what `make mutants` adds.
HELPERS = ("_", "x_", "xǁ", "as_", "check_", "loss_by_", "batch_size", "read_", "are_")
INSIDE = ("checks", "fast_differences", "running")  # modules for the others


def public():
    """Every function, class and method that readers may call, by its name in the package."""
    found = {}
    for module in pkgutil.iter_modules(dlbook.__path__):
        for name, it in vars(importlib.import_module(f"dlbook.{module.name}")).items():
            ours = getattr(it, "__module__", "") == f"dlbook.{module.name}" and module.name not in INSIDE
            if ours and (inspect.isfunction(it) or inspect.isclass(it)) and not name.startswith(HELPERS):
                found[f"{module.name}.{name}"] = it
                for method in dir(it) if inspect.isclass(it) else ():
                    offered = method == "__call__" or not method.startswith(HELPERS)
                    if offered and inspect.isfunction(getattr(it, method)):
                        found[f"{module.name}.{name}.{method}"] = getattr(it, method)
    return found


PUBLIC = public()
DOCS = {name: inspect.getdoc(it) for name, it in PUBLIC.items()}


def conventions():
    """What the Conventions say of each argument, up to the first full stop."""
    return dict(re.findall(r"^- ``(\w+)``: (.*?)\.\s", dlbook.__doc__, re.MULTILINE | re.DOTALL))


CONVENTIONS = conventions()


@cache
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


# What has no shape, or a shape that something else decides

SIZE = {"input_size": D, "output_size": C}
GRADS = {"params": {"W": np.ones((D, H))}, "grads": {"W": np.ones((D, H))}}
DATA = (np.ones((N, D)), np.arange(N))
GIVEN = {  # for each name the arguments of a call; a method's may come from its object
    "autodiff.Tensor.reshape": lambda _: {"shape": (-1,)},
    "autodiff.record": lambda _: {"operands": ()},
    "convolution.MaxPooling": lambda _: {"size": 3, "stride": 1},
    "convolution.windows": lambda _: {"size": (3, 3)},
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
    "networks.ConvNet": lambda _: {
        "input_shape": (1, D, 1),
        "filters": 2,
        "filter_size": 1,
        "hidden_size": H,
        "output_size": C,
        "pool_size": 1,
    },
    "networks.ConvNet.forward": lambda net: {"layers": net.layers()},
    "networks.MultiLayerNet": lambda _: SIZE | {"hidden_sizes": [H], "dropout": 0.5},
    "networks.MultiLayerNet.forward": lambda net: {"layers": net.layers()},
    "networks.MultiLayerNet.gather": lambda net: {"layers": after_backward(net)},
    "networks.MultiLayerNet.hidden_units": lambda _: {"i": 1, "training": True},
    "networks.TwoLayerNet": lambda _: SIZE | {"hidden_size": H},
    "optimizers.cosine_decay": lambda _: {"lr": 0.1, "steps": 5},
    "optimizers.inverse_sqrt_decay": lambda _: {"lr": 0.1},
    "optimizers.step_decay": lambda _: {"lr": 0.1, "every": 5},
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
ELSEWHERE = (  # what networks define, files, what belongs to a way back, and what takes parts
    *("network_base.Network", "storage.", "datasets.load_mnist"),
    *("autodiff.Tensor.backward", "autodiff.unbroadcast", "autodiff.no_grad", "parallel."),
)
CALLABLE = [name for name in PUBLIC if not name.startswith(ELSEWHERE)]


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


def arguments_for(name, doc, shared, form, kind, known, it=None, dtype=float):
    """Values for a call: given above, or random ones in the shape that is stated."""
    rng = np.random.default_rng(0)
    values = dict(GIVEN[name](it)) if name in GIVEN else {}
    always = {"dtype": dtype, "rng": 0}
    values |= {it: always[it] for it in inspect.signature(PUBLIC[name]).parameters if it in always}
    known |= {key: value for key, value in values.items() if isinstance(value, int)}
    for argument, said in documented(name, doc, shared)[1].items():
        integers = kind == 1 and ", or integers" in said
        shape = shape_of(said.split(", or integers")[integers], form, known)
        if argument in values or shape is None:
            continue
        known[argument] = shape
        if "any shape" in said:
            known["…"] = shape
        drawn = (
            rng.integers(C, size=shape)
            if integers
            else np.asarray(rng.uniform(0.1, 0.9, shape)).astype(dtype)
        )
        if argument in ("y", "t") and shape and not integers:
            drawn /= drawn.sum(axis=-1, keepdims=True)
        values[argument] = drawn
    return values


class Call:
    """A call that is ready to be made: of a function, of a class, or of a method of a new object."""

    def __init__(self, name, doc=None, shared=CONVENTIONS, form=1, kind=0, dtype=float):
        self.name = name
        self.known = SIZES | {"…": REST}
        owner = ".".join(name.split(".")[:2])
        self.object, self.function = None, PUBLIC[name]
        if name != owner:
            made = arguments_for(owner, DOCS[owner], shared, form, kind, dict(self.known), dtype=dtype)
            self.object = PUBLIC[owner](**made)
            self.function = getattr(self.object, name.rpartition(".")[2])
        self.goes_back = name.startswith(("convolution.", "layers.")) and name.endswith(
            (".backward", ".gradients")
        )
        if self.goes_back:
            forward = f"{owner}.forward"
            values = arguments_for(forward, DOCS[forward], shared, form, kind, self.known, self.object, dtype)
            self.known["output"] = np.shape(self.object.forward(**values))
        self.values = arguments_for(
            name, doc or DOCS[name], shared, form, kind, self.known, self.object, dtype
        )

        self.parameters = inspect.signature(self.function).parameters

    def __call__(self, **others):
        """Make the call; a function that takes any number of arrays gets D of them."""
        values, many = self.values | others, ()
        for name, parameter in self.parameters.items():
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                many = values.pop(name)
        return self.function(*(many if isinstance(many, tuple) else [many] * D), **values)
