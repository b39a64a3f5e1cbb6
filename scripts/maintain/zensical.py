"""Would the other generator make the same book? Build it with Zensical, too, and compare page by page.

python -m scripts.maintain.zensical PYTHON          with an interpreter that has Zensical

Zensical's site is compared with that of `make build`: its files, what search knows, and of each page the
head, words, code, formulas, pictures, links and anchors. A table counts what differs; the differences are in
build/zensical/differences.txt. What is known and has its reason in `KNOWN` is only counted: any other fails.
"""

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from rich.console import Console
from rich.table import Table

from scripts.build import ONE_THREAD, complete
from scripts.project import ROOT

REPORT = "build/zensical/differences.txt"
THEIRS = r"assets/(javascripts|stylesheets/(main|palette|modern|classic)|_mkdocstrings\.css|images/favicon)"


@dataclass(frozen=True)
class Difference:
    where: str  # a page, or "site"
    aspect: str
    line: str  # begins with - where MkDocs alone has it, with + where Zensical alone has it

    def __str__(self) -> str:
        return f"{self.where}: {self.aspect}: {self.line}"


@dataclass(frozen=True)
class Known:
    """Differences that stay, and why."""

    aspect: str
    line: str  # a pattern that the whole line has to match
    reason: str
    where: str = r".*"

    def excuses(self, it: Difference) -> bool:
        matches = re.fullmatch(self.line, it.line) and re.fullmatch(self.where, it.where)
        return self.aspect == it.aspect and bool(matches)


KNOWN = [
    Known("files", r"-search/search_index\.js(on)?", "its search has files of other names"),
    Known("files", r"\+search\.js(on)?", "its search has files of other names"),
    Known(
        "search", r"[-+]index\.html (Home|Deep Learning from Scratch): .*", "search calls the home page Home"
    ),
    Known("head", r"\+canonical: /.*", "it gives an address to the pages of a site that has none"),
    Known("anchors", r"\+__skip", "the link that skips the navigation leads to an element of its own"),
]

# What is compared


