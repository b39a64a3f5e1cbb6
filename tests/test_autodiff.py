"""Automatic differentiation against `autograd` and differences, and what must not go wrong without a word."""

import gc
import operator
import threading
import weakref
from itertools import pairwise

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from dlbook.autodiff import Tensor, no_grad, record, unbroadcast
from dlbook.gradients import gradient_check
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from scripts.experiments.cost_of_autodiff import loss_of, loss_of_whole_steps

ANY = [[()], [(3,)], [(2, 3)], [(4, 1, 3)]]
AXES = ANY[1:]
MATRICES = ANY[2:]
PAIRS = [
    *([(), ()], [(3,), ()], [(), (2, 3)], [(2, 3), (2, 3)], [(2, 3), (3,)], [(2, 1), (1, 3)]),
    *([(4, 1, 3), (2, 1)], [(1,), (0, 3)], [(1, 1), (2, 2, 2)]),
]
PRODUCTS = [
    *([(3,), (3,)], [(2, 3), (3,)], [(3,), (3, 4)], [(2, 3), (3, 4)], [(1, 1), (1, 1)]),
    *([(0, 3), (3, 2)], [(2, 0), (0, 3)], [(0,), (0,)]),
]
MATRIX = np.arange(6.0).reshape(3, 2)


def method(name, *arguments, **keywords):
    """Return our method and autograd's function of the same name."""
    return (
        lambda x: getattr(x, name)(*arguments, **keywords),
        lambda x: getattr(anp, name)(x, *arguments, **keywords),
    )


def both(f):
    return f, f


OPERATIONS = {  # ours, autograd's, and the shapes of the operands
    "x + y": (*both(operator.add), PAIRS),
    "x - y": (*both(operator.sub), PAIRS),
    "x * y": (*both(operator.mul), PAIRS),
    "x / y": (*both(operator.truediv), PAIRS),
    "x @ y": (*both(operator.matmul), PRODUCTS),
    "-x": (*both(operator.neg), ANY),
    "x**2": (*both(lambda x: x**2), ANY),
    "x**3": (*both(lambda x: x**3), ANY),
    "x**0.5": (*both(lambda x: x**0.5), ANY),
    "x**-1": (*both(lambda x: x**-1), ANY),
    "x**1": (*both(lambda x: x**1), ANY),
    "x**0": (lambda x: x**0, lambda x: 0 * x + 1, ANY),
    "constants": (*both(lambda x: 3 - 2 / (1 + x) * 2), ANY),
    "arrays": (*both(lambda x: np.ones(3) / x - np.arange(3) + np.float64(2) * x), ANY),
    "array @ x": (*both(lambda x: MATRIX @ x), [[(2,)], [(2, 4)]]),
    "x @ array": (*both(lambda x: x @ MATRIX), [[(3,)], [(2, 3)]]),
    "vector @ x": (*both(lambda x: np.ones(3) @ x), [[(3,)], [(3, 2)]]),
    "x used twice": (*both(lambda x: x * x + x), ANY),
    "x * mask": (*both(lambda x: x * ((x > 0.6) | (x <= 0.4))), ANY),
    "x.exp": (*method("exp"), ANY),
    "x.log": (*method("log"), ANY),
    "x.tanh": (*method("tanh"), ANY),
    "x.relu": (lambda x: (x - 0.5).relu(), lambda x: anp.maximum(x - 0.5, 0), ANY),
    "x.sum": (*method("sum"), ANY),
    "x.sum(0)": (*method("sum", 0), AXES),
    "x.sum(-1, True)": (*method("sum", axis=-1, keepdims=True), AXES),
    "x.sum((0, 1))": (*method("sum", axis=(0, 1)), MATRICES),
    "x.mean": (*method("mean"), ANY),
    "x.mean(1)": (*method("mean", 1), MATRICES),
    "x.max": (*method("max"), ANY),
    "x.max(0)": (*method("max", 0), AXES),
    "x.max(1, True)": (*method("max", axis=1, keepdims=True), MATRICES),
    "x.max((0, 1))": (*method("max", axis=(0, 1)), MATRICES),
    "x.reshape": (lambda x: x.reshape(-1, 1), lambda x: anp.reshape(x, (-1, 1)), ANY),
    "x.reshape(tuple)": (*method("reshape", (3, -1)), AXES),
    "x.T": (*both(lambda x: x.T), ANY),
    "x[0, 0]": (*both(lambda x: x[0, 0]), MATRICES),
    "x[:, ::-2]": (*both(lambda x: x[:, ::-2]), MATRICES),
    "x[..., None]": (*both(lambda x: x[..., None]), ANY),
    "x[list]": (*both(lambda x: x[[1, 0, 1, 1]]), AXES),
    "x[rows, columns]": (*both(lambda x: x[np.array([1, 0, 1]), np.array([0, 0, 0])]), MATRICES),
    "x[mask]": (lambda x: x[x > 0.5], lambda x: x[x > 0.5], AXES),
    "rows of x": (lambda x: sum(x), lambda x: sum(x[i] for i in range(len(x))), AXES),
}
CASES = [(name, shapes) for name, (*_, of) in OPERATIONS.items() for shapes in of]


