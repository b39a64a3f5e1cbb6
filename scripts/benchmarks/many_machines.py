"""Times of a step by one process and by two, the model that they give, and what it says of many machines.

Everything is float32. The rounds take turns over the sizes, and a time is the least of the rounds. The model
is made of the steps of one process and of allreduces alone. The steps of two processes take no part in it, so
they test it.
"""

import json
import os
import subprocess
import sys
from math import log2
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.parallel import allreduce, as_communicator
from scripts.experiments import Progress
from scripts.project import ROOT

SEED = 15
WIDTHS = [50, 500]
BATCHES = [100, 300, 1000, 3000, 10000]  # besides a single sample, whose step is nearly all that is fixed
ROUNDS = 7
NUMBERS = [1, 100, 10_000, 100_000, 300_000, 1_000_000, 3_000_000]  # floats of 4 bytes in one allreduce
ETHERNET = {"latency": 50e-6, "bandwidth": 1.25e9}  # seconds, and bytes per second: 10 Gbit/s
MACHINES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
BATCH = 10_000  # shared by all machines
EACH = 100  # or samples for each of them
ENVIRONMENT = {  # of this machine alone, whoever runs it
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_btl": "self,sm",
}


def run(progress: Progress) -> dict[str, Any]:
    one, two = (measure(processes) for processes in progress((1, 2)))
    latency, bandwidth = fit_messages(two["messages"])
    networks = [
        network(width, alone, both, latency, bandwidth)
        for width, alone, both in zip(WIDTHS, one["steps"], two["steps"], strict=True)
    ]
    factors = [row["two"] / row["predicted"] for it in networks for row in it["steps"]]
    return {
        "rounds": ROUNDS,
        "mpi": two["mpi"],
        "latency_seconds": latency,
        "bandwidth": bandwidth,
        "gigabytes_per_second": bandwidth / 1e9,
        "messages": two["messages"],
        "networks": networks,
        "worst_factor": max(max(factors), 1 / min(factors)),
        "ethernet": ETHERNET,
        "machines": [cluster(networks[-1], machines) for machines in MACHINES],
        "batch": BATCH,
        "each": EACH,
    }


def measure(processes: int) -> dict[str, Any]:
    """Run this module by so many processes, and return what the first of them has measured."""
    mpirun = Path(sys.executable).with_name("mpirun")
    command = [str(mpirun), "-n", str(processes), sys.executable, "-m", "scripts.benchmarks.many_machines"]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fit_messages(rows: list[dict[str, float]]) -> tuple[float, float]:
    """Fit 2 · latency + bytes / bandwidth, such that relative deviations count."""
    seconds = np.array([row["seconds"] for row in rows])
    terms = np.array([[2.0, row["bytes"]] for row in rows])
    latency, inverse = np.linalg.lstsq(terms / seconds[:, None], np.ones(len(rows)), rcond=None)[0]
    return float(latency), float(1 / inverse)


def network(
    width: int, one: list[float], two: list[float], latency: float, bandwidth: float
) -> dict[str, Any]:
    """Fit what one process takes, fixed + N · work, such that relative deviations count; predict two."""
    (fixed, *one), (_, *two) = one, two
    N, T = np.array(BATCHES), np.array(one)
    work = float(np.sum(N * (T - fixed) / T**2) / np.sum((N / T) ** 2))
    parameters = 784 * width + width + width * 10 + 10
    size = 4 * (parameters + 1)
    rows = [
        {
            "batch_size": batch,
            "one": seconds,
            "two": twice,
            "fitted": step(batch, 1, fixed, work, size, latency, bandwidth),
            "predicted": step(batch, 2, fixed, work, size, latency, bandwidth),
            "ratio": seconds / twice,
        }
        for batch, seconds, twice in zip(BATCHES, one, two, strict=True)
    ]
    return {
        "width": width,
        "parameters": parameters,
        "bytes": size,
        "fixed_seconds": fixed,
        "work_seconds": work,
        "steps": rows,
    }


def step(
    batch: float, machines: int, fixed: float, work: float, size: float, latency: float, bandwidth: float
) -> float:
    """Return the seconds that the model gives a step."""
    messages = 2 * log2(machines) * latency + 2 * (machines - 1) / machines * size / bandwidth
    return fixed + work * batch / machines + messages


def cluster(net: dict[str, Any], machines: int) -> dict[str, Any]:
    """Return what the model says of machines like this one, joined by Ethernet."""
    costs = net["fixed_seconds"], net["work_seconds"], net["bytes"], *ETHERNET.values()
    shared, each = step(BATCH, machines, *costs), step(EACH * machines, machines, *costs)
    speedup = step(BATCH, 1, *costs) / shared
    return {
        "machines": machines,
        "shared_seconds": shared,
        "speedup": speedup,
        "efficiency": speedup / machines,
        "idle": 1 - speedup / machines,
        "each_seconds": each,
        "growth": machines * step(EACH, 1, *costs) / each,  # samples per second, in those of one machine
    }


def main() -> None:
    """Measure, in each process; print, in the first."""
    from mpi4py import MPI

    comm, rng = as_communicator(None), np.random.default_rng(SEED)
    x, t = rng.random((max(BATCHES), 784), dtype=np.float32), rng.integers(10, size=max(BATCHES))

    def seconds(work: Any) -> float:
        """Return how long the slowest process takes."""
        comm.Barrier()
        begin = perf_counter()
        work()
        return float(comm.allreduce(perf_counter() - begin, MPI.MAX))

    def train(net: MultiLayerNet, batch: int) -> None:
        _, grads = allreduce(net, x[:batch], t[:batch], comm)
        SGD(0.01).update(net.params, grads)

    nets = [MultiLayerNet(784, [width], 10, weight_init="he", rng=SEED, dtype=np.float32) for width in WIDTHS]
    batches = [1, *BATCHES]
    steps = np.full((ROUNDS, len(nets), len(batches)), np.inf)
    messages = np.full((ROUNDS, len(NUMBERS)), np.inf)
    for i in range(ROUNDS):
        for j, net in enumerate(nets):
            for k, batch in enumerate(batches):
                for _ in range(max(1, min(20, 1000 // batch))):
                    steps[i, j, k] = min(
                        steps[i, j, k], seconds(lambda net=net, batch=batch: train(net, batch))
                    )
        for k, count in enumerate(NUMBERS):
            mine, total = np.ones(count, np.float32), np.empty(count, np.float32)
            for _ in range(5):
                took = seconds(lambda mine=mine, total=total: comm.Allreduce(mine, total))
                messages[i, k] = min(messages[i, k], took)
    if comm.rank == 0:
        rows = [
            {"bytes": 4 * count, "seconds": took}
            for count, took in zip(NUMBERS, messages.min(axis=0).tolist(), strict=True)
        ]
        mpi = MPI.Get_library_version().partition(",")[0]
        print(json.dumps({"steps": steps.min(axis=0).tolist(), "messages": rows, "mpi": mpi}))


if __name__ == "__main__":
    main()
