"""The PDF's structure: reading order, headings, tables whose cells know their heads, nothing clipped or stranded."""

import re
import shutil
import subprocess

import pikepdf
import pytest
from lxml import etree
from lxml import html as lxml_html

from tests.conftest import browser_is_missing

MARGIN = 50  # points; the page's own margin is 20 mm, which is 56.7


@pytest.fixture(scope="module", params=("Kent", "Rutland"))
def report(request, made):
    """One of the reports."""
    return made[request.param]


@pytest.fixture(scope="module")
def nodes(report):
    """Every element of the tag tree in reading order, as plain dictionaries."""
    with pikepdf.open(report.folder / "report.pdf") as document:
        return [describe(node) for child in document.Root.StructTreeRoot.K for node in walk(child)]


@pytest.fixture(scope="module")
def headings(report):
    """Level and text of each heading of the page."""
    page = lxml_html.fromstring((report.folder / "report.html").read_bytes())
    return [(int(node.tag[1]), plain(node.text_content())) for node in page.iter("h1", "h2", "h3")]


@pytest.fixture(scope="module")
def pages(report):
    """Words of each page with their boxes, as a reader program finds them."""
    if shutil.which("pdftotext") is None:
        browser_is_missing("pdftotext (poppler-utils)")
    command = ["pdftotext", "-bbox", str(report.folder / "report.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout
    root = etree.fromstring(text, parser=etree.XMLParser(recover=True))
    return [list(page.iter("{*}word")) for page in root.iter("{*}page")]


def plain(text):
    return re.sub(r"\s+", " ", text).strip()


def walk(node):
    yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield from walk(child)


def describe(node):
    attributes = node.get("/A", {})
    heads = attributes.get("/Headers", []) if isinstance(attributes, pikepdf.Dictionary) else []
    return {
        "kind": str(node.S),
        "id": str(node.get("/ID", "")),
        "heads": [str(head) for head in heads],
        "alt": str(node.get("/Alt", "")),
    }


def test_headings_of_the_pdf_are_those_of_the_page(nodes, headings):
    """Same levels in the same order, none skipped."""
    levels = [int(node["kind"][2]) for node in nodes if re.fullmatch(r"/H\d", node["kind"])]

    assert [level for level, _ in headings] == levels
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


def test_every_table_cell_knows_its_head(nodes):
    """A screen reader can say the head of each cell; each head that is named is there."""
    known = {node["id"] for node in nodes if node["kind"] == "/TH"}
    cells = [node for node in nodes if node["kind"] == "/TD"]

    assert len(cells) > 100
    assert all(cell["heads"] and set(cell["heads"]) <= known for cell in cells)


def test_every_figure_has_its_own_words(nodes):
    """No picture without an alternative, no two with the same one."""
    alts = [node["alt"] for node in nodes if node["kind"] == "/Figure"]

    assert len(alts) >= 6
    assert all(len(alt) > 40 for alt in alts)
    assert len(alts) == len(set(alts))


def test_bookmarks_follow_the_headings(report, headings):
    """Each heading can be jumped to, in order, by its own text."""
    with pikepdf.open(report.folder / "report.pdf") as document, document.open_outline() as outline:

        def titles(items):
            for item in items:
                yield plain(str(item.title))
                yield from titles(item.children)

        assert [text for _, text in headings] == list(titles(outline.root))


def test_nothing_is_clipped(pages):
    """Every word lies inside the paper's margins."""
    for number, words in enumerate(pages, start=1):
        for word in words:
            left, right = float(word.get("xMin")), float(word.get("xMax"))
            assert left > MARGIN and right < 595.3 - MARGIN, (number, word.text)


def test_no_heading_is_left_at_the_foot_of_a_page(pages, headings):
    """A heading with nothing under it sends the reader to the wrong page."""
    texts = {text for _, text in headings}
    for words in pages:
        body = [word for word in words if 60 < float(word.get("yMin")) < 780]
        if body:
            lowest = max(float(word.get("yMin")) for word in body)
            last = plain(" ".join(word.text or "" for word in body if abs(float(word.get("yMin")) - lowest) < 3))
            assert last not in texts, last


def test_at_a_glance_is_one_page(report, pages):
    """Key figures, what has changed and what is not known, down to the last line: a councillor reads one page."""
    page = lxml_html.fromstring((report.folder / "report.html").read_bytes())
    section = page.get_element_by_id("glance")
    last = plain(section.xpath(".//li[not(@class)]")[-1].text_content())
    texts = [plain(" ".join(word.text or "" for word in words)) for words in pages]

    [glance] = [text for text in texts if "At a glance" in text and "What we do not know" in text]
    assert last in glance
    assert 1 <= len(section.xpath(".//li[@class='key']")) <= 7


def test_every_page_says_which_of_how_many(pages):
    """`Page x of y` on each sheet, and the authority and title on all but the first."""
    for number, words in enumerate(pages, start=1):
        text = plain(" ".join(word.text or "" for word in words))
        assert f"Page {number} of {len(pages)}" in text


def test_text_comes_out_in_reading_order(report, headings):
    """Copied or read aloud, the paper runs as it was written."""
    if shutil.which("pdftotext") is None:
        browser_is_missing("pdftotext (poppler-utils)")
    command = ["pdftotext", str(report.folder / "report.pdf"), "-"]
    text = plain(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    places, at = [], text.index("At a glance", text.index("Contents"))
    for level, heading in headings:
        if level == 2 and heading not in ("Summary", "Contents"):
            at = text.find(heading, at + 1) if places else text.find(heading, at)
            places.append(at)

    assert all(place >= 0 for place in places)
    assert places == sorted(places)
