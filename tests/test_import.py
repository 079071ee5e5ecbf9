"""A release goes into the panel whole, in its new layout too, or not at all and with the reason."""

import random
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds import terms
from highneeds.clean import defects
from highneeds.clean.cells import split_symbols
from highneeds.clean.panel import build_panel
from highneeds.cli import main
from highneeds.errors import SourceError
from highneeds.files import HOME_VARIABLE, panel_folder
from highneeds.sources import panel as panel_file
from highneeds.sources import releases as opener
from highneeds.sources.panel import Panel, read_panel
from highneeds.sources.releases import RawFile
from tests import releases

ROOT = Path(__file__).resolve().parents[1]
KENT, LEWISHAM, ISLE_OF_WIGHT = "E10000016", "E09000023", "E06000046"
LEEDS = "E08000035"
REQUESTS = "requests.csv"


def run(*arguments: object) -> Result:
    """Run the command as a person does; whatever goes wrong, they must not see a traceback."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def kept(folder: Path) -> dict[str, bytes]:
    """Bytes of every file of the panel, with what lies beside its folder by name."""
    beside = {path.name: b"" for path in folder.parent.iterdir()}
    return beside | {path.name: path.read_bytes() for path in folder.iterdir()}


def figure(panel: Panel, area: str, measure: str, period: str, breakdown: str = "Total") -> tuple:
    """Value and status of one figure of the panel; value None where there is none."""
    key = {"area_code": area, "measure": measure, "period": period, "breakdown": breakdown}
    rows = panel.values[(panel.values[list(key)] == pd.Series(key)).all(axis="columns")]
    assert 1 == len(rows), f"{len(rows)} rows for {key}"
    value = rows["value"].item()
    return None if pd.isna(value) else value, rows["status"].item()


def new_project(folder: Path) -> Path:
    """A project folder that holds the committed panel; returns the panel's own folder."""
    shutil.copytree(panel_folder(ROOT), panel_folder(folder))
    return panel_folder(folder)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Folder of a fresh copy of the committed panel, which the command then works on."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "project"))
    return new_project(tmp_path / "project")


# --- The layout of 2026 -------------------------------------------------------------------------

CELLS_2026 = {
    ("requests", "886", "2025", "requests_received_in_year"): "4,321",
    ("requests", "383", "2025", "requests_received_in_year"): "no data",
    ("timeliness_20_week", "886", "2025", "plans_issued_20_weeks_ex"): "987",
    ("timeliness_20_week", "886", "2024", "plans_issued_20_weeks_ex"): "654",
    ("newplans", "886", "2025", "new_ehc_plans"): "3210",
    ("ceased_plans", "886", "2025", "total_ceased"): "1111",
    ("assessments", "886", "2025", "assess_in_year"): "2222",
    ("caseload", "886", "202526", "ehcplans"): "23456",
    ("sen_needs_all_plans", "886", "202526", "number_ds"): "77",
}


@pytest.fixture(scope="module")
def drifted(tmp_path_factory) -> tuple[Result, Panel]:
    """What the command said of the release of 2026, and the panel after it."""
    folder = tmp_path_factory.mktemp("drifted")
    files = releases.ehc_plans(2026, drifted=True, unavailable=("209", "921"), cells=CELLS_2026)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        where = new_project(folder)
        return run("import", releases.as_zip(files, folder / "ehc.zip")), read_panel(where)


@pytest.mark.parametrize(
    "measure, period, breakdown, expected",
    [
        ("requests_received", "2025", "Total", 4321),
        ("plans_within_20_weeks_excluding_exceptions", "2025", "Total", 987),
        ("plans_within_20_weeks_excluding_exceptions", "2024", "Total", 654),
        ("new_ehc_plans", "2025", "Total", 3210),
        ("ceased_plans", "2025", "Total", 1111),
        ("assessments_in_year", "2025", "Total", 2222),
        ("ehc_plans", "2026", "Total", 23456),
        ("ehc_plans_primary_need", "2026", "Down syndrome", 77),
    ],
)
def test_figures_of_a_drifted_release_land(drifted, measure, period, breakdown, expected):
    """New labels, columns in lower case and new columns must not cost a figure."""
    result, panel = drifted

    assert 0 == result.exit_code
    assert (expected, "") == figure(panel, KENT, measure, period, breakdown)


