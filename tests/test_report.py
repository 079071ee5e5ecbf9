"""The whole way, as a council runs it: command line to folder, with the page and the PDF looked into."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from highneeds.cli import main
from highneeds.params import SECTIONS
from highneeds.report import forks, pdf
from highneeds.report.compare import read_rows
from highneeds.report.page_text import without_source
from highneeds.report.run import make_report
from highneeds.terms import ATTRIBUTION
from tests import releases
from tests.conftest import AUTHORITIES, ROOT, browser_is_missing, poison

SOME = "requests,timeliness,sen_support,caseload"
OF_RELEASES = "progress,requests,timeliness,sen_support,caseload,benchmarks"  # those that read DfE's yearly releases
FILES = ("report.html", "audit.html", "report.pdf", "figures.csv", "claims.csv", "manifest.json")


@pytest.fixture(params=AUTHORITIES, scope="module")
def report(request, made):
    """One of the reports."""
    return made[request.param]


@pytest.fixture(scope="module")
def page(report):
    """The report's page, parsed."""
    return lxml_html.fromstring((report.folder / "report.html").read_bytes())


@pytest.fixture(scope="module")
def figures(report):
    """Rows of figures.csv by id."""
    with (report.folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def text_of(element):
    return re.sub(r"\s+", " ", element.text_content()).strip()


def test_a_report_is_whole(report):
    """Page, PDF, figures, manifest and the notebooks as they ran; nothing else."""
    assert () == report.faults
    assert {*FILES, "notebooks", "data"} == {path.name for path in report.folder.iterdir()}
    assert len(SECTIONS) == len(list((report.folder / "notebooks").iterdir()))


def test_the_page_is_about_the_authority_that_was_named(report, page):
    """Never another authority's report."""
    assert report.authority in page.findtext("head/title")
    assert f"{report.authority} " in text_of(page.get_element_by_id("s-requests"))


def test_headings_make_one_tree(page):
    """One h1, and no level is skipped."""
    levels = [int(node.tag[1]) for node in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]

    assert 1 == levels.count(1) and levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


def test_every_picture_has_words_of_its_own(page):
    """Alternative text says what the data do; it is neither empty, filler, nor the title again."""
    pictures = list(page.iter("img"))
    captions = {text_of(node) for node in page.iter("figcaption")}

    assert len(pictures) >= 6
    for picture in pictures:
        alt = picture.get("alt", "")
        assert len(alt) > 40 and re.search(r"\d", alt)
        assert alt not in captions and "No description" not in alt


def test_every_table_has_caption_and_scoped_heads(page):
    """A screen reader names row and column of each cell; no head is empty, no cell merged."""
    for table in page.iter("table"):
        heads = list(table.iter("th"))

        assert text_of(table.find("caption"))
        assert heads and all(head.get("scope") in ("col", "row") and text_of(head) for head in heads)
        assert not table.xpath(".//*[@rowspan or @colspan]")


def test_nothing_is_loaded_from_outside(page):
    """The page works offline and tells nobody that it is read."""
    for name in ("src", "href", "data", "action", "poster", "srcset"):
        for node in page.xpath(f"//*[@{name}]"):
            assert node.get(name).startswith(("#", "data:image/svg+xml")), node.get(name)[:80]
    assert not list(page.iter("script", "link", "iframe", "object", "embed"))
    assert not re.search(r"url\(|@import", "".join(style.text for style in page.iter("style")))
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']")


def test_the_page_says_its_language_and_ids_are_unique(page):
    """Speech in English, and links that lead to one place."""
    ids = page.xpath("//@id")
    links = [href[1:] for href in page.xpath("//a/@href")]

    assert "en-GB" == page.get("lang")
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)


def test_no_machine_word_is_printed(page):
    """nan, None and unrounded numbers are faults a councillor would see."""
    for style in page.xpath("//style"):
        style.getparent().remove(style)
    text = " ".join(page.itertext())

    assert not re.search(r"\bnan\b|\bNaT\b|\bNone\b|\[object|\d\.\d{3,}|Traceback|\{\{|\}\}", text)


