"""The picture of a page for where its address is passed on: its title beside its first figure."""

import io
import textwrap
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from scripts.figures.style import BLUE, INK, MUTED, PAPER

WIDTH, HEIGHT = 1200, 630  # pixels, as those who show such pictures ask for
DPI = 100
MARGIN = 56
FIGURE = (670, HEIGHT - 2 * MARGIN)  # the most that it may take, at the right margin
LINE = 15  # letters, as many as the longest word of a title has


def draw(figure: Figure | str, title: str, book: str) -> bytes:
    """A PNG with the figure, where that is one of matplotlib's; always the same bytes."""
    card = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)
    edge = card.add_axes((0, 0, 14 / WIDTH, 1), facecolor=BLUE, xticks=[], yticks=[])
    edge.spines[:].set_visible(False)
    words: dict[str, Any] = {
        "family": "STIXGeneral",
        "x": MARGIN / WIDTH,
    }  # a serif that comes with matplotlib
    lines = "\n".join(textwrap.wrap(title, LINE, break_long_words=False))
    card.text(y=0.5, s=lines, va="center", size=40, color=INK, linespacing=1.15, **words)
    if title != book:
        card.text(y=MARGIN / HEIGHT, s=book, va="bottom", size=19, color=MUTED, **words)
    if isinstance(figure, Figure):
        pixels = fitted(figure)
        height, width = pixels.shape[:2]
        card.figimage(
            pixels, WIDTH - MARGIN // 2 - (FIGURE[0] + width) // 2, (HEIGHT - height) // 2, origin="upper"
        )
    few = read(card, DPI).quantize(256, dither=Image.Dither.NONE)  # a third of the bytes
    written = io.BytesIO()
    few.save(written, "png", optimize=True)
    return written.getvalue()


def fitted(figure: Figure) -> np.ndarray:
    """The figure's pixels, as large as its place allows."""
    width, height = figure.get_size_inches()
    return np.asarray(read(figure, min(FIGURE[0] / width, FIGURE[1] / height)))


def read(figure: Figure, dpi: float) -> Image.Image:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=dpi, facecolor=PAPER)
    return Image.open(written).convert("RGB")
