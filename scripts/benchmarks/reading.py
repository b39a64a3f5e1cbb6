"""What a chapter costs a reader's browser, beside the same chapters with formulas set in the browser.

Three sites are built from the same pages with the same theme: the book as it is, and with formulas by
KaTeX and by MathJax in the ways that the theme documents
(https://squidfunk.github.io/mkdocs-material/reference/math/). All are served from this machine, compressed.
Every visit is a fresh Chromium profile that opens a chapter with nothing in its cache, and then goes on
to the next chapter; the ways take turns. Times are of the page's main thread, so that they are the
page's own whatever else the machine is doing; the first paint alone is by the clock.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from scripts.build import ALL_IS_MADE
from scripts.checks.chromium import FLAGS, VARIABLE, find
from scripts.checks.static_host import EMPTY, Fetched, StaticHost
from scripts.experiments import Progress
from scripts.extensions.tables import CLASS
from scripts.project import ROOT

FOLDER = ROOT / "build/bench/reading"
MATHJAX = "3.2.2"  # the theme's documentation asks for version 3
ROUNDS = 3
SLOW_DOWNS = [1, 4]  # of the processor: this machine, and a phone of the middle class
SPEEDS = [f"{slow_down}x" for slow_down in SLOW_DOWNS]
WIDTH, HEIGHT = 1280, 900
LINE = {"latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 5e6 / 8}  # ms, bytes a second

# The theme's documented settings, which call the libraries.
KATEX_JS = r"""document$.subscribe(({ body }) => {
  renderMathInElement(body, {
    delimiters: [
      { left: "$$", right: "$$", display: true },
      { left: "$", right: "$", display: false },
      { left: "\\(", right: "\\)", display: false },
      { left: "\\[", right: "\\]", display: true }
    ]
  })
})
"""
MATHJAX_JS = r"""window.MathJax = {
  tex: {
    inlineMath: [["\\(", "\\)"]],
    displayMath: [["\\[", "\\]"]],
    processEscapes: true,
    processEnvironments: true
  },
  options: { ignoreHtmlClass: ".*|", processHtmlClass: "arithmatex" }
}
document$.subscribe(() => {
  MathJax.startup.output.clearCache()
  MathJax.typesetClear()
  MathJax.texReset()
  MathJax.typesetPromise()
})
"""
WAYS: dict[str, dict[str, list[str]]] = {
    "dlbook": {},
    "katex": {
        "extra_javascript": ["bench/setup.js", "bench/katex.min.js", "bench/auto-render.min.js"],
        "extra_css": ["assets/vendor/katex/katex.min.css"],
    },
    "mathjax": {"extra_javascript": ["bench/setup.js", "bench/mathjax/tex-mml-chtml.js"]},
}
# A formula on the page as it is sent, and all of them as they are shown.
FORMULA = r'class="(?:katex|arithmatex)"'
FORMULAS = (
    "document.querySelectorAll('.md-content .katex, .md-content .arithmatex:has(mjx-container)').length"
)


# What the book does so that pages open fast, each undone: what would the page cost without it?
Undo = Callable[[str, str], str]  # of an address and its text
UNDO: dict[str, Undo] = {
    "search_at_once": lambda path, text: (
        re.sub(r"<script>\s*\{\s*const wanted =.*?</script>", "", text, flags=re.DOTALL)
        if path.endswith(".html")
        else text
    ),
    "palette_of_the_theme": lambda path, text: text.replace('form.removeAttribute("data-md-component")', ""),
    "fonts_not_preloaded": lambda path, text: text.replace('location.protocol !== "file:"', "false"),
    "code_blocks_at_once": lambda path, text: text.replace('"content.lazy", ', ""),
    "class_of_the_page_late": lambda path, text: re.sub(
        r"^ *html\.(classList|dataset)\..*", "", text, flags=re.MULTILINE
    ),
    "tables_boxed_late": lambda path, text: text.replace(f'<table class="{CLASS}">', "<table>"),
    "pictures_at_once": lambda path, text: text.replace(' loading="lazy"', ""),
    "laid_out_at_once": lambda path, text: text.replace("content-visibility: auto;", ""),
}


def undo_all(path: str, text: str) -> str:
    for undo in UNDO.values():
        text = undo(path, text)
    return text


TARGETS: dict[str, float] = {
    "first_bytes": 250_000,
    "first_requests": 25,
    "next_bytes": 80_000,
    "layout_shift": 0.002,
    "script_and_layout_to_katex": 0.8,
    "script_and_layout_to_mathjax": 0.5,
}
METRICS = {
    "script": "ScriptDuration",
    "layout": "LayoutDuration",
    "style": "RecalcStyleDuration",
    "task": "TaskDuration",
}
PAINT_AND_SHIFT = """() => new Promise(done => {
    const seen = { first_paint: null, layout_shift: 0 }
    const take = list => {
        for (const entry of list.getEntries()) {
            if (entry.name === "first-contentful-paint") seen.first_paint = entry.startTime
            if (entry.entryType === "layout-shift" && !entry.hadRecentInput) seen.layout_shift += entry.value
        }
    }
    for (const type of ["paint", "layout-shift"])
        new PerformanceObserver(take).observe({ type, buffered: true })
    setTimeout(() => done(seen), 50)
})"""


class Reader:
    """A browser that knows nothing yet, and what it costs to open pages in it."""

    def __init__(self, browser: Browser, host: StaticHost, slow_down: int) -> None:
        self.host = host
        self.context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.fetched: list[Fetched] = []  # by the last page
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.protocol = self.context.new_cdp_session(self.page)
        self.protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
        # The process that will show the chapters starts here, and not during the first of them.
        self.page.goto(host.origin + EMPTY)
        self.protocol.send("Network.emulateNetworkConditions", {"offline": False, **LINE})
        self.protocol.send("Emulation.setCPUThrottlingRate", {"rate": slow_down})
        host.take()

    def metrics(self) -> dict[str, float]:
        found = {it["name"]: it["value"] for it in self.protocol.send("Performance.getMetrics")["metrics"]}
        return {name: 1000 * found[theirs] for name, theirs in METRICS.items()}

    def open(self, address: str) -> dict[str, float]:
        """Open a page, wait until it is quiet, and give what that took, times in milliseconds."""
        self.page.goto(f"{self.host.origin}/{address}")
        times = self.settle()  # of this page alone: the browser starts to count anew with each
        fetched = self.fetched = self.host.take()
        if self.errors or any(it.status >= 400 for it in fetched):
            raise RuntimeError(f"{self.page.url}: {self.errors}, {fetched}")
        return {
            **weight(fetched),
            **self.page.evaluate(PAINT_AND_SHIFT),
            **times,
            "script_and_layout": times["script"] + times["layout"] + times["style"],
        }

    def settle(self) -> dict[str, float]:
        """Wait until for half a second nothing is fetched and next to nothing is done."""
        then, quiet = (0.0, 0), 0
        while quiet < 2:
            self.page.wait_for_timeout(250)
            metrics = self.metrics()
            now = (metrics["task"], len(self.host.fetched))
            quiet = quiet + 1 if now[1] == then[1] and now[0] - then[0] < 25 else 0
            then = now
        return metrics

    def scroll_through(self) -> None:
        height = self.page.evaluate("document.scrollingElement.scrollHeight")
        for top in range(0, height, HEIGHT):
            self.page.evaluate("top => scrollTo(0, top)", top)
            self.page.wait_for_timeout(30)
        self.settle()


def weight(fetched: list[Fetched]) -> dict[str, float]:
    total = sum(it.bytes for it in fetched)
    return {"bytes": total, "kilobytes": total / 1000, "requests": len(fetched)}


def run(progress: Progress) -> dict[str, Any]:
    program = os.environ.get(VARIABLE) or find()
    if not program:
        raise RuntimeError("there is no Chromium to read with: install one, or set DLBOOK_CHROMIUM")
    sites = {way: build(way) for way in WAYS}
    chapters = sorted(path.stem for path in sites["dlbook"].glob("[0-9][0-9]-*.html"))
    with ExitStack() as stack:
        hosts = {way: stack.enter_context(StaticHost(site)) for way, site in sites.items()}
        undone = {
            step: stack.enter_context(StaticHost(sites["dlbook"], on_texts(undo)))
            for step, undo in {"nothing": lambda _, text: text, **UNDO, "all": undo_all}.items()
        }
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        stack.callback(browser.close)
        # First, for this fails when a page has changed in such a way that a step cannot be undone any more.
        longest = max(chapters, key=lambda chapter: (sites["dlbook"] / f"{chapter}.html").stat().st_size)
        check_that_steps_are_undone(sites["dlbook"], longest)
        steps: dict[str, list[dict[str, Any]]] = {}
        for _, step in progress(list(product(range(ROUNDS), undone))):
            steps.setdefault(step, []).append(read(browser, undone[step], SLOW_DOWNS[0], longest, None))
        seen: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
        # In turn, so that whatever else the machine does meets all alike.
        for _, chapter, slow_down, way in progress(list(product(range(ROUNDS), chapters, SLOW_DOWNS, WAYS))):
            following = [*chapters, None][chapters.index(chapter) + 1]
            visit = read(browser, hosts[way], slow_down, chapter, following)
            seen.setdefault((chapter, slow_down, way), []).append(visit)
        through = [read_through(browser, hosts["dlbook"], chapter) for chapter in chapters]
        version = browser.version
    pages = {
        way: {
            chapter: {
                "formulas": seen[chapter, SLOW_DOWNS[0], way][0]["formulas"],
                **{f"{slow_down}x": medians(seen[chapter, slow_down, way]) for slow_down in SLOW_DOWNS},
            }
            for chapter in chapters
        }
        for way in WAYS
    }
    worst = find_worst(pages)
    return {
        "rounds": ROUNDS,
        "line": LINE,
        "versions": {
            "chromium": version,
            "katex": json.loads((ROOT / "node_modules/katex/package.json").read_bytes())["version"],
            "mathjax": MATHJAX,
        },
        "pages": pages,
        "typical": {way: typical(pages[way]) for way in WAYS},
        "heaviest_through": max(through, key=lambda it: it["bytes"]),
        "steps": {step: {SPEEDS[0]: medians(visits)["first"]} for step, visits in steps.items()},
        "targets": {
            name: {"target": target, "measured": worst[name], "met": worst[name] <= target}
            for name, target in TARGETS.items()
        },
    }


def check_that_steps_are_undone(site: Path, chapter: str) -> None:
    """A step that is made in another way by now would otherwise seem to bring nothing."""
    paths = [f"{chapter}.html", *(f"assets/stylesheets/{name}" for name in ("palette.css", "book.css"))]
    texts = {path: (site / path).read_text(encoding="utf-8") for path in paths}
    for step, undo in UNDO.items():
        if all(undo(path, text) == text for path, text in texts.items()):
            raise RuntimeError(f"{step} undoes nothing on {chapter}.html: UNDO in {__file__} is out of date")


def on_texts(undo: Undo) -> Callable[[str, bytes], bytes]:
    def change(path: str, content: bytes) -> bytes:
        return undo(path, content.decode()).encode() if path.endswith((".html", ".css")) else content

    return change


def read(
    browser: Browser, host: StaticHost, slow_down: int, chapter: str, following: str | None
) -> dict[str, Any]:
    """Open a chapter with an empty cache, and then the next."""
    reader = Reader(browser, host, slow_down)
    try:
        seen: dict[str, Any] = {"first": reader.open(f"{chapter}.html")}
        seen["formulas"] = reader.page.evaluate(FORMULAS)
        wanted = len(re.findall(FORMULA, (host.folder / f"{chapter}.html").read_text(encoding="utf-8")))
        if seen["formulas"] != wanted:
            raise RuntimeError(f"{reader.page.url} shows {seen['formulas']} formulas of {wanted}")
        if following:
            seen["next"] = reader.open(f"{following}.html")
        return seen
    finally:
        reader.context.close()


def read_through(browser: Browser, host: StaticHost, chapter: str) -> dict[str, float]:
    """What a chapter weighs to somebody who scrolls to its end: with every picture."""
    reader = Reader(browser, host, 1)
    try:
        first = reader.open(f"{chapter}.html")
        reader.scroll_through()
        more = weight(host.take())
        return {name: first[name] + more[name] for name in more}
    finally:
        reader.context.close()


# Medians, ratios, and what is worst


def medians(visits: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        part: {name: round(median(visit[part][name] for visit in visits), 4) for name in visits[0][part]}
        for part in ("first", "next")
        if part in visits[0]
    }


def opened(chapters: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """Return the chapter, the slow-down, first or next, and the numbers of each page that was opened."""
    for chapter, it in chapters.items():
        for speed in SPEEDS:
            for part, numbers in it[speed].items():
                yield chapter, speed, part, numbers


def typical(chapters: dict[str, Any]) -> dict[str, Any]:
    """Return the median over all chapters of each number."""
    found: dict[str, Any] = {"formulas": median(it["formulas"] for it in chapters.values())}
    for speed in SPEEDS:
        for part in ("first", "next"):
            seen = [it for _, at, which, it in opened(chapters) if (at, which) == (speed, part)]
            found.setdefault(speed, {})[part] = {name: median(it[name] for it in seen) for name in seen[0]}
    return found


def find_worst(pages: dict[str, Any]) -> dict[str, float]:
    """Return the largest of each number that has a target, over chapters and slow-downs."""

    def largest(name: str, *parts: str, beside: str = "") -> float:
        """Return the book's largest number, or its largest part of what another way has on the same visit."""
        return max(
            it[name] / (pages[beside][chapter][speed][part][name] if beside else 1)
            for chapter, speed, part, it in opened(pages["dlbook"])
            if part in parts
        )

    return {
        "first_bytes": largest("bytes", "first"),
        "first_requests": largest("requests", "first"),
        "next_bytes": largest("bytes", "next"),
        "layout_shift": largest("layout_shift", "first", "next"),
        **{
            f"script_and_layout_to_{way}": largest("script_and_layout", "first", "next", beside=way)
            for way in ("katex", "mathjax")
        },
    }


