"""Delivery against dates: the timeline, what is late, workstream by workstream, and dates that are no plain dates."""

import html

from highneeds import periods
from highneeds.charts.gantt import MOST_ROWS, Mark, gantt_chart
from highneeds.claims import Claim
from highneeds.models.programme.deadlines import PLACEHOLDER
from highneeds.models.programme.register import DATED, LATE, OPEN, UNDATED, Entry, by_workstream, flagged, in_state
from highneeds.sections.page import Block, Page
from highneeds.sections.programme.register import REGISTER, count, held, in_words
from highneeds.sections.quoted import quoted
from highneeds.sources.citations import paper_and_place
from highneeds.tables import Column, Row

MOST_LATE, MOST_NEXT = 5, 2
MOST_FLAGGED = 10
MOST_NAMED = 4  # undated entries that are named below the timeline
_KEY = (
    "Filled diamond: late. Hollow diamond: to come, or closed. Bar: from start to deadline. Hatched: the deadline is "
    "no more exact than that. Triangle: a beginning without an end. A number above tells how many fall together."
)
_STATES = ((LATE, "Late"), (DATED, "Date to come"), (OPEN, "No end"), (UNDATED, "No date"))


def timeline(page: Page) -> Block | None:
    """Gantt chart of everything with a date; a row a workstream where entries are too many."""
    dated = [entry for entry in held(page) if _mark(page, entry).days]
    if not dated:
        return None
    rows = [(entry.name, [entry]) for entry in dated]
    whole = len(rows) > MOST_ROWS
    if whole:
        rows = [(name, found) for (_, name), found in by_workstream(dated).items()][:MOST_ROWS]
    picture = gantt_chart(
        [(label, [_mark(page, entry) for entry in found]) for label, found in rows], as_at=page.facts.as_at
    )
    area = page.facts.authority
    shown = count(page, "dated", dated, "a start or a deadline can be read")
    late = count(page, "dated_late", in_state(dated, LATE, page.facts.as_at), "of those with a date, late")
    title = page.say(
        "timeline_title",
        "Of {all} entries with a date, {late} are past it and not recorded as done",
        all=shown,
        late=late,
    )
    return page.chart(
        "timeline",
        picture,
        title=title,
        subtitle=f"{'Workstreams' if whole else 'Entries'} of the plan, {area.name}, start and deadline as read",
        alt=_alt(page, dated, whole=whole),
        row_head="Entry",
        columns=["Workstream", "Start", "Deadline", "Stands"],
        rows=[(entry.name, _dated_cells(page, entry)) for _, found in rows for entry in found],
        note=_undated_said(page),
        heading="Is it being delivered?",
    )


def _mark(page: Page, entry: Entry) -> Mark:
    due = entry.due
    return Mark(entry.begins.earliest, due.earliest, due.latest, due.exact, entry.late(page.facts.as_at))


def _dated_cells(page: Page, entry: Entry) -> list[str]:
    stands = entry.status if entry.closed else entry.state(page.facts.as_at)
    return [entry.workstream, in_words(entry.begins), in_words(entry.due), stands]


def _alt(page: Page, dated: list[Entry], *, whole: bool) -> str:
    days = [day for entry in dated for day in _mark(page, entry).days]
    late = in_state(dated, LATE, page.facts.as_at)
    first, last = (periods.day_in_words(day) for day in (min(days), max(days)))
    return (
        f"Timeline of {len(dated)} entries{' by workstream' if whole else ''}, from {first} to {last}; {len(late)} lie "
        f"before the line at {periods.day_in_words(page.facts.as_at)} and are not recorded as done."
    )


def _undated_said(page: Page) -> Claim | str:
    """What the marks mean, and the entries that no timeline can show; the first few of them by name."""
    undated = in_state(held(page), UNDATED, page.facts.as_at)
    if not undated:
        return _KEY
    named = "; ".join(entry.name for entry in undated[:MOST_NAMED])
    left = len(undated) - MOST_NAMED
    more = f", and {left} more that stand in the register of the data files" if left > 0 else ""
    return quoted(page, "undated_named", f"{_KEY} Not shown, without a date: {named}{more}.", how=REGISTER)


def workstreams(page: Page) -> Block | None:
    """Entries by workstream and where they stand; each row adds up."""
    groups = by_workstream(held(page))
    if not groups:
        return None
    several = len({programme for programme, _ in groups}) > 1
    rows = [
        Row(f"{programme}: {name}" if several else name, _counts(page, found, f"stream-{at}"))
        for at, ((programme, name), found) in enumerate(groups.items(), start=1)
    ]
    rows.append(Row("All workstreams", _counts(page, held(page), "all"), rule=True, strong=True))
    return page.table(
        "workstreams",
        f"Entries of the plan by workstream, {page.facts.authority.name}, number",
        row_head="Workstream",
        columns=[Column("Entries"), Column("Done or stopped"), *(Column(label) for _, label in _STATES)],
        rows=rows,
        note="Late: the last day that the deadline can mean is over, and neither done nor stopped is recorded.",
    )


