"""Data sets: MNIST, shipped with the package, so that nothing is downloaded; others in the same form."""

import os

import numpy as np

from dlbook.checks import check, check_flag

MNIST = os.path.join(os.path.dirname(__file__), "data", "mnist.npz")
IDX = {  # for each array of mnist.npz, the file in which MNIST was published
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


def load_mnist(*, normalize=True, flatten=True, one_hot_label=False, path=None):
    """Return the MNIST database: 70,000 handwritten digits of 28×28 pixels.

    Parameters
    ----------
    normalize : bool
        Scale pixels from 0…255 (uint8) to 0…1 (float32).
    flatten : bool
        Return an image as a row of 784 numbers rather than as a matrix of 28×28.
    one_hot_label : bool
        Return a target as a row of ten float32 numbers with a single 1, rather than as an int64 label.
    path : str or os.PathLike, optional
        Other images in the form of MNIST, any number of them, such as Fashion-MNIST or your own: a file in
        the layout of ``mnist.npz``, as Keras has it, with arrays ``x_train``, ``y_train``, ``x_test``,
        ``y_test``; or a folder with the four IDX files in which MNIST was published, or one of these files;
        they may be compressed (``.gz``). By default the file that comes with the package, whose SHA-256 is
        checked.

    Returns
    -------
    (x_train, t_train), (x_test, t_test) : tuples of ndarray
        60,000 samples for training and 10,000 for testing: ``x`` of shape (N, 784) or (N, 28, 28), ``t``
        of shape (N,) or (N, 10).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a file is truncated or altered, or does not hold images of 28×28 pixels with labels from 0 to 9.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998).
    """
    check_flag(normalize, "normalize")
    check_flag(flatten, "flatten")
    check_flag(one_hot_label, "one_hot_label")
    check(path is None or isinstance(path, str | os.PathLike), "path", "a path", path, TypeError)
    arrays = read_arrays(os.fspath(MNIST if path is None else path), checksum=path is None)

    def samples(part):
        x = arrays[f"x_{part}"]
        if normalize:
            x = np.divide(x, 255, dtype=np.float32)  # at once: a float copy on the way doubles the memory
        return x.reshape(len(x), 28 * 28) if flatten else x

    def targets(part):
        labels = arrays[f"y_{part}"].astype(np.int64)
        return np.eye(10, dtype=np.float32)[labels] if one_hot_label else labels

    return (samples("train"), targets("train")), (samples("test"), targets("test"))


def read_arrays(path, checksum=False):
    """Return four arrays as ``mnist.npz`` has them, or raise unless they have its layout."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"path must be a file like mnist.npz or a folder, but there is no {path!r}")
    if checksum:
        check_sha256(path)
    if os.path.isdir(path) or _starts_as_idx(path):
        arrays = read_idx_files(path if os.path.isdir(path) else os.path.dirname(path))
    else:
        arrays = read_npz(path)
    for part in ("train", "test"):
        x, t = f"x_{part}", f"y_{part}"
        arrays[x] = as_bytes(arrays[x], (len(arrays[x]), 28, 28), 255, f"{x} in {path}")
        arrays[t] = as_bytes(arrays[t], (len(arrays[x]),), 9, f"{t} in {path}")
    return arrays


def read_npz(file):
    """Return the four arrays of a file in the layout of ``mnist.npz``, or raise unless it has them."""
    try:
        with open(file, "rb") as stream, np.load(stream) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # damaged bytes make zipfile, zlib and NumPy raise nearly anything
        raise ValueError(f"{file} must be a NumPy .npz archive, but reading it failed: {error}") from error
    for name in IDX:
        if name not in arrays:
            raise ValueError(f"{file} must hold an array {name}, got {sorted(arrays)}")
        check(arrays[name].ndim > 0, f"{name} in {file}", "an array", arrays[name])
    return arrays


def _starts_as_idx(file):
    """Return whether a file begins as IDX files do (two zeros, 8 for bytes), or as compressed ones."""
    with open(file, "rb") as stream:
        return stream.read(3) in (b"\0\0\b", b"\x1f\x8b\b")


def read_idx_files(folder):
    """Return the four arrays of MNIST's IDX files in a folder, whichever of them are compressed."""
    arrays = {}
    for array, name in IDX.items():
        names = [name, name.replace("-idx", ".idx")]  # both are in use
        found = [os.path.join(folder, it + end) for it in names for end in ("", ".gz")]
        file = next(filter(os.path.isfile, found), None)
        if file is None:
            folder = folder or "."
            raise FileNotFoundError(f"path must be a folder with {name}, or {name}.gz, but {folder} has none")
        arrays[array] = read_idx(file)
    return arrays


def read_idx(file):
    """Return the array of an IDX file: the number of axes in the fourth byte, their lengths, the entries."""
    import gzip  # here, because few readers have such files

    try:
        with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as stream:
            content = stream.read()
        start, axes = content[:3], content[3]
        check(start == b"\0\0\b", "its start", "two zeros and an 8", start)
        shape = np.frombuffer(content, ">u4", axes, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape).copy()
    except Exception as error:  # damaged bytes make gzip, zlib and NumPy raise nearly anything
        raise ValueError(f"{file} must be an IDX file of bytes, but reading it failed: {error}") from error


def as_bytes(array, shape, most, name):
    """Return an array of integers as uint8, or raise unless it has this shape and they fit 0 to ``most``."""
    check(array.shape == shape, name, f"of shape {shape}", array)
    check(array.dtype.kind in "iu", name, f"integers from 0 to {most}", array)
    least, largest = array.min(initial=0), array.max(initial=0)
    check(least >= 0 and largest <= most, name, f"integers from 0 to {most}", least if least < 0 else largest)
    return array.astype(np.uint8, copy=False)


def check_sha256(file):
    """Raise unless a file has the checksum in ``<file>.sha256``."""
    import hashlib  # here, because it takes as long to import as a fifth of this package

    with open(f"{file}.sha256", encoding="ascii") as beside, open(file, "rb") as stream:
        expected = beside.read().split()[0]
        came = hashlib.file_digest(stream, "sha256").hexdigest()
    if came != expected:
        raise ValueError(
            f"{file} must have SHA-256 {expected}, got {came} ({os.path.getsize(file):,} bytes): "
            "it is truncated or altered; restore it from the repository"
        )