# The three sites


def install_mathjax() -> Path:
    """MathJax from npm, into build/: only this benchmark needs it."""
    folder = ROOT / "build/bench/npm"
    package = folder / "node_modules/mathjax"
    version = package / "package.json"
    if not version.is_file() or json.loads(version.read_bytes())["version"] != MATHJAX:
        folder.mkdir(parents=True, exist_ok=True)
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        npm = shutil.which("npm", path=programs) or "npm"
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        command += ["--prefix", str(folder), f"mathjax@{MATHJAX}"]
        subprocess.run(command, env={**os.environ, "PATH": programs}, check=True, timeout=300)
    return package / "es5"


def build(way: str) -> Path:
    """Build the English edition with formulas set in one way, and give the folder it is in."""
    site = FOLDER / way
    # In a process of its own: MkDocs and the extensions keep much in mind.
    command = [sys.executable, "-c", f"from {__name__} import mkdocs; mkdocs({way!r}, {str(site)!r})"]
    environment = {**os.environ, ALL_IS_MADE: "1", "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the pages do not build with formulas by {way}:\n{done.stdout}{done.stderr}")
    bench = site / "bench"
    if way == "katex":
        bench.mkdir()
        (bench / "setup.js").write_text(KATEX_JS, encoding="utf-8")
        for name in ("katex.min.js", "contrib/auto-render.min.js"):
            shutil.copy(ROOT / "node_modules/katex/dist" / name, bench)
    elif way == "mathjax":
        bench.mkdir()
        (bench / "setup.js").write_text(MATHJAX_JS, encoding="utf-8")
        shutil.copytree(install_mathjax(), bench / "mathjax")
    return site


def mkdocs(way: str, site: str) -> None:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.utils.yaml import yaml_load

    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        written: dict[str, Any] = yaml_load(file)
    extensions: dict[str, Any] = written["markdown_extensions"]
    if way != "dlbook":
        del extensions["scripts.extensions.katex"]
    # Their own stylesheet first, as ours is.
    styles = [*WAYS[way].get("extra_css", []), *written["extra_css"]]
    scripts = WAYS[way].get("extra_javascript", [])
    build(
        load_config(
            str(ROOT / "mkdocs.yml"),
            site_dir=site,
            markdown_extensions=extensions,
            extra_css=styles,
            extra_javascript=scripts,
        )
    )
