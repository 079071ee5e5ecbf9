"""Timeliness to come: what is told of pace, queue and change follows the outcome, and nothing small is told."""

import json
import re
from dataclasses import replace
from statistics import mean, median

import pytest

from highneeds.charts.curves import LineAhead, weeks_ahead_chart
from highneeds.disclosure.policy import Policy
from highneeds.errors import ParamsError
from highneeds.models.queue import clearance as models
from highneeds.models.queue.clearance import NEW_FIRST, OLDEST_FIRST, SPLIT_TEAMS, QueueInputs, clearance
from highneeds.models.queue.inputs import inputs_from
from highneeds.models.queue.nowcast import nowcast
from highneeds.models.queue.weekly_queue import Trace
from highneeds.sections import open_page, timeliness
from highneeds.sections.page import Page
from highneeds.sections.released import DUE, ISSUED, TOTAL, WITHIN
from tests.conftest import DEMO_DAY, ROOT


@pytest.fixture(scope="module")
def opened(demo_cases):
    """The section's page on Kent with invented cases, read once."""
    return open_page("timeliness", "t", "q?", authority="Kent", cases=str(demo_cases / "blade_csv"))


@pytest.fixture
def page(opened, monkeypatch):
    """A page of its own for each test, on the same cases; few runs behind each range, for speed."""
    monkeypatch.setattr(models, "PATHS", 40)
    return Page("timeliness", "t", "q?", 1, opened.facts, opened.papers, opened.local)


def bare(facts):
    """A page without case data."""
    return Page("timeliness", "t", "q?", 1, facts, None)


def said(page):
    """Sentences of a page by the last part of their id."""
    return {claim.id.removeprefix("timeliness."): claim.text for claim in page.claims}


def days(local):
    """Trace of a number counted from 100 cases, 40 of them of the first kind."""
    return {"numerator": 40, "denominator": 100, "first": local.day, "last": local.day, "says": ""}


def by_hand(page, **given):
    """Inputs typed in: 200 cases wait, 30 of them overdue, ten requests a week, half of which lead to a plan."""
    traces = [Trace(name, 0.0, **days(page.local)) for name in ("intake", "share", "capacity", "backlog_share")]
    like = {
        "queue": (8.0,) * 21 + (0.0,) * 4 + (15.0, 15.0),
        "intake": 10.0,
        "share": 0.5,
        "capacity": 6.0,
        "order": SPLIT_TEAMS,
        "past_issued": (5.0,) * 52,
        "past_on_time": (4.0,) * 52,
        "at": page.local.day,
        "traces": tuple(traces),
    }
    return QueueInputs(**(like | given))


def told_of(page, monkeypatch, **given):
    """What the page says of a queue whose inputs are typed in."""
    monkeypatch.setattr(timeliness.clearance, "measured", lambda local: (13, by_hand(page, **given)))
    return timeliness.clearance.ahead(page), said(page)


# ---- The pace --------------------------------------------------------------------------------------------------------


def test_the_pace_is_told_as_a_range_before_the_point(page):
    """A reader who stops early has read the range."""
    made = nowcast(page.local.journeys, page.local.day)
    timeliness.outlook.nowcast(page)

    low, high, point = (f"{value:.0f}" for value in (made.lower80, made.upper80, made.value))
    told = said(page)["pace"]
    assert told.startswith(
        f"If the pace of the last {made.weeks} weeks continued, between {low} and {high} of 100 plans"
    )
    assert f"(8-in-10 range; most likely {point};" in told


