"""Optimizers: the update by hand, in place, all or nothing."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlbook.optimizers import OPTIMIZERS, SGD, as_optimizer


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


def test_parameters_are_changed_in_place_and_gradients_left_alone():
    W, dW = np.ones(3), np.arange(3.0)
    before = dW.tobytes()
    dW.flags.writeable = False
    params, grads = {"W": W}, {"W": dW}
    SGD().update(params, grads)
    assert params["W"] is W
    assert W.tolist() == [1, 0.99, 0.98]
    assert dW.tobytes() == before


def test_the_order_of_the_names_does_not_matter():
    params = {"W": np.ones(2), "b": np.ones(2)}
    SGD(lr=1).update(params, {"b": np.array([1.0, 1]), "W": np.array([2.0, 2])})
    assert params["W"].tolist() == [-1, -1]
    assert params["b"].tolist() == [0, 0]


def test_integers_serve_as_gradients():
    params = {"W": np.ones(2)}
    SGD(lr=1).update(params, {"W": np.array([1, 2])})
    assert params["W"].tolist() == [0, -1]


def test_the_learning_rate_may_be_any_real_number_and_does_not_widen_float32():
    assert SGD().lr == 0.01
    assert type(SGD(np.float64(0.5)).lr) is float
    assert SGD(1).lr == 1


def good():
    return {"a": np.array([1.0, 2.0]), "b": np.array([3.0]), "c": np.array([[4.0]])}


BAD_GRADS = [
    ({"b": np.ones(2)}, ValueError, r"grads must be of the names and shapes .*'b': \(1,\).*, got .*"),
    ({"b": 1.0}, ValueError, "grads must be of the names and shapes .*, got"),
    ({"d": np.ones(1)}, ValueError, "grads must be of the names and shapes .*, got"),
    ({"b": np.array([np.nan])}, ValueError, r"grads\['b'\] must be finite everywhere .*, got .*nan"),
    ({"c": np.array([[np.inf]])}, ValueError, r"grads\['c'\] must be finite everywhere .*, got"),
    ({"c": np.array([[1j]])}, TypeError, r"grads\['c'\] must be real numbers, got complex128"),
    ({"c": np.array([["x"]])}, TypeError, r"grads\['c'\] must be real numbers, got <U1 array"),
    ({"c": [[1.0]]}, TypeError, r"grads\['c'\] must be an array, got \[\[1.0\]\]"),
    ({"b": None}, ValueError, "grads must be of the names and shapes .*, got"),
]


@pytest.mark.parametrize(("bad", "error", "words"), BAD_GRADS)
def test_one_bad_gradient_leaves_all_parameters_as_they_were(bad, error, words):
    params = good()
    before = pickle.dumps(params)
    with pytest.raises(error, match=words):
        SGD().update(params, good() | bad)
    assert pickle.dumps(params) == before


@pytest.mark.parametrize("missing", ["a", "b", "c"])
def test_a_missing_gradient_leaves_all_parameters_as_they_were(missing):
    params, grads = good(), good()
    del grads[missing]
    with pytest.raises(ValueError, match="grads must be of the names and shapes"):
        SGD().update(params, grads)
    assert pickle.dumps(params) == pickle.dumps(good())


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (np.array([[4]]), TypeError, r"params\['c'\] must be an array of floats, got int64 array"),
        ([[4.0]], TypeError, r"params\['c'\] must be an array of floats, got \[\[4.0\]\]"),
        (np.array([[4j]]), TypeError, r"params\['c'\] must be an array of floats, got complex128"),
        (np.broadcast_to(4.0, (1, 1)), ValueError, r"params\['c'\] must be writeable"),
    ],
)
def test_one_bad_parameter_leaves_all_the_others_as_they_were(bad, error, words):
    params = good() | {"c": bad}
    before = pickle.dumps(params)
    with pytest.raises(error, match=words):
        SGD().update(params, good())
    assert pickle.dumps(params) == before


@pytest.mark.parametrize(
    ("lr", "error", "words"),
    [
        (0, ValueError, "lr must be a positive finite number, got 0"),
        (-0.1, ValueError, "lr must be a positive finite number, got -0.1"),
        (np.nan, ValueError, "lr must be a positive finite number, got nan"),
        (np.inf, ValueError, "lr must be a positive finite number, got inf"),
        ([0.1], ValueError, r"lr must be a positive finite number, got \[0.1\]"),
        ("0.1", TypeError, "lr must be real numbers, got '0.1'"),
        (None, TypeError, "lr must be real numbers, got None"),
    ],
)
def test_learning_rates_that_make_no_sense_are_refused(lr, error, words):
    for make in (SGD, lambda lr: as_optimizer("sgd", lr)):
        with pytest.raises(error, match=words):
            make(lr)


def test_an_optimizer_is_made_from_its_name():
    for name, optimizer in OPTIMIZERS.items():
        made = as_optimizer(name, 0.5)
        assert type(made) is optimizer
        assert made.lr == 0.5


def test_an_optimizer_that_is_made_already_is_handed_through():
    sgd = SGD(0.5)
    assert as_optimizer(sgd, 0.1) is sgd
    assert sgd.lr == 0.5


@pytest.mark.parametrize(
    ("optimizer", "error", "words"),
    [
        ("sdg", ValueError, r"optimizer must be one of .*'sgd'.*, got 'sdg'"),
        ("SGD", ValueError, r"optimizer must be one of .*'sgd'.*, got 'SGD'"),
        ("", ValueError, r"optimizer must be one of .*'sgd'.*, got ''"),
        (None, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got None"),
        (0.1, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got 0.1"),
        (SGD, TypeError, r"optimizer must be a name or an object with update\(params, grads\), got <class"),
    ],
)
def test_what_is_no_optimizer_is_refused(optimizer, error, words):
    with pytest.raises(error, match=words):
        as_optimizer(optimizer, 0.1)
