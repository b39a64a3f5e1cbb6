"""Where something comes from, in one form: the folded boxes below tables and figures."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from scripts.extensions.results import duration
from scripts.extensions.tables import CLASS

Link = Callable[[str], str | None]  # from a path in the project to the address where it is shown
Rows = list[tuple[str, str]]  # a word, and the HTML beside it


def box(summary: str, rows: Iterable[tuple[str, str]]) -> str:
    """Fold rows away below a line that opens them. Search leaves it out, for every box has the same words."""
    cells = "".join(f'<tr><th scope="row">{key}</th><td>{value}</td></tr>' for key, value in rows)
    return (
        f'<details class="provenance" data-search-exclude><summary>{escape(summary)}</summary>'
        f'<table class="{CLASS}"><tbody>{cells}</tbody></table></details>'
    )


def of_result(result: dict[str, Any], link: Link) -> Rows:
    """What a result says of itself."""
    return [
        ("Experiment", source(result["source"], result["about"], link)),
        ("Seed", escape(str(result["seed"]))),
        ("Data", data(result["data"])),
        ("Versions", escape(", ".join(f"{name} {version}" for name, version in result["versions"].items()))),
        ("Machine", escape(result["machine"])),
        ("Run", escape(f"{moment(result['date'])}, in {duration(result['seconds'])}")),
    ]


def source(path: str, about: str, link: Link) -> str:
    """Name a file of the project, with a link where the sources have an address."""
    address = link(path)
    name = f'<a href="{escape(address)}">{escape(path)}</a>' if address else f"<code>{escape(path)}</code>"
    return f"{name}: {escape(about)}"


def moment(date: str) -> str:
    return date.replace("T", " ").replace("Z", " UTC")


def data(file: dict[str, Any] | None) -> str:
    """A data set's file and checksum."""
    if not file:
        return "none: everything is computed"
    sha256 = escape(file["sha256"])
    return f'{escape(file["file"])}, SHA-256 <code title="{sha256}">{sha256[:16]}…</code>'
