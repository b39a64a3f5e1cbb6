"""What the tests of the built site share."""

import pytest
from hypothesis import settings

from tests.built import READER, SITE, pages
from tests.subjects import subject

# The same examples in every run, and no stop-watch: a busy machine is not a bug.
settings.register_profile("book", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("book")


def pytest_generate_tests(metafunc):
    """Run a test that asks for a `built_page` on every page, side by side."""
    if "built_page" in metafunc.fixturenames:
        metafunc.parametrize("built_page", pages() or ["no page"], indirect=True)


def pytest_terminal_summary(terminalreporter):
    """Say last, for whoever has to mend it, which file each failure speaks of."""
    failed = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    if failed:
        terminalreporter.section("where to look")
    for report in failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        said = " ".join((crash.message if crash else report.longreprtext).split())
        terminalreporter.line(f"{subject(report.nodeid)}: {said:.160} ({report.nodeid})")


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail(
            f"there is no built site in {SITE}: run `make build`, or all of `make test`", pytrace=False
        )
    return SITE


@pytest.fixture
def built_page(request, site):
    return request.param


@pytest.fixture(scope="session")
def reader():
    """The interpreter of a reader who did what the set-up page says."""
    if not READER.is_file():
        pytest.fail(
            f"there is no reader's environment in {READER.parents[1]}: run `make test`", pytrace=False
        )
    return READER
