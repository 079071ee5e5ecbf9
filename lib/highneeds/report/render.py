"""Executed notebooks to one HTML paper, through nbconvert with our template and the committee frame."""

import functools
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from highneeds import __version__, periods, terms
from highneeds.errors import SourceError
from highneeds.measures.declarations import OWN

ASSETS = Path(__file__).resolve().parents[1] / "assets"
FRONT = ("subject", "from", "to", "meeting_date", "classification", "contact", "recommendations")
KEYS_OF_A_SECTION, MOST_KEYS = 1, 7  # shown again on the first page
NAMED = {OWN: "Computed here, from other figures", "": "Not held"}  # sources that are none


@functools.cache
def _exporter():
    from nbconvert.exporters.templateexporter import TemplateExporter

    class Plain(TemplateExporter):
        default_preprocessors = []  # our template takes cells as they are; each of nbconvert's would check them again

    return Plain(
        template_name="section", extra_template_basedirs=[str(ASSETS / "templates")], template_file="index.html.j2"
    )


def section_html(executed: Path, *, number: int, audit: bool = False) -> str:
    """Body of one section from its executed notebook; with notes and code where it is for an auditor."""
    import nbformat

    book = nbformat.read(executed, as_version=4)
    body, _ = _exporter().from_notebook_node(book, resources={"audit": audit, "number": number})
    return body.strip()


def read_front(folder: Path) -> dict:
    """Front matter: our defaults, with what the authority's committee.yml says over them."""
    front = yaml.safe_load((ASSETS / "committee.yml").read_text(encoding="utf-8"))
    own = folder / "committee.yml"
    if not own.is_file():
        return front
    where = f"{folder.name}/committee.yml"
    try:
        given = yaml.safe_load(own.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as fault:
        raise SourceError(
            f"{where}: cannot be read as YAML ({str(fault).splitlines()[0]}). Compare it with the example."
        ) from fault
    if not isinstance(given, dict):
        raise SourceError(
            f"{where}: found a list or a line of text. Expected lines 'name: value' with {', '.join(FRONT)}."
        )
    faults = [
        f"{where}: '{name}' is not known. Expected one of {', '.join(FRONT)}." for name in given if name not in FRONT
    ]
    wanted = given.get("recommendations", front["recommendations"])
    if not (isinstance(wanted, list) and wanted and all(isinstance(item, str) for item in wanted)):
        faults.append(f"{where}: recommendations are not a list of sentences. Expected lines that start with '- '.")
    if faults:
        raise SourceError(faults)
    return front | given


@dataclass(frozen=True)
class Paper:
    """What a paper holds besides its sections, the same for every build.

    sources: (title, dated, figures used); figures: rows of figures.csv; quality: (words, count) lines;
    inputs: (file, checksum).
    """

    authority: str
    as_at: date
    front: dict
    sources: list[tuple[str, str, str]]
    neighbours: str
    missing: list[str]
    defects: list[str]
    symbols: list[str]
    figures: list[dict]
    invented: bool
    quality: list[tuple[str, int]]
    inputs: list[tuple[str, str]]


def paper_html(paper: Paper, sections: list[dict], *, engine: str, audit: bool = False) -> str:
    """One build of the paper. sections: results of each page with `body`; engine: what made the PDF, if anything.

    The audit build links every figure to its row in an appendix, and lists checks and inputs.
    """
    rows = {figure["id"]: figure for figure in paper.figures} if audit else {}
    anchors = {id: f"f{number}" for number, id in enumerate(rows, start=1)}  # short: each stands twice for each figure
    text = (
        environment()
        .get_template("paper.html.j2")
        .render(
            paper=paper,
            as_at_words=periods.day_in_words(paper.as_at),
            version=__version__,
            front=paper.front | {"rows": _front_rows(paper)},
            contents=_contents(paper, sections, audit=audit),
            sections=sections,
            keys=_glance_keys(sections),
            changed=[item for s in sections for item in s.get("changed", [])],
            unknown=[item for s in sections for item in s.get("unknown", [])],
            symbols="; ".join(f"[{s}] {terms.SYMBOLS[s]}" for s in paper.symbols) or "none is used in this report",
            attribution=terms.ATTRIBUTION,
            style=(ASSETS / "report.css").read_text(encoding="utf-8"),
            engine=engine,
            audit=audit,
            traced=_by_source(rows, anchors),
        )
    )
    return _with_links(text, anchors) if audit else text


@functools.cache
def environment():
    """Templates, escaping all data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(ASSETS / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _front_rows(paper: Paper) -> list[tuple[str, str]]:
    front, meeting = paper.front, paper.front["meeting_date"]
    return [
        ("To", front["to"]),
        ("From", front["from"]),
        ("Meeting date", periods.day_in_words(meeting) if isinstance(meeting, date) else str(meeting)),
        ("Subject", front["subject"]),
        ("Classification", front["classification"]),
        ("Contact", front["contact"]),
        ("Figures as at", periods.day_in_words(paper.as_at)),
    ]


def _contents(paper: Paper, sections: list[dict], *, audit: bool) -> list[tuple[str, str]]:
    appendices = [(f"s-{s['slug']}", s["title"]) for s in sections if s["appendix"]]
    appendices += [("sources", "Sources"), ("notes", "How to read the figures")]
    appendices += [("missing", "What was not possible")] if paper.missing else []
    appendices += [("quality", "Data quality and inputs"), ("figures", "Every figure and its source")] if audit else []
    return [
        ("glance", "At a glance"),
        *((f"s-{s['slug']}", f"{s['number']} {s['title']}") for s in sections if not s["appendix"]),
        *((id, f"Appendix {letter}: {title}") for letter, (id, title) in zip("ABCDEFG", appendices, strict=False)),
    ]


def _by_source(rows: dict[str, dict], anchors: dict[str, str]) -> list[tuple[str, list[tuple[str, dict]]]]:
    """Source in words, and the anchor and row of each figure from it; sources in the order of their first figure."""
    held: dict[str, list[tuple[str, dict]]] = {}
    for id, figure in rows.items():
        held.setdefault(NAMED.get(figure["source"], figure["source"]), []).append((anchors[id], figure))
    return list(held.items())


def _with_links(text: str, anchors: dict[str, str]) -> str:
    """Every printed figure leads to its row in the appendix. anchors: of each figure's row, by the figure's id."""
    return re.sub(
        r'(<(span|td)[^>]*\bdata-figure="([^"]+)"[^>]*>)(.*?)(</\2>)',
        lambda match: f'{match[1]}<a href="#{anchors[match[3]]}">{match[4]}</a>{match[5]}',
        text,
    )


def _glance_keys(sections: list[dict]) -> str:
    """The first key figure of the first sections, once more on the first page."""
    from lxml import html as lxml_html

    chosen = []
    for section in sections:
        if section.get("key_figures") and not section["appendix"]:
            items = lxml_html.fragment_fromstring(section["key_figures"]).findall("li")
            chosen += [lxml_html.tostring(item, encoding="unicode") for item in items[:KEYS_OF_A_SECTION]]
    return f'<ul class="keys">{"".join(chosen[:MOST_KEYS])}</ul>' if chosen else ""