def test_ages_are_found_under_a_new_topic(drifted):
    """DfE calls the age of a person by another name in each file and year."""
    _, panel = drifted
    single = [figure(panel, LEEDS, "ehc_plans", "2026", age)[0] for age in ("under 3", "age 3", "age 4")]

    assert (sum(single), "") == figure(panel, LEEDS, "ehc_plans", "2026", "Under 5")


@pytest.mark.parametrize("measure", ["new_ehc_plans", "ceased_plans"])
def test_plans_that_begin_or_end_come_in_age_bands_alone(drifted, measure):
    """The panel is committed: of new and ceased plans it holds the bands, which add up to the total."""
    _, panel = drifted
    mine = panel.values.query("area_code == @LEEDS and measure == @measure and period == '2025'")
    bands = mine[mine["breakdown"].isin(terms.AGE_BANDS)]

    assert figure(panel, LEEDS, measure, "2025")[0] == bands["value"].sum()
    assert 5 == len(bands)
    assert not mine["breakdown"].isin(terms.BAND_OF_AGE).any()


def test_ages_that_do_not_add_up_to_the_total_are_told(drifted):
    """Kent's total of new plans was changed and its ages were not: the person must see that its bands are not used."""
    result, panel = drifted
    kent = panel.values.query("area_code == @KENT and measure == 'new_ehc_plans' and period == '2025'")

    assert "faulty  new_ehc_plans 2025: ages do not add up to the total (Kent). Not used." in result.output
    assert not kent["breakdown"].isin(terms.AGE_BANDS).any()


@pytest.mark.parametrize("area", [LEWISHAM, ISLE_OF_WIGHT])
def test_an_authority_without_figures_keeps_its_x_and_gets_no_number(drifted, area):
    """Lewisham and the Isle of Wight are x in 2026: a nought would be a false statement."""
    _, panel = drifted
    rows = panel.values[panel.values["area_code"].eq(area) & panel.values["source"].str.endswith("-2026")]
    newest = rows[rows["period"].eq(rows["period_basis"].map({"January": "2026"}).fillna("2025"))]

    assert {"x"} == set(newest["status"])
    assert newest["value"].isna().all()
    assert {"requests_received", "plans_issued", "new_ehc_plans", "ehc_plans"} <= set(newest["measure"])


def test_no_data_in_words_is_a_symbol(drifted):
    """The release of 2026 writes `no data` for an authority that returned no dates."""
    _, panel = drifted

    assert (None, "x") == figure(panel, LEEDS, "requests_received", "2025")


def test_the_total_is_chosen_among_the_sources_of_request(drifted):
    """A filter that a release adds must not double the counts, nor put a part in place of the whole."""
    _, panel = drifted
    expected = releases.count(releases.LOCAL[4], 2024, "requests_withdrawn")

    assert (expected, "") == figure(panel, KENT, "requests_withdrawn", "2024")


def test_a_file_that_no_report_uses_is_named_and_passed_over(drifted):
    """A new file is no fault, but the person should see that it was not read."""
    result, _ = drifted

    assert "passed  data/phase_transfers.csv: not a table that the reports use" in result.output


def test_the_panel_says_where_a_figure_came_from(drifted):
    """Title, day and file are what an auditor asks for first."""
    _, panel = drifted
    source = panel.sources.set_index("source").loc["requests-2026"]

    assert "Education, health and care plans, reporting year 2026" == source["title"]
    assert ("2026-06-25", "data/requests.csv") == (source["dated"], source["file"])


def test_a_folder_in_the_layout_of_2025_is_read(project, tmp_path):
    """Many people unpack the zip first."""
    cells = {("requests", "886", "2024", "requests_received_in_year"): "4002"}
    folder = releases.as_folder(releases.ehc_plans(cells=cells), tmp_path / "unpacked")

    result = run("import", folder)

    assert 0 == result.exit_code
    assert (4002, "") == figure(read_panel(project), KENT, "requests_received", "2024")


# --- Special educational needs in England -------------------------------------------------------

