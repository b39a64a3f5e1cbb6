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

from scripts.project import BuildError
from scripts.site.sitemap import SITEMAPS, finish
from scripts.site.social_cards import HEIGHT, WIDTH
from tests.built import CHAPTERS, ROOT, pages
from tests.copies import copy

ADDRESS = "https://example.org/books/dl/"
PAGES = [page for page in pages() if page != "404.html"]
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


def listed(site):
    """The addresses in llms.txt, each of which has a description."""
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert re.match(r"# .+\n\n> .+", text)
    return sorted(re.findall(r"^- \[[^]]+\]\(([^)]+)\): \S", text, re.MULTILINE))


def test_llms_txt_has_every_page_of_the_book(site):
    assert [urljoin(ADDRESS, it) for it in listed(site)] == [urljoin(ADDRESS, it) for it in PAGES]


# The book itself, as it is published in a folder of a host


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    project = copy(ROOT, tmp_path_factory.mktemp("published") / "dlbook")
    environment = {**os.environ, "DLBOOK_URL": ADDRESS.rstrip("/"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "scripts/build.py", "site"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "site"


def local(published, address):
    """The file that an address of the published site leads to."""
    assert address.startswith(ADDRESS), address
    return published / address.removeprefix(ADDRESS)


def card(published, name):
    """The picture for a page's address, after all that the page says of itself was looked at."""
    soup = BeautifulSoup((published / name).read_text(encoding="utf-8"), "html.parser")
    named = {tag.get("property") or tag.get("name"): tag.get("content") for tag in soup.find_all("meta")}
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
    return picture.stem


@pytest.mark.full
def test_the_published_book_tells_others_what_it_is(published):
    cards = {name: card(published, name) for name in PAGES}
    assert {name: it for name, it in cards.items() if it != "index"} == {f"{it}.html": it for it in CHAPTERS}
    assert set(cards.values()) == {path.stem for path in (published / "assets/cards").iterdir()}
    addresses = {urljoin(ADDRESS, name) for name in PAGES}
    assert located(published) == set(listed(published)) == addresses
    assert not (published / "robots.txt").exists(), "nobody reads one in a folder"
    # The page for dead ends works at any depth.
    soup = BeautifulSoup((published / "404.html").read_text(encoding="utf-8"), "html.parser")
    assert not soup.select("meta[property^='og:']")
    for attribute in ("href", "src"):
        for address in [it[attribute] for it in soup.find_all(attrs={attribute: True})]:
            if not re.match(r"[a-z]+:|#", address):
                assert address.startswith("/books/dl/"), f"docs/theme/404.html: {address}"
                assert local(published, urljoin(ADDRESS, address).partition("#")[0]).is_file(), address


# Cards


def test_a_card_is_drawn_again_when_its_title_changes_and_not_when_its_page_does(tmp_path):
    from scripts.project import Project

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
