"""What a reader can take along: chapters as scripts and as notebooks, and the whole site in one archive.

All of it is made from the finished pages, so that it says what they say: the code is what their copy buttons
copy, formulas and numbers are filled in. A page that offers downloads has a box `.downloads` with links to
them, which the theme puts there. The same pages always give the same bytes.
"""

import io
import re
import textwrap
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import nbformat
from bs4 import BeautifulSoup, PageElement, Tag
from bs4.element import PreformattedString

from scripts.extensions.tables import BOXES
from scripts.project import BuildError, write_atomically

ARCHIVE = "dlbook.zip"
SERVERS = {"404.html", "robots.txt", "sitemap.xml"}  # what only a server has a use for
UNSAFE = r"[^\w.~ /:;=,()!&*+@?$\[\]'-]|[^\x00-\x7f]"  # in an address of a picture
FOLDER = "dlbook"  # what the archive unpacks to
WARNING = re.compile(r"\w+Warning: ")  # how an Output shows a line that came by standard error
HEADING = re.compile(r"h[1-6]")
BLOCKS = {"p", "ul", "ol", "table", "figure", "details", "div", "hr", "blockquote"}
# Of the screen: links to the source, marks to link to headings, switches and drawings that need a script.
SCREEN = {"script", "style", "template", "button", "input", "label", "form", "canvas", "svg", "output"}
SCREEN_CLASSES = {"md-content__button", "headerlink", "footnote-backref", "downloads"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}

# Most tags of a page are in formulas, which keep their LaTeX beside what is drawn, and in colored code.
FORMULA = re.compile(
    r'(<(bdi|div) class="math [^>]*>).*?(<annotation\b.*?</annotation>).*?(</\2>)', re.DOTALL
)
CODE = re.compile(r"<code[^>]*>.*?</code>", re.DOTALL)
COLOR = re.compile(r"</?(?:span|a)\b[^>]*>")


def without_markup(html: str) -> str:
    """Return a page with the LaTeX alone in its formulas and plain code: it is read five times as fast."""
    return CODE.sub(lambda it: COLOR.sub("", it[0]), FORMULA.sub(r"\1\3\4", html))


# A page, piece by piece


@dataclass(eq=False)
class Box:
    """What is folded on the page: a hint, a solution, the answer to a bug."""

    title: str


class Heading(NamedTuple):
    level: int
    element: Tag
    anchor: str
    box: Box | None


class Piece(NamedTuple):
    """What is no heading, by its kind.

    "text": Markdown (paragraphs, lists, tables, formulas); "figure"; "code": Python that runs; "not run":
    Python that must not, with the reason as its title; "output".
    """

    kind: str
    text: str
    box: Box | None
    title: str = ""


