"""Find a Chromium for the browser tests, or install one: `python -m scripts.checks.chromium` prints where."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "DLBOOK_CHROMIUM"  # a path in it is taken as it is
# A browser for tests: it needs no sandbox to read our own pages, and asks nobody for anything.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MACOS = ["Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome"]
ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
# Tried in turn. An update that fails in part may still have brought the list that matters.
INSTALLERS = [
    [[sys.executable, "-m", "playwright", "install", "chromium"]],
    [
        [*ROOT, "apt-get", "update", "-q"],
        [*ROOT, "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
    ],
]


def installed() -> Iterator[str]:
    """Return where a Chromium may be on this machine, the likeliest first; last, Playwright's own."""
    yield from filter(None, map(shutil.which, NAMES))
    yield from (
        f"{folder}/{name}" for folder in ("/Applications", Path.home() / "Applications") for name in MACOS
    )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def works(path: str) -> bool:
    """Say whether the program opens a page: one without its libraries, or a placeholder, does not."""
    command = [path, *FLAGS, "--headless", "--dump-dom", "data:text/html,<p>it%20works</p>"]
    try:
        page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{path} does not open a page: {error}", file=sys.stderr)
        return False
    return "it works" in page


def find() -> str | None:
    """Return the path of a Chromium that works, installed now if need be."""
    if path := os.environ.get(VARIABLE):
        return path if works(path) else None
    for installer in ([], *INSTALLERS):
        for command in installer:
            print(" ".join(command), file=sys.stderr, flush=True)
            try:
                environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run(command, stdout=sys.stderr, env=environment, timeout=600)
            except (OSError, subprocess.TimeoutExpired) as error:
                print(error, file=sys.stderr)
        for path in filter(os.path.exists, installed()):
            if works(path):
                return path
    return None


if __name__ == "__main__":
    chromium = find()
    if chromium is None:
        sys.exit("No Chromium to test with: install one, set DLBOOK_CHROMIUM, or run `make test BROWSER=0`.")
    print(chromium)
