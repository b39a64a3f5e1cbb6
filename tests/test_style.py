"""The figures' look: readable on both papers, by the color-blind and in gray; the same file every time."""

import itertools
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from scripts.figures import style
from scripts.figures.style import PALETTE, STYLES, arrow, label_lines, show_digit, subplots, to_svg

THEMES = ("light", "dark")
MARKS = ["blue", "orange", "green", "pink"]

# How the three kinds of color blindness see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
BLINDNESS = {
    "none": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color):
    """The sRGB color's red, green and blue light, each from 0 to 1."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return linear(color) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """The contrast ratio as WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(light):
    """CIELAB of linear RGB, for D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * 24389 / 27 / 116 + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def color(name, theme):
    return PALETTE[name][THEMES.index(theme)]


@pytest.mark.parametrize("theme", THEMES)
def test_every_mark_stands_out_from_the_paper(theme):
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    paper = color("paper", theme)
    for name in MARKS:
        assert contrast(color(name, theme), paper) >= 3, name
    for name in ("ink", "muted"):  # these write words
        assert contrast(color(name, theme), paper) >= 4.5, name
    assert 1.2 < contrast(color("faint", theme), paper) < 2, "the grid is seen, and stays behind"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", list(itertools.combinations(MARKS, 2)), ids="-".join)
def test_any_two_marks_are_told_apart_in_gray_and_by_the_color_blind(pair, theme):
    one, other = (linear(color(name, theme)) for name in pair)
    assert abs(lab(one)[0] - lab(other)[0]) >= 8
    for kind, seen in BLINDNESS.items():
        assert np.linalg.norm(lab(seen @ one) - lab(seen @ other)) >= 15, kind


def test_no_two_names_share_the_value_by_which_they_are_known():
    assert len({light for light, _ in PALETTE.values()}) == len(PALETTE)


def test_styles_differ_in_more_than_color():
    for key in ("color", "linestyle", "marker"):
        assert len({str(look[key]) for look in STYLES}) == len(STYLES), key


@pytest.mark.parametrize("theme", THEMES)
def test_more_is_further_from_the_paper(theme):
    def distance(name):
        ramp = [PALETTE[f"{name}-{i}"][THEMES.index(theme)] for i in range(getattr(style, name.upper()).N)]
        return [abs(lab(linear(step))[0] - lab(linear(color("paper", theme)))[0]) for step in ramp]

    assert (np.diff(distance("sequential")) > 0).all()
    diverging = distance("diverging")
    assert (np.diff(diverging[:13]) < 0).all()
    assert (np.diff(diverging[12:]) > 0).all()


def drawing():
    """A figure with everything that the style offers."""
    fig, axes = subplots(2, 2, height=5)
    x = np.linspace(0, 1, 50)
    for i, look in enumerate(STYLES):
        axes[0, 0].plot(x, x * (1 + 0.01 * i), **look, markevery=10, label=f"$h^{i}$")
    label_lines(axes[0, 0])
    axes[0, 1].contourf(np.outer(x, x), cmap=style.SEQUENTIAL)
    arrow(axes[0, 1], (5, 5), (20, 20))
    axes[1, 0].pcolormesh(np.linspace(-1, 1, 25).reshape(5, 5), cmap=style.DIVERGING)
    show_digit(axes[1, 1], np.linspace(0, 1, 784))
    return fig


@pytest.fixture(scope="module")
def svg():
    return to_svg(drawing())


def test_two_processes_write_the_same_bytes(svg):
    code = "from tests.test_style import *; print(to_svg(drawing()), end='')"
    root = style.__file__.rsplit("/scripts/", 1)[0]
    for seed in ("1", "2"):
        drawn = subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert drawn.stdout == svg


def test_every_color_is_a_variable_with_a_light_and_a_dark_value(svg):
    css = re.search(r"<style>(:root.*?)</style>", svg)[1]
    light, dark = re.fullmatch(r":root{(.*)}@media \(prefers-color-scheme:dark\){:root{(.*)}}", css).groups()
    drawn = svg.replace(css, "")
    assert not re.search(r"(?:fill|stroke):(?! ?(?:none|var\(--[\w-]+\)))", drawn)
    assert not re.search(r"(?<!url\()#[0-9a-fA-F]{6}\b", drawn)
    used = set(re.findall(r"var\((--[\w-]+)\)", drawn))
    assert {"--paper", "--ink", "--blue", "--diverging-0", "--diverging-24"} <= used
    assert any(name.startswith("--sequential") for name in used)
    for values, theme in ((light, "light"), (dark, "dark")):
        defined = dict(re.findall(r"(--[\w-]+):(#\w{6})", values))
        assert defined == {name: color(name[2:], theme) for name in used}


def test_file_holds_no_date_and_no_other_host(svg):
    ElementTree.fromstring(svg)
    assert "date" not in svg.lower()
    hosts = set(re.findall(r"https?://[^\"' <]+", svg))
    assert hosts <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, "only names of namespaces"
    assert "<text" not in svg, "words are paths: no reader's fonts decide how they look"


def test_black_becomes_ink():
    fig, ax = subplots()
    ax.text(0, 0, "black", color="black")
    ax.set_axis_off()
    assert ";fill:var(--ink)}" in to_svg(fig), "matplotlib leaves out a black fill, which is then inherited"


@pytest.mark.parametrize("foreign", ["red", "#123456", "0.8"])
def test_foreign_colors_are_refused(foreign):
    fig, ax = subplots()
    ax.plot([0, 1], color=foreign)
    with pytest.raises(ValueError, match=r"uses the color #\w{6}, which has no dark counterpart"):
        to_svg(fig)


def test_pixels_in_color_are_refused():
    fig, ax = subplots()
    ax.imshow(np.eye(3), cmap=style.SEQUENTIAL)
    with pytest.raises(ValueError, match="pixels in color"):
        to_svg(fig)


def test_digit_is_ink_seen_through_a_mask(svg):
    masks = re.findall(r'<mask id="(.*?)"><image [^>]*/></mask>', svg, flags=re.DOTALL)
    assert len(masks) == 1
    assert f'mask="url(#{masks[0]})" style="fill: var(--ink)"' in svg


def test_labels_of_lines_do_not_overlap():
    fig, ax = subplots()
    for i, look in enumerate(STYLES):
        ax.plot([0, 1], [0, 1 + i * 0.001], **look, label=f"line {i}")
    label_lines(ax)
    fig.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert [text.get_text() for text in ax.texts] == [f"line {i}" for i in range(len(STYLES))]
    assert [text.get_color() for text in ax.texts] == [look["color"] for look in STYLES]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_arrow_ends_at_its_point():
    fig, ax = subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    arrow(ax, (0.2, 0.2), (0.8, 0.6))
    fig.draw_without_rendering()
    tip = ax.texts[0].arrow_patch.get_path().vertices  # in display coordinates
    distance = np.linalg.norm(tip - ax.transData.transform((0.8, 0.6)), axis=1).min()
    assert distance < 3, "the line's mitre reaches the point"
