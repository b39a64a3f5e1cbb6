"""Find a Chromium for the browser tests, or install one: `python -m scripts.checks.chromium` prints its path."""

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


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def installed() -> Iterator[str]:
    """Where a Chromium may be on this machine, the likeliest first."""
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    for folder in ("/Applications", os.path.expanduser("~/Applications")):
        yield from (path for name in MACOS if os.path.exists(path := f"{folder}/{name}"))
    if path := playwrights_own():
        yield path


def playwrights_own() -> str | None:
    """The Chromium that Playwright has installed for itself, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def works(path: str) -> bool:
    """Whether the program opens a page: one without its libraries, or a placeholder, does not."""
    command = [path, *FLAGS, "--headless", "--dump-dom", "data:text/html,<p>it%20works</p>"]
    try:
        page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log(f"{path} does not open a page: {error}")
        return False
    return "it works" in page


def run(command: list[str], seconds: int) -> bool:
    """Run a command that installs something; what it says goes to stderr."""
    log(" ".join(command))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, stdout=sys.stderr, env=environment, timeout=seconds).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        log(f"{command[0]}: {error}")
        return False


def install_from_playwright() -> str | None:
    if run([sys.executable, "-m", "playwright", "install", "chromium"], seconds=300):
        return playwrights_own()
    return None


def install_from_debian() -> str | None:
    if not shutil.which("apt-get"):
        return None
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    # An update that fails in part may still have brought the list that matters.
    run([*root, "apt-get", "update", "-q"], seconds=300)
    if run([*root, "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], seconds=900):
        return shutil.which("chromium")
    return None


def find() -> str | None:
    """The path of a Chromium that works, installed now if need be."""
    if path := os.environ.get(VARIABLE):
        return path if works(path) else None
    for path in installed():
        if works(path):
            return path
    log("No Chromium here: installing one.")
    for install in (install_from_playwright, install_from_debian):
        found = install()
        if found and works(found):
            return found
    return None


if __name__ == "__main__":
    chromium = find()
    if chromium is None:
        sys.exit("No Chromium to test with: install one, set DLBOOK_CHROMIUM, or run `make test BROWSER=0`.")
    print(chromium)
