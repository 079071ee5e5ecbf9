"""Makes small DfE releases: invented numbers in the layouts of 2025 and of 2026. Not a test.

Areas, headers and labels are DfE's; every number is arithmetic on the area, the year and the column.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

Files = dict[str, str]
Part = Callable[[int], int]

ENGLAND = "E92000001"


class Area(NamedTuple):
    """A place as DfE's columns name it."""

    level: str
    region_code: str = ""
    region_name: str = ""
    new_la_code: str = ""
    old_la_code: str = ""
    la_name: str = ""


LOCAL = (
    Area("Local authority", "E12000007", "London", "E09000007", "202", "Camden"),
    Area("Local authority", "E12000007", "London", "E09000012", "204", "Hackney"),
    Area("Local authority", "E12000007", "London", "E09000023", "209", "Lewisham"),
    Area("Local authority", "E12000008", "South East", "E06000046", "921", "Isle of Wight"),
    Area("Local authority", "E12000008", "South East", "E10000016", "886", "Kent"),
    Area("Local authority", "E12000003", "Yorkshire and The Humber", "E08000035", "383", "Leeds"),
)
WIDE = (
    Area("National"),
    Area("Regional", "E12000007", "London"),
    Area("Regional", "E12000008", "South East"),
    Area("Regional", "E12000003", "Yorkshire and The Humber"),
)
PLACE = ["time_period", "time_identifier", "geographic_level", "country_code", "country_name",
         "region_code", "region_name", "new_la_code", "old_la_code", "la_name"]  # fmt: skip


class Table(NamedTuple):
    """One file: its total row's label in 2025 and 2026, whether it is a stock, its columns."""

    label: str
    label_2026: str
    stock: bool
    columns: tuple[str, ...]
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    years: int = 3


TABLES = {
    "requests": Table(
        "All requests for EHC needs assessments", "All requests for an EHC needs assessment", False,
        ("requests_received_in_year", "requests_rya", "requests_decided_to_assess",
         "requests_decided_not_to_assess", "requests_decision_not_made", "requests_withdrawn",
         "request_assess_pc", "request_outcome_six_weeks", "request_outcome_over_6_weeks"),
    ),
    "assessments": Table(
        "All EHC needs assessments", "All EHC needs assessments", False,
        ("assess_in_year", "assess_issued", "assess_issued_pc", "assess_not_issued",
         "assess_not_made", "assess_withdrawn"),
    ),
    "timeliness_20_week": Table(
        "All EHC plans issued", "All EHC plans", False,
        ("plans_issued_den", "plans_issued_den_ex", "plans_issued_within_20_weeks",
         "plans_issued_20_weeks_ex", "PC_plans_issued_20_weeks_ex",
         "plans_issued_gt20weeks_ltYear", "plans_issued_gt20weeks_ltYear_ex",
         "plans_issued_gt_1_year", "plans_issued_gt_1_year_ex"),
        added=("avg_weeks_issue_plan", "avg_weeks_issue_plan_exc"),
    ),
    "newplans": Table(
        "New EHC plans", "All new EHC plans", False,
        ("new_ehc_plans", "mainstream_total", "special_total", "AP_PRU_total_pc"),
    ),
    "ceased_plans": Table(
        "All ceased EHC plans", "All ceased EHC plans", False,
        ("max_age", "needs_met", "he", "employ", "transfer", "no_engage", "moved_outside_eng",
         "deceased", "not_rec", "other", "total_ceased"),
        dropped=("not_rec",),
    ),
    "caseload": Table(
        "All EHC plans", "All EHC plans", True,
        ("ehcplans", "mainstream_total", "special_academy_free", "special_total", "ap_pru_total",
         "AP_PRU_total_pc", "fe_total", "ed_elsewhere", "await_prov_2022"),
        added=("special_academy", "special_free_school"), dropped=("special_academy_free",),
    ),
    "sen_needs_all_plans": Table(
        "All EHC plans", "All EHC plans", True,
        ("ehc_plans", "number_asd", "number_hi", "number_semh", "number_need_unknown", "asd_pc"),
        added=("number_ds", "ds_pc"), years=1,
    ),
}  # fmt: skip
AGES = ("under 3", *(f"age {age}" for age in range(3, 26)))
AGES_OF_CHANGE = ("age 2 and under", *(f"age {age}" for age in range(3, 20)), "age 20 and over")


