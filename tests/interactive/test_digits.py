"""docs/interactive/maths/digits.js prepares ink as MNIST's makers did, and reads it as dlbook does."""

import json
from base64 import b64decode, b64encode
from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from dlbook.datasets import load_mnist
from dlbook.networks import TwoLayerNet
from tests.built import ROOT
from tests.interactive.javascript import answer, javascript

MODULE = "maths/digits"
PAD = 280


@pytest.fixture(scope="module")
def network():
    return json.loads((ROOT / "results/digit_network.json").read_bytes())["values"]


@pytest.fixture(scope="module")
def net(network):
    """The network of the page, decoded here in NumPy."""
    net = TwoLayerNet(network["inputs"], network["hidden"], 10)
    for name, param in net.params.items():
        levels = np.frombuffer(b64decode(network["weights"][name]["levels"]), np.int8).reshape(param.shape)
        param[...] = levels * np.array(network["weights"][name]["scale"])
    return net


@pytest.fixture(scope="module")
def test_set():
    _, (x, t) = load_mnist(normalize=False)
    return x / 255, t


def test_1000_test_digits_are_read_as_dlbook_reads_them(network, net, test_set):
    x = test_set[0][:1000]
    calls = [("decode", network["weights"]), *(("read", answer(0), list(it)) for it in x)]
    read = javascript(MODULE, calls)[1:]
    probabilities = np.array([it["probabilities"] for it in read])
    assert (probabilities.argmax(axis=1) == net.predict(x).argmax(axis=1)).all()
    np.testing.assert_allclose(probabilities, net.predict(x), rtol=1e-9, atol=0)
    np.testing.assert_allclose([it["hidden"] for it in read], net.forward(x)[1], rtol=1e-9, atol=0)


def test_the_page_states_the_accuracy_of_the_rounded_weights(network, net, test_set):
    assert network["test_accuracy"] == net.accuracy(*test_set) > 0.97
    assert abs(network["unrounded_accuracy"] - network["test_accuracy"]) < 0.001
    for digit in network["digits"]:
        pixels = np.frombuffer(b64decode(digit["pixels"]), np.uint8) / 255
        np.testing.assert_array_equal(pixels, test_set[0][digit["row"]])
        assert (digit["label"], digit["guess"]) == (test_set[1][digit["row"]], net.predict(pixels).argmax())


def test_pixels_come_from_bytes():
    every = np.arange(256)
    (pixels,) = javascript(MODULE, [("pixels", b64encode(every.astype(np.uint8).tobytes()).decode())])
    np.testing.assert_array_equal(pixels, every / 255)


