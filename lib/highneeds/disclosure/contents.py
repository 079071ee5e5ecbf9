"""Files taken apart into texts: everything a file holds, shown or not, for `scan`.

One reader for each format; what is inside another file (a drawing in a page, a picture in a notebook, an attachment
in a PDF) is taken apart in turn. Fonts hold no case data and are left out. The pixels of a picture are not read:
only its text chunks are.
"""

import base64
import binascii
import html
import io
import json
import re
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from highneeds.disclosure.office import sheet_parts
from highneeds.disclosure.portable import pdf_parts

DEPTH = 6  # files within files; deeper is not scanned
SWOLLEN = 400_000_000  # bytes an archive may unpack to

Part = tuple[str, str | None]  # name of the part; its text, None where it cannot be read

_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=.+-]+)*),([^\"'\s)<>]*)")
# Numbers of a drawing are not a person's: outlines and positions are cut before the text is searched.
_GEOMETRY = re.compile(
    r"\s(?:d|points|transform|viewBox|x|y|x1|x2|y1|y2|width|height|gradientTransform)=(?:\"[MmLlHhVvCcSsQqTtAaZz\d\s.,eE+\-]*\"|"
    r"\"(?:(?:matrix|translate|scale|rotate|skew[XY])\([\d\s.,eE+\-]*\)\s*)*\")"
)
_FONTS = (b"wOF2", b"wOFF", b"\x00\x01\x00\x00", b"OTTO", b"true")
_BINARY = re.compile(r"^(?:image/(?:png|jpe?g|gif|webp)|application/(?:pdf|zip|octet-stream)|font/.*)$")


def parts_of(name: str, content: bytes, *, depth: int = 0) -> Iterator[Part]:
    """Parts of a file by what it is, not by its ending: (name of the part, text or None)."""
    if depth > DEPTH:
        yield name, None
    elif content.startswith(b"%PDF"):
        yield from _inner(pdf_parts(name, content), depth)
    elif content.startswith(b"PK\x03\x04"):
        yield from _archive(name, content, depth)
    elif content.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _png(name, content)
    elif content.startswith(b"\xff\xd8\xff"):
        yield from _jpeg(name, content)
    elif content.startswith(_FONTS):
        return
    else:
        yield from _readable(name, content, depth)


def _inner(parts: Iterator[tuple[str, str | bytes | None]], depth: int) -> Iterator[Part]:
    """Parts of a reader that hands back files within files as bytes."""
    for name, found in parts:
        if isinstance(found, bytes):
            yield from parts_of(name, found, depth=depth + 1)
        else:
            yield name, found


def _readable(name: str, content: bytes, depth: int) -> Iterator[Part]:
    text = _decoded(content)
    if text is None:
        yield name, None
        return
    start = text[:2_000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("{", "[")) and (made := _json(text)) is not None:
        yield from _json_parts(name, text, made, depth)
    elif re.search(r"<(?:!doctype|html|body|table|div|p|span|svg|\?xml|[a-z]+[ >])", start):
        yield from _markup(name, text, depth)
    else:
        yield from _with_data_uris(name, text, depth)


def _decoded(content: bytes) -> str | None:
    """Text of bytes; None where they are no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    odd = sum(sign < " " and sign not in "\t\r\n\f" for sign in text[:4_000])
    return text if odd == 0 else None


def _markup(name: str, text: str, depth: int) -> Iterator[Part]:
    """Source of a page or drawing with its entities read, then the words that stand between its tags."""
    source, files = _without_data_uris(text)
    yield f"{name}, source", html.unescape(_GEOMETRY.sub(" ", source))
    yield f"{name}, words", _words_between_tags(source)
    yield from _files(name, files, depth)


def _words_between_tags(source: str) -> str:
    try:
        tree = lxml_html.document_fromstring(source.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(tree, etree.Comment, "script", "style", with_tail=False)
    return " |\n".join(text for text in tree.itertext() if text.strip())  # a bar, so that no date runs over two cells


def _with_data_uris(name: str, text: str, depth: int) -> Iterator[Part]:
    source, files = _without_data_uris(text)
    yield name, source
    yield from _files(name, files, depth)


def _without_data_uris(text: str) -> tuple[str, list[tuple[str, bytes | None]]]:
    files: list[tuple[str, bytes | None]] = []

    def taken(found: re.Match[str]) -> str:
        kind, extras, body = found[1] or "text/plain", found[2], found[3]
        files.append((kind, _base64(body) if "base64" in extras else urllib.parse.unquote_to_bytes(body)))
        return " "

    return _DATA_URI.sub(taken, text), files


def _files(name: str, files: list[tuple[str, bytes | None]], depth: int) -> Iterator[Part]:
    for number, (kind, content) in enumerate(files, start=1):
        part = f"{name}, embedded {kind} {number}"
        if content is None:
            yield part, None
        elif content:
            yield from parts_of(part, content, depth=depth + 1)


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(urllib.parse.unquote(re.sub(r"\s", "", text)), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json(text: str) -> object | None:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _json_parts(name: str, text: str, made: object, depth: int) -> Iterator[Part]:
    """A JSON file or notebook: its strings in order, and outputs of every kind as the files they are."""
    words: list[str] = []
    files: list[tuple[str, bytes | None]] = []
    _walk(made, words, files)
    yield from _with_data_uris(name, "\n".join(words), depth)
    yield from _files(name, files, depth)


def _walk(node: object, words: list[str], files: list[tuple[str, bytes | None]], key: str = "") -> None:
    if isinstance(node, dict):
        for name, value in node.items():
            words.append(str(name))
            _walk(value, words, files, str(name))
    elif isinstance(node, list):
        if node and all(isinstance(item, str) for item in node) and (key in ("source", "text") or "/" in key):
            _walk("".join(node), words, files, key)
        else:
            for item in node:
                _walk(item, words, files, key)
    elif isinstance(node, str) and _BINARY.match(key):
        files.append((key, _base64(node)))
    elif isinstance(node, str) and key in ("text/html", "image/svg+xml"):
        files.append((key, node.encode("utf-8")))
    else:
        words.append(str(node))


def _archive(name: str, content: bytes, depth: int) -> Iterator[Part]:
    """Workbooks cell by cell, then every member of any archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.is_dir()]
        if sum(member.file_size for member in members) > SWOLLEN or any(member.flag_bits & 1 for member in members):
            yield name, None
            return
        files = {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError):
        yield name, None
        return
    yield f"{name}, names of its members", "\n".join(files) + "\n" + archive.comment.decode("latin-1")
    yield from sheet_parts(name, files)
    for member, inner in files.items():
        if inner:
            yield from parts_of(f"{name}, {member}", inner, depth=depth + 1)


