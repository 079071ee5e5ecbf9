"""Kent's report on its Safety Valve programme, figure by figure (K1 to K15)."""

from collections.abc import Iterator

from highneeds.figures import Figure
from highneeds.models.deficit.arithmetic import pct_change
from highneeds.models.deficit.checks import Growth, checks, growth_checks, sign_that_reconciles
from highneeds.models.deficit.printed import ACCUMULATED, GROWTH, SAVINGS, SPEND, TOTAL
from highneeds.models.deficit.rounded import DOES_NOT_ADD_UP, growth_range, growth_verdict
from highneeds.models.paper_figures import growth, made_figure, opening_of, rolled_of
from highneeds.models.reconcile.desk import Desk, in_millions
from highneeds.models.reconcile.line import Line, half_step
from highneeds.models.spans import fit, fit_ages, plans_by_january, plans_of_school_age
from highneeds.months import monthly_table
from highneeds.sources.citations import paper_and_place

PROGRESS, MONTHS, IN_TIME = "progress_summary", "requests_by_month_and_area", "timeliness_by_month"
STATED, PLAN, BY_TYPE = "stated_figures", "dsg_projection", "high_needs_spend"
YEARS = ("2023", "2024")  # labels of the table of progress
SPAN, END = "2025-26/2027-28", "2028-03-31"


def lines(desk: Desk) -> Iterator[Line]:
    """Every line that the printed tables at hand allow, in the paper's order."""
    yield from desk.unchecked("K1", "Plans on past trends, a graph", STATED, "The graph's numbers are not printed.")
    yield from _requests(desk)
    yield from _in_time(desk)
    yield from desk.unchecked("K4", "Specialist places, a graph", STATED, "The graph's numbers are not printed.")
    yield from _progress(desk)
    yield from _fall(desk)
    fees = desk.printed(
        STATED, "placement_fee_spend_avoided", "2024-25", "Non-maintained and independent special schools"
    )
    yield from desk.unchecked("K7", "Fee rises avoided", STATED, "Fees asked and agreed are not printed.", printed=fees)
    yield from _by_type(desk)
    yield from _plan(desk)
    yield from _savings(desk)
    yield from _residual(desk)
    yield from _lost(desk)
    yield from _growth(desk, "K13", "exceptional_pupil_need_funding", "Exceptional pupil need", TOTAL)
    yield from _growth(desk, "K14", "mainstream_top_up_funding", "Mainstream top-up", "SEN Support cases")
    yield from _ruled_out(desk)


# ---- Demand ----------------------------------------------------------------------------------------------------------


def _requests(desk: Desk) -> Iterator[Line]:
    """Monthly totals of requests; and the two months that the year implies but the table does not hold (K2)."""
    if not desk.has(MONTHS):
        return
    facts = desk.facts
    table = monthly_table(
        desk.tables[MONTHS], authority=desk.area.name, area_code=desk.area.code, dated=desk.dated, as_at=facts.as_at
    )
    if table is None:
        return
    held = [month for month in table.months if month not in table.disagreeing]
    yield desk.count("K2", "Monthly totals of requests", table.printed[table.months[0]], table.months, held)
    yield from _months_left(desk, [table.printed[month] for month in table.months])


def _months_left(desk: Desk, months: list[Figure]) -> Iterator[Line]:
    whole = desk.printed(PROGRESS, "ehc_requests", YEARS[1])
    within = [figure for figure in months if figure.period.startswith(YEARS[1])]
    after = [figure for figure in months if figure.period > f"{YEARS[1]}-12"]
    if whole is None or len(within) != 10 or len(after) < 2:
        return
    how = "{0} - " + " - ".join(f"{{{at}}}" for at in range(1, len(within) + 1))
    left = made_figure(
        "requests_of_months_not_printed", lambda year, *rest: year - sum(rest), how, whole, *within,
        period=f"{YEARS[1]}-01 to {YEARS[1]}-02",
    )  # fmt: skip
    yield from desk.unchecked(
        "K2",
        "Requests of the two months not printed",
        MONTHS,
        "Implied by the year's total, if of one source.",
        made=left,
    )


def _in_time(desk: Desk) -> Iterator[Line]:
    """Rates of single months, without the plans they are of (K3)."""
    rows = desk.tables[IN_TIME] if desk.has(IN_TIME) else None
    for month in [] if rows is None else sorted(rows["period"].unique()):
        printed = desk.printed(IN_TIME, "within_20_weeks_pct", month)
        yield from desk.unchecked(
            "K3",
            f"Issued within 20 weeks, {month}",
            IN_TIME,
            "Plans issued in the month are not printed.",
            printed=printed,
        )


