"""Networks in files: what comes back, what is refused, and what is left of a save that was interrupted."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from dlbook.datasets import MNIST
from dlbook.network_base import Network
from dlbook.networks import ConvNet, MultiLayerNet, SimpleNet, TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.storage import load, save

DEEP = {"batch_norm": True, "dropout": 0.25, "weight_decay": 0.1, "weight_init": "He", "activation": "tanh"}
NETS = {
    "simple": lambda: SimpleNet(np.arange(12, dtype=np.float32).reshape(4, 3)),
    "two layers": lambda: TwoLayerNet(4, 5, 3, weight_init_std=0.5, rng=1),
    "two layers, float32": lambda: TwoLayerNet(np.int64(4), 5, 3, rng=1, dtype="float32"),
    "linear": lambda: MultiLayerNet(4, [], 3, rng=1),
    "deep": lambda: MultiLayerNet(4, (5, np.int32(6)), 3, rng=1, **DEEP),
    "convolution": lambda: ConvNet((1, 2, 2), 5, 1, 4, 3, weight_init="He", rng=1),
    "convolution, float32": lambda: ConvNet(
        (2, 2, 1), 3, 2, 4, 3, pad=1, pool_size=1, rng=1, dtype="float32"
    ),
    "deep, float32": lambda: MultiLayerNet(4, [5], 3, rng=1, dtype=np.float32, **DEEP),
}
X, T = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 3


def trained(net, steps=5):
    """Moves everything that can move, moving averages too."""
    for _ in range(steps):
        SGD(0.1).update(net.params, net.gradient(X, T))
    return net


def bits(net):
    """Everything that a network is, but for its random numbers."""
    arrays = net.params | getattr(net, "moving", {})
    return type(net), net.settings(), {name: (it.dtype, it.tobytes()) for name, it in arrays.items()}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "net"


# What comes back


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
@pytest.mark.parametrize("path", [str, lambda file: file])
def test_a_network_comes_back_whole(make, path, file):
    net = trained(make())
    assert save(net, path(file)) is None
    loaded = load(path(file))
    assert bits(loaded) == bits(net)
    np.testing.assert_array_equal(loaded.scores(X), net.scores(X))
    assert os.listdir(file.parent) == ["net"], "the name is the one that was given, and nothing else is left"
    trained(loaded)
    assert bits(loaded) != bits(net)


def test_a_network_goes_on_where_it_stopped():
    """A copy to the last bit, and with dropout, too; a loaded one has random numbers of its own."""
    net = trained(NETS["deep"]())
    copy = net.copy()
    assert bits(trained(copy)) == bits(trained(net))


@pytest.mark.parametrize("dropout", [0, 0.5])
def test_a_loaded_network_goes_on_as_its_seed_says(dropout, file):
    net = trained(MultiLayerNet(4, [5, 6], 3, batch_norm=True, dropout=dropout, rng=1))
    save(net, file)
    one, same, other = (trained(load(file, rng)) for rng in (7, np.random.default_rng(7), 8))
    assert bits(one) == bits(same)
    assert (bits(one) == bits(other)) == (bits(one) == bits(trained(net))) == (dropout == 0)


def test_numpy_alone_can_read_the_file(file):
    net = trained(NETS["deep"]())
    save(net, file)
    with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays.pop("header")))
    assert arrays.keys() == net.params.keys() | net.moving.keys()
    np.testing.assert_array_equal(arrays["gamma2"], net.params["gamma2"])
    assert header == {"format": 1, "class": "MultiLayerNet", "settings": net.settings()}


class Mine(Network):
    """A reader's own network: it only says how it was made."""

    def __init__(self, units=3, rng=None):
        self.params = {"W": np.random.default_rng(rng).normal(size=(4, units))}

    def settings(self):
        return {"units": self.params["W"].shape[1]}

    def scores(self, x):
        return x @ self.params["W"]