@pytest.mark.parametrize(("name", "shapes"), CASES)
def test_operations(name, shapes):
    """In float64 and float32, against autograd and against differences; all operands, and each one alone."""
    ours, theirs, _ = OPERATIONS[name]
    rng = np.random.default_rng(3)
    values = [rng.uniform(0.1, 0.9, shape) for shape in shapes]
    weights = rng.normal(size=np.shape(theirs(*values)))
    expected = grad(lambda v: anp.sum(theirs(*v) * weights))([np.array(value) for value in values])
    for dtype, tolerance in ((np.float64, 1e-13), (np.float32, 2e-6)):
        for constant in (None, *range(len(values))) if len(values) > 1 else (None,):
            typed = [np.asarray(value, dtype) for value in values]
            operands = [v if i == constant else Tensor(v) for i, v in enumerate(typed)]
            out = ours(*operands)
            np.testing.assert_allclose(out.data, theirs(*values), rtol=tolerance, atol=tolerance)
            (out * weights.astype(dtype)).sum().backward()
            for operand, theirs_ in zip(operands, expected, strict=True):
                if isinstance(operand, Tensor):
                    assert operand.grad.dtype == dtype
                    assert operand.grad.shape == operand.shape
                    np.testing.assert_allclose(
                        operand.grad, theirs_, rtol=10 * tolerance, atol=10 * tolerance
                    )
    tensors = [Tensor(value) for value in values]
    (ours(*tensors) * weights).sum().backward()
    for i, tensor in enumerate(tensors):

        def f(x, i=i):
            return (ours(*values[:i], Tensor(x), *values[i + 1 :]) * weights).sum().data

        assert gradient_check(f, np.array(values[i]), tensor.grad) < 1e-6


@pytest.mark.parametrize("seed", range(30))
def test_expressions_that_nobody_chose(seed):
    """Thirty random operations on three matrices, each on results that may be used again and again."""

    def expression(x, exp, tanh, total):
        rng = np.random.default_rng(seed)
        found = list(x)
        for _ in range(30):
            a, b = (found[i] for i in rng.integers(len(found), size=2))
            found.append(
                [
                    lambda a, b: a + b,
                    lambda a, b: a - 2 * b,
                    lambda a, b: tanh(a) * tanh(b),
                    lambda a, b: a / (1 + exp(tanh(b))),
                    lambda a, b: tanh(a @ b.T) @ b,
                    lambda a, b: a[1:2] * b[:, 1:2] + b[::-2][:1],
                    lambda a, b: tanh(a) ** 3 - total(b, 0),
                ][rng.integers(7)](a, b)
                * 0.5
            )
            if found[-1].shape != (3, 3):
                found[-1] = found[-1] + a
        return total(found[-1] * found[-2])

    def by_ours(x):
        return expression(x, Tensor.exp, Tensor.tanh, Tensor.sum)

    def by_autograd(x):
        return expression(x, anp.exp, anp.tanh, anp.sum)

    values = list(np.random.default_rng(seed).normal(size=(3, 3, 3)))
    tensors = [Tensor(value) for value in values]
    by_ours(tensors).backward()
    for tensor, expected in zip(tensors, grad(by_autograd)(values), strict=True):
        ours = np.zeros((3, 3)) if tensor.grad is None else tensor.grad
        np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12)


