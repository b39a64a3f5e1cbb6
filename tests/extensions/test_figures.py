"""Figures: size, loading, alt text, and where each comes from."""

import hashlib

import pytest
from bs4 import BeautifulSoup

SVG = '<?xml version="1.0"?>\n<!-- c -->\n<svg xmlns="http://www.w3.org/2000/svg" {}><g/></svg>'
RUN = {
    "about": "Train.",
    "data": None,
    "versions": {"python": "3.11.4"},
    "machine": "x86_64",
    "date": "2026-11-21T07:30:00Z",
    "seconds": 12.34,
}
CAPTIONED = """\
# A

![Error falls as h² until 1e-5, then rises.](assets/figures/vee.svg)

/// figure-caption
Of $h$ and
*more*
///

End.
"""


@pytest.fixture
def drawn(project):
    size = 'width="518.4pt" height="345.6pt" viewBox="0 0 518.4 345.6"'
    project.write("docs/en/assets/figures/vee.svg", SVG.format(size))
    project.write("docs/ko/assets/figures/vee.svg", SVG.format('width="75pt" height="37.5pt"'))
    project.write("scripts/figures/vee.py", '"""Draw a V."""\ndef draw(): ...\n')
    return project


def boxed(page):
    """Give what the box of a figure says, line by line."""
    return [(row.th.text, row.td.text) for row in page.select("figcaption > details.provenance tr")]


def convert(project, text, **options):
    return BeautifulSoup(project.convert(text, **options), "html.parser")


def test_an_image_is_completed(drawn):
    first, *others = convert(drawn, CAPTIONED + "\n![B.](assets/figures/vee.svg)\n" * 2).find_all("img")
    assert drawn.problems() == []
    assert [image["loading"] for image in others] == ["lazy", "lazy"]
    assert first.attrs == {
        "alt": "Error falls as h² until 1e-5, then rises.",
        "src": "assets/figures/vee.svg",
        "width": "691",
        "height": "461",
        "loading": "eager",
        "decoding": "async",
    }


def test_the_caption_ends_with_where_it_comes_from(drawn):
    page = convert(drawn, CAPTIONED)
    box = page.figcaption.find_all(recursive=False)[-1]
    assert (box.name, box["class"], box.attrs.get("open")) == ("details", ["provenance"], None)
    assert box.summary.text == "How it was drawn"
    assert (box.a, box.code.text) == (None, "scripts/figures/vee.py"), "no address is made up"
    assert boxed(page) == [
        ("Script", "scripts/figures/vee.py: Draw a V."),
        ("Numbers", "computed in the script, without a run"),
    ]
    box.extract()
    page.select_one("bdi").replace_with("h")
    assert page.figcaption.text.strip() == "Figure 1. Of h and\nmore"


@pytest.mark.parametrize(
    ("module", "rows"),
    [
        ("losses", [("Numbers", "computed from dlbook, without a run")]),
        (
            "networks",  # which import the data set
            [
                ("Numbers", "computed from dlbook, without a run"),
                ("Data", f"dlbook/data/mnist.npz, SHA-256 {hashlib.sha256(b'data').hexdigest()[:16]}…"),
            ],
        ),
    ],
)
def test_a_figure_that_computes_says_from_what(drawn, module, rows):
    drawn.write("dlbook/losses.py", "")
    drawn.write("dlbook/networks.py", "from .datasets import load_mnist\n")
    drawn.write("dlbook/datasets.py", "")
    drawn.write("dlbook/data/mnist.npz", "data")
    drawn.write("scripts/figures/vee.py", f'"""Draw."""\nfrom dlbook.{module} import f\ndef draw(): ...\n')
    assert boxed(convert(drawn, CAPTIONED))[1:] == rows