def _png(name: str, content: bytes) -> Iterator[Part]:
    """Text chunks of a picture, and whatever follows its end."""
    at, texts = 8, []
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        body, at = content[at + 8 : at + 8 + size], at + 12 + size
        if kind in (b"tEXt", b"eXIf"):
            texts.append(body.decode("latin-1"))
        elif kind in (b"zTXt", b"iTXt"):
            texts.append(_unpacked(body))
        elif kind == b"IEND":
            texts.append(content[at:].decode("latin-1"))
            break
    yield f"{name}, text of the picture", "\n".join(texts)


def _unpacked(body: bytes) -> str:
    """A text chunk with the part of it that is packed, unpacked."""
    for start in range(min(len(body), 300)):
        try:
            return body[:start].decode("latin-1") + "\n" + zlib.decompress(body[start:]).decode("utf-8", "replace")
        except zlib.error:
            continue
    return body.decode("utf-8", errors="replace")


def _jpeg(name: str, content: bytes) -> Iterator[Part]:
    """Comments and metadata of a picture, up to its pixels."""
    at, texts = 2, []
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        size = struct.unpack(">H", content[at + 2 : at + 4])[0]
        texts.append(content[at + 4 : at + 2 + size].decode("latin-1"))
        at += 2 + size
    yield f"{name}, text of the picture", "\n".join(texts)
