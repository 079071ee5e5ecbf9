"""Did a yearly count change? One authority's growth beside that of its statistical neighbours.

Owns the neighbour test, its placebo (the same test on every authority in turn) and how often it flags. The yardstick is
how far similar places differ from each other, never the chance variation of a count (Poisson), by which half of
all authorities or more change in every year. `result` holds the result and its power, `months` does months.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from highneeds import periods
from highneeds.errors import ParamsError, SchemaError
from highneeds.measures.declarations import MEASURES
from highneeds.models.change.result import (
    LEVEL,
    MIN_COUNT,
    MIN_OTHERS,
    UNCLEAR,
    Change,
    Compared,
    Flags,
    compare,
    half_width,
)
from highneeds.terms import STATISTICAL, Others

# Robust standard deviations from the middle authority. Beyond them it is more often the counting than the children:
# of requests and plans from 2018 to 2025, one or two authorities a year are that far out.
_ODD = 4
_DISAGREE = 2 * LEVEL
_PUBLISHED = ("", "e")


@dataclass(frozen=True)
class TestedPanel:
    """A count of all authorities, for tests of its change.

    counts: areas x periods, missing where unpublished; areas: same index; beside: positions of neighbours, or -1.
    """

    measure: str
    basis: str
    counts: pd.DataFrame
    areas: pd.DataFrame
    beside: np.ndarray
    called: Others = STATISTICAL


def neighbour_test(
    values: pd.DataFrame,
    areas: pd.DataFrame,
    neighbours: pd.DataFrame,
    *,
    measure: str,
    area_code: str,
    first: str,
    last: str,
    called: Others = STATISTICAL,
) -> Change:
    """Growth of a count of one authority from first to last, beside its statistical neighbours' growth.

    Takes the panel's values, areas and neighbours; called: what its sentences call these. t = (log growth - neighbours'
    mean) / standard error, on k - 1 degrees of freedom (`compare`); the placebo ranks it among the same tests of all
    authorities. Left out: counts under 10, cells without a figure, authorities that did not exist throughout.
    Refuses with the reason where the authority is left out or has fewer than 8 neighbours left.
    Raises ParamsError for a measure, authority or periods that cannot be asked for, SchemaError for doubled rows.
    """
    return one_test(tested_panel(values, areas, neighbours, measure), area_code, first, last, called=called)


def one_test(panel: TestedPanel, area_code: str, first: str, last: str, *, called: Others = STATISTICAL) -> Change:
    """`neighbour_test` of one authority, where the panel it is tested in was laid out before."""
    if area_code not in panel.counts.index:
        raise ParamsError(f"area_code '{area_code}': no such local authority. Expected a code such as E10000016.")
    window = _window(panel, first, last)
    return _change(replace(panel, called=called), window, int(panel.counts.index.get_loc(area_code)))


def neighbour_tests(
    values: pd.DataFrame, areas: pd.DataFrame, neighbours: pd.DataFrame, *, measure: str, first: str, last: str
) -> dict[str, Change]:
    """`neighbour_test` of every local authority of the areas, by area_code; refusals included."""
    panel = tested_panel(values, areas, neighbours, measure)
    window = _window(panel, first, last)
    return {code: _change(panel, window, at) for at, code in enumerate(panel.counts.index)}


def false_flag_rate(
    values: pd.DataFrame, areas: pd.DataFrame, neighbours: pd.DataFrame, *, measure: str, years: Sequence[str]
) -> Flags:
    """Authority-years (changes from the year before to each of years) that the neighbour test flags at 5%.

    Every authority is treated as if it were the one asked about; some changes are real, so this is no less than the
    rate of false flags.
    """
    return _flags(tested_panel(values, areas, neighbours, measure), years, effect=0.0)


def panel_power(
    values: pd.DataFrame,
    areas: pd.DataFrame,
    neighbours: pd.DataFrame,
    *,
    measure: str,
    years: Sequence[str],
    effect_pct: float,
) -> Flags:
    """Authority-years flagged in the direction of effect_pct when each growth is moved by it: power on real data.

    Checks `power`, which trusts the noncentral t. Raises ParamsError where effect_pct is -100 or less, or nought.
    """
    if not effect_pct > -100 or not effect_pct:
        raise ParamsError(f"effect_pct {effect_pct:g}: Expected a change above -100 per cent that is not nought.")
    return _flags(tested_panel(values, areas, neighbours, measure), years, effect=float(np.log1p(effect_pct / 100)))


@dataclass(frozen=True)
class _Window:
    first: str
    last: str
    growth: np.ndarray
    tests: Compared
    odd: np.ndarray


def tested_panel(values: pd.DataFrame, areas: pd.DataFrame, neighbours: pd.DataFrame, measure: str) -> TestedPanel:
    """Counts of a measure by authority and period, with each authority's neighbours: the same for every test of it.

    Raises ParamsError for a measure that is no count, SchemaError for doubled rows.
    """
    declared = MEASURES.get(measure)
    if declared is None or declared.is_ratio or declared.unit in ("%", "days"):
        raise ParamsError(f"measure '{measure}': the test of change takes counts, such as requests_received.")
    local = areas[areas["la_code"].ne("")].set_index("area_code")
    rows = values[values["measure"].eq(measure).to_numpy() & values["breakdown"].eq("Total").to_numpy()]
    doubled = rows.duplicated(["area_code", "period"], keep=False)
    if doubled.any():
        who = rows.loc[doubled, ["area_code", "period"]].iloc[0]
        raise SchemaError(
            f"values: {doubled.sum()} rows of {measure} share an area and period ({who.area_code}, {who.period}). "
            "Expected one of each. Build the panel again."
        )
    rows = rows.assign(value=rows["value"].where(rows["status"].isin(_PUBLISHED)))
    counts = rows.set_index(["area_code", "period"])["value"].unstack().reindex(local.index)  # noqa: PD010
    return TestedPanel(measure, declared.period_basis, counts, local, _positions(local, neighbours))


def _positions(local: pd.DataFrame, neighbours: pd.DataFrame) -> np.ndarray:
    """Row numbers of each authority's neighbours, shape (authorities, most neighbours), -1 where there is none."""
    place = pd.Series(range(len(local)), index=local["la_code"])
    pairs = pd.DataFrame({"own": neighbours["la_code"].map(place), "other": neighbours["neighbour_la_code"].map(place)})
    pairs = pairs.dropna().astype(int).drop_duplicates()
    pairs = pairs[pairs["own"].ne(pairs["other"])]
    order = pairs.groupby("own").cumcount()
    beside = np.full((len(local), int(order.max()) + 1 if len(pairs) else 1), -1)
    beside[pairs["own"], order] = pairs["other"]
    return beside