EHC, SUPPORT = "Education, health and care plan", "SEN support / SEN without an EHC plan"
SEN_WIDE = releases.sen_wide(cells={("886", "202223", "sen_support"): "30123", ("886", "202526", "ehc_plan"): "14444"})
SEN_LONG = releases.sen_long(cells={("886", "202223", SUPPORT): "30123", ("886", "202526", EHC): "14444"})


@pytest.mark.parametrize("files", [SEN_WIDE, SEN_LONG, SEN_WIDE | SEN_LONG], ids=["wide", "long", "both"])
def test_published_counts_replace_estimates(project, tmp_path, files):
    """Counts worked out from percentages stand in only until DfE's own are there."""
    estimated = figure(read_panel(project), KENT, "sen_support_pupils", "2023")

    result = run("import", releases.as_zip(files, tmp_path / "sen.zip", title="Special educational needs in England"))

    panel = read_panel(project)
    assert 0 == result.exit_code
    assert "e" == estimated[1]
    assert (30123, "") == figure(panel, KENT, "sen_support_pupils", "2023")
    assert (14444, "") == figure(panel, KENT, "school_ehc_pupils", "2026")
    assert ["", ""] == [figure(panel, KENT, measure, "2026")[1] for measure in ("pupils", "sen_support_pupils_pct")]


# --- Editions -----------------------------------------------------------------------------------


def test_the_same_release_twice_changes_nothing(project, tmp_path):
    """Two people who import the same files must hold the same panel, to the byte."""
    files = releases.ehc_plans(2026, drifted=True) | releases.sen_wide(
        cells={("886", "202526", "sen_support_percent"): "12.345678901234567"}
    )
    path = releases.as_zip(files, tmp_path / "all.zip")
    run("import", path)
    once = kept(project)

    result = run("import", path)

    assert "The panel has 0 new figures, 0 revised" in result.output
    assert once == kept(project)


def test_an_older_edition_never_replaces_a_newer_one(project, tmp_path):
    """Releases are imported in any order; the newest word on a figure must stand."""
    place = ("requests", "886", "2023", "requests_received_in_year")
    newer = releases.ehc_plans(2026, drifted=True, cells={place: "3999"})
    run("import", releases.as_zip(newer, tmp_path / "2026.zip"))
    before = read_panel(project).values

    result = run("import", releases.as_zip(releases.ehc_plans(cells={place: "1"}), tmp_path / "2025.zip"))

    panel = read_panel(project)
    assert 0 == result.exit_code
    assert (3999, "") == figure(panel, KENT, "requests_received", "2023")
    assert newest_edition(before).equals(newest_edition(panel.values))


def newest_edition(values: pd.DataFrame) -> pd.DataFrame:
    """Figures that the release of 2026 gave."""
    return values[values["source"].str.endswith("-2026")].reset_index(drop=True)


def test_a_corrected_file_of_the_same_edition_revises_one_figure(project, tmp_path):
    """DfE corrects releases within the year, and the person must see how much moved."""
    run("import", releases.as_zip(releases.ehc_plans(2026, drifted=True), tmp_path / "first.zip"))
    cells = {("requests", "886", "2025", "requests_withdrawn"): "5"}

    result = run(
        "import", releases.as_zip(releases.ehc_plans(2026, drifted=True, cells=cells), tmp_path / "second.zip")
    )

    assert "0 new figures, 1 revised" in result.output
    assert (5, "") == figure(read_panel(project), KENT, "requests_withdrawn", "2025")


# --- Faulty files -------------------------------------------------------------------------------

FILES = releases.ehc_plans()
LINES = FILES[REQUESTS].splitlines()  # row 2 is England, row 10 Camden, row 18 Kent, all of 2022


def requests_with(row: int, change) -> releases.Files:
    """The requests file alone, with one of its rows changed."""
    text = "\n".join([*LINES[: row - 1], change(LINES[row - 1]), *LINES[row:]])
    return {REQUESTS: text}


def renamed(column: str, to: str) -> releases.Files:
    """The requests file alone, with another name over one column."""
    return {REQUESTS: FILES[REQUESTS].replace(column, to, 1)}