class Page:
    """A finished page, as a reader sees it."""

    def __init__(self, site: Path, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(site).with_suffix(".md").as_posix()  # where its author fixes it
        self.soup = BeautifulSoup(without_markup(path.read_text(encoding="utf-8")), "html.parser")
        canonical = self.soup.select_one("link[rel=canonical]")
        self.address = str(canonical["href"]) if canonical else ""  # known if the site's is
        self.book = str(self.one("a.md-logo")["title"])
        self.title = self.one("title").get_text().removesuffix(f" - {self.book}")
        self.about = str(self.one("meta[name=description]")["content"])
        source = self.soup.select_one("a.book-source")
        self.home = self.address or (str(source["href"]) if source else "")  # if either is known
        self.markdown = Markdown(self)
        self.note = self.one(".downloads-note")
        self.pieces = list(self.inside(self.one("article"), None))
        self.downloads = path.parent / "downloads"

    def one(self, selector: str) -> Tag:
        found = self.soup.select_one(selector)
        if found is None:
            raise BuildError(f"{self.name}: there is no {selector}, which its downloads need")
        return found

    def unknown(self, element: Tag) -> BuildError:
        start = str(element).partition("\n")[0][:80]
        return BuildError(f"{self.name}: scripts and notebooks have no place for this element: {start}")

    def inside(self, parent: Tag, box: Box | None) -> Iterator[Heading | Piece]:
        for it in elements(parent, self.unknown):
            classes = class_names(it)
            if HEADING.fullmatch(it.name):
                yield Heading(int(it.name[1]), it, str(it.get("id", "")), box)
            elif it.name == "figure":
                yield Piece("figure", self.figure(it), box)
            elif it.name == "details" and "provenance" not in classes:
                summary = it.find("summary", recursive=False)
                if not isinstance(summary, Tag):
                    raise self.unknown(it)
                title = summary.get_text().strip()
                yield from self.inside(it, Box(title))
            elif "highlight" in classes:
                yield self.code(it, box)
            elif it.name != "summary":
                yield Piece("text", self.markdown.block(it), box)

    def code(self, highlight: Tag, box: Box | None) -> Piece:
        code, name = highlight.find("code"), highlight.find(class_="filename")
        if not isinstance(code, Tag):
            raise self.unknown(highlight)
        text, title = code.get_text().rstrip(), name.get_text() if name else ""
        language = next(it for it in highlight["class"] if it.startswith("language-"))
        if title == "Output":
            return Piece("output", text, box)
        if language != "language-python":
            fenced = fence(text, language.removeprefix("language-"))
            return Piece("text", f"{code_span(title)}\n\n{fenced}" if title else fenced, box)
        return Piece("not run" if title.startswith("Not run") else "code", text, box, title)

    def figure(self, figure: Tag) -> str:
        """The picture itself, in the light: a notebook's paper may be white where the system is dark."""
        lines = []
        for image in figure.find_all("img"):
            file = self.path.parent / str(image["src"])
            if file.suffix != ".svg":
                raise self.unknown(image)
            alt = escape(str(image["alt"]))
            lines.append(f'<img src="{data_url(file)}" alt="{alt}" width="{image["width"]}">')
        caption = figure.find("figcaption")
        if not lines or not isinstance(caption, Tag):
            raise self.unknown(figure)
        return "\n\n".join([*lines, self.markdown.flow(caption)])


def elements(parent: Tag, unknown: Callable[[Tag], BuildError]) -> Iterator[Tag]:
    """The elements in a part of a page, where nothing else may stand but blanks and comments."""
    for it in parent.children:
        if isinstance(it, Tag):
            if not of_the_screen(it):
                yield it
        elif it.get_text().strip() and not isinstance(it, PreformattedString):
            raise unknown(parent)


def class_names(element: Tag) -> list[str]:
    return element.get_attribute_list("class")


def of_the_screen(element: Tag) -> bool:
    target = element.get("id") == "__skip"  # of the link that skips the navigation, where Zensical has it
    return target or element.name in SCREEN or not SCREEN_CLASSES.isdisjoint(class_names(element))


def fence(text: str, language: str) -> str:
    mark = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("``+", text))])
    return f"{mark}{language}\n{text}\n{mark}"


def data_url(file: Path) -> str:
    """An SVG inside its own address. JupyterLab shows none that is an attachment of a cell."""
    svg = file.read_text(encoding="utf-8")
    svg = re.sub(r"@media \(prefers-color-scheme:dark\)\{:root\{[^}]*\}\}", "", svg)
    svg = re.sub(r"\s+", " ", svg).replace('"', "'")
    return f"data:image/svg+xml,{re.sub(UNSAFE, lambda it: quote(it[0]), svg)}"


# HTML into Markdown


