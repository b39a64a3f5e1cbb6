"""What the experiments have found, held against what must be so and against a second implementation."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from dlbook.autodiff import Tensor
from dlbook.datasets import MNIST, load_mnist
from dlbook.networks import MultiLayerNet, TwoLayerNet
from dlbook.training import minibatches
from scripts.experiments.cost_of_autodiff import loss_of
from scripts.project import ROOT

RESULTS = sorted((ROOT / "scripts/experiments").glob("[a-z]*.py"))


def result(name):
    path = ROOT / "results" / f"{name}.json"
    if not path.is_file():
        pytest.fail(f"there is no {path.relative_to(ROOT)}: run `make build`", pytrace=False)
    return json.loads(path.read_text(encoding="utf-8"))


def values(name):
    """Give a fixture: the values of a result."""
    return pytest.fixture(lambda: result(name)["values"], scope="module")


two_layer, initial_signals = values("two_layer"), values("initial_signals")
scales, rates, batches = (values(f"batch_norm_{name}") for name in ("scales", "rates", "batches"))


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
        published = Path(f"{MNIST}.sha256").read_text().split()[0]
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


# Chapter 12


def test_300_digits_are_learned_by_heart_and_1000_would_help_more_than_any_cure():
    found, more = result("overfitting")["values"], result("more_data")["values"]
    plain, decayed, too_much = found["ways"][:3]
    assert (found["samples"], found["layers"], found["parameters"]) == (300, 7, 784 * 100 + 50600 + 1010)
    assert plain["train_accuracy"] > 0.99
    assert plain["gap"] > 0.1
    assert all(way["gap"] > 0.05 for way in found["ways"])
    assert decayed["squares"] < plain["squares"]
    assert decayed["test_loss"] < plain["test_loss"]
    assert too_much["train_accuracy"] < 0.9
    assert more["gain"] > 2 * max(gain["mean"] for way in found["ways"] for gain in way["gains"])


def test_the_test_loss_rises_again_while_the_accuracy_does_not_fall():
    found = result("overfitting")["values"]
    assert 0 < found["lowest_test_loss"]["epoch"] < found["epochs"]
    assert found["lowest_test_loss"]["loss"] < 0.9 * found["ways"][0]["test_loss"]
    accuracy = np.mean(found["curves"][0]["test_accuracy"], axis=0)
    at_lowest = accuracy[found["watched"].index(found["lowest_test_loss"]["epoch"])]
    assert accuracy[-1] > at_lowest - 0.005


def test_gains_are_the_paired_differences():
    ways = result("overfitting")["values"]["ways"]
    for way in ways:
        gains = np.subtract(way["each"], ways[0]["each"])
        error = gains.std(ddof=1) / np.sqrt(len(gains))
        assert way["gains"][-1]["mean"] == pytest.approx(gains.mean(), abs=1e-4)
        assert way["gains"][-1]["error"] == pytest.approx(error, abs=1e-4)


def test_dropout_helps_wide_layers_in_every_run_and_narrow_ones_hardly():
    found = result("wide_dropout")["values"]
    narrow, wide = found["widths"]
    assert narrow["hidden"] < wide["hidden"]
    assert len(wide["each"]) == found["seeds"]
    assert min(wide["each"]) > 0
    assert wide["gain"] > 3 * wide["error"]
    assert narrow["gain"] < 2 * narrow["error"]
    for row in narrow, wide:
        assert row["gain"] == pytest.approx(row["with"] - row["without"])
        assert row["gain"] == pytest.approx(np.mean(row["each"]), abs=1e-4)


def test_more_data_raise_test_accuracy_and_close_the_gap():
    rows = result("more_data")["values"]["sizes"]
    test, gap = ([row[key] for row in rows] for key in ("test_accuracy", "gap"))
    assert test == sorted(test)
    assert gap == sorted(gap, reverse=True)
    assert gap[-1] < 0.05 < 0.25 < gap[0]


def test_the_search_is_even_in_the_exponent_and_reports_its_best():
    found = result("random_search")["values"]
    for name, low, high in ("lr", -3, 0), ("weight_decay", -6, -1):
        exponents = np.log10([trial[name] for trial in found["trials"]])
        assert low <= exponents.min() <= exponents.max() <= high
        assert np.mean(exponents) == pytest.approx((low + high) / 2, abs=0.15 * (high - low))
    best = max(trial["validation_accuracy"] for trial in found["trials"])
    assert found["best"]["validation_accuracy"] == best
    assert found["overstated"] > 0


def test_choosing_overstates_more_among_more_networks_and_with_fewer_samples():
    luck = result("random_search")["values"]["luck"]
    table = np.array([[it["mean"] for it in row["overstated"]] for row in luck])
    assert abs(table[:, 0]).max() < 0.003  # no choice, no bias: at most chance
    assert (np.diff(table, axis=1) > 0).all()
    assert (np.diff(table[:, 1:], axis=0) < 0).all()


# Chapter 10: what the captions state


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


# Chapter 13


def test_a_tape_costs_what_the_text_says():
    found = result("cost_of_autodiff")["values"]
    small, middle, large = found["widths"]
    assert [row["width"] for row in (small, middle, large)] == [5, 50, 500]
    assert middle["parameters"] == 39760
    assert found["largest_difference"] < 1e-12
    assert small["ratio"] > 1 > large["ratio"]  # a price per operation, and a product less
    assert all(row["memory_ratio"] > 1 for row in found["widths"])
    for row in found["widths"]:
        assert row["seconds"]["formulas"] < row["seconds"]["layers"]
        assert row["ratio"] == pytest.approx(row["seconds"]["tape"] / row["seconds"]["layers"])
        assert row["whole_tensors"] < row["tensors"]


def test_a_hundred_steps_have_the_losses_of_pytorch():
    found = result("autodiff_torch")["values"]
    assert len(found["losses"]) == found["steps"] == 100
    assert found["last_loss"] < found["first_loss"] / 2
    assert found["largest_difference"]["torch"] < 1e-9
    assert found["largest_difference"]["formulas"] < 1e-9


def test_the_kept_losses_are_those_of_the_tape():
    """The first steps of the hundred, once more."""
    kept = result("autodiff_torch")
    (x, t), _ = load_mnist()
    params = [Tensor(param) for param in TwoLayerNet(784, 50, 10, rng=kept["seed"]).params.values()]
    batches = zip(minibatches(x, t, 100, kept["seed"]), kept["values"]["losses"][:10], strict=False)
    for (xb, tb), expected in batches:
        loss = loss_of(params, xb.astype(float), tb)
        loss.backward()
        for param in params:
            param.data, param.grad = param.data - kept["values"]["lr"] * param.grad, None
        assert float(loss.data) == pytest.approx(expected, abs=1e-12)


# Convolution

convolution = values("convolution")


def test_a_convolutional_network_reads_digits_as_well_as_promised(convolution):
    nets = convolution["nets"]
    assert nets["conv"]["epochs"] == 3
    assert nets["conv"]["test_accuracy"][-1] >= 0.987
    assert nets["conv"]["seconds"] <= 90
    assert nets["conv"]["parameters"] == 16 * 25 + 16 + 16 * 144 * 100 + 100 + 100 * 10 + 10
    assert nets["dense"]["parameters"] == pytest.approx(nets["conv"]["parameters"], rel=0.005)
    assert nets["dense"]["wrong"] > 1.5 * nets["conv"]["wrong"]


def test_shifts_cost_a_convolutional_network_least_and_every_network_something(convolution):
    shifted = {name: np.array(net["shifted"]) for name, net in convolution["nets"].items()}
    for name, accuracies in shifted.items():
        assert (np.diff(accuracies) < 0).all(), name
        assert accuracies[0] == convolution["nets"][name]["test_accuracy"][-1]
        assert convolution["lost"][name] == pytest.approx(accuracies[0] - accuracies[2])
    assert (shifted["conv"] > shifted["dense"]).all()
    assert (shifted["dense"] > shifted["first"]).all()
    assert convolution["lost"]["conv"] < convolution["lost"]["dense"] / 2


def test_trained_filters_resemble_the_first_and_what_was_added_is_smooth(convolution):
    """What chapter 14 says: filters stay like themselves, and neighboring weights move together."""
    before, after = (np.array(convolution["W"][name]) for name in ("before", "after"))
    assert before.shape == after.shape == (16, 5, 5)
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(before, after, strict=True)]
    assert min(likeness) > 0.6
    assert np.median(likeness) > 0.9

    def smoothness(filters):
        """How alike neighboring weights are: around 0 for noise, below 1.6 for a constant."""
        across = [np.sum(it[:, 1:] * it[:, :-1]) + np.sum(it[1:] * it[:-1]) for it in filters]
        return np.array(across) / np.sum(filters**2, axis=(1, 2))

    assert np.median(smoothness(before)) < 0.35
    assert np.median(smoothness(after - before)) > 0.8


def test_random_filters_help_and_learned_ones_help_more(convolution):
    conv, frozen, dense = (convolution["nets"][name]["wrong"] for name in ("conv", "frozen", "dense"))
    assert conv < frozen < dense
    assert frozen - conv > dense - frozen


def test_a_gradient_takes_a_fifth_of_the_fish_books_time():
    found = result("convolution_speed")["values"]
    assert found["difference"] < 1e-10
    assert found["times_faster"] >= 5
    assert found["memory_in_windows"] <= 3
    assert found["times_faster"] == pytest.approx(found["seconds"]["fish"] / found["seconds"]["dlbook"])


# Chapter 15


def test_the_rule_for_large_batches_holds_up_to_a_limit():
    found = result("large_batches")["values"]
    small, (thousand, *larger) = found["small"]["test_accuracy"], found["large"]
    same, scaled, warmed = (thousand[way]["test_accuracy"] for way in ("same", "scaled", "warmed"))
    assert thousand["batch_size"] == 10 * found["small"]["batch_size"]
    assert same < scaled < warmed
    assert small - warmed < 0.01
    assert thousand["warmed"]["updates"] * 10 == found["small"]["updates"]
    for row in larger:
        assert max(row[way]["test_accuracy"] for way in ("scaled", "warmed")) < 0.3
        assert row["same"]["test_accuracy"] < same


def test_the_model_of_many_machines_is_the_formula_of_the_text():
    found = result("many_machines")["values"]
    net, links = found["networks"][-1], found["ethernet"]
    assert net["parameters"] == sum(p.size for p in MultiLayerNet(784, [500], 10, rng=0).params.values())
    one = net["fixed_seconds"] + found["batch"] * net["work_seconds"]
    for row in found["machines"]:
        K = row["machines"]
        sending = 2 * np.log2(K) * links["latency"] + 2 * (K - 1) / K * net["bytes"] / links["bandwidth"]
        time = net["fixed_seconds"] + found["batch"] / K * net["work_seconds"] + sending
        assert row["shared_seconds"] == pytest.approx(time)
        assert row["speedup"] == pytest.approx(one / time)
    ten, hundred, thousand = (found["machines"][i] for i in (3, 6, 9))
    assert [row["machines"] for row in (ten, hundred, thousand)] == [10, 100, 1000]
    assert ten["efficiency"] > 0.8 > hundred["efficiency"] > 0.2 > thousand["efficiency"]
    assert thousand["growth"] > 300
    assert found["worst_factor"] < 2  # on a machine that does nothing else
    few, *_, many = net["steps"]
    assert many["ratio"] > few["ratio"] > 1
