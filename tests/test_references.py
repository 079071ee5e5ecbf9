"""A published figure names its cells: whoever adds up the rows and columns it names in the released file finds it."""

import csv
import fnmatch
import functools
import io

import pandas as pd
import pytest

from highneeds import terms
from highneeds.clean.references import Place, names, places, read_place, row_and_columns, runs
from highneeds.sources.releases import open_recipe
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("rows", "expected"), [([7], "7"), ([5, 2, 3, 4, 8], "2 to 5, 8"), (["11474", "9", "8"], "8 to 9, 11474")]
)
def test_rows_that_follow_each_other_are_one_run(rows, expected):
    """Ages stand in the order of their letters, 10 before 5: seldom more than two runs."""
    assert expected == runs(rows)


@pytest.mark.parametrize(
    ("rows", "columns", "reference", "place"),
    [
        ("12", "ehcplans", "row 12, ehcplans", Place((12,), ("ehcplans",))),
        ("12", "a + b", "row 12, sum of a + b", Place((12,), ("a", "b"))),
        ("5 to 7, 12", "a", "sum of rows 5 to 7, 12, a (old)", Place((5, 6, 7, 12), ("a",))),
        ("5, 12", "a + m_*_b", "sum of rows 5, 12, a + m_*_b (old)", Place((5, 12), ("a", "m_*_b"))),
        ("5", "17", "row 5, 17", Place((5,), ("17",))),
        ("5, 12", "17", "sum of rows 5, 12, column 17 (old)", Place((5, 12), ("17",))),
        ("5", "a + b, times -1", "row 5, sum of a + b, times -1", Place((5,), ("a", "b"), -1)),
        ("5, 6", "a, times -1", "sum of rows 5, 6, a, times -1 (old)", Place((5, 6), ("a",), -1)),
        (
            "5",
            "a + shortfall of all groups from ehcplans",
            "row 5, sum of a + shortfall of all groups from ehcplans",
            Place((5,), ("a",), 1, "ehcplans"),
        ),
    ],
)
def test_a_reference_is_written_and_read_back(rows, columns, reference, place):
    """An auditor reads it; so does `highneeds trace`."""
    actual = places(pd.Series([rows]), pd.Series([columns]), " (old)").item()

    assert (reference, place) == (actual, read_place(actual))


@pytest.mark.parametrize("text", ["no row of age 5 to 10: the other ages add up to row 12, a", "100 * a.b / c.d", ""])
def test_what_names_no_cells_is_no_place(text):
    """A nought without a row, a formula, nothing."""
    assert read_place(text) is None


def test_the_row_and_columns_of_a_cell_are_found_again():
    """Sums of several rows are left out: they are not added up a second time."""
    found = row_and_columns(pd.Series(["row 12, ehcplans", "row 3, sum of a + b", "sum of rows 3, 4, a"]))

    assert ["12", "3"] == found["row"].dropna().tolist()
    assert ["ehcplans", "a + b"] == found["columns"].dropna().tolist()


def test_columns_without_a_number_are_not_named_but_where_none_has_one():
    """x counts as nothing where the others add up; where all are x, all are named."""
    held = pd.DataFrame({"a": [True, False, False], "b": [True, True, False]})

    assert ["a + b", "b", "a + b"] == names(held).tolist()


@pytest.mark.parametrize("group", terms.PLACEMENT_COLUMNS_SHORT)
def test_columns_in_fewer_words_are_those_of_the_group(group):
    """A star that met a column of another group would be a false address."""
    short = terms.PLACEMENT_COLUMNS_SHORT[group].split(" + ")
    met = [column for column in terms.PLACEMENT_COLUMNS if any(fnmatch.fnmatch(column, star) for star in short)]

    assert sorted(terms.PLACEMENT_GROUPS[group]) == sorted(met)


