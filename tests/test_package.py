"""What can be imported from the package itself, what a typo is told, and how long it all takes to import."""

import importlib
import subprocess
import sys

import pytest

import dlbook
from tests.built import ROOT


@pytest.mark.parametrize("name", dlbook.__all__)
def test_a_name_is_that_of_its_module(name):
    (home,) = (module for module, names in dlbook.HOMES.items() if name in names)
    there = getattr(importlib.import_module(f"dlbook.{home}"), name)
    assert getattr(dlbook, name) is there
    assert there.__module__ == f"dlbook.{home}"
    assert name in dir(dlbook)


def test_type_checkers_are_told_of_the_same_names():
    source = (ROOT / "dlbook" / "__init__.py").read_text(encoding="utf-8")
    told = {}
    exec(source.replace("TYPE_CHECKING = False", "TYPE_CHECKING = True"), told)
    assert {name: told[name] for name in dlbook.__all__} == {it: getattr(dlbook, it) for it in dlbook.__all__}


def test_modules_and_all_names_can_be_had_from_the_package():
    names = {}
    exec("import dlbook\ndlbook.activations\nfrom dlbook import checks, losses\nfrom dlbook import *", names)
    assert names["losses"] is importlib.import_module("dlbook.losses")
    assert names.keys() >= set(dlbook.__all__)


@pytest.mark.parametrize(
    ("statement", "error", "said"),
    [
        ("dlbook.TwoLayersNet", AttributeError, "dlbook has no 'TwoLayersNet'; did you mean TwoLayerNet?"),
        ("from dlbook import trian", ImportError, "dlbook has no 'trian'; did you mean train?"),
        ("from dlbook import train, save_", ImportError, "dlbook has no 'save_'; did you mean save?"),
        ("from dlbook import tensorflow", ImportError, "dlbook has no 'tensorflow'"),
        ("import dlbook.nets", ModuleNotFoundError, "No module named 'dlbook.nets'"),
    ],
)  # fmt: skip
def test_a_typo_is_told_the_nearest_name(statement, error, said):
    with pytest.raises(error) as raised:
        exec(statement, {"dlbook": dlbook})
    assert str(raised.value) == said
    assert not hasattr(dlbook, "trian")


def test_the_package_alone_imports_nothing():
    """So that it takes no time, whatever is added to it."""
    code = "import sys; before = set(sys.modules); import dlbook; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["dlbook"]
