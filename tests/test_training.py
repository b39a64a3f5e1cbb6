"""Mini-batches and the training loop against a loop written out by hand."""

import pickle
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.datasets import load_mnist
from dlbook.network_base import Network
from dlbook.networks import MultiLayerNet, SimpleNet, TwoLayerNet
from dlbook.optimizers import OPTIMIZERS, SGD, Adam, Momentum
from dlbook.training import minibatches, train


def blobs(n, rng=0):
    """Three clouds of points around the corners of a triangle."""
    rng = np.random.default_rng(rng)
    t = rng.integers(3, size=n)
    corners = np.array([[2.0, 0], [-1, 2], [-1, -2]])
    return corners[t] + 0.5 * rng.normal(size=(n, 2)), t


def make_net(rng=0):
    return TwoLayerNet(2, 4, 3, weight_init_std=0.5, rng=rng)


# Mini-batches


@given(n=st.integers(1, 50), batch_size=st.integers(1, 60), rng=st.integers(0, 10**6))
def test_an_epoch_has_each_sample_exactly_once_beside_its_target(n, batch_size, rng):
    x = np.arange(n)
    batches = list(minibatches(x, 10 * x, batch_size, rng))
    for x_batch, t_batch in batches:
        assert t_batch.tolist() == (10 * x_batch).tolist()
    sizes = [len(x_batch) for x_batch, _ in batches]
    assert sizes[:-1] == [batch_size] * (len(batches) - 1)
    assert 1 <= sizes[-1] <= batch_size
    assert sorted(np.concatenate([x_batch for x_batch, _ in batches])) == x.tolist()


@given(n=st.integers(1, 50), batch_size=st.integers(1, 60), rng=st.integers(0, 10**6))
def test_drawing_with_replacement_gives_batches_of_the_same_sizes(n, batch_size, rng):
    x = np.arange(n)
    shuffled = minibatches(x, x, batch_size, rng)
    drawn = list(minibatches(x, 10 * x, batch_size, rng, replace=True))
    assert [len(t) for _, t in shuffled] == [len(t) for _, t in drawn]
    for x_batch, t_batch in drawn:
        assert t_batch.tolist() == (10 * x_batch).tolist()


@given(n=st.integers(1, 60), batch_size=st.integers(1, 20), least=st.integers(1, 20), rng=st.integers(0, 99))
def test_a_last_batch_that_is_too_small_joins_the_one_before_it(n, batch_size, least, rng):
    batch_size = max(batch_size, least)
    x = np.arange(n)
    usual = [batch for batch, _ in minibatches(x, x, batch_size, rng)]
    joined = [batch for batch, _ in minibatches(x, x, batch_size, rng, least=least)]
    if len(usual) > 1 and len(usual[-1]) < least:
        usual[-2:] = [np.concatenate(usual[-2:])]
    assert [batch.tolist() for batch in joined] == [batch.tolist() for batch in usual]


def test_drawing_with_replacement_leaves_out_about_one_sample_in_e():
    x = np.arange(10_000)
    drawn = np.concatenate([batch for batch, _ in minibatches(x, x, 100, rng=0, replace=True)])
    assert np.unique(drawn).size / 10_000 == pytest.approx(1 - 1 / np.e, abs=0.01)
    assert np.bincount(drawn).max() < 12