class Released:
    """Released files as a spreadsheet shows them, by the name of their source in the panel."""

    def __init__(self, official, panel):
        """Files of the recipe; each is opened when it is asked for."""
        found = {file.sha256: file for file in open_recipe(official, ROOT / "data" / "processed" / "recipe.yml")}
        self.files = {row.source: found[row.sha256] for row in panel.sources.itertuples() if row.sha256 in found}
        self.sheets: dict[str, list[list[str]]] = {}

    def sheet(self, source: str) -> list[list[str]]:
        """Rows of a file, the heading first."""
        if source not in self.sheets:
            text = self.files[source].content.decode("utf-8-sig")
            head, *rows = csv.reader(io.StringIO(text, newline=""))
            self.sheets[source] = [[name.strip().lower() for name in head], *rows]
        return self.sheets[source]

    @functools.cache  # noqa: B019 - one object a run
    def columns(self, source: str, name: str) -> list[int]:
        """Where the columns of a name stand, which may have stars."""
        found = [at for at, head in enumerate(self.sheet(source)[0]) if fnmatch.fnmatchcase(head, name.lower())]
        assert found, f"{source} has no column {name}"
        return found

    def added_up(self, figure) -> float:
        """The cells that a figure names, taken together."""
        sheet, place = self.sheet(figure.source), read_place(figure.reference)
        columns = [at for name in place.columns for at in self.columns(figure.source, name)]
        return place.sign * sum(_number(sheet[row - 1][at]) for row in place.rows for at in columns)


def _number(text: str) -> float:
    return 0.0 if text.strip() in {"", "x", "z"} else float(text.replace(",", ""))


@pytest.fixture(scope="module")
def released(panel):
    """Released files; tests that need them are skipped where they are not."""
    folder = ROOT.parent / "shared" / "official"
    if not folder.is_dir():
        pytest.skip("the releases are not on this machine")
    return Released(folder, panel)


@pytest.fixture(scope="module")
def held(panel):
    """Figures of the panel that have a value, with how many cells each names."""
    rows = panel.values[panel.values["value"].notna()]
    return rows.assign(place=rows["reference"].map(read_place))


def test_every_summed_figure_is_the_sum_of_the_cells_it_names(held, released):
    """All of them, to the penny: sums of ages, of columns, of both, of bands and of authorities."""
    named = held[held["place"].notna() & held["reference"].str.contains("sum of ")]
    named = named[~named["reference"].str.contains("shortfall")]

    wrong = [row for row in named.itertuples() if abs(row.value - released.added_up(row)) > 0.0051]

    assert len(named) > 39_000
    assert [] == wrong[:5]


def test_single_cells_are_where_they_are_said_to_be(held, released):
    """A sample: the other figures."""
    cells = held[held["place"].notna() & ~held["reference"].str.contains("sum of ")].sample(2_000, random_state=8)

    assert [] == [row for row in cells.itertuples() if abs(row.value - released.added_up(row)) > 0.0051][:5]


def test_a_shortfall_is_what_the_six_groups_lack_to_the_count(held, released):
    """In January 2024 two authorities gave totals alone: their plans are under `other` in England and their regions."""
    short = held[held["reference"].str.contains("shortfall")]
    assert 5 == len(short)
    keys = ["area_code", "period", "measure"]
    for row in short.itertuples():
        area = held[(held[keys] == [row.area_code, row.period, row.measure]).all(axis="columns")]
        parts = area[area["breakdown"].isin(terms.PLACEMENT_GROUPS) & area["breakdown"].ne("other")]["value"]
        head, *_ = sheet = released.sheet(row.source)
        count = _number(sheet[row.place.rows[0] - 1][head.index(row.place.rest_from)])

        assert count == parts.sum() + row.value and row.value > released.added_up(row)


def test_what_names_no_cells_is_nought(held):
    """Where no row states an age, nobody has it: the others add up to the total."""
    none = held[held["place"].isna()]

    assert len(none) and none["reference"].str.startswith("no row of ").all() and none["value"].eq(0).all()


@pytest.mark.parametrize(("period", "expected"), [("2024", 13_243), ("2025", 14_566)])
def test_kents_children_of_school_age_are_the_rows_of_their_age_now(held, released, period, expected):
    """Two blocks of caseload.csv have the same labels: the ages now, and the ages at which plans started."""
    kent = held.query("area_code == 'E10000016' and measure == 'ehc_plans' and period == @period")
    bands = kent[kent["breakdown"].isin(["Age 5 to 10", "Age 11 to 15"])]
    head, *_ = sheet = released.sheet("caseload-2025")
    rows = [sheet[at - 1] for place in bands["place"] for at in place.rows]

    assert expected == sum(map(released.added_up, bands.itertuples()))
    assert {"Child or young persons age"} == {row[head.index("breakdown_topic")] for row in rows}
    assert {f"age {age}" for age in range(5, 16)} == {row[head.index("breakdown")] for row in rows}
