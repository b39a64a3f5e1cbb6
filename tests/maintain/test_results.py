"""The experiments once more: their numbers are those that are kept, within what each of them declares."""

import pytest

from scripts.maintain.results import measure_again


@pytest.mark.full
def test_experiments_find_again_what_is_kept(tmp_path):
    found, failed = measure_again([], tmp_path)
    assert not failed
    assert len(found) > 20
    lines = [f"{name}: {line}" for name, lines in found.items() for line in lines]
    assert not lines, "\n".join(lines)
