"""Links without words take the words of the heading that they lead to."""

import pytest
from bs4 import BeautifulSoup


@pytest.fixture
def links(project):
    project.write("docs/en/05-gradients.md", "# Gradients { .big }\n\n## What `it` costs { #cost .x }\n")
    project.write("docs/en/api/module.md", "# module\n\n```md\n## Fenced { #fenced }\n```\n\n## Plain\n")

    def links(text, page="docs/en/page.md"):
        html = BeautifulSoup(project.convert(text, page=page), "html.parser")
        return [(it["href"], it.decode_contents()) for it in html.select("a:not(.headerlink)")]

    return links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See [](05-gradients.md#cost).", ("05-gradients.md#cost", "What <code>it</code> costs")),
        ("| a |\n| --- |\n| [](05-gradients.md) |", ("05-gradients.md", "5. Gradients")),
        ("[](api/module.md)", ("api/module.md", "module")),
        ("[](#own)\n\n## Of *this* page { #own }", ("#own", "Of <em>this</em> page")),
        ("[](#own)\n\n## [](05-gradients.md#cost) { #own }", ("#own", "What <code>it</code> costs")),
        ("[words](05-gradients.md#cost)", ("05-gradients.md#cost", "words")),
    ],
)
def test_a_link_without_words_takes_those_of_the_heading(links, project, text, expected):
    assert links(f"# A\n\n{text}\n") == [expected]
    assert project.problems() == []


def test_links_count_from_their_page(links, project):
    assert links("# A\n\n[](../05-gradients.md)\n", page="docs/en/api/page.md")[0][1] == "5. Gradients"
    assert project.problems() == []


def test_a_heading_takes_the_words_alone(links, project):
    assert links("# A\n\n## [](05-gradients.md#cost) { #own }\n") == []
    page = BeautifulSoup(project.convert("# A\n\n## [](05-gradients.md#cost) { #own }\n"), "html.parser")
    assert page.h2.text == "What it costs#"
    assert page.h2["id"] == "own"


@pytest.mark.parametrize("code", ["`[](05-gradients.md)`", "```md\n[](05-gradients.md)\n```"])
def test_code_is_left_alone(links, code):
    assert links(f"# A\n\n{code}\n") == []


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("[](06-descent.md)", "there is no 06-descent.md whose title"),
        ("[](05-gradients.md#costs)", "05-gradients.md has no heading with { #costs } whose words"),
        (
            "[](api/module.md#plain)",
            "api/module.md has no heading with { #plain }",
        ),  # it has no id of its own
        ("[](api/module.md#fenced)", "api/module.md has no heading with { #fenced }"),
        ("[](#nothing)", "this page has no heading with { #nothing }"),
    ],
)
def test_where_there_are_no_words_to_take(links, project, link, message):
    links(f"# A\n\nText.\n\nSee {link}.\n")
    (problem,) = project.problems()
    assert problem.startswith("docs/en/page.md:5: ")
    assert message in problem
