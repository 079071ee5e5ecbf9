"""Numbers that moved: what counts as revised, newer, new and gone, and what is left out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.report.moved import GONE, NEW, NEWER, REVISED, Moved, moved_rows


def row(id, printed, *, section="requests", period="2024", shown="yes"):
    told = {"label": id.partition(".")[0], "area": "Kent", "breakdown": "Total", "period_basis": "calendar year"}
    return {"id": id, "section": section, "printed": printed, "period": period, "shown": shown} | told


def kinds(new, old, headlines=(), said=()):
    return [
        (each["id"], each["was"], each["now"], each["kind"]) for each in moved_rows(new, old, set(headlines), set(said))
    ]


def test_a_figure_printed_otherwise_under_its_name_was_revised():
    """The release corrected the year that both reports print."""
    assert [("a.kent.2024", "3,988", "4,001", REVISED)] == kinds(
        [row("a.kent.2024", "4,001")], [row("a.kent.2024", "3,988")]
    )


def test_a_newer_year_is_set_against_the_newest_of_then():
    """Kent's requests: 4,001 in 2024 after 3,988 in 2023; the older year that fell out of the table is no news."""
    new = [row("a.kent.2023", "3,988", period="2023"), row("a.kent.2024", "4,001")]
    old = [row("a.kent.2022", "3,500", period="2022"), row("a.kent.2023", "3,988", period="2023")]

    assert [("a.kent.2024", "3,988", "4,001", NEWER)] == kinds(new, old)


def test_series_in_one_report_alone_are_new_or_gone():
    """A section that one of them does not have says nothing of its figures."""
    new = [row("a.kent.2024", "1"), row("c.kent.2024", "3", section="places")]
    old = [row("b.kent.2024", "2"), row("d.kent.2024", "4", section="finance")]

    assert [] == kinds(new, [])
    assert [("a.kent.2024", "not shown", "1", NEW), ("b.kent.2024", "2", "not shown", GONE)] == kinds(new, old)


def test_figures_that_only_stand_behind_others_are_left_out():
    """A reader of the report never saw them."""
    assert [] == kinds([row("a.kent.2024", "1", shown="")], [row("a.kent.2024", "2", shown="")])


def test_headlines_come_first_then_those_of_sentences():
    """What a member will ask about stands on top."""
    ids = ["a.kent.2024", "b.kent.2024", "c.kent.2024"]
    new, old = [row(id, "1") for id in ids], [row(id, "2") for id in ids]

    assert ["c.kent.2024", "b.kent.2024", "a.kent.2024"] == [each[0] for each in kinds(new, old, [ids[2]], [ids[1]])]


def test_the_report_shows_a_few_and_counts_the_rest():
    """A short table; moved.csv has them all."""
    new, old = ([row(f"m{n}.kent.2024", printed) for n in "abcdefghijklmnop"] for printed in ("1", "2"))
    moved = Moved("1 January 2025", tuple(moved_rows(new, old, set(), set())))

    assert (12, 4) == (len(moved.top), moved.more)
    assert 17 == len(moved.as_csv().decode().splitlines())


ROWS = st.lists(
    st.builds(
        lambda name, year, printed: row(f"{name}.kent.{year}", printed, period=year),
        st.sampled_from("abc"),
        st.sampled_from(["2022", "2023", "2024"]),
        st.sampled_from(["1", "2"]),
    ),
    max_size=9,
    unique_by=lambda each: each["id"],
)


@settings(deadline=None, max_examples=200)
@given(ROWS, ROWS)
def test_laws_of_moving(new, old):
    """Nothing moves against itself; looked at from the other side, new is gone; no figure is told twice."""
    there, back = moved_rows(new, old, set(), set()), moved_rows(old, new, set(), set())

    assert [] == moved_rows(new, new, set(), set())
    assert len(there) == len({(each["id"], each["kind"]) for each in there})
    for one, other in ((NEW, GONE), (GONE, NEW), (REVISED, REVISED)):
        assert {each["id"] for each in there if each["kind"] == one} == {
            each["id"] for each in back if each["kind"] == other
        }
    assert all(each["was"] != each["now"] for each in there if each["kind"] == REVISED)


def test_rows_of_the_report_say_place_and_period_shortly():
    """The authority's own name goes without saying; a span that grew says its new end."""
    new = row("a.kent.2024-03-to-2025-02", "3,874", period="2024-03 to 2025-02") | {"period_basis": "calendar month"}
    old = row("a.kent.2024-03-to-2025-01", "3,533", period="2024-03 to 2025-01") | {"period_basis": "calendar month"}

    [shown] = Moved("1 January 2025", tuple(moved_rows([new], [old], set(), set())), "Kent").top

    assert ("a", "Mar 2024 to Feb 2025; was to Jan 2025") == (shown["what"], shown["when"])