def test_every_order_is_as_likely_as_any_other():
    rng = np.random.default_rng(0)
    x = np.arange(3)
    orders = [tuple(next(minibatches(x, x, 3, rng))[0].tolist()) for _ in range(3000)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert len(counts) == 6
    assert max(abs(count - 500) for count in counts) < 100


def test_images_and_one_hot_rows_keep_their_shape_and_type():
    x, t = np.zeros((5, 28, 28), np.uint8), np.identity(5, np.float32)
    x_batch, t_batch = next(minibatches(x, t, 2))
    assert (x_batch.shape, x_batch.dtype) == ((2, 28, 28), np.uint8)
    assert (t_batch.shape, t_batch.dtype) == ((2, 5), np.float32)


def test_batches_are_copies_and_the_data_is_left_alone():
    x, t = blobs(10)
    before = x.tobytes(), t.tobytes()
    for x_batch, t_batch in minibatches(x, t, 5, rng=0):
        x_batch += 1
        t_batch += 1
    assert (x.tobytes(), t.tobytes()) == before


def test_a_hundred_samples_are_the_default():
    assert [len(t) for _, t in minibatches(np.arange(250), np.arange(250))] == [100, 100, 50]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"x": [], "t": []}, ValueError, r"x must be at least one sample, got float64 array of shape \(0,\)"),
        ({"x": 3}, ValueError, "x must be at least one sample, got 3"),
        (
            {"t": [1, 2]},
            ValueError,
            r"t must be one target for each of 3 samples, got int64 array of shape \(2,\)",
        ),
        ({"t": [1, 2, 3, 4]}, ValueError, "t must be one target for each of 3 samples"),
        ({"t": 1}, ValueError, "t must be one target for each of 3 samples, got 1"),
        ({"x": [[1, 2], [3], [4]]}, ValueError, "x must have rows of equal length, got"),
        ({"t": [[1, 2], [3], [4]]}, ValueError, "t must have rows of equal length, got"),
        ({"replace": "no"}, TypeError, "replace must be True or False, got 'no'"),
        ({"least": 0}, ValueError, "least must be at least 1, got 0"),
        ({"batch_size": 2, "least": 3}, ValueError, "least must be at most batch_size, 2, got 3"),
    ],
)
def test_bad_arguments_are_refused_at_once_not_at_the_first_batch(arguments, error, words):
    with pytest.raises(error, match=words):
        minibatches(**{"x": [1, 2, 3], "t": [1, 2, 3]} | arguments)


# Training


@pytest.mark.parametrize("replace", [False, True])
def test_training_is_the_loop_written_out(replace):
    train_set, test_set = blobs(50), blobs(20, rng=1)
    net, twin = make_net(), make_net()
    history = train(net, train_set, test_set, epochs=3, batch_size=8, lr=0.3, rng=5, replace=replace)

    rng = np.random.default_rng(5)
    loss, train_accuracy, test_accuracy = [], [twin.accuracy(*train_set)], [twin.accuracy(*test_set)]
    for _ in range(3):
        order = rng.integers(50, size=50) if replace else rng.permutation(50)
        for start in range(0, 50, 8):
            rows = order[start : start + 8]
            x, t = train_set[0][rows], train_set[1][rows]
            loss.append(twin.loss(x, t))
            for name, gradient in twin.gradient(x, t).items():
                twin.params[name] -= 0.3 * gradient
        train_accuracy.append(twin.accuracy(*train_set))
        test_accuracy.append(twin.accuracy(*test_set))

    assert {type(value) for values in history.values() for value in values} == {float}
    assert history == {"loss": loss, "train_accuracy": train_accuracy, "test_accuracy": test_accuracy}
    assert pickle.dumps(net.params) == pickle.dumps(twin.params)


def test_training_learns():
    net = make_net()
    history = train(net, blobs(300), blobs(100, rng=1), epochs=10, batch_size=10, lr=0.5, rng=0)
    assert history["test_accuracy"][0] < 0.7
    assert history["test_accuracy"][-1] > 0.97
    assert np.mean(history["loss"][-30:]) < np.mean(history["loss"][:30]) / 5


def test_ten_epochs_of_batches_of_a_hundred_with_a_tenth_as_learning_rate_are_the_default():
    net, twin = make_net(), make_net()
    history = train(net, blobs(250), blobs(20, rng=1), rng=5)
    assert len(history["loss"]) == 10 * 3
    assert history == train(
        twin, blobs(250), blobs(20, rng=1), epochs=10, batch_size=100, lr=0.1, optimizer="sgd", rng=5
    )
    assert pickle.dumps(net.params) == pickle.dumps(twin.params)


def test_no_epochs_change_nothing():
    net = make_net()
    before = pickle.dumps(net.params)
    history = train(net, blobs(10), blobs(10), epochs=0)
    assert pickle.dumps(net.params) == before
    assert history["loss"] == []
    assert len(history["test_accuracy"]) == 1