# The network of chapter 7


@pytest.mark.parametrize("loss_of", [loss_of, loss_of_whole_steps])
@pytest.mark.parametrize("samples", [1, 7, 100])
def test_its_gradient_is_that_of_the_formulas(samples, loss_of):
    rng = np.random.default_rng(5)
    net = TwoLayerNet(12, 6, 4, weight_init_std=1, rng=rng)
    x, t = rng.normal(size=(samples, 12)), rng.integers(4, size=samples)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-6)):
        net.params = {name: param.astype(dtype) for name, param in net.params.items()}
        tensors = {name: Tensor(param) for name, param in net.params.items()}
        loss = loss_of(tensors.values(), x.astype(dtype), t)
        loss.backward()
        assert loss.data == pytest.approx(net.loss(x, t), rel=tolerance)
        for name, expected in net.gradient(x, t).items():
            np.testing.assert_allclose(tensors[name].grad, expected, rtol=0, atol=tolerance)
            assert tensors[name].grad.dtype == dtype


def test_a_hundred_steps_are_those_of_the_formulas():
    rng = np.random.default_rng(6)
    nets = [TwoLayerNet(12, 6, 4, weight_init_std=1, rng=0) for _ in range(2)]
    optimizer = SGD(0.5)
    tensors = [Tensor(param) for param in nets[0].params.values()]
    for _ in range(100):
        x, t = rng.normal(size=(20, 12)), rng.integers(4, size=20)
        loss = loss_of(tensors, x, t)
        assert float(loss.data) == pytest.approx(nets[1].loss(x, t), abs=1e-12)
        loss.backward()
        for tensor in tensors:
            tensor.data, tensor.grad = tensor.data - 0.5 * tensor.grad, None
        optimizer.update(nets[1].params, nets[1].gradient(x, t))


# The tape


def test_the_tape_has_everything_after_its_parents_and_nothing_else():
    x, other = Tensor(2.0), Tensor(3.0)
    y = x * x
    z = y + x
    tape = (z * y).tape()
    assert tape[:3] == [x, y, z]
    assert len(tape) == 4
    assert other not in tape
    assert all(a.number < b.number for a, b in pairwise(tape))
    for i, node in enumerate(tape):
        assert {parent for parent, _ in node.steps} <= set(tape[:i])


def test_what_was_never_used_has_no_gradient():
    x, unused = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    _ = unused * x  # computed, but not for this result
    (x * 0).sum().backward()
    assert unused.grad is None
    np.testing.assert_array_equal(x.grad, [0, 0])  # used, and without influence


def test_every_value_between_gets_its_gradient():
    p, q, c, r = (Tensor(value) for value in (8.0, 3.0, 2.0, 0.9))
    u, v = p * q, c * q
    s = u + v
    (s * r).backward()
    slopes = [float(it.grad) for it in (p, q, c, r, u, v, s)]
    assert slopes == pytest.approx([2.7, 9, 2.7, 30, 0.9, 0.9, 0.9], rel=1e-15)


def test_a_hundred_thousand_operations_in_a_row():
    x = Tensor(1.0)
    y = x
    for _ in range(100_000):
        y = -y
    assert len(y.tape()) == 100_001
    y.backward()
    assert x.grad == 1
    for _ in range(100_000):  # and one that nobody goes back through ends without a crash
        y = -y
    del y


def test_gradients_of_two_losses_add_up():
    x = Tensor([1.0, 2.0])
    (x * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [5, 7])
    np.testing.assert_array_equal(first, [2, 4])
    x.grad = None
    (3 * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 3])


