"""Raw files to the panel: every cell placed, typed and checked; the newest edition of a figure wins."""

import re
from dataclasses import dataclass, field

import pandas as pd

from highneeds import periods, terms
from highneeds.clean.areas import areas_table, identify
from highneeds.clean.authorities_alone import spend_by_kind, with_wider_areas
from highneeds.clean.breakdowns import add_up
from highneeds.clean.cells import split_symbols
from highneeds.clean.defects import reject
from highneeds.errors import SourceError
from highneeds.measures.declarations import MEASURES
from highneeds.schemas import VALUES, VALUES_KEY
from highneeds.sources import context
from highneeds.sources.panel import Panel
from highneeds.sources.releases import RawFile, read_frame, recognise
from highneeds.sources.rows import Layout

SOURCES = ["source", "title", "publisher", "edition", "dated", "file", "sha256", "note"]
MAX_FAULTS_SHOWN = 20


@dataclass
class Import:
    """What an import did, for the person who ran it."""

    read: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    faulty_cells: list[str] = field(default_factory=list)
    added: int = 0
    revised: int = 0
    unchanged: int = 0


def build_panel(files: list[RawFile], previous: Panel | None = None) -> tuple[Panel, Import]:
    """Panel from raw files, on top of an earlier panel where there is one.

    Raises SourceError listing all faults where no file is recognised, a cell is neither a number
    nor a symbol, an area is unknown or a figure is given twice in one file.
    """
    report = Import()
    frames, codes, neighbours, sources = _read_all(files, report)
    if not frames:
        names = ", ".join(sorted(file.name for file in files)[:5])
        raise SourceError(
            f"none of {len(files)} CSV files is one of a release we know ({names} ...). Expected the "
            "files of DfE's 'Education, health and care plans' or 'Special educational needs in England'."
        )
    raw = pd.concat(frames, ignore_index=True)
    areas = _areas(raw, codes, previous)
    values = _values(raw, areas, sources)
    values, told = add_up(values, areas)
    values, odd = spend_by_kind(_within_life(values, areas), areas)
    values = _newest(with_wider_areas(values, areas), sources)
    values, faulty = reject(values, areas)
    report.faulty_cells = [*told, *odd, *faulty]
    if previous is not None:
        values, sources, neighbours = _merge(values, sources, neighbours, previous, report)
    else:
        report.added = len(values)
    values = values[VALUES].sort_values(VALUES_KEY, ignore_index=True)
    used = sources[sources["source"].isin([*values["source"].unique(), "neighbours", "codes"]) | sources["note"].ne("")]
    return Panel(values, areas, neighbours, used.sort_values("source", ignore_index=True)), report


def _read_all(files: list[RawFile], report: Import):
    """Raw rows, authority codes, neighbours and the list of sources, from whatever is recognised."""
    frames, sources, faults = [], [], []
    codes = neighbours = None
    for file in files:
        try:
            layout = recognise(file)
            if layout is None:
                report.passed_over.append(file.name)
                continue
            rows = _read(file, layout)
        except SourceError as fault:
            faults += [line if line.startswith(file.name) else f"{file.name}: {line}" for line in fault.faults]
            continue
        report.read.append(f"{file.name}: {layout.name}, {len(rows):,} cells")
        edition = 0
        if layout is context.NEIGHBOURS:
            neighbours, name = rows, "neighbours"
        elif layout is context.CODES:
            codes, name = rows, "codes"
        else:
            edition = _edition(rows)
            name = f"{_slug(layout.name)}-{edition}"
            if any(source["source"] == name for source in sources):
                faults.append(
                    f"{file.name}: a second file of layout '{layout.name}' and edition {edition}. "
                    "Expected one. Take one of them away."
                )
            frames.append(rows.assign(source=name))
        sources.append(
            {
                "source": name,
                "title": file.title,
                "publisher": file.publisher,
                "edition": str(edition),
                "dated": file.dated or _published_after(rows, edition),
                "file": file.name,
                "sha256": file.sha256,
                "note": file.note,
            }
        )
    if faults:
        raise SourceError(faults)
    return frames, codes, neighbours, pd.DataFrame(sources, columns=SOURCES)


def _read(file: RawFile, layout: Layout) -> pd.DataFrame:
    try:
        rows = layout.read(read_frame(file))
    except KeyError as fault:
        raise SourceError(
            f"column {fault} is missing. Expected the layout '{layout.name}'. Download the release again."
        ) from fault
    if rows.empty:
        raise SourceError(
            f"has no row that the layout '{layout.name}' needs. Expected rows for England, its regions or its "
            "authorities, with everybody in one row. Download the release again."
        )
    return rows


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _edition(rows: pd.DataFrame) -> int:
    """Year in which the newest figures were published: the year after a flow, the year of a stock."""
    year = rows["period"].str[:4].astype(int)
    later = rows["period_basis"].isin([periods.CALENDAR_YEAR, periods.MID_YEAR, periods.FINANCIAL_YEAR])
    return int((year + later).max())


def _published_after(rows: pd.DataFrame, edition: int) -> str:
    """Earliest day on which the file can have been published, where nothing better is known."""
    return (
        periods.SURVEY_DAYS.get(edition, periods.last_day(str(edition), periods.JANUARY)).isoformat() if edition else ""
    )


