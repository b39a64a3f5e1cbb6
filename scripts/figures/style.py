"""The one look of every figure, and the SVG file that a figure becomes.

A figure takes its axes from `subplots`, its colors from here, and ends as text by `to_svg`:

    from scripts.figures.style import BLUE, ORANGE, STYLES, subplots

    fig, ax = subplots(height=3.6)
    ax.plot(x, y, **STYLES[0])

Colors are names, not values: in matplotlib each is its light value, in the SVG each becomes a CSS variable
with a light and a dark value, so that one file serves both. `to_svg` refuses any other color. So:

- `STYLES` are six line styles that differ in color, in lightness, in dashes and in marker, so that a figure
  can be read by the color-blind and in gray. `ax.plot(..., **STYLES[2], markevery=10)`.
- `SEQUENTIAL` and `DIVERGING` are color maps of 24 and 25 steps. They work for `contourf`, `pcolormesh`,
  `scatter` and `plot_surface(..., shade=False)`; not for `imshow`, whose pixels no variable reaches.
- `show_digit` draws an image as ink on paper, or in another color, `arrow` an arrow between two points of
  the data, and `label_lines` names curves where they end.
"""

import base64
import io
import re
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_hex
from matplotlib.figure import Figure
from PIL import Image

Result = dict[str, Any]  # what a figure may be drawn from: the values of an experiment

# Name: (light, dark). Colors for marks have a contrast of 3:1 or more on their paper, and lightnesses that
# differ by 8 or more; they stay apart under the three kinds of color blindness.
PALETTE = {
    "paper": ("#fffefb", "#14171f"),
    "ink": ("#1f2430", "#e6e6e3"),
    "muted": ("#5f6673", "#9aa0ab"),
    "faint": ("#d8dadd", "#343945"),
    "blue": ("#0b5f80", "#5cc8e0"),
    "orange": ("#c2500a", "#ee8a45"),
    "green": ("#2fa06a", "#aeeebb"),
    "pink": ("#6a0f52", "#d0509f"),
}
INK, MUTED, FAINT, PAPER = (PALETTE[name][0] for name in ("ink", "muted", "faint", "paper"))
BLUE, ORANGE, GREEN, PINK = (PALETTE[name][0] for name in ("blue", "orange", "green", "pink"))

STYLES: list[dict[str, Any]] = [
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": ORANGE, "linestyle": (0, (5, 1.6)), "marker": "s"},
    {"color": GREEN, "linestyle": (0, (1.2, 1.2)), "marker": "^"},
    {"color": PINK, "linestyle": (0, (6, 1.6, 1.2, 1.6)), "marker": "D"},
    {"color": INK, "linestyle": (0, (2.6, 1.2)), "marker": "v"},
    {"color": MUTED, "linestyle": (0, (9, 2.4)), "marker": "P"},
]

RC: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "dlbook",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that every machine draws the same
    "font.size": 12.5,
    "mathtext.fontset": "cm",  # the letters of the page's formulas
    "axes.labelsize": 14,
    "axes.titlesize": 13,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 11.5,
    "legend.fontsize": 12,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.9,
    "axes.labelpad": 5,
    "xtick.major.size": 3.5,
    "ytick.major.size": 3.5,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "lines.markeredgewidth": 0,
    "lines.dash_capstyle": "butt",
    "lines.scale_dashes": True,
    "patch.edgecolor": PAPER,
    "hatch.color": MUTED,
    "axes3d.xaxis.panecolor": PAPER,
    "axes3d.yaxis.panecolor": PAPER,
    "axes3d.zaxis.panecolor": PAPER,
    "axes.prop_cycle": cycler(color=[style["color"] for style in STYLES]),
}
matplotlib.rcdefaults()  # nobody's own matplotlibrc gets into the book
matplotlib.rcParams.update(RC)


def _rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _ramp(stops: list[str], steps: int) -> list[str]:
    """`steps` colors from the first stop to the last, blended as light is (blending sRGB values darkens)."""
    places = np.linspace(0, 1, len(stops))
    channels = np.array([_rgb(stop) for stop in stops]).T ** 2.2
    blend = np.array([np.interp(np.linspace(0, 1, steps), places, channel) for channel in channels])
    return [to_hex(color) for color in (blend.T ** (1 / 2.2))]


def _colormap(name: str, light: list[str], dark: list[str], steps: int) -> ListedColormap:
    """A color map whose every step is a color of the palette, too."""
    pairs = list(zip(_ramp(light, steps), _ramp(dark, steps), strict=True))
    PALETTE.update({f"{name}-{i}": pair for i, pair in enumerate(pairs)})
    return ListedColormap([pair[0] for pair in pairs], name=f"dlbook-{name}")


# More is further from the paper, in light and in dark; the middle of the diverging map is nearly paper.
SEQUENTIAL = _colormap(
    "sequential",
    ["#edf4f4", "#8fc0c9", "#2a7f9c", "#06344a"],
    ["#1c2630", "#1f5468", "#3b9db8", "#b9eefa"],
    24,
)
DIVERGING = _colormap(
    "diverging",
    ["#0a4a66", "#5fa3b8", "#f3f1ec", "#e59a5e", "#93370a"],
    ["#8fe0f2", "#2f7d94", "#20242d", "#a85a22", "#ffb884"],
    25,
)
_INK_ALONE = ListedColormap(np.c_[np.ones((256, 3)), np.linspace(0, 1, 256)], name="dlbook-ink")


