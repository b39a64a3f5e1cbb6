"""What others than readers get: the published site has cards, a sitemap, llms.txt, a page for dead ends."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from scripts.project import BuildError, Project
from scripts.site.sitemap import SITEMAPS, finish
from scripts.site.social_cards import HEIGHT, WIDTH
from tests.built import CHAPTERS, ROOT, SITE, pages
from tests.copies import copy

ADDRESS = "https://example.org/books/dl/"
EDITION = """\
site_name: Small
site_description: Made for a test.
nav:
  - Home: index.md
  - First part:
      - one.md
      - Inner:
          - Two & more: two.md
"""


@pytest.fixture
def small(tmp_path):
    """An edition's configuration and its finished pages, which know their address."""

    def make(address=""):
        config, site = tmp_path / "mkdocs.yml", tmp_path / "site"
        config.write_text(EDITION, encoding="utf-8")
        site.mkdir()
        for name in ("index", "one", "two", "404"):
            canonical = (
                f'<link rel="canonical" href="{address}{name}.html">' if address and name != "404" else ""
            )
            (site / f"{name}.html").write_text(
                f'<head><meta name="description" content="About\n{name} &amp; more.">{canonical}'
                f"<title>Title of {name} - Small</title></head><title>no title</title>",
                encoding="utf-8",
            )
        for theirs in ("sitemap.xml", "sitemap.xml.gz"):
            (site / theirs).write_text("of today")
        return config, site

    return make


def test_llms_txt_is_the_table_of_contents(small):
    config, site = small()
    finish(config, site)
    assert (site / "llms.txt").read_text() == (
        "# Small\n\n> Made for a test.\n\n- [Home](index.html): About index & more.\n\n"
        "## First part\n\n- [Title of one](one.html): About one & more.\n\n"
        "## Inner\n\n- [Two & more](two.html): About two & more.\n"
    )


def test_nobody_is_told_of_a_page_that_is_not_there(small):
    config, site = small()
    (site / "two.html").unlink()
    with pytest.raises(
        BuildError, match=r"the table of contents has two\.md, but there is no page two\.html"
    ):
        finish(config, site)


def test_without_an_address_there_is_no_sitemap(small):
    config, site = small()
    finish(config, site)
    assert sorted(path.name for path in site.iterdir()) == [
        "404.html",
        "index.html",
        "llms.txt",
        "one.html",
        "two.html",
    ]


@pytest.mark.parametrize(("address", "robots"), [(ADDRESS, False), ("https://example.org/", True)])
def test_robots_are_told_of_the_sitemap_where_they_look_for_it(small, address, robots):
    config, site = small(address)
    finish(config, site)
    assert f"]({address}one.html): " in (site / "llms.txt").read_text()
    assert not (site / "sitemap.xml.gz").exists()
    assert located(site) == {f"{address}{name}.html" for name in ("index", "one", "two")}
    assert (site / "robots.txt").exists() is robots
    if robots:
        assert f"Sitemap: {address}sitemap.xml\n" in (site / "robots.txt").read_text()


def located(site):
    tree = ElementTree.parse(site / "sitemap.xml")
    return {element.text for element in tree.iter(f"{{{SITEMAPS}}}loc")}


# The book itself, as it is published in a folder of a host


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    project = copy(ROOT, tmp_path_factory.mktemp("published") / "dlbook")
    environment = {**os.environ, "DLBOOK_URL": ADDRESS.rstrip("/"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "scripts/build.py", "--only=site"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "site"


def properties(page):
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    named = {tag.get("property") or tag.get("name"): tag.get("content") for tag in soup.find_all("meta")}
    return soup, named


def local(published, address):
    """The file that an address of the published site leads to."""
    assert address.startswith(ADDRESS), address
    return published / address.removeprefix(ADDRESS)


def test_every_page_says_how_it_is_to_be_shown_elsewhere(published):
    shown = {}
    for name in pages():
        soup, named = properties(published / name)
        if name == "404.html":
            assert not [it for it in named if it and it.startswith("og:")]
            continue
        assert soup.select_one("link[rel=canonical]")["href"] == named["og:url"] == urljoin(ADDRESS, name)
        assert named["og:title"] in soup.title.get_text()
        assert named["og:description"] == named["description"]
        assert len(named["og:image:alt"].split()) >= 5
        assert named["twitter:card"] == "summary_large_image"
        picture = local(published, named["og:image"])
        with Image.open(picture) as image:
            size = (int(named["og:image:width"]), int(named["og:image:height"]))
            assert image.size == size == (WIDTH, HEIGHT), f"{name}: {picture.name}"
            assert len(image.convert("RGB").getcolors(WIDTH * HEIGHT)) > 20, f"{picture.name} shows nothing"
        shown[name] = picture.stem
    assert {name: card for name, card in shown.items() if card != "index"} == {
        f"{it}.html": it for it in CHAPTERS
    }
    assert set(shown.values()) == {path.stem for path in (published / "assets/cards").iterdir()}


def test_the_sitemap_and_llms_txt_have_every_page(published):
    addresses = {urljoin(ADDRESS, name) for name in pages() if name != "404.html"}
    assert located(published) == addresses
    text = (published / "llms.txt").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[[^]]+\]\(([^)]+)\): \S", text, re.MULTILINE)
    assert sorted(listed) == sorted(addresses)
    assert text.startswith("# Deep Learning from Scratch\n\n> A book of tested code")
    assert not (published / "robots.txt").exists(), "nobody reads one in a folder"


def test_the_page_for_dead_ends_works_at_any_depth(published):
    soup, _ = properties(published / "404.html")
    for tag, attribute in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        for element in soup.find_all(tag, attrs={attribute: True}):
            address = element[attribute]
            if not re.match(r"[a-z]+:|#", address):
                assert address.startswith("/books/dl/"), f"docs/theme/404.html: {address}"
                assert local(published, urljoin(ADDRESS, address).partition("#")[0]).is_file(), address


def test_a_site_without_an_address_claims_none(site):
    if os.environ.get("DLBOOK_URL"):
        pytest.skip("DLBOOK_URL gives it one")
    for name in pages():
        soup, named = properties(SITE / name)
        assert not soup.select("link[rel=canonical]")
        assert not [it for it in named if it and it.startswith("og:")], name


# Cards


def test_a_card_is_drawn_again_when_its_title_changes_and_not_when_its_page_does(tmp_path):
    for name in ("scripts", "docs/en"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(ROOT / name) if name == "scripts" else (tmp_path / name).mkdir()
    (tmp_path / "docs/en/index.md").write_text("# A book\n\n![It.](assets/figures/logo.svg)\n")
    page: Path = tmp_path / "docs/en/01-one.md"

    def reads(text):
        page.write_text(text)
        project = Project(tmp_path)
        (step,) = [step for step in project.steps() if step.name == "en/01-one"]
        assert project.writes(step) == [tmp_path / "docs/en/assets/cards/01-one.png"]
        return project.reads(step)

    first = reads("# One\n\n![It.](assets/figures/mini_batch.svg)\n")
    assert "scripts/figures/mini_batch.py" in first
    assert "scripts/site/social_cards.py" in first
    assert reads("# One\n\nMore.\n\n![That.](assets/figures/mini_batch.svg)\n") == first
    assert reads("# Two\n\n![It.](assets/figures/mini_batch.svg)\n") != first
    assert reads("# One\n\n![It.](assets/figures/best_of_many.svg)\n") != first
