"""Would the other generator make the same book? Compare Zensical's site with that of `make build`.

`make zensical` builds both. Differences with a reason in `KNOWN` are allowed; any other fails. The file
build/zensical/differences.txt lists them all: - marks what only MkDocs has, + what only Zensical has.
"""

import difflib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from scripts.build import complete
from scripts.project import ROOT

REPORT = "build/zensical/differences.txt"
# What a theme brings for itself.
THEIRS = r"assets/(javascripts|stylesheets/(main|palette|modern|classic)|_mkdocstrings\.css|images/favicon)"
KNOWN = {  # a pattern for the whole line, and the reason
    r"site: files: (-search/search_index|\+search)\.js(on)?": "its search has files of other names",
    r"site: search: [-+]index\.html (Home|Deep Learning from Scratch): .*": "search calls the home page Home",
    r".*: head: \+canonical: /.*": "it gives an address to the pages of a site that has none",
    r".*: anchors: \+__skip": "the link that skips the navigation leads to an element of its own",
}


def plain(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


def of_site(site: Path) -> dict[str, list[str]]:
    """Return the names of the files, and what search can find with the words by which it finds it."""
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    index, key = site / "search/search_index.json", "docs"
    if not index.is_file():
        index, key = site / "search.json", "items"
    found = [
        f"{it['location']} {it['title']}: {plain(it['text'])}" for it in json.loads(index.read_bytes())[key]
    ]
    return {"files": [name for name in files if not re.match(THEIRS, name)], "search": sorted(found)}


def of_page(site: Path, name: str) -> dict[str, list[str]]:
    """Return what a reader gets of a page, as lists of lines, however a theme wraps it."""
    soup = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    content = soup.select_one(".md-content") or soup

    def address(tag: Tag, attribute: str) -> str:
        return urljoin(name, str(tag[attribute]))  # so that ./x and x are the same

    head = [f"{it.name}: {address(it, 'href')}" for it in soup.select("link[rel=stylesheet]")]
    head += [f"{it.name}: {address(it, 'src')}" for it in soup.select("script[src]")]
    head = [line for line in head if not re.search(THEIRS, line)]
    head += [f"{it.get('name') or it.get('property')}: {it['content']}" for it in soup.select("meta[content]")
             if it.get("name") != "generator" and not it.has_attr("http-equiv")]  # fmt: skip
    head += [f"{it['rel'][0]}: {address(it, 'href')}" for it in soup.select("link[rel=canonical]")]
    head += [
        f"{it['rel'][0]}: {address(it, 'href')}" for it in soup.select("link:is([rel=prev], [rel=next])")
    ]
    found = {
        "head": sorted([*head, f"title: {plain(str(soup.title))}"]),
        "code": [it.get_text() for it in content.select("pre > code")],
        "formulas": [str(it) for it in content.select(".katex")],
        "pictures": [f"{address(it, 'src')}: {it.get('alt')}" for it in content.select("img[src]")],
        "links": [f"{plain(str(it))} → {address(it, 'href')}" for it in content.select("a[href]")],
        "anchors": [str(it["id"]) for it in content.find_all(id=True)],
    }
    for tag in content.select("pre, .katex, script, style, svg"):
        tag.decompose()
    lines = content.get_text("\n").splitlines()
    return {**found, "words": [" ".join(line.split()) for line in lines if line.strip()]}


def differences(mkdocs: Path, other: Path) -> Iterator[str]:
    def compare(where: str, one: dict[str, list[str]], two: dict[str, list[str]]) -> Iterator[str]:
        for aspect in one:
            for line in list(difflib.unified_diff(one[aspect], two[aspect], n=0, lineterm=""))[2:]:
                if not line.startswith("@@"):
                    yield f"{where}: {aspect}: {line}"

    yield from compare("site", of_site(mkdocs), of_site(other))
    for page in sorted(path.relative_to(mkdocs).as_posix() for path in mkdocs.rglob("*.html")):
        if (other / page).is_file():  # or the comparison of files says so
            yield from compare(page, of_page(mkdocs, page), of_page(other, page))


def main(mkdocs: Path = ROOT / "site", other: Path = ROOT / "build/zensical/site") -> int:
    complete(other, {ROOT / "mkdocs.yml": other})
    found = list(differences(mkdocs, other))
    matched = {it: [known for known in KNOWN if re.fullmatch(known, it, re.DOTALL)] for it in found}
    new = [it for it in found if not matched[it]]
    (ROOT / REPORT).write_text("".join(f"{it}\n" for it in found), encoding="utf-8")
    for it in new[:20]:
        print(f"new: {it:.300}")
    for known, count in Counter(known for all_known in matched.values() for known in all_known).items():
        print(f"{count} times {KNOWN[known]}")
    for known in KNOWN.keys() - {known for all_known in matched.values() for known in all_known}:
        print(f"known, but not found anymore: {known} ({KNOWN[known]})")
    print(f"{len(found)} differences, {len(new)} new; all are in {REPORT}.")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
