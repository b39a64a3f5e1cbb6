"""The clinic of chapter 16: each patient is sick as it prints, and well after its cure.

That the page's programs print what it shows is for tests/test_pages.py to say; here is what that has to mean.
"""

import re

import numpy as np
import pytest

from tests.built import code_blocks, soup
from tests.test_results import result

PAGE = "16-when-it-does-not-learn.html"
LOG_10 = np.log(10)
GUESSED, LEARNED = (0, 0.15), (0.85, 1)
# What a patient prints, and the bounds for it while the patient is sick, and once it is cured.
PATIENTS = {
    "pixels": {"loss": [(10 * LOG_10, np.inf), (LOG_10, 1.1 * LOG_10)], "on new digits": [GUESSED, LEARNED]},
    "pairs": {"accuracy": [(0.3, 1), LEARNED], "on new digits": [GUESSED, LEARNED]},
    "rate": {"loss": [(LOG_10, 1.1 * LOG_10)] * 2, "on new digits": [GUESSED, LEARNED]},
    "decay": {"loss": [(1, 2), (0, 0.5)], "on new digits": [(0.3, 0.8), LEARNED]},
    "symmetry": {"loss": [(2.295, 2.305)] * 2, "on new digits": [(0.15, 0.4), LEARNED]},
    "softmaxes": {
        "then": [(np.log(1 + 9 / np.e), LOG_10), (0, 0.5)],
        "on new digits": [(0.6, 0.85), LEARNED],
    },
    "parts": {"on new digits": [(0, 0.4), LEARNED]},
    "averages": {"loaded again: on new digits": [(0, 0.8), LEARNED]},
    "twins": {"validation": [(0.9, 1), (0, 0.85)], "on new digits": [(0, 0.85)] * 2},
    "best": {"restored": [(0.58, 1), (0, 0.56)], "lowest loss": [(0.5, 0.56)] * 2},
}
# What the experiment calls what the page prints of the same run.
MEASURED = {
    "loss": lambda it: it["first"],
    "then": lambda it: it["loss"][-1],
    "accuracy": lambda it: it["seen"],
    "on new digits": lambda it: it["new"],
    "loaded again: on new digits": lambda it: it["restored"],
    "validation": lambda it: it["watched"],
    "lowest loss": lambda it: it["lowest"],
    "restored": lambda it: it["restored"],
}
OTHER_RUN = {("parts", "on new digits"), ("pairs", "on new digits"), ("pairs", "accuracy"), ("decay", "loss")}


def printed(name):
    """Return what a patient prints before its diagnosis and in it: the last number after each label."""
    heading = soup(PAGE).find(id=f"patient-{name}")
    found = [{}, {}]
    for code in code_blocks(PAGE):
        if code.title == "Output" and code.tag.find_previous("h3") is heading:
            numbers = re.findall(r"(?:^|[,;:] )([a-z][a-z: ]*?) (\d+\.\d+)\b", code.text, re.MULTILINE)
            found[bool(code.tag.find_parent("details"))] |= {words: float(it) for words, it in numbers}
    return found


def state(name, numbers):
    """Say whether numbers are those of a sick patient (0), of a cured one (1) or of neither (None)."""
    for number in (0, 1):
        bounds = {words: both[number] for words, both in PATIENTS[name].items()}
        if all(low <= numbers[words] <= high for words, (low, high) in bounds.items()):
            return number
    return None


def test_there_are_ten_patients_and_all_are_known(site):
    headings = [it["id"].removeprefix("patient-") for it in soup(PAGE).select("h3[id^=patient-]")]
    assert headings == list(PATIENTS)
    assert [it["name"] for it in result("sick_networks")["values"]["patients"]] == list(PATIENTS)


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_is_sick_and_then_well(name, site):
    sick, cured = printed(name)
    assert state(name, sick) == 0, sick
    assert state(name, cured) == 1, cured


@pytest.mark.parametrize("name", PATIENTS)
def test_the_figure_shows_the_runs_of_the_page(name, site):
    (measured,) = [it for it in result("sick_networks")["values"]["patients"] if it["name"] == name]
    for numbers, kind in zip(printed(name), ("sick", "cured"), strict=True):
        for words in PATIENTS[name]:
            if (name, words) not in OTHER_RUN:
                assert numbers[words] == pytest.approx(MEASURED[words](measured[kind]), abs=0.006), words


def test_healthy_curves_end_low_and_three_of_the_sick_do_not_tell():
    for it in result("sick_networks")["values"]["patients"]:
        sick, cured = (np.array(it[kind]["loss"]) for kind in ("sick", "cured"))
        assert cured[-1] < 0.5 < 1.9 < LOG_10 < it["cured"]["first"] * 1.05
        if it["name"] in ("averages", "twins", "best"):
            assert np.abs(sick - cured).max() < 0.15
        else:
            assert sick[-1] > 1.4
