"""Numbers by name, from a result to the page."""

import math
import os
import textwrap

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from scripts.extensions.results import duration

NBSP = "\N{NO-BREAK SPACE}"
VALUES = {
    "accuracy": [0.1, 0.5, 0.93456],
    "slope": -0.25,
    "parameters": 39760,
    "seconds": 137760,
    "name": "SGD -x",
    "good": True,
    "lr": {"0.1": {"final": -3}},
    "nothing": None,
    "empty": [],
    "epochs": [{"epoch": 1, "loss": 2.5}, {"epoch": 2, "loss": 1.25}],
}


@pytest.fixture
def measured(project):
    more = {
        "experiment": "run",
        "source": "scripts/experiments/run.py",
        "about": "Train a <small> network.",
        "seed": 7,
        "data": {"file": "dlbook/data/mnist.npz", "sha256": "0123456789abcdef" * 4},
        "versions": {"python": "3.11.4", "numpy": "2.4.6"},
        "machine": "x86_64, 2 cores, Linux",
        "date": "2026-11-21T07:30:00Z",
        "seconds": 12.34,
    }
    project.result("run", VALUES, **more)
    project.result("pure", {"x": 1}, **{**more, "data": None})
    return project


def text(page):
    return BeautifulSoup(page, "html.parser").get_text()


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("{{ run.accuracy[-1]:.2% }}", "93.46%"),
        ("{{ run.accuracy[0]:.3f }}", "0.100"),
        ("{{run.accuracy[0]:.3f}}", "0.100"),
        ("{{ run.slope:.2f }}", "−0.25"),
        ("{{ run.slope:+.1e }}", "−2.5e-01"),
        ("{{ run.parameters }}", "39760"),
        ("{{ run.parameters:, }}", "39,760"),
        ("{{ run.seconds:duration }}", f"38{NBSP}h{NBSP}16{NBSP}min"),
        ("{{ run.name }}", "SGD -x"),
        ("{{ run.good }}", "True"),
        ('{{ run.lr["0.1"].final }}', "−3"),
    ],
)
def test_a_number_in_prose(measured, directive, expected):
    assert text(measured.convert(f"Before {directive} after.")) == f"Before {expected} after."
    assert measured.problems() == []


def test_notes_on_typed_numbers_are_not_for_readers(measured):
    page = measured.convert("""\
        # A

        One
        <!-- typed: 0.9 * 8 -->
        paragraph.

        <!-- typed because: it is
        a budget -->
        | a |
        | --- |
        | {{ run.epochs[0] }} |

        - item
            <!-- typed: 1 -->
            more

        ```html
        <!-- typed: 0.9 * 8 -->
        ```
    """)
    assert page.count("typed") == 1
    soup = BeautifulSoup(page, "html.parser")
    assert soup.p.text == "One\nparagraph."
    assert soup.table
    assert soup.li.text.split() == ["item", "more"]


def test_where_numbers_stand(measured):
    page = BeautifulSoup(
        measured.convert(r"""
        Braces of TeX are no numbers: $\hat{{y}}$, $x_{{n}_{k}}$, ${{ \bf x }}$, ${{a}}^{{b}}$.

        !!! note "Of {{ run.parameters }}"

            In an admonition {{ run.parameters }}.

        | a | b |
        | --- | --- |
        | {{ run.slope:.1f }} | $y = {{ run.slope:.2f }}$ |

        {{ run:provenance }}

        ![Loss falls.](x.png)

        /// figure-caption
        Caption {{ run.parameters:, }}
        ///

        $$
        x^{{2}} = {{ run.accuracy[0]:.1f }}
        $$

        <p>Raw {{ run.parameters }}</p>

        Footnote[^1].

        [^1]: Note {{ run.parameters }}.
        """),
        "html.parser",
    )
    assert measured.problems() == []
    assert page.select_one(".admonition-title").text == "Of 39760"
    assert "In an admonition 39760." in page.text
    assert page.select_one("td").text == "−0.2"
    tex = [it.text.strip() for it in page.select("annotation")]
    assert tex[:4] == [r"\hat{{y}}", "x_{{n}_{k}}", r"{{ \bf x }}", "{{a}}^{{b}}"]
    assert tex[4:] == ["y = −0.25", "x^{{2}} = 0.1"]
    assert "Caption 39,760" in page.select_one("figcaption").text
    assert "Raw 39760" in page.text
    assert "Note 39760." in page.select_one(".footnote").text