def test_a_network_of_ones_own_needs_its_settings_alone(file):
    net = Mine(units=5, rng=0)
    save(net, file)
    assert bits(load(file)) == bits(net)
    net.params["W"] = np.ones((4, 5, 1))
    with pytest.raises(ValueError, match=r"^W must be of shape \(4, 5\), got"):
        save(net, file)
    Mine.settings, settings = Network.settings, Mine.settings
    try:
        with pytest.raises(NotImplementedError, match=r"^Mine must define settings\(\)"):
            save(Mine(), file)
    finally:
        Mine.settings = settings


# What is refused


def contents(net):
    """What is in a file: the header, and the arrays."""
    header = {"format": 1, "class": type(net).__name__, "settings": net.settings()}
    return header, net.params | getattr(net, "moving", {})


def archive(header, arrays, write=np.savez):
    stream = io.BytesIO()
    write(stream, header=np.array(header if isinstance(header, str) else json.dumps(header)), **arrays)
    return stream.getvalue()


def tampered(**changes):
    """The file of a network with other arrays; None takes one out."""
    header, arrays = contents(NETS["deep"]())
    arrays = arrays | changes
    return archive(header, {name: it for name, it in arrays.items() if it is not None})


def renamed(name="deep", settings=None, **header):
    """The file of a network with another header; a setting that is ... is taken out."""
    old, arrays = contents(NETS[name]())
    known = old["settings"] | (settings or {})
    return archive(old | {"settings": {k: it for k, it in known.items() if it is not ...}} | header, arrays)


def entries(*more, compress=zipfile.ZIP_STORED):
    """The entries of a file, and some more."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(tampered())) as old, zipfile.ZipFile(stream, "w", compress) as new:
        for name, data in [*((name, old.read(name)) for name in old.namelist()), *more]:
            new.writestr(name, data)
    return stream.getvalue()


def npy(shape, data=b"", descr="<f8", version=1):
    """An .npy file that promises a shape, and holds some bytes."""
    head = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + len(head).to_bytes(2, "little") + head + data


def with_w1(data):
    """A file whose W1 is this .npy file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(tampered())) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, data if name == "W1.npy" else old.read(name))
    return stream.getvalue()


