"""Mini-batches and the training loop against a loop written out by hand."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.networks import SimpleNet, TwoLayerNet
from dlbook.optimizers import SGD
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


def test_a_network_that_diverges_says_so_rather_than_going_on_with_nan():
    net = SimpleNet(np.zeros((2, 3)))
    x = np.full((4, 2), 1e200)
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=r"(grads\['W'\]|W|scores|x) must be finite"),
    ):
        train(net, (x, [0, 1, 2, 0]), (x, [0, 1, 2, 0]), epochs=9, batch_size=1, lr=1e200, rng=0)


X, T = blobs(12)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"optimizer": "adam?"}, ValueError, r"optimizer must be one of \[.*'sgd'.*\], got 'adam\?'"),
        ({"optimizer": None}, TypeError, "optimizer must be a name or an object with update"),
        ({"optimizer": SGD}, TypeError, "optimizer must be a name or an object with update"),
        (
            {"train_set": X},
            TypeError,
            r"train_set must be a pair \(x, t\), got float64 array of shape \(12, 2\)",
        ),
        ({"train_set": (X, T, T)}, TypeError, r"train_set must be a pair \(x, t\), got"),
        ({"test_set": None}, TypeError, r"test_set must be a pair \(x, t\), got None"),
        ({"train_set": (X[:5], T)}, ValueError, r"t must be .*, got int64 array of shape \(12,\)"),
        (
            {"train_set": (X[:0], T[:0])},
            ValueError,
            r"x must be of shape \(2,\) .*, got float64 array of shape \(0, 2\)",
        ),
        ({"train_set": (X, T + 1)}, ValueError, "t must be labels between 0 and 2, got"),
        ({"train_set": (X * np.nan, T)}, ValueError, "x must be finite everywhere"),
        (
            {"test_set": (X[:, :1], T)},
            ValueError,
            r"x must be of shape \(2,\) .*, got float64 array of shape \(12, 1\)",
        ),
        ({"test_set": (X, T[:5])}, ValueError, r"t must be .*, got int64 array of shape \(5,\)"),
        (
            {"test_set": (X, T.astype(float))},
            TypeError,
            r"t must be integers where it holds labels \(t\.astype\(int\).*, got float64",
        ),
        (
            {"test_set": (X, np.identity(4)[T])},
            ValueError,
            r"t must be .*, got float64 array of shape \(12, 4\)",
        ),
    ],
)
def test_bad_arguments_are_refused_and_leave_the_parameters_as_they_were(arguments, error, words):
    net = make_net()
    before = pickle.dumps(net.params)
    with pytest.raises(error, match=words):
        train(**{"net": net, "train_set": (X, T), "test_set": (X, T)} | arguments)
    assert pickle.dumps(net.params) == before
