"""`highneeds check`, `preview` and `demo` as their user meets them."""

import pytest
import yaml
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.measures.dry_run import bridge, dry_run
from highneeds.sections.local import read_local


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_clean_return_passes_and_two_files_are_written(demo_cases, tmp_path):
    """A person reads the lines; a page and a table are there for the record."""
    done = run("check", demo_cases / "blade_csv", "--out", tmp_path)

    assert 0 == done.exit_code, done.output
    assert "INVENTED DATA" in done.output
    assert "48 rules: 0 errors" in done.output
    assert {"check.html", "check.csv"} == {path.name for path in tmp_path.iterdir()}
    assert 49 == len((tmp_path / "check.csv").read_text(encoding="utf-8-sig").splitlines())


def test_errors_end_with_status_1_and_name_rows_but_no_child(tmp_path):
    """The analyst finds the row; nobody else learns whose it is."""
    run("demo", "--out", tmp_path / "d", "--layout", "five_csv", "--requests-a-year", 60, "--faults", "DQ05,DQ20")

    done = run("check", tmp_path / "d" / "five_csv", "--out", tmp_path / "o")

    persons = read_local(tmp_path / "d" / "five_csv").cases.persons
    written = done.output + "".join(p.read_text(encoding="utf-8-sig") for p in (tmp_path / "o").iterdir())
    assert 1 == done.exit_code
    assert "DQ05  ERROR" in done.output and "DQ20  ERROR" in done.output and "rows " in done.output
    for column in ("surname", "upn", "postcode"):
        assert [] == [value for value in persons[column].dropna().unique() if value in written]


def test_a_new_extract_is_proposed_confirmed_and_used(tmp_path):
    """First a proposal in a small file, then the analyst's word, then the check."""
    run("demo", "--out", tmp_path / "d", "--layout", "extract", "--requests-a-year", 60)
    folder = tmp_path / "d" / "extract"
    extract, mapping = folder / "ehc_cases.csv", folder / "ehc_cases.mapping.yml"
    mapping.unlink()

    first = run("check", extract)
    second = run("check", extract)
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("confirmed: false", "confirmed: true"), encoding="utf-8"
    )
    third = run("check", extract, "--out", tmp_path / "o")

    assert 0 == first.exit_code and "ehc_cases.mapping.yml" in first.output
    assert 1 == second.exit_code and "confirmed: true" in second.output
    assert yaml.safe_load(mapping.read_text(encoding="utf-8"))["confirmed"] is True
    assert "48 rules" in third.output


def test_the_preview_prints_the_dry_run_and_the_bridge(demo_cases):
    """What DfE would publish, beside what it has published, before anything is submitted."""
    done = run("preview", demo_cases / "blade_csv", "--year", "2024")

    cases = read_local(demo_cases / "blade_csv").cases
    expected = dry_run(cases, "2024").set_index("measure")["value"]
    steps = bridge(cases, "2024")
    assert 0 == done.exit_code, done.output
    assert f"{expected['requests_received']:,.0f}" in done.output and "4,001" in done.output
    assert f"{expected['within_20_weeks_excluding_exceptions_pct']:.1f}%" in done.output and "33.3%" in done.output
    assert steps["count"].iloc[:-1].sum() == steps["count"].iloc[-1] == expected["requests_received"]
    assert "Not explained" in done.output


@pytest.mark.parametrize("words", [("check", "nowhere.csv"), ("preview", "nowhere.csv")])
def test_a_path_that_is_not_there_is_one_plain_line(words):
    """No traceback reaches a user."""
    done = run(*words)

    assert 1 == done.exit_code
    assert "nowhere.csv" in done.output and "Traceback" not in done.output


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><Message>&i;</Message>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Message>&x;</Message>'


@pytest.mark.parametrize("command", ["check", "preview", "report"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("cut.csv", b'Person ID,Surname\n1,"Smi'),
        ("bomb.xml", BOMB.encode()),
        ("outside.xml", OUTSIDE.encode()),
        ("text.xlsx", b"not a workbook"),
        ("twice.csv", b"Case,Case,Received\n1,2,2024-01-02\n"),
    ],
)
def test_bad_files_end_with_status_1_and_plain_lines(tmp_path, command, name, content):
    """Whatever the command: the file is named, nothing is written, and no traceback is shown."""
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_bytes(content)
    words = (command, "Kent", "--cases", path, "--out", tmp_path / "out") if command == "report" else (command, path)

    done = run(*words)

    assert 1 == done.exit_code
    assert name in done.output and "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert [] == list((tmp_path / "out").glob("[!.]*"))
