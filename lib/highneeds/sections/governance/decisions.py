"""Decisions: votes and what they came to, recommendations without a vote, figures put right, and earlier meetings."""

from dataclasses import replace

import pandas as pd

from highneeds.claims import Claim, direction, listed
from highneeds.figures import POUNDS, Figure, difference, slug
from highneeds.models.governance.votes import CARRIED
from highneeds.sections.common import noun, printed_figure
from highneeds.sections.governance.figures import (
    cast_figures,
    cell_of,
    made,
    recommendation_of,
    register,
    source_note,
    vote_of,
    votes_held,
    when_short,
)
from highneeds.sections.page import Block, Page
from highneeds.sources.ballots import Ballot
from highneeds.tables import Cell, Column, Row

NOT_RECORDED = "not recorded"
_FORUM, _YEAR = "schools_forum_figures", "2024-25"
_RATE, _TWO = "early_years_provider_rate_change", "2-year-olds"


def votes(page: Page) -> Block | None:
    """Every vote: for, against, abstained, members who did not vote, and what it came to. None where none is held."""
    held = votes_held(page)
    if not held:
        return None
    table = page.table(
        "votes",
        f"Votes on recommendations, {page.facts.authority.name}, number",
        row_head="Recommendation",
        columns=[
            Column("Asked to", words=True), Column("For"), Column("Against"), Column("Abstained"),
            Column("Present, no vote"), Column("Outcome", words=True),
        ],
        rows=[_vote_row(page, ballot) for ballot in held],
        note="Carried: more for than against. Present, no vote: members listed as present who neither voted nor "
        "abstained; whether each had a vote on the matter is not recorded.",
    )  # fmt: skip
    said = [_turned_said(page, held), _money_said(page)]
    return Block(page.paragraphs("Votes", *said).markup + table.markup)


def _vote_row(page: Page, ballot: Ballot) -> Row:
    asked, cast = recommendation_of(page, ballot), cast_figures(page, ballot)
    silent: Cell = "not known" if asked is None else _silent(page, ballot, asked, cast)
    kind = "not known" if asked is None else str(asked["kind"])
    label = ballot.decision if asked is None else str(asked["recommendation"])
    return Row(label, [kind, *cast, silent, vote_of(page, ballot).outcome])


def _silent(page: Page, ballot: Ballot, asked: pd.Series, cast: list[Figure]) -> Cell:
    present = cell_of(page, asked, "members_present", "members")
    if not present.known:
        return "not known"
    name = f"votes_silent_{slug(ballot.decision).replace('-', '_')}"
    how = "{0} - {1} - {2} - {3}"
    return made(name, lambda here, *voted: here - sum(voted), how, [present, *cast], unit="members")


def _turned_said(page: Page, held: list[Ballot]) -> Claim:
    """Votes that other members could have turned."""
    close = [ballot for ballot in held if vote_of(page, ballot).could_turn(_others(page, ballot))]
    if not close:
        words = "Abstentions, and members present who did not vote, could have turned none of these outcomes."
        return page.say("votes_turned", words)
    names = listed([f"“{ballot.decision}”" for ballot in close])
    return page.say("votes_turned", "Other members present could have turned {names}.", names=names)


def _others(page: Page, ballot: Ballot) -> int:
    vote = vote_of(page, ballot)
    return vote.abstained + (vote.silent or 0)


def _money_said(page: Page) -> Claim | None:
    """The rate per pupil, and what of early years money is kept (F2)."""
    rate = printed_figure(page, _FORUM, "de_delegation_rate_per_pupil", _YEAR, "Maintained schools")
    kept, limit, passed = (
        printed_figure(page, _FORUM, f"early_years_{name}_pct", _YEAR)
        for name in ("central_retention", "central_retention_limit", "pass_through")
    )
    if rate is None or kept is None or limit is None or passed is None or not votes_held(page):
        return None
    return page.say(
        "votes_money",
        "School improvement is paid for with {rate} per pupil of maintained schools {rate.when}. Of early years money "
        "the council keeps {kept}, where at most {limit} is allowed, and passes on {passed}.",
        rate=replace(rate, unit=POUNDS), kept=kept, limit=limit, passed=passed,
    )  # fmt: skip


def recommendations(page: Page) -> Block | None:
    """Recommendations that no vote decided, the newest first, and what is known of their outcome."""
    rows = register(page, "recommendations")
    rows = rows[rows["vote"].isna()] if len(rows) else rows
    if rows.empty:
        return None
    rows = rows.sort_values("held", ascending=False, kind="stable")
    return page.table(
        "recommendations",
        f"Recommendations without a recorded vote, {page.facts.authority.name}",
        row_head="Recommendation",
        columns=[
            Column("Made to", words=True), Column("When", words=True), Column("Asked to", words=True),
            Column("Outcome", words=True),
        ],
        rows=[
            Row(row["recommendation"], [row["meeting"], when_short(row["held"]), row["kind"], _outcome(row)])
            for _, row in rows.iterrows()
        ],
        heading="Recommendations",
        note=source_note(rows),
    )  # fmt: skip