def test_a_gradient_may_be_changed_without_changing_another():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    (x + y).sum().backward()
    x.grad *= 100
    np.testing.assert_array_equal(y.grad, [1, 1])


def test_going_back_frees_what_was_recorded_and_refuses_to_go_again():
    x = Tensor(np.ones(3))
    y = x * x
    between = weakref.ref(between_ := y * 2)
    loss = between_.sum()
    del between_
    gc.disable()
    try:
        loss.backward()
        assert between() is None
    finally:
        gc.enable()
    for again in (loss, y.sum(), (y * x).sum() + 1):
        before = x.grad.copy()
        with pytest.raises(
            ValueError, match=r"^backward must be called once \(add losses first\), got 'a used"
        ):
            again.backward()
        np.testing.assert_array_equal(x.grad, before)
    np.testing.assert_array_equal((y + 1).data, [2, 2, 2])  # its numbers may be used


def test_equal_numbers_share_the_gradient_of_their_maximum():
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    (x.max(axis=1) * [1, 6]).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 0.5, 0.5], [2, 2, 2]])


@pytest.mark.parametrize(
    ("f", "slopes"), [(Tensor.relu, [0, 0, 1]), (lambda x: x**0, [0, 0, 0]), (lambda x: x**1, [1, 1, 1])]
)
def test_slopes_at_0(f, slopes):
    x = Tensor([-1.0, 0.0, 2.0])
    f(x).sum().backward()
    np.testing.assert_array_equal(x.grad, slopes)


def test_nothing_has_a_mean_along_an_axis_without_entries():
    assert Tensor(np.zeros((3, 0))).mean(axis=0).shape == (0,)


# What is changed between the way forward and the way back


def test_numbers_are_read_only_and_copied():
    array, constant, index = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([0, 0])
    x = Tensor(array)
    out = x * constant + (x[index] @ constant) + constant / x
    array[:] = constant[:] = 100
    index[:] = 1
    for tensor in (x, out, x.T, x[:1], x.reshape(2, 1), x.sum()):
        with pytest.raises(ValueError, match="read-only"):
            tensor.data[...] = 5
        with pytest.raises(ValueError, match="read-only"):
            tensor.data += 1
    out.sum().backward()
    np.testing.assert_array_equal(x.data, [1, 2])
    np.testing.assert_array_equal(x.grad, [3 + 2 * 7 - 3, 4 - 1])


def test_new_numbers_leave_what_was_recorded_as_it_was():
    x = Tensor([1.0, 2.0])
    loss = (x * x).sum()
    new = np.array([10.0, 20.0])
    x.data = new
    loss.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])
    new[:] = 0
    np.testing.assert_array_equal(x.data, [10, 20])
    with pytest.raises(
        ValueError, match=r"^data must be of the shape that it has, \(2,\), got float64 array"
    ):
        x.data = [1.0, 2.0, 3.0]


def test_no_grad():
    x = Tensor(3.0)
    with no_grad():
        y = x * x
        with no_grad():
            z = y * x
        w = z + x
        elsewhere = []
        thread = threading.Thread(target=lambda: elsewhere.append((x * x).steps))
        thread.start()
        thread.join()
    assert y.steps == z.steps == w.steps == ()
    assert len(elsewhere[0]) == 2
    (y * x).backward()  # y no longer knows that it came from x
    assert (x.grad, y.grad) == (9, 3)
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).steps


# Numbers of all kinds


@pytest.mark.parametrize("kind", [int, bool, np.uint8, np.int64, list])
def test_integers_become_floats(kind):
    x = Tensor([1, 0, 1] if kind is list else np.array([1, 0, 1]).astype(kind))
    (x * x / 2).sum().backward()
    assert x.data.dtype == x.grad.dtype == np.float64
    np.testing.assert_array_equal(x.grad, [1, 0, 1])


def test_the_gradient_has_the_type_of_its_tensor():
    x, y = Tensor(np.ones(3, np.float32)), Tensor(np.ones(3))
    (x * y * np.ones(3) * np.float64(2)).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)
    assert (x * 2.5 / 3 + np.float64(1) - True).data.dtype == np.float32