def subplots(nrows: int = 1, ncols: int = 1, *, width: float = 7.2, height: float = 4.0, **kw: Any) -> Any:
    """A figure and its axes, like pyplot's, in the book's look: `fig, ax = subplots(height=3.6)`."""
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(nrows, ncols, **kw)


def label_lines(ax: Axes, *, gap: float = 6) -> None:
    """Write each line's label at its right end, in its color, instead of a legend; no two overlap.

    Call it last: it places the labels by the limits that the axes have now.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    points = 72 / figure.dpi
    ends = []
    for line in ax.get_lines():
        if not str(line.get_label()).startswith("_"):
            x, y = np.asarray(line.get_xdata(), float)[-1], np.asarray(line.get_ydata(), float)[-1]
            ends.append((ax.transData.transform((x, y))[1] * points, x, y, line))
    step = 1.25 * matplotlib.rcParams["font.size"]
    floor = -np.inf
    for place, x, y, line in sorted(ends, key=lambda end: end[0]):
        floor = max(place, floor + step)
        ax.annotate(
            str(line.get_label()),
            (x, y),
            xytext=(gap, floor - place),
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], *, color: str = INK) -> None:
    """A straight arrow between two points of the data, its head exactly at `end`."""
    looks = {"arrowstyle": "-|>,head_length=0.5,head_width=0.22", "color": color, "linewidth": 1.5}
    ax.annotate("", end, xytext=start, arrowprops={**looks, "shrinkA": 0, "shrinkB": 0})


def show_digit(ax: Axes, pixels: np.ndarray, *, color: str = INK) -> None:
    """Draw an image, its pixels from 0 (paper) to 1 (ink), without axes: `show_digit(ax, x_test[7])`."""
    side = round(pixels.size**0.5)
    image = ax.imshow(pixels.reshape(side, side), cmap=_INK_ALONE, vmin=0, vmax=1, interpolation="none")
    image.set_gid(color)  # the id of the SVG's <image>, where _pixels_as_masks finds it
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set(visible=True, color=FAINT)


def to_svg(fig: Figure) -> str:
    """The figure as an SVG file that follows the reader's choice of light or dark; always the same text."""
    written = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": RC["svg.fonttype"], "svg.hashsalt": RC["svg.hashsalt"]}):
        fig.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]  # without the reference to a DTD on another host
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<= d=")[^"]+', lambda path: _rounded(path[0]), svg)
    svg = _pixels_as_masks(svg)
    return _with_variables(svg)


def _rounded(path: str) -> str:
    # A hundredth of a point is finer than any screen; the digits behind it are half of the file.
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", path)


def _pixels_as_masks(svg: str) -> str:
    """Turn each picture into a mask, through which a rectangle of its color is seen."""
    count = 0

    def mask(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        data = re.search(r"base64,([^\"]+)", found[0])
        assert data
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))).convert("RGBA"))
        if (pixels[..., :3][pixels[..., 3] > 0] < 255).any():
            raise ValueError(
                "The figure has pixels in color, which cannot follow light and dark: draw with show_digit, "
                "or pcolormesh in place of imshow"
            )
        place = " ".join(re.findall(r' (?:x|y|width|height)="[^"]+"', found[0]))
        transform = "".join(re.findall(r' transform="[^"]+"', found[0]))
        picture = found[0].replace(transform, "") if transform else found[0]
        color = re.search(r' id="(#[0-9a-f]{6})"', found[0])
        assert color
        picture = picture.replace(color[0], "")
        return (
            f'<mask id="pixels-{count}">{picture}</mask>'
            f'<rect mask="url(#pixels-{count})" style="fill: {color[1]}"{place}{transform}/>'
        )

    return re.sub(r"<image [^>]*/>", mask, svg, flags=re.DOTALL)


def _with_variables(svg: str) -> str:
    """Name the colors, and give the names their values for light and for dark."""
    names = {light: name for name, (light, _) in PALETTE.items()}
    used: set[str] = set()

    def variable(found: re.Match[str]) -> str:
        try:
            name = names[found[0].lower()]
        except KeyError:
            raise ValueError(
                f"The figure uses the color {found[0]}, which has no dark counterpart: use those of style.py"
            ) from None
        used.add(name)
        return f"var(--{name})"

    # In style attributes only: base64 data and the names of references hold no colors.
    svg = re.sub(r'(?<=style=")[^"]+', lambda style: re.sub(r"#[0-9a-fA-F]{6}\b", variable, style[0]), svg)
    used.add("ink")
    light, dark = (
        ";".join(f"--{name}:{PALETTE[name][i]}" for name in PALETTE if name in used) for i in (0, 1)
    )
    # Matplotlib leaves a black fill unsaid, so what says nothing has to be ink.
    css = f":root{{{light};fill:var(--ink)}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return re.sub(r"(<svg [^>]*>)", lambda tag: f"{tag[1]}\n <style>{css}</style>", svg, count=1)