def pages(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def files(site: Path) -> list[str]:
    """Every file but those that a theme brings for itself."""
    found = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*")) if path.is_file())
    return [name for name in found if not re.match(THEIRS, name)]


def searched(site: Path) -> list[str]:
    """What search can find, and the words that it finds it by."""
    for name, key in (("search/search_index.json", "docs"), ("search.json", "items")):
        if (site / name).is_file():
            entries = json.loads((site / name).read_bytes())[key]
            return sorted(f"{it['location']} {it['title']}: {plain(it['text'])}" for it in entries)
    return []


def plain(text: str) -> str:
    return " ".join(BeautifulSoup(text, "html.parser").get_text().split())


def aspects(site: Path, name: str) -> dict[str, list[str]]:
    """What a reader gets of a page, as lists of lines; how a theme wraps it does not count."""
    soup = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    for tag in soup.select("[href], [src]"):
        attribute = "href" if tag.has_attr("href") else "src"
        tag[attribute] = urljoin(name, str(tag[attribute]))  # so that ./x and x are the same
    content = soup.select_one(".md-content") or soup
    head = [f"title: {soup.title.get_text().strip()}" if soup.title else "title: none"]
    for tag in soup.find_all(["meta", "link"]):
        name = str(
            tag.get("name") or tag.get("property") or " ".join(map(str, tag.get_attribute_list("rel")))
        )
        # Nor does the policy, which holds the hashes of the themes' own scripts.
        if name not in ("generator", "icon", "stylesheet", "None") and not tag.has_attr("http-equiv"):
            head.append(f"{name}: {tag.get('content') or tag.get('href')}")
    loaded = [
        (it, str(it.get("href") or it["src"])) for it in soup.select("link[rel=stylesheet], script[src]")
    ]
    head += [f"{it.name}: {address}" for it, address in loaded if not re.search(THEIRS, address)]
    found = {
        "head": sorted(head),
        "code": [code.get_text() for code in content.select("pre > code")],
        "formulas": [str(formula) for formula in content.select(".katex")],
        "pictures": [
            attributes(it, "src", "alt", "width", "height", "loading") for it in content.find_all("img")
        ],
        "links": [f"{plain(str(it))} → {it['href']}" for it in content.select("a[href]")],
        "anchors": [str(it["id"]) for it in content.find_all(id=True)],
    }
    for tag in content.select("pre, .katex, script, style, svg"):
        tag.decompose()
    words = content.get_text("\n").splitlines()
    return {**found, "words": [" ".join(line.split()) for line in words if line.strip()]}


def attributes(tag: Tag, *names: str) -> str:
    return " ".join(f"{name}={tag.get(name)}" for name in names)


def differences(mkdocs: Path, other: Path) -> tuple[list[Difference], Counter[str]]:
    """What differs between two sites, and how many lines of each aspect have been compared."""
    found: list[Difference] = []
    compared: Counter[str] = Counter()

    def compare(where: str, aspect: str, one: list[str], two: list[str]) -> None:
        compared[aspect] += len(one)
        found.extend(Difference(where, aspect, line) for line in changes(one, two))

    compare("site", "files", files(mkdocs), files(other))
    compare("site", "search", searched(mkdocs), searched(other))
    for page in sorted(set(pages(mkdocs)) & set(pages(other))):
        one, two = (aspects(site, page) for site in (mkdocs, other))
        for aspect in one:
            compare(page, aspect, one[aspect], two[aspect])
    return found, compared


def changes(one: list[str], two: list[str]) -> Iterator[str]:
    if one != two:
        for line in list(difflib.unified_diff(one, two, n=0, lineterm=""))[2:]:
            if not line.startswith("@@"):
                yield line


# Building and reporting


def build(python: Path, folder: Path) -> Path:
    """Build the book with Zensical in a copy of the project; give the site."""
    left_out = shutil.ignore_patterns(".*", "__pycache__", "build", "node_modules", "site")
    project = shutil.copytree(ROOT, folder / "book", ignore=left_out)
    (project / "node_modules").symlink_to(ROOT / "node_modules")
    command = [str(python), "-m", "zensical", "build", "--clean", "--strict", "-f", "mkdocs.yml"]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"Zensical does not build the book:\n{done.stdout}{done.stderr}")
    complete(project / "site", {project / "mkdocs.yml": project / "site"})
    return project / "site"


def show(found: Sequence[Difference], new: Sequence[Difference], compared: Counter[str]) -> None:
    table = Table(
        "aspect", "lines compared", "known differences", "new differences", box=None, pad_edge=False
    )
    for aspect, lines in compared.items():
        counts = [sum(it.aspect == aspect for it in group) for group in (found, new)]
        table.add_row(aspect, str(lines), str(counts[0] - counts[1]), str(counts[1]))
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.maintain.zensical", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("python", type=Path, help="an interpreter that has Zensical")
    python = parser.parse_args(argv).python.absolute()
    version = subprocess.run([python, "-m", "zensical", "--version"], capture_output=True, text=True)
    if version.returncode:
        print(f"SKIPPED: {python} has no Zensical, so that nothing is compared.")
        return 0
    with TemporaryDirectory(prefix="zensical-") as folder:
        found, compared = differences(ROOT / "site", build(python, Path(folder)))
    new = [it for it in found if not any(known.excuses(it) for known in KNOWN)]
    unused = [known for known in KNOWN if not any(known.excuses(it) for it in found)]
    show(found, new, compared)
    (ROOT / REPORT).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / REPORT).write_text("".join(f"{it}\n" for it in found), encoding="utf-8")
    for it in new[:20]:
        print(f"new: {it!s:.300}")
    for known in unused:
        print(f"known, and gone: {known.aspect} {known.line} ({known.reason})")
    print(
        f"Zensical {version.stdout.strip()}: {len(found)} differences, {len(new)} new; all are in {REPORT}."
    )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