FAULTY = {
    "a field too many": (requests_with(5, lambda row: row + ",9"), ["line 5, saw 22", "Expected 21"]),
    "a field too many in the first row": (requests_with(2, lambda row: row + ",9"), ["line 2, saw 22"]),
    "fields missing": (requests_with(5, lambda row: row.rsplit(",", 2)[0]), ["row 5 has 19 fields", "Expected 21"]),
    "an open quote": (requests_with(5, lambda row: row.replace("London", '"London')), ["not a readable CSV"]),
    "nothing in it": ({REQUESTS: ""}, ["is empty"]),
    "a header alone": ({REQUESTS: LINES[0]}, ["has no row", "'requests'"]),
    "a column twice": (renamed("requests_rya", "requests_withdrawn"), ["header names requests_withdrawn twice"]),
    "a column twice in capitals": (renamed("requests_rya", "Requests_Withdrawn"), ["names requests_withdrawn twice"]),
    "a column gone": (renamed("requests_received_in_year", "received"), ["missing: requests_received_in_year"]),
    "no column of levels": (renamed("geographic_level", "level_of_area"), ["'geographic_level' is missing"]),
    "letters for a number": (
        requests_with(10, lambda row: row.rsplit(",", 1)[0] + ",abc"),
        ["row 10", "column request_outcome_over_6_weeks", "'abc'"],
    ),
    "a count below nought": (requests_with(10, lambda row: row.rsplit(",", 1)[0] + ",-5"), ["row 10", "'-5'"]),
    "an empty cell": (requests_with(10, lambda row: row.rsplit(",", 1)[0] + ","), ["row 10", "found ''"]),
    "an authority twice": (requests_with(10, lambda row: f"{row}\n{row}"), ["rows 10, 11", "Camden", "2022"]),
    "an authority nobody knows": (
        requests_with(18, lambda row: row.replace("E10000016,886,Kent", "E10000099,899,Nowhere")),
        ["row 18", "'899' (Nowhere)"],
    ),
    "a year that is none": (requests_with(10, lambda row: row.replace("2022", "20x2", 1)), ["row 10", "'20x2'"]),
    "an academic year for a calendar year": (
        requests_with(10, lambda row: row.replace("2022", "202223", 1)),
        ["row 10", "calendar year"],
    ),
    "another table": ({REQUESTS: "a,b\n1,2\n"}, ["none of 1 CSV files is one of a release we know"]),
}


@pytest.mark.parametrize("files, parts", FAULTY.values(), ids=FAULTY)
def test_a_faulty_file_is_refused_in_one_line(project, tmp_path, files, parts):
    """The person needs file, row and column, and a panel that is as it was."""
    before = kept(project)

    result = run("import", releases.as_folder(files, tmp_path / "release"))

    assert 1 == result.exit_code
    assert before == kept(project)
    assert 1 == len(result.stderr.splitlines()), result.stderr
    for part in ("data/requests.csv", *parts):
        assert part in result.stderr


@pytest.mark.parametrize("name", ["newplans.csv", "ceased_plans.csv", "caseload.csv"])
def test_ages_without_a_total_are_refused(project, tmp_path, name):
    """A new label for everybody must not leave last year's total beside this year's ages."""
    label = releases.TABLES[name.removesuffix(".csv")].label
    files = releases.put(FILES, name, "breakdown", "Plans", breakdown=label)

    result = run("import", releases.as_folder({name: files[name]}, tmp_path / "release"))

    assert 1 == result.exit_code
    assert f"data/{name}: has no row that the layout" in result.stderr


def test_faults_are_told_together(project, tmp_path):
    """One round of correction, not one for each fault."""
    rows = list(LINES)
    rows[9] = rows[9].rsplit(",", 1)[0] + ",abc"
    rows[17] = rows[17].replace("E10000016,886", "E10000099,899")
    rows.insert(20, rows[19])
    files = FILES | {REQUESTS: "\n".join(rows)}
    files = releases.put(files, "assessments.csv", "assess_issued", "?", old_la_code="886", time_period="2024")

    result = run("import", releases.as_folder(files, tmp_path / "release"))

    assert 1 == result.exit_code
    assert ["row 18: area '899'", "row 10, column", "rows 20, 21 are all for"] == [
        part
        for part in ("row 18: area '899'", "row 10, column", "rows 20, 21 are all for")
        if any(line.startswith("data/requests.csv") and part in line for line in result.stderr.splitlines())
    ]
    assert "data/assessments.csv: row 58, column assess_issued: found '?'" in result.stderr


