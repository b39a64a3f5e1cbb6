"""A convenience for a bare `mkdocs serve` or `mkdocs build`: what the pages show is made before they are.

`scripts/build.py` needs none of this: when it runs MkDocs, everything has been made.
"""

import logging
import os
import threading
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.utils import CountHandler

from scripts.build import STEPS_ARE_DONE, Builder, Report, Worker
from scripts.project import INTERACTIVE, BuildError, Project, Step
from scripts.remembered import Pages
from scripts.site import downloads

QUICK = 1.0  # seconds: what takes longer is made while the pages as they are can be looked at

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
        self.served = False  # whether there are pages already, which an author can look at meanwhile
        self.project = Project()
        self.pages = Pages(self.project)
        self.loaded = self._machinery()
        self.failed: dict[Step, tuple[dict[str, str], str]] = {}  # what it had read, and what it said
        self._working: dict[Builder, list[Step]] = {}
        self._spare: Worker | None = None  # so that a figure which is saved is drawn at once
        self._meanwhile: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def _machinery(self) -> dict[str, str | None]:
        """What this process has imported, and will not import again."""
        files = sorted((self.project.root / "scripts/extensions").rglob("*.py"))
        files += sorted((self.project.root / "scripts").glob("*.py"))
        return {str(f.relative_to(self.project.root)): self.project.sources.sha256(f) for f in files}

    def prepare(self) -> None:
        """Make what is stale of all that a page can show: at once what is quick, the rest meanwhile."""
        now = self._machinery()
        changed = [name for name in now if now[name] != self.loaded.get(name)]
        if changed:
            log.warning(f"{', '.join(changed)} changed: start `mkdocs serve` anew to see the effect")
        with self._lock:
            steps = self._promising()
            if self.served and sum(map(self._seconds, steps)) > QUICK:
                if not (self._meanwhile and self._meanwhile.is_alive()):
                    self._meanwhile = threading.Thread(target=self._make_meanwhile, args=[steps], daemon=True)
                    self._meanwhile.start()
                steps = []
        self._make(steps)
        for _, text in list(self.failed.values()):
            log.error(text)
        if self.failed and not self.serving:
            raise PluginError(f"{len(self.failed)} steps failed; see above")

    def _promising(self) -> list[Step]:
        """The steps that are stale, and not at work already."""
        working = [step for steps in self._working.values() for step in steps]
        steps = [step for step in self.project.steps() if step.kind != "site" and step not in working]
        stale = [step for step in steps if self.project.why_stale(step)]
        # What failed fails again as long as it reads the same: a page is not kept waiting for that.
        hopeless = [step for step in stale if step in self.failed]
        hopeless = [step for step in hopeless if self.failed[step][0] == self.project.reads(step)]
        self.failed = {step: self.failed[step] for step in hopeless}
        return [step for step in stale if step not in hopeless]

    def _seconds(self, step: Step) -> float:
        """How long a step took; an experiment that never ran may take long."""
        return float(self.project.stamp(step).get("seconds", 60 if step.kind == "experiments" else 0))

    def _make(self, steps: list[Step]) -> None:
        if not steps:
            return
        log.info(f"Making {', '.join(step.id for step in steps)}")
        spare, self._spare = self._spare, None
        builder = Builder(self.project, LogReport(), spare)
        self._working[builder] = steps
        try:
            builder.run(steps)
        finally:
            del self._working[builder]
            self.stand_by()
        if not self._closed:  # or else all that was at work has failed
            with self._lock:
                self.failed |= {step: (self.project.reads(step), it) for step, it in builder.failed.items()}

    def _make_meanwhile(self, steps: list[Step]) -> None:
        """Make what takes long. Its results are watched as pages are, so that the pages are built again."""
        while steps and not self._closed:
            self._make(steps)
            for step in steps:
                if step in self.failed:
                    log.error(self.failed[step][1])
            with self._lock:
                steps = self._promising()  # an author goes on writing
                if not steps:
                    self._meanwhile = None

    def stand_by(self) -> None:
        """While an author looks at the pages, have a process ready for what is saved next."""
        if self.served and not self._closed and self._spare is None:
            self._spare = Worker(self.project.root, stand_by=True)

    def close(self) -> None:
        """End what is at work; what was finished is kept."""
        self._closed = True
        for builder in list(self._working):
            builder.close()
        if self._spare:
            Builder(self.project, LogReport(), self._spare).close()


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
    session.served = True
    session.stand_by()
    root = session.project.root
    folders = [root / name for name in ("dlbook", "scripts", "results", INTERACTIVE, "docs/theme")]
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


def on_shutdown(**_: Any) -> None:
    if session is not None:
        session.close()