def _window(panel: TestedPanel, first: str, last: str, *, effect: float = 0.0) -> _Window:
    """Growths from first to last, every authority tested in turn; effect is added to the one tested, in logs."""
    if not all(periods.is_well_formed(period, panel.basis) for period in (first, last)) or first >= last:
        raise ParamsError(f"periods '{first}' and '{last}': Expected two of basis {panel.basis}, the earlier first.")
    before, after = (panel.counts.reindex(columns=[period]).iloc[:, 0].to_numpy(float) for period in (first, last))
    usable = (before >= MIN_COUNT) & (after >= MIN_COUNT) & _existed(panel, first, last)
    before, after = np.where(usable, before, np.nan), np.where(usable, after, np.nan)
    growth, noise = np.log(after / before), 1 / before + 1 / after
    others, others_noise = (np.where(panel.beside >= 0, array[panel.beside], np.nan) for array in (growth, noise))
    tests = compare(growth + effect, others, own_noise=noise, others_noise=others_noise)
    return _Window(first, last, growth, tests, _odd(growth))


def _odd(growth: np.ndarray) -> np.ndarray:
    known = growth[np.isfinite(growth)]
    if not len(known):
        return np.zeros(len(growth), dtype=bool)
    away = np.abs(growth - np.median(known))
    return away > _ODD * 1.4826 * np.median(away[np.isfinite(away)])


def _existed(panel: TestedPanel, first: str, last: str) -> np.ndarray:
    begins, ends = _begins(first, panel.basis), periods.last_day(last, panel.basis).isoformat()
    opened, closed = panel.areas["opened"], panel.areas["closed"]
    return (opened.le(begins) & (closed.eq("") | closed.ge(ends))).to_numpy()


def _begins(period: str, basis: str) -> str:
    """First day that the figure covers; of a stock, the day of the count."""
    starts = {periods.CALENDAR_YEAR: f"{period[:4]}-01-01", periods.FINANCIAL_YEAR: f"{period[:4]}-04-01"}
    return starts.get(basis) or periods.last_day(period, basis).isoformat()


def _flags(panel: TestedPanel, years: Sequence[str], *, effect: float) -> Flags:
    found = []
    for year in years:
        tests = _window(panel, periods.previous_year(year, panel.basis), year, effect=effect).tests
        flagged = (tests.p <= LEVEL) & (tests.t * effect >= 0)
        found.append((year, int(flagged.sum()), int(np.isfinite(tests.t).sum())))
    return Flags(tuple(found))


