"""Leicestershire's three papers: the schools forum (F), the TSIL update (T), the high needs development plan (H)."""

import operator
from collections.abc import Iterator
from dataclasses import replace

from highneeds.figures import Figure, share
from highneeds.models.deficit.arithmetic import base_from_change, pct_change, whole_from_share, yearly_mean
from highneeds.models.paper_figures import added, growth, made_figure
from highneeds.models.reconcile.desk import Desk
from highneeds.models.reconcile.line import UNCHECKED, Line, half_step
from highneeds.models.spans import fit, plans_by_january, spans_of_growth

SURVEY, FORUM, TSIL, PLAN = (
    "schools_forum_survey",
    "schools_forum_figures",
    "tsil_figures",
    "high_needs_development_plan",
)
DAY, UPDATE = "2024-02-13", "2024-01-23"
OFFER, RATE = "Core offer value for money - agreed", "Rate per pupil - {}"
ANSWERS = ("agreed", "did not know", "disagreed", "no answer")
SPANS = (("2016", "2020", "T1"), ("2020", "2022", "T2"))
DEFICIT_YEARS = 3  # from March 2025 to March 2028
NEWEST = "2024-25"


def lines(desk: Desk) -> Iterator[Line]:
    """Every line that the printed tables at hand allow, in the papers' order."""
    yield from _survey(desk)
    yield from _forum(desk)
    yield from _growth(desk)
    yield from _money(desk)
    yield from _places(desk)
    yield from _changes(desk)


# ---- Schools forum ---------------------------------------------------------------------------------------------------


def _survey(desk: Desk) -> Iterator[Line]:
    """Answers add up to the responses; each printed share beside its own count (F1)."""
    base = desk.printed(SURVEY, "survey_responses", DAY)
    counts = [desk.printed(SURVEY, "survey_responses", DAY, RATE.format(name)) for name in ANSWERS]
    if base is None or any(count is None for count in counts):
        return
    parts: list[Figure] = [count for count in counts if count is not None]
    made = made_figure("survey_answers_together", added, "+", *parts)
    yield from desk.sum("F1", "Answers on the rate", base, made)
    asked = ((OFFER, "Offer agreed"), *((RATE.format(name), f"Rate {name}") for name in ANSWERS))
    for name, what in asked:
        printed, count = (
            desk.printed(SURVEY, measure, DAY, name) for measure in ("survey_responses_pct", "survey_responses")
        )
        if printed is not None and count is not None:
            yield from desk.sum("F1", f"{what}, share", printed, _share(count, base))
    shares = [desk.printed(SURVEY, "survey_responses_pct", DAY, RATE.format(name)) for name in ANSWERS]
    held = [each for each in shares if each is not None]
    if len(held) == len(ANSWERS):
        whole, all_of = made_figure("survey_shares_together", added, "+", *held), _share(base, base)
        slack = sum(map(half_step, held))
        yield from desk.sum("F1", "Printed shares on the rate together", whole, all_of, slack=slack)


def _share(count: Figure, base: Figure) -> Figure:
    """A share of the responses, to a hundredth: a tenth would hide which way it rounds."""
    made = share(count, base, f"survey_share.{count.id.partition('.')[2]}", "survey_share")
    return made if count is base else replace(made, places=2)


def _forum(desk: Desk) -> Iterator[Line]:
    """What is passed through and kept is the whole (F2); two rules without their inputs (F3)."""
    kept, limit, passed = (
        desk.printed(FORUM, f"early_years_{name}_pct", NEWEST)
        for name in ("central_retention", "central_retention_limit", "pass_through")
    )
    if kept is not None and passed is not None:
        made = made_figure("passed_through_as_kept_leaves", lambda each: 100 - each, "100 - {0}", kept)
        yield from desk.sum("F2", "Early years funding passed through", passed, made)
    yield from desk.sum("F2", "Early years funding kept, and its limit", limit, kept)
    missing = "Per-pupil funding and days are not printed (excluded_pupils.csv)."
    yield from desk.unchecked("F3", "Excluded pupils, recoupment", FORUM, missing)
    missing = "Schools' budgets and pupils are not printed (notional_budgets.csv)."
    yield from desk.unchecked("F3", "Notional budgets, shortfall", FORUM, missing)


