"""The comparison with the other generator: what differs is found, and only what is known is excused."""

import pytest

from scripts.maintain import zensical

PAGE = """<html><head><title>One</title><meta name="description" content="About it.">
<link rel="stylesheet" href="assets/stylesheets/book.css">
<link rel="stylesheet" href="assets/stylesheets/main.1.css">
</head><body><nav><a href="other.html">Other</a></nav><article class="md-content"><h1 id="one">One</h1>
<p>Two <em>words</em>, <span class="katex"><math>x</math></span>, <a href="other.html#there">a link</a>.</p>
<img src="assets/a.svg" alt="A picture." width="3" height="4">
<pre><code>x = 1</code></pre></article></body></html>"""
SEARCH = '{"%s": [{"location": "one.html", "title": "One", "text": "<p>Two words</p>"}]}'


@pytest.fixture
def sites(tmp_path, monkeypatch):
    """Two sites that differ only in what their generators call their own."""
    other = PAGE.replace("<p>", "\n <div><p>").replace("</p>", "</p></div>").replace('"oth', '"./oth')
    files = {
        "mkdocs/one.html": PAGE,
        "mkdocs/search/search_index.json": SEARCH % "docs",
        "mkdocs/assets/stylesheets/main.1.css": "",
        "other/one.html": other.replace("</article>", '<p id="__skip"></article>'),
        "other/search.json": SEARCH % "items",
        "other/assets/stylesheets/modern/main.2.css": "",
        "build/zensical/mkdocs.yml": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(zensical, "ROOT", tmp_path)
    monkeypatch.setattr(zensical, "complete", lambda site, editions: None)
    return tmp_path / "mkdocs", tmp_path / "other"


def test_what_only_a_theme_does_otherwise_is_no_difference(sites, capsys):
    assert zensical.main(*sites) == 0
    said = capsys.readouterr().out
    assert "1 times the link that skips the navigation" in said
    assert "known, but not found anymore: site: search" in said


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("one.html", "Two <em>", "Three <em>", "one.html: words: +Three"),
        ("one.html", "x = 1", "x = 2", "one.html: code: +x = 2"),
        ("one.html", "<math>x", "<math>y", "one.html: formulas: +"),
        ("one.html", 'alt="A picture."', "", "one.html: pictures: +assets/a.svg: None"),
        ("one.html", "#there", "#here", "one.html: links: +a link → other.html#here"),
        ("one.html", 'id="one"', 'id="two"', "one.html: anchors: +two"),
        ("one.html", "<title>One", "<title>Two", "one.html: head: +title: Two"),
        (
            "one.html",
            "stylesheets/book",
            "stylesheets/code",
            "one.html: head: +link: assets/stylesheets/code",
        ),
        ("search.json", "Two", "No", "site: search: +one.html One: No words"),
        ("other.html", "", "", "site: files: +other.html"),
    ],
)
def test_what_a_reader_would_miss_is_a_difference(sites, capsys, file, right, wrong, said):
    path = sites[1] / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert zensical.main(*sites) == 1
    assert f"new: {said}" in capsys.readouterr().out
