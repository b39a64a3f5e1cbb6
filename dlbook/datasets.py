"""Data sets: MNIST, shipped with the package, so that nothing is downloaded."""

import os

import numpy as np

from dlbook.checks import check

MNIST = os.path.join(os.path.dirname(__file__), "data", "mnist.npz")
SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}


def load_mnist(normalize=True, flatten=True, one_hot_label=False, path=None):
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
        A file in the layout of ``mnist.npz``: arrays ``x_train``, ``y_train``, ``x_test``, ``y_test``.
        By default the file that comes with the package, whose SHA-256 is checked.

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
        If the file is truncated or altered, or is not in the layout of ``mnist.npz``.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998).
    """
    check(path is None or isinstance(path, str | os.PathLike), "path", "a path", path, TypeError)
    file = MNIST if path is None else path
    if not os.path.isfile(file):
        raise FileNotFoundError(f"path must be the MNIST file mnist.npz, but there is no file {file}")
    if path is None:
        check_sha256(file)
    arrays = read_arrays(file)

    def samples(part):
        x = arrays[f"x_{part}"]
        if normalize:
            x = np.divide(x, 255, dtype=np.float32)  # at once: a float copy on the way doubles the memory
        return x.reshape(len(x), -1) if flatten else x

    def targets(part):
        labels = arrays[f"y_{part}"].astype(np.int64)
        return np.eye(10, dtype=np.float32)[labels] if one_hot_label else labels

    return (samples("train"), targets("train")), (samples("test"), targets("test"))


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


def read_arrays(file):
    """Return the four uint8 arrays of an MNIST file, or raise unless they have its layout."""
    try:
        with open(file, "rb") as stream, np.load(stream) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # damaged bytes make zipfile, zlib and NumPy raise nearly anything
        raise ValueError(f"{file} must be a NumPy .npz archive, but reading it failed: {error}") from error
    for name, shape in SHAPES.items():
        if name not in arrays:
            raise ValueError(f"{file} must hold an array {name}, got {sorted(arrays)}")
        array = arrays[name]
        fits = array.shape == shape and array.dtype == np.uint8
        check(fits, f"{name} in {file}", f"a uint8 array of shape {shape}", array)
    largest = max(arrays["y_train"].max(), arrays["y_test"].max())
    check(largest <= 9, f"the labels in {file}", "between 0 and 9", largest)
    return arrays
