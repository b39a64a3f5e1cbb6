"""The whole run of chapter 7 by numerical gradients alone: 6,000 iterations, no formula for a slope.

The same weights and mini-batches also go through backpropagation, to see that both arrive at the same place.
Some five minutes on an idle core.
"""

from time import perf_counter, process_time
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches
from scripts.experiments import Progress
from scripts.experiments.two_layer import REPORTED_TOTAL

SEED = 7
EPOCHS = 10
BATCH_SIZE = 100
LR = 0.1


def run(progress: Progress) -> dict[str, Any]:
    (x, t), test = load_mnist()
    nets = [TwoLayerNet(784, 50, 10, rng=SEED) for _ in range(2)]
    by_differences, by_formula = nets
    optimizer = SGD(LR)
    rng = np.random.default_rng(SEED)
    batches = [list(minibatches(x, t, BATCH_SIZE, rng)) for _ in range(EPOCHS)]
    rows = [[net.accuracy(*test)] for net in nets]
    seconds = processor = 0.0
    for epoch in progress(batches):
        for batch in progress(epoch):
            begin, begin_processor = perf_counter(), process_time()
            optimizer.update(by_differences.params, by_differences.numerical_gradient(*batch))
            seconds += perf_counter() - begin
            processor += process_time() - begin_processor
            optimizer.update(by_formula.params, by_formula.gradient(*batch))
        for net, row in zip(nets, rows, strict=True):
            row.append(net.accuracy(*test))
    params = [net.params for net in nets]
    return {
        "iterations": EPOCHS * len(batches[0]),
        "seconds": seconds,
        "processor_seconds": processor,
        "seconds_an_iteration": seconds / (EPOCHS * len(batches[0])),
        "reported_seconds": REPORTED_TOTAL,
        "ratio_to_reported": REPORTED_TOTAL / seconds,
        "rows": [
            {"epoch": i, "differences": row[0], "backpropagation": row[1]}
            for i, row in enumerate(zip(*rows, strict=True))
        ],
        "largest_difference_of_params": max(
            np.abs(params[0][name] - params[1][name]).max() for name in params[0]
        ),
    }
