"""Workbooks before they are opened: a zip that swells, lies about its size or is locked is refused here.

Nothing is unpacked to disk. Members are inflated piece by piece, counted and thrown away.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from highneeds.errors import SourceError
from highneeds.sources.releases import UNREADABLE

MAX_PACKED = 300 * 2**20
MAX_MEMBERS = 2_000
MAX_UNPACKED = 2 * 2**30
# Real sheets shrink ten- to thirtyfold; small ones are let through whatever their ratio.
MAX_RATIO = 200
RATIO_FROM = 20 * 2**20
# A reader of sheets fills the whole box from A1 to the last cell, so one far-off cell swells like a bomb.
MAX_BOX = 60_000_000
BOX_FROM = 4_000_000
MAX_EMPTY = 20  # places in the box for each cell that is there

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STORED, _DEFLATED = 0, 8
_PIECE = 2**20
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})[0-9]""")
_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{0,7}([0-9]{1,9})["']""")
_OVERLAP = 200


def check_workbook(name: str, content: bytes) -> None:
    """Raise SourceError unless the bytes are a workbook that is safe to open; name is for the message."""
    if content.startswith(OLE):
        if _LOCKED in content:
            raise SourceError(f"{name}: is locked with a password. Save a copy without the password.")
        return
    if not content.startswith(ZIP):
        raise SourceError(
            f"{name}: is not a workbook, or is damaged. Expected .xlsx. Open it and save it again as .xlsx."
        )
    try:
        _check_zip(name, content)
    except UNREADABLE:
        damaged = True
    else:
        damaged = False
    if damaged:
        raise SourceError(f"{name}: is a workbook that was cut off or damaged. Copy it again from where it came.")


def _check_zip(name: str, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    _check_declared(name, len(content), members)
    for member in members:
        _check_member(name, content, member)


def _check_declared(name: str, packed: int, members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise SourceError(f"{name}: is locked with a password. Save a copy without the password.")
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, packed)
    swollen = unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and ratio > MAX_RATIO)
    if packed > MAX_PACKED or len(members) > MAX_MEMBERS or swollen:
        raise SourceError(
            f"{name}: {packed:,} bytes, {len(members):,} members, {unpacked:,} bytes unpacked, {ratio:.0f} times its "
            f"size. Expected at most {MAX_PACKED:,}, {MAX_MEMBERS:,}, {MAX_UNPACKED:,} and {MAX_RATIO} times. "
            "Nothing was read. Save the data as CSV, or check where the file came from."
        )
    if any(member.filename.lower().endswith("workbook.bin") for member in members):
        raise SourceError(f"{name}: is a binary workbook (.xlsb). Expected .xlsx. Save it again as .xlsx.")


def _check_member(name: str, content: bytes, member: zipfile.ZipInfo) -> None:
    size, cells, rows, columns, kept = 0, 0, 0, 0, b""
    for piece in _inflated(content, member):
        size += len(piece)
        if size > member.file_size:
            raise SourceError(
                f"{name}: a member is larger than the zip says. Nothing was read. Check where it came from."
            )
        here, down, across = _reach(kept + piece)
        kept = piece[-_OVERLAP:]
        cells, rows, columns = cells + here, max(rows, down), max(columns, across)
    box = rows * columns
    if box > MAX_BOX or (box > BOX_FROM and box > MAX_EMPTY * cells):
        raise SourceError(
            f"{name}: a sheet reaches to row {rows:,} and column {columns:,}, nearly all of it empty or more than the "
            f"{MAX_BOX:,} cells that can be read. Delete the empty rows and columns, or save the data as CSV."
        )


def _reach(text: bytes) -> tuple[int, int, int]:
    """Cells in a piece of a sheet, its last row and its last column."""
    named = _COLUMN.findall(text)
    last_row = max(map(int, set(_ROW.findall(text))), default=0)
    last_column = max(map(_column_number, set(named)), default=0)
    cells = _cells(text)
    if cells > len(named):
        # Cells that do not say where they stand follow each other.
        last_column = max(last_column, *map(_cells, text.split(b"</row")))
    return max(cells, len(named)), last_row, last_column


def _cells(text: bytes) -> int:
    return text.count(b"<c ") + text.count(b"<c>") + text.count(b":c ") + text.count(b":c>")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _inflated(content: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    start = member.header_offset
    names = content[start + 26 : start + 30]
    if content[start : start + 4] != ZIP or len(names) < 4:
        raise zipfile.BadZipFile
    first = start + 30 + int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little")
    packed = memoryview(content)[first : first + member.compress_size]
    if member.compress_type == _STORED:
        yield from (bytes(packed[at : at + _PIECE]) for at in range(0, len(packed), _PIECE))
        return
    if member.compress_type != _DEFLATED:
        raise zipfile.BadZipFile
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    piece = machine.decompress(packed, _PIECE)
    while piece:
        yield piece
        piece = machine.decompress(machine.unconsumed_tail, _PIECE)
