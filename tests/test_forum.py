"""Who sits on the schools forum and what it is asked: the file is read strictly, and told in whole words."""

from datetime import date

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highneeds.errors import SourceError
from highneeds.sections.decides import asked, who_decides
from highneeds.sections.page import Page
from highneeds.sources.forum import ALL, KINDS, read_forum
from highneeds.sources.papers import Papers
from tests.conftest import ROOT

GOOD = {
    "dated": date(2026, 1, 6),
    "source": "Forum's list of members",
    "members": [{"name": "Maintained primary", "seats": 5}, {"name": "Academies", "seats": 7}],
    "items": [
        {"asks": "approve pooled money", "kind": "decision", "voters": ["Maintained primary"]},
        {"asks": "note the deficit", "kind": "noting"},
    ],
}


def written(folder, **changes):
    folder.mkdir(exist_ok=True)
    (folder / "forum.yml").write_text(yaml.safe_dump(GOOD | changes, sort_keys=False), encoding="utf-8")
    return folder


@pytest.fixture
def page(facts_on):
    """A page of the front."""
    return Page("forum", "Who decides", "", 1, facts_on("Leicestershire"), Papers({}, None, {}))


def test_leicestershires_members_are_those_the_minutes_name():
    """26 members present or absent on 13 February 2024, of ten phases and sectors; academies have half of them."""
    forum = read_forum(ROOT / "data" / "raw" / "leicestershire")
    seats = {each.name: each.seats for each in forum.members}

    assert (26, 10, date(2024, 2, 13)) == (sum(seats.values()), len(seats), forum.dated)
    assert 13 == sum(number for name, number in seats.items() if name.startswith("Academy"))


def test_only_those_who_may_vote_are_said_to(tmp_path, page):
    """De-delegation is for maintained schools; all members note."""
    markup = who_decides(page, read_forum(written(tmp_path / "leicestershire"))).markup
    rows = [line for line in markup.splitlines() if line.startswith('<tr><th scope="row"')]

    assert ["votes", "no vote"] == [("votes" if ">votes<" in row else "no vote") for row in rows[:2]]
    assert 2 == sum(">notes<" in row for row in rows)
    assert {5.0, 7.0, 12.0} == {figure.value for figure in page.figures.values()}
    assert "leicestershire/forum.yml, members, Academies" in {figure.reference for figure in page.figures.values()}


def test_what_is_asked_says_its_kind(tmp_path):
    """A member sees before the meeting what is to be decided."""
    items = read_forum(written(tmp_path / "kent"))

    assert ["approve pooled money (a decision)", "note the deficit (for noting)"] == asked(items)


def test_without_a_file_our_own_items_stand_and_own_recommendations_have_no_kind(tmp_path):
    """Nobody said whether they are decisions: that is said, and not guessed."""
    assert all(item.kind in KINDS for item in read_forum(tmp_path).items)
    assert ["agree (kind not stated)"] == asked(read_forum(tmp_path, ["agree"]))
    assert () == read_forum(tmp_path).members


FAULTS = [
    ({"dated": "soon"}, "no date was found"),
    ({"source": ""}, "no source was found"),
    ({"chair": "x"}, "'chair' is not known"),
    ({"members": [{"name": "A", "seats": 0}]}, "members 1: found '0' in seats"),
    ({"members": [{"name": "A", "seats": True}]}, "members 1: found 'True' in seats"),
    ({"members": [{"name": "A", "seats": 1}, {"name": "A", "seats": 2}]}, "members 2: 'A' stands twice"),
    ({"members": "all"}, "members is not a list"),
    ({"members": ["A"]}, "members 1: found 'A'"),
    ({"items": [{"asks": "x", "kind": "vote"}]}, "items 1: found 'vote' in kind"),
    ({"items": [{"asks": "x", "kind": "noting", "voters": ALL}]}, "voters stand beside noting"),
    ({"items": [{"asks": "x", "kind": "decision", "voters": ["Nobody"]}]}, "found 'Nobody' in voters"),
    ({"items": [{"kind": "noting"}]}, "items 1: nothing is asked"),
    ({"items": [{"asks": "x", "kind": "noting"}] * 7}, "found 7 items"),
]


@pytest.mark.parametrize(("change", "says"), FAULTS)
def test_a_fault_is_told_with_its_place(tmp_path, change, says):
    """File, entry, what was found and what is expected."""
    with pytest.raises(SourceError) as found:
        read_forum(written(tmp_path / "kent", **change))

    assert any(line.startswith("kent/forum.yml") and says in line for line in found.value.faults), found.value.faults


def test_all_faults_are_told_together(tmp_path):
    """The officer mends the file once."""
    with pytest.raises(SourceError) as found:
        read_forum(written(tmp_path / "kent", dated=1, source=2, chair="x", members=[{"name": "A", "seats": "b"}]))

    assert len(found.value.faults) >= 4


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seats=st.lists(st.integers(1, 99), min_size=1, max_size=8), chosen=st.sets(st.integers(0, 7)))
def test_seats_add_up_and_every_member_has_a_word_for_every_item(facts_on, tmp_path, seats, chosen):
    """Whatever the forum: the last row is the sum, and no cell is empty."""
    names = [f"Group {at}" for at in range(len(seats))]
    voters = [name for at, name in enumerate(names) if at in chosen]
    members = [{"name": name, "seats": number} for name, number in zip(names, seats, strict=True)]
    items = [{"asks": "do", "kind": "decision", "voters": voters}, {"asks": "see", "kind": "consultation"}]
    forum = read_forum(written(tmp_path / "kent", members=members, items=items))
    page = Page("forum", "Who decides", "", 1, facts_on("Kent"), Papers({}, None, {}))

    markup = who_decides(page, forum).markup

    assert sum(seats) == page.figures["forum_seats.kent.2026-01-06"].value
    assert (len(voters), len(names) - len(voters)) == (markup.count(">votes<"), markup.count(">no vote<"))
    assert "></td>" not in markup
