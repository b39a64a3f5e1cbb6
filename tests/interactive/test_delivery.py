"""The scripts of interactive figures as they are delivered: small, classic, in the figures' own colours."""

import gzip
import re

import pytest

from scripts.figures.style import PALETTE
from tests.built import ROOT, SITE, html, pages

SOURCES = sorted(path.stem for path in (ROOT / "docs/interactive").glob("*.js"))
FIGURES = [name for name in SOURCES if name != "loader" and not name.endswith("_data")]
MOST = {"code": 15_000, "data": 90_000}  # bytes, compressed
STYLES = ROOT / "docs/theme/assets/stylesheets/interactive.css"


@pytest.fixture(params=SOURCES)
def script(request, site):
    return SITE / "assets/interactive" / f"{request.param}.js"


def test_a_script_is_small(script):
    most = MOST["data" if script.stem.endswith("_data") else "code"]
    assert len(gzip.compress(script.read_bytes(), 9)) <= most


def test_a_script_is_classic_and_asks_nobody(script):
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"\b(?:import|export)\b\s*[({*\w\"']", text), "browsers refuse modules from a folder"
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|eval)\s*\(|new Function\b", text)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_stands_on_a_page(name, site):
    assert any(f'data-interactive="{name}"' in html(page) for page in pages())


def test_only_pages_with_a_figure_load_the_loader(site):
    for page in pages():
        wanted = 'data-interactive="' in html(page)
        assert ("assets/interactive/loader.js" in html(page)) == wanted, page
        assert ("stylesheets/interactive.css" in html(page)) == wanted, page


@pytest.mark.parametrize(
    ("scheme", "start"), [(0, ".interactive {"), (1, '[data-md-color-scheme="slate"] .interactive {')]
)
def test_the_colours_are_those_of_the_drawn_figures(scheme, start):
    css = STYLES.read_text(encoding="utf-8")
    block = css[css.index(f"\n{start}") :].partition("}")[0]
    colours = dict(re.findall(r"--fig-([\w-]+): (#\w+);", block))
    assert set(colours) >= {"paper", "ink", "muted", "faint", "blue", "orange", "green", "pink"}
    drawn = {name: PALETTE[name][scheme] for name in colours}
    assert colours == drawn, STYLES.relative_to(ROOT).as_posix()
