"""Executed notebooks to one HTML paper, through nbconvert and the template of the form that is asked for."""

import functools
import html
import re
import string
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from highneeds import __version__, periods, terms
from highneeds.figures import POUNDS
from highneeds.measures.declarations import OWN
from highneeds.report.dsg_plan import not_held, plan_lines
from highneeds.report.frames import BRIEFING, DSG_PLAN, FRAMES, SCRUTINY, Frame, grouped
from highneeds.report.front import front_rows
from highneeds.report.inventory import papers_found
from highneeds.report.moved import Moved

ASSETS = Path(__file__).resolve().parents[1] / "assets"
KEYS_OF_A_SECTION, MOST_KEYS = 1, 6  # shown again on the first page
SUMS_UP = "progress"  # says again what other sections say: on the first pages only what they leave out
MOST_UNKNOWN = 4  # on the first page, of different sections; all others stand in the last appendix
MOST_OF_A_BRIEFING = 3  # lines that one page has room for under each heading
# Of a briefing: the first there is; of saved views, the first one.
PICTURES = (("explored", ""), ("finance", "balance"), ("caseload", "trend"), ("requests", "by-year"))
# Left out of formulas in the list: said once above it, in the figure's name, or by the rows behind.
LEFT_OUT = re.compile(
    r"^(?:point|(?:lower|upper)(?:80|95)): | \(docs/methods\.md\)|, origin \d{4}(?:-\d\d)?(?=[,;]|$)"
    r"|, months [\d-]{7} to [\d-]{7}|, figures from \d{4}| \((?:age \d+(?: to \d+)?|\d+ bands)\)$"
)
MOST_RUNS = 2  # of rows behind a figure of a model; figures.csv names all
LETTERS = string.ascii_uppercase  # of appendices
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