@pytest.mark.parametrize(
    "code",
    [
        "`{{ run.slope }}`",
        "``a ` {{ run.slope }}``",
        "```text\n{{ run.slope }}\n```",
        "!!! note\n\n    ~~~\n    {{ none.such }}\n    | {{ run.epochs[*].epoch }} |\n    ~~~",
    ],
)
def test_code_is_left_alone(measured, code):
    page = text(measured.convert(f"# A\n\n{code}\n"))
    assert "{{ run.slope }}" in page or "{{ none.such }}" in page
    assert measured.problems() == []


def test_rows(measured):
    page = BeautifulSoup(
        measured.convert("""\
        | Epoch | Loss | Of |
        | --- | --- | --- |
        | {{ run.epochs[*].epoch }} | {{ run.epochs[*].loss:.2f }} | {{ run.parameters }} |

        {{ run:provenance }}

        - number {{ run.accuracy[*]:.1f }}
        """),
        "html.parser",
    )
    rows = [[cell.text for cell in row.select("td")] for row in page.table.select("tbody tr")]
    assert rows == [["1", "2.50", "39760"], ["2", "1.25", "39760"]]
    assert [it.text for it in page.select("li")] == ["number 0.1", "number 0.5", "number 0.9"]


@pytest.mark.parametrize("indent", ["", "    "])
def test_provenance(measured, indent):
    lead = "!!! note\n\n" if indent else ""
    page = BeautifulSoup(measured.convert(f"{lead}{indent}{{{{ run:provenance }}}}\n"), "html.parser")
    box = page.select_one("details.provenance")
    assert bool(indent) == (box.find_parent(class_="admonition") is not None)
    assert box.parent.name != "p"
    assert "open" not in box.attrs
    assert box.summary.text == "Where these numbers come from"
    assert {row.th.text: row.td.text for row in box.select("tr")} == {
        "Experiment": "scripts/experiments/run.py: Train a <small> network.",
        "Seed": "7",
        "Data": "dlbook/data/mnist.npz, SHA-256 0123456789abcdef…",
        "Versions": "python 3.11.4, numpy 2.4.6",
        "Machine": "x86_64, 2 cores, Linux",
        "Run": f"2026-11-21 07:30:00 UTC, in 12.3{NBSP}s",
    }
    assert box.select_one("code[title]")["title"] == "0123456789abcdef" * 4
    assert (box.a, box.code.text) == (None, "scripts/experiments/run.py"), "no address is made up"


def test_provenance_without_data_and_with_an_address(measured):
    page = measured.convert("{{ pure:provenance }}", numbers={"repository": "https://example.org/book"})
    assert "none: everything is computed" in text(page)
    assert 'href="https://example.org/book/blob/main/scripts/experiments/run.py"' in page


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("{{ runs.slope:.1f }}", "there is no result named 'runs'; known results: bare, pure, run"),
        ("{{ run.slop:.1f }}", "run has no .slop; it is a mapping with the keys accuracy, slope"),
        ("{{ run.accuracy[3]:.1f }}", "run.accuracy has no [3]; it is a list of 3"),
        ("{{ run.accuracy[-4]:.1f }}", "run.accuracy has no [-4]"),
        ("{{ run.accuracy.mean:.1f }}", "run.accuracy has no .mean; it is a list of 3"),
        ("{{ run.lr[0] }}", "run.lr has no [0]; it is a mapping with the keys 0.1"),
        ("{{ run.slope[0] }}", "run.slope has no [0]; it is -0.25"),
        ("{{ run.slope }}", "run.slope is -0.25: say how to round it, as in {{ run.slope:.3f }}"),
        ("{{ run.accuracy:.1f }}", "run.accuracy is a list of 3, not a number"),
        ("{{ run.nothing }}", "run.nothing is None, not a number"),
        ("{{ run }}", "run is a mapping with the keys accuracy"),
        (
            "{{ run.slope:.1q }}",
            "run.slope is -0.25, which the format '.1q' does not fit: Unknown format code 'q'",
        ),
        (
            "{{ run.parameters:s }}",
            "run.parameters is 39760, which the format 's' does not fit: Unknown format code",
        ),
        ("{{ run.name:duration }}", "run.name is 'SGD -x', which the format 'duration' does not fit"),
        (
            "{{ run.slope:duration }}",
            "run.slope is -0.25, which the format 'duration' does not fit: a duration must be finite",
        ),
        ("{{ run.slope | round }}", "'run.slope | round' must look like"),
        ("{{ run.accuracy[0:1] }}", "'run.accuracy[0:1]' must look like"),
        ("{{ __import__('os') }}", "\"__import__('os')\" must look like"),
        ("{{ run.slope:.1f }", "'{{ run.slope:.1f } b.' is not closed by '}}' on its line"),
        (
            "{{ run.empty[*] }}",
            "run.empty[*]: [*] needs one list that is not empty; run.empty is a list of 0",
        ),
        ("{{ run.slope[*] }}", "run.slope[*]: [*] needs one list"),
        ("{{ run.epochs[*].x[*] }}", "run.epochs[*].x[*]: [*] needs one list"),
        ("{{ run.epochs[*].epoch }} {{ run.accuracy[*]:.1f }}", "the lists of one row differ in length"),
        ("{{ run.epochs[*].end }}", "run.epochs[0] has no .end; it is a mapping with the keys epoch, loss"),
        ("{{ run:provenance }}", "run:provenance: provenance belongs to a whole result"),
        ("{{ dlbook.losses.cross_entropy_error }}", "code by name must stand alone on its line"),
        ("\n## Of {{ run.parameters }}", "a heading cannot hold numbers by name"),
        ("\n\n{{ bare:provenance }}\n", "the result lacks 'data'"),
    ],
)
def test_what_cannot_be_found(measured, directive, message):
    measured.result("bare", {}, source="x.py", about="", seed=0)
    page = measured.convert(f"# A\n\nText\na {directive} b.\n\nEnd.\n")
    (problem, *rest) = measured.problems()
    assert problem.startswith(f"docs/en/page.md:{4 + directive[:2].count(chr(10))}: ")
    assert message in problem
    assert len(rest) == (1 if directive.endswith(".end }}") else 0)  # one a row
    assert f'<span class="build-error">{problem.partition(": ")[0]}: ' in page
    assert "<p>End.</p>" in page


