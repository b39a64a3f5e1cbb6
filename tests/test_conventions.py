"""The Conventions in the package's docstring, on everything that dlbook offers: errors, types, randomness."""

import pickle
import re

import numpy as np
import pytest

from dlbook.layers import Dropout
from dlbook.networks import MultiLayerNet, SimpleNet, TwoLayerNet
from tests.calls import CALLABLE, C, Call, D, H, N

UNCHECKED = ("layers.BatchNorm.remember",)  # an inner step, with checked values
IN_PLACE = re.compile(r"gradients\..*:x|layers\.BatchNorm:moving_(mean|var)")
ARRAYS = [
    f"{name}:{argument}"
    for name in CALLABLE
    if not name.startswith(UNCHECKED)
    for argument, value in Call(name).values.items()
    if isinstance(value, np.ndarray)
]
NUMBERS = {  # of all arguments that are not arrays: what does not fit, and what the error says
    ("h", "lr", "eps"): [
        *[(bad, ValueError, "be a positive finite number") for bad in (0, -0.1, np.nan, np.inf, [0.1, 0.2])],
        *[(bad, TypeError, "be real numbers") for bad in ("0.1", None, 1j)],
    ],
    ("std", "weight_init_std", "weight_decay", "delta"): [
        *[(bad, ValueError, "be a finite number, at least 0") for bad in (-1e-7, np.nan, np.inf, [0.1, 0.2])],
        *[(bad, TypeError, "be real numbers") for bad in ("he", None)],
    ],
    ("momentum", "decay", "beta1", "beta2", "rate", "dropout"): [
        *[(bad, ValueError, "be a number from 0 up to, but not including, 1") for bad in (1, -0.1, np.nan)],
        *[(bad, TypeError, "be real numbers") for bad in ("half", None)],
    ],
    ("input_size", "hidden_size", "output_size", "batch_size"): [
        *[(bad, ValueError, "be at least 1") for bad in (0, -5)],
        *[(bad, TypeError, "be an integer") for bad in (2.0, "5", None, True)],
    ],
    ("epochs", "step_num"): [
        (-1, ValueError, "be at least 0"),
        *[(bad, TypeError, "be an integer") for bad in (1.5, "10", None)],
    ],
    ("rng",): [
        ("seed", TypeError, r"be a numpy\.random\.Generator or a seed"),
        (-1, ValueError, r"be a numpy\.random\.Generator or a seed"),
    ],
    ("dtype",): [(bad, TypeError, "be float32 or float64") for bad in (int, "half", np.float16, complex, 32)],
}
NO_NUMBERS = [
    (None, TypeError, "be real numbers, got None"),
    ("1", TypeError, "be real numbers, got '1'"),
    (1j, TypeError, "be real numbers, got 1j"),
    ([[1], [1, 2]], ValueError, r"have rows of equal length, got \[\[1\], \[1, 2\]\]"),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), ValueError, "be without masked entries"),
]
NO_TARGETS = [
    (np.full(N, C), ValueError, f"be labels between 0 and {C - 1}, got int64 array"),
    (np.full(N, -1), ValueError, f"be labels between 0 and {C - 1}, got int64 array"),
    (np.zeros(N), TypeError, "be integers where it holds labels, got float64 array"),
    (np.zeros(N, bool), TypeError, "be integers where it holds labels, got bool array"),
    (["0"] * N, TypeError, r"be integers where it holds labels, got <U1 array"),
    ([None] * N, TypeError, "be integers where it holds labels, got object array"),
    (np.ma.masked_equal(np.arange(N), 1), ValueError, "be without masked entries"),
    (np.zeros(N + 1, int), ValueError, rf"be of shape .*, or labels of shape \({N},\), got int64 array"),
    (np.ones((N, 1), int), ValueError, rf"be of shape \({N}, {C}\), like .*, got int64 array"),
    (0, ValueError, rf"be of shape .*, or labels of shape \({N},\), got 0"),
    (None, ValueError, "be of shape .*, got None"),
    ([[1], [1, 2]], ValueError, "have rows of equal length"),
    (np.full((N, C), 1j), TypeError, "be real numbers, got complex128 array"),
]
NO_DISTRIBUTIONS = [
    (
        np.tile([*start, 0.0, 0, 0, 0], (N, 1)),
        ValueError,
        "be rows that sum to 1 without negative entries, or",
    )
    for start in ([1, 1], [0, 0], [2, -1], [np.nan, 1], [np.inf, 0])
]
NOT_FINITE = [
    (bad, ValueError, r"be finite everywhere \(no NaN, no infinity\), got")
    for bad in (np.nan, np.inf, -np.inf)
]
FINITE = re.compile(
    r"networks\.(?!TwoLayerNet\.backward).*:[xW]|layers\.(Affine|BatchNorm):\w+|layers\.BatchNorm\.forward:x|perceptron\..*:[wx]"
    r"|descent\..*:init_x|differentiation\..*:x|gradients\..*:gradient|.*:scores"
)  # fmt: skip
NO_INPUTS = [
    (bad, ValueError, rf"be of shape \({D},\) or \(N, {D}\) with N at least 1, got")
    for bad in (*map(np.ones, [D + 1, (2, D - 1), (D, N), (1, 2, D), (0, D)]), [], 1.0)
]  # fmt: skip


