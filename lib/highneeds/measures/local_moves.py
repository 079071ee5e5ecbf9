"""Where children with a plan are from one January to the next, as an authority's own records tell it.

Owns the type of placement behind a record, the national curriculum year, who held a plan on a survey day, and which
pairs of Januaries the records can bear. Rates of moves belong to `models.caseload.transitions`.

Records that lose people mislead more than none. One annual return holds the plans that ended in its own year and no
earlier ones, so that a pair further back would show nobody leaving; a list of today's placements shows nobody moving.
Neither is taken from a label: a pair is used where leavers, joiners and earlier placements are seen to be there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd

from highneeds import periods
from highneeds.cases import Cases
from highneeds.fields import SEN_SETTINGS
from highneeds.measures.local_plans import ACTIVE, NOT_RECORDED, placements_on, plans_on

FIRST_YEAR, LAST_YEAR = -4, 20  # year groups: 0 is reception, -4 those under two, 20 those aged 24 on 31 August
MOST_PAIRS = 4  # older moves tell of older rules and schools
LEAST_PLANS = 500  # below, hardly a year group and placement has ten children
LEAST_TOLD = 0.5  # share of plans whose placement must be told on both days
LEAST_SEEN = 0.01  # share of plans that must end, begin and be placed anew in a year; far fewer than ever do
NAMED = "named"
OTHER, INDEPENDENT, POST_16, STATE_SPECIAL = "other", "independent", "post-16", "state special"
MAINSTREAM, UNIT = "mainstream", "resourced provision or SEN unit"
# First line that is in the type of an establishment decides.
_WORDS = (
    (OTHER, ("pupil referral", "alternative provision", "secure unit", "online provider")),
    (INDEPENDENT, ("non-maintained", "independent")),
    (POST_16, ("further education", "post 16", "post-16", "16 to 19", "16-19", "sixth form")),
    (STATE_SPECIAL, ("special",)),
    (MAINSTREAM, ("community", "voluntary", "foundation", "academy", "free school", "technology college",
                  "technical college", "studio school", "nursery")),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pair:
    """Who held a plan in one January, and who the next: frames as `held_in_january`; january: that of `after`."""

    january: int
    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def left(self) -> np.ndarray:
        """True for each row of `before` whose child holds no plan a year later."""
        return ~self.before["person_id"].isin(self.after["person_id"]).to_numpy()

    @property
    def came(self) -> np.ndarray:
        """True for each row of `after` whose child held no plan the year before."""
        return ~self.after["person_id"].isin(self.before["person_id"]).to_numpy()


def placement_group(placements: pd.DataFrame) -> pd.Series:
    """Type of placement (terms.PLACEMENT_GROUPS) of each row, `not recorded` where it cannot be told.

    Takes setting (a SEN setting code or an establishment's type, as `placements_on` gives it), sen_unit,
    resourced_provision, urn, ukprn. Every code of the return stands for `other`, as in DfE's tables. A provider with
    a UKPRN alone counts as post-16: schools have a URN. A type without telling words (`Miscellaneous`) is not recorded.
    """
    kinds = placements["setting"].astype("str").str.lower()
    found = pd.Series(NOT_RECORDED, index=placements.index, dtype="str")
    for group, words in reversed(_WORDS):
        found = found.mask(kinds.str.contains("|".join(words), regex=True).fillna(False).astype(bool), group)
    found = found.mask(kinds.str.upper().isin(list(SEN_SETTINGS)), OTHER)
    college = placements["urn"].isna() & placements["ukprn"].notna() & found.eq(NOT_RECORDED)
    flagged = (placements["sen_unit"] | placements["resourced_provision"]) & found.eq(MAINSTREAM)
    return found.mask(college, POST_16).mask(flagged, UNIT)


def year_groups(births: pd.Series, january: int) -> pd.Series:
    """National curriculum year group in a January from dates of birth, missing where there is none.

    Age on 31 August before, less four: who is four then is in reception (0). Cut to FIRST_YEAR and LAST_YEAR.
    """
    age = january - 1 - births.dt.year - (births.dt.month >= 9)
    return (age - 4).clip(FIRST_YEAR, LAST_YEAR)


def held_in_january(cases: Cases, january: int, establishments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Children who held a plan on the survey day, one row each: person_id, year_group, placement, entered.

    placement: of `placement_group`; entered: first day in it. A child with two plans counts once, with the one whose
    placement is told. A plan that has ended and has no dated placement (a return keeps none) is placed where it was
    last named. Plans whose child is not in the data are left out: nobody can be followed.
    establishments: urn, type; without them schools cannot be told apart.
    """
    day = survey_day(january)
    plans = plans_on(cases, day)[["request_id", "person_id", "birth_date"]]
    placed = placements_on(_with_last_named(cases), day, establishments=establishments)
    rows = plans.merge(placed, on="request_id", how="left", validate="m:1")
    rows = rows[rows["person_id"].notna() & rows["person_id"].ge(0)]
    made = pd.DataFrame(
        {
            "person_id": rows["person_id"].astype("int64"),
            "year_group": year_groups(rows["birth_date"], january),
            "placement": placement_group(rows),
            "entered": rows["entry_date"],
        }
    )
    told_first = made["placement"].eq(NOT_RECORDED).sort_values(kind="stable").index
    return made.loc[told_first].drop_duplicates("person_id").sort_values("person_id", ignore_index=True)


def pair_of(cases: Cases, january: int, establishments: pd.DataFrame | None = None) -> Pair:
    """The pair of Januaries that ends with this one."""
    before, after = (held_in_january(cases, year, establishments) for year in (january - 1, january))
    return Pair(january, before, after)


def pairs_held(cases: Cases, *, at: date, establishments: pd.DataFrame | None = None) -> tuple[tuple[Pair, ...], str]:
    """Pairs of Januaries that a live extract or a single return can bear by a day; see `usable`."""
    last = last_january(min(at, cases.extract_date))
    return usable(pair_of(cases, january, establishments) for january in range(last, last - MOST_PAIRS, -1))


def usable(pairs: Iterable[Pair]) -> tuple[tuple[Pair, ...], str]:
    """Pairs to count on, the oldest first, and why there is none (empty where there is one).

    pairs: the newest first; at most MOST_PAIRS are looked at, up to the first that will not do. An earlier pair must
    also have at least half the last one's share of plans that ended: else those records are thinned out.
    """
    kept: list[Pair] = []
    for pair in islice(pairs, MOST_PAIRS):
        reason = fault_of(pair)
        if reason and not kept:
            return (), reason
        if reason or (kept and pair.left.mean() < kept[0].left.mean() / 2):
            break
        kept.append(pair)
    return tuple(reversed(kept)), "" if kept else "the case data hold no January"


def fault_of(pair: Pair) -> str:
    """Why a pair cannot be counted on, in words that follow `because`; empty where it can."""
    days = [periods.day_in_words(survey_day(year)) for year in (pair.january - 1, pair.january)]
    for frame, day in zip((pair.before, pair.after), days, strict=True):
        if len(frame) < LEAST_PLANS:
            return f"the case data hold {len(frame):,} plans on {day}, fewer than {LEAST_PLANS}"
        if frame["placement"].ne(NOT_RECORDED).mean() < LEAST_TOLD:
            return (
                f"the type of placement cannot be told for most plans on {day}: the register of schools (gias.csv) "
                "beside the case data, and placements with their dates, would tell it"
            )
    if pair.left.mean() < LEAST_SEEN:
        return f"the case data hold hardly any plan that ended between {days[0]} and {days[1]}"
    if pair.came.mean() < LEAST_SEEN:
        return f"the case data hold hardly any plan that began between {days[0]} and {days[1]}"
    return _fault_of_moves(pair, days)


def _fault_of_moves(pair: Pair, days: list[str]) -> str:
    """Whether those who were placed anew within the year still have the placement they came from."""
    stayed = pair.before.merge(pair.after, on="person_id", suffixes=("", "_next"))
    anew = stayed[stayed["entered_next"].gt(pd.Timestamp(survey_day(pair.january - 1)))]
    if len(anew) < LEAST_SEEN * len(stayed) or anew["placement"].ne(NOT_RECORDED).mean() < LEAST_TOLD:
        return f"the case data do not keep where children were placed on {days[0]} who have moved since"
    return ""


def survey_day(january: int) -> date:
    """Day on which a January's plans are counted."""
    return periods.last_day(str(january), periods.JANUARY)


def last_january(day: date) -> int:
    """Latest January whose survey day has come."""
    return day.year if survey_day(day.year) <= day else day.year - 1


def _with_last_named(cases: Cases) -> Cases:
    """Cases in which a plan that ended without a dated placement has the last one named in it, from its first day."""
    held = cases.placements
    dated = held.loc[held["kind"].eq(ACTIVE), "request_id"]
    ended = cases.plans[cases.plans["cease_date"].notna() & ~cases.plans["request_id"].isin(dated)]
    started = ended.drop_duplicates("request_id").set_index("request_id")["start_date"]
    named = held[held["kind"].eq(NAMED) & held["request_id"].isin(started.index)]
    if named.empty:
        return cases
    named = named.assign(kind=ACTIVE, entry_date=named["request_id"].map(started))
    return replace(cases, placements=pd.concat([held, named], ignore_index=True))