def ehc_plans(
    newest: int = 2025,
    *,
    drifted: bool = False,
    unavailable: tuple[str, ...] = (),
    cells: dict[tuple[str, str, str, str], str] | None = None,
) -> Files:
    """Files of 'Education, health and care plans': six authorities, years up to `newest`.

    newest: reporting year; flows end in the year before it, stocks in its January.
    drifted: the changes of 2026 (lower-case columns; new labels, columns, filter and file).
    unavailable: three-digit codes whose figures of the newest year are all `x`.
    cells: (file, three-digit code, time_period, column) -> text to put into the total row.
    """
    files = {}
    for name, table in TABLES.items():
        columns = [*table.columns, *(table.added if drifted else ())]
        columns = [column for column in columns if not drifted or column not in table.dropped]
        files[f"{name}.csv"] = _table(name, table, columns, newest, drifted, unavailable, cells or {})
    if drifted:
        files["phase_transfers.csv"] = _phase_transfers(newest)
    return files


def _table(name, table, columns, newest, drifted, unavailable, cells) -> str:
    by_source = drifted and name == "requests"
    head = [*PLACE, "breakdown_topic", "breakdown", *columns]
    head = [column.lower() for column in head] if drifted else head
    rows = []
    for year in range(newest - table.years, newest):
        period = f"{year}{(year + 1) % 100:02d}" if table.stock else f"{year}"
        gone = unavailable if year == newest - 1 else ()
        for area, taken, topic, item in _lines(name, table, drifted):
            row = [period, "Academic year" if table.stock else "Calendar year", area.level, ENGLAND, "England"]
            row += [*area[1:], topic, item]
            row += [_text(area, year, column, taken, gone) for column in columns]
            if taken is whole:
                for place, column in enumerate(columns):
                    key = (name, area.old_la_code, period, column)
                    row[len(PLACE) + 2 + place] = cells.get(key, row[len(PLACE) + 2 + place])
            rows += _by_source(row) if by_source else [row]
    return as_csv([*head, "request_source"] if by_source else head, rows)


def _by_source(row: list[str]) -> list[list[str]]:
    """The row of all requests, then one for each source, whose counts differ from the total's."""
    place, figures = row[: len(PLACE) + 2], row[len(PLACE) + 2 :]
    few = ["1" if text.isdigit() else text for text in figures]
    return [[*row, "Total"], [*place, *few, "Parent"], [*place, *few, "School"]]


def whole(number: int) -> int:
    """All of a count."""
    return number


def part(share: float) -> Part:
    """A share of a count."""
    return lambda number: int(share * number)


def rest(share: float, times: int) -> Part:
    """What is left of a count when a share has been taken so many times."""
    return lambda number: number - times * int(share * number)


def _lines(name: str, table: Table, drifted: bool) -> Iterator[tuple[Area, Part, str, str]]:
    """Area, part of its total, topic and item of every row of one year: the total row first."""
    label = table.label_2026 if drifted else table.label
    for area in (*WIDE, *LOCAL):
        yield area, whole, label, label
        yield area, part(0.5), "Sex", "Female"
        if drifted and name == "requests":
            yield area, part(0.25), "Source of request", "Parent or young person"
        if name == "caseload":
            topic = "Age at 31 August 2025" if drifted else "Child or young persons age"
            yield from _aged(area, topic, AGES)
            yield from _aged(area, "Age when plan started", AGES_OF_CHANGE)
        if name == "newplans":
            yield from _aged(area, "Age when plan started", AGES_OF_CHANGE)
        if name == "ceased_plans":
            yield from _aged(area, "Age plan ceased", AGES_OF_CHANGE)


def _aged(area: Area, topic: str, ages: tuple[str, ...]) -> Iterator[tuple[Area, Part, str, str]]:
    """A row an age, the last of them with what is left."""
    yield from ((area, part(0.04), topic, age) for age in ages[:-1])
    yield area, rest(0.04, len(ages) - 1), topic, ages[-1]


def _text(area: Area, year: int, column: str, taken: Part, gone: Iterable[str]) -> str:
    if area.old_la_code in gone:
        return "x"
    if column.lower().startswith("pc_") or column.lower().endswith("_pc"):
        return "50.0"
    inside = [local for local in LOCAL if area in (local, _region(local)) or area.level == "National"]
    return str(sum(taken(count(local, year, column)) for local in inside if local.old_la_code not in gone))


def _region(local: Area) -> Area:
    return Area("Regional", local.region_code, local.region_name)


def count(local: Area, year: int, column: str) -> int:
    """The invented number of one authority, year and column."""
    return 1000 + 100 * LOCAL.index(local) + 10 * (year - 2018) + len(column)


