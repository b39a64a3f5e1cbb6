"""Every public object names the section that explains it; every chapter lists the objects new in it."""

import importlib
import inspect
from functools import cache

import pytest

from tests.built import CHAPTERS, ROOT, soup

MODULES = sorted(
    path.stem
    for path in (ROOT / "dlbook").glob("*.py")
    if path.stem not in ("__init__", "checks", "fast_differences")
)
HELPERS = ("_", "as_", "check_", "loss_by_", "batch_size", "read_arrays")  # what modules do for themselves


def public(module):
    """What a module offers its readers: its classes, its functions, and what it makes of them."""
    thing = importlib.import_module(f"dlbook.{module}")
    classes = {
        name for name, it in vars(thing).items() if inspect.isclass(it) and it.__module__ == thing.__name__
    }
    return {
        name
        for name, it in vars(thing).items()
        if getattr(it, "__module__", None) == thing.__name__
        and not name.startswith(HELPERS)
        and (inspect.isfunction(it) or name in classes or type(it).__name__ in classes)
    }


@cache
def explained(module):
    """The rows of the API page's table: each object, and the address of its section."""
    rows = soup(f"api/{module}.html").select("table td:first-child a[href^='#dlbook.']")
    return {
        row["href"].rpartition(".")[2]: [a["href"] for a in row.find_parent("tr").select("td:last-child a")]
        for row in rows
    }


@cache
def listed(chapter):
    """The objects that a chapter lists as new in it, with their modules."""
    items = [
        item for item in soup(f"{chapter}.html").select("li") if item.get_text().startswith("New in the API")
    ]
    addresses = [a["href"].partition("#dlbook.")[2] for item in items for a in item.select("a")]
    return [tuple(address.split(".")) for address in addresses if address]


def section(page, anchor):
    """The text between a heading and the next one that is not below it."""
    heading = soup(page).find(id=anchor)
    assert heading is not None, f"{page} has no heading #{anchor}"
    texts = []
    for tag in heading.next_siblings:
        if tag.name in ("h1", "h2", "h3") and tag.name <= heading.name:
            break
        texts.append(tag.get_text())
    return "".join(texts)


@pytest.mark.parametrize("module", MODULES)
def test_every_object_names_one_section_that_speaks_of_it(site, module):
    assert explained(module).keys() == public(module), f"docs/en/api/{module}.md: the table of objects"
    for name, addresses in explained(module).items():
        assert len(addresses) == 1, (module, name)
        page, _, anchor = addresses[0].removeprefix("../").partition("#")
        assert page.removesuffix(".html") in CHAPTERS, addresses
        assert name in section(page, anchor), f"docs/en/{page.removesuffix('.html')}.md, #{anchor}: no {name}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_lists_the_objects_that_it_explains(site, chapter):
    explained_here = {
        (module, name)
        for module in MODULES
        for name, addresses in explained(module).items()
        if any(f"/{chapter}.html#" in address for address in addresses)
    }
    assert listed(chapter), f"docs/en/{chapter}.md: no list of what is new in the API reference"
    assert len(listed(chapter)) == len(set(listed(chapter)))
    assert set(listed(chapter)) == explained_here, f"docs/en/{chapter}.md: the list of new objects"


def test_the_objects_are_those_that_readers_lean_on():
    """So that nothing above passes because nothing is found."""
    assert public("perceptron") == {"Perceptron", "AND", "NAND", "OR", "XOR"}
    assert {"SGD", "Adam"} < public("optimizers")
    assert sum(len(public(module)) for module in MODULES) > 40