def test_the_pace_stands_beside_the_published_way_and_the_plans_due(page):
    """The three shares differ by what they count, so each counted one has its two counts."""
    shown = page.local.shown
    timeliness.outlook.nowcast(page)

    def months(table, last):
        return [month for month in shown.labels(table, "period") if month not in shown.unsure[table]][-last:]

    issued = [
        sum(shown.value(ISSUED, period=month, within_20_weeks=kind)[0] for month in months(ISSUED, 12))
        for kind in (WITHIN, TOTAL)
    ]
    due = [
        sum(shown.value(DUE, period=month, by_due_day=kind)[0] for month in months(DUE, 3)) for kind in (WITHIN, TOTAL)
    ]
    assert f"of {issued[1]:,.0f} plans issued in" in said(page)["pace_beside_1"]
    assert f"{issued[0]:,.0f} ({100 * issued[0] / issued[1]:.1f}%)" in said(page)["pace_beside_1"]
    assert f"of {due[1]:,.0f} plans that fell due in" in said(page)["pace_beside_2"]
    assert f"{due[0]:,.0f} ({100 * due[0] / due[1]:.1f}%)" in said(page)["pace_beside_2"]


def test_the_pace_has_its_caution_and_its_trace(page):
    """A nowcast without 'the pace itself may change' would be read as a promise."""
    timeliness.outlook.nowcast(page)

    made = [figure for figure in page.figures.values() if ".nowcast." in figure.id]
    assert "not a change of pace" in said(page)["pace_caution"]
    assert {"f"} == {figure.status for figure in made}
    assert all("Aalen-Johansen" in f.reference and f"origin {DEMO_DAY}" in f.reference for f in made)
    assert all("docs/methods.md" in figure.reference for figure in made)


def test_counts_of_the_window_are_told_to_the_nearest_ten(page):
    """Six weeks of plans beside the released months would give away the few days between them."""
    made = nowcast(page.local.journeys, page.local.day)
    block = timeliness.outlook.nowcast(page)

    assert made.events % 10 and made.at_risk % 10
    assert not re.search(rf"\b{made.events}\b|\b{made.at_risk:,}\b", block.markup)
    assert f"about {round(made.events, -1)} plans" in said(page)["pace"]
    assert not {made.events, made.at_risk} & {figure.value for figure in page.figures.values()}


@pytest.mark.parametrize(
    ("before", "word"), [(10.0, "become faster"), (99.9, "become slower"), (92.0, ""), (float("nan"), "")]
)
def test_a_changing_pace_is_told_only_where_the_window_before_lay_outside(page, monkeypatch, before, word):
    """Work that gets faster makes the estimate too low, and the reader must know."""
    made = replace(nowcast(page.local.journeys, page.local.day), before=before)
    monkeypatch.setattr(timeliness.outlook, "estimate", lambda *_: made)

    timeliness.outlook.nowcast(page)

    assert word in said(page).get("pace_moving", "")
    assert bool(word) == ("pace_moving" in said(page))


@pytest.mark.parametrize(("events", "why"), [(3, "fewer than 100 plans"), (120, "fewer than 10 requests were open")])
def test_a_refused_pace_says_why_without_its_small_counts(page, monkeypatch, events, why):
    """`3 plans were issued` would be a small count in a report that shows none."""
    made = replace(nowcast(page.local.journeys, page.local.day), refusal=f"{events} plans were issued.", events=events)
    monkeypatch.setattr(timeliness.outlook, "estimate", lambda *_: made)

    block = timeliness.outlook.nowcast(page)

    assert why in said(page)["pace_refused"] and why in said(page)["unknown_pace"]
    assert f"{events} plans" not in block.markup
    assert timeliness.outlook.headline(page) is None


def test_the_answer_ends_with_the_pace(page):
    """The question is about children, so the answer is not left to the published rate alone."""
    timeliness.rate.answer(page)

    assert "timeliness.answer_pace" == page.answers[-1].id


# ---- The queue -------------------------------------------------------------------------------------------------------


def test_a_queue_that_ends_is_told_with_its_range(page, monkeypatch):
    """Week, month and range come from the run, not from the words."""
    made = clearance(by_hand(page, capacity=9.0), needed_by=52)
    _, told = told_of(page, monkeypatch, capacity=9.0)

    ends = f"between week {made.ends_lower80} and week {made.ends_upper80}"
    assert made.ends_week and made.ends_week <= 52
    assert f"{ends} (8-in-10 range; most likely week {made.ends_week}," in told["queue_end"]
    assert "queue_needed" not in told


