"""A sentence or a heading changes in one file: nothing else quotes it, or links to its words."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from scripts.checks.page_code import ONE_THREAD
from scripts.checks.typed_numbers import prose_of
from scripts.extensions.fences import without_fences
from tests.built import CHAPTERS, ROOT
from tests.copies import copy

DOCS = ROOT / "docs/en"
QUOTE = 6  # words in a row that nobody writes twice by chance
WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
HEADING = re.compile(r"^#+ (?P<words>.*?)[ \t]*(?P<attributes>\{.*\})?$", re.MULTILINE)
MADE = ("formula-", "dlbook")  # ids that a formula's label or the API reference gives
LINK = re.compile(r"\]\((?P<path>[\w./-]*\.md)#(?P<id>[\w-]+)\)")


@cache
def read(path):
    return path.read_text(encoding="utf-8")


def runs(text):
    """All that stands together in a text: so many words, whatever is between them."""
    words = WORD.findall(text.lower())
    return {" ".join(words[at : at + QUOTE]) for at in range(len(words) - QUOTE + 1)}


def quotes(code, prose, headings=()):
    """Give the strings of a program that quote prose or are a heading; docstrings depend on nothing."""
    tree = ast.parse(code)
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found = sorted(runs(node.value) & prose) or [it for it in (node.value,) if it in headings]
            for it in found[:1]:
                yield f"line {node.lineno}: {it!r}"


def test_no_program_quotes_the_prose():
    texts = [prose_of(read(path)) for path in DOCS.glob("*.md")]
    prose = {run for text in texts for part in re.split(r"\n\s*\n", text) for run in runs(part)}
    # What the package says itself, in an error, say, is quoted from there.
    prose -= {run for path in (ROOT / "dlbook").glob("*.py") for run in runs(read(path))}
    headings = {it["words"] for text in texts for it in HEADING.finditer(text) if " " in it["words"]}
    assert len(prose) > 10_000
    assert len(headings) > 100
    said = [
        f"{path.relative_to(ROOT)}, {quote} stands on a page, too: find it there by an id"
        for folder in ("tests", "scripts", "dlbook")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for quote in quotes(read(path), prose, headings)
    ]
    assert not said, "\n".join(said)


def test_a_quote_is_noticed():
    prose, headings = runs("We see that nobody can do it better."), {"Of hands"}
    code = 'def f():\n    """Nobody can do it better: see that."""\n    return {}\n'
    for text, found in {
        '"that nobody can do it better"': ["line 3: 'that nobody can do it better'"],
        '"see that  nobody, can *do*\\nit"': ["line 3: 'see that nobody can do it'"],
        'f"that nobody can do it better, {1}"': ["line 3: 'that nobody can do it better'"],
        '"that nobody can do better"': [],
        '"Of hands"': ["line 3: 'Of hands'"],
        '"Done of hands"': [],
    }.items():
        assert [*quotes(code.format(text), prose, headings)] == found


def loose_links(pages):
    """Give the links to headings of other pages whose ids come from their words."""
    explicit = {
        path: set(re.findall(r"\{[^}\n]*#([\w-]+)", without_fences(text))) for path, text in pages.items()
    }
    for path, text in pages.items():
        for link in LINK.finditer(text):
            target = Path(os.path.normpath(path.parent / link["path"]))
            if link["id"] not in explicit.get(target, set()) and not link["id"].startswith(MADE):
                yield f"{path}: {link['path']}#{link['id']}: write {{ #{link['id']} }} at the heading"


def test_headings_that_other_pages_link_to_have_ids_of_their_own():
    pages = {path.relative_to(ROOT): read(path) for path in DOCS.rglob("*.md")}
    assert sum(len(LINK.findall(text)) for text in pages.values()) > 100
    assert not [*loose_links(pages)]


def test_a_link_to_a_headings_words_is_noticed():
    pages = {
        Path("docs/a.md"): "[b](b.md#own) [b](b.md#its-words) [c](api/c.md#dlbook.x) [f](b.md#formula-f)",
        Path(
            "docs/b.md"
        ): "# B\n\n## Its words\n\n## More { #own }\n\n```\n# Its words { #its-words }\n```\n",
        Path("docs/api/c.md"): "[b](../b.md#own) [b](../b.md#none)",
    }
    assert [it.partition(": write")[0] for it in loose_links(pages)] == [
        "docs/a.md: b.md#its-words",
        "docs/api/c.md: ../b.md#none",
    ]


# The proof: twenty sentences of every chapter, and its headings, in other words

SENTENCES = 20
NO_PARAGRAPH = re.compile(r"^[ >]*(?:///|[!?]{3}|:::|\||--8<--|\[\^|<|\{|#|description:).*$", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?:\n]\s)[A-Z][^.!?:*\d|\[\]]*?[.!?](?=\s)")
PLAIN = re.compile(r"(?<![\w'’-])[a-z]{2,}(?![\w'’-])")


def reworded(text, span, prose):
    """Write the words of a passage in the reverse order; what is no prose stays where it is."""
    words = [*PLAIN.finditer(prose, *span)]
    parts, at = [], span[0]
    for old, new in zip(words, reversed(words), strict=True):
        parts += [text[at : old.start()], new[0]]
        at = old.end()
    return "".join([*parts, text[at : span[1]]])


def rewritten(text):
    """Reword twenty sentences of a page and all its headings; give also how many of each."""
    prose = prose_of(text)
    paragraphs = NO_PARAGRAPH.sub(lambda match: " " * len(match[0]), prose)
    sentences = [it.span() for it in SENTENCE.finditer(paragraphs) if len(PLAIN.findall(it[0])) >= 6]
    step = max(1, len(sentences) // SENTENCES)
    sentences = sentences[::step][:SENTENCES]
    headings = [it.span("words") for it in HEADING.finditer(prose) if len(PLAIN.findall(it["words"])) >= 2]
    # A heading without an id of its own may be linked to from its own page, which would change with it.
    headings = [it for it in headings if f"](#{slug(text[slice(*it)])})" not in text]
    for span in sorted([*sentences, *headings], reverse=True):
        text = text[: span[0]] + reworded(text, span, prose) + text[span[1] :]
    return text, len(sentences), len(headings)


def slug(words):
    return re.sub(r"\W+", "-", words.lower()).strip("-")


def test_rewriting_leaves_numbers_formulas_code_and_links():
    text = (
        "# A\n\nOf 3 cats that we saw.\nEach `was` $x$ very much [like the](b.md#them) other ones here. No.\n"
    )
    text += "\n## The words of it { #own }\n"
    new, sentences, headings = rewritten(text)
    assert (sentences, headings) == (0, 1)
    assert new == text.replace("The words of it", "The it of words")
    new, sentences, _ = rewritten("# A\n\nA.\nEach `was` $x$ very much like\nthe other ones here. No.\n")
    assert sentences == 1
    assert new == "# A\n\nA.\nEach `was` $x$ here ones other\nthe like much very. No.\n"


CHECKS = [
    "checks/test_typed_numbers",
    "site/test_downloads",
    "test_bugs",
    "test_contributing",
    "test_formulas",
]
CHECKS += ["test_free_prose", "test_html", "test_objects", "test_pages", "test_site"]
# What runs code, builds other pages or asks for the reader's environment reads no sentence.
NOT_AGAIN = (
    "test_bug_",
    "print_what",
    "prints_what",
    "do_not_build",
    "second_edition",
    "the_reader",
    "serving",
    "same_bytes",
)


@pytest.mark.full
def test_twenty_sentences_of_every_chapter_are_free(tmp_path):
    project = copy(ROOT, tmp_path / "dlbook")
    for chapter in CHAPTERS:
        page = project / f"docs/en/{chapter}.md"
        text, sentences, headings = rewritten(read(DOCS / page.name))
        assert sentences == SENTENCES, page.name
        assert headings > 5, page.name
        page.write_text(text, encoding="utf-8")

    def run(*command):
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(project), "NO_MKDOCS_2_WARNING": "1"}
        environment.pop("DLBOOK_SITE", None)
        done = subprocess.run(
            [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{done.stdout[-9000:]}\n{done.stderr[-9000:]}"
        return done.stdout

    run("scripts/build.py")
    files = [f"tests/{name}.py" for name in CHECKS]
    chosen = " and ".join(f"not {it}" for it in NOT_AGAIN)
    said = run("-m", "pytest", "-q", "-n", "2", "-m", "not browser and not full", "-k", chosen, *files)
    assert int(re.search(r"(\d+) passed", said)[1]) > 500
