"""A folder served on this machine as a static host serves it, with a list of what was fetched.

Texts travel compressed by gzip, everything carries a type, an entity tag and ten minutes of cache, and
connections are kept alive. That is what GitHub Pages does, for one.
"""

import gzip
import hashlib
import http.server
import mimetypes
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt"}
EMPTY = "/empty.html"  # a page without anything, for a browser to be on before it opens another
Change = Callable[[str, bytes], bytes]  # of a file's name and content


class Fetched(NamedTuple):
    """A request, and the bytes of its answer: status line, headers and body as they travel."""

    path: str
    status: int
    bytes: int


class StaticHost:
    """`with StaticHost(folder) as host:` serves it at `host.origin`, and keeps in `host.fetched` what was."""

    def __init__(self, folder: Path, change: Change | None = None) -> None:
        self.folder = folder.resolve()
        self.change = change
        self.fetched: list[Fetched] = []
        self._ready: dict[str, tuple[bytes, dict[str, str]] | None] = {}
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or the second packet of an answer waits for the first's receipt

            def do_GET(self) -> None:
                host.answer(self)

            def log_message(self, format: str, *arguments: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "StaticHost":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self) -> list[Fetched]:
        """Give what was fetched since the last time this was asked, but for the empty page."""
        taken, self.fetched = self.fetched, []
        return [it for it in taken if it.path != EMPTY]

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(handler.path).path)
        if path not in self._ready:
            self._ready[path] = self.prepare(path)
        found = self._ready[path]
        content, headers = found or (b"", {})
        status = 200 if found else 404
        if found and handler.headers.get("If-None-Match") == headers["ETag"]:
            status, content = 304, b""
        head = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
        head += [f"{name}: {value}" for name, value in {**headers, "Content-Length": len(content)}.items()]
        answer = "\r\n".join([*head, "", ""]).encode() + content
        self.fetched.append(Fetched(path, status, len(answer)))
        handler.wfile.write(answer)

    def prepare(self, path: str) -> tuple[bytes, dict[str, str]] | None:
        """The file's content and headers; None where there is no such file."""
        file = (self.folder / path.lstrip("/")).resolve()
        if path == EMPTY:
            content = b'<!doctype html><link rel="icon" href="data:,">'
        elif file.is_relative_to(self.folder) and file.is_file():
            content = file.read_bytes()
        else:
            return None
        if self.change:
            content = self.change(path, content)
        headers = {
            "Content-Type": mimetypes.guess_type(path)[0] or "application/octet-stream",
            "Cache-Control": "max-age=600",
            "ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"',
        }
        if file.suffix in COMPRESSED:
            content = gzip.compress(content, 6, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return content, headers
