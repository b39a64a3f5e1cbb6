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
    assert message.startswith("docs/en/page.md:4: no experiment has left a result 'nothing'")
    assert '<span class="build-error">docs/en/page.md:4: no experiment' in html


@pytest.mark.parametrize("end", ["---", "..."])
def test_front_matter_counts_although_mkdocs_strips_it(project, end):
    body = "# A page\n\n$\\nonsense$\n"
    project.write("docs/en/page.md", f"---\ntitle: A\nhide: [toc]\n{end}\n\n\n{body}")
    project.convert(body, page=None)
    assert where(project) == ["docs/en/page.md:9"]


def test_front_matter_that_was_not_stripped(project):
    project.convert("---\ntitle: A\n---\n\n$\\nonsense$\n")
    assert where(project) == ["docs/en/page.md:5"]


def test_a_mistake_made_twice_is_found_twice_and_not_in_a_fence(project):
    project.convert("""\
        $\\nonsense$

        ```tex
        $\\nonsense$
        ```

        !!! note

            $\\nonsense$
        """)
    assert where(project) == ["docs/en/page.md:1", "docs/en/page.md:9"]


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


def test_the_page_among_others(project):
    project.write("docs/en/a.md", "# A\n\n$x$\n")
    project.write("docs/en/deep/c.md", "# C\n")
    project.convert("# B\n\n$\\nonsense$\n", page="docs/ko/b.md")
    assert where(project) == ["docs/ko/b.md:3"]


def test_a_formula_with_a_number_in_it(project):
    project.result("run", {"x": 0.25})
    project.convert(
        "# A\n\nText\nand $\\nonsense {{ run.x:.2f }}$.\n\n$$\na + {{ run.x:.1f }}\n\\worse\n$$\n"
    )
    assert where(project) == ["docs/en/page.md:4", "docs/en/page.md:7"]


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


def test_one_converter_may_convert_many_texts(project):
    md = project.converter()
    project.write("docs/en/a.md", "$\\nonsense$")
    project.write("docs/en/b.md", "\n\n# B\n\n$\\nonsense$")
    md.convert("$\\nonsense$")
    md.reset()
    md.convert("# B\n\n$\\nonsense$")
    assert where(project) == ["docs/en/a.md:1", "docs/en/b.md:5"]


@pytest.fixture
def site(project):
    """A MkDocs site with API pages, whose only extensions of ours are given by name."""
    names = ("code", "numbers", "katex", "figures")
    ours = "".join(f"  scripts.extensions.{name}: {{root: {project.root}}}\n" for name in names)
    project.write("docs/en/index.md", "# Home\n\nA formula $a_1$.\n")
    project.write("docs/en/drawn.md", "# Drawn\n\n![A line.](assets/figures/line.svg)\n")
    project.write(
        "docs/en/assets/figures/line.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 4"/>'
    )
    project.write("docs/en/api.md", "# API\n\n::: dlbook.b\n")
    project.write("dlbook/__init__.py", "")
    project.write(
        "dlbook/b.py", 'def f():\n    r"""Do.\n\n    Notes\n    -----\n    Let $x_7 = 1$.\n    """\n'
    )
    config = """\
        site_name: A
        docs_dir: docs/en
        strict: true
        plugins:
          mkdocstrings:
            handlers: {python: {paths: [.], options: {docstring_style: numpy}}}
        markdown_extensions:
          pymdownx.arithmatex: {generic: true}
        """
    project.write("mkdocs.yml", config)
    with (project.root / "mkdocs.yml").open("a") as file:
        file.write(ours)
    return project


def build(site):
    command = [sys.executable, "-m", "mkdocs", "build"]  # --quiet would also keep strict from counting
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        command, cwd=site.root, env=environment, capture_output=True, text=True, timeout=120
    )


def test_mkdocs_builds_pages_and_docstrings(site):
    done = build(site)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    # The figure was measured before MkDocs turned its path into an address.
    assert 'src="../assets/figures/line.svg" width="9"' in (site.root / "site/drawn/index.html").read_text()
    assert '<annotation encoding="application/x-tex">a_1<' in (site.root / "site/index.html").read_text()
    assert (
        '<annotation encoding="application/x-tex">x_7 = 1<' in (site.root / "site/api/index.html").read_text()
    )


def test_mkdocs_fails_strictly_and_names_both_lines(site):
    site.write("docs/en/index.md", "---\ntitle: Home\n---\n\n# Home\n\nA formula $\\nonsense_1$.\n")
    site.write(
        "dlbook/b.py", 'def f():\n    r"""Do.\n\n    Notes\n    -----\n    Let $\\nonsense_2$.\n    """\n'
    )
    done = build(site)
    assert done.returncode != 0
    assert "docs/en/index.md:7: Undefined control sequence: \\nonsense" in done.stdout + done.stderr
    assert "dlbook/b.py:6: Undefined control sequence: \\nonsense" in done.stdout + done.stderr
    assert "strict mode" in done.stdout + done.stderr
