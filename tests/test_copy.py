"""What a reader copies: each copy button of each page is pressed, and what the clipboard then has is run."""

import pytest

from tests.built import CHAPTERS, code_blocks, pages, wrong_outputs

pytestmark = pytest.mark.browser

CHAPTER = f"{CHAPTERS[0]}.html" if CHAPTERS else "index.html"
BUTTON = ".md-code__button[data-md-type=copy]"
# The theme says in a box that it has copied: what the box still says of an earlier copy is wiped away.
READY = """async (block, stale) => {
    block.scrollIntoView({ block: "center", behavior: "instant" })
    const box = document.querySelector(".md-dialog")
    box.classList.remove("md-dialog--active")
    box.firstElementChild.textContent = ""
    await navigator.clipboard.writeText(stale)
    return block.querySelector("code").innerText.trimEnd()
}"""
COPIED = """async () => {
    const box = document.querySelector(".md-dialog--active")
    return [await navigator.clipboard.readText(), box?.checkVisibility() ? box.innerText : "no word of it"]
}"""


def press_each(view, name, how="click"):
    """Open a page, press its copy buttons one after the other, and give the texts that were copied."""
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view.open(name)
    texts = []
    for block in view.page.locator("pre:has(> code)").all():
        seen = block.evaluate(READY, "nothing was copied")
        getattr(block.locator(BUTTON), how)()
        text, said = view.page.evaluate(COPIED)
        assert text == seen, "another text is copied than is seen"
        assert said == "Copied to clipboard", f"{said!r} after {text!r} was copied"
        texts.append(text)
    assert view.page.locator(BUTTON).count() == len(texts), "a button belongs to no code"
    assert view.troubles == []
    return texts


def test_what_is_copied_runs_and_prints_what_the_page_shows(built_page, window, reader):
    codes = code_blocks(built_page)
    texts = press_each(window(), built_page)
    assert texts == [code.text for code in codes]  # as predicted without a browser
    codes = [code._replace(text=text) for code, text in zip(codes, texts, strict=True)]
    if wrong := wrong_outputs(built_page, codes, reader):
        pytest.fail(wrong, pytrace=False)


def test_every_page_has_its_code_copied(site):
    """So that nothing above passes because no block was found."""
    assert sum(bool(code_blocks(page)) for page in pages()) >= len(CHAPTERS) + 10


def test_a_finger_copies_on_a_telephone(fresh):
    view = fresh(width=390, has_touch=True, is_mobile=True)
    assert press_each(view, CHAPTER, "tap") == [code.text for code in code_blocks(CHAPTER)]


def test_a_page_in_a_folder_is_copied_from(fresh):
    view = fresh("file")
    assert press_each(view, CHAPTER) == [code.text for code in code_blocks(CHAPTER)]