def test_every_number_printed_is_in_figures_csv(page, figures):
    """An auditor starts from the page and finds the row; the printed form is the same."""
    marked = [node for node in page.xpath("//*[@data-figure]")]

    assert len(marked) > 100
    for node in marked:
        row, printed = figures[node.get("data-figure")], text_of(node)
        number, known = printed.partition(" [")[0], row["printed"]
        # A table head carries the unit; a sentence's word carries the sign.
        assert number in (known, known.removesuffix("%"), known.lstrip("−")), printed


def test_no_number_in_a_paragraph_is_outside_figures(page):
    """What is left when figures, years, names and references are taken away has no digit."""
    limits = r"\b(?:6|16|20|52) weeks\b|20-week|ages? \d+ to \d+|aged \d+ to \d+|1,000 people|8-in-10"
    names = limits + r"|\b20\d\d-\d\d\b|\b20\d\d\b|\b\d{1,2} (?=[A-Z][a-z]+ 20\d\d)|(?:Figure|Table) \d+\.\d+"
    for paragraph in page.xpath("//p[contains(@class, 'para') or contains(@class, 'answer')]"):
        for span in paragraph.xpath(".//span"):
            span.text = ""
        left = re.sub(names, "", text_of(paragraph))
        assert not re.search(r"\d", left), left


def test_no_sentence_has_a_number_without_a_source(report, page):
    """Key figures, notes and titles too, by the one list of plain numbers; and the list of claims says the same."""
    claims = read_rows(report.folder / "claims.csv")

    assert [] == without_source(page)
    assert len(claims) > 40 and not [row["id"] for row in claims if row["without_source"]]


def test_every_claim_leads_to_its_figures_and_every_rate_to_what_it_is_of(report, figures):
    """Text holds each figure as printed; a rate carries its two sides, or why there are none."""
    for row in read_rows(report.folder / "claims.csv"):
        names = row["figures"].split("; ")
        assert set(names) <= set(figures) and row["formula"] and row["period"], row["id"]
        rates = [figures[name] for name in names if figures[name]["unit"] in ("%", "per 1,000")]
        assert bool(rates) == bool(row["rates"]), row["id"]
        for rate in rates:
            computed = re.match(r"10+ \* \(", rate["reference"]) and rate["value"]
            assert not computed or (rate["denominator"] and rate["numerator"]), rate["id"]


def test_every_figure_can_be_traced(figures):
    """Unit, period, basis, and a source with its row or a formula over ids that are there too."""
    for row in figures.values():
        assert row["unit"] and row["period"] and row["period_basis"] and row["reference"], row["id"]
        assert row["value"] or row["status"], row["id"]
        assert row["source"] or row["status"] in ("n", "x", "z"), row["id"]
        for name in re.findall(r"[a-z_0-9]+\.[a-z0-9-]+\.\d{4}[a-z0-9.-]*", row["reference"]):
            assert name in figures, (row["id"], name)


def test_the_attribution_and_front_matter_are_there(page):
    """Licence of the data, and the frame of a committee report."""
    text = text_of(page)

    assert ATTRIBUTION in text
    assert {"To", "From", "Meeting date", "Subject", "Classification"} <= {
        text_of(th) for th in page.xpath("//header//th")
    }
    assert "The committee is asked to" in text


def test_the_pdf_is_tagged_and_claims_what_it_is(report):
    """PDF/UA identifier, title, language, tags, bookmarks, A4, embedded fonts."""
    with pikepdf.open(report.folder / "report.pdf") as document:
        root = document.Root
        with document.open_metadata() as meta:
            assert "1" == str(meta["pdfuaid:part"])
            assert report.authority in meta["dc:title"]
        assert root.MarkInfo.Marked and root.ViewerPreferences.DisplayDocTitle
        assert "en-GB" == str(root.Lang)
        with document.open_outline() as outline:
            titles = [str(item.title) for item in outline.root]
        assert titles
        for sheet in document.pages:
            assert [595, 842] == [round(float(side)) for side in sheet.mediabox[2:]]
            for font in sheet.Resources.get("/Font", {}).values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def walk(node):
    yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield from walk(child)