def test_one_hot_rows_lists_and_float32_train_the_same_way():
    (x, t), test_set = blobs(40), blobs(10, rng=1)
    histories = []
    for train_set in [(x, t), (x, np.identity(3)[t]), (x.tolist(), t.tolist()), [x, t.astype(np.uint8)]]:
        net = make_net()
        histories.append(train(net, train_set, test_set, epochs=2, batch_size=7, rng=0))
    assert all(history == histories[0] for history in histories)
    net = TwoLayerNet(2, 4, 3, rng=0, dtype=np.float32)
    train(net, (x, t), test_set, epochs=1, rng=0)
    assert {param.dtype for param in net.params.values()} == {np.dtype(np.float32)}


def test_the_data_is_left_alone_and_may_be_read_only():
    train_set, test_set = blobs(30), blobs(10, rng=1)
    before = pickle.dumps((train_set, test_set))
    for array in (*train_set, *test_set):
        array.flags.writeable = False
    train(make_net(), train_set, test_set, epochs=1, batch_size=7)
    assert pickle.dumps((train_set, test_set)) == before


def test_any_object_with_an_update_serves_as_optimizer():
    class Recorder:
        calls = 0

        def update(self, params, grads):
            assert params.keys() == grads.keys()
            self.calls += 1

    recorder, net = Recorder(), make_net()
    before = pickle.dumps(net.params)
    train(net, blobs(30), blobs(10), epochs=2, batch_size=10, optimizer=recorder)
    assert recorder.calls == 6
    assert pickle.dumps(net.params) == before


def test_an_optimizer_brings_its_own_learning_rate():
    by_name, by_object = make_net(), make_net()
    train(by_name, blobs(30), blobs(10), epochs=1, batch_size=10, lr=0.7, rng=0)
    train(by_object, blobs(30), blobs(10), epochs=1, batch_size=10, optimizer=SGD(0.7), rng=0)
    assert pickle.dumps(by_name.params) == pickle.dumps(by_object.params)


def test_progress_wraps_the_loop_over_epochs():
    seen = []

    def progress(epochs):
        for epoch in epochs:
            seen.append(epoch)
            yield epoch

    train(make_net(), blobs(10), blobs(10), epochs=3, progress=progress)
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("made", OPTIMIZERS.values())
def test_a_name_means_the_optimizer_with_its_own_constants(made):
    named, net = make_net(), make_net()
    history = train(named, blobs(30), epochs=2, batch_size=10, optimizer=made.__name__, rng=0)
    assert history == train(net, blobs(30), epochs=2, batch_size=10, optimizer=made(), rng=0)
    assert pickle.dumps(named.params) == pickle.dumps(net.params)


@pytest.mark.full
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_digits_without_a_rate(optimizer):
    (x, t), test_set = load_mnist()
    net = MultiLayerNet(784, [50, 50], 10, weight_init="he", rng=0, dtype=np.float32)
    history = train(net, (x[:20_000], t[:20_000]), test_set, epochs=2, optimizer=optimizer, rng=0)
    assert history["test_accuracy"][-1] > 0.9


@pytest.mark.parametrize("given", [{"test_set"}, {"validation"}, {"test_set", "validation"}, set()])
def test_the_history_has_what_the_sets_that_are_given_can_tell(given):
    sets = {"test_set": blobs(20, rng=1), "validation": blobs(1030, rng=2)}
    net = MultiLayerNet(2, [4], 3, weight_init="he", weight_decay=0.1, rng=0)
    seen = []

    def callback(net, history):
        seen.append(net.loss(*sets["validation"]))
        assert history["train_accuracy"][-1] == net.accuracy(*blobs(30))

    arguments = {name: sets[name] for name in given}
    before = net.loss(*sets["validation"])
    history = train(net, blobs(30), epochs=3, callback=callback, rng=0, **arguments)
    expected = {"loss", "train_accuracy"}
    if "test_set" in given:
        expected.add("test_accuracy")
        assert history["test_accuracy"][-1] == net.accuracy(*sets["test_set"])
    if "validation" in given:
        expected |= {"validation_accuracy", "validation_loss"}
        assert history["validation_accuracy"][-1] == net.accuracy(*sets["validation"])
        np.testing.assert_allclose(history["validation_loss"], [before, *seen], rtol=1e-13)
    assert history.keys() == expected
    assert {len(values) for name, values in history.items() if name != "loss"} == {4}


