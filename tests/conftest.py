"""What the tests of the built site share."""

import functools
import http.server
import os
import threading
import zipfile

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from scripts.checks.chromium import FLAGS, VARIABLE, find
from tests.browser import Window
from tests.built import READER, SITE, pages

# The same examples in every run, and no stop-watch: a busy machine is not a bug.
settings.register_profile("book", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("book")


def pytest_generate_tests(metafunc):
    """Run a test that asks for a `built_page` on every page; one worker parses a page for all its tests."""
    if "built_page" in metafunc.fixturenames:
        found = [pytest.param(page, marks=pytest.mark.xdist_group(page)) for page in pages()]
        metafunc.parametrize("built_page", found or ["no page"], indirect=True)


def pytest_terminal_summary(terminalreporter):
    """Say what tests have counted."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for summary in {text for it in reports for name, text in it.user_properties if name == "summary"}:
        terminalreporter.line(summary)


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail(f"there is no built site in {SITE}: run `make build`", pytrace=False)
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


# The browser


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get(VARIABLE) or find()
    if not program:
        pytest.fail("no Chromium: install one, set DLBOOK_CHROMIUM, or say BROWSER=0", pytrace=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def served(site):
    """The address at which the site is served."""
    handler = functools.partial(QuietHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def unpacked(site, tmp_path_factory):
    """The folder that a reader gets out of the archive of the site."""
    (archive,) = SITE.glob("*.zip")
    with zipfile.ZipFile(archive) as files:
        files.extractall(target := tmp_path_factory.mktemp("unpacked"))
    (folder,) = target.iterdir()
    return folder.as_uri()


@pytest.fixture(scope="session")
def window(request, browser):
    """Give a window of a kind; the same one for all tests of pages that ask for that kind."""

    @functools.cache
    def get(kind="http", scheme="light", width=1280):
        origin = request.getfixturevalue({"http": "served", "file": "unpacked"}[kind])
        return Window(browser, origin, scheme, width, reduced_motion="reduce")

    return get


@pytest.fixture
def fresh(request, browser):
    """Give a window that remembers nothing of other tests."""
    opened = []

    def get(kind="http", **options):
        origin = request.getfixturevalue({"http": "served", "file": "unpacked"}[kind])
        opened.append(Window(browser, origin, **options))
        return opened[-1]

    yield get
    for it in opened:
        it.context.close()