def test_every_figure_and_table_of_the_pdf_has_its_tags(report, page):
    """Pictures carry the same words as on the page; header cells are header cells."""
    with pikepdf.open(report.folder / "report.pdf") as document:
        nodes = [node for child in document.Root.StructTreeRoot.K for node in walk(child)]
        pictures = [node for node in nodes if node.S == "/Figure"]
        alts = {str(node.get("/Alt", "")) for node in pictures}
        kinds = {str(node.S) for node in nodes}

    assert {picture.get("alt") for picture in page.iter("img")} <= alts
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI", "/P", "/Figure"} <= kinds


def test_the_manifest_lists_what_went_in_and_came_out(report):
    """Inputs, notebooks and outputs with checksums that hold; no clock, no path of this machine."""
    manifest = json.loads((report.folder / "manifest.json").read_text(encoding="utf-8"))

    import hashlib

    for record in manifest["outputs"]:
        assert record["sha256"] == hashlib.sha256((report.folder / record["path"]).read_bytes()).hexdigest()
    for record in [*manifest["inputs"], *manifest["notebooks"]]:
        assert record["sha256"] == hashlib.sha256((ROOT / record["path"]).read_bytes()).hexdigest()
    assert str(ROOT) not in json.dumps(manifest)


def test_nothing_published_names_a_path_of_this_machine(report):
    """A published notebook tells nobody where it ran."""
    for path in report.folder.rglob("*"):
        if path.is_file() and path.suffix not in (".pdf", ".xlsx", ".ods"):
            content = path.read_text(encoding="utf-8")
            assert str(ROOT) not in content and str(report.folder.parent) not in content, path.name
            assert str(Path.home()) + "/" not in content, path.name


def test_the_same_inputs_give_the_same_bytes(made, tmp_path):
    """By name or by code, today or next year: one report."""
    again = make_report(ROOT, "857", out=tmp_path)

    first = {
        path.relative_to(made["Rutland"].folder): path.read_bytes()
        for path in made["Rutland"].folder.rglob("*")
        if path.is_file()
    }
    second = {path.relative_to(again.folder): path.read_bytes() for path in again.folder.rglob("*") if path.is_file()}

    assert first == second


def test_kent_has_its_monthly_table_and_the_bridge(made):
    """The local table with its totals, the blank, the part month, and both counts of requests."""
    text = text_of(lxml_html.fromstring((made["Kent"].folder / "report.html").read_bytes()))

    assert "3,874" in text and "Not Kent Address" in text and "[b]" in text
    assert "Feb 2025 (may be a part month)" in text
    assert "4,302 requests for 2023 and 3,991 for 2024: down 7.2%" in text
    assert "3,988 and 4,001: up 0.3%" in text


def test_a_section_without_local_data_names_the_file_that_would_supply_it(made):
    """What is not possible is said, with the way to make it so."""
    text = text_of(lxml_html.fromstring((made["Rutland"].folder / "report.html").read_bytes()))

    assert "An extract or return in data/raw/rutland, or a file requests_by_month_and_area.csv there" in text


def test_missing_and_doubtful_figures_are_said(made):
    """Isle of Wight: no 2023, seven plans in 2024, and requests a fifth of those two years before."""
    text = text_of(lxml_html.fromstring((made["Isle of Wight"].folder / "report.html").read_bytes()))

    assert "no figure for the year before" in text
    assert "too few for a rate" in text
    assert "more often comes from the return than from demand" in text


def test_a_new_authority_has_a_short_series_and_no_zeros(made):
    """West Northamptonshire opened in 2021: its first figure is 2021's, and nothing stands for earlier years."""
    document = lxml_html.fromstring((made["West Northamptonshire"].folder / "report.html").read_bytes())
    chart = document.get_element_by_id("f-requests-by-year")

    past = [row for row in chart.xpath(".//tbody/tr") if "not a forecast" in text_of(row)]
    assert ["2021", "2022", "2023", "2024"] == [text_of(row[0]) for row in past]