def test_a_queue_that_does_not_end_is_told_with_the_capacity_that_would_end_it(page, monkeypatch):
    """`It never ends` is no help by itself."""
    made = clearance(by_hand(page, capacity=4.0), needed_by=52)
    block, told = told_of(page, monkeypatch, capacity=4.0)

    assert "would not end within two years" in told["queue_end"]
    assert f"{made.capacity_needed:.1f} plans would have to be issued every week; 4.0 a week" in told["queue_needed"]
    assert "would not end within two years" in told["overdue_title"]
    assert made.warnings[0] == told["queue_warning_1"] and "never ends" in block.markup


def test_overdue_cases_that_wait_for_nobody_are_not_called_a_queue(page, monkeypatch):
    """Cases held up for a recorded reason do not get faster with more hands."""
    slow = {"queue": (2.0,) * 21 + (0.0,) * 9 + (15.0,), "ready": {16: 0.5, 60: 0.5}, "capacity": 30.0, "share": 1.0}
    held = clearance(by_hand(page, **slow))
    monkeypatch.setattr(
        timeliness.clearance_figures,
        "clearance",
        lambda inputs, **_: replace(held, inputs=inputs, ends_week=0, ends_lower80=0),
    )
    _, told = told_of(page, monkeypatch, **slow)

    assert told["queue_end"].startswith("No overdue case waits for hands alone")
    assert "waits for hands alone" in told["overdue_title"]
    assert not {"queue_needed", "queue_others"} & set(told)


def test_no_overdue_case_is_one_sentence(page, monkeypatch):
    """There is nothing to clear, so nothing is drawn."""
    none = replace(timeliness.queue.waiting(page), value=0.0)
    monkeypatch.setattr(timeliness.queue, "waiting", lambda page: none)

    block = timeliness.clearance.ahead(page)

    assert "On 18 March 2025 no open request had waited more than 20 weeks" in said(page)["no_queue"]
    assert "<img" not in block.markup and "<table" not in block.markup


def test_a_hidden_queue_stays_hidden(page, monkeypatch):
    """The first point of the chart would be the count that the released tables hide."""
    hidden = replace(timeliness.queue.waiting(page), value=None, status="c")
    monkeypatch.setattr(timeliness.queue, "waiting", lambda page: hidden)

    block = timeliness.clearance.ahead(page)

    assert "is not shown, to protect individuals" in said(page)["no_outlook"]
    assert "<img" not in block.markup and not page.figures


@pytest.mark.parametrize(
    ("plans", "why"), [(3, "fewer than 30 plans were issued in the last 52 weeks"), (40, "too few requests")]
)
def test_inputs_that_cannot_be_measured_are_one_sentence(page, monkeypatch, plans, why):
    """The model's own refusal holds counts; the section's says which it was without them."""

    def refuse(*_, **__):
        raise ParamsError(f"{plans} plans issued")

    monkeypatch.setattr(timeliness.clearance_figures, "inputs_from", refuse)
    issued = page.local.journeys["issued_date"]
    kept = issued.where(issued.index.isin(issued[issued.gt("2024-06-01")].index[:plans]))
    monkeypatch.setitem(page.local.__dict__, "journeys", page.local.journeys.assign(issued_date=kept))

    block = timeliness.clearance.ahead(page)

    assert why in said(page)["no_outlook"]
    assert f"{plans} plans" not in block.markup.replace("30 plans", "")