def bad_arguments():
    """The name of a call and of an argument; what does not fit, the error, and its words."""
    for subject in ARRAYS:
        name, argument = subject.split(":")
        if argument == "t" and not name.startswith("training."):
            yield from ((subject, *it) for it in NO_TARGETS)
            if name != "losses.sum_squared_error":
                yield from ((subject, *it) for it in NO_DISTRIBUTIONS)
        elif not IN_PLACE.match(subject) and not name.startswith(("training.", "perceptron.XOR")):
            optional = subject == "networks.SimpleNet:W"
            yield from ((subject, *it) for it in NO_NUMBERS[optional:])
        if FINITE.fullmatch(subject):
            for bad, *said in NOT_FINITE:
                value = np.array(Call(name).values[argument])
                value[..., -1] = bad
                yield subject, value, *said
        if name.startswith("networks.") and argument == "x":
            yield from ((subject, *it) for it in NO_INPUTS)
    for name in CALLABLE:
        for argument in Call(name).parameters:
            for arguments, bad in NUMBERS.items():
                if argument in arguments and (name, argument) != ("networks.SimpleNet", "rng"):  # W is given
                    yield from ((f"{name}:{argument}", *it) for it in bad)


BAD = {}
for row in bad_arguments():
    BAD.setdefault(row[0], []).append(row[1:])


@pytest.mark.parametrize("subject", BAD)
def test_what_does_not_fit_is_named_and_leaves_everything_as_it_was(subject):
    name, argument = subject.split(":")
    for bad, error, words in BAD[subject]:
        call = Call(name)
        before = pickle.dumps(getattr(call.object, "params", None))
        with pytest.raises(error, match=f"^{argument} must {words}.*"):
            call(**{argument: bad})
        assert pickle.dumps(getattr(call.object, "params", None)) == before


# Arrays


def images(result):
    """Every bit of what a call returned or made."""
    return pickle.dumps(list(result) if type(result).__name__ == "generator" else result)


@pytest.mark.parametrize("name", CALLABLE)
def test_inputs_are_left_alone_and_may_be_read_only(name):
    call = Call(name)
    arrays = [it for it in call.values.items() if isinstance(it[1], np.ndarray)]
    params = getattr(call.object, "params", None)
    before = pickle.dumps((arrays, params))
    for argument, array in arrays:
        array.flags.writeable = bool(IN_PLACE.match(f"{name}:{argument}"))
    call()
    for _, array in arrays:
        array.flags.writeable = True
    assert pickle.dumps((arrays, params)) == before


@pytest.mark.parametrize("subject", [it for it in ARRAYS if not IN_PLACE.match(it)])
@pytest.mark.parametrize("form", [0, 1])
def test_lists_and_arrays_in_another_order_do_as_well(subject, form):
    name, argument = subject.split(":")
    expected = numbers(Call(name, form=form)())
    value = Call(name, form=form).values[argument]
    spread = np.zeros([2 * size for size in value.shape])[(..., *[slice(None, None, 2)] * value.ndim)]
    spread[...] = value
    for same in (
        value.tolist(),
        np.array(value, order="F"),
        spread,
        value.astype(value.dtype.newbyteorder()),
    ):
        for ours, theirs in zip(numbers(Call(name, form=form)(**{argument: same})), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("subject", [it for it in ARRAYS if not IN_PLACE.match(it) and it[-2:] != ":t"])
def test_integers_and_booleans_become_floats(subject):
    name, argument = subject.split(":")
    ones = np.ones_like(Call(name).values[argument])
    if argument == "y" and name.startswith("losses."):
        ones[..., 1:] = 0  # probabilities
    expected = numbers(Call(name)(**{argument: ones}))
    for dtype in (bool, np.uint8, np.int64):
        for ours, theirs in zip(numbers(Call(name)(**{argument: ones.astype(dtype)})), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def numbers(result):
    """All arrays and numbers in what a call returned or made, in order."""
    if isinstance(result, np.ndarray | float | int | np.generic):
        return [np.asarray(result)]
    if isinstance(result, dict):
        return [it for each in result.values() for it in numbers(each)]
    if isinstance(result, list | tuple) or type(result).__name__ == "generator":
        return [it for each in result for it in numbers(each)]
    return numbers(vars(result)) if hasattr(result, "__dict__") else []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CALLABLE)
def test_float32_stays_float32_and_float64_stays_float64(name, dtype):
    call = Call(name, dtype=dtype)
    made = [it for it in numbers(call()) + numbers(getattr(call.object, "grads", {})) if it.dtype.kind == "f"]
    assert {it.dtype for it in made if it.ndim} <= {np.dtype(dtype)}


# Random numbers


RANDOM = {
    "normal": Call("initializers.normal"),
    "xavier": Call("initializers.xavier"),
    "he": Call("initializers.he"),
    "simple": lambda rng: SimpleNet(rng=rng).params,
    "two layers": lambda rng: TwoLayerNet(D, H, C, rng=rng).params,
    "many layers": lambda rng: MultiLayerNet(D, [H], C, rng=rng).params,
    "dropout": lambda rng: Dropout(rng=rng).forward(np.ones(100)),
    "mini-batches": Call("training.minibatches", form=1),
    "training": lambda rng: Call("training.train")(rng=rng, net=TwoLayerNet(D, H, C, rng=0), batch_size=1),
}


@pytest.mark.parametrize("draw", RANDOM.values(), ids=RANDOM)
def test_a_seed_or_a_generator_decides_and_nothing_else(draw):
    first = images(draw(rng=7))
    assert first == images(draw(rng=7)) == images(draw(rng=np.random.default_rng(7)))
    assert len({images(draw(rng=seed)) for seed in range(5)}) > 1
    rng = np.random.default_rng(7)
    assert len({images(draw(rng=rng)) for _ in range(5)}) > 1
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    assert len({images(draw(rng=None)) for _ in range(5)}) > 1
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
