"""The content security policy of a finished page: what a browser may fetch and run for it, and nothing else.

A static host sets no headers, so the policy stands in the page itself. It is made from the finished HTML,
whatever generator that came from: scripts and styles that stand in the page are allowed by their SHA-256, one
by one. `mkdocs serve` shows pages without it, for its live reload is a script of another kind in every page.
"""

import base64
import hashlib
import re
from pathlib import Path

from scripts.project import BuildError

CHARSET = re.compile(r"<meta charset=[^>]*>", re.IGNORECASE)  # belongs into a page's first kilobyte


def inline(html: str, tag: str) -> list[str]:
    """Find the scripts or style sheets that stand in a page, rather than in a file of their own."""
    found = re.findall(rf"<{tag}\b([^>]*)>(.*?)</{tag}>", html, re.DOTALL | re.IGNORECASE)
    # JSON is not run, and needs no permission.
    return [text for attributes, text in found if not re.search(r"\bsrc\s*=|json", attributes)]


def sources(texts: list[str]) -> str:
    """The site's own files, and these texts by their hashes."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(["'self'", *dict.fromkeys(f"'sha256-{digest}'" for digest in digests)])


def policy(html: str) -> str:
    """What a page with this HTML may do."""
    directives = {
        "default-src": "'none'",
        "script-src": sources(inline(html, "script")),
        "style-src-elem": sources(inline(html, "style")),
        "style-src-attr": "'unsafe-inline'",  # KaTeX places the parts of a formula so
        "img-src": "'self' data:",  # the icons in the theme's stylesheets
        "font-src": "'self'",
        "connect-src": "'self'",  # the index of the search
        "worker-src": "'self'",  # the search
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in directives.items())


def protect(page: Path) -> None:
    """Write the policy into a page, before anything that it is about."""
    html = page.read_text(encoding="utf-8")
    charset = CHARSET.search(html)
    if not charset:
        raise BuildError(f"site: {page.name} has no <meta charset>, which its policy has to follow")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}">'
    page.write_text(f"{html[: charset.end()]}\n{meta}{html[charset.end() :]}", encoding="utf-8")
