"""The walk of the papers: every table, chart, sum and plan of them is in the report, or what is missing is said."""

import re

import pytest
import yaml
from lxml import html as lxml_html

from highneeds import params
from highneeds.demo.planning import write_planning
from highneeds.report.dsg_plan import ASKED
from highneeds.report.inventory import INVENTORY
from highneeds.report.run import make_report
from highneeds.report.wanted import ASSETS, Proof, Wanted, read_wanted, walk
from tests.conftest import ROOT
from tests.test_report import text_of

ITEMS = {item.id: item for item in read_wanted(INVENTORY)}
DOMAIN = ROOT.parent / "shared" / "domain.md"
OF = {"K": "Kent", "F": "Leicestershire", "T": "Leicestershire", "H": "Leicestershire", "W": "West Northamptonshire",
      "L": "Leeds"}  # fmt: skip
# Items whose inputs the papers do not print: their reports name the files. All others are shown.
HALF = {"W6"}  # the number of places is printed, how many are empty is not
NOT_POSSIBLE = {"F3", "W2", "W3", "W4", "W5", "W6", "W7", "L2", "L3", "L4"}
SILENT = "Not found in this report."


def ready(item: Wanted) -> bool:
    """True where every section that carries it is there."""
    return set(item.sections) <= set(params.SECTIONS)


@pytest.fixture(scope="module")
def reports(made):
    """Reports of the four authorities whose papers are held."""
    return {name: made[name] for name in set(OF.values())}


@pytest.fixture(scope="module")
def rows(reports):
    """Of every item: the words and links of its line in the appendix."""
    found = {}
    for name, report in reports.items():
        page = lxml_html.fromstring((report.folder / "report.html").read_bytes())
        for row in page.xpath("//section[@id='papers']//tbody/tr"):
            found[name, text_of(row[0])] = (text_of(row[1]), row[1].xpath(".//a/@href"), page)
    return found


def test_every_item_of_the_papers_is_listed():
    """K1 to K16, F1 to F3, T1 to T7, H1 to H5, W1 to W7, L1 to L5, each once and with its own authority."""
    wanted = [
        f"{kind}{at}" for kind, last in zip("KFTHWL", (16, 3, 7, 5, 7, 5), strict=True) for at in range(1, last + 1)
    ]

    assert wanted == list(ITEMS)
    assert all(OF[item.id[0]] == item.of and item.proofs for item in ITEMS.values())


@pytest.mark.skipif(not DOMAIN.is_file(), reason="the list of the papers' items is not at hand")
def test_the_list_is_that_of_the_notes_on_the_papers():
    """No item of the notes is left out, and none is made up."""
    part = DOMAIN.read_text(encoding="utf-8").partition("## 7. ")[2].partition("\n## ")[0]

    assert re.findall(r"^\| ([A-Z]\d+) \|", part, re.MULTILINE) == list(ITEMS)


@pytest.mark.parametrize("id", ITEMS)
def test_no_item_is_left_out_in_silence(rows, id):
    """It stands in the report with a link to its place, or the report says what is missing."""
    item = ITEMS[id]
    said, links, page = rows[item.of, item.item]

    assert SILENT != said
    if not ready(item):
        assert re.fullmatch(r"The section '[a-z ]+' is not in this report\.", said) and not links
        pytest.xfail(f"sections that are not there: {', '.join(set(item.sections) - set(params.SECTIONS))}")
    if id in NOT_POSSIBLE:
        assert said.endswith(item.missing) and bool(links) == (id in HALF)
        assert re.search(r"\b[a-z_]+\.csv\b", said)
    else:
        assert links and not item.missing
        assert all(page.xpath("//*[@id=$id]", id=link[1:]) for link in links)


def test_what_is_said_to_be_missing_is_not_there():
    """A file that stands in the folder must not be called missing."""
    for id in NOT_POSSIBLE:
        folder = ROOT / "data" / "raw" / ITEMS[id].of.lower().replace(" ", "-")
        names = re.findall(r"[a-z_]+\.csv", ITEMS[id].missing)

        assert names and not [name for name in names if list(folder.rglob(name))], id