@pytest.mark.parametrize(("late", "weeks"), [({13: 20, 26: 40, 52: 90}, 13), ({13: 3, 26: 9, 52: 20}, 26)])
def test_the_pace_of_work_is_measured_over_weeks_without_small_counts(page, monkeypatch, late, weeks):
    """`13% of 23 plans` tells of three children."""

    def measured(*_, weeks):
        traces = {trace.name: trace for trace in by_hand(page).traces}
        traces["backlog_share"] = replace(traces["backlog_share"], numerator=late[weeks])
        return by_hand(page, traces=tuple(traces.values()))

    monkeypatch.setattr(timeliness.clearance_figures, "inputs_from", measured)

    assert weeks == timeliness.clearance_figures.measured(page.local)[0]


def test_an_input_on_a_few_cases_in_every_window_is_refused(page, monkeypatch):
    """Better no outlook than one whose table counts three children."""
    few = [Trace(name, 0.0, **(days(page.local) | {"numerator": 3})) for name in ("share", "backlog_share")]
    inputs = by_hand(page)
    monkeypatch.setattr(
        timeliness.clearance_figures,
        "inputs_from",
        lambda *_, **__: replace(inputs, traces=(*inputs.traces[:3], few[1])),
    )

    assert timeliness.clearance_figures.FEW_CASES == timeliness.clearance_figures.measured(page.local)
    timeliness.clearance.ahead(page)
    assert "rest on so few cases" in said(page)["no_outlook"]


def test_plans_with_a_rare_exception_are_not_told_apart(page, monkeypatch):
    """`3% from week 40` of 88 plans are three children; they stand with the others, and so in the sum."""
    inputs = by_hand(page, ready={14: 0.97, 40: 0.03}, backlog_share=0.0)
    rare = Trace("exceptions", 0.03, **(days(page.local) | {"numerator": 3}))
    monkeypatch.setattr(
        timeliness.clearance_figures, "inputs_from", lambda *_, **__: replace(inputs, traces=(*inputs.traces, rare))
    )

    _, actual = timeliness.clearance_figures.measured(page.local)

    assert ({14: 1.0}, NEW_FIRST) == (actual.ready, actual.order)


def test_every_input_and_every_assumption_is_printed(page):
    """A sum whose inputs cannot be seen cannot be argued with."""
    block = timeliness.clearance.ahead(page)
    inputs = inputs_from(page.local.journeys, page.local.day)
    _, kept = timeliness.clearance_figures.measured(page.local)
    [sheet] = [sheet for sheet in page.sheets.values() if sheet["slug"].endswith("queue-inputs")]
    cells = {row[0]: row[1]["value"] for row in sheet["rows"]}

    assert round(inputs.intake, 1) == cells["Requests a week"]
    assert round(inputs.capacity, 1) == cells["Plans issued a week (capacity)"]
    assert round(100 * inputs.share) == cells["Requests that lead to a plan (%)"]
    for assumption in clearance(replace(kept, order=SPLIT_TEAMS)).assumptions:
        assert assumption in re.sub(r"<[^>]+>", "", block.markup)


def test_the_start_is_the_released_count_and_every_later_number_a_forecast(page):
    """Week nought is counted; what follows is status f, with model, origin and the page of methods."""
    timeliness.clearance.ahead(page)
    late = timeliness.queue.waiting(page)

    [sheet] = [sheet for sheet in page.sheets.values() if sheet["slug"].endswith("overdue-ahead")]
    made = [figure for figure in page.figures.values() if ".forecast." in figure.id]
    assert {late.value} == {cell["value"] for cell in sheet["rows"][0][1:]}
    assert made and {"f"} == {figure.status for figure in made}
    assert all(f"origin {DEMO_DAY}" in f.reference and "docs/methods.md" in f.reference for f in made)
    assert "the authority's own case data" not in {figure.source for figure in made}  # the invented say so


def test_numbers_to_come_below_the_policy_are_not_told_finer(page, monkeypatch):
    """An expected two cases of a small authority is neither a count nor worth its precision."""
    block, _ = told_of(page, monkeypatch)

    [sheet] = [sheet for sheet in page.sheets.values() if sheet["slug"].endswith("overdue-ahead")]
    cells = [cell for row in sheet["rows"] for cell in row[1:]]
    assert "under 5" in {cell.get("text") for cell in cells}
    assert not [cell for cell in cells if 0 < (cell.get("value") or 0) < 5]