def _areas(raw: pd.DataFrame, codes: pd.DataFrame | None, previous: Panel | None) -> pd.DataFrame:
    if codes is not None:
        return areas_table(codes, raw if previous is None else pd.concat([raw, previous.areas]))
    if previous is not None:
        return previous.areas
    raise SourceError(
        "no list of authority codes was given, and there is no panel yet. "
        "Build the panel first: highneeds import FOLDER --recipe data/processed/recipe.yml"
    )


def _values(raw: pd.DataFrame, areas: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Raw rows with our area code and a number or symbol; all faults named by file, row and column."""
    file = raw["source"].map(sources.set_index("source")["file"])
    raw = raw[~raw["area_code"].isin(terms.LONDON_HALVES)]
    code = identify(raw, areas)
    cells = split_symbols(raw["text"])
    named = raw.assign(area_code=code, file=file)
    faults = [
        *_unknown_areas(named.assign(given=raw["la_code"].where(raw["la_code"].ne(""), raw["area_code"]))),
        *_faulty_cells(named[cells["fault"] | (cells["value"].lt(0) & ~raw["measure"].map(_is_signed))]),
        *_rows_given_twice(named[code.notna()]),
    ]
    if len(faults) > MAX_FAULTS_SHOWN:
        faults[MAX_FAULTS_SHOWN:] = [f"... and {len(faults) - MAX_FAULTS_SHOWN:,} more."]
    if faults:
        raise SourceError(faults)
    reference = "row " + raw["row"].astype(str) + ", " + raw["column"]
    return raw.assign(area_code=code, value=cells["value"], status=cells["status"], reference=reference)[VALUES]


def _is_signed(measure: str) -> bool:
    return MEASURES[measure].signed


def _unknown_areas(raw: pd.DataFrame) -> list[str]:
    rows = raw[raw["area_code"].isna()].drop_duplicates(["source", "row"])
    return [
        f"{row.file}: row {row.row}: area '{row.given}' ({row.area_name}) is not in the list of authorities. "
        "Expected a code we know. Add it to the list of codes, then import again."
        for row in rows.itertuples()
    ]


def _faulty_cells(raw: pd.DataFrame) -> list[str]:
    return [
        f"{row.file}: row {row.row}, column {row.column}: found {row.text[:20]!r}. Expected a number of 0 or more, "
        "or one of x, z, c. Download the release again, or report it to DfE."
        for row in raw.itertuples()
    ]


def _rows_given_twice(raw: pd.DataFrame) -> list[str]:
    key = ["source", *VALUES_KEY]
    twice = raw[raw.duplicated(key, keep=False)]
    rows = twice["row"].astype(str).groupby([twice[column] for column in key]).transform(", ".join)
    first = twice.assign(rows=rows).drop_duplicates(["source", "area_code", "period", "rows"])
    return [
        f"{row.file}: rows {row.rows} are all for {row.area_name}, {row.period}, {row.breakdown}. Expected one row. "
        "Download the release again, or report it to DfE."
        for row in first.itertuples()
    ]


def _newest(values: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """One row a key: the newest edition's, for a later edition revises the earlier ones."""
    edition = values["source"].map(sources.set_index("source")["edition"]).astype(int)
    order = values.assign(edition=edition).sort_values(["edition", "source"], kind="stable")
    return order.drop_duplicates(VALUES_KEY, keep="last").drop(columns="edition")


def _within_life(values: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Drop symbols for years in which an authority did not exist; a value is never dropped."""
    lives = areas.set_index("area_code")
    keys = values[["period", "period_basis"]].drop_duplicates()
    ends = {key: periods.last_day(*key).isoformat() for key in keys.itertuples(index=False, name=None)}
    end = pd.Series(
        [ends[key] for key in zip(values["period"], values["period_basis"], strict=True)], index=values.index
    )
    opened, closed = values["area_code"].map(lives["opened"]), values["area_code"].map(lives["closed"])
    outside = end.lt(opened.fillna("")) | (closed.fillna("").ne("") & end.gt(closed.fillna("")))
    return values[~(outside & values["value"].isna())]


def _merge(values, sources, neighbours, previous: Panel, report: Import):
    """New rows over earlier ones; an older edition never replaces a newer one."""
    editions = pd.concat([previous.sources, sources]).drop_duplicates("source", keep="last")
    both = pd.concat([previous.values, values], ignore_index=True)
    merged = _newest(both, editions)
    before = previous.values.set_index(VALUES_KEY)[["value", "status"]]
    after = merged.set_index(VALUES_KEY)[["value", "status"]]
    old, new = before.align(after, join="inner", axis=0)
    # The panel's file keeps 15 digits; what differs beyond them was not revised.
    equal = (old["value"] - new["value"]).abs().le(1e-13 * new["value"].abs())
    same = (equal | (old["value"].isna() & new["value"].isna())) & old["status"].eq(new["status"])
    report.added, report.revised, report.unchanged = len(after) - len(new), int((~same).sum()), int(same.sum())
    return merged, editions, neighbours if neighbours is not None else previous.neighbours