def test_no_number_of_an_item_is_printed(rows):
    """The reader needs no code of ours."""
    for (_, item), (said, _, _) in rows.items():
        assert not re.search(r"\b[KFTHWL]\d{1,2}\b", f"{item} {said}"), item


def test_only_authorities_whose_papers_are_held_have_the_list(made):
    """Rutland has no paper here."""
    page = (made["Rutland"].folder / "report.html").read_text(encoding="utf-8")

    assert 'id="papers"' not in page and "own papers: what is where" not in page


def test_with_files_the_options_are_found(tmp_path):
    """What is called missing today is shown as soon as its files are there."""
    write_planning(tmp_path / "cases", requests_a_year=1_000)
    report = make_report(
        ROOT, "West Northamptonshire", cases=tmp_path / "cases", sections=("places", "options"), out=tmp_path / "out"
    )
    page = lxml_html.fromstring((report.folder / "report.html").read_bytes())
    said = {text_of(row[0]): row[1].xpath(".//a/@href") for row in page.xpath("//section[@id='papers']//tbody/tr")}

    assert all(said[ITEMS[id].item] for id in ("W2", "W3", "W4", "W5", "W6", "W7")), said


SECTION = {
    "slug": "money",
    "body": '<p class="para" id="p-money-sum"><span class="nr">3.1</span> It is <span data-figure="a.b">1</span>.</p>'
    '<section><table><caption id="t-money-lines"><span class="nr">Table 3.1</span> Lines</caption>'
    '<tbody><tr><td data-figure="c.d">2</td></tr></tbody></table></section>'
    '<figure id="f-money-trend"><figcaption><span class="nr">Figure 3.1</span></figcaption>'
    '<details><table><caption id="d-money-trend">Data</caption><tbody><tr><td data-figure="e.f">3</td></tr></tbody>'
    "</table></details></figure>",
}


@pytest.mark.parametrize(
    ("kind", "id", "words", "anchor"),
    [
        ("claim", "sum", "paragraph 3.1", "p-money-sum"),
        ("table", "lines", "Table 3.1", "t-money-lines"),
        ("chart", "trend", "Figure 3.1", "f-money-trend"),
        ("figure", r"a\..*", "paragraph 3.1", "p-money-sum"),
        ("figure", r"c\.d", "Table 3.1", "t-money-lines"),
        ("figure", r"e\.f", "Figure 3.1", "f-money-trend"),
    ],
)
def test_an_item_is_found_where_it_is_printed(kind, id, words, anchor):
    """By its sentence, its table, its chart, or a figure in any of these."""
    [found] = walk([Wanted("X", "Kent", "it", (Proof("money", kind, id),))], [SECTION])

    assert [(words, anchor)] == [(place.words, place.anchor) for place in found.places]
    assert not found.silent


def test_an_item_lost_from_its_section_is_silent_and_half_an_item_is_none():
    """What was there once and is no more must fail the walk, not pass as missing."""
    lost = Wanted("X", "Kent", "it", (Proof("money", "claim", "gone"),))
    half = Wanted("Y", "Kent", "it", (Proof("money", "claim", "sum"), Proof("money", "claim", "gone")))
    told = Wanted("Z", "Kent", "it", (Proof("money", "claim", "gone"),), "The file x.csv would supply it.")
    apart = Wanted("V", "Kent", "it", (Proof("other", "claim", "gone"),))

    found = walk([lost, half, told, apart], [SECTION])

    assert [True, True, False, False] == [each.silent for each in found]
    assert "The section 'other' is not in this report." == found[3].why_not


@pytest.mark.parametrize("name", [INVENTORY, ASKED])
def test_a_list_holds_no_key_that_nothing_reads(name):
    """A misspelt key would be passed over in silence."""
    rows = yaml.safe_load((ASSETS / name).read_text(encoding="utf-8"))

    assert len(rows) == len({row["id"] for row in rows})
    for row in rows:
        assert {"id", "of", "item", "proofs"} <= set(row) <= {"id", "of", "item", "proofs", "missing"}, row["id"]
        assert all(2 == len(proof) for proof in row["proofs"]), row["id"]