def test_unreadable_files_are_told_together(project, tmp_path):
    """Two broken files are two lines, in the one run."""
    files = FILES | {REQUESTS: "", "newplans.csv": FILES["newplans.csv"].replace("geographic_level", "level")}

    result = run("import", releases.as_folder(files, tmp_path / "release"))

    assert ["data/newplans.csv", "data/requests.csv"] == sorted(
        line.split(":")[0] for line in result.stderr.splitlines()
    )


def test_many_faults_are_cut_short_and_counted(project, tmp_path):
    """A hundred lines hide the first; silence about the rest would mislead."""
    files = {REQUESTS: FILES[REQUESTS].replace("E10000016,886", "E10000099,899").replace(",50.0,", ",50.0,?")}

    result = run("import", releases.as_folder(files, tmp_path / "release"))

    assert 21 == len(result.stderr.splitlines())
    assert result.stderr.splitlines()[-1].startswith("... and ")


def test_a_missing_column_stops_a_whole_release(project, tmp_path):
    """Passing the file over would leave last year's requests in a report that says it is new."""
    before = kept(project)

    result = run("import", releases.as_folder(FILES | renamed("requests_received_in_year", "n"), tmp_path / "release"))

    assert 1 == result.exit_code
    assert "data/requests.csv: a column is missing: requests_received_in_year" in result.stderr
    assert before == kept(project)


def test_two_files_of_one_edition_are_refused(project, tmp_path):
    """Which of the two is right cannot be known."""
    files = FILES | {"requests_copy.csv": FILES[REQUESTS]}

    result = run("import", releases.as_folder(files, tmp_path / "release"))

    assert 1 == result.exit_code
    assert "data/requests_copy.csv: a second file of layout 'requests' and edition 2025" in result.stderr


def test_empty_rows_are_no_fault_and_do_not_shift_the_count(project, tmp_path):
    """Spreadsheets leave empty rows behind; the row named must still be the row seen."""
    rows = [*LINES[:4], "", *LINES[4:], ",,,,", ""]
    rows[10] = rows[10].rsplit(",", 1)[0] + ",abc"

    fine = run("import", releases.as_folder({REQUESTS: "\n".join([*LINES, "", ""])}, tmp_path / "fine"))
    faulty = run("import", releases.as_folder({REQUESTS: "\n".join([*rows[:-2], ""])}, tmp_path / "faulty"))

    assert 0 == fine.exit_code
    assert "data/requests.csv: row 11, column request_outcome_over_6_weeks" in faulty.stderr


# --- Faulty archives ----------------------------------------------------------------------------


def text_named_zip(path: Path) -> None:
    """Not an archive at all."""
    path.write_text("requests\n1\n")