def test_rounded_policies_round_what_comes_too(page):
    """A released 310 beside a drawn 309 would tell the exact count."""
    local = replace(page.local, local=replace(page.local.local, policy=Policy(method="round")))
    inputs = by_hand(page)
    made = timeliness.clearance_figures.Outlook(local, 13, inputs, {"as now": clearance(inputs)})

    actual = [timeliness.clearance_figures.at_week(made, "as now", "overdue", week).value for week in range(0, 104, 4)]

    assert all(value % 5 == 0 for value in actual)


# ---- The percentage on the way ---------------------------------------------------------------------------------------


def test_a_rate_that_falls_first_is_told_with_its_lowest_point(page, monkeypatch):
    """Clearing the oldest first issues late plans: the percentage falls while the children are served."""
    made = clearance(by_hand(page, order=OLDEST_FIRST))
    _, told = told_of(page, monkeypatch, order=OLDEST_FIRST)
    floor = made.weeks["published_pct_lower80"].iloc[1:].min()

    assert made.lowest_pct < 80
    told_range = f"fall, to as low as {floor:.0f}% within the 8-in-10 range (most likely {made.lowest_pct:.0f}%"
    assert told_range in told["rate_now"]
    assert f"would fall to about {made.lowest_pct:.0f}% as now" in told["rate_title"]
    assert "follows the order of work" in told["rate_reading"]


def test_a_rate_that_may_fall_is_not_said_to_stay(page, monkeypatch):
    """The middle path stays above today's, the range does not: saying `would not fall` would hide that."""
    made = clearance(by_hand(page))
    weeks = made.weeks.assign(published_pct=90.0, published_pct_lower80=33.0)
    weeks.loc[0, "published_pct"] = 80.0
    monkeypatch.setattr(timeliness.clearance_figures, "clearance", lambda inputs, **_: replace(made, weeks=weeks))
    _, told = told_of(page, monkeypatch)

    assert "most likely not fall, but it could, to as low as 33% (8-in-10 range) on the way" in told["rate_now"]


def test_a_rate_that_does_not_fall_is_not_said_to(page, monkeypatch):
    """With all of the last plans late the rate can only rise."""
    _, told = told_of(page, monkeypatch, past_on_time=(0.0,) * 52)

    assert "would not fall on the way" in told["rate_now"]
    assert "would not fall under another order of work either" in told["rate_by_order"]
    assert "would not fall" in told["rate_title"] and "rate_reading" not in told


def test_todays_rate_on_a_few_cases_is_hidden_with_its_chart(page, monkeypatch):
    """Three plans in time of 260: the first point of the line would tell them."""
    _, told = told_of(page, monkeypatch, past_on_time=(0.0,) * 49 + (1.0,) * 3)

    assert "is not shown" in told["rate_hidden"]
    assert not [sheet for sheet in page.sheets.values() if sheet["slug"].endswith("rate-ahead")]


def test_orders_of_work_are_not_drawn_twice(page, monkeypatch):
    """Where new cases already go first, `as now` is that line."""
    told_of(page, monkeypatch, order=NEW_FIRST)

    [sheet] = [sheet for sheet in page.sheets.values() if sheet["slug"].endswith("rate-ahead")]
    assert not [name for name in sheet["columns"] if name.startswith("New cases first")]


def test_the_names_of_lines_to_come_stay_inside_the_chart():
    """Three lines that end at 100% would push their names above it."""
    lines = [LineAhead(f"line {at} 100%", [0, 52, 104], [50.0, 90.0, 100.0]) for at in range(3)]

    picture = weeks_ahead_chart(lines, unit="%", start="18 March 2025")

    heights = [float(y) for y in re.findall(r'y="(-?[\d.]+)"[^>]*>line \d 100%', picture)]
    [hundred] = [float(y) for y in re.findall(r'y="(-?[\d.]+)"[^>]*>100%<', picture)]
    assert 3 == len(heights) and all(height > hundred for height in heights)  # y runs downwards