def prepared(ink):
    """MNIST's preparation by integrals: the ink up to an edge is interpolated between the points' edges."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    picture = np.zeros((28, 28))
    if not rows.size:
        return picture
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = [max(1, int(20 * it / max(box.shape) + 0.5)) for it in box.shape]
    for axis, parts in enumerate(size):
        whole = box.shape[axis]
        sums = np.insert(np.cumsum(box, axis=axis), 0, 0, axis=axis)
        edges = np.linspace(0, whole, parts + 1)
        at_edges = np.apply_along_axis(lambda it: np.interp(edges, np.arange(it.size), it), axis, sums)  # noqa: B023
        box = np.diff(at_edges, axis=axis) * parts / whole
    shift = np.floor(14 - np.array(ndimage.center_of_mass(box)) + 0.5)
    for place, value in np.ndenumerate(box):
        row, column = np.add(place, shift).astype(int)
        if 0 <= row < 28 and 0 <= column < 28:
            picture[row, column] = value
    return picture


def scribbles(count, side, rng):
    for _ in range(count):
        ink = np.zeros((side, side))
        for _ in range(rng.integers(1, 5)):
            (y, x), (h, w) = rng.integers(0, side - 2, 2), rng.integers(1, side // 2, 2)
            ink[y : y + h, x : x + w] = rng.uniform(0, 1, ink[y : y + h, x : x + w].shape)
        yield ink


def test_the_preparation_is_that_of_another_way_to_compute_it():
    rng = np.random.default_rng(0)
    inks = [*scribbles(40, 61, rng), *scribbles(5, PAD, rng), np.zeros((30, 30))]
    inks.append(np.eye(1, 900, 7).reshape(30, 30))  # a single point
    inks.append(np.tri(50) * (np.arange(50) < 2))  # far higher than wide
    pictures = javascript(MODULE, [("prepare", list(ink.ravel()), len(ink)) for ink in inks])
    for ink, picture in zip(inks, pictures, strict=True):
        np.testing.assert_allclose(np.reshape(picture, (28, 28)), prepared(ink), atol=1e-9)


def test_a_test_digit_that_is_prepared_again_stays_as_it_was(net, test_set):
    """As it is, and thrice as large at another place: the makers of MNIST and we mean the same."""
    x, t = test_set[0][:300], test_set[1][:300]
    large = np.zeros((300, 100, 100))
    large[:, 5:89, 16:100] = x.reshape(-1, 28, 28).repeat(3, axis=1).repeat(3, axis=2)
    for pads in (x.reshape(-1, 28, 28), large):
        again = np.array(javascript(MODULE, [("prepare", list(it.ravel()), it.shape[0]) for it in pads]))
        same = np.abs(again - x).max(axis=1) < 1e-9
        assert same.mean() > 0.98
        assert (net.predict(again).argmax(axis=1) == net.predict(x).argmax(axis=1)).mean() > 0.99
        assert net.accuracy(again, t) > 0.97


def test_a_digit_on_the_pad_is_seen_as_it_is(test_set):
    picture = list(test_set[0][0])
    calls = [("enlarged", picture, PAD), ("prepare", answer(0), PAD)]
    enlarged, seen = javascript(MODULE, calls)
    np.testing.assert_array_equal(
        np.reshape(enlarged, (PAD, PAD)), np.reshape(picture, (28, 28)).repeat(10, axis=0).repeat(10, axis=1)
    )
    np.testing.assert_allclose(seen, picture, atol=1e-12)


def test_a_line_covers_what_is_near_it_and_rubbing_takes_it_away():
    side, radius, start, end = 60, 6, (12.5, 20), (44, 33.3)
    ink = [0] * side**2
    (line,) = javascript(MODULE, [("stroke", ink, side, start, end, radius)])
    (rubbed,) = javascript(MODULE, [("stroke", line, side, start, end, radius + 2, True)])
    places = np.arange(side) + 0.5
    along = np.linspace(start, end, 2000)
    x, y = np.meshgrid(places, places)
    distance = np.min(np.hypot(x[..., None] - along[:, 0], y[..., None] - along[:, 1]), axis=-1)
    expected = np.clip(radius + 0.5 - distance, 0, 1)
    assert not np.any(rubbed)
    np.testing.assert_allclose(np.reshape(line, (side, side)), expected, atol=0.01)


STROKES = {  # as a person might draw them on a pad of 280 × 280, from corner to corner of each line
    0: [[(140, 40), (90, 70), (75, 140), (95, 215), (140, 240), (185, 215), (205, 140), (190, 70),
         (140, 40)]],
    1: [[(140, 40), (140, 240)]],
    2: [[(80, 80), (110, 45), (165, 45), (190, 85), (165, 140), (80, 235), (205, 235)]],
    3: [[(85, 60), (140, 40), (185, 70), (170, 115), (125, 130), (180, 150), (195, 195), (150, 238),
         (80, 220)]],
    4: [[(100, 45), (75, 150), (195, 150)], [(180, 60), (170, 240)]],
    5: [[(190, 45), (105, 45), (95, 125), (150, 120), (190, 160), (175, 220), (125, 240), (80, 220)]],
    6: [[(165, 40), (110, 100), (90, 180), (120, 235), (175, 225), (185, 175), (150, 150), (100, 175)]],
    7: [[(80, 50), (200, 50), (125, 240)]],
    8: [[(140, 135), (95, 90), (120, 45), (170, 45), (185, 90), (140, 135), (95, 190), (120, 238), (170, 235),
         (190, 190), (140, 135)]],
    9: [[(185, 80), (145, 45), (100, 70), (105, 120), (150, 130), (185, 80), (180, 150), (165, 240)]],
}  # fmt: skip


@pytest.mark.parametrize("digit", STROKES)
def test_a_drawn_digit_is_read(digit, network):
    calls = [("decode", network["weights"])]
    ink = [0] * PAD**2
    for points in STROKES[digit]:
        for start, end in pairwise(points):
            calls.append(("stroke", ink, PAD, start, end, 11))
            ink = answer(len(calls) - 1)
    calls += [("prepare", ink, PAD), ("read", answer(0), answer(len(calls)))]
    probabilities = javascript(MODULE, calls)[-1]["probabilities"]
    assert np.argmax(probabilities) == digit, np.round(probabilities, 3)
