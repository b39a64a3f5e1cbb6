"""What a site has for others than its readers: `llms.txt`, and where its address is known, a sitemap.

Both are read off the finished pages, whichever generator made them, in the order of the table of contents.
They hold no date: a day on which nothing but the clock has changed leaves every byte as it was.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

import yaml

from scripts.project import BuildError

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Head(HTMLParser):
    """A page's title, its description and its address, as its head gives them."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.title = self.description = self.address = ""
        self._open = ""
        self.feed(page.read_text(encoding="utf-8").partition("</head>")[0])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self._open = tag
        if tag == "meta" and named.get("name") == "description":
            self.description = " ".join((named.get("content") or "").split())
        elif tag == "link" and named.get("rel") == "canonical":
            address = named.get("href") or ""
            self.address = (
                address if urlsplit(address).netloc else ""
            )  # Zensical gives a path where none is known

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data.strip()


def finish(config: Path, site: Path) -> None:
    """Write the files of an edition beside its finished pages."""
    edition = yaml.safe_load(config.read_text(encoding="utf-8"))
    home = Head(site / "index.html").address
    (site / "llms.txt").write_text(llms(edition, site, home), encoding="utf-8")
    for theirs in ("sitemap.xml", "sitemap.xml.gz"):  # with the day of the build in it
        (site / theirs).unlink(missing_ok=True)
    if home:
        (site / "sitemap.xml").write_text(sitemap(site), encoding="utf-8")
        if urlsplit(urljoin(home, ".")).path == "/":  # robots look for it nowhere else
            robots = f"User-agent: *\nAllow: /\nSitemap: {urljoin(home, 'sitemap.xml')}\n"
            (site / "robots.txt").write_text(robots, encoding="utf-8")


def sitemap(site: Path) -> str:
    """The addresses of all pages, but for the one that answers for missing pages, which has none."""
    addresses = sorted(filter(None, (Head(page).address for page in site.rglob("*.html"))))
    urls = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAPS}">\n{urls}</urlset>\n'


def llms(edition: dict[str, Any], site: Path, home: str) -> str:
    """The table of contents for language models, as https://llmstxt.org proposes it."""
    lines = [f"# {edition['site_name']}", ""]
    if about := edition.get("site_description"):
        lines += [f"> {about.strip()}", ""]
    for heading, entries in sections(edition.get("nav", [])):
        lines += [f"## {heading}", ""] if heading else []
        for title, source in entries:
            name = Path(source).with_suffix(".html").as_posix()
            if not (site / name).is_file():
                raise BuildError(f"llms.txt: the table of contents has {source}, but there is no page {name}")
            head = Head(site / name)
            title = title or head.title.removesuffix(f" - {edition['site_name']}")
            lines.append(f"- [{title}]({urljoin(home, name)}): {head.description}")
        lines.append("")
    return "\n".join(lines)


def sections(nav: list[Any], heading: str = "") -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Flatten a table of contents: each section's heading, with the titles and sources of its own pages."""
    named = [next(iter(entry.items())) if isinstance(entry, dict) else ("", entry) for entry in nav]
    pages = [(title, source) for title, source in named if isinstance(source, str)]
    if pages:
        yield heading, pages
    for title, inner in named:
        if isinstance(inner, list):
            yield from sections(inner, title)
