"""Moves of grant: recoupment for excluded pupils, a transfer from the schools block, top-up without a plan."""

from datetime import date

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.periods import FINANCIAL_YEAR, financial_year_of, last_day

WEEKS = 52
FORUM_LIMIT_PCT = 0.5
FORUM_DECIDES, MINISTER_DECIDES, FORUM_ASKED = "schools forum", "Secretary of State", "schools forum, not yet asked"
TOLERANCE = 0.005  # relative: amounts in papers are rounded


def remaining_weeks(day: date, last: date) -> int:
    """Complete weeks from a day to the last day of a period, both days counted; at most 52, 0 where it is over."""
    return min(max((last - day).days + 1, 0) // 7, WEEKS)


def recoupment(pupils: pd.DataFrame) -> pd.DataFrame:
    """What goes with each excluded pupil: per_pupil_gbp x complete weeks that remain / 52.

    pupils: relevant_date, school_year_end (missing, or the end of a pupil's last school year where that counts in
    place of the financial year's), per_pupil_gbp, financial_year. Adds weeks and recouped_gbp.
    Raises SchemaError, all faults, where a relevant date lies outside the financial year.
    Source: School and Early Years Finance Regulations, A x (B / 52), without financial adjustment orders.
    """
    faults, weeks = [], []
    for row in pupils.itertuples():
        day, last = row.relevant_date.date(), last_day(row.financial_year, FINANCIAL_YEAR)
        if financial_year_of(day) != row.financial_year:
            faults.append(
                f"{row.file}: row {row.row}, column relevant_date: it lies outside {row.financial_year}. Expected a "
                f"day from {date(last.year - 1, 4, 1)} to {last}. Correct the date or the year."
            )
        end = last if pd.isna(row.school_year_end) else row.school_year_end.date()
        weeks.append(remaining_weeks(day, end))
    if faults:
        raise SchemaError(faults)
    return pupils.assign(weeks=weeks, recouped_gbp=pupils["per_pupil_gbp"] * np.array(weeks, dtype=float) / WEEKS)


def block_transfer(rows: pd.DataFrame) -> pd.DataFrame:
    """Schools block, per cent and pounds of a transfer, the missing one of the three worked out, and who decides.

    rows: schools_block_gbp, transfer_pct, transfer_gbp (one may be missing), forum (`agreed`, `refused`, `not asked`).
    Adds worked_out (the column that was) and decides: up to 0.5% the forum; more, or where the forum refuses, the
    Secretary of State. Raises SchemaError, all faults: two missing, or three that disagree.
    """
    made = [_completed(row) for _, row in rows.iterrows()]
    faults = [fault for each in made for fault in each.pop("faults")]
    if faults:
        raise SchemaError(faults)
    full = rows.assign(**pd.DataFrame(made, index=rows.index))
    # To the pound: a share worked out from rounded pounds is not above the limit by its last digits.
    limit = full["schools_block_gbp"] * FORUM_LIMIT_PCT / 100 + 1
    over = full["transfer_gbp"].gt(limit) | full["forum"].eq("refused")
    asked = np.where(full["forum"].eq("agreed"), FORUM_DECIDES, FORUM_ASKED)
    return full.assign(decides=np.where(over, MINISTER_DECIDES, asked))


def _completed(row: pd.Series) -> dict:
    block, pct, pounds = (row[name] for name in ("schools_block_gbp", "transfer_pct", "transfer_gbp"))
    given = {"schools_block_gbp": block, "transfer_pct": pct, "transfer_gbp": pounds}
    missing = [name for name, value in given.items() if pd.isna(value)]
    where, faults = f"{row['file']}: row {row['row']}", []
    if len(missing) > 1:
        faults.append(f"{where}: {' and '.join(missing)} are blank. Expected at most one of the three. Fill one in.")
    elif not missing and abs(pounds - block * pct / 100) > TOLERANCE * max(pounds, 1):
        faults.append(
            f"{where}: {pct:g}% of the schools block is £{block * pct / 100:,.0f}, but transfer_gbp holds "
            f"£{pounds:,.0f}. Expected them to agree. Correct one, or leave one blank."
        )
    elif missing == ["schools_block_gbp"]:
        block = 100 * pounds / pct if pct else np.nan
    elif missing == ["transfer_pct"]:
        pct = 100 * pounds / block if block else np.nan
    elif missing == ["transfer_gbp"]:
        pounds = block * pct / 100
    return {
        "schools_block_gbp": block,
        "transfer_pct": pct,
        "transfer_gbp": pounds,
        "worked_out": missing[0] if missing else "",
        "faults": faults,
    }


def top_up_exit(rows: pd.DataFrame) -> pd.DataFrame:
    """Spend on top-up without a plan by year: change on the year before and since the first, share exceptional.

    rows: financial_year, spend_gbp, awards, exceptional_awards. In order of years; change_gbp and since_first_gbp in
    pounds (missing, and 0, in the first year), exceptional_pct of awards (missing where there are none).
    """
    found = rows.sort_values("financial_year", ignore_index=True)
    share = (100 * found["exceptional_awards"] / found["awards"]).where(found["awards"].gt(0))
    spend = found["spend_gbp"]
    return found.assign(change_gbp=spend.diff(), since_first_gbp=spend - spend.iloc[0], exceptional_pct=share)
