"""A numerical gradient with one BLAS thread and with NumPy's own choice, in one process and in two."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from dlbook.gradients import numerical_gradient
from dlbook.networks import TwoLayerNet
from scripts.experiments import Progress

SEED = 15
BATCH_SIZE = 100
HIDDEN = 50
UNITS = 30  # those whose outgoing weights the gradient is taken in: all would last long
TIMED = 3  # for the median
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
        {"copies": copies} | {way: timed(way, copies) for way in WAYS} for copies in progress(COPIES)
    ]
    return {
        "cores": os.cpu_count(),
        "batch_size": BATCH_SIZE,
        "losses": 2 * UNITS * 10,
        "timed": TIMED,
        "rows": rows,
        "ratio": rows[-1]["own"]["seconds"] / rows[-1]["one"]["seconds"],
    }


def work() -> None:
    """Take a part of a gradient, and print the seconds by the clock and those of the processors."""
    rng = np.random.default_rng(SEED)
    net = TwoLayerNet(784, HIDDEN, 10, rng=rng)
    x, t = rng.random((BATCH_SIZE, 784)), rng.integers(10, size=BATCH_SIZE)
    begin, used = perf_counter(), process_time()
    numerical_gradient(lambda _: net.loss(x, t), net.params["W2"][:UNITS])
    print(perf_counter() - begin, process_time() - used)


def timed(way: str, copies: int) -> dict[str, float]:
    """Start some copies at once; of the slowest, the median of a few times."""
    times = [at_once(way, copies) for _ in range(TIMED)]
    return {
        "seconds": median(seconds for seconds, _ in times),
        "processor_seconds": median(used for _, used in times),
    }


def at_once(way: str, copies: int) -> tuple[float, float]:
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WAYS[way]],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(copies)
    ]
    printed = [process.communicate()[0].split() for process in processes]
    return max(float(seconds) for seconds, _ in printed), max(float(used) for _, used in printed)
