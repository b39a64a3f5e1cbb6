"""Error of finite differences against their step, for the loss of a trained network on MNIST."""

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from dlbook.datasets import load_mnist
from dlbook.differentiation import central_difference, five_point_difference
from dlbook.networks import TwoLayerNet
from dlbook.training import train
from scripts.experiments import Progress

SEED = 4
TOLERANCE = {"errors": inf}
FACTOR = {"float32": 5.0, "float64": 5.0}
WEIGHTS = 20
SAMPLES = 100
STEPS = [10 ** (k / 2) for k in range(-20, 1)]
DEFAULT = STEPS.index(1e-4)
METHODS: dict[str, Callable[..., Any]] = {"central": central_difference, "five_point": five_point_difference}


def run(progress: Progress) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    (x_train, t_train), test_set = load_mnist()
    net = TwoLayerNet(784, 50, 10, rng=rng)
    train(net, (x_train, t_train), test_set, epochs=1, rng=rng)
    x, t = x_train[:SAMPLES], t_train[:SAMPLES]

    # Both networks stand at the same point, for every float32 is a float64 too.
    nets = {dtype: rounded(net, dtype) for dtype in ("float32", "float64")}
    exact = nets["float64"].gradient(x, t)["W2"]
    chosen = rng.choice(exact.size, WEIGHTS, replace=False)
    places = [(int(i), int(j)) for i, j in zip(*np.unravel_index(chosen, exact.shape), strict=True)]
    derivatives = np.array([exact[place] for place in places])
    loss = nets["float64"].loss(x, t)
    thirds = [
        third_derivative(loss_of_weight(nets["float64"], place, x, t), nets["float64"].params["W2"][place])
        for place in places
    ]

    values: dict[str, Any] = {
        "h": STEPS,
        "steps": len(STEPS),
        "samples": SAMPLES,
        "weights": WEIGHTS,
        "choices": exact.size,
        "places": places,
        "derivatives": derivatives,
        "loss": loss,
        "test_accuracy": net.accuracy(*test_set),
    }
    for dtype in progress(list(nets)):
        best_h = np.cbrt(3 * np.finfo(dtype).eps * loss / np.abs(thirds))
        values[dtype] = {"predicted_best_h": np.median(best_h)}
        for method in progress(list(METHODS)):
            errors = np.empty((WEIGHTS, len(STEPS)))
            for n, place in enumerate(progress(places)):
                f = loss_of_weight(nets[dtype], place, x, t)
                slopes = [METHODS[method](f, nets[dtype].params["W2"][place], h) for h in STEPS]
                errors[n] = np.abs(np.array(slopes, np.float64) / derivatives[n] - 1)
            median = np.median(errors, axis=0)
            # Where both losses are the same float, the slope is 0 and the relative error is 1.
            blind = np.mean(errors == 1, axis=0) > 0.5
            values[dtype][method] = {
                "errors": errors,
                "median": median,
                "blind_until": max(
                    (h for h, is_blind in zip(STEPS, blind, strict=True) if is_blind), default=None
                ),
                "best_h": STEPS[median.argmin()],
                "best_median": median.min(),
                "median_at_default": median[DEFAULT],
                "worst_at_default": errors[:, DEFAULT].max(),
            }
    return values


def rounded(net: TwoLayerNet, dtype: str) -> TwoLayerNet:
    """Copy a network, its parameters rounded to float32 and kept in `dtype`."""
    copy = TwoLayerNet(784, 50, 10, dtype=dtype)
    copy.params = {name: param.astype(np.float32).astype(dtype) for name, param in net.params.items()}
    return copy


def loss_of_weight(
    net: TwoLayerNet, place: tuple[int, int], x: np.ndarray, t: np.ndarray
) -> Callable[[Any], Any]:
    """Make the loss a function of one weight of the second layer, the others held fixed."""
    here = net.params["W2"][place]

    def loss(weight: Any) -> Any:
        net.params["W2"][place] = weight
        value = net.loss(x, t)
        net.params["W2"][place] = here
        return value

    return loss


def third_derivative(f: Callable[[float], float], x: float, h: float = 0.03) -> float:
    """Estimate it from values; three divisions by `h` want a longer step than one."""
    return (f(x + 2 * h) - 2 * f(x + h) + 2 * f(x - h) - f(x - 2 * h)) / (2 * h**3)
