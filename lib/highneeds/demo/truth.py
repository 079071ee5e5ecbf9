"""What a right measure must find in the invented authority, told straight from how it was simulated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.demo.draws import NONE, day, month_names, months_of, years_of
from highneeds.demo.plans import Plans
from highneeds.demo.queue import ASSESS, HISTORICAL, ISSUE, REFUSE, SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS, Flow

YEAR_LONG = 364  # 52 weeks
BANDS = ("0-6", "6-16", "16-20", "20-26", "26-39", "39-52", "52+")  # weeks since the request, upper end included
_BAND_ENDS = (42, 112, 140, 182, 273, 364)
APPEALS = (
    "request_mediation",
    "request_tribunal",
    "assessment_mediation",
    "assessment_tribunal",
    "other_mediation",
    "other_tribunal",
)


@dataclass(frozen=True)
class Truth:
    """Counts that a right measure finds.

    requests: month (`2024-03`), area, requests; historical ones left out.
    decisions: year of receipt, received, to_assess, refused, withdrawn, undecided.
    timeliness: year and month of issue: issued, den, on_time, over_52 (cases without mediation or tribunal), and
      den_ex, on_time_ex, over_52_ex (those to which no exception applies); decided plans that are not historical.
    open_cases: stage (`request`, `assessment`), band of weeks, cases on the day of the extract.
    overdue: no decision after 42 days, no decision on a plan after 112, no plan after 140.
    caseload: day, plans that had begun and not ceased by the end of that day.
    needs, placements: primary need (code), and main setting (URN or code), of the plans in force at the extract.
    """

    requests: pd.DataFrame
    decisions: pd.DataFrame
    timeliness: pd.DataFrame
    open_cases: pd.DataFrame
    overdue: dict[str, int]
    caseload: pd.DataFrame
    needs: pd.Series
    placements: pd.Series

    def published(self, year: int) -> dict[str, float]:
        """Timeliness of a calendar year as DfE publishes it: counts and percentages, with and without exceptions."""
        total = self.timeliness[self.timeliness["year"].eq(year)].sum(numeric_only=True)
        return {
            "den": int(total["den"]),
            "on_time": int(total["on_time"]),
            "pct": 100 * total["on_time"] / total["den"],
            "den_ex": int(total["den_ex"]),
            "on_time_ex": int(total["on_time_ex"]),
            "pct_ex": 100 * total["on_time_ex"] / total["den_ex"],
            "over_52_pct": 100 * total["over_52"] / total["den"],
        }


def tell_truth(
    flow: Flow, areas: np.ndarray, names: Sequence[str], plans: Plans, modules, *, days: Sequence[date], as_at: int
) -> Truth:
    """Truth of a simulated flow: area numbers of the requests and their names, plans as arrays, days to count on."""
    return Truth(
        requests=_requests(flow, areas, names),
        decisions=_decisions(flow),
        timeliness=_timeliness(flow, modules),
        open_cases=_open_cases(flow, as_at),
        overdue=_overdue(flow, as_at),
        caseload=pd.DataFrame({"day": days, "plans": [int(_in_force(plans, day(on)).sum()) for on in days]}),
        needs=_needs(plans, modules, as_at),
        placements=_placements(plans, modules, as_at),
    )


def _requests(flow: Flow, areas: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    live = flow.outcome != HISTORICAL
    keys = months_of(flow.received[live]) * len(names) + areas[live]
    found, counts = np.unique(keys, return_counts=True)
    area = np.array(names)[found % len(names)]
    return pd.DataFrame({"month": month_names(found // len(names)), "area": area, "requests": counts})


def _decisions(flow: Flow) -> pd.DataFrame:
    live, known = flow.outcome != HISTORICAL, flow.decided != NONE
    columns = {
        "received": live,
        "to_assess": live & known & (flow.outcome == ASSESS),
        "refused": live & known & (flow.outcome == REFUSE),
        "undecided": live & ~known,
    }
    columns["withdrawn"] = live & known & ~columns["to_assess"] & ~columns["refused"]
    frame = pd.DataFrame(columns | {"year": years_of(flow.received)})
    return frame[live].groupby("year").sum().astype("int64").reset_index()


def _timeliness(flow: Flow, modules) -> pd.DataFrame:
    issued = np.flatnonzero((flow.outcome != HISTORICAL) & (flow.done != NONE) & (flow.issue == ISSUE))
    requests, assessments = modules[fields.REQUESTS], modules[fields.ASSESSMENT]
    ids = requests["request_id"].to_numpy()[issued]
    rows = np.searchsorted(assessments["request_id"].to_numpy(), ids)
    flagged = np.zeros(len(issued), dtype=bool)
    for name in APPEALS:
        source, places = (requests, issued) if name in requests else (assessments, rows)
        flagged |= source[name].to_numpy(dtype=bool)[places]
    exception = assessments["week20"].to_numpy(dtype=bool)[rows]
    wait = flow.done[issued] - flow.received[issued]
    columns = {"issued": np.ones(len(issued), bool)}
    for suffix, base in (("", ~flagged), ("_ex", ~flagged & ~exception)):
        columns |= {f"den{suffix}": base, f"on_time{suffix}": base & (wait <= TWENTY_WEEKS)}
        columns[f"over_52{suffix}"] = base & (wait > YEAR_LONG)
    months = months_of(flow.done[issued])
    frame = pd.DataFrame(columns).groupby(months).sum().astype("int64").rename_axis("month").reset_index()
    names = month_names(frame["month"].to_numpy())
    return frame.assign(year=[int(name[:4]) for name in names], month=names)


def _stages(flow: Flow) -> tuple[np.ndarray, np.ndarray]:
    """Open at the request stage; open while assessed (refusals that were reversed too)."""
    waiting = (flow.outcome != HISTORICAL) & (flow.decided == NONE)
    assessed = ((flow.outcome == ASSESS) & (flow.decided != NONE)) | (flow.reversed_on != NONE)
    return waiting, assessed & (flow.done == NONE) & (flow.left == NONE)


def _open_cases(flow: Flow, as_at: int) -> pd.DataFrame:
    band = np.searchsorted(_BAND_ENDS, as_at - flow.received)
    rows = [
        (stage, name, int((band[mask] == place).sum()))
        for stage, mask in zip(("request", "assessment"), _stages(flow), strict=True)
        for place, name in enumerate(BANDS)
    ]
    return pd.DataFrame(rows, columns=["stage", "band", "cases"])


def _overdue(flow: Flow, as_at: int) -> dict[str, int]:
    waiting, assessed = _stages(flow)
    age = as_at - flow.received
    return {
        "decision": int((waiting & (age > SIX_WEEKS)).sum()),
        "decision_on_plan": int(((waiting | assessed) & (age > SIXTEEN_WEEKS)).sum()),
        "plan": int(((waiting | assessed) & (age > TWENTY_WEEKS)).sum()),
    }


def _in_force(plans: Plans, on: int) -> np.ndarray:
    return (plans.start <= on) & ((plans.cease == NONE) | (plans.cease > on))


def _needs(plans: Plans, modules, as_at: int) -> pd.Series:
    needs = modules[fields.SEN_NEED]
    main = needs["sen_type_rank"].eq("1").to_numpy()
    return needs.loc[main, "sen_type"][_in_force(plans, as_at)].value_counts().sort_index().rename("plans")


def _placements(plans: Plans, modules, as_at: int) -> pd.Series:
    placed = modules[fields.PLACEMENT_DETAIL]
    now = placed["placement_rank"].eq("1") & placed["leaving_date"].isna()
    now &= placed["request_id"].isin(plans.request_id[_in_force(plans, as_at)])
    setting = placed["urn"].fillna(placed["sen_setting"])
    return setting[now].value_counts().sort_index().rename("plans")