@dataclass(frozen=True)
class Paper:
    """What a paper holds besides its sections, the same for every build.

    sources: (title, dated, figures used); figures: rows of figures.csv; quality: (words, count) lines;
    inputs: (file, checksum); released: file of each source of the panel; frame: name of its form; decides: what the
    front says of who decides.
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
    released: dict[str, str]
    invented: bool
    quality: list[tuple[str, int]]
    inputs: list[tuple[str, str]]
    moved: Moved | None = None
    frame: str = SCRUTINY
    decides: str = ""


def paper_html(paper: Paper, sections: list[dict], *, engine: str, audit: bool = False) -> str:
    """One build of the paper. sections: results of each page with `body`; engine: what made the PDF, if anything.

    The audit build links every figure to its row in an appendix, and lists checks and inputs.
    """
    rows = {figure["id"]: figure for figure in paper.figures} if audit else {}
    anchors = {id: f"f{number}" for number, id in enumerate(rows, start=1)}  # short: each stands twice for each figure
    frame = FRAMES[paper.frame]
    parts = _parts(paper, frame, sections)
    text = (
        environment()
        .get_template(frame.template)
        .render(
            paper=paper,
            as_at_words=periods.day_in_words(paper.as_at),
            version=__version__,
            front=paper.front | {"rows": front_rows(paper.front, paper.as_at, short=frame.name == BRIEFING)},
            contents=_contents(paper, frame, sections, parts, audit=audit),
            sections=sections,
            glance=_has_glance(sections, parts),
            keys=_glance_keys(sections),
            changed=[item for s in sections for item in s.get("changed", [])],
            symbols="; ".join(f"[{s}] {terms.SYMBOLS[s]}" for s in paper.symbols) or "none is used in this report",
            attribution=terms.ATTRIBUTION,
            style=(ASSETS / "report.css").read_text(encoding="utf-8"),
            engine=engine,
            audit=audit,
            traced=_by_source(rows, anchors, paper.released),
            frame=frame,
            appendix_letters=LETTERS,
            decides=paper.decides,
            sums_up=SUMS_UP,
            **parts,
        )
    )
    return _with_links(text, anchors) if audit else text


@functools.cache
def environment():
    """Templates, escaping all data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(ASSETS / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    made.filters |= {"lowered": lowered, "measured": measured}
    return made


def lowered(body: str) -> str:
    """A section's headings one level down, where the section itself stands under a heading."""
    return re.sub(r"<(/?)h([34])\b", lambda match: f"<{match[1]}h{int(match[2]) + 1}", body)


def _parts(paper: Paper, frame: Frame, sections: list[dict]) -> dict:
    """What only some forms show: lines of a plan, what its template asks, a chart, where the papers' items are."""
    plan = frame.name == DSG_PLAN
    unknown = [item for section in sections for item in section.get("unknown", [])[:1]][:MOST_UNKNOWN]
    return {
        "unknown": unknown,
        "unknown_left": [item for s in sections for item in s.get("unknown", []) if item not in unknown],
        "places": papers_found(paper.authority, sections) if frame.name == SCRUTINY else [],
        "tabs": grouped(frame, sections),
        "lines": plan_lines(paper.figures) if plan else None,
        "not_held": not_held(sections, introduction=bool(paper.front["introduction"])) if plan else [],
        "picture": _picture(sections) if frame.name == BRIEFING else None,
        "most": MOST_OF_A_BRIEFING,
    }


def _picture(sections: list[dict]) -> str:
    """The one chart of a briefing, without its data; empty where no section has drawn one of those wanted."""
    from lxml import html as lxml_html

    pages = {section["slug"]: section["body"] for section in sections}
    for slug, id in PICTURES:
        root = lxml_html.fragment_fromstring(pages.get(slug, ""), create_parent="div")
        for figure in root.xpath("//figure[@id=$id]" if id else "//figure", id=f"f-{slug}-{id}"):
            figure.tail = None
            return lxml_html.tostring(figure, encoding="unicode")
    return ""


def _contents(paper: Paper, frame: Frame, sections: list[dict], parts: dict, *, audit: bool) -> list[tuple[str, str]]:
    appendices = [(f"s-{s['slug']}", s["title"]) for s in sections if s["appendix"]]
    appendices += [("moved", "Numbers that moved")] if paper.moved else []
    appendices += [("sources", "Sources"), ("notes", "How to read the figures")]
    appendices += [("papers", "The authority's own papers: what is where")] if parts["places"] else []
    appendices += [("missing", "What was not possible")] if paper.missing or parts["unknown_left"] else []
    appendices += [("quality", "Data quality and inputs"), ("figures", "Every figure and its source")] if audit else []
    return [
        *([("glance", "At a glance")] if _has_glance(sections, parts) else []),
        *_of_findings(frame, sections, parts),
        *((id, f"Appendix {letter}: {title}") for letter, (id, title) in zip(LETTERS, appendices, strict=False)),
    ]


def _has_glance(sections: list[dict], parts: dict) -> bool:
    """True where there is something for the first page: sections made alone may have no key figure, change or gap."""
    return bool(_glance_keys(sections) or parts["unknown"] or any(section.get("changed") for section in sections))


def _of_findings(frame: Frame, sections: list[dict], parts: dict) -> list[tuple[str, str]]:
    """Lines of the contents for the sections, under the form's headings where it has any."""

    def line(section: dict) -> tuple[str, str]:
        return f"s-{section['slug']}", f"{section['number']} {section['title']}"

    if not parts["tabs"]:
        return [line(section) for section in sections if not section["appendix"]]
    lines = [each for group, held in parts["tabs"] for each in ((group.id, group.heading), *map(line, held))]
    return [*lines, ("asked", "What the template asks that is not held")] if parts["not_held"] else lines


def _by_source(rows: dict[str, dict], anchors: dict[str, str], released: dict[str, str]) -> list[tuple[str, list]]:
    """Source in words with its released file and basis, and (anchor, row, formula) of each figure, the first met first.

    A source that was released as several files has a table for each: a row number says little without its file.
    """
    held: dict[str, list] = {}
    for id, figure in rows.items():
        name = NAMED.get(figure["source"], figure["source"])
        file = released.get(figure["source_id"], "")
        title = f"{name}: {file}" if file else name
        title += f" ({figure['period_basis']})" if figure["period_basis"] else ""
        held.setdefault(title, []).append((anchors[id], figure, _formula(figure, anchors)))
    return list(held.items())


def _formula(figure: dict, anchors: dict[str, str]) -> str:
    """A formula whose names lead to their rows, by the short name of each; else the reference, and what it rests on.

    Where models are explained is said once, above the tables.
    """

    def link(match: re.Match) -> str:
        at = anchors.get(match[0])
        return _to(at) if at else match[0]

    reference = html.escape(LEFT_OUT.sub("", figure["reference"]), quote=False)
    linked = re.sub(r"[a-z][\w.-]*\.[\w.-]*\w", link, reference)
    return linked if "<a " in linked else linked + _behind(figure["rests_on"], anchors)


def _to(anchor: str) -> str:
    return f'<a href="#{anchor}">{anchor}</a>'


def _behind(rests_on: str, anchors: dict[str, str]) -> str:
    """`; on f801 to f816`: rows that follow each other taken together, the first few of them; empty for none."""
    numbers = sorted(int(anchors[name][1:]) for name in rests_on.split("; ") if name in anchors)
    starts = [number for number in numbers if number - 1 not in numbers]
    ends = [number for number in numbers if number + 1 not in numbers]
    runs = [_to(f"f{a}") if a == b else f"{_to(f'f{a}')} to f{b}" for a, b in zip(starts, ends, strict=True)]
    more = f" and {len(runs) - MOST_RUNS} more" if len(runs) > MOST_RUNS else ""
    return f"; on {', '.join(runs[:MOST_RUNS])}{more}" if runs else ""


def measured(row: dict) -> str:
    """A figure as it is printed, with its unit where the print does not say it: `783 requests`, `12.8%`, `£71.2m`."""
    return row["printed"] if row["unit"] in ("%", "GBP", POUNDS) else f"{row['printed']} {row['unit']}"


def _with_links(text: str, anchors: dict[str, str]) -> str:
    """Every printed figure leads to its row in the appendix, which gives its name. anchors: by figure's id."""
    return re.sub(
        r'(<(span|td)[^>]*) data-figure="([^"]+)"([^>]*>)(.*?)(</\2>)',
        lambda match: f'{match[1]}{match[4]}<a href="#{anchors[match[3]]}">{match[5]}</a>{match[6]}',
        text,
    )


def _glance_keys(sections: list[dict]) -> str:
    """The first key figure of the first sections, once more on the first page."""
    from lxml import html as lxml_html

    chosen: dict[str, list[str]] = {}
    for section in sections:
        if section.get("key_figures") and not section["appendix"]:
            items = lxml_html.fragment_fromstring(section["key_figures"]).findall("li")
            chosen[section["slug"]] = [
                lxml_html.tostring(item, encoding="unicode") for item in items[:KEYS_OF_A_SECTION]
            ]
    if len(chosen) > MOST_KEYS:
        chosen.pop(SUMS_UP, None)
    keys = [key for found in chosen.values() for key in found][:MOST_KEYS]
    return f'<ul class="keys">{"".join(keys)}</ul>' if keys else ""
