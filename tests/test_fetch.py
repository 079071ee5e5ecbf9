"""A release is fetched whole or not at all: a service on this machine plays every way of failing."""

import io
import json
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import Result

from highneeds.files import HOME_VARIABLE
from highneeds.sources import fetch
from highneeds.sources.panel import read_panel
from tests import releases
from tests.test_import import KENT, figure, kept, new_project, run

PLANS, SEN = fetch.PUBLICATIONS
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the test has laid down for the path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Look the path up; what the test has not laid down is not there."""
        self.server.asked.append(self.path)
        self.close_connection = True
        try:
            self.server.answers.get(self.path, status(404))(self)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the command has hung up, as it should

    def head(self, code: int = 200, **fields: object) -> None:
        """Status and header fields of an answer."""
        self.send_response(code)
        for name, text in fields.items():
            self.send_header(name.replace("_", "-"), str(text))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Service(ThreadingHTTPServer):
    """The content service, on a port of its own."""

    daemon_threads, block_on_close = True, False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Address to give as --base-url."""
        return f"http://127.0.0.1:{self.server_port}"

    def publish(self, publication: str, content: bytes) -> None:
        """Answer as DfE's service does when all is well."""
        self.answers[latest(publication)] = body(json.dumps({"id": f"id-{publication}"}).encode())
        self.answers[files(publication)] = body(content)


def latest(publication: str) -> str:
    """Path that names the newest release."""
    return f"/api/publications/{publication}/releases/latest"


def files(publication: str) -> str:
    """Path of the release's zip."""
    return f"/api/releases/id-{publication}/files"


# --- Ways to answer -----------------------------------------------------------------------------


def body(content: bytes) -> Answer:
    """The whole content, its length announced."""

    def answer(handler: Handler) -> None:
        handler.head(Content_Length=len(content))
        handler.wfile.write(content)

    return answer


def status(code: int) -> Answer:
    """An error page."""

    def answer(handler: Handler) -> None:
        handler.head(code, Content_Length=4)
        handler.wfile.write(b"oops")

    return answer


def redirect(to: str) -> Answer:
    """Send the command elsewhere."""
    return lambda handler: handler.head(302, Location=to, Content_Length=0)


def drip(handler: Handler) -> None:
    """A byte at a time, for as long as the command listens."""
    handler.head(Content_Length=1_000_000)
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"P")


def silence(handler: Handler) -> None:
    """Accept, and say nothing."""
    handler.server.over.wait(10)


def stall(handler: Handler) -> None:
    """Begin, then say no more."""
    handler.head(Content_Length=1000)
    handler.wfile.write(b"PK")
    handler.server.over.wait(10)


def cut_off(handler: Handler) -> None:
    """Announce more than comes."""
    handler.head(Content_Length=1000)
    handler.wfile.write(b"P" * 100)


def broken_pieces(handler: Handler) -> None:
    """In pieces, without the last of them."""
    handler.head(Transfer_Encoding="chunked")
    handler.wfile.write(b"64\r\n" + b"P" * 50)


def hang_up(handler: Handler) -> None:
    """Close without an answer."""


def reset(handler: Handler) -> None:
    """Break the line in the middle of the answer."""
    handler.head(Content_Length=1_000_000)
    handler.wfile.write(b"P" * 1000)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def too_large(handler: Handler) -> None:
    """Announce more than a release can be."""
    handler.head(Content_Length=3_000)


def endless(handler: Handler) -> None:
    """Announce nothing and go on for ever."""
    handler.head()
    while not handler.server.over.is_set():
        handler.wfile.write(b"P" * 1000)


