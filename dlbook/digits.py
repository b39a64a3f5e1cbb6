"""Digits of one's own: from a drawing or a photo to the picture that MNIST would have made of it."""

import numpy as np

from dlbook.checks import as_array, as_real, check

SIDE = 28  # of MNIST's pictures, in pixels
BOX = 20  # of the part of them that a digit may fill
LARGEST = 280  # pixels of a photo's longer side that are looked at
FAINT = 0.1  # the darkness of ink that may as well be noise
BRIGHTNESS = np.array([0.299, 0.587, 0.114])  # of red, green and blue


def prepare_digit(image):
    r"""Return a picture of a digit as MNIST has them, ready for a network.

    Parameters
    ----------
    image : array_like of shape (height, width) or (height, width, channels)
        One digit and nothing else, in gray or in colors (1 or 3 channels), with or without opacity (a channel
        more): integers from 0 to 255, or floats from 0 to 1. An image of the library Pillow will do. What is
        transparent counts as white.

    Returns
    -------
    ndarray of shape (784,)
        Pixels from 0 (paper) to 1 (ink), like a row of `load_mnist`. All are 0 if the image is blank.

    Notes
    -----
    **Ink.** If more than half of the pixels have the same value, and most of the others are clearly
    different, then the image is a drawing, and ink is the difference from that value: dark on light and light
    on dark give the same. Otherwise it is a photo. A curved surface is then fitted to the brightness of the
    paper, because light is uneven. Ink is what differs from the surface by more than the noise of the paper,
    and by a tenth of the range at least; a typical stroke of it becomes 1.

    **Size and place.** The smallest box around the ink is scaled to fit into 20×20 pixels, each the mean of
    the ink that falls on it. The result is put into 28×28 pixels so that its center of mass is in the middle,
    to half a pixel.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998), section III.A.
    """
    gray = as_gray(image)
    ground = np.median(gray)
    ink = np.abs(gray - ground)
    drawn = ink[ink > 0]
    if drawn.size >= ink.size / 2 or np.count_nonzero(drawn < FAINT) > drawn.size / 2:
        ink = as_ink(gray)
    if not ink.any():
        return np.zeros(SIDE * SIDE, gray.dtype)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    digit = as_fitting(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], BOX)
    height, width = digit.shape
    center = np.array([np.arange(height) @ digit.sum(axis=1), np.arange(width) @ digit.sum(axis=0)])
    center /= digit.sum()
    # A symmetric digit has its center on a half; 1e-9 decides for one side, whatever was rounded before.
    top, left = np.floor(SIDE / 2 - center + 0.5 + 1e-9).astype(int) + BOX
    picture = np.zeros((SIDE + 2 * BOX, SIDE + 2 * BOX))  # a lopsided digit may reach into margins
    picture[top : top + height, left : left + width] = digit
    return picture[BOX:-BOX, BOX:-BOX].ravel().astype(gray.dtype)


def as_gray(image):
    """Return how bright each pixel is, from 0 to 1, or raise unless ``image`` is one."""
    pixels = as_real(image, "image", finite=True)
    is_image = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 2, 3, 4))
    expected = "of shape (height, width), or with 1 to 4 channels as the third axis"
    check(is_image and pixels.size > 0, "image", expected, pixels)
    if as_array(image, "image").dtype.kind in "iu":
        pixels = pixels / 255
    fits = pixels.min() >= 0 and pixels.max() <= 1
    check(fits, "image", "integers from 0 to 255 or floats from 0 to 1", [pixels.min(), pixels.max()])
    if pixels.ndim == 2:
        return pixels
    channels = pixels.shape[2]
    gray = pixels[..., :3] @ BRIGHTNESS.astype(pixels.dtype) if channels > 2 else pixels[..., 0]
    return gray if channels % 2 == 1 else 1 - pixels[..., -1] * (1 - gray)


def as_ink(photo):
    """Return the ink in a photo, from 0 to 1, all 0 if nothing stands out from the paper."""
    photo = as_fitting(photo, min(LARGEST, max(photo.shape)))
    y, x = (np.linspace(-1, 1, n) for n in photo.shape)
    y, x = np.meshgrid(y, x, indexing="ij")
    terms = np.stack([x**0, x, y, x * x, x * y, y * y], axis=-1)
    difference = np.median(photo) - photo
    for _ in range(10):  # fit again to what was near the last fit: the ink drops out
        noise = 1.5 * np.median(np.abs(difference))  # the standard deviation, if most of this is paper
        paper = np.abs(difference) <= 3 * noise
        surface = np.linalg.lstsq(terms[paper], photo[paper], rcond=None)[0]
        difference = terms @ surface - photo
    faint = 4 * noise
    if difference[np.abs(difference) > faint].sum() < 0:
        difference = -difference  # light ink on dark paper
    strokes = difference > max(faint, difference.max() / 2, FAINT)
    if not strokes.any():
        return np.zeros_like(photo)
    stroke = np.median(difference[strokes])
    faint = max(faint, stroke / 4)
    return np.clip((difference - faint) / (stroke - faint), 0, 1)


def as_fitting(picture, longest):
    """Return a picture scaled so that its longer side has this many pixels, each the mean of an area."""
    height, width = (max(1, int(longest * n / max(picture.shape) + 0.5)) for n in picture.shape)
    down, across = as_shares(picture.shape[0], height), as_shares(picture.shape[1], width)
    return down @ picture @ across.T


def as_shares(n, parts):
    """Return for each of ``parts`` equal parts of a length ``n`` how much of it each point covers."""
    edges, points = np.linspace(0, n, parts + 1)[:, np.newaxis], np.arange(n)
    covered = np.minimum(edges[1:], points + 1) - np.maximum(edges[:-1], points)
    return np.maximum(covered, 0) * parts / n