# ---- TSIL update -----------------------------------------------------------------------------------------------------


def _growth(desk: Desk) -> Iterator[Line]:
    """Growth in plans by the printed counts, and both beside the published Januaries (T1, T2); timeliness (T3)."""
    for first, last, item in SPANS:
        before, after = (desk.printed(TSIL, "ehc_plans", year) for year in (first, last))
        told = desk.printed(TSIL, "ehc_plans_change_pct", f"{first}/{last}")
        if before is None or after is None or told is None or not (before.value and after.value):
            continue
        yield from desk.sum(
            item, f"Growth of plans, {first} to {last}", told, growth("plans_growth_printed", after, before)
        )
        for printed in (before, after) if item == "T1" else (after,):
            yield from _count_beside(desk, item, printed)
        yield from _growth_elsewhere(desk, item, first, last)
    after = desk.printed(TSIL, "within_20_weeks_pct", UPDATE, "After service reset")
    missing = "Neither days nor plans issued are printed."
    if after is not None:
        yield from desk.unchecked("T3", "Issued within 20 weeks, after reset", TSIL, missing, printed=after)


def _count_beside(desk: Desk, item: str, printed: Figure) -> Iterator[Line]:
    """A printed count beside the January that its label names, and the January it is nearest to."""
    [match] = fit(plans_by_january(desk.facts, desk.area), [(int(printed.period), printed.value)])  # type: ignore
    near = f"Nearest: January {match.year}." if match.near else ""
    published = desk.facts.get("ehc_plans", desk.area, printed.period)
    yield from desk.published(item, f"Plans, {printed.period}", printed, published, near)


def _growth_elsewhere(desk: Desk, item: str, first: str, last: str) -> Iterator[Line]:
    """England's and the region's growth beside the labelled Januaries, and the pair of Januaries that gives both."""
    facts = desk.facts
    areas = (facts.england, facts.region)
    told = {area.name: desk.printed(TSIL, "ehc_plans_change_pct", f"{first}/{last}", area.name) for area in areas}
    if any(each is None for each in told.values()):
        return
    series = {area.name: plans_by_january(facts, area) for area in areas}
    pairs = spans_of_growth(series, {name: each.value for name, each in told.items()})  # type: ignore
    note = f"January {pairs[0][0]} to January {pairs[0][1]} gives it." if len(pairs) == 1 else ""
    for area in areas:
        made = growth("plans_growth_published", *(facts.get("ehc_plans", area, year) for year in (last, first)))
        yield from desk.published(item, f"Growth of plans, {area.name}", told[area.name], made, note)


def _money(desk: Desk) -> Iterator[Line]:
    """Spend over grant, the rise of the deficit, and what the programme brings (T4 to T7)."""
    for year in (NEWEST, "2027-28"):
        over = desk.printed(TSIL, "high_needs_spend_over_grant_pct", year)
        if over is not None:
            missing = "Neither spend nor grant is printed (budget.csv)."
            yield from desk.unchecked("T4", f"Spend over grant, {year}", TSIL, missing, printed=over)
    ends = [desk.printed(TSIL, "high_needs_cumulative_deficit", day) for day in ("2025-03-31", "2028-03-31")]
    gap = desk.printed(TSIL, "high_needs_funding_gap_per_year", "2024-25/2027-28")
    if gap is not None and ends[0] is not None and ends[1] is not None:
        made = made_figure(
            "deficit_rise_a_year", lambda start, end: yearly_mean(end - start, DEFICIT_YEARS),
            f"({{1}} - {{0}}) / {DEFICIT_YEARS}", *ends, period=gap.period,
        )  # fmt: skip
        yield from desk.sum("T5", "Gap a year, by the rise of the deficit", gap, made)
    saved = desk.printed(TSIL, "tsil_cost_reductions", "2022-23/2028-29")
    if saved is not None:
        missing = "Reductions by year and scheme are not printed (savings.csv)."
        yield from desk.unchecked("T6", "Cost reductions", TSIL, missing, printed=saved)
    sampled = desk.printed(TSIL, "sencos_using_toolkit_pct", UPDATE, "Sampled SENCos")
    if sampled is not None:
        yield from desk.unchecked(
            "T7", "Sampled SENCos using the toolkit", TSIL, "The sample's size is not printed.", printed=sampled
        )


