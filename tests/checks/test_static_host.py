"""The host that browsers are measured against: what travels, and how it is counted."""

import gzip
import http.client

import pytest

from scripts.checks.static_host import EMPTY, StaticHost

TEXT = "formula " * 1000


@pytest.fixture
def host(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "page.html").write_text(TEXT)
    (folder / "font.woff2").write_bytes(bytes(range(256)))
    (tmp_path / "secret.txt").write_text("not of the site")
    with StaticHost(folder) as running:
        yield running


def get(host, path, **headers):
    connection = http.client.HTTPConnection(host.origin.removeprefix("http://"))
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_texts_travel_compressed_and_fonts_as_they_are(host):
    answer, content = get(host, "/page.html")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Content-Type"] == "text/html"
    assert gzip.decompress(content).decode() == TEXT
    answer, content = get(host, "/font.woff2?query")
    assert (answer.headers["Content-Encoding"], content) == (None, bytes(range(256)))


def test_all_that_travels_is_counted(host):
    answer, content = get(host, "/page.html")
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
    get(host, EMPTY)
    (fetched,) = host.take()
    assert fetched == ("/page.html", 200, len("HTTP/1.1 200 OK\r\n") + head + len("\r\n") + len(content))
    assert host.take() == []


def test_what_a_browser_has_is_not_sent_again(host):
    answer, _ = get(host, "/page.html")
    again, content = get(host, "/page.html", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, content) == (304, b"")
    assert answer.headers["Cache-Control"] == "max-age=600"


@pytest.mark.parametrize("path", ["/absent.html", "/", "/../secret.txt", "/%2e%2e/secret.txt"])
def test_nothing_else_is_served(host, path):
    answer, content = get(host, path)
    assert (answer.status, content) == (404, b"")


def test_a_change_is_made_before_anything_is_counted(tmp_path):
    (tmp_path / "page.html").write_text("slow")
    with StaticHost(tmp_path, lambda path, content: content.replace(b"slow", path.encode())) as host:
        assert gzip.decompress(get(host, "/page.html")[1]) == b"/page.html"