class Runs:
    """Unpickling it would write a file."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


REFUSED = {
    "nothing": (lambda: b"", "not a zip"),
    "words": (lambda: b"W1 = 0.1, 0.2", "not a zip"),
    "an array": (lambda: npy((1,), bytes(8)), "not a zip"),
    "no header": (lambda: with_w1(npy((4, 5), bytes(160))).replace(b"header", b"haeder"), ""),
    "header, not JSON": (lambda: archive("{", {}), "Expecting"),
    "header, a list": (lambda: archive([1], {}), r"the header must be a dict, got \[1\]"),
    "newer": (lambda: renamed(format=2), "at most 1; a newer version of dlbook wrote it, got 2"),
    "newer, of a new class": (lambda: renamed(**{"format": 9, "class": "ConvNet2"}), "a newer version"),
    "no format": (lambda: renamed(format=None), "the format must be a number, got None"),
    "unknown class": (lambda: renamed(**{"class": "Nobody"}), "one of .*'TwoLayerNet'.*, got 'Nobody'"),
    "builtin class": (lambda: renamed(**{"class": "dict"}), "the class must be one of"),
    "no class": (lambda: renamed(**{"class": ["MultiLayerNet"]}), "the class must be one of"),
    "another class": (lambda: renamed(**{"class": "TwoLayerNet"}), "hidden_size"),
    "no settings": (lambda: renamed(settings={"input_size": ...}), "input_size"),
    "foreign settings": (lambda: renamed(settings={"gelu": 1}), "unexpected keyword argument 'gelu'"),
    "settings with rng": (lambda: renamed(settings={"rng": 1}), "multiple values for keyword argument 'rng'"),
    "wrong settings": (lambda: renamed(settings={"dropout": 2}), "dropout must be a number from 0"),
    "text for a size": (lambda: renamed(settings={"input_size": "4"}), "input_size must be an integer"),
    "enormous": (lambda: renamed(settings={"hidden_sizes": [10**9] * 2}), "the settings must be of"),
    "enormous, simple": (lambda: renamed("simple", {"shape": [10**5, 10**5]}), "the settings must be of"),
    "larger than its arrays": (lambda: renamed(settings={"hidden_sizes": [5, 7]}), "W2 must be of shape"),
    "missing": (lambda: tampered(b2=None), r"the arrays must be complete, with \['b2'\]"),
    "missing average": (lambda: tampered(mean1=None), r"the arrays must be complete, with \['mean1'\]"),
    "extra": (lambda: tampered(W9=np.ones(3)), r"the arrays must be those .* no others, got \['W9'\]"),
    "transposed": (lambda: tampered(W1=np.ones((5, 4))), r"W1 must be of shape \(4, 5\), got"),
    "whole numbers": (lambda: tampered(W1=np.ones((4, 5), int)), "W1 must be floats or text, got"),
    "half precision": (lambda: tampered(W1=np.ones((4, 5), np.float16)), "W1 must be in float64 or float32"),
    "text": (lambda: tampered(W1=np.full((4, 5), "1.0")), "W1 must be an array of floats"),
    "two types": (lambda: tampered(W1=np.ones((4, 5), np.float32)), "must be float32, like the other"),
    "NaN": (lambda: tampered(b1=np.full(5, np.nan)), "b1 must be finite everywhere"),
    "infinite average": (lambda: tampered(var1=np.full(5, np.inf)), "var1 must be finite everywhere"),
    "negative variance": (lambda: tampered(var1=np.full(5, -1.0)), "moving_var must be at least 0"),
    "pickle": (lambda: tampered(W1=np.full((4, 5), Runs())), "W1 must be floats or text, got dtype"),
    "zip bomb": (lambda: entries(("W9.npy", bytes(10**7)), compress=zipfile.ZIP_DEFLATED), ""),
    "twice": (lambda: entries(("W1.npy", npy((4, 5), bytes(160)))), "the arrays must be each there once"),
    "shape without data": (lambda: with_w1(npy((10**9, 10**9))), "W1 must be of 0 entries, which"),
    "shape of too little data": (lambda: with_w1(npy((4, 5), bytes(152))), "W1 must be of 19 entries"),
    "negative shape": (lambda: with_w1(npy((-4, -5), bytes(160))), ""),
    "a shape that is code": (lambda: with_w1(npy("__import__('os').mkdir('ran')", bytes(160))), ""),
    "later npy": (lambda: with_w1(npy((4, 5), bytes(160), version=3)), "W1 must be in the first version"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_such_a_network_is_refused_by_name(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, words = data
    (tmp_path / "net").write_bytes(make())
    tracemalloc.start()
    with pytest.raises(ValueError, match=rf"^file must be one that dlbook.save wrote, got net: .*{words}"):
        load("net")
    assert tracemalloc.get_traced_memory()[1] < 2**22, "however much it promises"
    tracemalloc.stop()
    assert os.listdir() == ["net"], "nothing in it was run"


def test_other_archives_are_refused():
    with pytest.raises(ValueError, match=rf"got {re.escape(MNIST)}: the arrays must be "):
        load(MNIST)


def test_a_file_that_was_cut_short_or_damaged_is_never_half_loaded(file):
    net = trained(NETS["deep"]())
    save(net, file)
    whole, rng = file.read_bytes(), np.random.default_rng(0)
    for end in rng.choice(len(whole), 60, replace=False):
        file.write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"^file must be one that"):
            load(file)
    refused = 0
    for at in rng.choice(len(whole), 200, replace=False):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << rng.integers(8)
        file.write_bytes(damaged)
        try:
            assert bits(load(file)) == bits(net), "such as a bit of the time of saving"
        except ValueError:
            refused += 1
    assert refused > 100


def test_from_a_machine_that_writes_numbers_the_other_way_round(file):
    net = trained(NETS["deep"]())
    header, arrays = contents(net)
    swapped = {name: it.astype(it.dtype.newbyteorder()) for name, it in arrays.items()}
    file.write_bytes(archive(header, {name: np.asfortranarray(it) for name, it in swapped.items()}))
    assert bits(load(file)) == bits(net)


# What cannot be saved


@pytest.mark.parametrize("bad", [5, None, b"net", io.BytesIO()])
def test_what_is_no_path_is_refused(bad):
    for call in (lambda: save(NETS["simple"](), bad), lambda: load(bad)):
        with pytest.raises(TypeError, match=r"^file must be a path, got "):
            call()


def test_where_no_file_can_be(file):
    with pytest.raises(ValueError, match=r"^file must be the name of a file, not of a folder, got "):
        save(NETS["simple"](), file.parent)
    for call in (lambda: save(NETS["simple"](), file / "net"), lambda: load(file)):
        with pytest.raises(FileNotFoundError):
            call()


def spoilt(**attributes):
    net = NETS["deep"]()
    for name, value in attributes.items():
        setattr(net, name, value)
    return net


NOT_SAVED = {
    "no network": (lambda: {"W": np.ones(3)}, TypeError, "net must be a network, got {'W'"),
    "NaN": (
        lambda: spoilt(params=NETS["deep"]().params | {"b1": np.full(5, np.nan)}),
        ValueError,
        "b1 must be",
    ),
    "no parameters": (lambda: spoilt(params={}), ValueError, "params must be a dict with the names"),
    "no averages": (lambda: spoilt(moving={}), ValueError, "moving must be a dict with the names"),
    "rate": (lambda: spoilt(dropout=2), ValueError, "rate must be a number from 0"),
    "own layer": (lambda: spoilt(activation=Mine), ValueError, "net must have settings that make it again"),
}


@pytest.mark.parametrize("name", NOT_SAVED)
def test_what_could_not_be_loaded_is_not_saved(name, file):
    make, error, words = NOT_SAVED[name]
    save(NETS["simple"](), file)
    before = file.read_bytes()
    with pytest.raises(error, match=words):
        save(make(), file)
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["net"]


# Interrupted


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["numpy.savez", "os.fsync", "os.replace"])
def test_a_save_that_fails_leaves_the_old_file_alone(where, error, file, monkeypatch):
    net = NETS["deep"]()
    save(net, file)

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(where, fail)
    with pytest.raises(type(error)):
        save(trained(net.copy()), file)
    assert os.listdir(file.parent) == ["net"]
    assert bits(load(file)) == bits(net)


def test_a_link_stays_a_link(file):
    save(NETS["simple"](), file)
    link = file.with_name("link")
    try:
        link.symlink_to(file)
    except OSError:
        pytest.skip("no links here")
    save(NETS["linear"](), link)
    assert link.is_symlink()
    assert bits(load(file)) == bits(NETS["linear"]())


SAVING = """
import sys
from dlbook import TwoLayerNet, save
nets = [TwoLayerNet(784, 100, 10, rng=seed) for seed in (0, 1)]
save(nets[0], sys.argv[1])
print("ready", flush=True)
while True:
    for net in nets:
        save(net, sys.argv[1])
"""


@pytest.mark.parametrize("times", [2, pytest.param(100, marks=pytest.mark.full)])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_save_that_is_killed_leaves_a_whole_file(times, file):
    whole = [bits(TwoLayerNet(784, 100, 10, rng=seed)) for seed in (0, 1)]
    rng = np.random.default_rng(0)
    for _ in range(times):
        saving = subprocess.Popen([sys.executable, "-c", SAVING, file], stdout=subprocess.PIPE)
        with saving:
            started = saving.stdout.readline()
            time.sleep(rng.uniform(0, 0.05))
            saving.send_signal(signal.SIGKILL)
        assert started
        assert bits(load(file)) in whole