# ---- Development plan ------------------------------------------------------------------------------------------------


def _places(desk: Desk) -> Iterator[Line]:
    """Places still to come, less those of the one school that is named as still to open (H1)."""
    built = desk.printed(PLAN, "sufficiency_places", "2021", "Developed")
    ready = desk.printed(PLAN, "sufficiency_places", "2021", "Available from the autumn term")
    named = desk.printed(PLAN, "new_school_places", "2023-09", "Bowman SEMH Academy")
    if built is None or ready is None or named is None:
        return
    made = made_figure(
        "places_not_named", lambda whole, ready, one: whole - ready - one, "{0} - {1} - {2}", built, ready, named
    )
    missing = "Which places these are is not printed."
    yield from desk.unchecked("H1", "Places to come beyond the school named", PLAN, missing, made=made)


def _changes(desk: Desk) -> Iterator[Line]:
    """Changes on an original plan whose amounts are not printed (H2), of placements (H3), and a transfer (H4)."""
    for name, what in (
        ("high_needs_dsg", "Grant"), ("planned_savings", "Savings"), ("high_needs_costs", "Costs"),
        ("high_needs_placements", "Placements"),
    ):  # fmt: skip
        now, pct = (desk.printed(PLAN, each, NEWEST) for each in (name, f"{name}_change_on_original_plan_pct"))
        if now is not None and pct is not None:
            base = made_figure(f"{name}_of_original_plan", base_from_change, "{0} / (1 + {1} / 100)", now, pct)
            missing = "The original amount is not printed."
            yield desk.line("H2", f"{what}, original plan", None, base, UNCHECKED, missing)
    grant, costs = (desk.printed(PLAN, name, NEWEST) for name in ("high_needs_dsg", "high_needs_costs"))
    if grant is not None and costs is not None:
        made = made_figure("grant_less_costs", operator.sub, "{0} - {1}", grant, costs)
        missing = "Whether the two are of one kind is not said."
        yield from desk.unchecked("H2", "Grant less costs", PLAN, missing, made=made)
    yield from _since_2019(desk)
    cost = desk.printed(PLAN, "deficit_increase_without_schools_block_transfer", "2022-23")
    pct = desk.printed(PLAN, "schools_block_transfer_pct", "2022-23")
    if cost is not None and pct is not None:
        block = made_figure("schools_block_implied", whole_from_share, "100 * {0} / {1}", cost, pct)
        missing = "The schools block is not printed (block_transfer.csv)."
        yield from desk.unchecked("H4", "Schools block, implied by the transfer", PLAN, missing, made=block)
    end = desk.printed(PLAN, "high_needs_deficit_at_plan_end", "2021-22/2024-25")
    if end is not None:
        yield from desk.unchecked("H4", "Deficit over four years", PLAN, "Its years are not printed.", printed=end)


def _since_2019(desk: Desk) -> Iterator[Line]:
    """The rise of placements since April 2019, on the plans published for that January (H3)."""
    now = desk.printed(PLAN, "high_needs_placements", NEWEST)
    told = desk.printed(PLAN, "high_needs_placements_change_pct", "2019-04/2025-03")
    plans = desk.facts.get("ehc_plans", desk.area, "2019")
    if now is None or told is None:
        return
    if not plans.known:
        yield from desk.published("H3", "Rise of placements since 2019", told, plans)
        return
    like = {"unit": "%", "places": 1, "period": told.period}
    made = made_figure("placements_on_plans_published", pct_change, "100 * ({1} / {0} - 1)", plans, now, **like)
    note = "On plans published for January 2019; no base is printed."
    yield from desk.published("H3", "Rise of placements since 2019", told, made, note)
