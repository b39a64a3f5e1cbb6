"""Links to the sources: where DLBOOK_REPO gives an address, and nowhere else."""

import json
import os
import subprocess
import sys
import tomllib

import pytest
import yaml
from bs4 import BeautifulSoup

from tests.built import ROOT

ADDRESS = "https://example.org/somebody/book"
PAGE = """# Home

Clone [this repository](repo:), read [its *first* page](repo:README.md), look into [`scripts`](repo:scripts).
"""


def home(folder, address):
    """Build a site of one page with the book's own settings and theme, and return the page."""
    (folder / "docs/en").mkdir(parents=True)
    (folder / "docs/en/index.md").write_text(PAGE, encoding="utf-8")
    (folder / "docs/theme").symlink_to(ROOT / "docs/theme")
    for name in ("scripts", "dlbook", "mkdocs.base.yml"):
        (folder / name).symlink_to(ROOT / name)
    edition = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    (folder / "mkdocs.yml").write_text(yaml.safe_dump({**edition, "nav": ["index.md"]}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q"],
        cwd=folder,
        env={**os.environ, "DLBOOK_REPO": address, "DLBOOK_URL": "", "DLBOOK_ALL_IS_MADE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return BeautifulSoup((folder / "site/index.html").read_text(encoding="utf-8"), "html.parser")


def foreign(page):
    return sorted({tag["href"] for tag in page.select("[href]") if "://" in tag["href"]})


def test_no_address_is_made_up(tmp_path):
    page = home(tmp_path, "")
    assert foreign(page) == []
    said = "Clone this repository, read its first page (README.md), look into scripts."
    assert page.article.p.get_text() == said
    assert [it.get_text() for it in page.article.p("code")] == ["README.md", "scripts"]


def test_every_source_has_a_link_where_an_address_is_set(tmp_path):
    page = home(tmp_path, ADDRESS)
    paths = ["/blob/main/README.md", "/edit/main/docs/en/index.md", "/raw/main/docs/en/index.md"]
    assert foreign(page) == [ADDRESS, *(ADDRESS + path for path in paths), f"{ADDRESS}/tree/main/scripts"]
    assert page.select_one(".book-source").get_text().strip() == "example.org/somebody/book"


def test_a_file_that_is_not_there_is_reported(project):
    assert "build-error" in project.convert("See [it](repo:scripts/absent.py).")
    assert project.problems() == ["docs/en/page.md:1: there is no scripts/absent.py in the repository"]


def test_what_describes_the_project_to_others_names_no_repository():
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "urls" not in package
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert not [key for key in citation if key.startswith(("repository", "url"))]
    assert {"repository", "homepage", "bugs"}.isdisjoint(json.loads((ROOT / "package.json").read_bytes()))


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "docs/en/setup.md", "docs/en/colophon.md"])
def test_nobody_is_told_to_clone_from_an_address(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "git clone http" not in text
    assert "://github.com/dlbook" not in text
