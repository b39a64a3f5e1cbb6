"""A convenience for a bare `mkdocs serve` or `mkdocs build`: what the pages show is made before they are.

`scripts/build.py` needs none of this: when it runs MkDocs, everything has been made.
"""

import logging
import os
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.utils import CountHandler

from scripts import downloads
from scripts.build import STEPS_ARE_DONE, Builder, Report
from scripts.remembered import Pages
from scripts.steps import INTERACTIVE, BuildError, Project, Step

log = logging.getLogger("mkdocs.dlbook")


class LogReport(Report):
    def finished(self, step: Step, seconds: float) -> None:
        self.say(f"Made {step.id} in {seconds:.1f} s")

    def say(self, text: str) -> None:
        log.info(text)


class Session:
    """One run of MkDocs. While serving it sees many builds, and only the changes between them cost time."""

    def __init__(self, serving: bool) -> None:
        self.serving = serving
        self.project = Project()
        self.pages = Pages(self.project)
        self.loaded = self._machinery()
        self.failed: dict[Step, tuple[dict[str, str], str]] = {}  # what it had read, and what it said

    def _machinery(self) -> dict[str, str | None]:
        """What this process has imported, and will not import again."""
        files = sorted((self.project.root / "scripts/extensions").rglob("*.py"))
        files += sorted((self.project.root / "scripts").glob("*.py"))
        return {str(f.relative_to(self.project.root)): self.project.sources.sha256(f) for f in files}

    def prepare(self) -> None:
        """Make what is stale of all that a page can show."""
        now = self._machinery()
        changed = [name for name in now if now[name] != self.loaded.get(name)]
        if changed:
            log.warning(f"{', '.join(changed)} changed: start `mkdocs serve` anew to see the effect")
        steps = [step for step in self.project.steps() if step.kind != "site"]
        stale = [step for step in steps if self.project.why_stale(step)]
        # What failed fails again as long as it reads the same: a page is not kept waiting for that.
        hopeless = [step for step in stale if step in self.failed]
        hopeless = [step for step in hopeless if self.failed[step][0] == self.project.reads(step)]
        promising = [step for step in stale if step not in hopeless]
        self.failed = {step: self.failed[step] for step in hopeless}
        if promising:
            log.info(f"Making {', '.join(step.id for step in promising)}")
            builder = Builder(self.project, LogReport())
            builder.run(promising)
            for step, text in builder.failed.items():
                self.failed[step] = self.project.reads(step), text
        for _, text in self.failed.values():
            log.error(text)
        if self.failed and not self.serving:
            raise PluginError(f"{len(self.failed)} steps failed; see above")


session: Session | None = None


def on_startup(command: str, **_: Any) -> None:
    global session
    session = None if os.environ.get(STEPS_ARE_DONE) else Session(command == "serve")


def on_config(config: Any) -> None:
    if session is None:
        return
    if session.serving:
        # An author at work wants to see the page with its mistake, not a server that has stopped.
        config.strict = False
        mkdocs = logging.getLogger("mkdocs")
        for handler in [handler for handler in mkdocs.handlers if isinstance(handler, CountHandler)]:
            mkdocs.removeHandler(handler)
    session.prepare()


def on_pre_build(config: Any) -> None:
    if session and session.serving:
        session.pages.begin(config)


def on_nav(nav: Any, config: Any, files: Any) -> None:
    if session and session.serving:
        session.pages.gather(files)


def on_pre_page(page: Any, config: Any, files: Any) -> None:
    if session and session.serving:
        session.pages.follow(page)


def on_post_build(config: Any) -> None:
    if session and not session.serving:
        downloads.write(Path(config.site_dir))
    elif session and session.pages.converted:
        log.info(f"Converted {', '.join(session.pages.converted)}")


def on_serve(server: Any, config: Any, **_: Any) -> None:
    if session is None:
        return
    root = session.project.root
    folders = [root / name for name in ("dlbook", "scripts", INTERACTIVE, "docs/theme")]
    for path in [*filter(Path.is_dir, folders), *root.glob("mkdocs*.yml")]:
        server.watch(str(path))
    serve = server.get_app()

    def serve_downloads(request: dict[str, Any], start_response: Any) -> Any:
        """What pages offer to download is made when somebody asks for it."""
        try:
            downloads.on_demand(Path(config.site_dir), request["PATH_INFO"].removeprefix(server.mount_path))
        except BuildError as error:
            log.error(error)
        return serve(request, start_response)

    server.set_app(serve_downloads)