def _counts(page: Page, found: list[Entry], name: str) -> list:
    closed = [entry for entry in found if entry.closed]
    cells = [
        count(page, "stream_entries", found, "every row of the workstream", breakdown=name),
        count(page, "stream_closed", closed, "done or stopped", breakdown=name),
    ]
    for state, label in _STATES:
        rows = in_state(found, state, page.facts.as_at)
        cells.append(count(page, f"stream_{label.lower().replace(' ', '_')}", rows, state, breakdown=name))
    return cells


def next_up(page: Page) -> Block | None:
    """What has been late the longest, and what comes next."""
    late_ones = in_state(held(page), LATE, page.facts.as_at)
    next_ones = in_state(held(page), DATED, page.facts.as_at)
    shown = [*late_ones[:MOST_LATE], *next_ones[:MOST_NEXT]]
    if not shown:
        return None
    left = late_ones[MOST_LATE:]
    more = (
        page.say(
            "late_more",
            "Late entries beyond these: {left}. They stand in the register of the data files.",
            left=count(page, "late_more", left, "late, beyond those of the table"),
        )
        if left
        else ""
    )
    leads = any(entry.lead for entry in shown)
    names = ["Workstream", "Deadline", "Stands", *(["Lead role"] if leads else [])]
    return page.table(
        "late",
        f"What is late, the earliest deadline first, and what is due next, {page.facts.authority.name}",
        row_head="Entry",
        columns=[Column(name, words=True) for name in names],
        rows=[Row(entry.name, _next_cells(page, entry, leads=leads)) for entry in shown],
        note=more,
    )


def _next_cells(page: Page, entry: Entry, *, leads: bool) -> list[str]:
    lead = [entry.lead or "none given"] if leads else []
    return [entry.workstream, in_words(entry.due), entry.state(page.facts.as_at), *lead]


def odd_dates(page: Page) -> Block | None:
    """Dates as printed that had to be read with care, what was read, and what is odd; nothing is guessed."""
    dates = [(entry, [read.text, in_words(read), "; ".join(read.flags)]) for entry, read in flagged(held(page))]
    no_number = PLACEHOLDER.replace("date", "number")
    blanks = [(entry, [", ".join(entry.blanks), "nothing", no_number]) for entry in held(page) if entry.blanks]
    odd = [*dates, *blanks]
    if not odd:
        return None
    guessed = (
        "Nothing is guessed: where a text can mean several days, the last of them counts; where it means none, there "
        "is no date."
    )
    left = [entry for entry, _ in odd[MOST_FLAGGED:]]
    return page.table(
        "odd-dates",
        f"Dates and blanks as printed, and what was read from them, {page.facts.authority.name}",
        row_head="Entry",
        columns=[Column("As printed", words=True), Column("Read as", words=True), Column("What is odd", words=True)],
        rows=[Row(entry.name, cells) for entry, cells in odd[:MOST_FLAGGED]],
        heading="Dates that are no plain dates",
        note=page.say(
            "odd_more",
            guessed + " Beyond those of the table there are {left}; they stand in the register of the data files.",
            left=count(page, "odd_more", left, "odd dates and blanks, beyond those of the table"),
        )
        if left
        else guessed,
    )


def register(page: Page) -> Block | None:
    """Every entry, folded away: it is long, and the data files hold it too."""
    if not held(page):
        return None
    titles = {paper_and_place(entry.source)[0] for entry in held(page)}
    table = page.table(
        "register",
        f"Every entry of the plan of {page.facts.authority.name}",
        row_head="Entry",
        columns=[
            Column(name, words=True)
            for name in (
                "Workstream",
                "Success criterion",
                "Start",
                "Deadline as printed",
                "Read as",
                "Status",
                "Source",
            )
        ],
        rows=[Row(entry.name, _register_cells(entry, alone=len(titles) == 1)) for entry in held(page)],
        note=f"Source: {titles.pop()}." if len(titles) == 1 else "",
    )
    words = html.escape(f"Every entry of the plan ({len(held(page))})")
    return Block(f"<details><summary>{words}</summary>\n{table.markup}\n</details>")


def _register_cells(entry: Entry, *, alone: bool) -> list[str]:
    """alone: all entries are of one paper, which is named once."""
    due = entry.due.text or "none given"
    criterion = entry.criterion or "none given"
    source = (paper_and_place(entry.source)[1] or "the paper") if alone else entry.source
    return [entry.workstream, criterion, in_words(entry.begins), due, in_words(entry.due), entry.status, source]
