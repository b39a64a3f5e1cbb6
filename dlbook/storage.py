"""Storage: a network in a file, whole or not at all, and nothing in the file is ever run."""

import math
import os

import numpy as np

import dlbook.networks  # noqa: F401  so that `load` knows the classes
from dlbook.checks import as_generator, check
from dlbook.network_base import Network

FORMAT = 1  # what is in a file, and how; files of later formats are refused


def save(net, file):
    """Save a network: its class, its settings, its parameters and its moving averages.

    Parameters
    ----------
    net : Network
        Of any class that defines ``settings()``.
    file : str or os.PathLike
        The file's whole name; no ending is added. A file that is there is replaced when the new one is
        complete, so that a save that is interrupted leaves it as it was.

    Raises
    ------
    OSError
        If the file cannot be written.

    Notes
    -----
    The file is an archive as `numpy.savez` writes it, without pickles: each parameter and each moving
    average under its name, and as ``header`` a text in JSON with the rest. Neither the state of an optimizer
    nor that of ``rng`` is in it.
    """
    check(isinstance(net, Network), "net", "a network", net, TypeError)
    check(isinstance(file, str | os.PathLike), "file", "a path", file, TypeError)
    file = os.path.realpath(file)  # a link stays, and what it leads to is replaced
    check(not os.path.isdir(file), "file", "the name of a file, not of a folder", file)
    header, arrays = as_header(net), net.params | getattr(net, "moving", {})
    unfinished = f"{file}.{os.urandom(8).hex()}.tmp"
    stream = open(unfinished, "xb")  # noqa: SIM115  closed before it is moved or removed
    try:
        with stream:
            np.savez(stream, header=np.array(header), **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, file)
    except BaseException:  # Ctrl-C, too
        os.remove(unfinished)
        raise


def load(file, rng=None):
    """Load a network that `save` has written.

    Parameters
    ----------
    file : str or os.PathLike
        The file. How much memory is taken depends on its size, not on what it says.
    rng : numpy.random.Generator or int, optional
        The source of what dropout switches off when training goes on.

    Returns
    -------
    Network
        Of the class that was saved: one of this package, or one that has been defined by now.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If the file is not one that `save` has written, is damaged, or comes from a newer version.
    """
    check(isinstance(file, str | os.PathLike), "file", "a path", file, TypeError)
    rng = as_generator(rng)
    with open(file, "rb") as stream:
        try:
            return read_network(stream, rng)
        except Exception as error:  # damaged bytes make zipfile, json and NumPy raise nearly anything
            raise ValueError(f"file must be one that dlbook.save wrote, got {file}: {error}") from error


def as_header(net):
    """Return what a network's file says besides its arrays; raise unless the network can be loaded."""
    import json  # here and below, because with zipfile it takes as long to import as half of this package

    settings = net.settings()
    net.check_arrays()
    try:
        header = json.dumps({"format": FORMAT, "class": type(net).__name__, "settings": settings})
        twin = as_network(json.loads(header), math.inf, None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"net must have settings that make it again, got {settings}: {error}") from error
    same = type(twin) is type(net) and twin.settings() == settings
    check(same, "net", f"a network that its settings make again, {settings}", twin.settings())
    return header


def read_network(stream, rng):
    """Return the network in an open file, or raise whatever error comes first."""
    import json

    size = os.fstat(stream.fileno()).st_size
    arrays = read_arrays(stream, size)
    check("header" in arrays, "the arrays", "a network's, with a header", sorted(arrays))
    net = as_network(json.loads(str(arrays.pop("header"))), size // 4, rng)  # a number takes 4 bytes or 8
    kinds = {name: of for of, shapes in net.shapes.items() for name in shapes}
    missing, others = kinds.keys() - arrays.keys(), arrays.keys() - kinds.keys()
    check(not missing, "the arrays", f"complete, with {sorted(missing)}", sorted(arrays))
    check(not others, "the arrays", "those of its settings and no others", sorted(others))
    for name, of in kinds.items():
        getattr(net, of)[name] = arrays[name]
    net.check_arrays()
    return net


def read_arrays(stream, size):
    """Return the arrays of an archive of at most ``size`` bytes by name."""
    from zipfile import ZipFile

    with ZipFile(stream) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        check(total <= size, "the arrays", f"uncompressed, in {size:,} bytes", f"{total:,} bytes")
        names = [entry.filename.removesuffix(".npy") for entry in entries]
        check(len(set(names)) == len(names), "the arrays", "each there once", names)
        files = zip(names, entries, strict=True)
        return {name: as_numbers(archive.read(entry), name) for name, entry in files}


def as_numbers(data, name):
    """Return the array of numbers or the text that is in the bytes of an .npy file."""
    from io import BytesIO

    stream = BytesIO(data)
    version = np.lib.format.read_magic(stream)
    check(version == (1, 0), name, "in the first version of NumPy's format", version)
    shape, in_columns, dtype = np.lib.format.read_array_header_1_0(stream)
    check(dtype.kind in "fU", name, "floats or text", dtype, TypeError)
    numbers = np.frombuffer(data, dtype, offset=stream.tell())  # before any memory is taken for the shape
    check(numbers.size == math.prod(shape), name, f"of {numbers.size} entries, which are there", shape)
    return numbers.reshape(shape, order="F" if in_columns else "C").astype(dtype.newbyteorder("="))


def as_network(header, most, rng):
    """Return a new network as a header describes it, of at most so many numbers."""
    from inspect import signature

    found = [Network]
    for cls in found:
        found += cls.__subclasses__()
    classes = {cls.__name__: cls for cls in found}
    check(isinstance(header, dict), "the header", "a dict", header)
    version, name, settings = (header.get(key) for key in ("format", "class", "settings"))
    check(type(version) is int and version > 0, "the format", "a number", version)
    check(version <= FORMAT, "the format", f"at most {FORMAT}; a newer version of dlbook wrote it", version)
    check(isinstance(name, str) and name in classes, "the class", f"one of {sorted(classes)}", name)
    check(isinstance(settings, dict), "the settings", "a dict", settings)
    cls = classes[name]
    numbers = sum(math.prod(it) for shapes in cls.as_shapes(**settings).values() for it in shapes.values())
    check(numbers <= most, "the settings", f"of a network of at most {most:,} numbers", f"{numbers:,}")
    return cls(**settings, **({"rng": rng} if "rng" in signature(cls).parameters else {}))
