"""The Conventions in the package's docstring, on everything that dlbook offers: errors, types, randomness."""

import pickle
import re
import tempfile
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from dlbook.autodiff import Tensor
from dlbook.layers import Dropout
from dlbook.networks import ConvNet, MultiLayerNet, SimpleNet, TwoLayerNet
from tests.calls import CALLABLE, C, Call, D, H, N

IN_PLACE = re.compile(r"gradients\..*:x|layers\.BatchNorm:moving_(mean|var)")
ARRAYS = [
    f"{name}:{argument}"
    for name in CALLABLE
    for argument, value in Call(name).values.items()
    if isinstance(value, np.ndarray)
]
NUMBERS = {  # of all arguments that are not arrays: what does not fit, and what the error says
    ("h", "lr", "eps"): [
        *[(bad, ValueError, "be a positive finite number") for bad in (0, -0.1, np.nan, np.inf, [0.1, 0.2])],
        *[(bad, TypeError, "be real numbers") for bad in ("0.1", None, 1j)],
    ],
    ("std", "weight_init_std", "weight_decay", "delta", "end"): [
        *[(bad, ValueError, "be a finite number, at least 0") for bad in (-1e-7, np.nan, np.inf, [0.1, 0.2])],
        *[(bad, TypeError, "be real numbers") for bad in ("he", None)],
    ],
    ("momentum", "decay", "beta1", "beta2", "rate", "dropout", "factor"): [
        *[(bad, ValueError, "be a number from 0 up to, but not including, 1") for bad in (1, -0.1, np.nan)],
        *[(bad, TypeError, "be real numbers") for bad in ("half", None)],
    ],
    (
        *("input_size", "hidden_size", "output_size", "batch_size", "every", "steps"),
        *("filters", "filter_size", "pool_size", "stride"),
    ): [
        *[(bad, ValueError, "be at least 1") for bad in (0, -5)],
        *[(bad, TypeError, "be an integer") for bad in (2.0, "5", None, True)],
    ],
    ("epochs", "step_num", "pad"): [
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
    (np.zeros(N), TypeError, r"be integers where it holds labels \(.*\), got float64 array"),
    (np.zeros(N, bool), TypeError, r"be integers where it holds labels \(.*\), got bool array"),
    (["0"] * N, TypeError, r"be integers where it holds labels \(.*\), got <U1 array"),
    ([None] * N, TypeError, r"be integers where it holds labels \(.*\), got object array"),
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
    r"networks\.(?!TwoLayerNet\.backward).*:[xW]|layers\.(Affine|BatchNorm):\w+|layers\.BatchNorm\.forward:x|perceptron\..*:[wx]\d?"
    r"|descent\..*:init_x|differentiation\..*:x|gradients\..*:gradient|.*:scores|digits\..*:image"
    r"|convolution\.Convolution:\w+"
)  # fmt: skip
NO_INPUTS = [
    (bad, ValueError, rf"be of shape .*\({D},\) or \(N, {D}\) with N at least 1, got")
    for bad in (*map(np.ones, [D + 1, (2, D - 1), (D, N), (1, 2, D), (0, D)]), [], 1.0)
]  # fmt: skip


def may_be_none(name, argument):
    """Whether an argument is optional in the sense that None stands for its absence."""
    return Call(name).parameters[argument].default is None


def bad_arguments():
    """The name of a call and of an argument; what does not fit, the error, and its words."""
    for subject in ARRAYS:
        name, argument = subject.split(":")
        if name == "networks.TwoLayerNet.backward":  # only goes on with what forward has checked
            continue
        if argument == "t" and not name.startswith("training."):
            yield from ((subject, *it) for it in NO_TARGETS)
            if name != "losses.sum_squared_error":
                yield from ((subject, *it) for it in NO_DISTRIBUTIONS)
        elif not IN_PLACE.match(subject) and not name.startswith("training."):
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
                if argument in arguments:
                    bad = [it for it in bad if it[0] is not None or not may_be_none(name, argument)]
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
        with pytest.raises(error, match=f"^{argument}1? must {words}.*"):  # perceptrons count theirs
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
    if isinstance(result, Tensor):  # but not how many were made before it
        return [np.asarray(result.data)]
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


# Odd inputs: whatever an argument is given, its name is in the error, or the answer is right


class Unwilling:
    """What refuses to become an array."""

    def __array__(self, dtype=None, copy=None):
        raise ValueError("no")


class Subclass(np.ndarray):
    pass


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def spread(array):
    """The same entries with gaps between them."""
    wide = np.full([2 * size for size in array.shape], -7, array.dtype)
    wide[(..., *[slice(None, None, 2)] * array.ndim)] = array
    return wide[(..., *[slice(None, None, 2)] * array.ndim)]


def in_a_file(array):
    """As `np.load` with `mmap_mode` gives it."""
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file.name, array)
        return np.load(file.name, mmap_mode="r")


