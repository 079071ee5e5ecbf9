"""The SEN2 return as XML: a line a record, records inside one another, a few thousand persons at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from highneeds import fields
from highneeds.demo.cells import all_text, columns, element, held, iso, joined, marked_up
from highneeds.demo.world import World

_PERSONS_AT_ONCE = 20_000


def write_sen2_xml(world: World, folder: Path) -> list[Path]:
    """Write `SEN2-<year>.xml` into a folder; gives its path. Records without a parent cannot stand in XML."""
    path = folder / f"SEN2-{world.year}.xml"
    with path.open("wb") as file:
        file.write(_head(world).encode())
        for block in _blocks(world):
            file.write(all_text(block.persons()))
        file.write(b"</Persons>\n</SEN2>\n</Message>\n")
    return [path]


def _head(world: World) -> str:
    day = iso(world.reference_date)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header>\n'
        f"<CollectionDetails><Collection>SEN2</Collection><Year>{world.year}</Year>"
        f"<ReferenceDate>{day}</ReferenceDate></CollectionDetails>\n"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{world.la_code}</LEA><SoftwareCode>INVENTED</SoftwareCode>"
        f"<Release>1</Release><SerialNo>1</SerialNo><DateTime>{day}T00:00:00</DateTime></Source>\n"
        "</Header>\n<SEN2>\n<DMO>1</DMO><DCO>1</DCO>\n<Persons>\n"
    )


@dataclass(frozen=True)
class _Block:
    """Some persons with all that hangs under them: by module, cells under their XML names, and keys."""

    texts: dict[str, dict[str, pa.Array]]
    ids: dict[str, np.ndarray]  # request id; in the module person the person's id
    person_of_request: np.ndarray

    def persons(self) -> pa.Array:
        """One text a person."""
        named = self._under(fields.NAMED_PLAN, fields.PLAN_DETAIL)
        assessed = self._under(fields.ASSESSMENT, fields.NAMED_PLAN, named)
        placed = self._under(fields.ACTIVE_PLANS, fields.PLACEMENT_DETAIL)
        needed = self._under(fields.ACTIVE_PLANS, fields.SEN_NEED)
        inside = [
            self._under(fields.REQUESTS, fields.ASSESSMENT, assessed),
            self._under(fields.REQUESTS, fields.ACTIVE_PLANS, placed, needed),
        ]
        requests = self._records(fields.REQUESTS, *inside)
        asked = _grouped(requests, self.person_of_request, self.ids[fields.PERSON])
        return self._records(fields.PERSON, asked)

    def _under(self, parent: str, module: str, *inside: pa.Array) -> pa.Array:
        """Records of a module, one text for each record of its parent."""
        return _grouped(self._records(module, *inside), self.ids[module], self.ids[parent])

    def _records(self, module: str, *inside: pa.Array) -> pa.Array:
        """One element a record, ending with what hangs under it."""
        cells = (joined(f"<{name}>", text, f"</{name}>") for name, text in self.texts[module].items())
        tag = fields.ELEMENTS[module]
        return joined(f"<{tag}>", *cells, *inside, f"</{tag}>\n")


def _blocks(world: World) -> Iterator[_Block]:
    texts, ids, block_of = {}, {}, {}
    people = world.modules[fields.PERSON]["person_id"].to_numpy()
    requests = world.modules[fields.REQUESTS]
    for module in fields.MODULES:
        frame = world.modules[module]
        names = {field.name: element(field, world.year) for field in held(world, module)}
        texts[module] = {names[name]: marked_up(text) for name, text in columns(world, module).items()}
        ids[module] = frame["person_id" if module == fields.PERSON else "request_id"].to_numpy()
    persons = requests["person_id"].to_numpy()
    block_of[fields.PERSON] = np.arange(len(people)) // _PERSONS_AT_ONCE
    block_of[fields.REQUESTS] = _looked_up(people, block_of[fields.PERSON], persons)
    for module in fields.MODULES[2:]:
        block_of[module] = _looked_up(ids[fields.REQUESTS], block_of[fields.REQUESTS], ids[module])
    orders = {module: np.argsort(blocks, kind="stable") for module, blocks in block_of.items()}
    for number in range(-(-len(people) // _PERSONS_AT_ONCE)):
        rows = {module: order[_span(block_of[module][order], number)] for module, order in orders.items()}
        yield _Block(
            {m: {name: text.take(pa.array(rows[m])) for name, text in texts[m].items()} for m in rows},
            {module: ids[module][rows[module]] for module in rows},
            persons[rows[fields.REQUESTS]],
        )


def _span(blocks: np.ndarray, number: int) -> slice:
    return slice(np.searchsorted(blocks, number, side="left"), np.searchsorted(blocks, number, side="right"))


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Value of each wanted key, by the first row that has it; -1 where none has."""
    known, once = np.unique(keys, return_index=True)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[places] == wanted, values[once][places], -1)


def _grouped(texts: pa.Array, keys: np.ndarray, parents: np.ndarray) -> pa.Array:
    """Texts in order of their keys, as one text for each parent: the same bytes under fewer offsets.

    A text whose key is no parent's is left out; a second parent of the same key gets none.
    """
    known, once = np.unique(parents, return_index=True)
    order = np.argsort(keys, kind="stable")
    order = order[np.isin(keys[order], known)]
    texts, keys = pa.concat_arrays([texts.take(pa.array(order))]), keys[order]
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[: len(texts) + 1]
    ends = np.append(offsets[np.searchsorted(keys, known)], offsets[-1:])
    whole = pa.LargeStringArray.from_buffers(len(known), pa.py_buffer(ends), texts.buffers()[2])
    places = np.full(len(parents), -1)
    places[once] = np.arange(len(known))
    return whole.take(pa.array(places, mask=places < 0)).fill_null("")
