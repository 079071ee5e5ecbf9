"""Benefits: what the plan says it will bring, beside what it says has come."""

from highneeds.figures import Figure
from highneeds.models.programme.benefits import Amount
from highneeds.models.programme.register import Entry
from highneeds.sections.page import Block, Page
from highneeds.sections.programme.register import count, held, of_row
from highneeds.tables import Column, Row


def benefits(page: Page) -> Block | None:
    """Planned beside delivered, entry by entry; no total, for the amounts are of different spans."""
    found = [entry for entry in held(page) if entry.planned.text or entry.delivered.text]
    if not found:
        return None
    both = [entry for entry in found if entry.planned.gbp is not None and entry.delivered.gbp is not None]
    said = page.say(
        "benefits",
        "The plan puts an amount on {all} of its entries; for {both} of these it gives both what was planned and what "
        "was delivered.",
        all=count(page, "benefits", found, "benefit_planned or benefit_delivered is filled"),
        both=count(page, "benefits_both", both, "both can be read"),
    )
    table = page.table(
        "benefits",
        f"Benefits planned and delivered as printed, {page.facts.authority.name}, pounds",
        row_head="Entry",
        columns=[Column("Planned"), Column("Delivered"), Column("Evidence", words=True)],
        rows=[Row(entry.name, _cells(page, entry)) for entry in found],
        note="The amounts are of different spans, so they are not added up. Printed as approximate: "
        + (", ".join(entry.name for entry in found if entry.planned.about or entry.delivered.about) or "none")
        + ".",
    )
    return Block(page.paragraphs("What it brings", said).markup + table.markup)


def _cells(page: Page, entry: Entry) -> list[Figure | str]:
    return [
        _amount(page, entry, "planned", entry.planned),
        _amount(page, entry, "delivered", entry.delivered),
        entry.evidence or "none given",
    ]


def _amount(page: Page, entry: Entry, name: str, amount: Amount) -> Figure:
    """An amount as a figure of its row; blank in the paper where there is none, not available where unreadable."""
    status = "" if amount.gbp is not None else "x" if amount.unreadable else "b"
    return of_row(page, entry, f"benefit_{name}", amount.gbp, "GBP", status=status)
