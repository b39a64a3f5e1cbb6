"""Each code block of each built page, copied as readers copy it: it runs, and prints what the page shows."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from scripts.checks.page_code import Block, Output, pairs
from tests.built import CHAPTERS, ROOT, code_blocks, html, kind, of_kind, pages, soup, wrong_outputs

KNOWN = {"text", "sh", "bash", "powershell", "toml", "json", "yaml", "makefile", "css"}
SHELLS = {"sh", "bash", "powershell"}
NOT_RUN = "Not run: "


# Blocks that run


def test_blocks_print_what_the_page_shows(built_page, reader):
    if built_page == "bugs.html":
        pytest.skip("tests/test_bugs.py runs each program of the gallery, alone, and compares what it prints")
    if wrong := wrong_outputs(built_page, code_blocks(built_page), reader):
        pytest.fail(wrong, pytrace=False)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_computes_and_shows_it(chapter, site):
    """So that nothing above passes because no block was recognised."""
    shown = [output for block, output in pairs_of(f"{chapter}.html") if block and output]
    solutions = [code for code in of_kind(f"{chapter}.html", "run") if code.tag.find_parent("details")]
    assert len(shown) >= 5
    assert solutions


def pairs_of(page):
    blocks = of_kind(page, "run", "output")
    return pairs(Output(code.text, "") if kind(code) == "output" else Block(code.text, "") for code in blocks)


# No block is left out


def test_every_block_is_accounted_for(built_page):
    blocks = code_blocks(built_page)
    text = html(built_page)
    numbers = len(soup(built_page).select(".linenos pre"))
    assert len(blocks) == len(re.findall(r"<pre\b", text)) - numbers

    proved = of_kind(built_page, "run", "not run", "source", "signature")
    tagged = re.findall(r"""class=["'](?:[^"']*\s)?language-(?:python|py|python3|pycon)\b""", text)
    assert len(proved) == len(tagged)


def test_code_that_is_not_python_says_what_it_is(built_page):
    for code in of_kind(built_page, "other"):
        assert code.language in KNOWN, (
            f"language {code.language!r} of {code.text!r}; known are {sorted(KNOWN)}"
        )
        assert not re.search(r"^(>>>|\$|%) ", code.text, re.MULTILINE), (
            f"a prompt is copied too: {code.text!r}"
        )
        assert code.language not in SHELLS or "#" not in code.text, f"a comment is copied too: {code.text!r}"
        assert not is_python(code.text), (
            f"Python that is not run, for it is marked {code.language!r}: {code.text!r}"
        )


def is_python(text):
    """Whether a text is code that does something, and not words or numbers that happen to parse."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return False
    doing = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.Call | ast.For
    return any(isinstance(node, doing) for node in ast.walk(tree))


def test_outputs_are_text(built_page):
    assert [code.language for code in of_kind(built_page, "output")] == ["text"] * len(
        of_kind(built_page, "output")
    )


def test_a_block_that_does_not_run_gives_its_reason(built_page):
    for code in of_kind(built_page, "not run"):
        assert len(code.title.removeprefix(NOT_RUN)) > 10, code.title
        ast.parse(code.text)


def test_few_blocks_do_not_run(site):
    left_out = [(page, code.title) for page in pages() for code in of_kind(page, "not run")]
    assert len(left_out) <= 3, left_out


def test_blocks_need_nothing_but_what_the_reader_installed(built_page):
    allowed = set(sys.stdlib_module_names) | {"numpy", "dlbook"}
    for code in of_kind(built_page, "run"):
        for node in ast.walk(ast.parse(code.text)):
            names = [it.name for it in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, code.text


# The reader's environment


def test_the_reader_has_numpy_and_dlbook_and_nothing_else(reader):
    names = "[it.metadata['Name'] for it in importlib.metadata.distributions()]"
    command = [reader, "-I", "-c", f"import importlib.metadata, json; print(json.dumps({names}))"]
    installed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    # What venv itself may put there does no harm.
    assert sorted(set(installed) - {"pip", "setuptools"}) == ["dlbook", "numpy"]


def test_the_readers_dlbook_is_this_one(reader):
    command = [reader, "-I", "-c", "import dlbook; print(dlbook.__file__)"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    installed = Path(found.strip()).parent
    assert reader.parents[1] in installed.parents
    for path in (ROOT / "dlbook").rglob("*"):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
        if path.is_file() and not hidden:
            other = installed / path.relative_to(ROOT / "dlbook")
            assert other.is_file(), f"{other} is missing: run `make test`"
            assert other.read_bytes() == path.read_bytes(), f"{other} is out of date: run `make test`"


# The sources on the API pages


def documented(code):
    """Find the object that a block of an API page belongs to."""
    heading = code.tag.find_parent(class_="doc-object").find(class_="doc-heading")
    parts = heading["id"].split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:-1]:
            found = getattr(found, name)
        return found, parts[-1], getattr(found, parts[-1], None)
    raise LookupError(heading["id"])


def source_of(thing):
    """The source that the page shows: a class is shown by its `__init__`."""
    return textwrap.dedent(inspect.getsource(thing.__init__ if inspect.isclass(thing) else thing)).rstrip()


def test_sources_shown_are_the_sources(built_page):
    for code in of_kind(built_page, "source"):
        _, name, thing = documented(code)
        assert code.text == source_of(thing), name


def test_signatures_shown_are_the_signatures(built_page):
    for code in of_kind(built_page, "signature"):
        owner, name, thing = documented(code)
        if not (inspect.isroutine(thing) or inspect.isclass(thing)):
            assert re.match(rf"{name}\b", code.text), (owner, code.text)
            continue
        shown = ast.parse(f"def {code.text}: pass").body[0]
        assert shown.name == name
        defined = ast.parse(source_of(thing)).body[0]
        own = [it for it in defined.args.args if it.arg not in ("self", "cls")]
        assert ast.dump(shown.args) == ast.dump(ast.arguments(**{**vars(defined.args), "args": own})), name
