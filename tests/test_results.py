"""What the experiments have found, held against what must be so and against a second implementation."""

import importlib
import json

import numpy as np
import pytest

from dlbook.datasets import MNIST, load_mnist
from scripts.steps import ROOT

RESULTS = sorted((ROOT / "scripts/experiments").glob("[a-z]*.py"))


def result(name):
    path = ROOT / "results" / f"{name}.json"
    if not path.is_file():
        pytest.fail(f"there is no {path.relative_to(ROOT)}: run `make build`", pytrace=False)
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def two_layer():
    return result("two_layer")["values"]


@pytest.mark.parametrize("name", [path.stem for path in RESULTS])
def test_a_result_says_where_it_came_from(name):
    found = result(name)
    module = importlib.import_module(f"scripts.experiments.{name}")
    assert found["experiment"] == name
    assert found["source"] == f"scripts/experiments/{name}.py"
    assert found["seed"] == module.SEED
    assert found["about"] == module.__doc__.splitlines()[0]
    assert found["versions"].keys() >= {"python", "numpy", "dlbook"}
    assert found["seconds"] > 0
    if "load_mnist" in vars(module):
        published = MNIST.with_name("mnist.npz.sha256").read_text().split()[0]
        assert found["data"] == {"file": "dlbook/data/mnist.npz", "sha256": published}


def test_the_run_is_the_one_that_the_book_promises(two_layer):
    promised = {
        "samples": 60000,
        "input_size": 784,
        "hidden_size": 50,
        "output_size": 10,
        "batch_size": 100,
        "lr": 0.1,
        "iterations": 6000,
        "parameters": 784 * 50 + 50 + 50 * 10 + 10,
        "loss_evaluations": 79520,
    }
    assert {name: two_layer[name] for name in promised} == promised
    assert [row["iterations"] for row in two_layer["epochs"]] == list(range(0, 6001, 600))
    assert len(two_layer["loss"]) == 6000


def test_the_reported_rows_are_as_reported(two_layer):
    reported = [0.0974, 0.8142, 0.8776, 0.8994, 0.9094, 0.9164, 0.9208, 0.9247, 0.9275, 0.9306]
    assert [row["reported"] for row in two_layer["epochs"]] == [*reported, None]
    assert two_layer["reported_seconds"] == 22.96
    assert two_layer["reported_total_seconds"] == 38 * 3600 + 16 * 60


def test_ours_agree_with_the_reported_rows_once_learning_has_settled(two_layer):
    rows = [row for row in two_layer["epochs"][2:] if row["reported"] is not None]
    assert len(rows) == 8
    assert all(abs(row["test_accuracy"] - row["reported"]) < 0.01 for row in rows)


def test_the_wrong_digits_are_those_that_the_accuracy_leaves(two_layer):
    _, (_, t_test) = load_mnist()
    confusion = np.array(two_layer["confusion"])
    assert len(two_layer["wrong"]) == two_layer["wrong_count"]
    assert two_layer["wrong_count"] == round((1 - two_layer["epochs"][-1]["test_accuracy"]) * 10000)
    assert confusion.sum() - np.trace(confusion) == two_layer["wrong_count"]
    assert confusion.sum(axis=1).tolist() == np.bincount(t_test).tolist()


def test_both_gradients_agree(two_layer):
    assert two_layer["largest_difference"] < 1e-9
    assert two_layer["ratio"] == pytest.approx(two_layer["numerical_seconds"] / two_layer["backprop_seconds"])
    assert two_layer["extrapolated_seconds"] == pytest.approx(6000 * two_layer["numerical_seconds"])


def test_the_first_epoch_comes_out_of_a_second_implementation(two_layer):
    """The same random numbers, and the mathematics written down again, without dlbook's."""
    (x_train, t_train), (x_test, t_test) = load_mnist()
    x_train, x_test = x_train.astype(float), x_test.astype(float)
    rng = np.random.default_rng(result("two_layer")["seed"])
    W1, b1 = rng.normal(0, 0.01, (784, 50)), np.zeros(50)
    W2, b2 = rng.normal(0, 0.01, (50, 10)), np.zeros(10)

    def forward(x):
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        e = np.exp(z @ W2 + b2)
        return z, e / e.sum(axis=1, keepdims=True)

    losses = []
    for rows in rng.permutation(60000).reshape(600, 100):
        x, t = x_train[rows], np.eye(10)[t_train[rows]]
        z, y = forward(x)
        losses.append(-np.mean(np.log(y[t == 1])))
        back = (y - t) / 100
        hidden = (back @ W2.T) * z * (1 - z)
        W2 -= 0.1 * z.T @ back
        b2 -= 0.1 * back.sum(axis=0)
        W1 -= 0.1 * x.T @ hidden
        b1 -= 0.1 * hidden.sum(axis=0)

    np.testing.assert_allclose(two_layer["loss"][:600], losses, atol=2e-5)  # kept to five digits
    accuracy = np.mean(forward(x_test)[1].argmax(axis=1) == t_test)
    assert two_layer["epochs"][1]["test_accuracy"] == pytest.approx(accuracy, abs=2e-4)


