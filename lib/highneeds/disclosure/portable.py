"""A PDF taken apart: text of its pages, every string of its objects, metadata and attachments.

Strings of all objects are taken, so that document information, outlines, notes and alternative texts are
looked at wherever they hang.
"""

import io
from collections.abc import Iterator

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

_TEXT_STREAMS = {"/Metadata": "metadata", "/EmbeddedFile": "attachment"}
DEPTH = 40


def pdf_parts(name: str, content: bytes) -> Iterator[tuple[str, str | bytes | None]]:
    """(part, its text; bytes where it is a file within the file; None where it cannot be read)."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        pages = [] if reader.is_encrypted else list(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield name, None
        return
    if reader.is_encrypted:
        yield name, None
        return
    for number, page in enumerate(pages, start=1):
        yield f"{name}, page {number}", _page_text(page)
    yield from _objects(name, reader)


def _page_text(page) -> str | None:
    try:
        return page.extract_text()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def _objects(name: str, reader: pypdf.PdfReader) -> Iterator[tuple[str, str | bytes | None]]:
    texts: list[str] = []
    files: dict[int, str] = {}
    for number in sorted({number for table in (*reader.xref.values(), reader.xref_objStm) for number in table}):
        found = _object(reader, number)
        if found is None:
            yield f"{name}, object {number}", None
            continue
        _strings(found, texts, files)
        if isinstance(found, StreamObject) and found.get("/Type") in _TEXT_STREAMS:
            files[number] = _TEXT_STREAMS[found["/Type"]]
    _strings(reader.trailer, texts, files)
    for number, kind in sorted(files.items()):
        found = _object(reader, number)
        yield f"{name}, {kind} in object {number}", found.get_data() if isinstance(found, StreamObject) else None
    yield f"{name}, strings of its objects", "\n".join(texts)


def _object(reader: pypdf.PdfReader, number: int) -> object | None:
    try:
        return reader.get_object(number)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _strings(node: object, texts: list[str], files: dict[int, str], depth: int = 0) -> None:
    if depth > DEPTH:
        return
    if isinstance(node, TextStringObject):
        texts.append(str(node))
    elif isinstance(node, ByteStringObject):
        texts.append(bytes(node).decode("latin-1"))
    elif isinstance(node, DictionaryObject):
        for key in node:
            _strings(node.raw_get(key), texts, files, depth + 1)
        if isinstance(held := node.get("/EF"), DictionaryObject):
            references = [held.raw_get(key) for key in held]
            files |= {item.idnum: "attachment" for item in references if isinstance(item, IndirectObject)}
    elif isinstance(node, ArrayObject):
        for item in list.__iter__(node):
            _strings(item, texts, files, depth + 1)
