"""Problems are reported with the file and the line, and fail a strict build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def where(project):
    return [message.partition(": ")[0] for message in project.problems()]


def test_file_and_line(project):
    html = project.convert("# A page\n\nOne.\nTwo {{ nothing.here }}.\n")
    (message,) = project.problems()
    assert message.startswith("docs/en/page.md:4: there is no result named 'nothing'")
    assert '<span class="build-error">docs/en/page.md:4: there is no result' in html


@pytest.mark.parametrize("end", ["---", "..."])
def test_front_matter_counts_although_mkdocs_strips_it(project, end):
    body = "# A page\n\n$\\nonsense$\n"
    project.write("docs/en/page.md", f"---\ntitle: A\nhide: [toc]\n{end}\n\n\n{body}")
    project.convert(body, page=None)
    assert where(project) == ["docs/en/page.md:9"]


IN_PLACES = """\
$\\nonsense$

```tex
$\\nonsense$
```

!!! note

    $\\nonsense$
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("---\ntitle: A\n---\n\n$\\nonsense$\n", [5]),  # front matter that nobody strips
        (IN_PLACES, [1, 9]),
        ("Text\nand $\\nonsense {{ run.x:.2f }}$.\n\n$$\na + {{ run.x:.1f }}\n\\worse\n$$\n", [2, 5]),
    ],
)
def test_each_mistake_is_found_in_its_line(project, text, lines):
    project.result("run", {"x": 0.25})
    project.convert(text)
    assert where(project) == [f"docs/en/page.md:{line}" for line in lines]


def test_a_fragment_of_another_page_is_found_there(project):
    project.result("run", {"x": 0.25})
    project.write(
        "docs/en/chapter.md",
        """\
        ---
        title: A
        ---

        $\\nonsense$

        <!-- --8<-- [start:bug] -->

        Here is $\\nonsense$,
        {{ run.y:.2f }} and $\\worse {{ run.x:.1f }}$.

        <!-- --8<-- [end:bug] -->
        """,
    )
    html = project.convert('# All\n\n$\\bad$\n\n--8<-- "chapter.md:bug"\n', page="docs/en/all.md")
    assert sorted(where(project)) == [
        f"docs/en/{place}" for place in ("all.md:3", *["chapter.md:10"] * 2, "chapter.md:9")
    ]
    assert "Here is" in html
    assert "8<" not in html


def test_a_page_that_changed_is_read_again(project):
    project.convert("$\\nonsense$\n")
    file = project.root / "docs/en/page.md"
    os.utime(file, ns=(1, 1))
    project.convert("# New\n\n$\\nonsense$\n")
    assert where(project) == ["docs/en/page.md:1", "docs/en/page.md:3"]


def test_a_text_that_is_no_file(project):
    project.convert("Some *text*\n\n$\\nonsense$", page=None)
    (message,) = project.problems()
    assert message.startswith("a text that is no file below docs ('Some *text*'): Undefined control")


def test_a_docstring(project):
    project.write("dlbook/a.py", 'X = "$good$"\n')
    project.write("dlbook/b.py", 'def f():\n    r"""Do.\n\n    Let $x$ be\n    $\\nonsense$.\n    """\n')
    project.convert("Let $x$ be\n$\\nonsense$.", page=None)
    assert where(project) == ["dlbook/b.py:5"]


def test_one_converter_may_convert_many_texts_among_others(project):
    md = project.converter()
    project.write("docs/en/a.md", "$\\nonsense$")
    project.write("docs/ko/b.md", "\n\n# B\n\n$\\nonsense$")
    project.write("docs/en/deep/c.md", "# C\n")
    md.convert("$\\nonsense$")
    md.reset()
    md.convert("# B\n\n$\\nonsense$")
    assert where(project) == ["docs/en/a.md:1", "docs/ko/b.md:5"]


def test_mkdocs_fails_strictly_and_names_both_lines(project):
    """Of a page and of a docstring. That what is right builds, the book itself shows."""
    project.write(
        "docs/en/index.md", "---\ntitle: Home\n---\n\n# Home\n\nA formula $\\nonsense_1$.\n\n::: dlbook.b\n"
    )
    project.write("dlbook/__init__.py", "")
    project.write(
        "dlbook/b.py", 'def f():\n    r"""Do.\n\n    Notes\n    -----\n    $\\nonsense_2$\n    """\n'
    )
    config = """\
        site_name: A
        docs_dir: docs/en
        strict: true
        plugins:
          mkdocstrings:
            handlers: {{python: {{paths: [.], options: {{docstring_style: numpy}}}}}}
        markdown_extensions:
          pymdownx.arithmatex: {{generic: true}}
          scripts.extensions.katex: {{root: {}}}
        """
    project.write("mkdocs.yml", config.format(project.root))
    command = [sys.executable, "-m", "mkdocs", "build"]  # --quiet would also keep strict from counting
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    for said in ("docs/en/index.md:7: Undefined", "dlbook/b.py:6: Undefined", "strict mode"):
        assert said in done.stdout + done.stderr
