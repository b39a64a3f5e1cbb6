"""The list of faults: each fits the present sources, changes them, and is caught or else reported."""

import pytest

from scripts.maintain import faults
from scripts.maintain.faults import FAULTS, ROOT, Check, Fault, Outcome, cut, flip, naming, remove, swap
from tests.subjects import subject


@pytest.fixture
def project(tmp_path):
    """A folder that holds one file."""
    (tmp_path / "page.md").write_text("one, two, two", encoding="utf-8")
    return tmp_path


def fault(edit, *commands, file="page.md"):
    return Fault("name", file, edit, tuple(Check(("-c", command), ()) for command in commands))


def read(project):
    return (project / "page.md").read_text(encoding="utf-8")


def test_there_are_many_faults_and_no_name_comes_twice():
    assert len({it.name for it in FAULTS}) == len(FAULTS) >= 40


@pytest.mark.parametrize("it", FAULTS, ids=lambda it: it.name)
def test_a_fault_fits_the_present_sources(it):
    """That is, each text that it replaces is there, as often as it says."""
    if not (ROOT / it.file).is_file():
        pytest.fail(
            f"there is no {it.file}: run `make build`, or mend the list in scripts/maintain/faults.py"
        )
    it.changed((ROOT / it.file).read_bytes())
    assert it.checks


def test_faults_are_put(project):
    for edit, left in (
        (swap("one", "three"), "three, two, two"),
        (swap("two", "2", times=2), "three, 2, 2"),
        (cut(3), "thr"),
        (flip(0), "uhr"),
    ):
        fault(edit).put(project)
        assert read(project) == left
    fault(remove).put(project)
    assert not (project / "page.md").exists()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (swap("three", "four"), "'three' occurs 0 times, not 1"),
        (swap("two", "2"), "'two' occurs 2 times, not 1"),
        (swap("one", "one"), "fault name changes nothing in page.md"),
        (cut(100), "changes nothing"),
    ],
)
def test_a_fault_that_does_not_fit_or_changes_nothing_is_refused(project, edit, said):
    with pytest.raises(ValueError, match=said):
        fault(edit).put(project)
    assert read(project) == "one, two, two"


SAYS = "import sys; sys.exit(f'page.md: ' + open('page.md').read())"
SILENT = "pass"
ELSEWHERE = "import sys; sys.exit('something is wrong')"


@pytest.mark.parametrize(
    ("commands", "by", "line"),
    [
        ([SAYS, ELSEWHERE], SAYS, "page.md: three, two, two"),
        ([SILENT, SAYS], SAYS, "page.md: three, two, two"),
        ([SILENT], None, ""),
        ([ELSEWHERE, SAYS], ELSEWHERE, ""),
    ],
)
def test_the_first_check_that_stops_counts(project, tmp_path_factory, commands, by, line):
    it = fault(swap("one", "three"), *commands)
    outcome = faults.attempt(it, project, tmp_path_factory.mktemp("copies"))
    assert (outcome.by and outcome.by.command[1], outcome.line) == (by, line)
    assert outcome.good == bool(line)
    assert read(project) == "one, two, two", "the fault is in a copy"


@pytest.mark.parametrize(("outcome", "code"), [("page.md: wrong", 0), ("", 1), (None, 1)])
def test_one_that_is_not_caught_or_not_named_fails_the_whole(monkeypatch, capsys, outcome, code):
    it = fault(remove, SAYS)
    monkeypatch.setattr(faults, "FAULTS", [it])
    monkeypatch.setattr(faults, "copy", lambda source, target: target)
    monkeypatch.setattr(faults, "complaints", lambda project, faults: "")
    monkeypatch.setattr(
        faults, "attempt", lambda *_: Outcome(it, None if outcome is None else it.checks[0], outcome or "")
    )
    assert faults.main([]) == code
    assert {"page.md: wrong": "page.md: wrong", "": "FILE NOT NAMED", None: "NOTHING"}[
        outcome
    ] in capsys.readouterr().out


def test_what_fails_without_any_fault_proves_nothing(project, monkeypatch, capsys):
    (project / "scripts").mkdir()
    (project / "scripts/build.py").touch()
    monkeypatch.setattr(faults, "ROOT", project)
    monkeypatch.setattr(faults, "FAULTS", [fault(remove, ELSEWHERE)])
    assert faults.main([]) == 1
    assert "something is wrong\n\nWithout any fault" in capsys.readouterr().err


def test_unknown_name_is_told_the_nearest():
    with pytest.raises(SystemExit, match=r"no fault called outputdigit: did you mean output-digit"):
        faults.main(["outputdigit"])


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("tests/test_losses.py:3: wrong", ""),
        ("old/dlbook/losses.pyc", ""),
        ("E  in dlbook/losses.py\ndlbook/losses.py:3: wrong", "dlbook/losses.py:3: wrong"),
        ("  see dlbook/losses.py, line 3  ", "see dlbook/losses.py, line 3"),
    ],
)
def test_a_line_that_names_the_file_is_found(said, line):
    assert naming(said, "dlbook/losses.py") == line


def test_mkdocs_names_pages_from_their_folder():
    assert naming("Doc file 'setup.md' contains a link", "docs/en/setup.md")
    assert not naming("Doc file 'set-up.md' contains a link", "docs/en/setup.md")


@pytest.mark.parametrize(
    ("test", "file"),
    [
        ("tests/test_losses.py::test_it", "dlbook/losses.py"),
        ("tests/extensions/test_figures.py::test_it[a-b]", "scripts/extensions/figures.py"),
        ("tests/test_style.py::test_it", "scripts/figures/style.py"),
        (
            "tests/extensions/test_measured.py::test_it",
            "scripts/extensions/numbers.py, scripts/extensions/results.py",
        ),
        ("tests/test_site.py::test_it", "tests/test_site.py"),
        ("tests/test_site.py::test_it[api/losses.html]", "docs/en/api/losses.md"),
        ("tests/test_site.py::test_it[03-loss-functions]", "docs/en/03-loss-functions.md"),
        ("tests/test_site.py::test_it[404.html]", "docs/theme/404.html"),
        ("tests/test_browser.py::test_it[setup.html-light-390]", "docs/en/setup.md"),
        ("tests/interactive/test_losses.py::test_it", "docs/interactive/maths/losses.js"),
        ("tests/interactive/test_graph_figure.py::test_it", "docs/interactive/graph.js"),
        ("tests/interactive/test_figures.py::test_it[gates-light-390]", "docs/interactive/gates.js"),
        ("tests/interactive/test_touch.py::test_it", "tests/interactive/test_touch.py"),
    ],
)
def test_failures_say_where_to_look(test, file):
    assert subject(test) == file
