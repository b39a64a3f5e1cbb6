"""The scripts of interactive figures as they are delivered: small, classic, in the figures' own colors."""

import gzip
import re

import pytest

from scripts.figures.style import PALETTE
from tests.built import ROOT, html, pages

SOURCES = sorted(path.stem for path in (ROOT / "docs/interactive").glob("*.js"))
FIGURES = [name for name in SOURCES if name != "loader" and not name.endswith("_data")]
MOST = {"code": 15_000, "data": 90_000}  # bytes, compressed
STYLES = ROOT / "docs/theme/assets/stylesheets/interactive.css"


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_is_small_and_classic_and_asks_nobody(name, site):
    script = site / f"assets/interactive/{name}.js"
    most = MOST["data" if name.endswith("_data") else "code"]
    assert len(gzip.compress(script.read_bytes(), 9)) <= most
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"\b(?:import|export)\b\s*[({*\w\"']", text), "browsers refuse modules from a folder"
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|eval)\s*\(|new Function\b", text)


def test_every_figure_stands_on_a_page_and_only_such_pages_load_the_loader(site):
    shown = {page: set(re.findall(r'data-interactive="(\w+)"', html(page))) for page in pages()}
    assert set().union(*shown.values()) == set(FIGURES)
    for page, figures in shown.items():
        for fetched in ("assets/interactive/loader.js", "stylesheets/interactive.css"):
            assert (fetched in html(page)) == bool(figures), f"{page}: {fetched}"


@pytest.mark.parametrize(
    ("scheme", "start"), [(0, ".interactive {"), (1, '[data-md-color-scheme="slate"] .interactive {')]
)
def test_the_colors_are_those_of_the_drawn_figures(scheme, start):
    css = STYLES.read_text(encoding="utf-8")
    block = css[css.index(f"\n{start}") :].partition("}")[0]
    colors = dict(re.findall(r"--fig-([\w-]+): (#\w+);", block))
    assert set(colors) >= {"paper", "ink", "muted", "faint", "blue", "orange", "green", "pink"}
    drawn = {name: PALETTE[name][scheme] for name in colors}
    assert colors == drawn, STYLES.relative_to(ROOT).as_posix()
