"""What MkDocs does for authors: it makes what pages show before it shows them, and a save shows at once.

The book needs none of this. `scripts/build.py` makes everything first and calls MkDocs last, and any other
generator builds the same pages without hooks, only more slowly.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority

from scripts.project import INTERACTIVE, ROOT, BuildError, Project, Step
from scripts.site import downloads

BUILD = [sys.executable, str(ROOT / "scripts/build.py")]
ALL_IS_MADE = "DLBOOK_ALL_IS_MADE"  # scripts/build.py sets it
WATCHED = ("dlbook", "scripts", "results", INTERACTIVE, "docs/theme")

log = logging.getLogger("mkdocs.dlbook")
logging.getLogger("mkdocs.commands.build").addFilter(lambda it: "'dirty' build" not in it.getMessage())

started = time.time()
project = Project()
serving = False
measuring: subprocess.Popen[bytes] | None = None
attempted: dict[str, str] = {}  # fingerprints of the experiments that were started while serving
whole: dict[str, str] = {}


def on_startup(command: str, **_: Any) -> None:
    global serving
    serving = command == "serve"


def on_pre_build(config: Any) -> None:
    if ALL_IS_MADE in os.environ:
        return
    stale = [step for step in project.steps() if step.kind != "site" and project.why_stale(step)]
    machinery = [*ROOT.glob("scripts/*.py"), *ROOT.glob("scripts/extensions/*.py")]
    changed = [path.name for path in machinery if path.stat().st_mtime > started]
    if serving and changed:
        log.warning(f"{', '.join(changed)} changed: restart `mkdocs serve` to see the effect")
    if not serving:
        if stale and subprocess.run([*BUILD, *(step.id for step in stale)]).returncode:
            raise PluginError("figures or results of the pages could not be made; see above")
        return
    quick = [step.id for step in stale if step.kind not in ("experiments", "cards")]
    if quick and subprocess.run([*BUILD, *quick]).returncode:
        log.error("Figures or results could not be made (see above), so the pages are shown as they were.")
    measure([step for step in stale if step.kind == "experiments"])
    forget_pages(Path(config.docs_dir), Path(config.site_dir))


def measure(experiments: list[Step]) -> None:
    """Run stale experiments while the pages are looked at; new results have them built again."""
    global measuring, attempted
    wanted = {step.id: project.fingerprint(step) for step in experiments}
    if not wanted or wanted == attempted or (measuring and measuring.poll() is None):
        return
    log.warning(f"Running {', '.join(wanted)} in the background; until then, pages show the old results.")
    # At low priority, where there is such a thing: whoever writes is looking at pages.
    polite = ["nice"] if shutil.which("nice") else []
    measuring, attempted = subprocess.Popen([*polite, *BUILD, *wanted]), wanted


def forget_pages(docs: Path, site: Path) -> None:
    """Remove the pages that show something newer than they are: `--dirty` makes again what is missing."""
    shared = [*ROOT.glob("mkdocs*.yml"), *(ROOT / "docs/theme").rglob("*.html")]
    named = [
        path
        for pattern in ("dlbook/**/*.py", "results/*.json", "scripts/figures/*.py")
        for path in ROOT.glob(pattern)
    ]
    named += (docs / "assets/figures").glob("*.svg")
    for source in docs.rglob("*.md"):
        page = site / source.relative_to(docs).with_suffix(".html")
        if not page.is_file():
            continue
        made = page.stat().st_mtime
        text = source.read_text(encoding="utf-8")
        words = set(re.findall(r"\w+", text))
        taken = [docs / name for name in re.findall(r'--8<-- "([^":]+)', text)]  # fragments, and titles
        taken += [source.parent / name for name in re.findall(r"\[\]\(([^)#]+)", text)]
        inputs = [*shared, *taken, *(path for path in named if path.stem in words)]
        if any(path.is_file() and path.stat().st_mtime > made for path in inputs):
            page.unlink()


@event_priority(100)
def _without_markup(context: Any, page: Any, **_: Any) -> None:
    """Let the search read a page without what is inside of formulas, which it skips anyway."""
    whole[page.url] = page.content
    page.content = downloads.without_markup(page.content)


@event_priority(-100)
def _with_markup(context: Any, page: Any, **_: Any) -> None:
    page.content = whole.pop(page.url)


on_page_context = CombinedEvent(_without_markup, _with_markup)


def on_post_build(config: Any) -> None:
    if not serving and ALL_IS_MADE not in os.environ:
        downloads.write(Path(config.site_dir))


def on_serve(server: Any, config: Any, **_: Any) -> None:
    folders = (ROOT / name for name in WATCHED)
    for path in [*filter(Path.is_dir, folders), *ROOT.glob("mkdocs*.yml")]:
        server.watch(str(path))
    serve = server.get_app()

    def serve_downloads(request: dict[str, Any], start_response: Any) -> Any:
        """Make what pages offer to download when somebody asks for it."""
        try:
            downloads.on_demand(Path(config.site_dir), request["PATH_INFO"].removeprefix(server.mount_path))
        except BuildError as error:
            log.error(error)
        return serve(request, start_response)

    server.set_app(serve_downloads)


def on_shutdown() -> None:
    if measuring:
        measuring.terminate()