# ---- A change of the rate --------------------------------------------------------------------------------------------


def rates(facts, year):
    """Slow reference: the headline rate of every local authority in a year, one by one."""
    areas = facts.panel.areas.query("level == 'local authority'")
    found = {}
    for code, name in zip(areas["area_code"], areas["area_name"], strict=True):
        figure = facts.get(timeliness.change.HEADLINE, type(facts.authority)(code, name), year)
        if figure.known:
            found[code] = figure.value
    return found


def test_a_change_is_told_beside_the_moves_of_all_authorities(facts_on):
    """`Up 15 points` means little until one knows that half of all authorities moved by as much."""
    facts = facts_on("Kent")
    before, now = rates(facts, "2023"), rates(facts, "2024")
    own = abs(now[facts.authority.code] - before[facts.authority.code])
    moves = [abs(now[code] - before[code]) for code in set(before) & set(now) - {facts.authority.code}]
    as_far = sum(move >= own for move in moves)

    told = timeliness.change.usual(bare(facts)).text

    assert f"of {len(moves)} other authorities half moved by more than {median(moves):.1f} percentage points" in told
    assert f"{as_far} moved at least as far as Kent" in told
    assert "ordinary for one authority" in told


@pytest.mark.parametrize(("name", "word"), [("Devon", "ordinary"), ("Cambridgeshire", "rare")])
def test_the_reading_follows_how_many_moved_as_far(facts_on, name, word):
    """The words are chosen by the share of authorities, never by the sign."""
    assert word in timeliness.change.usual(bare(facts_on(name))).text


def test_too_few_plans_for_a_rate_have_no_reading(facts_on):
    """One plan of Isles of Scilly is not a rate that moves."""
    page = bare(facts_on("Isles of Scilly"))

    assert (None, None) == (timeliness.change.usual(page), timeliness.change.no_forecast(page))


def test_no_yearly_forecast_is_made_and_the_measured_error_says_why(facts_on):
    """The error of `as last year` is computed from the panel, over every authority and year held."""
    facts = facts_on("Kent")
    years = facts.periods(timeliness.change.HEADLINE)
    every = {year: rates(facts, year) for year in years}
    moves = [
        abs(every[now][code] - every[then][code])
        for then, now in zip(years, years[1:], strict=False)
        for code in set(every[then]) & set(every[now])
    ]
    page = bare(facts)

    timeliness.change.no_forecast(page)

    told = said(page)["no_forecast"]
    assert f"From {years[0]} to {years[-1]}" in told
    assert f"by {mean(moves):.1f} percentage points a year on average ({len(moves):,} yearly changes)" in told
    assert not [figure for figure in page.figures.values() if figure.status == "f"]


# ---- The notebook ----------------------------------------------------------------------------------------------------


def test_the_notebook_tells_them_in_the_readers_order():
    """The pace stands after the cohort curve, the queue after the pace, the change after the yearly chart."""
    cells = json.loads((ROOT / "notebooks" / "20_timeliness.ipynb").read_text(encoding="utf-8"))["cells"]
    calls = ["".join(cell["source"]).strip() for cell in cells if cell["cell_type"] == "code"]
    curve, year = calls.index("timeliness.cohorts.curve(page)"), calls.index("timeliness.rate.by_year(page)")

    assert ["timeliness.outlook.nowcast(page)", "timeliness.clearance.ahead(page)"] == calls[curve + 1 : curve + 3]
    assert "timeliness.change.no_forecast(page)" == calls[year + 1]


def test_without_case_data_nothing_of_it_is_said(facts_on):
    """Published figures hold neither a queue nor a pace."""
    page = bare(facts_on("Kent"))

    assert timeliness.outlook.nowcast(page) is timeliness.clearance.ahead(page) is timeliness.outlook.headline(page)
