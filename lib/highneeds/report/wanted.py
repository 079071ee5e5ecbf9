"""What a report should hold, item by item, and where in it each item stands: the walk of a list through its pages.

Owns how an item is found; the lists stand in assets (`inventory.yml`: what the authorities' papers hold,
`dsg_plan.yml`: what the department's template asks). An item is proved by a table, a chart, a sentence or a figure.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ASSETS = Path(__file__).resolve().parents[1] / "assets"
TABLE, CHART, CLAIM, FIGURE = "table", "chart", "claim", "figure"
KINDS = (TABLE, CHART, CLAIM, FIGURE)


@dataclass(frozen=True)
class Proof:
    """What shows that an item is there: a section, and the id of a table, chart or sentence in it or of a figure."""

    section: str
    kind: str
    id: str


@dataclass(frozen=True)
class Wanted:
    """One item. of: whose paper or which tab; missing: the input that is not held, where its proofs are not there."""

    id: str
    of: str
    item: str
    proofs: tuple[Proof, ...]
    missing: str = ""

    @property
    def sections(self) -> tuple[str, ...]:
        """Sections that carry it."""
        return tuple(dict.fromkeys(proof.section for proof in self.proofs))


@dataclass(frozen=True)
class Place:
    """Where something stands in a report: `Table 6.1`, and what a link to it names."""

    words: str
    anchor: str


@dataclass(frozen=True)
class Found:
    """An item and what came of it: the places that show it, and why some of it is not there (empty: nobody said)."""

    wanted: Wanted
    places: tuple[Place, ...] = ()
    why_not: str = ""

    @property
    def silent(self) -> bool:
        """True where the report neither holds the item nor says why not."""
        return not (self.places or self.why_not)


@functools.cache
def read_wanted(name: str) -> tuple[Wanted, ...]:
    """Items of a list in assets, in its order."""
    rows = yaml.safe_load((ASSETS / name).read_text(encoding="utf-8"))
    return tuple(
        Wanted(row["id"], row["of"], row["item"], tuple(map(_proof, row["proofs"])), row.get("missing", ""))
        for row in rows
    )


def _proof(row: dict) -> Proof:
    [(kind, id)] = [(kind, row[kind]) for kind in KINDS if kind in row]
    return Proof(row["section"], kind, id)


def walk(wanted: Iterable[Wanted], sections: Sequence[dict]) -> list[Found]:
    """Each item with its places in the sections of a report, as their pages print them."""
    pages = {section["slug"]: section for section in sections}
    parsed = {slug: _Printed(section) for slug, section in pages.items()}
    return [_found(item, parsed) for item in wanted]


def _found(item: Wanted, pages: dict[str, "_Printed"]) -> Found:
    places = [pages[proof.section].place(proof) for proof in item.proofs if proof.section in pages]
    held = tuple(dict.fromkeys(place for place in places if place is not None))
    if len(places) == len(item.proofs) and None not in places:
        return Found(item, held)
    if item.missing:
        return Found(item, held, item.missing)
    absent = [slug.replace("_", " ") for slug in item.sections if slug not in pages]
    return Found(item, (), f"The section '{absent[0]}' is not in this report." if absent else "")


class _Printed:
    """One section as its page prints it."""

    def __init__(self, section: dict) -> None:
        from lxml import html as lxml_html

        self.section = section
        self.root = lxml_html.fragment_fromstring(section["body"], create_parent="div")

    def place(self, proof: Proof) -> Place | None:
        """Where a proof stands; None where it does not."""
        if proof.kind == FIGURE:
            return self._of_figure(re.compile(proof.id))
        slug = proof.section
        anchor = {
            TABLE: f"t-{slug}-{proof.id}", CHART: f"f-{slug}-{proof.id}",
            CLAIM: f"p-{slug}-{proof.id.replace('.', '-')}",
        }[proof.kind]  # fmt: skip
        node = next(iter(self.root.xpath("//*[@id=$anchor]", anchor=anchor)), None)
        return None if node is None else self._named(node, anchor)

    def _of_figure(self, pattern: re.Pattern) -> Place | None:
        """First place that prints a figure whose id fits: a key figure is no place of its own."""
        for node in self.root.xpath(".//*[@data-figure]"):
            if not pattern.fullmatch(node.get("data-figure")):
                continue
            for holder in node.iterancestors("p", "figure", "table"):
                caption = holder.find("caption")
                anchor = caption.get("id", "") if caption is not None else holder.get("id", "")
                if anchor and not anchor.startswith("d-"):  # data of a chart: the chart itself is further up
                    return self._named(holder if caption is None else caption, anchor)
        return None

    @staticmethod
    def _named(node, anchor: str) -> Place:
        number = next(iter(node.xpath(".//*[contains(@class, 'nr')]")), None)
        said = number.text_content().strip() if number is not None else ""
        return Place(f"paragraph {said}" if re.fullmatch(r"[A-Z0-9.]+", said) else said or "text", anchor)
