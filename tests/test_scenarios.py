"""Scenarios: every fault of a file told at once with its row; what a change means, and how it is said."""

import re

import pytest

from highneeds.errors import SchemaError, SourceError
from highneeds.scenarios import AGE, LINES, PLACEMENT, SETTING, SPEND, Change, check_names, check_years, make_scenario
from highneeds.sources.planning import read_scenario
from highneeds.terms import AGE_BANDS, PLACEMENT_GROUPS
from tests.conftest import ROOT

HEAD = "name: More places\nabout: A new school opens early.\n"


def written(tmp_path, text: str, name: str = "more.yml"):
    """A scenario file."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path, text: str) -> list[str]:
    """Every fault of a scenario file."""
    with pytest.raises((SchemaError, SourceError)) as found:
        read_scenario(written(tmp_path, text))
    return list(found.value.faults)


def fault(tmp_path, change: str) -> str:
    """The one fault of a scenario with one change, which stands in row 4."""
    [line] = faults(tmp_path, f"{HEAD}changes:\n  - {{{change}}}\n")
    assert line.startswith("scenarios/more.yml: row 4")
    return line.removeprefix("scenarios/more.yml: row 4")


def change_of(line: str, **given) -> Change:
    """One change."""
    return make_scenario(
        {"name": "n", "about": "a", "changes": [{"line": line, **given}]}, [4], "scenarios/more.yml"
    ).changes[0]


# ---- A file that is right --------------------------------------------------------------------------------------------


def test_a_scenario_is_read_as_it_stands(tmp_path):
    """Order, rows, types and sources are those of the file."""
    text = HEAD + (
        "changes:\n"
        "  - {line: entry_rate, of: Under 5, by_pct: -10, from: 2026, until: 2028}\n"
        "  # a remark\n"
        "  - line: opens\n"
        "    of: Oak School\n"
        "    to: 2027-09-01\n"
        "    source: letter of the builder\n"
        "  - {line: stability_grant, to: on}\n"
    )

    made = read_scenario(written(tmp_path, text))

    assert ("More places", "A new school opens early.", "scenarios/more.yml") == (made.name, made.about, made.file)
    entry, opens, grant = made.changes
    assert Change("entry_rate", "Under 5", "", "by_pct", -10, "2026", "2028", "assumed", 4) == entry
    assert Change("opens", "Oak School", "", "to", "2027-09-01", "", "", "letter of the builder", 6) == opens
    assert ("on", 10) == (grant.value, grant.row)
    assert (opens,) == made.changes_of("opens")


@pytest.mark.parametrize("line", LINES)
def test_every_line_can_be_asked_for_in_every_way_it_takes(line):
    """What the table of lines promises is taken, and no more."""
    asked = LINES[line]
    right = {"share": 0.5, "date": "2027-09-01", "financial year": "2026-27", "on or off": True}
    names = {"of": "mainstream"} if asked.of else {}
    names |= {"instead": "independent"} if line == "placement" else {}

    for operation in ("by_pct", "by", "to", "by_months"):
        value = right.get(asked.takes, 1) if operation == "to" else 1
        if operation in asked.operations:
            assert operation == change_of(line, **{operation: value}, **names).operation
        else:
            with pytest.raises(SchemaError, match=f"{line}: found {operation}. Expected one of"):
                change_of(line, **{operation: value}, **names)


def test_scenarios_shown_in_the_docs_can_be_read(tmp_path):
    """Faults send people to docs/scenarios.md: what it shows must be right, and every line must be told there."""
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = [text for text in re.findall(r"```ya?ml\n(.*?)```", page, re.DOTALL) if "changes:" in text]

    made = [read_scenario(written(tmp_path, text)) for text in shown]

    assert made
    assert all(scenario.changes for scenario in made)
    assert [] == [line for line in LINES if f"`{line}`" not in page]


# ---- Faults ----------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_file_are_told_together_with_their_rows(tmp_path):
    """One run, one list: heads, lines, keys, values and spans."""
    text = (
        "name: ''\n"
        "abuot: Something\n"
        "changes:\n"
        "  - {line: entry_rat, of: all, by_pct: 1}\n"
        "  - {line: entry_rate, of: all, by_pct: 1, fron: 2026}\n"
        "\n"
        "  - {line: unit_cost, of: independent, by: 1, by_pct: 2}\n"
        "  - {line: confidence, of: Oak, to: 80}\n"
        "  - by_pct: 5\n"
    )

    found = faults(tmp_path, text)

    starts = [line.split(".yml: ")[1] for line in found]
    for start, told in zip(
        starts,
        (
            "'abuot' is not known. Expected name, about, changes. Did you mean 'about'?",
            "name is missing",
            "about is missing",
            "row 4, line: found 'entry_rat'. Expected one of",
            "row 5: 'fron' is not known",
            "row 7, unit_cost: found by_pct, by. Expected one of by_pct, by, to. Give just that.",
            "row 8, confidence, to: found '80'. Expected a share from 0 to 1",
            "row 9: found no line",
        ),
        strict=True,
    ):
        assert start.startswith(told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("line: entry_rat, of: all, by_pct: 1", "Did you mean 'entry_rate'?"),
        ("line: entry_rate, of: all, by_pct: 1, fron: 2026", "Did you mean 'from'?"),
        ("line: entry_rate, of: all", "found none. Expected one of by_pct"),
        ("line: entry_rate, of: all, to: 5", "found to. Expected one of by_pct"),
        ("line: entry_rate, of: all, by_pct: -101", "by_pct: found '-101'. Expected per cent, from -100 to 1000"),
        ("line: entry_rate, of: all, by_pct: 5%", "by_pct: found '5%'. Expected a number without signs or separators"),
        ("line: entry_rate, of: all, by_pct: .nan", "Expected per cent, from -100 to 1000"),
        ("line: entry_rate, by_pct: 1", "entry_rate: of is missing. Expected what it is of: age by name, or all."),
        ("line: births, of: all, by_pct: 1", "births: of is given. Expected none"),
        ("line: confidence, of: Oak, to: 1.01", "Expected a share from 0 to 1"),
        ("line: saving_probability, of: Oak, to: -0.1", "Expected a share from 0 to 1"),
        ("line: high_needs_block, by: '5m'", "by: found '5m'. Expected a number"),
        ("line: high_needs_block, by: true", "by: found 'True'. Expected a number"),
        ("line: high_needs_block, by: 1, from: 2026", "from: found '2026'. Expected a financial year such as 2026-27"),
        ("line: high_needs_block, by: 1, from: 2026-28", "from: found '2026-28'. Expected a financial year"),
        ("line: entry_rate, of: all, by_pct: 1, until: 2026-27", "until: found '2026-27'. Expected a year such as"),
        ("line: entry_rate, of: all, by_pct: 1, from: 2028, until: 2027", "until 2027 is before from 2028"),
        ("line: births, by_pct: 1, from: 2028", "births: found from. Expected no years"),
        ("line: migration, to: 101", "migration, to: found '101'. Expected a percentage from -100 to 100"),
        ("line: inflation, of: all, to: -101", "Expected a percentage from -100 to 100"),
        ("line: stability_grant, to: 1", "stability_grant, to: found '1'. Expected on or off"),
        ("line: stability_grant, to: yes please", "Expected on or off"),
        ("line: saving_starts, of: Oak, to: 2026", "Expected a financial year such as 2026-27"),
        ("line: opens, of: Oak, to: September", "opens, to: found 'September'. Expected a day such as 2027-09-01"),
        ("line: opens, of: Oak, to: 2027-02-30", "opens, to: found '2027-02-30'. Expected a day such as 2027-09-01"),
        ("line: opens, of: Oak, to: '2027-09-01 10:00:00'", "Expected a day such as 2027-09-01"),
        ("line: opens, of: Oak, to: 20270901", "Expected a day such as 2027-09-01"),
        ("line: placement, of: independent, by_pct: -5", "placement: instead is missing"),
        ("line: placement, of: independent, by_pct: -5, instead: ", "placement: instead is missing"),
        ("line: entry_rate, of: all, by_pct: -5, instead: mainstream", "entry_rate: instead is given"),
        ("line: placement, of: all, by_pct: -5, instead: mainstream", "placement: found all. Expected one placement"),
        ("line: placement, of: other, by_pct: -5, instead: all", "placement: found all. Expected one placement"),
        ("line: placement, of: other, by_pct: -5, instead: other", "placement: found other in of and instead"),
        ("of: all, by_pct: 1", "found no line. Expected 'line: ' and one of entry_rate"),
    ],
)  # fmt: skip
def test_a_fault_says_what_was_found_and_what_to_write(tmp_path, change, told):
    """Row, line and key are named, and the nearest word where one is near."""
    assert told in fault(tmp_path, change)


@pytest.mark.parametrize("text", ["", "changes: []\n", "- 1\n", "just words\n", HEAD + "changes: 5\n", "&a [*a]\n"])
def test_a_file_without_changes_is_refused(tmp_path, text):
    """An empty scenario would be shown as if something had been asked."""
    [line] = faults(tmp_path, text)

    assert "no list of changes was found" in line


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (HEAD + "changes:\n  - {line: births\n  - x: [\n", 5),
        (HEAD + "about: [a\n", 4),
        (HEAD + "changes:\n\t- line: births\n", 4),
        (HEAD + "changes: !!python/object:os.system {}\n", 3),
    ],
)
def test_what_is_no_yaml_is_told_with_its_row(tmp_path, text, row):
    """A missing bracket is found where it is missed."""
    [line] = faults(tmp_path, text)

    assert f"scenarios/more.yml: row {row} cannot be read as YAML" in line


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """A workbook renamed to .yml."""
    path = tmp_path / "more.yml"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")

    with pytest.raises(SourceError, match=r"scenarios/more\.yml: +cannot be read as YAML"):
        read_scenario(path)


def test_what_is_said_twice_is_refused(tmp_path):
    """YAML keeps the second in silence: the first was meant as well."""
    text = HEAD + "changes:\n  - {line: births, by_pct: -5, by_pct: -10}\nchanges:\n  - {line: births, by_pct: 5}\n"

    found = faults(tmp_path, text)

    assert [
        "scenarios/more.yml: row 4: 'by_pct' is given twice. Expected it once. Take one out.",
        "scenarios/more.yml: row 5: 'changes' is given twice. Expected it once. Take one out.",
    ] == found


# ---- Names and years -------------------------------------------------------------------------------------------------

KNOWN = {AGE: tuple(AGE_BANDS), PLACEMENT: tuple(PLACEMENT_GROUPS), SPEND: ["Inclusion", "Early years"]}


def test_names_that_the_figures_do_not_have_are_told_together():
    """Row, line, kind and the nearest name; a kind that is not held at all is said so."""
    changes = [
        {"line": "entry_rate", "of": "Under 6", "by_pct": 1},
        {"line": "placement", "of": "independant", "by_pct": -5, "instead": "state specail"},
        {"line": "other_spend", "of": "inclusion", "by": 5},
        {"line": "places", "of": "Oak", "by": 5},
        {"line": "unit_cost", "of": "all", "by_pct": 5},
    ]
    made = make_scenario({"name": "n", "about": "a", "changes": changes}, [4, 5, 6, 7, 8], "scenarios/more.yml")

    with pytest.raises(SchemaError) as found:
        check_names(made, KNOWN)

    starts = (
        ("row 4, entry_rate: found age 'Under 6'. Expected all or one of Under 5,", "Did you mean 'Under 5'?"),
        ("row 5, placement: found placement 'independant'.", "Did you mean 'independent'?"),
        ("row 5, placement: found placement 'state specail'.", "Did you mean 'state special'?"),
        ("row 6, other_spend: found other spend 'inclusion'. Expected all or one of Inclusion, Early years.", "Inclus"),
        ("row 7, places: found setting 'Oak'. No setting is held: expected planning/capacity.csv.", ""),
    )
    for line, (start, end) in zip(found.value.faults, starts, strict=True):
        assert line.startswith(f"scenarios/more.yml: {start}") and end in line


def test_all_names_nothing_where_nothing_is_held():
    """A change of all settings would change none."""
    made = make_scenario({"name": "n", "about": "a", "changes": [{"line": "places", "of": "all", "by": 5}]}, [4], "f")

    with pytest.raises(SchemaError, match="No setting is held: expected planning/capacity.csv"):
        check_names(made, KNOWN)
    assert check_names(made, KNOWN | {SETTING: ["Oak"]}) is None


def test_years_that_nothing_reaches_are_told():
    """A change from 2036, where 2026 was meant, would change nothing in silence."""
    changes = [
        {"line": "entry_rate", "of": "all", "by_pct": 1, "from": 2036},
        {"line": "entry_rate", "of": "all", "by_pct": 1, "until": 2020},
        {"line": "entry_rate", "of": "all", "by_pct": 1, "from": 2027, "until": 2040},
        {"line": "exit_rate", "of": "all", "by_pct": 1, "from": 2036},
    ]
    made = make_scenario({"name": "n", "about": "a", "changes": changes}, [4, 5, 6, 7], "scenarios/more.yml")

    with pytest.raises(SchemaError) as found:
        check_years(made, ("entry_rate",), ["2025", "2026", "2027"])

    assert [
        "scenarios/more.yml: row 4, entry_rate: found from 2036. Expected a span that holds one of 2025 to 2027. "
        "Correct it.",
        "scenarios/more.yml: row 5, entry_rate: found until 2020. Expected a span that holds one of 2025 to 2027. "
        "Correct it.",
    ] == list(found.value.faults)


# ---- What a change means, and its words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"), [({"by_pct": -5}, 190), ({"by": -5}, 195), ({"to": 5}, 5), ({"by_pct": 0}, 200)]
)
def test_an_amount_after_a_change(given, expected):
    """200 pounds less five per cent, less five, and made five."""
    assert expected == pytest.approx(change_of("unit_cost", of="all", **given).of_amount(200))


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("other", "2026-27", True),
        ("other", "2025-26", False),
        ("other", "2028-29", False),
        ("mainstream", "2026-27", False),
    ],
)
def test_a_change_applies_to_what_it_names_in_its_years(name, year, expected):
    """Both ends of its span are in it."""
    change = change_of("unit_cost", of="other", by=1, **{"from": "2026-27", "until": "2027-28"})

    assert expected == change.applies(name, year)


@pytest.mark.parametrize(
    ("line", "given", "expected"),
    [
        ("entry_rate", {"of": "all", "by_pct": -10}, "−10%"),
        ("entry_rate", {"of": "all", "by_pct": 2.5, "from": 2026}, "+2.5% from 2026"),
        ("unit_cost", {"of": "all", "by": 1_500, "from": "2026-27", "until": "2027-28"},
         "+1,500 pounds a year from 2026-27 until 2027-28"),
        ("unit_cost", {"of": "all", "to": 25_000}, "to 25,000 pounds a year"),
        ("high_needs_block", {"by": -1_250_000}, "−1,250,000 pounds"),
        ("places", {"of": "Oak", "by": 20}, "+20 places"),
        ("opens", {"of": "Oak", "by_months": 36}, "+36 months"),
        ("opens", {"of": "Oak", "by_months": -3}, "−3 months"),
        ("opens", {"of": "Oak", "to": "2027-09-01"}, "to 2027-09-01"),
        ("confidence", {"of": "Oak", "to": 0.8}, "to 0.8"),
        ("saving_starts", {"of": "Oak", "to": "2026-27"}, "to 2026-27"),
        ("stability_grant", {"to": "on"}, "to on"),
        ("migration", {"to": 0.5}, "to 0.5% of residents"),
        ("placement", {"of": "independent", "by_pct": -20, "instead": "state special"},
         "−20%, placed in state special instead"),
    ],
)  # fmt: skip
def test_a_change_in_words(line, given, expected):
    """As a councillor reads it in the table of assumptions."""
    assert expected == change_of(line, **given).says