def test_nan_goes_where_it_has_influence_and_nowhere_else():
    x = Tensor([1.0, np.nan, -np.inf])
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [2, np.nan, -np.inf])
    for out, slopes in ((x.max(), [0, 1, 0]), (x.sum(), [1, 1, 1])):
        x.grad = None
        assert np.isnan(out.data)
        out.backward()
        np.testing.assert_array_equal(x.grad, slopes)
    x.grad = None
    x[:1].sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 0, 0])
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        Tensor(0.0).log()


def test_a_step_of_ones_own():
    x = Tensor([0.5, 2.0])
    out = record(np.sin(x.data), (x, lambda dout: dout * np.cos(x.data)), (3.0, lambda dout: 1 / 0))
    out.sum().backward()
    np.testing.assert_allclose(x.grad, np.cos([0.5, 2]))


@pytest.mark.parametrize(
    ("before", "after"),
    [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1, 1), (4, 2, 3)), ((2, 3), (2, 3))],
)
def test_unbroadcast_adds_up_what_was_repeated(before, after):
    dout = np.random.default_rng(0).normal(size=after)
    expected = grad(lambda x: anp.sum((x + np.zeros(after)) * dout))(np.zeros(before))
    np.testing.assert_allclose(unbroadcast(dout, before), expected, rtol=1e-14)


X = Tensor([1.0, 2.0])


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda: Tensor("a"), TypeError, "data must be real numbers, got 'a'"),
        (lambda: Tensor(1j), TypeError, "data must be real numbers"),
        (lambda: Tensor([[1], [1, 2]]), ValueError, "data must have rows of equal length"),
        (lambda: Tensor(X), TypeError, "data must be real numbers, got Tensor"),
        (lambda: Tensor([X, X]), TypeError, "data must be real numbers"),
        (lambda: X + "a", TypeError, "the operand must be real numbers, got 'a'"),
        (lambda: X * None, TypeError, "the operand must be real numbers, got None"),
        (lambda: X + np.ones(3), ValueError, "could not be broadcast"),
        (lambda: X @ np.ones(3), ValueError, "mismatch"),
        (lambda: X @ 2, ValueError, "what stands beside @ must be a vector or a matrix, got 2"),
        (lambda: X @ np.ones((2, 2, 2)), ValueError, "what stands beside @ must be a vector or a matrix"),
        (lambda: X**X, TypeError, "the exponent must be real numbers, got Tensor"),
        (lambda: X ** [1, 2], ValueError, "the exponent must be one number"),
        (lambda: 2**X, TypeError, r"unsupported operand type\(s\) for \*\*"),
        (lambda: np.exp(X), TypeError, "operand 'Tensor' does not support ufuncs"),
        (lambda: np.sum(X), TypeError, "unexpected keyword argument"),
        (lambda: float(X), TypeError, "'Tensor'"),
        (lambda: len(X), TypeError, "'Tensor' has no len"),
        (lambda: list(Tensor(1.0)), TypeError, "unsized"),
        (lambda: operator.setitem(X, 0, 5.0), TypeError, "does not support item assignment"),
        (lambda: X[2], IndexError, "out of bounds"),
        (
            lambda: (X * X).backward(),
            ValueError,
            "the tensor must be one number, as a loss is, got float64 array",
        ),
        (
            lambda: Tensor(1.0).backward(),
            ValueError,
            "the tensor must be the recorded result of operations, got 1.0",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong()


def test_a_tensor_shows_its_numbers():
    assert repr(Tensor([1, 2.5])) == "Tensor([1.  2.5])"
    assert f"{Tensor(2.5).data:.2f}" == "2.50"
    assert ((Tensor([1.0, 2]) < 2).tolist(), (Tensor(1.0) <= 1).item()) == ([True, False], True)
    assert ((Tensor([1.0, 2]) > Tensor(1.0)).tolist(), (Tensor(1.0) >= 2).item()) == ([False, True], False)
