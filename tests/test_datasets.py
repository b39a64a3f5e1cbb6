"""MNIST: the content is what was published, in the shapes promised; a damaged file is named as one."""

import gzip
import hashlib
import re
import shutil
import struct
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dlbook import datasets
from dlbook.datasets import load_mnist

MNIST = Path(datasets.MNIST)

PUBLISHED_MD5 = {  # of the uncompressed IDX files; see dlbook/data/README.md
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.fixture(scope="module")
def raw():
    (x_train, t_train), (x_test, t_test) = load_mnist(normalize=False, flatten=False)
    return {"x_train": x_train, "y_train": t_train, "x_test": x_test, "y_test": t_test}


@pytest.fixture(scope="module")
def default():
    return load_mnist()


@pytest.fixture(scope="module")
def one_hot():
    return load_mnist(normalize=False, flatten=True, one_hot_label=True)


def test_shapes_are_those_that_the_docstring_states(raw, default, one_hot):
    (x, t), _ = default
    shapes = [it.shape[1:] for it in (x, raw["x_train"], t, one_hot[0][1])]
    assert [f"(N, {', '.join(map(str, it))})" if it else "(N,)" for it in shapes] == re.findall(
        r"\(N,[^)]*\)", load_mnist.__doc__
    )


@pytest.mark.parametrize("name", PUBLISHED_MD5)
def test_written_back_as_idx_each_array_has_the_published_md5(raw, name):
    assert raw[name].dtype == (np.uint8 if name.startswith("x") else np.int64)
    assert hashlib.md5(idx(raw[name]), usedforsecurity=False).hexdigest() == PUBLISHED_MD5[name]


def test_the_checksum_beside_the_file_is_that_of_the_file():
    expected, name = MNIST.with_name(MNIST.name + ".sha256").read_text().split()
    assert hashlib.sha256(MNIST.read_bytes()).hexdigest() == expected
    assert name.lstrip("*") == MNIST.name


def test_by_default_images_are_flat_float32_from_0_to_1_and_targets_are_labels(default):
    (x_train, t_train), (x_test, t_test) = default
    assert (x_train.shape, t_train.shape) == ((60000, 784), (60000,))
    assert (x_test.shape, t_test.shape) == ((10000, 784), (10000,))
    for x, t in default:
        assert (x.dtype, t.dtype) == (np.float32, np.int64)
        assert (x.min(), x.max()) == (0, 1)
        assert np.unique(t).tolist() == list(range(10))


def test_normalizing_divides_by_255_and_flattening_keeps_the_rows(raw, default):
    for part, (x, t) in zip(("train", "test"), default, strict=True):
        pixels = raw[f"x_{part}"]
        assert np.array_equal(np.rint(x * 255).astype(np.uint8).reshape(pixels.shape), pixels)
        assert x[7, 28 * 10 + 13] == np.float32(pixels[7, 10, 13] / 255)
        assert np.array_equal(t, raw[f"y_{part}"])


def test_options_are_independent_and_one_hot_rows_have_their_1_at_the_label(raw, one_hot):
    (x_train, t_train), (x_test, t_test) = one_hot
    assert (x_train.shape, x_train.dtype) == ((60000, 784), np.uint8)
    assert np.array_equal(x_test.reshape(-1, 28, 28), raw["x_test"])
    for t, labels in [(t_train, raw["y_train"]), (t_test, raw["y_test"])]:
        assert (t.shape, t.dtype) == ((len(labels), 10), np.float32)
        assert np.all(t.sum(axis=1) == 1)
        assert np.all(t[np.arange(len(t)), labels] == 1)


def test_what_one_caller_changes_no_other_caller_sees(default):
    # A second, separate read is what `raw` is: same values, no shared memory.
    (x_train, t_train), _ = load_mnist()
    assert not np.shares_memory(x_train, default[0][0])
    x_train[0] = t_train[0] = -1
    assert default[0][0][0].min() == 0
    assert default[0][1][0] == 5


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_path_may_be_given_and_needs_no_checksum_beside_it(tmp_path, as_path, raw):
    copy = tmp_path / "copy.npz"
    shutil.copy(MNIST, copy)
    _, (x_test, t_test) = load_mnist(normalize=False, flatten=False, path=as_path(copy))
    assert np.array_equal(x_test, raw["x_test"])
    assert np.array_equal(t_test, raw["y_test"])


# Missing, truncated, altered


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A copy of the file that comes with the package, for a test to damage."""
    copy = tmp_path / "mnist.npz"
    shutil.copy(MNIST, copy)
    shutil.copy(f"{MNIST}.sha256", f"{copy}.sha256")
    monkeypatch.setattr(datasets, "MNIST", copy)
    return copy


def test_a_missing_file_is_named(installed):
    installed.unlink()
    words = f"path must be a file like mnist.npz or a folder, but there is no {str(installed)!r}"
    with pytest.raises(FileNotFoundError, match=f"^{re.escape(words)}$"):
        load_mnist()


@pytest.mark.parametrize("path", ["no/such.npz", "", "\0"])
def test_a_path_that_is_no_file_is_named(path):
    words = f"path must be a file like mnist.npz or a folder, but there is no {path!r}"
    with pytest.raises(FileNotFoundError, match=f"^{re.escape(words)}$"):
        load_mnist(path=path)


@pytest.mark.parametrize("option", ["normalize", "flatten", "one_hot_label"])
@pytest.mark.parametrize("value", [0, 1, "no", None, [], np.array(True), 1.0])
def test_an_option_is_true_or_false(option, value):
    with pytest.raises(TypeError, match=f"^{option} must be True or False, got"):
        load_mnist(**{option: value})


def test_options_have_to_be_named():
    with pytest.raises(TypeError, match="positional"):
        load_mnist("fashion")


@pytest.mark.parametrize("path", [0, 1.5, b"mnist.npz", ["mnist.npz"], True])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TypeError, match=f"^path must be a path, got {re.escape(repr(path))}$"):
        load_mnist(path=path)


def flipped(content, position):
    content = bytearray(content)
    content[position] ^= 0b100
    return bytes(content)


DAMAGE = [
    lambda content: b"",
    lambda content: b"no archive at all",
    lambda content: content[: len(content) // 2],
    lambda content: content[:-1],
    lambda content: b"PK" + content[-5000:],
    *[partial(flipped, position=at) for at in (40, 2_000, 100_000, 200_000)],
]


@pytest.mark.parametrize("damage", [*DAMAGE, *[partial(flipped, position=at) for at in (0, 5_000_000, -1)]])
def test_a_damaged_file_is_said_to_be_truncated_or_altered(installed, damage):
    datasets.check_sha256(installed)
    installed.write_bytes(damage(installed.read_bytes()))
    got = rf"got \w{{64}} \({installed.stat().st_size:,} bytes\)"
    with pytest.raises(
        ValueError,
        match=rf"{installed} must have SHA-256 \w{{64}}, {got}: it is truncated or altered; restore",
    ):
        load_mnist()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_of_ones_own_is_refused_with_its_name(tmp_path, damage):
    file = tmp_path / "mine.npz"
    file.write_bytes(damage(MNIST.read_bytes()))
    with pytest.raises(ValueError, match=rf"{file} must be a NumPy \.npz archive, but reading it failed: "):
        load_mnist(path=file)


def test_a_single_array_or_pickled_objects_are_no_archive(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "objects.npz", x_train=np.array([None]))
    for name in ("array.npy", "objects.npz"):
        with pytest.raises(ValueError, match=rf"{name} must be a NumPy \.npz archive, but reading it failed"):
            load_mnist(path=tmp_path / name)


# Other images in the form of MNIST


def images(train, test, rng):
    """So many images of 28×28 pixels, and labels."""
    parts = {"train": train, "test": test}
    arrays = {f"x_{it}": rng.integers(256, size=(n, 28, 28), dtype=np.uint8) for it, n in parts.items()}
    return arrays | {f"y_{it}": rng.integers(10, size=n, dtype=np.uint8) for it, n in parts.items()}


def idx(array):
    """IDX: two zero bytes, 8 for unsigned bytes, the number of axes; then their lengths, big-endian."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def save_npz(arrays, folder):
    np.savez(folder / "some.npz", **arrays)
    return folder / "some.npz"


def save_idx(arrays, folder, end="", dot="-", open_it=open):
    for name, file in datasets.IDX.items():
        path = folder / (file.replace("-idx", f"{dot}idx") + end)
        with open_it(path, "wb") as stream:
            stream.write(idx(arrays[name]))
    return folder


LAYOUTS = {
    "npz": save_npz,
    "idx": save_idx,
    "idx.gz": partial(save_idx, end=".gz", open_it=gzip.open),
    "idx with dots": partial(save_idx, dot="."),
    "one of the idx files": lambda arrays, folder: save_idx(arrays, folder) / "t10k-labels-idx1-ubyte",
    "one of the idx.gz files": lambda arrays, folder: (
        save_idx(arrays, folder, ".gz", open_it=gzip.open) / "train-images-idx3-ubyte.gz"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("counts", [(7, 3), (1, 100), (5, 0), (0, 2)])
def test_any_number_of_images_is_read_from_every_layout(layout, counts, tmp_path):
    arrays = images(*counts, np.random.default_rng(0))
    path = LAYOUTS[layout](arrays, tmp_path)
    for given in (path, str(path)):
        (x, t), (x_test, t_test) = load_mnist(path=given)
        for ours, theirs in ((x, arrays["x_train"]), (x_test, arrays["x_test"])):
            np.testing.assert_array_equal(ours, theirs.reshape(-1, 784) / np.float32(255))
        assert t.tolist() == arrays["y_train"].tolist()
        assert t_test.tolist() == arrays["y_test"].tolist()
    (x, _), _ = load_mnist(path=path, normalize=False, flatten=False)
    assert x.flags.writeable


@pytest.mark.parametrize("dtype", [np.int64, ">i2", np.uint16])
def test_pixels_and_labels_may_be_any_integers(dtype, tmp_path):
    arrays = images(4, 2, np.random.default_rng(1))
    path = save_npz({name: array.astype(dtype) for name, array in arrays.items()}, tmp_path)
    (x, t), _ = load_mnist(path=path, normalize=False, flatten=False)
    assert x.dtype == np.uint8
    assert np.array_equal(x, arrays["x_train"])
    assert np.array_equal(t, arrays["y_train"])


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        *[(name, None, rf"some\.npz must hold an array {name}, got \[") for name in datasets.IDX],
        ("x_train", np.zeros((6, 28, 27), np.uint8), r"x_train in .* \(6, 28, 28\), got uint8 .* 28, 27\)"),
        ("x_train", np.zeros((5, 28, 28), np.uint8), r"y_train in .* \(5,\), got uint8 .* \(6,\)"),
        ("x_test", np.zeros((3, 784), np.uint8), r"x_test in .* \(3, 28, 28\), got uint8 .* \(3, 784\)"),
        ("x_test", np.zeros((3, 28, 28)), "x_test in .* must be integers from 0 to 255, got float64 array"),
        ("x_test", np.full((3, 28, 28), 256), "x_test in .* must be integers from 0 to 255, got 256"),
        ("x_test", np.uint8(1), "x_test in .* must be an array, got 1"),
        ("y_train", np.zeros(6), r"y_train in .* integers from 0 to 9, got float64 array of shape \(6,\)"),
        ("y_test", np.zeros((3, 1), np.uint8), r"y_test in .* \(3,\), got uint8 array of shape \(3, 1\)"),
        ("y_test", np.full(3, 10, np.uint8), "y_test in .* must be integers from 0 to 9, got 10"),
        ("y_train", np.full(6, -1), "y_train in .* must be integers from 0 to 9, got -1"),
    ],
)  # fmt: skip
def test_an_array_that_is_missing_or_of_another_layout_is_named(tmp_path, name, array, words):
    arrays = images(6, 3, np.random.default_rng(2)) | {name: array}
    path = save_npz({name: array for name, array in arrays.items() if array is not None}, tmp_path)
    with pytest.raises(ValueError, match=words):
        load_mnist(path=path)


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("damage", [
    lambda content: content[:-1], lambda content: content + b"\1", lambda content: content[:6],
    lambda content: b"\1" + content[1:], lambda content: b"",
])  # fmt: skip
def test_a_damaged_idx_file_is_named(end, damage, tmp_path):
    folder = save_idx(
        images(2, 2, np.random.default_rng(3)), tmp_path, end, open_it=gzip.open if end else open
    )
    file = folder / f"t10k-images-idx3-ubyte{end}"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=rf"^{file} must be an IDX file of bytes, but reading it failed: "):
        load_mnist(path=folder)


def test_a_missing_idx_file_is_named(tmp_path):
    save_idx(images(2, 2, np.random.default_rng(4)), tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    words = rf"^path must be a folder with t10k-labels-idx1-ubyte, or .*\.gz, but {tmp_path} has none$"
    with pytest.raises(FileNotFoundError, match=words):
        load_mnist(path=tmp_path)


def test_reading_takes_little_more_memory_than_the_data():
    tracemalloc.start()
    try:
        (x, t), (x_test, t_test) = load_mnist()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * sum(array.nbytes for array in (x, t, x_test, t_test))
