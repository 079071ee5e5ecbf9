"""Get the newest release of a publication from DfE's public content service, whole or not at all."""

import json
import os
import re
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlsplit

from highneeds.errors import FetchError
from highneeds.files import write_whole
from highneeds.sources.releases import MAX_ARCHIVE, UNREADABLE, refuse_bomb

SERVICE = "https://content.explore-education-statistics.service.gov.uk"
PUBLICATIONS = ("education-health-and-care-plans", "special-educational-needs-in-england")
MAX_ANSWER = 20 * 2**20
PIECE = 64 * 2**10
QUIET_SECONDS = 30


def fetch_release(publication: str, folder: Path, *, base_url: str | None = None, seconds: int = 900) -> Path:
    """Newest release of a publication as a zip in `folder`. Raises FetchError; then the folder is as it was."""
    base = (base_url or SERVICE).rstrip("/")
    if not _is_web_address(base):
        raise FetchError(f"--base-url '{base_url}': is no web address. Expected one that starts with https://")
    until = time.monotonic() + seconds
    release = _release_id(f"{base}/api/publications/{quote(publication)}/releases/latest", until)
    address = f"{base}/api/releases/{quote(release)}/files"
    target = folder / f"{publication}.zip"
    part = folder / f".{publication}.{os.getpid()}.part"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            for piece in _pieces(address, until, most=MAX_ARCHIVE):
                file.write(piece)
        _check_zip(part, address)
        write_whole(target, part.read_bytes())
    finally:
        part.unlink(missing_ok=True)
    return target


def _is_web_address(base: str) -> bool:
    try:
        parts = urlsplit(base)
        known = parts.scheme in ("http", "https") and parts.port != 0
        return known and bool((parts.hostname or "").encode("idna"))
    except ValueError:
        return False


def _release_id(address: str, until: float) -> str:
    content = b"".join(_pieces(address, until, most=MAX_ANSWER))
    try:
        answer = json.loads(content)
        found = answer["id"]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise FetchError(
            f"{address}: the answer names no release. Expected JSON with an 'id'. Try again later, or download "
            "the release by hand and use: highneeds import FILE"
        ) from fault
    if not isinstance(found, str) or not re.fullmatch(r"[0-9A-Za-z-]{1,64}", found):
        raise FetchError(f"{address}: the release's id is not letters, digits and dashes. Check --base-url.")
    return found


def _pieces(address: str, until: float, *, most: int) -> Iterator[bytes]:
    """Answer in pieces; stops at the time limit, at the size limit, and where it was cut off."""
    by_hand = "Try again later, or download the release by hand and use: highneeds import FILE"
    quiet = min(QUIET_SECONDS, max(0.1, until - time.monotonic()))
    try:
        with urllib.request.urlopen(_request(address), timeout=quiet) as answer:  # noqa: S310
            yield from _read(answer, address, until, most)
    except urllib.error.HTTPError as fault:
        reason = " ".join(str(fault.reason).split())
        raise FetchError(f"{address}: the service answered {fault.code} {reason}. Expected 200. {by_hand}") from fault
    except (urllib.error.URLError, HTTPException, TimeoutError, OSError) as fault:
        reason = getattr(fault, "reason", None) or fault
        raise FetchError(
            f"{address}: the service could not be reached or stopped answering ({reason}). {by_hand}"
        ) from fault


def _request(address: str) -> urllib.request.Request:
    return urllib.request.Request(address, headers={"Accept": "*/*", "User-Agent": "highneeds"})  # noqa: S310


def _read(answer: HTTPResponse, address: str, until: float, most: int) -> Iterator[bytes]:
    announced = answer.headers.get("Content-Length")
    read = 0
    if announced and announced.isdigit() and int(announced) > most:
        raise FetchError(
            f"{address}: {int(announced):,} bytes announced, more than the {most:,} allowed. Check --base-url."
        )
    # read1 hands over what has come, so that a service that drips cannot outlast the time limit.
    while piece := answer.read1(PIECE):
        read += len(piece)
        if read > most:
            raise FetchError(f"{address}: more than the {most:,} bytes allowed. Nothing was kept. Check --base-url.")
        if time.monotonic() > until:
            raise FetchError(
                f"{address}: too slow: {read:,} bytes in the time allowed. Nothing was kept. "
                "Give more time with --seconds, or try again later."
            )
        yield piece
    if announced and announced.isdigit() and read < int(announced):
        raise FetchError(f"{address}: cut off: {read:,} of {int(announced):,} bytes came. Nothing was kept. Try again.")


def _check_zip(path: Path, address: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_bomb(address, archive.infolist())
            damaged = archive.testzip()
    except UNREADABLE as fault:
        raise FetchError(f"{address}: what came is not a whole zip. Nothing was kept. Try again.") from fault
    if damaged:
        raise FetchError(f"{address}: member {damaged} of the zip is damaged. Nothing was kept. Try again.")