def cut_off(path: Path) -> None:
    """A download that stopped half way."""
    releases.as_zip(FILES, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damaged(path: Path, member: bytes = b"data/requests.csv") -> None:
    """Bytes of one member overwritten."""
    content = bytearray(releases.as_zip(FILES, path).read_bytes())
    at = content.find(member) + len(member)
    content[at + 5 : at + 20] = bytes(15)
    path.write_bytes(content)


def damaged_guidance(path: Path) -> None:
    """The damage is where only the title is read."""
    damaged(path, b"data-guidance.txt")


def locked(path: Path) -> None:
    """Every member marked as encrypted."""
    content = releases.as_zip(FILES, path).read_bytes()
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        pieces = content.split(mark)
        content = mark.join([pieces[0], *(p[: at - 4] + b"\x01" + p[at - 3 :] for p in pieces[1:])])
    path.write_bytes(content)


def bomb(path: Path) -> None:
    """Three megabytes of noughts in three kilobytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/requests.csv", "0" * 3_000_000)


def no_table(path: Path) -> None:
    """A zip of something else."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def other_table(path: Path) -> None:
    """A zip of tables that are no release."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("budget.csv", "code,amount\n1,2\n")


ARCHIVES = [
    (text_named_zip, "release.zip: is not a zip"),
    (cut_off, "release.zip: is not a zip that can be opened, or was cut off"),
    (damaged, "release.zip, member data/requests.csv: is damaged"),
    (damaged_guidance, "release.zip, member data-guidance/data-guidance.txt: is damaged"),
    (locked, "release.zip, member data-guidance/data-guidance.txt: is damaged"),
    (bomb, "release.zip: 1 members, 3,000,000 bytes unpacked"),
    (no_table, "release.zip: holds no CSV file"),
    (other_table, "none of 1 CSV files is one of a release we know (budget.csv"),
]


@pytest.mark.parametrize("make, part", ARCHIVES, ids=[make.__name__ for make, _ in ARCHIVES])
def test_a_faulty_archive_is_refused_in_one_line(project, tmp_path, make, part):
    """A bad download must cost nothing but the time to repeat it."""
    make(tmp_path / "release.zip")
    before = kept(project)

    result = run("import", tmp_path / "release.zip")

    assert 1 == result.exit_code
    assert 1 == len(result.stderr.splitlines()), result.stderr
    assert part in result.stderr
    assert before == kept(project)


def test_an_archive_of_too_many_members_is_refused(project, tmp_path, monkeypatch):
    """The number of members has a limit of its own."""
    monkeypatch.setattr(opener, "MAX_MEMBERS", 3)

    result = run("import", releases.as_zip(FILES, tmp_path / "release.zip"))

    assert 1 == result.exit_code
    assert "release.zip: 8 members" in result.stderr


def test_an_archive_without_dates_is_read(project, tmp_path):
    """Some tools write no day into a zip; then the count's own day stands for it."""
    path = releases.as_zip({REQUESTS: FILES[REQUESTS]}, tmp_path / "release.zip", dated=(1980, 1, 1))

    assert 0 == run("import", path).exit_code
    assert "2025-01-16" == read_panel(project).sources.set_index("source").loc["requests-2025", "dated"]


@pytest.mark.parametrize("name, part", [("gone.zip", "nothing is there"), ("notes.txt", "holds no CSV file")])
def test_a_path_that_is_no_release_is_named(project, tmp_path, name, part):
    """The commonest slip is in the path."""
    (tmp_path / "notes.txt").write_text("hello")
    before = kept(project)

    result = run("import", tmp_path / name)

    assert 1 == result.exit_code
    assert f"{tmp_path / name}: {part}" in result.stderr
    assert before == kept(project)


def test_without_a_panel_the_person_is_told_how_to_build_it(project, tmp_path):
    """A release is read onto a panel; without one the areas are not known."""
    (project / "areas.csv").unlink()

    result = run("import", releases.as_zip(FILES, tmp_path / "release.zip"))

    assert 1 == result.exit_code
    assert "areas.csv missing" in result.stderr
    assert "--recipe" in result.stderr


def test_a_full_disk_leaves_the_old_panel(project, tmp_path, monkeypatch):
    """All four files of the panel change together, or none does."""

    def full(table, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(panel_file, "_write_csv", full)
    before = kept(project)

    result = run("import", releases.as_zip(releases.ehc_plans(2026, drifted=True), tmp_path / "release.zip"))

    assert 1 == result.exit_code
    assert "No space left on device" in result.stderr
    assert before == kept(project)


RECIPE = """files:
  - file: release.zip
    title: Older release
    dated: 2023-03-27
    members: [data/newplans.csv{more}]
"""


def test_a_recipe_can_take_one_member_of_a_zip(tmp_path):
    """An older release is wanted for the years that newer ones lack, and for nothing else."""
    releases.as_zip(FILES, tmp_path / "release.zip")
    (tmp_path / "recipe.yml").write_text(RECIPE.format(more=""))

    files = opener.open_recipe(tmp_path, tmp_path / "recipe.yml")

    assert [("data/newplans.csv", "Older release")] == [(file.name, file.title) for file in files]


def test_a_member_that_is_not_there_is_named(tmp_path):
    """A figure that is lost without a word is found by the reader of the report."""
    releases.as_zip(FILES, tmp_path / "release.zip")
    (tmp_path / "recipe.yml").write_text(RECIPE.format(more=", data/gone.csv"))

    with pytest.raises(SourceError, match="release.zip: member data/gone.csv is named in the recipe but not there"):
        opener.open_recipe(tmp_path, tmp_path / "recipe.yml")


# --- Rules, without the command -----------------------------------------------------------------


def raw(files: releases.Files) -> list[RawFile]:
    """The files as the opener hands them over."""
    return [RawFile(name, text.encode(), "A release", "2026-06-25") for name, text in files.items()]


@pytest.fixture(scope="module")
def small(panel) -> Panel:
    """The committed panel with Kent's figures alone, so that a build takes no time."""
    return Panel(panel.values[panel.values["area_code"].eq(KENT)], panel.areas, panel.neighbours, panel.sources)


AGE_BANDS_OF_NEW_PLANS = (
    "time_period,geographic_level,region_code,new_la_code,old_la_code,la_name,characteristic_age,Total_new_all\n"
    "2009,Local authority,E12000008,E10000016,886,Kent,Total,700\n"
    "2009,Local authority,E12000008,E10000016,886,Kent,UNDER 5,300\n"
    "2009,Local authority,E12000008,E10000016,886,Kent,Age 5 to 10,400\n"
)


def test_new_plans_of_earlier_years_come_in_bands_without_a_total(small):
    """Before 2016 totals mix two systems, so that file's totals are left where they are; labels vary in case."""
    empty = Panel(small.values[:0], small.areas, small.neighbours, small.sources)

    panel, _ = build_panel(raw({"sen2_age_new_plans.csv": AGE_BANDS_OF_NEW_PLANS}), empty)

    assert {"Under 5": 300, "Age 5 to 10": 400} == panel.values.set_index("breakdown")["value"].to_dict()


def test_a_band_with_an_unavailable_age_is_not_summed(small):
    """Ages 3 and 4 without `under 3` are not the under-fives: a gap is no nought."""
    files = releases.ehc_plans(2026)
    files = releases.put(files, "caseload.csv", "ehcplans", "x", old_la_code="886", breakdown="under 3")

    panel, _ = build_panel(raw(files), small)
    rows = panel.values.query("area_code == @KENT and measure == 'ehc_plans' and period == '2026'")

    assert {"Age 5 to 10", "Age 11 to 15", "Age 16 to 19", "Age 20 to 25"} == {
        name for name in rows["breakdown"] if name.startswith(("Age ", "Under "))
    }


def test_a_list_of_codes_adds_areas_and_takes_none_away(small):
    """A list of codes in the same folder must not empty the panel of authorities that the release leaves out."""
    head = "new_la_code,old_la_code,la_name,parent_geography_code,date_of_operation,date_of_termination\n"
    codes = "".join(
        f"{area.area_code},{area.la_code},{area.area_name},{area.region_code},01/04/2009,\n"
        for area in small.areas.query("level == 'local authority'").itertuples()
        if "," not in area.area_name
    )
    files = {"codes.csv": head + codes + "E06000098,898,Newtown,E12000008,01/04/2026,\n", REQUESTS: FILES[REQUESTS]}
    files = releases.put(files, REQUESTS, "old_la_code", "898", la_name="Leeds")

    panel, _ = build_panel(raw(files), small)

    assert {"Newtown", "Camden", "Devon", "York"} <= set(panel.areas["area_name"])


MIXED = releases.ehc_plans(2026, drifted=True, unavailable=("209",)) | releases.sen_long(years=2)


@pytest.fixture(scope="module")
def in_order(small) -> pd.DataFrame:
    """Figures from the rows as they were made."""
    return build_panel(raw(MIXED), small)[0].values.drop(columns="reference")


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_is_irrelevant(small, in_order, seed):
    """DfE sorts its files differently each year; no figure may hang on it."""
    shuffled = {}
    for name, text in MIXED.items():
        head, *rows = releases.lines(text)
        random.Random(seed).shuffle(rows)
        shuffled[name] = releases.as_csv(head, rows)

    actual = build_panel(raw(shuffled), small)[0].values.drop(columns="reference")

    pd.testing.assert_frame_equal(in_order, actual)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1234", (1234, "")),
        (" 1,234 ", (1234, "")),
        ("1,234,567.5", (1234567.5, "")),
        ("0", (0, "")),
        (".5", (0.5, "")),
        ("12.", (12, "")),
        ("-3", (-3, "")),
        ("x", (None, "x")),
        ("Z", (None, "z")),
        ("[c]", (None, "c")),
        ("low", (None, "low")),
        (":", (None, "x")),
        ("..", (None, "x")),
        ("no data", (None, "x")),
        ("n/a", (None, "z")),
        ("12 e", (12, "e")),
        ("12 [p]", (12, "p")),
    ],
)
def test_a_cell_is_a_number_or_a_symbol(text, expected):
    """A symbol says why there is no number, so it is kept apart from it."""
    found = split_symbols(pd.Series([text])).iloc[0]

    assert expected == (None if pd.isna(found["value"]) else found["value"], found["status"])
    assert not found["fault"]