@pytest.mark.parametrize(
    ("answer", "epochs"), [(True, 1), (np.True_, 1), (False, 3), (None, 3), (1, 3), ("stop", 3), ([True], 3)]
)
def test_a_callback_ends_training_by_returning_true_and_nothing_else(answer, epochs):
    history = train(make_net(), blobs(30), epochs=3, batch_size=10, callback=lambda net, history: answer)
    assert len(history["loss"]) == 3 * epochs
    assert len(history["train_accuracy"]) == 1 + epochs


def test_a_callback_may_keep_the_best_network_and_stop_early():
    best = {"loss": np.inf, "epoch": 0, "params": {}}

    def callback(net, history):
        epoch, loss = len(history["validation_loss"]) - 1, history["validation_loss"][-1]
        if loss < best["loss"]:
            best.update(loss=loss, epoch=epoch, params=deepcopy(net.params))
        return epoch == best["epoch"] + 3

    net, validation = make_net(), (blobs(40)[0], np.random.default_rng(9).integers(3, size=40))
    history = train(net, blobs(40), validation=validation, epochs=200, lr=1.0, rng=0, callback=callback)
    losses = history["validation_loss"][1:]
    assert np.argmin(losses) == len(losses) - 4
    net.params.update(best["params"])
    np.testing.assert_allclose(net.loss(*validation), min(losses), rtol=1e-13)