def _change(panel: TestedPanel, window: _Window, at: int) -> Change:
    names = ("measure", "area_code", "first", "last", "period_basis")
    code, tests = panel.counts.index[at], window.tests
    like = dict(zip(names, (panel.measure, code, window.first, window.last, panel.basis), strict=True))
    refusal = _refusal(panel, window, at)
    if refusal:
        return Change(**like, refusal=refusal)
    tested = np.isfinite(tests.t)
    tested[at] = False
    as_far = int((np.abs(tests.t[tested]) >= abs(tests.t[at])).sum())
    k, error = int(tests.k[at]), float(tests.standard_error[at])
    change = Change(
        **like,
        others=panel.called.its,
        before=float(panel.counts[window.first].iloc[at]),
        after=float(panel.counts[window.last].iloc[at]),
        others_log_growth=float(tests.mean[at]),
        standard_error=error,
        half_width=half_width(error, k),
        p=float(tests.p[at]),
        method=f"t test on the spread of {k} {panel.called.many}",
        placebo_p=(1 + as_far) / (1 + int(tested.sum())),
        k=k,
        authorities=int(tested.sum()),
        grew_less=int((window.growth[tested] < window.growth[at]).sum()),
        warnings=_warnings(panel, window, at),
    )
    return replace(change, warnings=(*change.warnings, *_doubt(change, panel.called)))


def _refusal(panel: TestedPanel, window: _Window, at: int) -> str:
    """Why one authority cannot be tested, and what would help; empty where it can."""
    area, basis, first, last = panel.areas.iloc[at], panel.basis, window.first, window.last
    name = area["area_name"]
    if area["opened"] > _begins(first, basis):
        whole = [p for p in panel.counts.columns if _begins(p, basis) >= area["opened"]]
        since = f"Ask for a change from {whole[0]} on." if whole[1:] else "No later change can be computed yet."
        return f"{name} was formed on {_day(area['opened'])}, so {first} is not wholly its own. {since}"
    if area["closed"] and area["closed"] < periods.last_day(last, basis).isoformat():
        return f"{name} was closed on {_day(area['closed'])}. Ask for its successors, or for an earlier last period."
    row = panel.counts.iloc[at].reindex([first, last])
    for period, value in row.items():
        if np.isnan(value):
            return f"No usable figure is held for {name} in {period}. Ask for another period, or import the release."
        if value < MIN_COUNT:
            return (
                f"{name} counted fewer than {MIN_COUNT} in {period}: one more or less would look like a change. "
                "Look at the counts themselves."
            )
    listed, k = int((panel.beside[at] >= 0).sum()), int(window.tests.k[at])
    if not listed:
        return f"No {panel.called.many} are published for {name}. Import the list, or ask for another authority."
    if k < MIN_OTHERS:
        if panel.called is not STATISTICAL:
            return (
                f"Too few of the {panel.called.many} have usable figures for {first} and {last} to say how far "
                "authorities differ. Choose eight or more, or ask for other periods."
            )
        return (
            f"{k} of the {listed} statistical neighbours of {name} have figures of {MIN_COUNT} or more for {first} and "
            f"{last}; {MIN_OTHERS} are needed to say how far similar places differ. Ask for other periods."
        )
    if np.isnan(window.tests.t[at]):
        return f"The {panel.called.short} of {name} all grew at one rate: separate counts never do. Check the figures."
    return ""


def _warnings(panel: TestedPanel, window: _Window, at: int) -> tuple[str, ...]:
    names, found = panel.areas["area_name"], []
    beside = panel.beside[at][panel.beside[at] >= 0]
    out, odd = beside[np.isnan(window.growth[beside])], beside[window.odd[beside]]
    if len(out):
        found.append(
            f"Left out of the {panel.called.short} for want of two comparable figures: {', '.join(names.iloc[out])}."
        )
    if len(odd):
        found.append(
            f"The change in {', '.join(names.iloc[odd])} is far outside that of other authorities. If the return is at "
            f"fault, it makes the {panel.called.short} look more different than they are, and hides changes."
        )
    if window.odd[at]:
        found.append(
            "The change is far outside that of other authorities. That is more often a change in what was counted than "
            "in children: check both returns first."
        )
    breaks = [text for text in MEASURES[panel.measure].breaks if _inside(text, window)]
    found += [
        f"The series has a break: {text}. The {panel.called.short} share it, though not all alike." for text in breaks
    ]
    return tuple(found)


def _inside(text: str, window: _Window) -> bool:
    return any(window.first[:4] < year <= window.last[:4] for year in re.findall(r"\b20\d\d\b", text))


def _doubt(change: Change, called: Others) -> list[str]:
    if change.verdict == UNCLEAR or change.placebo_p <= _DISAGREE:
        return []
    return [
        f"The two tests disagree: the difference is beyond the spread of these {called.short}, yet many authorities "
        "differ as far from theirs. Do not rest a decision on it."
    ]


def _day(iso: str) -> str:
    return periods.day_in_words(date.fromisoformat(iso))