# --- Fixtures -----------------------------------------------------------------------------------


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that answers nothing yet."""
    with Service() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Folder of the panel of a project that holds earlier downloads."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HIGHNEEDS_RELEASES_URL", raising=False)
    for publication in fetch.PUBLICATIONS:
        path = tmp_path / "data" / "raw" / "official" / f"{publication}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"as fetched last year")
    return new_project(tmp_path)


@pytest.fixture(scope="module")
def zips(tmp_path_factory) -> dict[str, bytes]:
    """A good release of each publication."""
    folder = tmp_path_factory.mktemp("zips")
    cells = {("requests", "886", "2025", "requests_received_in_year"): "4321"}
    plans = releases.ehc_plans(2026, drifted=True, cells=cells)
    sen = releases.sen_long(cells={("886", "202526", "Total"): "255555"})
    return {
        PLANS: releases.as_zip(plans, folder / "plans.zip").read_bytes(),
        SEN: releases.as_zip(sen, folder / "sen.zip", title="Special educational needs in England").read_bytes(),
    }


def downloads(panel_folder: Path) -> dict[str, bytes]:
    """Everything in the folder of downloads, hidden files too."""
    folder = panel_folder.parents[1] / "raw" / "official"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def fetched(url: str, seconds: int = 5) -> Result:
    """Run the command against an address."""
    return run("fetch", "--base-url", url, "--seconds", seconds)


# --- All is well --------------------------------------------------------------------------------


def test_both_publications_are_fetched_and_read(project, service, zips):
    """One command brings the panel up to date."""
    for publication, content in zips.items():
        service.publish(publication, content)

    result = fetched(service.url)

    panel = read_panel(project)
    assert 0 == result.exit_code
    assert [latest(PLANS), files(PLANS), latest(SEN), files(SEN)] == service.asked
    assert {f"{publication}.zip": content for publication, content in zips.items()} == downloads(project)
    assert (4321, "") == figure(panel, KENT, "requests_received", "2025")
    assert (255555, "") == figure(panel, KENT, "pupils", "2026")
    assert f"fetched {PLANS}.zip" in result.output


def test_the_address_may_stand_in_the_environment(project, service, monkeypatch):
    """A council behind a mirror sets it once."""
    monkeypatch.setenv("HIGHNEEDS_RELEASES_URL", f"{service.url}/")

    run("fetch")

    assert [latest(PLANS)] == service.asked


# --- All is not well ----------------------------------------------------------------------------


def zip_with(change: Callable[[bytearray], None], zips: dict[str, bytes]) -> bytes:
    """The good release of plans, tampered with."""
    content = bytearray(zips[PLANS])
    change(content)
    return bytes(content)


def wrong_checksum(content: bytearray) -> None:
    """Another checksum in the member's entry of the directory at the end."""
    at = content.index(b"PK\x01\x02") + 16
    content[at] ^= 0xFF


def wrong_bytes(content: bytearray) -> None:
    """Noughts in the middle of a packed member."""
    at = content.index(b"data/requests.csv") + 22
    content[at : at + 15] = bytes(15)


FAILING_FILES = {
    "too slow": (drip, "too slow"),
    "stalls": (stall, "stopped answering (timed out)"),
    "cut off": (cut_off, "cut off: 100 of 1,000 bytes came"),
    "cut off between pieces": (broken_pieces, "stopped answering (IncompleteRead"),
    "broken line": (reset, "stopped answering"),
    "no answer": (hang_up, "stopped answering"),
    "not found": (status(404), "the service answered 404 Not Found"),
    "fault of the service": (status(500), "the service answered 500"),
    "no zip": (body(b"<html>Down for maintenance</html>"), "is not a whole zip"),
    "nothing": (body(b""), "is not a whole zip"),
}


@pytest.mark.parametrize("answer, part", FAILING_FILES.values(), ids=FAILING_FILES)
def test_a_zip_that_does_not_come_whole_is_not_kept(project, service, zips, answer, part):
    """The last good download and the panel outlive every failure of the service."""
    service.publish(PLANS, zips[PLANS])
    service.answers[files(PLANS)] = answer

    refuses(project, lambda: fetched(service.url, seconds=1), service.url + files(PLANS), part)


@pytest.mark.parametrize("change", [wrong_checksum, wrong_bytes])
def test_a_damaged_member_is_found_before_the_zip_is_kept(project, service, zips, change):
    """The length is right and the directory is there; only reading it through tells."""
    service.publish(PLANS, zip_with(change, zips))

    refuses(project, lambda: fetched(service.url), service.url + files(PLANS), "zip")


@pytest.mark.parametrize("answer, part", [(too_large, "3,000 bytes announced"), (endless, "more than the 2,000")])
def test_a_zip_larger_than_a_release_is_not_kept(project, service, zips, monkeypatch, answer, part):
    """Announced or not, it must not fill the disk."""
    monkeypatch.setattr(fetch, "MAX_ARCHIVE", 2_000)
    service.publish(PLANS, zips[PLANS])
    service.answers[files(PLANS)] = answer

    refuses(project, lambda: fetched(service.url), service.url + files(PLANS), part)


