"""The benchmarks: what is kept, what is printed, and that the code they compare with computes the same."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from dlbook.networks import TwoLayerNet
from scripts.benchmarks import training
from scripts.extensions.results import Results
from scripts.maintain import bench
from scripts.project import MNIST
from tests.built import ROOT


def test_the_fish_books_network_is_the_same_network():
    """Or its times would be those of other work."""
    fish, net = training.FishNet(np.random.default_rng(1)), TwoLayerNet(*training.SIZES, rng=0)
    for name, param in net.params.items():
        param[...] = fish.params[name]
    rng = np.random.default_rng(2)
    x, t = rng.random((20, 784)), rng.integers(10, size=20)
    one_hot = np.identity(10)[t]
    grads = fish.gradient(x, one_hot)
    for name, gradient in net.gradient(x, t).items():
        np.testing.assert_allclose(grads[name], gradient, rtol=1e-10, atol=1e-14)
    assert fish.loss(x, one_hot) == pytest.approx(
        net.loss(x, t), rel=1e-5
    )  # it has 1e-7 inside its logarithm
    assert fish.accuracy(x, one_hot) == net.accuracy(x, t)
    part = fish.params["W2"][:2]
    np.testing.assert_allclose(fish.differences(x, one_hot, part), grads["W2"][:2], rtol=1e-4, atol=1e-8)


def test_the_step_that_is_timed_in_parts_is_the_step():
    """Or its parts would be those of other work."""
    whole, parts = (TwoLayerNet(*training.SIZES, rng=1, dtype=np.float32) for _ in range(2))
    rng = np.random.default_rng(4)
    told = []
    for _ in range(3):
        x, t = rng.random((20, 784), np.float32), rng.integers(10, size=20)
        training.SGD(0.5).update(whole.params, whole.gradient(x, t))
        training.step_in_parts(parts, training.SGD(0.5), x, t, told.append)
    for name, param in whole.params.items():
        np.testing.assert_array_equal(parts.params[name], param)
    assert len(set(told)) == 7


@pytest.mark.full
@pytest.mark.parametrize("name", training.OPTIONAL)
def test_the_others_take_part_where_they_are_installed(name):
    """Their networks are as large, and a round of steps changes each of their parameters."""
    library = pytest.importorskip(name)
    rng = np.random.default_rng(3)
    batches = [(rng.random((10, 784), np.float32), np.arange(10)) for _ in range(3)]
    step, parameters = {
        "torch": lambda: training.torch_steps(batches, library),
        "sklearn": lambda: training.sklearn_steps(batches),
    }[name]()
    step()
    before = [np.array(param) for param in parameters()]
    step()
    after = [np.array(param) for param in parameters()]
    assert sum(param.size for param in after) == 39_760
    assert all((one != other).any() for one, other in zip(before, after, strict=True))


def test_ways_take_turns_and_the_first_round_does_not_count():
    calls = []
    seconds = training.in_turns({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)
    assert calls == ["a", "b"] * 3
    assert seconds.keys() == {"a", "b"}
    assert all(0 <= it < 1 for it in seconds.values())


def test_a_benchmark_is_kept_with_its_provenance_and_read_like_a_result(tmp_path, monkeypatch):
    module = SimpleNamespace(
        __name__="scripts.benchmarks.mine", __doc__="Mine.", run=lambda _: {"seconds": 0.5}
    )
    monkeypatch.setattr(bench.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    (tmp_path / MNIST).parent.mkdir(parents=True)
    (tmp_path / MNIST).write_bytes(b"")
    assert bench.keep("mine", bench.Console(quiet=True)) == {"seconds": 0.5}
    kept = json.loads((tmp_path / "results/mine.json").read_text())
    assert kept["source"] == "scripts/benchmarks/mine.py"
    assert {"about", "seed", "data", "versions", "machine", "date", "values"} <= kept.keys()
    assert Results(tmp_path / "results").number("mine.seconds:duration") == "500\N{NO-BREAK SPACE}ms"


def test_every_number_is_printed_under_the_path_by_which_pages_name_it():
    values = {"step": {"seconds": 3.2e-4, "ratio": 0.5}, "rows": [{"name": "a", "count": 3}]}
    assert list(bench.lines(values)) == [
        ("step.seconds", "320\N{NO-BREAK SPACE}µs"),
        ("step.ratio", "0.5"),
        ("rows[0].name", "a"),
        ("rows[0].count", "3"),
    ]


@pytest.mark.parametrize("name", bench.KNOWN)
def test_what_is_kept_was_found_by_what_is_there(name):
    kept = json.loads((ROOT / f"results/{name}.json").read_text(encoding="utf-8"))
    assert kept["experiment"] == name
    assert (ROOT / kept["source"]).is_file()
    assert kept["values"]


def test_the_whole_run_by_differences_ends_where_backpropagation_does():
    values = json.loads((ROOT / "results/numerical_run.json").read_text(encoding="utf-8"))["values"]
    assert values["seconds"] < 15 * 60
    assert values["iterations"] == 6000
    for row in values["rows"]:
        assert row["differences"] == pytest.approx(row["backpropagation"], abs=0.0002)
    assert values["largest_difference_of_params"] < 1e-6
