"""Executed notebooks to one HTML paper, through nbconvert with our template and the committee frame."""

import functools
from datetime import date
from pathlib import Path

import yaml

from highneeds import __version__, periods, terms
from highneeds.errors import SourceError

ASSETS = Path(__file__).resolve().parents[1] / "assets"
FRONT = ("subject", "from", "to", "meeting_date", "classification", "contact", "recommendations")
KEYS_AT_A_GLANCE = 6


@functools.cache
def _exporter():
    from nbconvert.exporters.templateexporter import TemplateExporter

    return TemplateExporter(
        template_name="section", extra_template_basedirs=[str(ASSETS / "templates")], template_file="index.html.j2"
    )


def section_html(executed: Path) -> str:
    """Body of one section from its executed notebook."""
    import nbformat

    body, _ = _exporter().from_notebook_node(nbformat.read(executed, as_version=4))
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


def paper_html(
    *,
    authority: str,
    as_at: date,
    front: dict,
    sections: list[dict],
    sources: list[tuple[str, str, str]],
    neighbours: str,
    missing: list[str],
    defects: list[str],
    symbols: list[str],
) -> str:
    """The whole paper. sections: results of each page with `body`; a section without data has only its body."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(ASSETS / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    meeting = front["meeting_date"]
    meeting = periods.day_in_words(meeting) if isinstance(meeting, date) else str(meeting)
    rows = [
        ("To", front["to"]),
        ("From", front["from"]),
        ("Meeting date", meeting),
        ("Subject", front["subject"]),
        ("Classification", front["classification"]),
        ("Contact", front["contact"]),
        ("Figures as at", periods.day_in_words(as_at)),
    ]
    contents = [
        ("glance", "At a glance"),
        *((f"s-{s['slug']}", f"{s['number']} {s['title']}") for s in sections),
        ("sources", "Appendix A: Sources"),
        ("notes", "Appendix B: How to read the figures"),
    ]
    if missing:
        contents.append(("missing", "Appendix C: What was not possible"))
    words = "; ".join(f"[{status}] {terms.SYMBOLS[status]}" for status in symbols) or "none is used in this report"
    return environment.get_template("paper.html.j2").render(
        authority=authority,
        as_at=as_at.isoformat(),
        as_at_words=periods.day_in_words(as_at),
        version=__version__,
        front=front | {"rows": rows},
        contents=contents,
        sections=sections,
        keys=_glance_keys(sections),
        changed=[item for s in sections for item in s.get("changed", [])],
        unknown=[item for s in sections for item in s.get("unknown", [])],
        sources=sources,
        neighbours=neighbours,
        missing=missing,
        defects=defects,
        symbols=words,
        attribution=terms.ATTRIBUTION,
        style=(ASSETS / "report.css").read_text(encoding="utf-8"),
    )


def _glance_keys(sections: list[dict]) -> str:
    """First two key figures of every section, once more on the first page."""
    from lxml import html as lxml_html

    chosen = []
    for section in sections:
        if section.get("key_figures"):
            items = lxml_html.fragment_fromstring(section["key_figures"]).findall("li")
            chosen += [lxml_html.tostring(item, encoding="unicode") for item in items[:2]]
    return f'<ul class="keys">{"".join(chosen[:KEYS_AT_A_GLANCE])}</ul>' if chosen else ""
