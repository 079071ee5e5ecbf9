"""Rules on the shape of the input: columns, keys, parents, readable cells, printed sums."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import ERROR, PLACE, RawReturn
from highneeds.clean.rules.model import (
    ALL_MEASURES,
    CASELOAD,
    IN_HAND,
    MONTHLY,
    OPEN_CHECKS,
    PLACEMENTS,
    TIMES,
    Context,
    Hit,
    Look,
    Rule,
    counted,
    not_checked,
)
from highneeds.clean.rules.view import places_of

# Columns of the return without which a measure stops. Other layouts hold what they hold.
NEEDED = (
    (fields.PERSON, "birth_date"),
    (fields.REQUESTS, "received_date"),
    (fields.REQUESTS, "request_outcome"),
    (fields.REQUESTS, "request_outcome_date"),
    (fields.REQUESTS, "request_mediation"),
    (fields.REQUESTS, "request_tribunal"),
    (fields.ASSESSMENT, "assessment_outcome"),
    (fields.ASSESSMENT, "assessment_outcome_date"),
    (fields.ASSESSMENT, "assessment_mediation"),
    (fields.ASSESSMENT, "assessment_tribunal"),
    (fields.ASSESSMENT, "week20"),
    (fields.NAMED_PLAN, "start_date"),
    (fields.NAMED_PLAN, "cease_date"),
)
WHOLE_RETURNS = ("sen2_xml", "blade_csv", "template", "pre_submission")
FIVE_CSV = "five_csv"
ONE_EACH = (fields.PERSON, fields.REQUESTS, fields.ASSESSMENT, fields.NAMED_PLAN, fields.ACTIVE_PLANS)
CHILDREN = tuple(module for module in fields.MODULES if module != fields.PERSON)
SPANS = (fields.NAMED_PLAN, fields.PLACEMENT_DETAIL)


def missing_columns(context: Context) -> Look:
    """Columns that a layout should have and an input has not."""
    if not context.returns:
        return not_checked("the inputs as read were not handed over with the cleaned tables")
    absent = [(raw, pair) for raw in context.returns for pair in _needed(raw) if pair not in raw.held]
    names = ", ".join(dict.fromkeys(f"{name} ({module})" for _, (module, name) in absent))
    files = dict.fromkeys(raw.files[0].name for raw, _ in absent if raw.files)
    return Look(
        count=len(absent),
        out_of=sum(len(_needed(raw)) for raw in context.returns),
        where=tuple((name, "", ()) for name in files),
        detail=f"missing: {names}" if names else "",
    )


def _needed(raw: RawReturn) -> tuple[tuple[str, str], ...]:
    if raw.layout in WHOLE_RETURNS:
        return NEEDED
    if raw.layout == FIVE_CSV:
        return tuple(pair for pair in NEEDED if fields.named(pair[1]).five)
    plans_alone = (fields.NAMED_PLAN, "start_date") in raw.held
    return () if plans_alone else ((fields.REQUESTS, "received_date"),)


def set_aside(rule: str, modules: tuple[str, ...]) -> Callable[[Context], Look]:
    """Look at rows and cells that cleaning set aside under a rule, out of the rows of these modules."""

    def look(context: Context) -> Look:
        rows, cells = (frame[frame["rule"].eq(rule)] for frame in (context.cases.quarantine, context.cases.cells))
        # A row whose cell was spoilt may be set aside as well; it is one row.
        places = pd.concat([cells, rows], ignore_index=True).drop_duplicates(["module", *PLACE])
        whole = places.loc[places["field"].isna(), "module"].value_counts()
        words = [*whole.items(), *cells["field"].value_counts().items()]
        counts = context.cases.counts
        looked = int(counts.loc[counts["module"].isin(modules), "rows_in"].sum())
        return Look((Hit(places_of(places), np.ones(len(places), dtype=bool)),), looked, counted(words))

    return look


def of_kind(*kinds: str) -> tuple[str, ...]:
    """Modules with a field of one of these kinds."""
    return tuple(dict.fromkeys(field.module for field in fields.FIELDS if field.kind in kinds))


RULES = (
    Rule(
        "DQ01",
        ERROR,
        "Required column missing",
        "A column that this layout should have is not in the input.",
        "Export again with the column. The detail names it; the measures below wait for it.",
        missing_columns,
        stops=ALL_MEASURES,
        unit="columns",
    ),
    Rule(
        "DQ02",
        ERROR,
        "Duplicate record",
        "A request id (or a record that a request or child has once) appears a second time.",
        "Find which record is right and remove the other. The first is used, the others are set aside.",
        set_aside("DQ02", ONE_EACH),
        stops=(MONTHLY, *TIMES, CASELOAD),
    ),
    Rule(
        "DQ03",
        ERROR,
        "Record without its parent",
        "A record names a request or a child that is not in the input.",
        "Export both tables on the same day and with the same filter. The record is set aside; "
        "a request without its child is used, but has no age and no area.",
        set_aside("DQ03", CHILDREN),
        stops=(*TIMES, CASELOAD, PLACEMENTS),
    ),
    Rule(
        "DQ04",
        ERROR,
        "Date unreadable or ambiguous",
        "A date cannot be read, or could be two different days.",
        "Write dates as YYYY-MM-DD, or say in the mapping whether the day or the month comes first.",
        set_aside("DQ04", of_kind(fields.DATE)),
        stops=(MONTHLY, *TIMES, IN_HAND, CASELOAD),
    ),
    Rule(
        "DQ13",
        ERROR,
        "Code not in the list of its year",
        "A code is not in the list that the guide gives for the year of the return.",
        "Replace the code with one of its year's list. The detail names the fields. The cell is read as missing.",
        set_aside("DQ13", of_kind(fields.CODE, fields.FLAG)),
        stops=(*TIMES, CASELOAD, PLACEMENTS),
        origin=OPEN_CHECKS,
    ),
)