RECORD = np.zeros(2, [("a", float), ("b", int)])
REFUSED = {  # by every argument; None where that is not the default
    "None": None, "a word": "word", "no word": "", "bytes": b"word", "object": object(), "dots": ...,
    "dict": {"no": 1}, "set": {1, 2}, "module": np.random, "slice": slice(3), "unwilling": Unwilling(),
    "generator": iter([1, 2]), "ragged": [[1], [1, 2]], "words": ["a", "b"], "nested None": [None, [1]],
    "complex": 1 + 2j, "complex array": np.full((N, D), 1j), "float16": np.float16(0.5),
    "float16 array": np.ones((N, D), np.float16), "longdouble": np.ones((N, D), np.longdouble),
    "object array": np.ones((N, D), object), "record": RECORD, "date": np.datetime64("2020-01-01"),
    "times": np.ones(3, "m8[s]"), "masked": np.ma.masked, "masked array": np.ma.masked_less([1.0, 2], 2),
    "sparse": sparse.eye(N, format="csr"), "sparse array": sparse.coo_array(np.eye(D)),
    "decimal": Decimal(1), "fraction": Fraction(1, 2), "digits": 10**5000,
    "nested": [[[[[None]]]]],
}  # fmt: skip
DOUBTFUL = {  # an error with the name of an argument, or an answer; nothing else
    "huge": 10**400, "digits": 10**5000,
    "0": 0, "-1": -1, "0.5": 0.5, "1.0": 1.0, "large": 10**18, "True": True, "NumPy's True": np.True_,
    "NaN": np.nan, "inf": np.inf, "1e308": 1e308, "float32": np.float32(0.5), "NaNs": np.full((N, D), np.nan),
    "zero axes": np.array(0.5), "empty": [], "no rows": np.ones((0, D)), "no columns": np.ones((N, 0)),
    "seven axes": np.ones((1,) * 7), "matrix": np.ones((1, 1)).view(np.matrix),
    "range": range(N), "buffer": bytearray(b"ab"),
    "integers": np.arange(N), "unsigned": np.arange(N, dtype=np.uint8), "booleans": np.ones((N, D), bool),
    "huge numbers": np.full((N, D), 1e308), "one row": np.ones((1, D)),
}  # fmt: skip
SAME = {  # other forms of the right array: the same numbers, or an error with the name
    "list": np.ndarray.tolist, "read-only": read_only, "spread": spread,
    "backward": lambda it: it[::-1].copy()[::-1],
    "Fortran": lambda it: np.array(it, order="F"),
    "other bytes": lambda it: it.astype(it.dtype.newbyteorder()),
    "subclass": lambda it: it.view(Subclass), "nothing masked": np.ma.array, "file": in_a_file,
    "transposed twice": lambda it: it.T.copy().T, "tuple": lambda it: tuple(it.tolist()),
    "matrix": lambda it: it.view(np.matrix) if it.ndim == 2 else it,
}  # fmt: skip
BY_NUMPY = re.compile(r"autodiff\..*:(axis|keepdims|shape|operands)")  # NumPy says what is wrong with them
ARGUMENTS = [
    subject
    for name in CALLABLE
    for argument in Call(name).parameters
    if not BY_NUMPY.match(subject := f"{name}:{argument}")
]


def everything(call):
    """Every bit of an object and of the arguments of a call."""
    return [it.tobytes() for it in numbers(vars(call.object) if call.object else {}) + numbers(call.values)]


REFUSAL = object()
CUT = re.compile("training.minibatches:[xt]")  # rows of any kind


def outcome(call, argument, value, others=()):
    """What a call returns or makes, or REFUSAL, if it names the argument (or others) and changes nothing."""
    before = everything(call)
    try:
        with warnings.catch_warnings(action="ignore"):
            return call(**{argument: value})
    except (ValueError, TypeError) as error:
        said = str(error)
    assert re.search(rf"\b({'|'.join([argument, *others])})1?\b", said), said
    assert everything(call) == before
    return REFUSAL


@pytest.mark.parametrize("subject", ARGUMENTS)
def test_odd_inputs_are_refused_by_name_or_answered(subject):
    name, argument = subject.split(":")
    call = Call(name)
    for odd, value in (REFUSED | DOUBTFUL).items():
        others = (
            [*call.parameters, "scores"]
            if odd in DOUBTFUL or isinstance(value, dict) or CUT.match(subject)
            else []
        )
        if outcome(call, argument, value, others) is not REFUSAL:
            may = odd in DOUBTFUL or CUT.match(subject) or (value is None and may_be_none(name, argument))
            assert may, f"{subject} took {odd}"
            call = Call(name)


@pytest.mark.parametrize("subject", ARRAYS)
@pytest.mark.parametrize("shape", [0, 1])
def test_other_forms_of_an_array_give_the_same_numbers(subject, shape):
    name, argument = subject.split(":")
    expected = numbers(Call(name, form=shape)())
    for form, turn in SAME.items():
        call = Call(name, form=shape)
        array = call.values[argument]
        if array.ndim == 0 and form in ("backward", "tuple"):
            continue
        result = outcome(call, argument, turn(array))
        if result is REFUSAL:  # what is changed in place has to be there to be changed
            assert IN_PLACE.match(subject), f"{subject} refuses {form}"
            assert form in ("list", "tuple", "read-only", "file"), f"{subject} refuses {form}"
            continue
        for ours, theirs in zip(numbers(result), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15)


# Random numbers


RANDOM = {
    "normal": Call("initializers.normal"),
    "xavier": Call("initializers.xavier"),
    "he": Call("initializers.he"),
    "simple": lambda rng: SimpleNet(rng=rng).params,
    "two layers": lambda rng: TwoLayerNet(D, H, C, rng=rng).params,
    "many layers": lambda rng: MultiLayerNet(D, [H], C, rng=rng).params,
    "convolution": lambda rng: ConvNet((1, 4, 4), 2, 3, H, C, rng=rng).params,
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