def _outcome(row: pd.Series) -> str:
    return NOT_RECORDED if pd.isna(row["outcome"]) else str(row["outcome"])


def undecided(page: Page) -> pd.DataFrame:
    """Recommendations with neither a vote nor a recorded outcome."""
    rows = register(page, "recommendations")
    return rows[rows["vote"].isna() & rows["outcome"].isna()] if len(rows) else rows


def carried(page: Page) -> list[Ballot]:
    """Votes that were carried."""
    return [ballot for ballot in votes_held(page) if vote_of(page, ballot).outcome == CARRIED]


def corrections(page: Page) -> Block | None:
    """A rate as reported, and as put right after the meeting: both are shown (F2)."""
    three, two, put_right = (
        printed_figure(page, _FORUM, _RATE, _YEAR, name)
        for name in ("3- and 4-year-olds", _TWO, f"{_TWO} (queried against 2023-24)")
    )
    if three is None or two is None or put_right is None or not votes_held(page):
        return None
    three, two, put_right = (replace(figure, unit=POUNDS, places=2) for figure in (three, two, put_right))
    gap = replace(difference(two, put_right), id=f"rate_correction.{slug(two.area)}.{_YEAR}")
    said = page.say(
        "corrections",
        "Hourly rates to early years providers {two.when} were reported as up by {three} for children of three and "
        "four, and by {two} for those of two. A member asked about the second. Against the year before it is {way} by "
        "{right.size}, {gap} short of what was reported: the earlier rate held a one-off grant.",
        three=three, two=two, right=put_right, gap=gap, way=direction(put_right),
    )  # fmt: skip
    return page.paragraphs("Figures put right", said)


# ---- Earlier meetings ------------------------------------------------------------------------------------------------


def meetings(page: Page) -> Block | None:
    """Earlier meetings, in order, beside how many the paper says there were (K16)."""
    rows = register(page, "meetings")
    if rows.empty:
        return None
    rows = rows.sort_values("held", kind="stable")
    table = page.table(
        "meetings",
        f"Meetings that dealt with these matters, {page.facts.authority.name}",
        row_head="Held",
        columns=[Column("Meeting", words=True), Column("Matter", words=True)],
        rows=[Row(_held_words(row), [row["meeting"], row["matter"]]) for _, row in rows.iterrows()],
        note=source_note(rows),
    )
    said = [*_stated_said(page, rows), _consulted_said(page)]
    return Block(page.paragraphs("Earlier meetings", *said).markup + table.markup)


def _held_words(row: pd.Series) -> str:
    first = when_short(row["held"])
    return first if pd.isna(row["last_held"]) else f"{first} to {when_short(row['last_held'])}"


def _stated_said(page: Page, rows: pd.DataFrame) -> list[Claim]:
    """What the paper says of the number of reports and meetings, beside those it names."""
    said = []
    for measure in ("reports_stated", "meetings_stated"):
        for body, held in rows.groupby("meeting", sort=False):
            stated = _stated(page, measure, str(body))
            if stated is not None:
                said.append(_beside_named(page, stated, held, str(body)))
    return said


def _stated(page: Page, measure: str, breakdown: str = "Total") -> Figure | None:
    rows = page.papers.tables.get("meetings_stated")
    if rows is None:
        return None
    days = rows["period"][rows["measure"].eq(measure) & rows["period"].le(page.facts.as_at.isoformat())]
    return printed_figure(page, "meetings_stated", measure, max(days), breakdown) if len(days) else None


def _beside_named(page: Page, stated: Figure, held: pd.DataFrame, body: str) -> Claim:
    cells = [cell_of(page, row.where(row.notna(), 1), "meetings", "meetings") for _, row in held.iterrows()]
    named = made(f"meetings_named_{slug(body).replace('-', '_')}", lambda *each: sum(each), "+", cells)
    named = replace(named, period=stated.period, id=f"{named.measure}.{slug(named.area)}.{stated.period}")
    template = (
        "The paper counts {stated} {thing} to the {body}; the meetings that it names are {named}. A "
        "meeting need not have had a report."
    )
    if stated.value == named.value:
        template = "The paper counts {stated} {thing} of the {body}, and names as many."
    return page.say(
        f"stated_{slug(body).replace('-', '_')}", template, stated=stated, thing=stated.unit, body=body, named=named
    )


def _consulted_said(page: Page) -> Claim | None:
    """How many consultations and key decisions the paper counts."""
    asked, decided = _stated(page, "consultations_stated"), _stated(page, "key_decisions_stated")
    if asked is None or decided is None:
        return None
    words = "It counts {asked} {consultations} and {decided} {decisions} so far; what each found is not in it."
    return page.say(
        "consulted", words, asked=asked, decided=decided, consultations=noun(asked, "consultation"),
        decisions=noun(decided, "key decision"),
    )  # fmt: skip
