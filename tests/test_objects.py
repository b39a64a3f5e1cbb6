"""Every public object names the section that explains it; every chapter lists the objects new in it."""

import importlib
import inspect
from functools import cache

import pytest

from tests.built import CHAPTERS, ROOT, soup

PAGES = [*CHAPTERS, "after-training"]  # that explain objects
MODULES = sorted(
    path.stem
    for path in (ROOT / "dlbook").glob("*.py")
    if path.stem not in ("__init__", "checks", "fast_differences", "running")
)
HELPERS = ("_", "as_", "check_", "loss_by_", "batch_size", "read_", "are_")  # what modules do for themselves


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
    """What the API page's table says: each object, and the page and the section that explain it."""
    rows = [[a["href"] for a in row.select("td a")] for row in soup(f"api/{module}.html").select("tr")]
    objects = [row for row in rows if row and row[0].startswith("#dlbook.")]
    return {first.rpartition(".")[2]: last.removeprefix("../").split("#") for first, *_, last in objects}


@cache
def listed(chapter):
    """The objects that a chapter's last section lists as new in the chapter, with their modules."""
    last = soup(f"{chapter}.html").select(".md-content h2")[-1]
    addresses = [a["href"] for a in last.find_all_next("a", href=True) if "#dlbook." in a["href"]]
    return [tuple(address.partition("#dlbook.")[2].split(".")) for address in addresses]


@pytest.mark.parametrize("module", MODULES)
def test_every_object_names_the_section_that_explains_it(site, module):
    """That the section is there is for the build to say."""
    assert explained(module).keys() == public(module), f"docs/en/api/{module}.md: the table of objects"
    pages = {page.removesuffix(".html") for page, _ in explained(module).values()}
    assert pages <= set(PAGES), f"docs/en/api/{module}.md: {pages}"


@pytest.mark.parametrize("chapter", PAGES)
def test_every_chapter_lists_the_objects_that_it_explains(site, chapter):
    explained_here = {
        (module, name)
        for module in MODULES
        for name, (page, _) in explained(module).items()
        if page == f"{chapter}.html"
    }
    assert sorted(listed(chapter)) == sorted(explained_here), f"docs/en/{chapter}.md: the list of new objects"


def test_the_objects_are_those_that_readers_lean_on(site):
    """So that nothing above passes because nothing is found."""
    assert ("optimizers", "Adam") in listed("09-optimizers")
    assert public("perceptron") == {"Perceptron", "AND", "NAND", "OR", "XOR"}
    assert {"SGD", "Adam"} < public("optimizers")
