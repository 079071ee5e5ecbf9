"""Reading an authority's plan register, `programme.csv`: every fault with its row and what to do.

Owns the register's columns and the rules between them. Dates and amounts stay as printed: what can be read from them
belongs to `models.programme`. docs/programme.md describes the file.
"""

from pathlib import Path

import pandas as pd

from highneeds.measures.targets import target_faults
from highneeds.sources.strict_tables import Layout, read_table
from highneeds.sources.text_tables import read_csv_text

FILE = "programme.csv"
NOT_STARTED, UNDER_WAY, DONE, STOPPED = "not started", "under way", "done", "stopped"
STATUSES = (NOT_STARTED, UNDER_WAY, DONE, STOPPED)
# As they stand in the file: no letter case is evened out.
_PRINTED = (
    "id", "deliverable", "action", "success_criterion", "start", "due", "benefit_planned", "benefit_delivered",
    "evidence",
)  # fmt: skip
_MAY_BE_BLANK = (
    "workstream", "deliverable", "action", "success_criterion", "linked_measure", "target", "start", "due",
    "lead_role", "status", "benefit_planned", "benefit_delivered", "evidence",
)  # fmt: skip
LAYOUT = Layout(
    (
        "id", "programme", "workstream", "deliverable", "action", "success_criterion", "linked_measure", "target",
        "start", "due", "lead_role", "status", "benefit_planned", "benefit_delivered", "evidence", "source",
    ),
    ("id",),
    blank=_MAY_BE_BLANK,
)  # fmt: skip


def read_programme(folder: Path, faults: list[str]) -> pd.DataFrame | None:
    """The register of a folder, blanks as empty text, with `row` and `file`; None where there is none.

    Faults of the file are added to `faults`, all of them together; the register is then None.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    where = f"{folder.name}/{FILE}"
    table, found = read_table(path, LAYOUT, where)
    if not found:
        text = read_csv_text(path)
        table = table.assign(**{name: text[name] for name in _PRINTED}).fillna("")
        found = [line for row in table.to_dict("records") for line in _row_faults(row, where)]
    faults += found
    return None if found else table


def _row_faults(row: dict, where: str) -> list[str]:
    """Faults of one row whose columns and id are right."""
    at, found = f"{where}: row {row['row']}", []
    if row["status"] and row["status"] not in STATUSES:
        found.append(
            f"{at}, column status: found '{row['status'][:20]}'. Expected one of: {', '.join(STATUSES)}; or nothing, "
            "where the plan does not say. Correct the cell."
        )
    if not (row["deliverable"] or row["action"] or row["success_criterion"]):
        found.append(f"{at}: found no deliverable, action or success_criterion. Expected one at least. Add it.")
    if bool(row["linked_measure"]) != bool(row["target"]):
        lost = "target" if row["linked_measure"] else "linked_measure"
        found.append(f"{at}, column {lost}: found nothing. Expected a linked_measure and its target together. Add it.")
    elif row["linked_measure"]:
        if not row["success_criterion"]:
            found.append(f"{at}, column success_criterion: found nothing. Expected what the measure tests. Add it.")
        found += [f"{at}, {line} Correct the cell." for line in target_faults(row["linked_measure"], row["target"])]
    return found
