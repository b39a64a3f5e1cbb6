"""A numerical gradient with one BLAS thread and with NumPy's own choice, in one process and in two."""

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from dlbook.gradients import numerical_gradient
from dlbook.networks import TwoLayerNet
from scripts.experiments import Progress

SEED = 15
TIMES = ("seconds", "processor_seconds", "ratio")
BATCH_SIZE = 100
HIDDEN = 50
UNITS = 10  # those whose outgoing weights the gradient is taken in: all would last long
COPIES = [1, 2]
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
WORK = f"from {__name__} import work; work()"
SET = f"import os; os.environ |= dict.fromkeys({VARIABLES}, '1')"
WAYS = {
    "one": f"{SET}; {WORK}",
    "own": WORK,
    "late": f"import numpy; {SET}; {WORK}",
}


def run(progress: Progress) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"copies": copies} | {way: at_once(way, copies) for way in WAYS} for copies in progress(COPIES)
    ]
    return {
        "cores": os.cpu_count(),
        "batch_size": BATCH_SIZE,
        "losses": 2 * UNITS * 10,
        "rows": rows,
        "ratio": rows[-1]["own"]["seconds"] / rows[-1]["one"]["seconds"],
    }


def work() -> None:
    """Take a part of a gradient, and print the seconds by the clock and those of the processors."""
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(784, HIDDEN, 10, rng=rng)
    x, t = rng.random((BATCH_SIZE, 784)), rng.integers(10, size=BATCH_SIZE)
    print("ready", flush=True)
    input()  # until all are
    begin, used = perf_counter(), process_time()
    numerical_gradient(lambda _: net.loss(x, t), net.params["W2"][:UNITS])
    print(perf_counter() - begin, process_time() - used)


def at_once(way: str, copies: int) -> dict[str, float]:
    """Start some copies at once, and wait for the last."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WAYS[way]],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(copies)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    printed = [process.communicate()[0].split() for process in processes]
    return {
        "seconds": max(float(seconds) for seconds, _ in printed),
        "processor_seconds": max(float(used) for _, used in printed),
    }