class Markdown:
    """Writes a page's prose as Markdown for notebooks: GitHub's, with formulas between dollar signs."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def flow(self, parent: Tag) -> str:
        """A part of a page in which words and blocks may follow each other."""
        blocks: list[str] = []
        words = ""
        for it in parent.children:
            if isinstance(it, Tag) and (it.name in BLOCKS or HEADING.fullmatch(it.name)):
                blocks += [start_of_line(words.strip()), self.block(it)]
                words = ""
            else:
                words += self.span(it)
        return "\n\n".join(filter(None, [*blocks, start_of_line(words.strip())]))

    def block(self, it: Tag) -> str:
        classes = class_names(it)
        if it.name == "p":
            words = self.inline(it)
            return f"**{words}**" if "admonition-title" in classes else start_of_line(words)
        if it.name in ("ul", "ol"):
            return self.items(it)
        if it.name == "table":
            return self.table(it)
        if it.name == "hr":
            return "---"
        if it.name == "blockquote" or "admonition" in classes:
            return quoted(self.flow(it))
        if "math" in classes:
            return f"$$\n{tex(it)}\n$$"
        if "footnote" in classes or not {*BOXES}.isdisjoint(classes):
            return self.flow(it)
        if "provenance" in classes:
            return self.provenance(it)
        raise self.page.unknown(it)

    def items(self, items: Tag) -> str:
        written = []
        first = int(str(items.get("start", "1")))
        for number, item in enumerate(elements(items, self.page.unknown), first):
            mark = "- " if items.name == "ul" else f"{number}. "
            written.append(mark + textwrap.indent(self.flow(item), " " * len(mark)).lstrip())
        loose = any("\n\n" in item for item in written)
        return ("\n\n" if loose else "\n").join(written)

    def table(self, table: Tag) -> str:
        rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
        if not table.find("thead") or table.find(["th", "td"], attrs={"colspan": True}):
            raise self.page.unknown(table)
        rules = [alignment(cell) for cell in rows[0]]
        lines = [[self.cell(cell) for cell in row] for row in rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (lines[0], rules, *lines[1:]))

    def cell(self, cell: Tag) -> str:
        for formula in cell.find_all("annotation"):  # a bar would end the cell
            formula.string = re.sub(r"(?<!\\)\|", r"\\vert ", formula.get_text()).replace("\\|", "\\Vert ")
        return re.sub(r"(?<!\\)\|", r"\\|", self.inline(cell))

    def provenance(self, box: Tag) -> str:
        """Where the numbers come from: folded, a line for each row."""
        title = box.find("summary")
        rows = [row.find_all(["th", "td"]) for row in box.find_all("tr")]
        lines = [f"- {self.inline(key)}: {self.inline(value)}" for key, value in rows]
        return folded(title.get_text() if title else "", "\n".join(lines))

    def inline(self, parent: Tag) -> str:
        """Words, with what marks them, on one line."""
        return "".join(self.span(it) for it in parent.children).strip()

    def span(self, it: PageElement) -> str:
        if not isinstance(it, Tag):
            return "" if isinstance(it, PreformattedString) else escaped(re.sub(r"\s+", " ", it.get_text()))
        classes = class_names(it)
        if of_the_screen(it):
            return ""
        if "math" in classes:
            return f"${' '.join(tex(it).split())}$"
        if it.name == "code":
            return code_span(it.get_text())
        if it.name == "a" and "footnote-ref" not in classes:
            return self.link(it)
        if "caption-prefix" in classes or it.name in ("strong", "b"):
            return f"**{self.inline(it)}**"
        if it.name in ("em", "i"):
            return f"*{self.inline(it)}*"
        if it.name in ("sup", "sub"):
            return f"<{it.name}>{self.inline(it)}</{it.name}>"
        if it.name == "br":
            return "<br>"
        if it.name in ("span", "a", "abbr"):
            return self.inline(it)
        raise self.page.unknown(it)

    def link(self, link: Tag) -> str:
        """A link to elsewhere. One into the book needs the address at which the book is published."""
        words, address = self.inline(link), str(link.get("href", ""))
        if not urlsplit(address).scheme:
            address = urljoin(self.page.address, address) if self.page.address else ""
        return f"[{words}]({address})" if address else words


def tex(formula: Tag) -> str:
    source = formula.find("annotation")
    return source.get_text().strip() if isinstance(source, Tag) else ""


def escaped(words: str) -> str:
    words = re.sub(r"[\\`*$<\[]", r"\\\g<0>", words)
    return re.sub(r"(?<!\w)_|_(?!\w)|~~", r"\\\g<0>", words)


def start_of_line(words: str) -> str:
    """Words that begin as a heading or a list item would, and are none."""
    return re.sub(r"^(\d+)([.)] )|^([#+=>-])(?=[ #]|$)", lambda it: f"{it[1] or ''}\\{it[2] or it[3]}", words)


def code_span(code: str) -> str:
    ticks = "`" * (1 + max([0, *(len(run) for run in re.findall("`+", code))]))
    blank = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{blank}{code}{blank}{ticks}"


def alignment(cell: Tag) -> str:
    style = str(cell.get("style", ""))
    return next((rule for word, rule in ALIGNMENTS.items() if word in style), "---")


ALIGNMENTS = {"right": "---:", "center": ":---:", "left": ":---"}


def folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{escape(title)}</summary>\n\n{text}\n\n</details>"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


# The script


def script(page: Page) -> str:
    """The page's code in one file, under the headings that it stands under."""
    note = f"{', '.join(filter(None, [page.book, page.home]))}. {words(page.note)}"
    about = "\n\n".join([page.title, wrapped(page.about), wrapped(note)])
    parts = [f'"""{about}\n"""']
    above: dict[int, str] = {}  # the headings that a block stands under, by their level
    heading, box = "", None
    for piece in page.pieces:
        if isinstance(piece, Heading) and piece.level > 1:
            above = {level: text for level, text in above.items() if level < piece.level}
            above[piece.level] = words(piece.element)
        elif isinstance(piece, Piece) and piece.kind in ("code", "not run"):
            lines = []
            if heading != " / ".join(above.values()):
                heading = " / ".join(above.values())
                lines += [f"# %% {heading}", ""]
            if box is not piece.box and piece.box:
                lines.append(f"# {piece.box.title}")
            box = piece.box
            if piece.title:
                lines.append(f"# {piece.title}")
            runs = piece.kind == "code"
            lines.append(piece.text if runs else textwrap.indent(piece.text, "# ", lambda _: True))
            parts.append("\n".join(lines))
    text = "\n\n\n".join(parts) + "\n"
    compile(text, f"{page.downloads.name}/{page.path.stem}.py", "exec", dont_inherit=True)
    return text