TABLE = "| a | b |\n| --- | --- |\n| 1 | {{ run.parameters }} |\n| {{ pure.x }} | {{ run.parameters }} |\n"


BOXES = "\n{{ run:provenance }}\n\n{{ pure:provenance }}\n\n"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (f"{TABLE}{BOXES}## Next\n", ""),
        (f"{BOXES}Text.\n\n{TABLE}\n# Next\n", ""),
        ("Of {{ run.parameters }}.\n\n```text\n| {{ run.parameters }} |\n```\n", ""),  # no table
        (TABLE, "{{ pure:provenance }} and {{ run:provenance }}"),
        (f"{TABLE}\n{{{{ run:provenance }}}}", "{{ pure:provenance }}"),
        (
            f"{{{{ run:provenance }}}}\n\n{TABLE}\n## Next\n\n{{{{ pure:provenance }}}}",
            "{{ pure:provenance }}",
        ),
        (f"{BOXES}### Here\n\n{TABLE}\n", "{{ pure:provenance }} and {{ run:provenance }}"),
        (f"!!! note\n\n{textwrap.indent(TABLE, '    ')}", "{{ pure:provenance }} and {{ run:provenance }}"),
    ],
)
def test_each_table_needs_the_boxes_of_its_results_under_its_heading(measured, text, missing):
    twice = f"# A\n\n{text}\n\n# B\n\n{text}"
    page = measured.convert(twice)
    row = "| {{ pure" if missing.startswith("{{ pure") and " and " not in missing else "| 1 |"
    lines = [at for at, line in enumerate(twice.split("\n"), 1) if row in line] if missing else []
    said = f"a table of measured numbers needs {missing} under the same heading"
    assert measured.problems() == [f"docs/en/page.md:{line}: {said}" for line in lines]
    assert page.count('class="build-error"') == len(lines)
    rows = BeautifulSoup(page, "html.parser").select("tbody tr")
    assert all(len(row.select("th, td")) == 2 for row in rows)


def test_new_results_show_at_once(measured):
    assert text(measured.convert("{{ run.parameters }}")) == "39760"
    measured.result("run", {"parameters": 1})
    os.utime(measured.root / "results/run.json", ns=(1, 1))
    assert text(measured.convert("{{ run.parameters }}")) == "1"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (3.25e-4, "325 µs"),
        (0.31, "310 ms"),
        (0.9996, "1 s"),
        (9.996e-4, "1 ms"),
        (2.5e-9, "2.5 ns"),
        (22.94, "22.9 s"),
        (59.96, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (137760, "38 h 16 min"),
        (7200, "2 h"),
        (360000, "100 h"),
    ],
)
def test_durations(seconds, expected):
    assert duration(seconds) == expected.replace(" ", NBSP)


@given(st.floats(1e-9, 1e7))
def test_a_duration_says_the_time_to_three_digits(seconds):
    units = {"h": 3600, "min": 60, "s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    words = duration(seconds).split(NBSP)
    said = sum(float(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert math.isclose(said, seconds, rel_tol=0.0085)
    assert all(
        0 < float(number) < 1000 or unit == "h" for number, unit in zip(words[::2], words[1::2], strict=True)
    )
