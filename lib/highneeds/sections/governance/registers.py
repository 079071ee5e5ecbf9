"""Actions that are open, and risks in their order; a score only where the register gives likelihood and impact."""

import pandas as pd

from highneeds.claims import Claim
from highneeds.figures import Figure, slug
from highneeds.models.governance.registers import open_actions, overdue, scored
from highneeds.sections.common import noun
from highneeds.sections.governance.figures import cell_of, made, register, rows_figure, source_note, when_short
from highneeds.sections.page import Block, Page
from highneeds.tables import Cell, Column, Row

NOT_STATED = "not stated"


def _words(cell: object) -> str:
    return NOT_STATED if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


# ---- Actions ---------------------------------------------------------------------------------------------------------


def action_counts(page: Page) -> tuple[Figure, Figure] | None:
    """Actions recorded, and those open when last recorded; None where no log is held."""
    rows = register(page, "actions")
    if rows.empty:
        return None
    of_all = rows_figure(page, "actions", rows, rows, "actions", day="state_on")
    return of_all, rows_figure(page, "actions_open", open_actions(rows), rows, "actions", day="state_on")


def actions(page: Page) -> Block | None:
    """The open actions: who, since when, by when. None where no log is held."""
    rows = register(page, "actions")
    if rows.empty:
        return None
    said, left = _actions_said(page, rows), open_actions(rows)
    if left.empty:
        return page.paragraphs("Actions", *said)
    table = page.table(
        "actions",
        f"Open actions, {page.facts.authority.name}",
        row_head="Action",
        columns=[
            Column("Lead", words=True), Column("Agreed", words=True), Column("Due", words=True),
            Column("Open as at", words=True),
        ],
        rows=[Row(row["action"], _action_cells(row)) for _, row in left.iterrows()],
        note=source_note(left),
    )  # fmt: skip
    return Block(page.paragraphs("Actions", *said).markup + table.markup)


def _action_cells(row: pd.Series) -> list[Cell]:
    due = "no day given" if pd.isna(row["due_by"]) else when_short(row["due_by"])
    return [_words(row["lead_role"]), when_short(row["agreed_on"]), due, when_short(row["state_on"])]


def _actions_said(page: Page, rows: pd.DataFrame) -> list[Claim]:
    left = open_actions(rows)
    if left.empty:
        every = rows_figure(page, "actions", rows, rows, "actions", day="state_on")
        words = "Not one of {every} {actions} was open."
        return [page.say("actions_done", words, every=every, actions=_actions(every))]
    undated = left[left["due_by"].isna()]
    said = [_undated_said(page, rows, left, undated)] if len(undated) else []
    return [*said, _overdue_said(page, rows)] if len(undated) < len(left) else said


def _overdue_said(page: Page, rows: pd.DataFrame) -> Claim:
    """Open actions whose day had passed by the page's day."""
    late = overdue(rows, page.facts.as_at)
    if late.empty:
        return page.say("actions_overdue", "Of those with a day, not one is overdue.")
    figure = rows_figure(page, "actions_overdue", late, rows, "actions", day="state_on")
    words = "{late} is past the day by which it was due."
    words = words if len(late) == 1 else "{late} are past the day by which they were due."
    return page.say("actions_overdue", words, late=figure)


def _undated_said(page: Page, rows: pd.DataFrame, left: pd.DataFrame, undated: pd.DataFrame) -> Claim:
    """Open actions that cannot be overdue, for nobody said by when."""
    none = rows_figure(page, "actions_undated", undated, rows, "actions", day="state_on")
    every = rows_figure(page, "actions_open", left, rows, "actions", day="state_on")
    words = "{none} of {every} open {actions} {have} no day by which to be done, so whether overdue cannot be told."
    slots: dict = {
        "none": none,
        "every": every,
        "actions": _actions(every),
        "have": "has" if none.value == 1 else "have",
    }
    if none.value == every.value:
        words = "Not one of {every} open {actions} has a day by which to be done, so whether overdue cannot be told."
        del slots["none"]
    return page.say("actions_undated", words, **slots)


def _actions(figure: Figure) -> str:
    return noun(figure, "action")


# ---- Risks -----------------------------------------------------------------------------------------------------------


def risk_counts(page: Page) -> tuple[Figure, Figure, Figure] | None:
    """Risks recorded, those with both likelihood and impact, and those said to be rising; None without a register."""
    rows = register(page, "risks")
    if rows.empty:
        return None
    with_score = rows[rows["likelihood"].notna() & rows["impact"].notna()]
    rising = rows[rows["direction"].eq("rising")]
    parts = (("risks", rows), ("risks_scored", with_score), ("risks_rising", rising))
    return tuple(rows_figure(page, name, part, rows, "risks") for name, part in parts)  # type: ignore[return-value]


def risks(page: Page) -> Block | None:
    """The risk register: what could follow, what is done, who owns it, and its score. None without a register."""
    rows = register(page, "risks")
    if rows.empty:
        return None
    rows = scored(rows)
    shown = [name for name in ("owner_role", "likelihood") if rows[name].notna().any()]
    names = {"owner_role": ("Owner", True), "likelihood": ("Score", False)}
    return page.table(
        "risks",
        f"Risks, {page.facts.authority.name}",
        row_head="Risk",
        columns=[
            Column("What may follow", words=True), Column("What is done", words=True),
            *(Column(names[name][0], words=names[name][1]) for name in shown),
        ],
        rows=[Row(_risk_words(row), _risk_cells(page, row, shown)) for _, row in rows.iterrows()],
        heading="Risks",
        note=_score_note(rows) + source_note(rows),
    )  # fmt: skip


def _risk_words(row: pd.Series) -> str:
    return str(row["risk"]) if pd.isna(row["direction"]) else f"{row['risk']} ({row['direction']})"


def _risk_cells(page: Page, row: pd.Series, shown: list[str]) -> list[Cell]:
    cells: list[Cell] = [_words(row["effect"]), _words(row["mitigation"])]
    return cells + [_score(page, row) if name == "likelihood" else _words(row[name]) for name in shown]


def _score(page: Page, row: pd.Series) -> Cell:
    if pd.isna(row["score"]):
        return "not scored"
    parts = [cell_of(page, row, name, "points") for name in ("likelihood", "impact")]
    return made(f"risk_score_{slug(str(row['id'])).replace('-', '_')}", lambda a, b: a * b, "{0} * {1}", parts)


def _score_note(rows: pd.DataFrame) -> str:
    """How a score comes about; that there is none, where none is given."""
    if rows["score"].isna().all():
        return "Not scored: no likelihood or impact is given. In the register's order. "
    return "Score: likelihood times impact, each from 1 to 5; the highest first. "
