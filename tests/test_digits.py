"""A digit of one's own: what the drawing pad makes of it, from drawings and photos alike."""

import json
from base64 import b64decode
from itertools import pairwise

import numpy as np
import pytest

from dlbook.datasets import load_mnist
from dlbook.digits import prepare_digit
from dlbook.networks import TwoLayerNet
from tests.built import ROOT
from tests.interactive.javascript import javascript
from tests.interactive.test_digits import PAD, STROKES, scribbles


@pytest.fixture(scope="module")
def net():
    """The network of chapter 7's drawing pad."""
    network = json.loads((ROOT / "results/digit_network.json").read_bytes())["values"]
    net = TwoLayerNet(network["inputs"], network["hidden"], 10)
    for name, param in net.params.items():
        levels = np.frombuffer(b64decode(network["weights"][name]["levels"]), np.int8).reshape(param.shape)
        param[...] = levels * np.array(network["weights"][name]["scale"])
    return net


@pytest.fixture(scope="module")
def mnist():
    _, (x, t) = load_mnist(flatten=False)
    return x[:300].astype(np.float64), t[:300]


def drawn(strokes, radius, side=PAD):
    """Ink of a round pen that follows these strokes."""
    places = np.arange(side) + 0.5
    x, y = np.meshgrid(places, places)
    ink = np.zeros((side, side))
    for (x1, y1), (x2, y2) in (pair for points in strokes for pair in pairwise(points)):
        dx, dy = x2 - x1, y2 - y1
        along = np.clip(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy), 0, 1)
        distance = np.hypot(x - x1 - along * dx, y - y1 - along * dy)
        ink = np.maximum(ink, np.clip(radius + 0.5 - distance, 0, 1))
    return ink


def photographed(ink, rng):
    """A photo of ink on paper, in RGB: uneven light, a yellowish tint, and noise."""
    side = np.linspace(-1, 1, len(ink))
    x, y = np.meshgrid(side, side)
    light = 0.75 + 0.12 * x - 0.08 * y - 0.06 * (x * x + y * y)
    photo = light * (1 - 0.75 * ink) + rng.normal(0, 0.02, ink.shape)
    return (255 * np.clip(photo, 0, 1)[..., np.newaxis] * [0.99, 1, 0.93]).astype(np.uint8)


SYMMETRIC = [np.zeros((30, 30)), np.eye(1, 900, 7).reshape(30, 30), np.tri(50) * (np.arange(50) < 2)]
for height, width in [(20, 1), (20, 2), (7, 13), (3, 3), (20, 5), (15, 20)]:
    SYMMETRIC.append(np.pad(np.ones((height, width)), ((5, 45 - height), (9, 41 - width))))


def test_python_prepares_what_the_pad_prepares():
    rng = np.random.default_rng(1)
    inks = [*scribbles(40, 61, rng), *SYMMETRIC, *(drawn(it, 11) for it in STROKES.values())]
    pictures = javascript("maths/digits", [("prepare", list(ink.ravel()), len(ink)) for ink in inks])
    for ink, picture in zip(inks, pictures, strict=True):
        np.testing.assert_allclose(prepare_digit(ink), picture, rtol=0, atol=1e-9)


def test_ground_and_ink_may_have_any_brightness(mnist):
    for x in mnist[0][:50]:
        expected = prepare_digit(x)
        np.testing.assert_allclose(prepare_digit(1 - x), expected, atol=1e-9)
        np.testing.assert_allclose(prepare_digit(0.7 - 0.5 * x), 0.5 * expected, atol=1e-9)


@pytest.mark.parametrize("turn", [
    lambda it: np.rint(255 * it).astype(np.uint8),
    lambda it: np.rint(255 * it).astype(int).tolist(),
    lambda it: it[..., np.newaxis],
    lambda it: np.stack([it] * 3, axis=-1),
    lambda it: np.stack([1 - it] * 3 + [np.ones_like(it)], axis=-1),
    lambda it: np.stack([np.zeros_like(it)] * 3 + [it], axis=-1),  # black ink on nothing
    lambda it: np.stack([np.zeros_like(it), it], axis=-1),
    lambda it: np.pad(it, ((0, 40), (13, 2))),
    lambda it: it.repeat(3, axis=0).repeat(3, axis=1),
])  # fmt: skip
def test_colors_opacity_margins_and_size_make_no_difference(turn, mnist):
    x = mnist[0][0]
    np.testing.assert_allclose(prepare_digit(turn(x)), prepare_digit(x), atol=1e-9)


def test_a_test_digit_stays_as_it_was(mnist, net):
    x, t = mnist
    again = np.array([prepare_digit(it) for it in x])
    assert np.mean(np.abs(again - x.reshape(-1, 784)).max(axis=1) < 1e-9) > 0.98
    assert net.accuracy(again, t) > 0.97


@pytest.mark.parametrize("digit", STROKES)
def test_a_photo_of_a_digit_is_read(digit, net):
    rng = np.random.default_rng(digit)
    for radius in (4, 10):
        photo = photographed(drawn(STROKES[digit], radius), rng)
        for image in (photo, 255 - photo, photo / 255):
            picture = prepare_digit(image)
            assert net.predict(picture).argmax() == digit
            assert 0.6 < picture.max() < 1 + 1e-9


@pytest.mark.parametrize("level", [0, 0.5, 1])
def test_a_blank_image_is_blank(level):
    rng = np.random.default_rng(2)
    assert not prepare_digit(np.full((40, 50), level)).any()
    assert not prepare_digit(np.clip(level + rng.normal(0, 0.02, (40, 50)), 0.001, 0.999)).any()


@pytest.mark.parametrize(("image", "words"), [
    (np.ones(784), r"of shape \(height, width\), or with 1 to 4 channels as the third axis, got float64"),
    (np.ones((28, 28, 5)), r"of shape \(height, width\), or with 1 to 4 channels"),
    (np.ones((0, 28)), r"of shape \(height, width\)"),
    (255 * np.ones((28, 28)), r"integers from 0 to 255 or floats from 0 to 1, got"),
    (-np.ones((28, 28), int), r"integers from 0 to 255 or floats from 0 to 1, got"),
    (np.full((28, 28), 256), r"integers from 0 to 255 or floats from 0 to 1, got"),
])  # fmt: skip
def test_what_is_no_image_is_refused(image, words):
    with pytest.raises(ValueError, match=f"^image must be {words}"):
        prepare_digit(image)