@pytest.mark.parametrize(
    "text", ["", "abc", "12x", "5]", "[5", "[x", "12,34", "1.2.3", "1e5", "e", "nan", "inf", "٣", "#N/A", "1 234"]
)
def test_a_typing_error_is_a_fault(text):
    """Guessing at a number, or taking a slip for a symbol, hides it for good."""
    assert split_symbols(pd.Series([text]))["fault"].item()


def flows(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Requests received of some areas and years."""
    frame = pd.DataFrame(rows, columns=["area_code", "period", "value"])
    return frame.assign(measure="requests_received", breakdown="Total", status="")


AREAS = pd.DataFrame(
    {
        "area_code": ["E1", "E2", "E3", "E12"],
        "area_name": ["Aton", "Beton", "Ceton", "The region"],
        "region_code": ["E12", "E12", "E12", ""],
    }
)


@pytest.mark.parametrize(
    "counts, expected",
    [([900, 900, 900], True), ([900, 900, 901], False), ([0, 0, 0], False), ([900, 900], False)],
    ids=["all the same", "one differs", "all nought", "two authorities only"],
)
def test_a_regional_total_repeated_for_each_authority_is_caught(counts, expected):
    """In 2022 all of Yorkshire showed the region's own number of new plans."""
    areas = AREAS["area_code"].head(len(counts))
    values = flows(*((area, "2022", count) for area, count in zip(areas, counts, strict=True)))

    assert [expected] * len(counts) == defects.repeated_regional_total(values, AREAS).tolist()


@pytest.mark.parametrize(
    "counts, expected",
    [
        ([40, 0, 35], [False, True, False]),
        ([40, 0, 3], [False, False, False]),
        ([40, 35, 0], [False, False, False]),
        ([40, float("nan"), 35], [False, False, False]),
    ],
    ids=["between counts", "a small area", "the newest year", "a gap is no nought"],
)
def test_a_nought_between_counts_is_caught(counts, expected):
    """A return that failed is published as 0; the years on both sides give it away."""
    values = flows(*(("E1", year, count) for year, count in zip(("2021", "2022", "2023"), counts, strict=True)))

    assert expected == defects.zero_between_counts(values).tolist()


def test_a_nought_in_a_band_between_counts_is_not_caught():
    """Nobody of a few started a plan in one year: that is no failed return, and the other bands stand beside it."""
    values = flows(("E1", "2021", 40), ("E1", "2022", 0), ("E1", "2023", 35)).assign(breakdown="Age 20 to 25")

    assert not defects.zero_between_counts(values).any()


def test_a_caught_cell_keeps_its_place_and_loses_its_value():
    """The report must be able to say that the figure is there and why it is not used."""
    values = flows(("E1", "2021", 40), ("E1", "2022", 0), ("E1", "2023", 35))

    found, told = defects.reject(values, AREAS)

    assert ["", "d", ""] == found["status"].tolist()
    assert [False, True, False] == found["value"].isna().tolist()
    assert ["requests_received 2022: zero between years that are not small (Aton). Not used."] == told