# Chapter 10: what the captions state


@pytest.fixture(scope="module")
def initial_signals():
    return result("initial_signals")["values"]


@pytest.mark.parametrize(("start", "std"), [("one", 1), ("small", 0.01), ("xavier", 0.1), ("he", 0.02**0.5)])
def test_signals_of_relus_follow_the_derivation(initial_signals, start, std):
    factor = np.sqrt(100 * std**2 / 2)
    measured = initial_signals["deep"]["relu"][start]
    forward, back = measured["z"], measured["ds"][:20]
    assert (forward[-1] / forward[0]) ** (1 / 19) == pytest.approx(factor, rel=0.06)
    assert (back[0] / back[-1]) ** (1 / 19) == pytest.approx(factor, rel=0.06)


def test_factors_are_as_derived_or_a_little_less(initial_signals):
    for row in initial_signals["factors"]:
        for way in ("forward", "backward"):
            assert 0.85 < row[way] / row["derived"] < 1.02, row


def test_the_signals_of_five_layers_come_out_of_a_second_implementation(initial_signals):
    _, (x, _) = load_mnist()
    rng = np.random.default_rng(result("initial_signals")["seed"])
    z, sizes = x[: initial_signals["samples"]].astype(float), [784, *[initial_signals["hidden"]] * 5]
    for D, H, layer in zip(sizes, sizes[1:], initial_signals["five"]["relu"]["he"], strict=False):
        z = np.maximum(z @ rng.normal(0, np.sqrt(2 / D), (D, H)), 0)
        assert layer["rms"] == pytest.approx(np.sqrt(np.mean(z**2)), rel=1e-6)
        assert layer["over_digits"] == pytest.approx(z.std(axis=0).mean(), rel=1e-6)


def test_histograms_saturate_collapse_or_stay(initial_signals):
    five = initial_signals["five"]
    assert all(layer["ends"] > 0.6 for layer in five["tanh"]["one"])
    assert five["tanh"]["small"][-1]["rms"] < 1e-4
    assert five["tanh"]["xavier"][-1]["rms"] > 0.5 * five["tanh"]["xavier"][0]["rms"]
    sigmoid = five["sigmoid"]["xavier"]
    assert sigmoid[-1]["over_all"] > 0.8 * sigmoid[0]["over_all"]  # it looks healthy,
    assert sigmoid[-1]["over_digits"] < 0.01 * sigmoid[0]["over_digits"]  # and is not


def test_equal_units_stay_equal(initial_signals):
    rows = {(row["activation"], row["start"]): row for row in initial_signals["equal"]}
    for (_, start), row in rows.items():
        if start.startswith("all"):
            assert row["different"] == 1
            assert row["rank"] <= 1
        else:
            assert row["different"] == row["rank"] == initial_signals["equal_settings"]["hidden"]
    assert rows["ReLU", "all 0"]["largest"] == 0


def test_gradients_of_the_weights_are_level_where_signals_fall_too(initial_signals):
    """And fall by layer where the signals do not."""
    relu = np.array(initial_signals["deep"]["relu"]["small"]["dW"][1:20])
    assert relu.max() / relu.min() < 10
    assert relu.max() < 1e-18
    sigmoid = initial_signals["deep"]["sigmoid"]["small"]["dW"]
    assert sigmoid[0] < 1e-20 * sigmoid[19]


def test_five_layers_learn_from_some_weights_only():
    runs = {(run["activation"], run["start"]): run for run in result("initial_weights")["values"]["runs"]}
    for key in [("ReLU", "He"), ("ReLU", "Xavier"), ("tanh", "Xavier")]:
        assert max(runs[key]["last"], runs[key]["searched_last"]) < 0.5
    for key in [(it, "std 0.01") for it in ("ReLU", "tanh", "sigmoid")] + [("sigmoid", "Xavier")]:
        assert min(runs[key]["last"], runs[key]["searched_last"]) > 2.25
    he, xavier = runs["ReLU", "He"], runs["ReLU", "Xavier"]
    assert he["last"] < xavier["last"]
    assert he["searched_last"] < xavier["searched_last"]
    assert runs["sigmoid", "std 1"]["last"] < 1.8


def test_a_hundredth_is_enough_for_few_layers_only():
    values = result("plateau_by_depth")["values"]
    small, xavier, he = (start["runs"] for start in values["starts"])
    assert [run["left"] for run in small] == [True, True, False, False, False, False]
    assert small[0]["iterations"] > 2 * he[0]["iterations"]
    assert small[1]["iterations"] > 5 * he[1]["iterations"]
    assert all(run["left"] and run["iterations"] < 150 for run in xavier + he)