def _phase_transfers(newest: int) -> str:
    head = [*PLACE, "number_plans", "due_25", "due_26", "final_25", "final_26"]
    rows = [
        [str(newest - 1), "Calendar year", area.level, ENGLAND, "England", *area[1:], "900", "12", "140", "38", "6"]
        for area in (*WIDE, *LOCAL)
    ]
    return as_csv(head, rows)


SEN_SHARES = {"Total": 1.0, "Education, health and care plan": 0.05, "SEN support / SEN without an EHC plan": 0.14}
SEN_SCHOOLS = (("Total", "Total", "Total"), ("State-funded primary", "Total", "Total"),
               ("Total", "Academy converter", "No"))  # fmt: skip


def sen_wide(newest: int = 2026, *, years: int = 5, cells: dict[tuple[str, str, str], str] | None = None) -> Files:
    """'Special educational needs in England', a column a provision, Januaries up to `newest`.

    cells: (three-digit code, time_period, column) -> text to put into the row of all schools.
    """
    columns = ["total_pupils", "sen_support", "ehc_plan", "sen_support_percent", "ehc_plan_percent"]
    head = [*PLACE, "phase_type_grouping", "type_of_establishment", "hospital_school", *columns]

    def figures(area: Area, period: str, pupils: int, everybody: bool) -> list[list[str]]:
        row = [str(pupils), str(pupils * 14 // 100), str(pupils * 5 // 100), "14.0", "5.0"]
        chosen = cells if cells and everybody else {}
        return [[chosen.get((area.old_la_code, period, name), text) for name, text in zip(columns, row, strict=True)]]

    return {"sen_phase_type_.csv": _sen(head, newest, years, figures)}


def sen_long(newest: int = 2026, *, years: int = 5, cells: dict[tuple[str, str, str], str] | None = None) -> Files:
    """The same in the layout of 2026, a row a provision.

    cells: (three-digit code, time_period, sen_provision) -> count of pupils in all schools.
    """
    head = [*PLACE, "phase_type_grouping", "establishment_type", "hospital_school",
            "sen_provision", "pupil_count", "pupil_percent", "pcon_code", "pcon_name"]  # fmt: skip

    def figures(area: Area, period: str, pupils: int, everybody: bool) -> list[list[str]]:
        chosen = cells if cells and everybody else {}
        return [
            [
                label,
                chosen.get((area.old_la_code, period, label), str(int(pupils * share))),
                f"{100 * share:.9f}",
                "",
                "",
            ]
            for label, share in SEN_SHARES.items()
        ]

    return {"sen_phase_type_2026.csv": _sen(head, newest, years, figures)}


def _sen(head: list[str], newest: int, years: int, figures: Callable[..., list[list[str]]]) -> str:
    rows = []
    for year in range(newest - years, newest):
        period = f"{year}{(year + 1) % 100:02d}"
        for area in (*WIDE, *LOCAL):
            pupils = int(_text(area, year, "pupils", part(10), ()))
            place = [period, "Academic year", area.level, ENGLAND, "England", *area[1:]]
            for school in SEN_SCHOOLS:
                everybody = school == SEN_SCHOOLS[0]
                some = pupils if everybody else pupils // 2
                rows += [[*place, *school, *row] for row in figures(area, period, some, everybody)]
    return as_csv(head, rows)


def put(files: Files, name: str, column: str, text: str, **where: str) -> Files:
    """The files with `text` in `column` of the rows of one file whose cells are as in `where`."""
    head, *rows = lines(files[name])
    hit = [row for row in rows if all(row[head.index(key)] == cell for key, cell in where.items())]
    for row in hit:
        row[head.index(column)] = text
    assert hit, f"no row of {name} is {where}"
    return files | {name: as_csv(head, rows)}


def as_csv(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    """Text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()


def lines(text: str) -> list[list[str]]:
    """Fields of every line of a CSV file, the header first."""
    return list(csv.reader(io.StringIO(text)))


def as_folder(files: Files, folder: Path) -> Path:
    """Write the files into a folder, as after unpacking a release."""
    for name, text in files.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8-sig", newline="")
    return folder


def as_zip(
    files: Files,
    path: Path,
    *,
    title: str = "Education, health and care plans",
    dated: tuple[int, int, int] = (2026, 6, 25),
) -> Path:
    """Write the files as DfE's service packs them: under data/, with a data guidance."""
    members = {f"data/{name}": text.encode("utf-8-sig") for name, text in files.items()}
    members["data-guidance/data-guidance.txt"] = f"{title}\r\nReporting year {dated[0]}\r\n".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, (*dated, 9, 30, 0))
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return path
