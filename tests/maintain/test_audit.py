"""What is made of Lighthouse's reports. Lighthouse itself runs by `make audit`."""

import json

import pytest
from rich.console import Console

from scripts.maintain import audit
from scripts.maintain.audit import Audited, audited
from tests.built import ROOT


def report(performance=1.0, accessibility=1.0):
    """What Lighthouse writes, as far as it is read."""
    right = dict.fromkeys(audit.GOALS, 1.0)
    given = {**right, "performance": performance, "accessibility": accessibility}
    refs = {
        "performance": [{"id": "paint", "weight": 10}, {"id": "hint", "weight": 0}],
        "accessibility": [
            {"id": "name", "weight": 7},
            {"id": "contrast", "weight": 7},
            {"id": "video", "weight": 1},
        ],
    }
    return {
        "categories": {
            name: {"score": score, "auditRefs": refs.get(name, [])} for name, score in given.items()
        },
        "audits": {
            "paint": {"title": "First paint", "score": performance, "displayValue": f"{performance} s"},
            "hint": {"title": "A hint", "score": 0},
            "name": {
                "title": "Has no name",
                "score": 0,
                "details": {"items": [{"node": {"snippet": "<dialog>"}}, {"node": {"snippet": "<p>"}}]},
            },
            "contrast": {"title": "Contrast is high", "score": 1},
            "video": {"title": "Captions", "score": None},
        },
    }


def runs(*reports):
    """Give one report after the other."""
    waiting = list(reports)
    return waiting, lambda page: waiting.pop(0)


def test_a_good_page_is_scored_once():
    waiting, run = runs(report(performance=0.95), report())
    page = audited("index.html", run)
    assert page.scores == {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
    assert page.good
    assert page.lacking == ()
    assert len(waiting) == 1


@pytest.mark.parametrize(
    ("speeds", "score"), [((0.5, 0.99, 0.98), 98), ((0.94, 0.5, 0.99), 94), ((0.9, 0.92, 0.91), 91)]
)
def test_the_median_of_three_runs_decides_about_speed(speeds, score):
    waiting, run = runs(*map(report, speeds))
    page = audited("index.html", run)
    assert waiting == []
    assert page.scores["performance"] == score
    assert page.good == (score >= 95)
    slow = f"performance: paint (First paint {score / 100} s)"
    assert page.lacking == (() if page.good else (slow,)), "what costs nothing is not named"


def test_what_a_page_lacks_is_named_with_the_element():
    page = audited("index.html", runs(report(accessibility=0.97))[1])
    assert not page.good
    assert page.lacking == ("accessibility: name (Has no name <dialog>)",)


@pytest.mark.parametrize("category", audit.GOALS)
def test_a_score_below_its_goal_is_not_good(category):
    goals = dict(audit.GOALS)
    assert Audited("index.html", goals, ()).good
    assert not Audited("index.html", {**goals, category: goals[category] - 1}, ()).good


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A site of two pages, and a Lighthouse that finds fault with one."""
    for name in ("index.html", "api/index.html", "assets/a.css"):
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).touch()
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "CLI", tmp_path / "site/index.html")
    monkeypatch.setattr(audit, "find_node", lambda: "node")
    monkeypatch.setattr(audit, "find", lambda: "chromium")
    monkeypatch.setattr(audit, "Console", lambda: Console(width=120))
    score = {"index.html": 1.0, "api/index.html": 0.97}
    monkeypatch.setattr(audit, "lighthouse", lambda node, chromium, origin, page: report(1.0, score[page]))
    return tmp_path


def test_one_page_that_is_not_good_fails_the_whole(project, capsys):
    assert audit.main([]) == 1
    said = capsys.readouterr().out
    assert "api/index.html: accessibility: name (Has no name <dialog>)" in said
    assert "97 !" in said
    assert "1 of 2 pages reach performance 95, accessibility 100, best-practices 100, seo 100." in said
    assert audit.main(["index"]) == 0


def test_an_unknown_page_is_told_the_nearest(project):
    with pytest.raises(SystemExit, match=r"There is no page indx\.html: did you mean index\.html"):
        audit.main(["indx"])


def test_without_lighthouse_it_says_what_installs_it(project, monkeypatch):
    monkeypatch.setattr(audit, "CLI", project / "nowhere")
    with pytest.raises(SystemExit, match="`make audit` installs"):
        audit.main([])


@pytest.mark.parametrize("folder", ["", "scripts/maintain/lighthouse"])
def test_locked_packages_have_a_checksum_and_come_from_nowhere_in_particular(folder):
    packages = json.loads((ROOT / folder / "package-lock.json").read_bytes())["packages"]
    wanted = json.loads((ROOT / folder / "package.json").read_bytes())
    assert packages[""]["dependencies"] == wanted["dependencies"]
    assert len(packages) > 1
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