def words(element: Tag) -> str:
    """What an element says, without the marks of the screen in it."""
    parts = [it for it in element.children if not isinstance(it, Tag) or not of_the_screen(it)]
    return " ".join("".join(it.get_text() for it in parts).split())


def wrapped(text: str) -> str:
    return textwrap.fill(text, 79, break_long_words=False, break_on_hyphens=False)


# The notebook


@dataclass
class Cell:
    """A cell as it grows."""

    section: str
    box: Box | None
    parts: list[str]
    kind: str = "text"
    output: str = ""


def notebook(page: Page) -> str:
    """The page as a notebook, whose cells have printed what the page shows."""
    begun: set[Box] = set()
    numbers: Counter[str] = Counter()
    written: list[Any] = []
    for cell in cells(page):
        numbers[cell.section] += 1
        identity = f"{cell.section}-{numbers[cell.section]}"  # by place, so that it is always the same
        source = "\n\n".join(cell.parts)
        if cell.kind == "code":
            count = 1 + sum(it["cell_type"] == "code" for it in written)
            hidden = {"jupyter": {"source_hidden": True, "outputs_hidden": True}} if cell.box else {}
            known = {"cell_type": "code", "id": identity, "execution_count": count, "metadata": hidden}
            written.append({**known, "source": source, "outputs": streams(cell.output)})
            continue
        if cell.box:
            title = f"{cell.box.title} …" if cell.box in begun else cell.box.title
            source = folded(title, source) if source else f"**{title}**"
            begun.add(cell.box)
        written.append({"cell_type": "markdown", "id": identity, "metadata": {}, "source": source})
    metadata = {**METADATA, "title": page.title}
    book = nbformat.from_dict({"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    nbformat.validate(book)
    return f"{nbformat.writes(book)}\n"


def cells(page: Page) -> list[Cell]:
    """The page's pieces, put together: a heading begins a cell; figures and code have cells of their own."""
    found: list[Cell] = []
    section = "top"

    def add(text: str, box: Box | None, new: bool = False) -> None:
        last = found[-1] if found else None
        if new or not last or last.kind != "text" or last.box is not box:
            found.append(Cell(section, box, []))
        found[-1].parts.append(text)

    for piece in page.pieces:
        if isinstance(piece, Heading):
            section = re.sub(r"[^\w-]+", "-", piece.anchor, flags=re.ASCII)[:50] or "section"
            title = page.title if piece.level == 1 else page.markdown.inline(piece.element)
            add(f"{'#' * piece.level} {title}", piece.box, new=True)
            if piece.level == 1:
                book = f"[{page.book}]({page.home})" if page.home else page.book
                add(quoted(f"{book}. {page.markdown.inline(page.note)}"), piece.box)
        elif piece.kind == "text":
            add(piece.text, piece.box)
        elif piece.kind == "figure":
            found.append(Cell(section, piece.box, [piece.text], piece.kind))
        elif piece.kind == "not run":
            add(f"*{escaped(piece.title)}*\n\n{fence(piece.text, 'python')}", piece.box)
        elif piece.kind == "code":
            if piece.title:
                add(code_span(piece.title), piece.box)
            elif piece.box and all(cell.box is not piece.box for cell in found):
                found.append(Cell(section, piece.box, []))
            found.append(Cell(section, piece.box, [piece.text], piece.kind))
        else:
            printing = next((cell for cell in reversed(found) if cell.kind == "code"), None)
            if printing is None or printing.output:
                raise BuildError(f"{page.name}: no Python block prints this Output: {piece.text!r}")
            printing.output = piece.text
    return found


def streams(output: str) -> list[Any]:
    """What a cell has printed, in the two streams in which it comes: warnings, and everything else."""
    lines = output.splitlines(keepends=True)
    texts = {
        "stderr": "".join(line for line in lines if WARNING.match(line)),
        "stdout": "".join(line for line in lines if not WARNING.match(line)),
    }
    return [
        {"output_type": "stream", "name": name, "text": f"{text.rstrip()}\n"}
        for name, text in texts.items()
        if text
    ]


# The site


def offers(path: Path) -> bool:
    return 'class="downloads"' in path.read_text(encoding="utf-8")


def take(site: Path, path: Path) -> None:
    """Write the script and the notebook of a page that offers them."""
    page = Page(site, path)
    for suffix, text in (("py", script(page)), ("ipynb", notebook(page))):
        write_atomically(page.downloads / f"{path.stem}.{suffix}", text.encode())


def write(site: Path) -> None:
    """Make all that the pages of a finished site offer; last the archive, for it holds the others."""
    for path in sorted(site.rglob("*.html")):
        if offers(path):
            take(site, path)
    write_atomically(site / ARCHIVE, archive(site))


def on_demand(site: Path, name: str) -> None:
    """Make a file that is asked for, if a page offers it: whoever is writing a page waits for no others."""
    file = Path(name)
    path = site / file.parent.parent / f"{file.stem}.html"
    if name == ARCHIVE:
        write(site)
    elif file.parent.name == "downloads" and path.is_file() and offers(path):
        take(site, path)


def archive(site: Path) -> bytes:
    """The site as a reader unpacks it: always the same bytes, so in order and without times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as files:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = path.relative_to(site).as_posix()
            if name not in SERVERS | {ARCHIVE}:
                entry = zipfile.ZipInfo(f"{FOLDER}/{name}")  # of 1980, when the time of such archives begins
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                files.writestr(entry, path.read_bytes())
    return packed.getvalue()