def _progress(desk: Desk) -> Iterator[Line]:
    """The table of progress beside the published years that it is nearest to (K5)."""
    counts = [desk.printed(PROGRESS, "ehc_plans", year) for year in YEARS]
    if any(figure is None or not figure.value for figure in counts):
        return
    matches = fit(plans_by_january(desk.facts, desk.area), [(int(f.period), f.value) for f in counts])  # type: ignore
    for printed, match in zip(counts, matches, strict=True):
        january = str(match.year)
        published = desk.facts.get("ehc_plans", desk.area, january)
        yield from desk.published("K5", f"Plans, under {match.label}", printed, published, f"January {january}.")
        yield from _of_school_age(desk, str(match.label), january)
    for year in YEARS:
        for measure, what, paper in (
            ("requests_received", "Requests", "ehc_requests"),
            ("within_20_weeks_excluding_exceptions_pct", "Within 20 weeks", "within_20_weeks_pct"),
        ):
            printed, published = desk.printed(PROGRESS, paper, year), desk.facts.get(measure, desk.area, year)
            yield from desk.published("K5", f"{what}, {year}", printed, published, f"Calendar {year}.")
    support = desk.printed(PROGRESS, "sen_support_pupils", YEARS[1])
    missing = "Counts on the paper's basis are not published."
    if support is not None:
        yield from desk.unchecked("K5", "SEN Support, under 2024", PROGRESS, missing, printed=support)


def _of_school_age(desk: Desk, label: str, january: str) -> Iterator[Line]:
    """Plans of statutory school age beside ages 5 to 15; the ages they are nearest to, where these are others."""
    printed = desk.printed(PROGRESS, "ehc_plans_statutory_school_age", label)
    if printed is None:
        return
    ages = {age: desk.facts.get("ehc_plans", desk.area, january, f"age {age}") for age in range(3, 17)}
    found = fit_ages({age: each.value for age, each in ages.items() if each.known}, printed.value)  # type: ignore
    near = f"Nearest: ages {found[0]} to {found[1]} in January {january}." if found else f"January {january}."
    published = plans_of_school_age(desk.facts, desk.area, january)
    yield from desk.published("K5", f"Plans of school age, under {label}", printed, published, near)


def _fall(desk: Desk) -> Iterator[Line]:
    """The fall of requests as stated, on the paper's own count and on the published one (K6)."""
    stated = desk.printed(STATED, "ehc_requests_change_pct", YEARS[1])
    before, now = (desk.printed(PROGRESS, "ehc_requests", year) for year in YEARS)
    if stated is None or before is None or now is None:
        return
    yield from desk.sum("K6", "Fall of requests, own count", stated, growth("requests_growth_own", now, before))
    first, last = (desk.facts.get("requests_received", desk.area, year) for year in YEARS)
    yield from desk.published(
        "K6", "Fall of requests, published count", stated, growth("requests_growth_published", last, first)
    )


# ---- Money -----------------------------------------------------------------------------------------------------------


def _by_type(desk: Desk) -> Iterator[Line]:
    """Spend by type and its growth (K8)."""
    yield from desk.totals("K8", BY_TYPE, {})
    plan = desk.plan(BY_TYPE)
    for each in growth_checks(plan) if plan is not None else ():
        now, before = _two_years(desk, each)
        printed = desk.cell(BY_TYPE, plan.cells[GROWTH, TOTAL, each.period])  # type: ignore[union-attr]
        comment = "More than rounding allows." if each.verdict == DOES_NOT_ADD_UP else ""
        what = f"Growth of spend, {each.period}"
        yield desk.line("K8", what, printed, growth("high_needs_spend_growth", now, before), each.verdict, comment)


def _two_years(desk: Desk, each: Growth) -> tuple[Figure, Figure]:
    plan = desk.plan(BY_TYPE)
    years = plan.years  # type: ignore[union-attr]
    pair = each.period, years[years.index(each.period) - 1]
    now, before = (desk.cell(BY_TYPE, plan.cells[SPEND, TOTAL, year]) for year in pair)  # type: ignore[union-attr]
    return now, before


def _plan(desk: Desk) -> Iterator[Line]:
    """The projection: totals, the balance before it, and the spend of a year that two tables print (K9)."""
    plan, history = desk.plan(PLAN), desk.plan(BY_TYPE)
    if plan is None:
        return
    turned = {
        (check.total.measure, check.total.period): f"Adds up if the sign of the {_lower(cell.name)} is turned."
        for check in checks(plan)
        if (cell := sign_that_reconciles(check)) is not None
    }
    yield from desk.totals("K9", PLAN, turned)
    opening = opening_of(desk.tables[PLAN], desk.area, PLAN, plan)
    if opening is not None:
        published = in_millions(desk.facts.get("dsg_balance", desk.area, opening.period))
        what, note = "Balance brought forward, implied", f"{opening.when.removeprefix('on ')}."
        yield from desk.published("K9", what, opening, published, note)
    for year in plan.years if history is not None else ():
        here, there = plan.total(SPEND, year), history.total(SPEND, year)  # type: ignore[union-attr]
        if here is not None and there is not None:
            what, note = f"Spend {year}, in two tables", "The table by type prints another total."
            yield from desk.sum("K9", what, desk.cell(PLAN, here), desk.cell(BY_TYPE, there), comment=note)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if not text.startswith("DfE") else text


