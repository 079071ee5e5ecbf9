"""The SEN2 person-level return as XML: one pass, element by element, so memory stays small.

Names are compared without case or namespace; elements nobody knows are passed over. Nothing outside the file
is ever looked up: a document type, which is where entities are declared, is refused before anything is read.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

import pyarrow as pa
from lxml import etree

from highneeds.cases import RawReturn
from highneeds.errors import SourceError
from highneeds.fields import ELEMENTS, MODULES, PARENTS, PERSON, REQUESTS, of_module
from highneeds.sources.returns import HEADER, IDS, Stamp, placed, rows_text, source_file, stamp, whole_return, xml_names
from highneeds.sources.text_tables import as_frame, check_file, tidy

LAYOUT = "sen2_xml"
_TEXT = pa.large_string()
_NAMES = {module: xml_names(module) for module in MODULES}
_CHILDREN = {
    module: {ELEMENTS[child].lower(): child for child in MODULES if PARENTS[child] == module} for module in MODULES
}
_ABOUT = {name: part for name, part in HEADER.items() if " " not in name}
_SAFE = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
_KEEP = 20_000  # records of a module held as objects before they become a column
# The parser counts lines exactly up to here; beyond, from the first text inside the element.
_LINES_COUNTED = 65_535


class _FirstElementError(Exception):
    """The first element was reached: the head of the document is sound."""


def read_sen2_xml(path: Path) -> RawReturn:
    """One return: a request's id is its number in the file, a person's too, `row` is the element's line.

    Raises SourceError where the file is not XML, declares a document type, holds several years or authorities,
    or has no persons.
    """
    check_file(path)
    check_head(path)
    found = _Records()
    lines = _walk(path, found)
    if lines is not None:
        raise SourceError(
            f"{path.name}: line {lines:,}: is not well-formed XML, or is nested deeper than a return is. "
            "The file may have been cut off. Export it again."
        )
    if not found.count[PERSON]:
        raise SourceError(
            f"{path.name}: no Person element was found. Expected a SEN2 person-level return. Export it again."
        )
    said = _stamp(found, path.name)
    modules = {module: found.frame(module, path.name, said) for module in MODULES}
    return whole_return(LAYOUT, [source_file(path)], modules, said, stable_ids=False)


def _stamp(found: "_Records", name: str) -> Stamp:
    said = stamp(found.about, name)
    if said.year is None:
        raise SourceError(f"{name}: no Year was found. Expected Header, Collection, Year. Export the return again.")
    if found.twice:
        raise SourceError(
            f"{name}: {rows_text(found.twice).replace('row', 'line')}: a record holds the same element twice. "
            "Expected once. Export the return again."
        )
    return said


def check_head(path: Path) -> None:
    """Raise SourceError where what stands before the first element is not XML, or declares a document type."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _stop
    parser.StartDoctypeDeclHandler = _refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except _FirstElementError:
        return
    except SourceError:
        found = (
            "declares a document type (DOCTYPE), which a return never has and which can hide entities. "
            "Nothing was read. Export the return again"
        )
    except (expat.ExpatError, LookupError, ValueError):
        found = "is not well-formed XML. Export the return again"
    else:
        found = "is not well-formed XML. Export the return again"
    raise SourceError(f"{path.name}: line {parser.CurrentLineNumber:,}: {found}.")


def _stop(*_: object) -> None:
    raise _FirstElementError


def _refuse(*_: object) -> None:
    raise SourceError("document type")


def _walk(path: Path, found: "_Records") -> int | None:
    """Hand every Person to `found`; the line of the fault where the XML is broken."""
    with path.open("rb") as file:
        events = etree.iterparse(file, tag=["{*}Person", "{*}PERSON", "{*}person"], **_SAFE)
        done = None
        try:
            for _, person in events:
                found.person(person)
                person.clear()
                # Its own turn is not over yet; the one before can go.
                if done is not None and done.getparent() is not None:
                    done.getparent().remove(done)
                done = person
        except etree.LxmlError as fault:
            return getattr(fault, "lineno", None) or 1
    for element in _elements(events.root):
        found.rest(element)
    return None


def _elements(root: etree._Element | None) -> Iterator[etree._Element]:
    return iter(()) if root is None else root.iter(etree.Element)


@lru_cache(maxsize=2_000)
def _plain(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _text(element: etree._Element) -> str | None:
    return element.xpath("string()") if len(element) else element.text


def _line(element: etree._Element) -> int:
    line = element.sourceline or 0
    return line - (element.text or "").count("\n") if line >= _LINES_COUNTED else line


class _Records:
    """Records found so far, by module; the ones before the last few thousand already as columns."""

    def __init__(self) -> None:
        self.columns = {m: [*IDS, *(field.name for field in of_module(m)), "row"] for m in MODULES}
        self.open: dict[str, list[dict]] = {module: [] for module in MODULES}
        self.closed: dict[str, list[pa.Table]] = {module: [] for module in MODULES}
        self.count = dict.fromkeys(MODULES, 0)
        self.about: dict[str, set[str]] = {part: set() for part in HEADER.values()}
        self.twice: set[int] = set()

    def person(self, element: etree._Element) -> None:
        """Take in a person with all its requests."""
        self._record(element, PERSON, {"person_id": str(self.count[PERSON] + 1)})

    def rest(self, element: etree._Element) -> None:
        """Take in what stands outside the persons met so far: the header, or persons spelt in another way."""
        name = _plain(element.tag)
        if name == PERSON and len(element):
            self.person(element)
        elif name in _ABOUT:
            self.about[_ABOUT[name]].add((_text(element) or "").strip())

    def _record(self, element: etree._Element, module: str, ids: dict[str, str]) -> None:
        self.count[module] += 1
        if module == REQUESTS:
            ids = {**ids, "request_id": str(self.count[REQUESTS])}
        names, inner, record = _NAMES[module], _CHILDREN[module], {**ids, "row": _line(element)}
        self.open[module].append(record)
        for child in element.iterchildren(etree.Element):
            name = _plain(child.tag)
            if name in inner:
                self._record(child, inner[name], ids)
            elif name in names:
                if names[name] in record:
                    self.twice.add(_line(child))
                record[names[name]] = _text(child)
            elif name in _ABOUT:
                self.about[_ABOUT[name]].add((_text(child) or "").strip())
        if len(self.open[module]) >= _KEEP:
            self._close(module)

    def _close(self, module: str) -> None:
        rows, self.open[module] = self.open[module], []
        arrays = {name: pa.array([row.get(name) for row in rows], _TEXT) for name in self.columns[module][:-1]}
        self.closed[module].append(pa.table({**arrays, "row": pa.array([row["row"] for row in rows], pa.int64())}))

    def frame(self, module: str, file: str, said: Stamp):
        """Frame of a module: its fields of that year, and any other that was there after all."""
        self._close(module)
        table = pa.concat_tables(self.closed[module])
        texts = {name: tidy(table[name]) for name in self.columns[module][:-1]}
        year = said.year or 0
        current = {field.name for field in of_module(module) if field.first <= year <= field.last}
        ids = (
            {"person_id"} if module == PERSON else {"person_id", "request_id"} if module == REQUESTS else {"request_id"}
        )
        kept = [n for n, c in texts.items() if n in ids or n not in IDS and (n in current or c.null_count < len(c))]
        frame = as_frame([texts[name] for name in kept], kept, table["row"].to_numpy())
        return placed(frame, file=file)
