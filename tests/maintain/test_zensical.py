"""The comparison with the other generator: what differs is found, and only what is known is excused."""

from pathlib import Path

import pytest

from scripts.maintain import zensical
from scripts.maintain.zensical import KNOWN, Difference, Known, differences

PAGE = """<html><head><title>One</title><meta name="description" content="About it.">
<link rel="stylesheet" href="assets/stylesheets/book.css">
<link rel="stylesheet" href="assets/stylesheets/main.1.css">
</head><body><nav><a href="other.html">Other</a></nav><article class="md-content"><h1 id="one">One</h1>
<p>Two <em>words</em>, <span class="katex"><math>x</math></span>, <a href="other.html#there">a link</a>.</p>
<img src="assets/a.svg" alt="A picture." width="3" height="4">
<pre><code>x = 1</code></pre></article></body></html>"""
SEARCH = '{"%s": [{"location": "one.html", "title": "One", "text": "<p>Two words</p>"}]}'


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def sites(tmp_path):
    """Two sites that differ only in what their generators call their own."""
    same = {"one.html": PAGE, "assets/a.svg": "<svg/>", "sitemap.xml": ""}
    mkdocs = write(tmp_path / "mkdocs", {**same, "search/search_index.json": SEARCH % "docs"})
    other = write(tmp_path / "other", {**same, "search.json": SEARCH % "items"})
    write(mkdocs, {"assets/stylesheets/main.1.css": ""})
    write(other, {"assets/stylesheets/modern/main.2.css": ""})
    write(
        other,
        {
            "one.html": PAGE.replace("<p>", "\n <div><p>")
            .replace("</p>", "</p></div>")
            .replace('"oth', '"./oth')
        },
    )
    return mkdocs, other


def new(sites):
    found, compared = differences(*sites)
    assert min(compared.values()) > 0, compared
    return [str(it) for it in found if not any(known.excuses(it) for known in KNOWN)]


def test_what_only_a_theme_does_otherwise_is_no_difference(sites):
    assert new(sites) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("Two <em>", "Three <em>", ["words: -Two", "words: +Three"]),
        ("x = 1", "x = 2", ["code: -x = 1", "code: +x = 2"]),
        ("<math>x", "<math>y", ["formulas: -", "formulas: +"]),
        (
            'alt="A picture."',
            "",
            ["pictures: -src=assets/a.svg alt=A picture.", "pictures: +src=assets/a.svg alt=None"],
        ),
        ("#there", "#here", ["links: -a link → other.html#there", "links: +a link → other.html#here"]),
        ('id="one"', 'id="two"', ["anchors: -one", "anchors: +two"]),
        ("<title>One", "<title>Two", ["head: -title: One", "head: +title: Two"]),
        (
            "stylesheets/book",
            "stylesheets/code",
            ["head: -link: assets/stylesheets/book.css", "head: +link: assets"],
        ),
    ],
)
def test_what_a_reader_would_miss_is_a_difference(sites, right, wrong, said):
    page = sites[1] / "one.html"
    assert right in page.read_text()
    write(sites[1], {"one.html": page.read_text().replace(right, wrong)})
    found = new(sites)
    assert len(found) == len(said)
    for start, line in zip(sorted(said), sorted(found), strict=True):
        assert line.startswith(f"one.html: {start}")


def test_pages_assets_and_words_to_search_by_are_missed(sites):
    (sites[1] / "one.html").unlink()
    (sites[1] / "assets/a.svg").unlink()
    write(sites[0], {"two.html": PAGE})
    write(sites[1], {"two.html": PAGE, "search.json": (SEARCH % "items").replace("Two", "No")})
    assert new(sites) == [
        "site: files: -assets/a.svg",
        "site: files: -one.html",
        "site: search: -one.html One: Two words",
        "site: search: +one.html One: No words",
    ]


def test_only_what_is_known_is_excused():
    known = Known("anchors", r"\+__\w+", "theirs")
    assert known.excuses(Difference("one.html", "anchors", "+__skip"))
    assert not known.excuses(Difference("one.html", "anchors", "-__skip"))
    assert not known.excuses(Difference("one.html", "anchors", "+__skip-it"))
    assert not known.excuses(Difference("one.html", "words", "+__skip"))
    assert not Known("anchors", ".*", "theirs", where="two.html").excuses(
        Difference("one.html", "anchors", "+x")
    )
    assert all(it.reason for it in KNOWN)


def test_without_zensical_it_says_that_nothing_is_compared(tmp_path, capsys):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert zensical.main([str(python)]) == 0
    assert capsys.readouterr().out.startswith("SKIPPED: ")


def test_a_new_difference_fails(sites, tmp_path, monkeypatch, capsys):
    write(sites[1], {"one.html": PAGE.replace("x = 1", "x = 2")})
    monkeypatch.setattr(zensical, "ROOT", tmp_path)
    monkeypatch.setattr(zensical, "build", lambda python, folder: sites[1])
    sites[0].rename(tmp_path / "site")
    assert zensical.main(["/bin/true"]) == 1
    assert "new: one.html: code: +x = 2" in capsys.readouterr().out
    assert "one.html: code: -x = 1" in Path(tmp_path / zensical.REPORT).read_text()