def run(*words, **environment):
    return CliRunner().invoke(main, list(words), env=environment or None)


def test_the_command_prints_where_things_are(tmp_path):
    """The officer is told where to look; one section can be asked for alone, as at a day."""
    done = run("report", "Rutland", "--sections", "sen_support", "--as-at", "2024-06-30", "--out", str(tmp_path))

    folder = tmp_path / "rutland" / "2024-06-30"
    assert 0 == done.exit_code, done.output
    assert str(folder / "report.html") in done.output and str(folder / "report.pdf") in done.output
    text = text_of(lxml_html.fromstring((folder / "report.html").read_bytes()))
    assert "18 January 2024" in text and "16 January 2025" not in text


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["report", "Kant"], 1, "Nearest: Kent"),
        (["report", "Kent", "--as-at", "1990-01-01"], 1, "as_at"),
        (["report", "Kent", "--as-at", "yesterday"], 2, "--as-at"),
        (["report", "Kent", "--sections", "requests,money"], 2, "money"),
        (["report"], 2, "AUTHORITY"),
        (["import", "nowhere.zip"], 1, "nothing is there"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_bad_input_ends_with_a_plain_line_and_its_code(words, code, says):
    """Never a traceback: where, what was found, what was expected, what to do."""
    done = run(*words)

    assert code == done.exit_code
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_section_that_fails_costs_only_itself(project, tmp_path):
    """The others are published, the gap is stated, the exit status says in part."""
    poison(project, "timeliness", "raise ValueError('a poisoned cell')")

    done = run("report", "Rutland", "--sections", SOME, "--out", str(tmp_path / "out"))

    text = text_of(lxml_html.fromstring((tmp_path / "out" / "rutland" / "2026-04-08" / "report.html").read_bytes()))
    assert 3 == done.exit_code
    assert "section 'timeliness', under" in done.output and "stopped: ValueError: a poisoned cell" in done.output
    assert "Traceback" not in done.output
    assert "could not be made" in text and "Rutland received 75 requests" in text and "Traceback" not in text


def test_a_kernel_that_dies_costs_only_its_section(project, tmp_path):
    """A crash in a library must not take the report with it."""
    poison(project, "sen_support", "import os\nos._exit(9)")

    done = run("report", "Rutland", "--sections", SOME, "--out", str(tmp_path / "out"))

    assert 3 == done.exit_code
    assert "section 'sen_support'" in done.output
    assert (tmp_path / "out" / "rutland" / "2026-04-08" / "report.html").is_file()


def run_without_pango(tmp_path, *words, **environment):
    """The command in a process of its own, whose WeasyPrint cannot find its system library."""
    library = tmp_path / "library" / "weasyprint"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    return subprocess.run(
        [sys.executable, "-m", "highneeds.cli", *words],
        env=os.environ | {"PYTHONPATH": str(library.parent)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_without_pango_the_page_is_written_and_the_message_says_what_to_install(tmp_path):
    """A locked-down laptop still gets the HTML."""
    words = ("report", "Rutland", "--sections", "sen_support", "--out", str(tmp_path / "out"))

    done = run_without_pango(tmp_path, *words, HIGHNEEDS_BROWSER="none")

    folder = tmp_path / "out" / "rutland" / "2026-04-08"
    assert 3 == done.returncode
    assert "apt install libpango-1.0-0" in done.stderr
    assert (folder / "report.html").is_file() and not (folder / "report.pdf").exists()
    assert "" == json.loads((folder / "manifest.json").read_text())["pdf_engine"]
    assert "No PDF was made with this page." in (folder / "report.html").read_text(encoding="utf-8")


def test_without_pango_a_browser_prints_and_the_report_says_so(tmp_path):
    """Edge is on every council's Windows; its PDF is tagged and makes no claim to PDF/UA."""
    if pdf.find_browser() is None:
        browser_is_missing()

    done = run_without_pango(tmp_path, "report", "Rutland", "--sections", "sen_support", "--out", str(tmp_path / "out"))

    folder = tmp_path / "out" / "rutland" / "2026-04-08"
    assert 0 == done.returncode, done.stderr
    assert "Chromium" == json.loads((folder / "manifest.json").read_text())["pdf_engine"]
    assert "no claim to PDF/UA" in (folder / "report.html").read_text(encoding="utf-8")
    with pikepdf.open(folder / "report.pdf") as document:
        assert document.Root.MarkInfo.Marked
        assert [595, 842] == [round(float(side)) for side in document.pages[0].mediabox[2:]]


def test_a_pdf_that_takes_too_long_is_stopped(made, tmp_path):
    """A hang in the renderer ends in a message, not in a stuck schedule."""
    fault = pdf.write_pdf(made["Kent"].folder / "report.html", tmp_path / "report.pdf", seconds=0.2)

    assert "stopped" in fault
    assert not (tmp_path / "report.pdf").exists()


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system has no such limit")
def test_a_pdf_that_takes_too_much_memory_is_stopped(made, tmp_path):
    """It fails alone: the HTML stands, and the message says which file is missing."""
    fault = pdf.write_pdf(made["Kent"].folder / "report.html", tmp_path / "report.pdf", memory_mb=10)

    assert fault.startswith("report.pdf: not written (") and "The HTML is complete" in fault
    assert not (tmp_path / "report.pdf").exists()


def test_a_spoiled_table_stops_the_report_before_it_runs(project, tmp_path):
    """One cell that is no number: named by file, row and column, and no half report."""
    table = project / "data" / "raw" / "kent" / "requests_by_month_and_area.csv"
    table.write_text(table.read_text().replace("North,2024-03,calendar month,96", "North,2024-03,calendar month,9O"))

    done = run("report", "Kent", "--out", str(tmp_path / "out"))

    assert 1 == done.exit_code
    assert "kent/requests_by_month_and_area.csv: row 2: found '9O' in value" in done.output
    assert not (tmp_path / "out" / "kent").exists()


def test_the_front_page_is_the_officers_own(project, tmp_path):
    """Committee, date and recommendations come from a small file; markup in it is shown, not run."""
    (project / "data" / "raw" / "rutland").mkdir()
    front = project / "data" / "raw" / "rutland" / "committee.yml"
    front.write_text("to: Children's <b>Committee</b>\nmeeting_date: 2026-05-12\nrecommendations: [approve it]\n")

    done = run("report", "Rutland", "--sections", "sen_support", "--out", str(tmp_path / "out"))

    markup = (tmp_path / "out" / "rutland" / "2026-04-08" / "report.html").read_text(encoding="utf-8")
    assert 0 == done.exit_code, done.output
    assert "Children&#39;s &lt;b&gt;Committee" in markup and "12 May 2026" in markup and "approve it" in markup


def test_all_faults_of_the_front_page_are_reported(project):
    """An unknown name and recommendations that are no list."""
    (project / "data" / "raw" / "rutland").mkdir()
    (project / "data" / "raw" / "rutland" / "committee.yml").write_text("comittee: x\nrecommendations: approve\n")

    done = run("report", "Rutland")

    assert 1 == done.exit_code
    assert "'comittee' is not known" in done.output and "not a list of sentences" in done.output


def test_a_missing_panel_says_how_to_build_it(tmp_path, monkeypatch):
    """An empty project is told the command."""
    monkeypatch.setenv("HIGHNEEDS_HOME", str(tmp_path))

    done = run("report", "Kent")

    assert 1 == done.exit_code
    assert "highneeds import FOLDER --recipe" in done.output


def test_an_x_in_the_newest_release_is_a_stated_gap(project, tmp_path):
    """Lewisham has no figures in the next release: said with the last one held, never zero, never another's."""
    release = releases.as_zip(releases.ehc_plans(2026, drifted=True, unavailable=("209", "921")), tmp_path / "new.zip")
    assert 0 == run("import", str(release)).exit_code

    done = run("report", "Lewisham", "--sections", OF_RELEASES, "--out", str(tmp_path / "out"))

    assert 0 == done.exit_code, done.output
    [folder] = (tmp_path / "out" / "lewisham").iterdir()
    document = lxml_html.fromstring((folder / "report.html").read_bytes())
    answers = [text_of(p) for p in document.xpath("//p[contains(@class, 'answer')]")]
    assert any("There is no figure for requests" in text and "not available" in text for text in answers), answers
    assert not any("received 0 request" in text for text in answers)
    bars = document.get_element_by_id("f-requests-by-year").xpath(".//tbody/tr")
    newest = [row for row in bars if "not a forecast" in text_of(row)][-1]
    assert "2025 [x]" == " ".join(text_of(cell) for cell in newest[:2])


def test_pages_are_light_enough_to_mail(report):
    """Under a megabyte each, pictures included."""
    for name in ("report.html", "audit.html", "report.pdf"):
        assert (report.folder / name).stat().st_size < 2**20, name


def test_the_audit_build_shows_code_and_leads_each_figure_to_its_row(report):
    """The same figures as the committee's page, each with its source; the committee's page has no code."""
    audit = lxml_html.fromstring((report.folder / "audit.html").read_bytes())
    page = lxml_html.fromstring((report.folder / "report.html").read_bytes())
    rows = audit.xpath("//section[@id='figures']//tbody/tr/th[1]/@id")
    links = [href for href in audit.xpath("//a[not(ancestor::section[@id='figures'])]/@href") if href[1:] in set(rows)]

    assert len(links) == len(page.xpath("//*[@data-figure]")) > 100
    assert len(rows) == len(set(rows)) >= len(set(links))
    assert len(audit.xpath("//details[@class='code']//code")) > 20
    assert not page.xpath("//code") and "open_page" not in text_of(page)


def test_cautions_say_so_in_a_word(made):
    """A callout never rests on its colour alone."""
    document = lxml_html.fromstring((made["Isle of Wight"].folder / "report.html").read_bytes())

    cautions = [text_of(p) for p in document.xpath("//p[contains(@class, 'caution')]")]

    assert cautions and all("Caution:" in text for text in cautions)


def test_markup_and_formulas_in_a_local_table_are_shown_not_run(project, tmp_path):
    """An area's name comes from a file that somebody typed: it is text in the page, the CSV and the sheets."""
    table = project / "data" / "raw" / "kent" / "requests_by_month_and_area.csv"
    table.write_text(table.read_text().replace(",North,", ",<script>alert(1)</script>,").replace(",East,", ",=cmd(),"))

    done = run("report", "Kent", "--sections", "requests", "--out", str(tmp_path / "out"))

    [folder] = (tmp_path / "out" / "kent").iterdir()
    assert 0 == done.exit_code, done.output
    for name in ("report.html", "audit.html"):
        assert "<script" not in (folder / name).read_text(encoding="utf-8")
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        areas = {row["breakdown"] for row in csv.DictReader(file)}
    assert "'=cmd()" in areas and "=cmd()" not in areas
    heads = [
        line for path in (folder / "data").glob("*.csv") for line in path.read_text(encoding="utf-8-sig").split(",")
    ]
    assert "'=cmd()" in heads and "=cmd()" not in heads


RULES = (
    test_headings_make_one_tree,
    test_every_picture_has_words_of_its_own,
    test_every_table_has_caption_and_scoped_heads,
    test_nothing_is_loaded_from_outside,
    test_the_page_says_its_language_and_ids_are_unique,
    test_no_machine_word_is_printed,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("test_"))
def test_the_audit_build_keeps_the_same_rules(report, rule):
    """What holds for the committee's page holds for the auditor's."""
    rule(lxml_html.fromstring((report.folder / "audit.html").read_bytes()))
