"""The benchmark of reading: what it takes back, and what it makes of its numbers. The numbers are its own."""

import pytest

from scripts.benchmarks import reading
from tests.built import CHAPTERS, SITE

NAMES = ("bytes", "requests", "layout_shift", "script_and_layout")


def page(*values):
    return dict(zip(NAMES, values, strict=True))


def both(first, following):
    return {"1x": {"first": first, "next": following}, "4x": {"first": first, "next": following}}


def test_each_step_can_be_undone(site):
    longest = max(CHAPTERS, key=lambda chapter: (SITE / f"{chapter}.html").stat().st_size)
    reading.check_that_steps_are_undone(SITE, longest)


def test_a_step_that_undoes_nothing_is_noticed(site, monkeypatch):
    monkeypatch.setitem(reading.UNDO, "useless", lambda path, text: text)
    with pytest.raises(RuntimeError, match="useless undoes nothing"):
        reading.check_that_steps_are_undone(SITE, CHAPTERS[0])


def test_the_worst_page_decides():
    pages = {
        "dlbook": {
            "a": both(page(200, 20, 0.0, 30.0), page(50, 2, 0.001, 10.0)),
            "b": both(page(210, 18, 0.0, 20.0), page(40, 3, 0.0, 30.0)),
        },
        "katex": {chapter: both(page(300, 25, 0.1, 100.0), page(90, 9, 0.1, 40.0)) for chapter in "ab"},
        "mathjax": {chapter: both(page(400, 25, 0.1, 200.0), page(90, 9, 0.1, 80.0)) for chapter in "ab"},
    }
    assert reading.find_worst(pages) == {
        "first_bytes": 210,
        "first_requests": 20,
        "next_bytes": 50,
        "layout_shift": 0.001,
        "script_and_layout_to_katex": 0.75,
        "script_and_layout_to_mathjax": 0.375,
    }
    assert set(reading.find_worst(pages)) == set(reading.TARGETS)


def test_medians_are_taken_number_by_number():
    visits = [{"first": page(1, 2, 0.0, value)} for value in (5.0, 1.0, 3.0)]
    assert reading.medians(visits) == {"first": page(1, 2, 0.0, 3.0)}
