"""Who decides: the table at the front of a report to the schools forum, of members against what is asked of each."""

import html

from highneeds.figures import Figure, slug, total
from highneeds.periods import AT_DATE
from highneeds.sections.page import Block, Page
from highneeds.sources.forum import CONSULTATION, DECISION, FILE, NOTING, Forum, Item
from highneeds.tables import Column, Row, table_html

SLUG, TITLE = "forum", "Who decides"
KIND_WORDS = {
    DECISION: "a decision", CONSULTATION: "the forum is consulted", NOTING: "for noting", "": "kind not stated"
}  # fmt: skip
HEADS = {DECISION: "decision", CONSULTATION: "consultation", NOTING: "noting", "": "not stated"}


def who_decides(page: Page, forum: Forum) -> Block:
    """Members by phase, and whether each votes, is consulted or notes; what is missing where no list is held."""
    if not forum.members:
        text = (
            f"Who may vote: the forum's members by phase and sector are not held. The file {FILE} in the authority's "
            "folder of raw data would say; docs/frames.md shows how it looks."
        )
        page.missing.append(text)
        return Block(f"<p>{html.escape(text)}</p>")
    seats = [_seats(page, forum, each.name, each.seats) for each in forum.members]
    rows = [
        Row(each.name, [figure, *(_part(item, each.name) for item in forum.items)])
        for each, figure in zip(forum.members, seats, strict=True)
    ]
    whole = total(seats, f"forum_seats.{page.facts.authority.slug}.{seats[0].period}", period=seats[0].period,
                  period_basis=AT_DATE)  # fmt: skip
    rows.append(Row("All members", [whole, *(_together(item) for item in forum.items)], rule=True, strong=True))
    page.remember([*seats, whole])
    markup = table_html(
        caption=f"What each recommendation asks of the forum's members, as listed {whole.when}",
        number="",
        row_head="Members",
        columns=[Column("Seats"), *(Column(f"{at}: {HEADS[i.kind]}", words=True) for at, i in _numbered(forum))],
        rows=rows,
        label_id="t-forum-decides",
    )
    return Block(f"{markup}\n{page.source_line([whole])}")


def asked(forum: Forum) -> list[str]:
    """Recommendations as the front lists them, each with its kind."""
    return [f"{item.asks} ({KIND_WORDS[item.kind]})" for item in forum.items]


def _numbered(forum: Forum) -> list[tuple[int, Item]]:
    return list(enumerate(forum.items, start=1))


def _part(item: Item, name: str) -> str:
    """What one group does with one recommendation."""
    if item.kind == DECISION:
        return "votes" if name in item.voters else "no vote"
    return {CONSULTATION: "comments", NOTING: "notes"}.get(item.kind, "not stated")


def _together(item: Item) -> str:
    if item.kind == DECISION:
        return "some vote" if len(item.voters) else "nobody votes"
    return {CONSULTATION: "all comment", NOTING: "all note"}.get(item.kind, "not stated")


def _seats(page: Page, forum: Forum, name: str, seats: int) -> Figure:
    area, day = page.facts.authority, forum.dated.isoformat()  # type: ignore[union-attr]
    return Figure(
        id=f"forum_seats.{area.slug}.{day}.{slug(name)}",
        measure="forum_seats",
        area_code=area.code,
        area=area.name,
        period=day,
        period_basis=AT_DATE,
        value=float(seats),
        status="",
        unit="members",
        source=forum.source,
        reference=f"{forum.file}, members, {name}",
        breakdown=name,
    )