@pytest.mark.parametrize("interactive", ["", "{ data-interactive=vee }"])
def test_a_figure_that_reads_results_says_where_each_comes_from(drawn, interactive):
    """So does an interactive one, of its own results and of those of its still picture."""
    drawn.write(
        "scripts/figures/vee.py", f'"""Draw."""\ndef draw({"one" if interactive else "one, two"}): ...\n'
    )
    drawn.write("docs/interactive/vee.js", 'import two from "../../results/two.json"\n')
    for name, seed in (("one", 1), ("two", 2)):
        drawn.result(name, {}, **RUN | {"seed": seed, "source": f"scripts/experiments/{name}.py"})
    page = convert(drawn, CAPTIONED.replace("vee.svg)", f"vee.svg){interactive}"))
    assert page.img.get("data-interactive") == ("vee" if interactive else None)
    rows = [row for row in boxed(page) if row[0] != "Interactive"]
    assert len(rows) == len(boxed(page)) - bool(interactive)
    assert [key for key, _ in rows] == [
        "Script",
        *["Experiment", "Seed", "Data", "Versions", "Machine", "Run"] * 2,
    ]
    assert rows[6] == ("Run", "2026-11-21 07:30:00 UTC, in 12.3\N{NO-BREAK SPACE}s")
    assert [value for key, value in rows if key in ("Experiment", "Seed")] == [
        "scripts/experiments/one.py: Train.",
        "1",
        "scripts/experiments/two.py: Train.",
        "2",
    ]
    assert drawn.problems() == []


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "there is no result named 'one'; known results: none yet"),
        ({"source": "scripts/experiments/one.py", "about": "Train."}, "the result lacks 'seed'"),
    ],
)
def test_a_figure_from_a_result_that_does_not_say_where_it_comes_from(drawn, result, message):
    drawn.write("scripts/figures/vee.py", '"""Draw."""\ndef draw(one): ...\n')
    if result:
        drawn.result("one", {}, **result)
    page = convert(drawn, CAPTIONED)
    (problem,) = drawn.problems()
    assert problem.startswith("docs/en/page.md:3: it is not known where the numbers of ")
    assert message in problem
    assert page.select_one("figcaption .build-error").text == problem


def test_the_picture_of_the_page_s_own_edition(drawn):
    assert convert(drawn, CAPTIONED, page="docs/ko/page.md").img["width"] == "100"
    deep = CAPTIONED.replace("assets", "../assets")
    assert convert(drawn, deep, page="docs/ko/deep/page.md").img["width"] == "100"
    assert convert(drawn, "No file.\n\n" + CAPTIONED, page=None).img["width"] == "691"
    assert drawn.problems() == []


def test_attributes_of_the_author_s_own_win(drawn):
    image = convert(drawn, "![A.](assets/figures/vee.svg){ width=300 height=200 loading=eager }").img
    assert (image["width"], image["height"], image["loading"]) == ("300", "200", "eager")
    assert image["decoding"] == "async"


def test_other_images_are_left_alone(drawn):
    assert convert(drawn, "![](photo.png) ![](other/figures/vee.svg)").img.attrs == {
        "alt": "",
        "src": "photo.png",
    }
    assert drawn.problems() == []


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("![](assets/figures/vee.svg)", "assets/figures/vee.svg has no alt text"),
        ("![ ](assets/figures/vee.svg)", "assets/figures/vee.svg has no alt text"),
        ("![Of $h$.](assets/figures/vee.svg)", "the alt text of assets/figures/vee.svg contains a formula"),
        ("![A.](assets/figures/wee.svg)", "there is no figure docs/en/assets/figures/wee.svg"),
        ("![A.](assets/figures/bad.svg)", "assets/figures/bad.svg is not an SVG with a size"),
        (
            "![A.](assets/figures/none.svg)",
            "assets/figures/none.svg is not an SVG with a size: it has neither",
        ),
        (
            "![A.](assets/figures/vee.svg){ data-interactive=wee }",
            "there is no interactive figure docs/inter",
        ),
        (
            "![A.](assets/figures/lost.svg)",
            "scripts/figures/lost.py, which should draw this figure, does not",
        ),
    ],
)
def test_what_is_wrong_with_a_figure(drawn, image, message):
    drawn.write("docs/en/assets/figures/bad.svg", "<svg")
    drawn.write("docs/en/assets/figures/none.svg", SVG.format('width="100%"'))
    drawn.write("docs/en/assets/figures/lost.svg", SVG.format('width="1pt" height="1pt"'))
    for name in ("wee", "bad", "none"):
        drawn.write(f"scripts/figures/{name}.py", "")
    page = convert(drawn, f"# A\n\nText.\n\n{image}\n\n/// figure-caption\nWords.\n///\n")
    (problem,) = drawn.problems()
    assert problem.startswith(f"docs/en/page.md:5: {message}")
    assert page.select_one("figure .build-error").text == problem
