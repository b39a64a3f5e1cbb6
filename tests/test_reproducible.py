"""The same results give the same bytes: in another folder, on another day, under other habits."""

import os
import subprocess
import sys

import pytest

from scripts.project import Project
from tests.built import ROOT, SITE
from tests.copies import copy

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("reproducible")]

# The clock of every Python that starts with this on its path: years ahead, and on the other side of midnight.
ANOTHER_DAY = """\
import datetime, time

AHEAD = 1000.5 * 24 * 3600
real_time, real_date = time.time, datetime.datetime

class datetime_(real_date):
    @classmethod
    def now(cls, tz=None):
        return real_date.now(tz) + datetime.timedelta(seconds=AHEAD)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()

class date(datetime.date):
    @classmethod
    def today(cls):
        return datetime_.now().date()

time.time = lambda: real_time() + AHEAD
time.time_ns = lambda: int(time.time() * 1e9)
real_gmtime, real_localtime, real_strftime = time.gmtime, time.localtime, time.strftime
time.gmtime = lambda seconds=None: real_gmtime(time.time() if seconds is None else seconds)
time.localtime = lambda seconds=None: real_localtime(time.time() if seconds is None else seconds)
time.strftime = lambda form, when=None: real_strftime(form, when or time.localtime())
datetime.datetime, datetime.date = datetime_, date
"""
OTHER_HABITS = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1234"}


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """A copy of the project, without its history; figures and site are made anew from the same results."""
    folder = tmp_path_factory.mktemp("another day")
    (folder / "sitecustomize.py").write_text(ANOTHER_DAY)
    project = copy(ROOT, folder / "a book, elsewhere")
    for path in project.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1e9, 1e9))
    kinds = {step.kind for step in Project(project).steps()} - {"experiments"}
    done = subprocess.run(
        [sys.executable, "scripts/build.py", "--force", *sorted(kinds)],
        cwd=project,
        env={**os.environ, **OTHER_HABITS, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        umask=0o077,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def files(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def differing(one, other):
    """List the files that are not the same in both folders, each with the place where it begins to differ."""
    found = dict.fromkeys(files(one).keys() ^ files(other).keys(), "is in one only")
    for name in files(one).keys() & files(other).keys():
        left, right = files(one)[name].read_bytes(), files(other)[name].read_bytes()
        if left != right:
            pairs = enumerate(zip(left, right, strict=False))
            at = next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))
            found[name] = f"{left[max(0, at - 40) : at + 40]!r} and {right[max(0, at - 40) : at + 40]!r}"
    return [f"{name}: {found[name]}" for name in sorted(found)]


def test_the_other_clock_is_another(again):
    """What the pages are made by would show the day, were it asked for it."""
    code = "import datetime, time; print(time.time(), datetime.date.today(), time.strftime('%Y-%m-%d'))"
    ours, theirs = (
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for more in ({}, {"PYTHONPATH": str(again.parent)})
    )
    assert all(one != other for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("edition", [path.relative_to(ROOT).as_posix() for path in Project().editions()])
def test_figures_drawn_again_are_the_same(edition, again, site):
    different = differing(ROOT / edition / "assets", again / edition / "assets")
    assert not different, "\n".join(different)


def test_a_site_built_again_elsewhere_is_the_same(again, site):
    different = differing(SITE, again / "site")
    assert not different, "\n".join(different)
