"""The comparison of new results with the kept ones: what may differ, and what is said of the rest."""

from types import SimpleNamespace

import pytest

from scripts.checks.results import differences

DECLARED = {"TOLERANCE": {"accuracy": 0.01}, "FACTOR": {"noise": 3.0}, "TIMES": ("seconds",)}
KEPT = {
    "lr": 0.1,
    "name": "sgd",
    "diverged": False,
    "count": 3,
    "runs": [{"accuracy": [0.5, 0.9], "seconds": 2.0}, {"accuracy": [0.4, 0.8], "seconds": 3.0}],
    "noise": {"h": [1e-12, 5.0]},
}


@pytest.mark.parametrize(
    ("path", "now", "said"),
    [
        (("lr",), 0.1 * (1 + 1e-7), None),
        (("lr",), 0.1001, "lr was 0.1 and is 0.1001"),
        (("count",), 4, "count was 3 and is 4"),
        (("name",), "adam", "name was 'sgd' and is 'adam'"),
        (("diverged",), True, "diverged was False and is True"),
        (("runs", 0, "accuracy", 1), 0.909, None),
        (("runs", 0, "accuracy", 1), 0.92, "runs[0].accuracy[1] was 0.9 and is 0.92"),
        (("runs", 0, "seconds"), 200.0, None),
        (("runs", 1), {"accuracy": [0.4, 0.8]}, "runs[1] was {'accuracy'"),
        (("runs",), [], "runs was [{"),
        (("noise", "h", 0), 2.9e-12, None),
        (("noise", "h", 0), 3.1e-12, "noise.h[0] was 1e-12 and is 3.1e-12"),
        (("noise", "h", 0), -1e-12, "noise.h[0] was 1e-12 and is -1e-12"),
        (("noise", "h", 1), "none", "noise.h[1] was 5.0 and is 'none'"),
    ],
)
def test_a_number_may_differ_as_far_as_its_experiment_says(path, now, said):
    new = {**KEPT, "runs": [dict(run, accuracy=[*run["accuracy"]]) for run in KEPT["runs"]], "noise": {}}
    new["noise"]["h"] = [*KEPT["noise"]["h"]]
    place = new
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = now
    found = differences(SimpleNamespace(**DECLARED), KEPT, new)
    assert (found == []) if said is None else (len(found) == 1 and found[0].startswith(said)), found


def test_all_numbers_below_one_key_make_one_line():
    new = {**KEPT, "runs": [{"accuracy": [0.1, 0.1], "seconds": 1.0}] * 2}
    assert differences(SimpleNamespace(**DECLARED), KEPT, new) == [
        "runs[0].accuracy[0] was 0.5 and is 0.1 (and 3 more like it)"
    ]