def test_a_zip_that_would_swell_is_not_unpacked(project, service):
    """A few kilobytes that become gigabytes must not be read through to find out."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/requests.csv", b"0" * 3_000_000)
    service.publish(PLANS, content.getvalue())

    refuses(project, lambda: fetched(service.url), "times its size", "nothing was read")


FAILING_LATEST = {
    "no id": (body(b'{"title": "x"}'), "names no release"),
    "a list": (body(b"[]"), "names no release"),
    "id with a path": (body(b'{"id": "../../etc"}'), "id is not letters, digits and dashes"),
    "id that is null": (body(b'{"id": null}'), "id is not letters, digits and dashes"),
    "a web page": (body(b"<!doctype html><title>Sign in</title>"), "names no release"),
    "nested without end": (body(b"[" * 100_000), "names no release"),
    "not UTF-8": (body(b'{"id": "\xff\xfe"}'), "names no release"),
    "silence": (silence, "stopped answering (timed out)"),
    "not found": (status(404), "the service answered 404 Not Found"),
    "round in a circle": (redirect(latest(PLANS)), "the service answered 302"),
    "to a file of this machine": (redirect("file:///etc/passwd"), "the service answered 302"),
}


@pytest.mark.parametrize("answer, part", FAILING_LATEST.values(), ids=FAILING_LATEST)
def test_an_answer_that_names_no_release_stops_the_fetch(project, service, answer, part):
    """Sign-in pages and proxies answer 200 too."""
    service.answers[latest(PLANS)] = answer

    refuses(project, lambda: fetched(service.url, seconds=1), service.url + latest(PLANS), part)

    assert {latest(PLANS)} == set(service.asked)


def test_an_answer_larger_than_json_can_be_is_not_read_through(project, service, monkeypatch):
    """The first answer has a limit of its own."""
    monkeypatch.setattr(fetch, "MAX_ANSWER", 2_000)
    service.answers[latest(PLANS)] = endless

    refuses(project, lambda: fetched(service.url), "more than the 2,000 bytes allowed")


def test_a_failure_of_the_second_publication_leaves_the_panel(project, service, zips):
    """Half an update would mix editions in one report."""
    service.publish(PLANS, zips[PLANS])
    before = kept(project)

    result = fetched(service.url)

    assert 1 == result.exit_code
    assert f"{service.url}{latest(SEN)}: the service answered 404" in result.stderr
    assert before == kept(project)
    assert {f"{PLANS}.zip": zips[PLANS], f"{SEN}.zip": b"as fetched last year"} == downloads(project)


def test_a_whole_zip_that_is_no_release_leaves_the_panel(project, service, tmp_path):
    """What came is kept to be looked at; the panel is not touched."""
    other = releases.as_zip({"budget.csv": "code,amount\n1,2\n"}, tmp_path / "other.zip").read_bytes()
    for publication in fetch.PUBLICATIONS:
        service.publish(publication, other)
    before = kept(project)

    result = fetched(service.url)

    assert 1 == result.exit_code
    assert "none of 2 CSV files is one of a release we know" in result.stderr
    assert before == kept(project)


def test_a_service_that_is_not_there_is_said_so(project):
    """The commonest failure: no network, or a firewall."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        refuses(project, lambda: fetched(url), f"{url}{latest(PLANS)}: the service could not be reached")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1:80", "https://", "http://:80", "http://[bad",
        "http://127.0.0.1:99999", "http://127.0.0.1:port", "http://a..b", "javascript:alert()",
    ],
)  # fmt: skip
def test_an_address_that_is_no_web_address_is_refused(project, url):
    """Only the web is asked; a file of this machine is never read in its place."""
    refuses(project, lambda: fetched(url), f"--base-url '{url}': is no web address", "https://")


def refuses(project: Path, command: Callable[[], Result], *parts: str) -> None:
    """The command fails soon, in one plain line, and leaves panel and downloads as they were."""
    before, held, began = kept(project), downloads(project), time.monotonic()
    result = command()
    took = time.monotonic() - began

    assert 1 == result.exit_code
    assert 1 == len(result.stderr.splitlines()), result.stderr
    for part in parts:
        assert part in result.stderr
    assert before == kept(project)
    assert held == downloads(project)
    assert took < 5
