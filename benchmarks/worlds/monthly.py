"""Simulated authorities' monthly requests in four areas, and the days on which a month's requests come.

Areas of about 20, 45, 80 and 150 requests a month follow school days (Easter moves), with an authority's own weight of
holidays, own month factors (sd 0.06), a shock of the whole authority that dies away (root 0.6, sd 0.07), a level of
each area that wanders (step sd 0.02 a month), a third of the authorities each steady, with a trend (sd 12% a year), or
with one jump of a quarter up or down where the history has 24 months, and counts that vary a little more than by chance
alone (negative binomial, 1/100). To be read with this in mind: world and model share the calendar, which nothing
official checks, so a calendar model is favoured; the rows with a strange calendar show what is left without it.
Owns the world, the plain alternatives and the scores; forecasts come from `highneeds.models.monthly`.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from highneeds.models.forecast import LEVELS
from highneeds.models.monthly import school_calendar
from highneeds.models.monthly.months import Named, forecast_months
from highneeds.models.monthly.outlook import outlook
from highneeds.models.monthly.part_month import complete_part_month
from highneeds.models.monthly.table import following, read_counts
from highneeds.months import TOTAL

AREAS = {"A": 20, "B": 45, "C": 80, "D": 150}
LENGTHS, AHEAD, AUTHORITIES = (12, 24, 36, 48, 60), 12, 30
STEADY, TREND, JUMP = "steady", "trend", "jump"
HOLIDAY_WEIGHTS, MONTH_SD, STRANGE_SD = (0.15, 0.45), 0.06, 0.20
SHOCK_ROOT, SHOCK_SD, WANDER_SD, TREND_SD, JUMP_SIZE, NB_ALPHA = 0.6, 0.07, 0.02, 0.12, 0.25, 0.01
PART_DAYS, PART_HISTORY, PART_SERIES = (7, 14, 21), 36, 240
LUMPS = 10.0  # shape of the gamma by which lumpy days differ
RATIO, COVER, PART_WAPE = 0.85, (75.0, 85.0), 9.0
_SCORED = np.array([level for level in LEVELS if 0.04 < level < 0.96])


def cells(
    seed: int, months: int, *, month_sd: float = MONTH_SD, authorities: int = AUTHORITIES
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """History of so many months and the AHEAD months that came, for each authority; months by areas."""
    made = []
    for number in range(authorities):
        kind = (STEADY, TREND, JUMP)[number % 3]
        table, _ = simulate(np.random.default_rng([seed, months, number]), months=months, kind=kind, month_sd=month_sd)
        made.append((table.iloc[:months], table.iloc[months:]))
    return made


def simulate(
    rng: np.random.Generator, *, months: int, kind: str, month_sd: float = MONTH_SD
) -> tuple[pd.DataFrame, float]:
    """Counts of months + AHEAD months by AREAS, and the authority's own weight of a holiday's working day."""
    size = months + AHEAD
    names = [following("2015-01", int(rng.integers(0, 60)))]
    names += [following(names[0], step) for step in range(1, size)]
    holiday = float(rng.uniform(*HOLIDAY_WEIGHTS))
    profile = np.array([_day_weights(name, holiday).sum() for name in names])
    own = rng.normal(0, month_sd, 12)[[int(name[5:]) - 1 for name in names]]
    shock = rng.normal(0, SHOCK_SD, size)
    for at in range(1, size):
        shock[at] = SHOCK_ROOT * shock[at - 1] + np.sqrt(1 - SHOCK_ROOT**2) * shock[at]
    shared = np.log(profile / profile.mean()) + own + shock + _move(rng, months, kind)
    wander = rng.normal(0, WANDER_SD, (size, len(AREAS))).cumsum(axis=0)
    mean = np.array(list(AREAS.values())) * np.exp(shared[:, None] + wander)
    counts = rng.poisson(mean * rng.gamma(1 / NB_ALPHA, NB_ALPHA, mean.shape))
    return pd.DataFrame(counts, index=names, columns=list(AREAS)), holiday


def scores(seed: int = 2026) -> list[dict]:
    """One row a score: measure, value, target (text; empty for information) and holds (None for information)."""
    rows = []
    for months in LENGTHS:
        rows += _length_rows(cells(seed, months), months)
    for months in (12, 36):
        rows += _strange_rows(cells(seed, months, month_sd=STRANGE_SD, authorities=AUTHORITIES // 2), months)
    return rows + _part_rows(seed)


def crps_pct(quantiles: np.ndarray, actual: np.ndarray) -> float:
    """CRPS (twice the mean pinball loss at 5% to 95%), per cent of the mean, over series of one authority.

    quantiles: shape (19, months, series); actual: (months, series).
    """
    gap, level = actual - quantiles, _SCORED[:, None, None]
    loss = 2 * np.maximum(level * gap, (level - 1) * gap).mean(axis=(0, 1))
    return float(100 * (loss / np.maximum(actual.mean(axis=0), 1e-9)).mean())


def seasonal_naive(history: pd.DataFrame, months: list[str]) -> np.ndarray:
    """Same month a year earlier, with the spread of past changes over a year (below 24 months: an assumed one)."""
    values = history.to_numpy(dtype=float)
    point = values[-12:][: len(months)]
    if len(values) < 24:
        return _normal(point, np.sqrt(2 * point + (0.15 * point) ** 2))
    changes = (values[12:] - values[:-12]) / np.sqrt(np.maximum(values[:-12], 1))
    return _normal(point, np.sqrt((changes**2).mean(axis=0) * np.maximum(point, 1)))


def last_year_by_calendar(history: pd.DataFrame, months: list[str]) -> np.ndarray:
    """Level of the last 12 months times the calendar's profile: the strongest plain alternative."""
    past = history.iloc[-12:]
    level = past.to_numpy(dtype=float).sum(axis=0) / school_calendar.profile(list(past.index)).sum()
    point = level * school_calendar.profile(months)[:, None]
    return _normal(point, np.sqrt(point + (0.13 * point) ** 2))


