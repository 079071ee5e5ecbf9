"""The index of reports: every report, newest first, what moved, and damage named rather than hidden."""

import json

from click.testing import CliRunner
from lxml import html as lxml_html

from highneeds.cli import main
from highneeds.report.site import moved, read_entries, write_site

KEY = {
    "section": "requests",
    "label": "Requests received",
    "value": "4,001",
    "direction": "up from 3,988",
    "when": "in calendar 2024",
}


def report(folder, *, authority="Kent", as_at="2026-04-08", headlines=(KEY,), faults=()):
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>report</p>")
    manifest = {
        "authority": authority,
        "parameters": {"as_at": as_at},
        "headlines": list(headlines),
        "changed": ["A change."],
        "faults": list(faults),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_reports_are_listed_by_authority_newest_first(tmp_path):
    """The one to read stands first; the others are kept."""
    report(tmp_path / "kent" / "2025-01-01", as_at="2025-01-01")
    report(tmp_path / "kent" / "2026-04-08")
    report(tmp_path / "devon" / "2026-04-08", authority="Devon")

    entries, faults = read_entries(tmp_path)

    assert [("Devon", 2026), ("Kent", 2026), ("Kent", 2025)] == [(e.authority, e.as_at.year) for e in entries]
    assert [] == faults


def test_what_moved_tells_revised_from_newer(tmp_path):
    """A revision of last year's figure is not the same news as this year's figure."""
    old = [KEY | {"value": "3,990"}, KEY | {"label": "Plans", "value": "10", "when": "in calendar 2023"}]
    new = [KEY, KEY | {"label": "Plans", "value": "12", "when": "in calendar 2024"}]
    report(tmp_path / "kent" / "a", as_at="2025-01-01", headlines=old)
    report(tmp_path / "kent" / "b", headlines=new)
    (latest, earlier), _ = read_entries(tmp_path)

    assert [
        "Requests received in calendar 2024: was 3,990, now 4,001 (revised)",
        "Plans: 10 in calendar 2023, now 12 in calendar 2024",
    ] == moved(latest, earlier)


def test_the_index_shows_the_keys_of_a_first_page_and_compares_all(tmp_path):
    """One key a section is shown, as on the report itself; a revision of another is not passed over."""
    second = KEY | {"label": "Requests refused", "value": "900"}
    report(tmp_path / "kent" / "a", as_at="2025-01-01", headlines=[KEY, second])
    report(tmp_path / "kent" / "b", headlines=[KEY, second | {"value": "901"}])
    page, _, _ = write_site(tmp_path)

    seen = lxml_html.fromstring(page.read_bytes())

    assert ["Requests received"] == seen.xpath("//main//tbody/tr/th/text()")
    assert ["Requests refused in calendar 2024: was 900, now 901 (revised)"] == seen.xpath(
        "//h3[1]/following::ul[1]/li/text()"
    )


def test_links_lead_to_files_that_are_there(tmp_path):
    """A link to a PDF that was not made would be worse than none."""
    report(tmp_path / "kent" / "2026-04-08", faults=["report.pdf: not written."])
    page, _, _ = write_site(tmp_path)

    links = lxml_html.fromstring(page.read_bytes()).xpath("//main//a/@href")

    assert ["kent/2026-04-08/report.html"] == links
    assert "Incomplete: report.pdf: not written." in page.read_text(encoding="utf-8")


def test_names_in_a_manifest_are_shown_not_run(tmp_path):
    """Markup in data is text."""
    report(tmp_path / "x" / "y", authority="<script>alert(1)</script>")

    page, _, _ = write_site(tmp_path)

    assert "<script>alert" not in page.read_text(encoding="utf-8")


def test_a_damaged_report_is_named_and_left_out(tmp_path):
    """The index is still written, and the exit status says in part."""
    report(tmp_path / "kent" / "2026-04-08")
    (tmp_path / "devon" / "2026-04-08").mkdir(parents=True)
    (tmp_path / "devon" / "2026-04-08" / "manifest.json").write_text("{")

    done = CliRunner().invoke(main, ["site", "--out", str(tmp_path)])

    assert 3 == done.exit_code
    assert "Index of 1 report" in done.output and "devon/2026-04-08/manifest.json: is no manifest" in done.output


def test_an_empty_folder_says_what_to_do(tmp_path):
    """The first thing to do is to make a report."""
    done = CliRunner().invoke(main, ["site", "--out", str(tmp_path)])

    assert 1 == done.exit_code
    assert "highneeds report AUTHORITY" in done.output
