"""Optimizers: the update by hand, by other forms of each rule and by PyTorch, in place, all or nothing."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlbook.networks import TwoLayerNet
from dlbook.optimizers import (
    OPTIMIZERS,
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    Nesterov,
    RMSProp,
    as_optimizer,
    cosine_decay,
    inverse_sqrt_decay,
    step_decay,
)
from dlbook.training import train


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sgd_steps_against_the_gradient_by_lr(dtype):
    params = {"W": np.array([[1, 2], [3, 4]], dtype), "b": np.array(5, dtype)}
    SGD(lr=0.5).update(params, {"W": np.array([[2, 0], [-2, 4]]), "b": np.array(-1)})
    assert params["W"].tolist() == [[0, 2], [4, 2]]
    assert params["b"] == 5.5
    assert params["W"].dtype == dtype


@given(
    W=hnp.arrays(float, (2, 3), elements=st.floats(-9, 9)), lr=st.floats(0.01, 10), steps=st.integers(0, 5)
)
def test_sgd_with_a_constant_gradient_walks_a_straight_line(W, lr, steps):
    params = {"W": W.copy()}
    gradient = np.arange(6.0).reshape(2, 3)
    sgd = SGD(lr)
    for _ in range(steps):
        sgd.update(params, {"W": gradient})
    np.testing.assert_allclose(params["W"], W - steps * lr * gradient, atol=1e-12 * (1 + lr))


def test_the_order_of_the_names_does_not_matter():
    params = {"W": np.ones(2), "b": np.ones(2)}
    SGD(lr=1).update(params, {"b": np.array([1.0, 1]), "W": np.array([2.0, 2])})
    assert params["W"].tolist() == [-1, -1]
    assert params["b"].tolist() == [0, 0]


def test_the_learning_rate_may_be_any_real_number_and_does_not_widen_float32():
    assert SGD().lr == 0.1
    assert type(SGD(np.float64(0.5)).lr) is float
    assert SGD(1).lr == 1


def good():
    return {"a": np.array([1.0, 2.0]), "b": np.array([3.0]), "c": np.array([[4.0]])}


BAD_GRADS = [
    (
        {"b": np.ones(2)},
        ValueError,
        r"grads must be arrays with the names and shapes .*'b': \(1,\).*, got .*",
    ),
    ({"b": 1.0}, ValueError, "grads must be arrays with the names and shapes .*, got"),
    ({"d": np.ones(1)}, ValueError, r"grads must be arrays with the names and shapes .*, got .*'d': \(1,\)"),
    ({"b": np.array([np.nan])}, ValueError, r"grads\['b'\] must be finite everywhere .*, got .*nan"),
    ({"c": np.array([[np.inf]])}, ValueError, r"grads\['c'\] must be finite everywhere .*, got"),
    ({"c": np.array([[1j]])}, TypeError, r"grads\['c'\] must be real numbers, got complex128"),
    ({"c": np.array([["x"]])}, TypeError, r"grads\['c'\] must be real numbers, got <U1 array"),
    ({"c": [[1.0]]}, TypeError, r"grads\['c'\] must be an array, got \[\[1.0\]\]"),
    ({"b": None}, ValueError, "grads must be arrays with the names and shapes .*, got"),
]


@pytest.mark.parametrize("missing", ["a", "b", "c"])
def test_a_missing_gradient_leaves_all_parameters_as_they_were(missing):
    params, grads = good(), good()
    del grads[missing]
    with pytest.raises(ValueError, match="grads must be arrays with the names and shapes"):
        SGD().update(params, grads)
    assert pickle.dumps(params) == pickle.dumps(good())


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (np.array([[4]]), TypeError, r"params\['c'\] must be an array of floats, got int64 array"),
        ([[4.0]], TypeError, r"params\['c'\] must be an array of floats, got \[\[4.0\]\]"),
        (np.array([[4j]]), TypeError, r"params\['c'\] must be an array of floats, got complex128"),
        (
            np.broadcast_to(4.0, (1, 1)),
            ValueError,
            r"params\['c'\] must be writeable, .*, got float64 array of shape \(1, 1\)",
        ),
    ],
)
def test_one_bad_parameter_leaves_all_the_others_as_they_were(bad, error, words):
    params = good() | {"c": bad}
    before = pickle.dumps(params)
    with pytest.raises(error, match=words):
        SGD().update(params, good())
    assert pickle.dumps(params) == before


def test_an_optimizer_is_made_from_its_name():
    for name, optimizer in OPTIMIZERS.items():
        for any_case in (name, optimizer.__name__, name.upper()):
            made = as_optimizer(any_case, 0.5)
            assert type(made) is optimizer
            assert made.lr == 0.5
        assert vars(as_optimizer(name)) == vars(optimizer())


def test_an_optimizer_that_is_made_already_is_handed_through():
    sgd = SGD(0.5)
    assert as_optimizer(sgd) is sgd
    assert sgd.lr == 0.5


@pytest.mark.parametrize(
    ("optimizer", "error", "words"),
    [
        ("sdg", ValueError, r"optimizer must be one of .*'sgd'.*, got 'sdg'"),
        ("SDG", ValueError, r"optimizer must be one of .*'sgd'.*, got 'SDG'"),
        ("", ValueError, r"optimizer must be one of .*'sgd'.*, got ''"),
        (None, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got None"),
        (0.1, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got 0.1"),
        (SGD, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got <class"),
    ],
)
def test_what_is_no_optimizer_is_refused(optimizer, error, words):
    with pytest.raises(error, match=words):
        as_optimizer(optimizer, 0.1)


def test_a_rate_beside_an_object_is_refused_and_a_schedule_needs_one_to_set():
    class Still:
        def update(self, params, grads):
            pass

    with pytest.raises(ValueError, match=r"lr must be left out .*, got 0\.1"):
        as_optimizer(SGD(0.1), 0.1)
    with pytest.raises(TypeError, match="optimizer must be an object with lr, which a schedule sets, got"):
        as_optimizer(Still(), cosine_decay(0.1, 5))
    with pytest.raises(TypeError, match="lr must be real numbers, got None"):
        as_optimizer("sgd", lambda n: None)


# A curved function for each of the seven entries. What is asked of a rule does not depend on them, but their
# gradients have to change size and sign on the way.
START = {"W": np.array([[-7.0, 2.0, 0.3], [1.5, -0.02, 4.0]]), "b": np.array(-1.25)}
LINEAR = {"W": np.array([[0.1, 2.0, 1.0], [0.5, 0.3, 0.05]]), "b": np.array(1.5)}
CUBIC = {"W": np.array([[0.0, 0.1, -0.5], [0.2, 0.0, 0.001]]), "b": np.array(-0.3)}


def slope(x, linear, cubic):
    return linear * x + cubic * x * x * x


def walk(optimizer, steps=50, dtype=float):
    """The places of all parameters, the first included: arrays of shape (steps + 1, ...)."""
    params = {name: start.astype(dtype) for name, start in START.items()}
    places = {name: [start] for name, start in START.items()}
    for _ in range(steps):
        optimizer.update(params, {n: slope(params[n], LINEAR[n], CUBIC[n]) for n in params})
        for name in params:
            places[name].append(params[name].copy())
    return {name: np.array(path) for name, path in places.items()}


# The papers' rules for a single number, in plain floats, each in another form than dlbook has it: without a
# velocity, at two places, or as explicit sums over all gradients so far. A rule sees the places and gradients
# of all steps before, the newest last, and gives the next place.


def polyak(x, g, lr, momentum):
    before = x[-2] if len(x) > 1 else x[-1]
    return x[-1] - lr * g[-1] + momentum * (x[-1] - before)


def sutskever(x, g, lr, momentum):
    # x is the place ahead, theta + momentum * velocity, where the gradients are taken.
    theta, velocity = x[0], 0.0
    for gradient in g:
        velocity = momentum * velocity - lr * gradient
        theta += velocity
    return theta + momentum * velocity


def duchi(x, g, lr, eps):
    return x[-1] - lr * g[-1] / (math.sqrt(math.fsum(a * a for a in g)) + eps)


def weighted(values, share):
    return math.fsum((1 - share) * share**age * value for age, value in enumerate(reversed(values)))


def hinton(x, g, lr, decay, eps):
    return x[-1] - lr * g[-1] / (math.sqrt(weighted([a * a for a in g], decay)) + eps)


def kingma(x, g, lr, beta1, beta2, eps):
    mean = weighted(g, beta1) / (1 - beta1 ** len(g))
    mean_square = weighted([a * a for a in g], beta2) / (1 - beta2 ** len(g))
    return x[-1] - lr * mean / (math.sqrt(mean_square) + eps)


def reference(rule, start, linear, cubic, steps=50, **constants):
    x, g = [start], []
    for _ in range(steps):
        g.append(slope(x[-1], linear, cubic))
        x.append(rule(x, g, **constants))
    return x


RULES = [
    (Momentum, polyak, {"lr": 0.1, "momentum": 0.9}),
    (Momentum, polyak, {"lr": 0.3, "momentum": 0.0}),
    (Nesterov, sutskever, {"lr": 0.1, "momentum": 0.9}),
    (Nesterov, sutskever, {"lr": 0.2, "momentum": 0.5}),
    (AdaGrad, duchi, {"lr": 0.5, "eps": 1e-10}),
    (AdaGrad, duchi, {"lr": 1.5, "eps": 0.1}),
    (RMSProp, hinton, {"lr": 0.05, "decay": 0.99, "eps": 1e-8}),
    (RMSProp, hinton, {"lr": 0.05, "decay": 0.9, "eps": 0.1}),
    (Adam, kingma, {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
    (Adam, kingma, {"lr": 0.3, "beta1": 0.5, "beta2": 0.9, "eps": 0.1}),
]
MEMORIES = [Momentum, Nesterov, AdaGrad, RMSProp, Adam]
ALL = [SGD, *MEMORIES]


@pytest.mark.parametrize(("optimizer", "rule", "constants"), RULES)
def test_fifty_steps_are_those_of_the_papers_rule_in_plain_floats(optimizer, rule, constants):
    places = walk(optimizer(**constants))
    for name, path in places.items():
        for i in np.ndindex(START[name].shape):
            expected = reference(rule, *(float(a[name][i]) for a in (START, LINEAR, CUBIC)), **constants)
            np.testing.assert_allclose(path[:, *i], expected, rtol=1e-12, atol=1e-13, err_msg=f"{name}{i}")


@pytest.mark.parametrize(
    ("optimizer", "constants"),
    [
        (SGD, {"lr": 0.1}),
        (Momentum, {"lr": 0.01, "momentum": 0.9}),
        (Nesterov, {"lr": 0.01, "momentum": 0.9}),
        (AdaGrad, {"lr": 0.01, "eps": 1e-10}),
        (RMSProp, {"lr": 0.001, "decay": 0.99, "eps": 1e-8}),
        (Adam, {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
    ],
)
def test_the_constants_are_by_default_the_usual_ones(optimizer, constants):
    places, expected = walk(optimizer()), walk(optimizer(**constants))
    for name, path in places.items():
        np.testing.assert_array_equal(path, expected[name])


@pytest.mark.parametrize("optimizer", MEMORIES)
def test_what_is_remembered_belongs_to_one_parameter_of_one_optimizer(optimizer):
    together = walk(optimizer(0.1))
    other = optimizer(0.1)
    walk(optimizer(0.1))  # a third one, which must not matter
    b = START["b"].copy()
    for step in range(1, 51):
        other.update({"b": b}, {"b": slope(b, LINEAR["b"], CUBIC["b"])})
        assert b == together["b"][step]


@pytest.mark.parametrize("optimizer", MEMORIES)
def test_an_optimizer_goes_on_from_what_it_remembers(optimizer):
    params = {"W": np.ones(2)}
    used, fresh = optimizer(0.1), optimizer(0.1)
    used.update({"W": np.ones(2)}, {"W": np.array([3.0, -4.0])})
    used.update(params, {"W": np.array([1.0, 1.0])})
    again = {"W": np.ones(2)}
    fresh.update(again, {"W": np.array([1.0, 1.0])})
    assert (params["W"] != again["W"]).all()


@pytest.mark.parametrize("optimizer", MEMORIES)
def test_a_parameter_that_joins_later_starts_without_a_memory(optimizer):
    used, fresh = optimizer(0.1), optimizer(0.1)
    used.update({"W": np.ones(2)}, {"W": np.array([3.0, -4.0])})
    joined, alone = {"W": np.ones(2), "b": np.ones(3)}, {"b": np.ones(3)}
    used.update(joined, {"W": np.ones(2), "b": np.array([1.0, 2.0, -3.0])})
    fresh.update(alone, {"b": np.array([1.0, 2.0, -3.0])})
    assert joined["b"].tolist() == alone["b"].tolist()


@pytest.mark.parametrize("optimizer", ALL)
def test_gradients_are_neither_changed_nor_remembered_by_reference(optimizer):
    buffer = np.array([1.0, -2.0])
    reusing, copying = optimizer(0.1), optimizer(0.1)
    a, b = np.ones(2), np.ones(2)
    for gradient in np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 1.0]]):
        buffer[:] = gradient
        reusing.update({"W": a}, {"W": buffer})
        assert buffer.tolist() == gradient.tolist()
        copying.update({"W": b}, {"W": gradient.copy()})
    assert a.tolist() == b.tolist()


@pytest.mark.parametrize("optimizer", ALL)
def test_parameters_change_in_place_and_are_not_remembered_by_reference(optimizer):
    W = np.ones(3)
    params, made = {"W": W}, optimizer(0.1)
    made.update(params, {"W": np.arange(3.0)})
    assert params["W"] is W
    before = pickle.dumps(vars(made))
    W[:] = 77
    assert pickle.dumps(vars(made)) == before


@pytest.mark.parametrize("optimizer", MEMORIES)
def test_float32_stays_float32_in_parameters_and_memory(optimizer):
    params, made = {"W": np.ones((2, 2), np.float32)}, optimizer(np.float64(0.1))
    for _ in range(3):
        made.update(params, {"W": np.full((2, 2), 0.5, np.float32)})
    assert params["W"].dtype == np.float32
    memory = [value["W"] for value in vars(made).values() if isinstance(value, dict)]
    arrays = [it for it in memory if isinstance(it, np.ndarray)]
    assert [array.dtype for array in arrays] == [np.float32] * (2 if optimizer is Adam else 1)
    double = walk(optimizer(0.1))
    for name, path in walk(optimizer(0.1), dtype=np.float32).items():
        np.testing.assert_allclose(path, double[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("optimizer", ALL)
@pytest.mark.parametrize(("bad", "error", "words"), BAD_GRADS)
def test_one_bad_gradient_leaves_parameters_and_memory_as_they_were(optimizer, bad, error, words):
    params, made = good(), optimizer(0.1)
    made.update(params, good())
    before = pickle.dumps((params, vars(made)))
    with pytest.raises(error, match=words):
        made.update(params, good() | bad)
    assert pickle.dumps((params, vars(made))) == before


@pytest.mark.parametrize("optimizer", ALL)
def test_a_gradient_that_is_always_zero_moves_nothing(optimizer):
    params, made = {"W": np.array([1.0, -2.0])}, optimizer(0.1)
    for _ in range(3):
        made.update(params, {"W": np.zeros(2)})
    assert params["W"].tolist() == [1, -2]


@pytest.mark.parametrize("optimizer", [AdaGrad, Adam])
def test_the_first_step_has_the_length_lr_whatever_the_gradient(optimizer):
    params = {"W": np.zeros(4)}
    optimizer(0.1).update(params, {"W": np.array([1e-3, -1.0, 50.0, -1e6])})
    np.testing.assert_allclose(params["W"], [-0.1, 0.1, -0.1, 0.1], rtol=2e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_takes_each_optimizer_by_its_name(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    data = x, (x @ [1.0, -1, 2, 0.5] > 0).astype(int)
    nets = [TwoLayerNet(4, 5, 2, weight_init_std=0.5, rng=1) for _ in range(2)]
    by_name = train(nets[0], data, data, epochs=8, batch_size=10, lr=0.05, optimizer=name, rng=2)
    made = train(nets[1], data, data, epochs=8, batch_size=10, optimizer=OPTIMIZERS[name](0.05), rng=2)
    assert by_name["loss"] == made["loss"]
    assert np.mean(by_name["loss"][-6:]) < np.mean(by_name["loss"][:6])


def test_the_names_are_those_of_the_classes():
    assert {name: made.__name__.lower() for name, made in OPTIMIZERS.items()} == {n: n for n in OPTIMIZERS}
    assert set(OPTIMIZERS.values()) == {SGD, *MEMORIES}


@pytest.mark.parametrize("rule", [Momentum, Nesterov, AdaGrad, RMSProp, Adam])
def test_the_memory_of_another_network_is_refused_before_anything_changes(rule):
    optimizer = rule(0.1)
    optimizer.update({"b": np.ones(2), "W": np.ones(3)}, {"b": np.ones(2), "W": np.ones(3)})
    other = {"b": np.ones(2), "W": np.ones((4, 3))}
    with pytest.raises(
        ValueError, match=r"params\['W'\] must be of shape \(3,\), as before, got .* \(4, 3\)"
    ):
        optimizer.update(other, {"b": np.ones(2), "W": np.ones((4, 3))})
    assert (other["b"] == 1).all()


@pytest.mark.parametrize("rule", OPTIMIZERS.values())
def test_small_integers_as_gradients_do_not_overflow(rule):
    small, large = {"W": np.ones(2)}, {"W": np.ones(2)}
    rule(0.1).update(small, {"W": np.array([16, 200], np.uint8)})
    rule(0.1).update(large, {"W": np.array([16.0, 200.0])})
    np.testing.assert_array_equal(small["W"], large["W"])


# Schedules


LR, COUNT = st.floats(1e-6, 1e3), st.integers(1, 10_000)


@given(lr=LR, every=COUNT, factor=st.floats(0, 0.99), n=COUNT)
def test_step_decay_multiplies_once_every_so_many_updates(lr, every, factor, n):
    rate = step_decay(lr, every, factor)
    assert rate(n) == pytest.approx(lr * math.prod([factor] * ((n - 1) // every)), rel=1e-9, abs=1e-300)


@given(lr=LR, steps=COUNT, n=COUNT, end=st.floats(0, 1))
def test_cosine_decay_is_the_square_of_a_cosine_of_half_the_angle(lr, steps, n, end):
    wave = math.cos(min(n - 1, steps) * math.pi / steps / 2) ** 2
    assert cosine_decay(lr, steps, end)(n) == pytest.approx(lr * wave + end * (1 - wave), rel=1e-9, abs=1e-9)


@given(lr=LR, n=COUNT)
def test_inverse_sqrt_decay_halves_the_rate_after_four_times_as_many_updates(lr, n):
    rate = inverse_sqrt_decay(lr)
    assert rate(1) == lr
    assert rate(4 * n) == pytest.approx(rate(n) / 2, rel=1e-12)
    assert rate(n) ** 2 * n == pytest.approx(lr**2, rel=1e-12)


@pytest.mark.parametrize("rate", [step_decay(0.1, 3), cosine_decay(0.1, 9), inverse_sqrt_decay(0.1)])
def test_schedules_start_with_their_rate_fall_and_count_from_one(rate):
    rates = [rate(n) for n in range(1, 30)]
    assert rates[0] == pytest.approx(0.1, rel=1e-15)
    assert rates == sorted(rates, reverse=True)
    for bad, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="n must be"):
            rate(bad)