@pytest.mark.parametrize("optimizer", ["Momentum", Momentum(0.7)])
def test_a_schedule_sets_the_rate_of_each_update_and_a_callback_that_of_an_epoch(optimizer):
    def schedule(n):
        return 0.3 * 0.5 ** ((n - 1) // 3)

    def callback(net, history):
        made.lr *= 0.5

    scheduled, called, made = make_net(), make_net(), Momentum(0.3)
    train(scheduled, blobs(30), epochs=4, batch_size=10, optimizer=optimizer, lr=schedule, rng=0)
    train(called, blobs(30), epochs=4, batch_size=10, optimizer=made, callback=callback, rng=0)
    assert pickle.dumps(scheduled.params) == pickle.dumps(called.params)


def test_one_seed_repeats_a_whole_run():
    def run():
        rng = np.random.default_rng(3)
        net = MultiLayerNet(2, [9, 9], 3, weight_init="he", batch_norm=True, dropout=0.3, rng=rng)
        history = train(net, blobs(41), blobs(10), epochs=3, batch_size=10, optimizer="adam", rng=rng)
        return pickle.dumps((history, net.params, net.moving))

    assert run() == run()


# What goes wrong on the way


def normalized(rng=0):
    return MultiLayerNet(2, [6], 3, weight_init="he", batch_norm=True, rng=rng)


def test_batch_normalization_trains_with_a_single_sample_left_over():
    net, twin = normalized(), normalized()
    x, t = blobs(2001)
    history = train(net, (x, t), epochs=2, batch_size=100, lr=0.1, rng=0)
    assert len(history["loss"]) == 2 * 20
    rng = np.random.default_rng(0)
    for _ in range(2):
        for rows in np.split(rng.permutation(2001), range(100, 2000, 100)):
            for name, gradient in twin.gradient(x[rows], t[rows]).items():
                twin.params[name] -= 0.1 * gradient
    assert pickle.dumps((net.params, net.moving)) == pickle.dumps((twin.params, twin.moving))


class Interrupting(SGD):
    """Updates parameters one by one, and is interrupted after the first of update ``at``."""

    def __init__(self, lr, at, interrupt):
        super().__init__(lr)
        self.at, self.interrupt = at, interrupt

    def update(self, params, grads):
        self.at -= 1
        for name in params:
            super().update({name: params[name]}, {name: grads[name]})
            if self.at == 0 and name == next(iter(params)):
                self.interrupt()


def raise_in_callback(net, history):
    if len(history["loss"]) == 9:
        raise ArithmeticError("no more")


@pytest.fixture
def ctrl_c():
    """Have Python handle Ctrl-C, which shells switch off for what they run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("at_prompt", [False, True])
@pytest.mark.parametrize("way", ["between parameters", "in a callback", "in a measurement", "exception"])
def test_what_ends_training_leaves_whole_updates_and_the_history(way, at_prompt, monkeypatch, ctrl_c):
    def interrupt(*_):
        signal.raise_signal(signal.SIGINT)

    if at_prompt:
        monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    net, twin, updates = normalized(), normalized(), 9
    arguments = {"callback": None, "optimizer": SGD(0.1)}
    if way == "between parameters":
        arguments["optimizer"], updates = Interrupting(0.1, 7, interrupt), 7
    elif way == "in a callback":
        arguments["callback"], updates = interrupt, 3
    elif way == "exception":
        arguments["callback"] = raise_in_callback
    else:
        measured = iter(range(99))
        accuracy = net.accuracy
        net.accuracy = lambda x, t: interrupt() if next(measured) == 3 else accuracy(x, t)
    handler = signal.getsignal(signal.SIGINT)
    if at_prompt and way != "exception":
        with pytest.warns(RuntimeWarning, match=f"ended after {updates} of 15 updates") as warnings:
            history = train(net, blobs(30), epochs=5, batch_size=10, rng=0, **arguments)
        assert warnings[0].filename == __file__
    else:
        expected = ArithmeticError if way == "exception" else KeyboardInterrupt
        with pytest.raises(expected) as caught:
            train(net, blobs(30), epochs=5, batch_size=10, rng=0, **arguments)
        history = caught.value.history
        assert f"ended after {updates} of 15 updates" in caught.value.__notes__[0]
    assert signal.getsignal(signal.SIGINT) is handler

    stop = iter(range(updates))
    rng, sgd, losses = np.random.default_rng(0), SGD(0.1), []
    while len(losses) < updates:
        for x, t in minibatches(*blobs(30), 10, rng):
            if next(stop, None) is not None:
                loss, grads = twin.loss_and_gradient(x, t)
                losses.append(loss)
                sgd.update(twin.params, grads)
    assert history["loss"] == losses
    assert len(history["train_accuracy"]) == 1 + updates // 3 - (way == "in a measurement")
    assert pickle.dumps((net.params, net.moving)) == pickle.dumps((twin.params, twin.moving))
    train(net, blobs(30), epochs=1)


def test_a_second_ctrl_c_does_not_wait_for_the_update(ctrl_c):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    net, twin = make_net(), make_net()
    with pytest.raises(KeyboardInterrupt) as caught:
        train(net, blobs(30), optimizer=Interrupting(0.1, 1, twice), rng=0)
    assert caught.value.history["loss"] == []
    assert [name for name in net.params if (net.params[name] != twin.params[name]).any()] == ["W1"]


def test_training_works_in_another_thread_and_where_ctrl_c_is_ignored():
    with ThreadPoolExecutor(1) as pool:
        in_thread = pool.submit(train, make_net(), blobs(30), epochs=2, rng=0).result()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ignoring = train(
            make_net(),
            blobs(30),
            epochs=2,
            rng=0,
            callback=lambda *_: signal.raise_signal(signal.SIGINT),
        )
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert in_thread == ignoring == train(make_net(), blobs(30), epochs=2, rng=0)


def test_a_network_that_diverges_says_so_rather_than_going_on_with_nan():
    net = SimpleNet(np.zeros((2, 3)))
    x = np.full((4, 2), 1e200)
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=r"(grads\['W'\]|W|scores|x) must be finite"),
    ):
        train(net, (x, [0, 1, 2, 0]), (x, [0, 1, 2, 0]), epochs=9, batch_size=1, lr=1e200, rng=0)


X, T = blobs(12)
USED = Adam()
USED.update({"W1": np.ones((2, 5))}, {"W1": np.ones((2, 5))})


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"optimizer": "adam?"}, ValueError, r"optimizer must be one of \[.*'sgd'.*\], got 'adam\?'"),
        ({"optimizer": None}, TypeError, "optimizer must be a name or an object with update"),
        ({"optimizer": SGD}, TypeError, "optimizer must be a name or an object with update"),
        ({"optimizer": USED}, ValueError, "optimizer must be new, or one that has trained this network"),
        ({"optimizer": SGD(), "lr": 0.1}, ValueError, "lr must be left out .* beside an optimizer object"),
        ({"lr": lambda n: -1.0}, ValueError, "lr must be a finite number, at least 0, got -1.0"),
        ({"lr": lambda n: "0.1"}, TypeError, "lr must be real numbers, got '0.1'"),
        ({"net": MultiLayerNet}, TypeError, "net must be a network, such as .*, got <class"),
        ({"net": X}, TypeError, "net must be a network, such as .*, got float64 array"),
        ({"train_set": X}, TypeError, r"train_set must be a pair .*\(net, \(x, t\)\), got float64 array"),
        (
            {"train_set": X, "test_set": T, "epochs": X, "batch_size": T},
            TypeError,
            "train_set must be a pair",
        ),
        ({"train_set": (X, T, T)}, TypeError, "train_set must be a pair of samples and targets, .* got"),
        ({"train_set": None}, TypeError, "train_set must be a pair .*, got None"),
        ({"test_set": X}, TypeError, "test_set must be a pair .*, got float64 array"),
        ({"train_set": (X[:5], T)}, ValueError, "train_set: t must be one target for each of 5 samples, got"),
        ({"train_set": (X[:0], T[:0])}, ValueError, "train_set: x must be at least 1 sample, got"),
        ({"train_set": (X[0], T[0])}, ValueError, "train_set: x must be an array with a sample in each row"),
        ({"train_set": (X, T + 1)}, ValueError, "train_set: t must be labels between 0 and 2, got"),
        ({"train_set": (X * np.nan, T)}, ValueError, "train_set: x must be finite everywhere"),
        ({"train_set": ([[1, 2], [3]], T)}, ValueError, "train_set: x must have rows of equal length"),
        ({"test_set": (X[:, :1], T)}, ValueError, r"test_set: x must be of shape \(2,\) .*, got"),
        ({"validation": (X[:, :1], T)}, ValueError, r"validation: x must be of shape \(2,\) .*, got"),
        ({"test_set": (X, T[:5])}, ValueError, "test_set: t must be one target for each of 12 samples, got"),
        ({"test_set": (X, np.identity(4)[T])}, ValueError, "test_set: t must be .*, got float64 array"),
        ({"validation": (X, T * 1.0)}, TypeError, "validation: t must be integers where it holds labels"),
        ({"validation": (X[:0], T[:0])}, ValueError, "validation: x must be at least 1 sample, got"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ({"net": normalized(), "batch_size": 1}, ValueError, "batch_size must be at least 2, got 1"),
        ({"net": normalized(), "train_set": (X[:1], T[:1])}, ValueError, "train_set: x must be at least 2 s"),
        ({"replace": 1}, TypeError, "replace must be True or False, got 1"),
        ({"callback": True}, TypeError, "callback must be a callable, got True"),
        ({"progress": "bar"}, TypeError, "progress must be True, False or a callable, got 'bar'"),
        ({"rng": "seed"}, TypeError, "rng must be a numpy.random.Generator or a seed"),
    ],
)
def test_bad_arguments_are_refused_before_anything_has_changed(arguments, error, words):
    arguments = {"net": make_net(), "train_set": (X, T), "test_set": (X, T)} | arguments
    net = arguments["net"]
    before = pickle.dumps(vars(net)) if isinstance(net, Network) else None
    with pytest.raises(error, match=f"^{words}"):
        train(**arguments)
    if before:
        assert pickle.dumps(vars(net)) == before
