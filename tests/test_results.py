"""What the experiments have found, held against what must be so and against a second implementation."""

import importlib
import json

import numpy as np
import pytest

from dlbook.datasets import MNIST, load_mnist
from dlbook.networks import MultiLayerNet
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


# Chapter 11


@pytest.fixture(scope="module")
def scales():
    return result("batch_norm_scales")["values"]


@pytest.fixture(scope="module")
def rates():
    return result("batch_norm_rates")["values"]


@pytest.fixture(scope="module")
def batches():
    return result("batch_norm_batches")["values"]


def test_batch_norm_learns_from_weights_of_all_twelve_sizes_and_without_it_two_do(scales):
    assert len(scales["scales"]) == 12
    assert all(run["last"] > 0.7 for run in scales["normalised"])
    learned = [run["last"] > 0.5 for run in scales["plain"]]
    assert learned == [False, False, True, True, *[False] * 8]
    assert [run["diverged"] for run in scales["plain"]] == [True, True, *[False] * 10]
    assert all(run["last"] == scales["most_frequent"] for run in scales["plain"][5:])


def test_its_moving_averages_lag_behind_what_it_has_learned(scales):
    early = scales["normalised"][5]
    assert early["accuracy"][1] < 0.3 < 0.6 < early["early"]


def test_its_iterations_are_fewer_and_longer(scales):
    assert scales["fastest_normalised"]["epochs"] < scales["fastest_plain"]["epochs"]
    assert 1 < scales["time_ratio"] < 3


def test_with_batch_norm_most_settings_learn_and_larger_weights_want_higher_rates(rates):
    assert rates["learned"]["plain"] < 5 < rates["settings"] / 2 < rates["learned"]["normalised"]
    test = np.array([[cell["test"] for cell in row] for row in rates["normalised"]])
    assert (np.diff(test[0]) > 0).all()  # of the largest weights
    assert (np.diff(test[:4, 0]) > 0).all()  # at the lowest rate
    assert rates["best"]["normalised"] > rates["best"]["plain"]


def test_large_weights_learn_by_heart_and_hardly_turn(rates):
    corner = rates["largest_scale"]
    assert corner["train"] > 0.95
    assert corner["test"] < rates["best"]["normalised"] - 0.1
    assert corner["turned"] < 5 < rates["turned_best"]


def test_statistics_of_the_test_batch_want_a_large_and_mixed_one(batches):
    shuffled, by_class = ([row[name] for row in batches["company"]] for name in ("shuffled", "sorted"))
    assert shuffled[0] < 0.6
    assert (np.diff(shuffled[:5]) > 0).all()
    assert max(abs(found - batches["as_used"]) for found in shuffled[5:]) < 0.03
    assert max(by_class[:7]) < 0.3


def test_training_with_two_samples_a_batch_loses_to_training_without_batch_norm(batches):
    best = {name: [max(row[name]) for row in batches["sizes"]] for name in ("plain", "normalised")}
    assert best["normalised"][0] < best["plain"][0] - 0.15
    assert best["normalised"][1] < best["plain"][1]
    assert abs(best["normalised"][2] - best["plain"][2]) < 0.06


def test_a_batch_norm_network_comes_out_of_a_second_implementation(batches):
    """One forward pass in training, and one in use, with the mathematics written down again."""
    (x_train, t_train), _ = load_mnist()
    x, t = x_train[:50].astype(float), t_train[:50]
    net = MultiLayerNet(784, batches["hidden"], 10, weight_init="he", batch_norm=True, rng=0)
    moving = [(np.zeros(H), np.ones(H)) for H in batches["hidden"]]

    def forward(training):
        z = x
        for i, (mean, var) in enumerate(moving, start=1):
            s = z @ net.params[f"W{i}"]
            if training:
                moving[i - 1] = 0.9 * mean + 0.1 * s.mean(0), 0.9 * var + 0.1 * s.var(0, ddof=1)
                mean, var = s.mean(0), s.var(0)
            z = np.maximum(0, (s - mean) / np.sqrt(var + 1e-5))
        return z @ net.params[f"W{len(moving) + 1}"]

    def loss(scores):
        shifted = scores - scores.max(1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        return -logs[np.arange(50), t].mean()

    assert net.loss(x, t, training=True) == pytest.approx(loss(forward(True)))
    assert net.loss(x, t) == pytest.approx(loss(forward(False)))
