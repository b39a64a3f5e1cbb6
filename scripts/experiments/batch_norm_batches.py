"""What the batch does to batch normalization: its size in training, and its company at test time."""

from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.networks import MultiLayerNet
from dlbook.optimizers import SGD
from dlbook.training import minibatches, train
from scripts.experiments import Progress

SEED = 0
TOLERANCE = {"test_accuracy": 0.003, "company": 0.04, "sizes": 0.15}
HIDDEN = [100, 100]
LR = 0.1
BATCH_SIZE = 100  # of the network that is tested
TESTED = 2048
COMPANY = [2, 4, 8, 16, 32, 64, 128, 256, 512]  # samples that go through the network together
SAMPLES = 800  # for the trainings with batches of different sizes
SIZES = [2, 4, 16, 100]
RATES = [0.003, 0.01]  # of learning, for each sample in a batch
EPOCHS = 4


def run(progress: Progress) -> dict[str, Any]:
    (x_train, t_train), (x_test, t_test) = load_mnist()

    def network(batch_norm: bool) -> MultiLayerNet:
        return MultiLayerNet(
            784, HIDDEN, 10, weight_init="he", batch_norm=batch_norm, rng=SEED, dtype=np.float32
        )

    net = network(True)
    history = train(
        net,
        (x_train, t_train),
        (x_test, t_test),
        epochs=1,
        batch_size=BATCH_SIZE,
        lr=LR,
        rng=SEED,
    )
    x, t = x_test[:TESTED], t_test[:TESTED]
    as_used = net.accuracy(x, t)

    def accuracy(order: np.ndarray, size: int) -> float:
        """With the statistics of each batch of this size in place of the moving averages."""
        right = 0.0
        for rows in order.reshape(-1, size):
            scores = net.forward(x[rows], net.layers(training=True))
            right += np.count_nonzero(scores.argmax(axis=1) == t[rows])
        return right / len(order)

    shuffled = np.random.default_rng(SEED).permutation(TESTED)
    by_class = np.argsort(t, kind="stable")
    company = [
        {"size": size, "shuffled": accuracy(shuffled, size), "sorted": accuracy(by_class, size)}
        for size in COMPANY
    ]

    def learn(size: int, lr: float, batch_norm: bool) -> float:
        rng = np.random.default_rng(SEED)
        net, optimizer = network(batch_norm), SGD(lr)
        try:
            with np.errstate(all="ignore"):
                for _ in range(EPOCHS):
                    for x, t in minibatches(x_train[:SAMPLES], t_train[:SAMPLES], size, rng):
                        optimizer.update(net.params, net.gradient(x, t))
        except ValueError as error:
            if "finite" not in str(error):
                raise
            return 0.0
        return net.accuracy(x_test[:TESTED], t_test[:TESTED])

    sizes = [
        {
            "size": size,
            "updates": EPOCHS * SAMPLES // size,
            "plain": [learn(size, lr * size, False) for lr in RATES],
            "normalised": [learn(size, lr * size, True) for lr in RATES],
        }
        for size in progress(SIZES)
    ]
    return {
        "hidden": HIDDEN,
        "lr": LR,
        "batch_size": BATCH_SIZE,
        "tested": TESTED,
        "test_accuracy": history["test_accuracy"][-1],
        "as_used": as_used,
        "company": company,
        "samples": SAMPLES,
        "epochs": EPOCHS,
        "rates": RATES,
        "sizes": sizes,
    }