def _savings(desk: Desk) -> Iterator[Line]:
    """Savings to be found: the target, the lines of the plan, and the yearly amount in words (K10)."""
    target = desk.printed(STATED, "unattributed_savings_target", SPAN)
    yearly = desk.printed(STATED, "unattributed_savings_target_per_year", SPAN)
    plan = desk.plan(PLAN)
    cells = [] if plan is None else [cell for year in plan.years for cell in plan.parts(SAVINGS, year)]
    if target is not None and cells:
        parts = [desk.cell(PLAN, cell) for cell in cells]
        how = f"-({' + '.join(f'{{{at}}}' for at in range(len(parts)))})"
        made = made_figure("planned_savings_of_lines", lambda *each: -sum(each), how, *parts, period=target.period)
        slack = sum(map(half_step, parts))
        yield from desk.sum("K10", "Savings target and the plan's lines", target, made, slack=slack)
    if target is not None and yearly is not None:
        made = made_figure("savings_by_year", lambda each: 3 * each, "3 * {0}", yearly)
        yield from desk.sum("K10", "Savings target and the yearly amount", target, made, slack=3 * half_step(yearly))


def _residual(desk: Desk) -> Iterator[Line]:
    """The deficit left in the end, as several paragraphs print it, and by the plan's own lines (K11)."""
    plan = desk.plan(PLAN)
    rolled = rolled_of(desk.tables[PLAN], desk.area, PLAN, plan) if plan is not None else {}
    stated = desk.all(STATED, "dsg_residual_deficit", END)
    if not rolled or not stated:
        return
    last, why = list(rolled.values())[-1], "By the plan's own net and contributions."
    slack = max((float(c.rounding) for c in checks(plan) if c.total.measure == ACCUMULATED), default=0.0)  # type: ignore
    for at, printed in enumerate(stated):
        yield from desk.sum(
            "K11", f"Deficit left, {'said again' if at else 'stated'}", printed, last, slack=slack, comment=why
        )
    low = desk.printed(STATED, "dsg_residual_deficit_low", END)
    note = f"{paper_and_place(stated[-1].source)[1]} gives that as the least.".capitalize()
    yield from desk.sum("K11", "Deficit left, lower end of range", low, stated[-1], comment=note)
    path = desk.printed(STATED, "dsg_accumulated_deficit_historic_trends", END)
    yield from desk.unchecked(
        "K11", "Deficit on past trends", STATED, "The path's years are not printed.", printed=path
    )


def _lost(desk: Desk) -> Iterator[Line]:
    """Savings lost because schools open late (K12)."""
    missing = "Places and the difference in cost are not printed (capacity.csv, unit_costs.csv)."
    for period, what in (("2024-25", "Saving lost, first year"), ("2024-25/2027-28", "Saving lost, all years")):
        printed = desk.printed(STATED, "new_special_school_delay_lost_saving", period)
        if printed is not None:
            yield from desk.unchecked("K12", what, STATED, missing, printed=printed)


def _growth(desk: Desk, item: str, name: str, label: str, breakdown: str) -> Iterator[Line]:
    """A printed change beside the one that its two printed amounts make (K13, K14)."""
    before, after = (desk.printed(STATED, name, year, breakdown) for year in ("2022-23", "2024-25"))
    told = desk.printed(STATED, f"{name}_change_pct", "2022-23/2024-25", breakdown)
    if before is None or after is None or told is None:
        return
    how, like = "100 * ({1} / {0} - 1)", {"unit": "%", "places": 1, "period": told.period}
    made = made_figure(f"{name}_growth", pct_change, how, before, after, **like)
    allowed = growth_range(before.value, after.value, step=10 ** -min(before.places, after.places))  # type: ignore
    verdict = growth_verdict(allowed, told.value, step=10**-told.places)  # type: ignore[arg-type]
    yield desk.line(item, f"Growth of {label[0].lower() + label[1:]}", told, made, verdict)


def _ruled_out(desk: Desk) -> Iterator[Line]:
    """What options that were ruled out would have brought (K15)."""
    missing = "How it was estimated is not printed."
    for measure, period, breakdown, what in (
        ("specialist_teaching_and_learning_service_saving", "2025-26", TOTAL, "Teaching service, transfer"),
        (
            "pupils_movable_from_special_schools", "2025-03-18",
            "Special to mainstream and independent to state-funded special", "Pupils who might move",
        ),
        ("mainstream_funding_without_ehc_plan", "2024-25", "Children without an EHCP", "Funding without a plan"),
        ("sen_support_services_cessation_saving", "2025-03-18", "Non-statutory services", "Services that might end"),
    ):  # fmt: skip
        printed = desk.printed(STATED, measure, period, breakdown)
        if printed is not None:
            yield from desk.unchecked("K15", what, STATED, missing, printed=printed)