def _normal(point: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return np.maximum(point + ndtri(_SCORED)[:, None, None] * sd, 0.0)


def _move(rng: np.random.Generator, months: int, kind: str) -> np.ndarray:
    at = np.arange(months + AHEAD)
    if kind == TREND:
        return rng.normal(0, TREND_SD) * at / 12
    if kind == JUMP and months >= 24:
        return np.where(at >= rng.integers(6, months - 6), rng.choice([-1, 1]) * JUMP_SIZE, 0.0)
    return np.zeros(len(at))


def _day_weights(month: str, holiday: float) -> np.ndarray:
    weights = school_calendar.day_weights(month)
    return np.where(weights == school_calendar.HOLIDAY_WEIGHT, holiday, weights)


def _by_method(pairs: list[tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[dict[str, np.ndarray], float]:
    """CRPS and coverage of the 80% range of each authority by each method, and % of area forecasts out of line."""
    found, warned, made = {"NBR": [], "seasonal naive": [], "last 12 months x calendar": []}, 0, 0
    for history, future in pairs:
        months, actual = list(future.index), future.to_numpy(dtype=float)
        forecasts = forecast_months(history, named=Named("requests", "", ""), with_record=False)
        steps = [[step.quantiles[1:-1] for step in forecasts[area].steps] for area in history.columns]
        ranges = (
            np.array(steps).transpose(2, 1, 0),
            seasonal_naive(history, months),
            last_year_by_calendar(history, months),
        )
        for name, quantiles in zip(found, ranges, strict=True):
            inside = (actual >= quantiles[1]) & (actual <= quantiles[-2])
            found[name].append((crps_pct(quantiles, actual), 100 * inside.mean()))
        warned += sum(any("1 chance in" in said for said in forecasts[area].warnings) for area in history.columns)
        made += len(history.columns)
    return {name: np.array(rows) for name, rows in found.items()}, 100 * warned / made


def _length_rows(pairs: list[tuple[pd.DataFrame, pd.DataFrame]], months: int) -> list[dict]:
    found, warned = _by_method(pairs)
    means = {name: values.mean(axis=0) for name, values in found.items()}
    ratio, cover = means["NBR"][0] / means["seasonal naive"][0], means["NBR"][1]
    rows = [
        _row(f"monthly CRPS over seasonal naive's, {months} months", ratio, f"<= {RATIO}", ratio <= RATIO),
        _row(f"monthly 80% range holds, {months} months", cover, "75-85", COVER[0] <= cover <= COVER[1]),
    ]
    for name, (crps, covered) in means.items():
        rows.append(_row(f"CRPS % of the mean, {months} months: {name}", crps))
        if name != "NBR":
            rows.append(_row(f"80% range holds, {months} months: {name}", covered))
    return [*rows, _row(f"% of areas warned of a month out of line, {months} months", warned)]


def _strange_rows(pairs: list[tuple[pd.DataFrame, pd.DataFrame]], months: int) -> list[dict]:
    means = {name: values.mean(axis=0) for name, values in _by_method(pairs)[0].items()}
    name = f"months strange to the calendar (sd {STRANGE_SD}), {months} months"
    rows = [_row(f"CRPS % of the mean, {name}: {method}", crps) for method, (crps, _) in means.items()]
    return [*rows, _row(f"80% range holds, {name}: NBR", means["NBR"][1])]


_PART_METHODS = ("forecast and exposure", "exposure alone", "calendar days", "forecast alone", "as reported")


def _part_rows(seed: int) -> list[dict]:
    """WAPE of the completed month of the area of 80 by the day the counts go to; days by chance alone, and lumpy."""
    rows = []
    for lumpy, (wape, cover) in enumerate(_part_scores(seed)):
        days = "lumpy days, " if lumpy else ""
        for at, day in enumerate(PART_DAYS):
            for method, value in zip(_PART_METHODS, wape[at], strict=True):
                judged = day == 14 and method == _PART_METHODS[0] and not lumpy
                target, holds = (f"<= {PART_WAPE:g}", value <= PART_WAPE) if judged else ("", None)
                rows.append(_row(f"part month WAPE, {days}day {day}: {method}", value, target, holds))
            rows.append(_row(f"part month 80% range holds, {days}day {day}", cover[at]))
    return rows


def _part_scores(seed: int, series: int = PART_SERIES) -> list[tuple[np.ndarray, np.ndarray]]:
    """For plain and for lumpy days: WAPE by day and method, and % of months inside the completed 80% range by day."""
    errors, inside = np.zeros((2, len(PART_DAYS), len(_PART_METHODS))), np.zeros((2, len(PART_DAYS)))
    actual = 0
    for number in range(series):
        rng = np.random.default_rng([seed, 0, number])
        table, holiday = simulate(rng, months=PART_HISTORY, kind=(STEADY, TREND, JUMP)[number % 3])
        month, whole = table.index[PART_HISTORY], int(table["C"].iloc[PART_HISTORY])
        step = outlook(read_counts(table[["C"]].iloc[:PART_HISTORY]), horizon=1, draws=500).steps(TOTAL)[0]
        plain = _day_weights(month, holiday)
        actual += whole
        for lumpy, weights in enumerate((plain, plain * rng.gamma(LUMPS, 1 / LUMPS, len(plain)))):
            came = rng.multinomial(whole, weights / weights.sum()).cumsum()
            for at, day in enumerate(PART_DAYS):
                seen, share = int(came[day - 1]), school_calendar.exposure_share(month, day=day)
                done = complete_part_month(seen, exposure_share=share, step=step)
                alone = seen / share if share else step.point
                made = np.array([done.point, alone, seen * len(came) / day, step.point, seen])
                errors[lumpy, at] += np.abs(made - whole)
                inside[lumpy, at] += done.range(80)[0] <= whole <= done.range(80)[1]
    return [(100 * errors[lumpy] / actual, 100 * inside[lumpy] / series) for lumpy in (0, 1)]


def _row(measure: str, value: float, target: str = "", holds: bool | None = None) -> dict:
    return {"measure": measure, "value": round(float(value), 3), "target": target, "holds": holds and bool(holds)}
