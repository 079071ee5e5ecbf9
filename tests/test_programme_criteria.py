"""Success criteria against figures: a success must be clear, a failure more than chance, nothing told too early."""

from dataclasses import dataclass, replace
from datetime import date
from math import isnan

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.facts import Area
from highneeds.figures import Figure
from highneeds.measures.declarations import MEASURES
from highneeds.measures.targets import read_target, target_faults
from highneeds.models.programme.criteria import (
    MET,
    NO_CHANGE,
    NO_DIFFERENCE,
    NOT_MET,
    UNKNOWN,
    VERDICTS,
    counting_range,
    judge,
)
from highneeds.models.programme.deadlines import read_deadline
from highneeds.models.programme.register import entries
from highneeds.sources.papers import read_papers
from tests.conftest import ROOT

NONE, DAY = read_deadline(""), date(2026, 4, 8)
HERE = Area("E10000016", "Here")
NEIGHBOURS = [Area(f"E1000010{n}", f"Neighbour {n}") for n in range(10)]
SPREAD = (0.90, 0.95, 0.97, 0.99, 1.0, 1.01, 1.03, 1.05, 1.08, 1.12)  # how neighbours' counts grow
OPPOSITE = {"falls": "rises", "rises": "falls", "does not rise": "does not fall", "does not fall": "does not rise"}


@dataclass
class World:
    """Facts of one measure: own figures by period, and neighbours that start level and grow by a spread."""

    measure: str
    own: dict
    spread: tuple = SPREAD
    as_at: date = date(2026, 4, 8)
    authority: Area = HERE
    england: Area = Area("E92000001", "England")
    region: Area = Area("E12000008", "Region")

    @property
    def neighbours(self):
        return NEIGHBOURS[: len(self.spread)]

    @property
    def values(self):
        rows = [(self.measure, HERE.code, period) for period in self.own]
        return pd.DataFrame(rows, columns=["measure", "area_code", "period"])

    def get(self, measure, area, period, breakdown="Total"):
        first = min(self.own)
        if area == HERE:
            value = self.own.get(period)
        else:
            at = next((n for n, each in enumerate(NEIGHBOURS) if each == area), None)
            value = 1000.0 * (1 if at is None or period == first else self.spread[at])
        declared = MEASURES[measure]
        return Figure(
            f"{measure}.{area.slug}.{period}", measure, area.code, area.name, period, declared.period_basis, value,
            "" if value is not None else "n", declared.unit, "source", "row", places=declared.places,
        )  # fmt: skip


def verdict(world, text, *, start=NONE, due=NONE):
    return judge(world, world.measure, read_target(text), start=start, due=due)


def requests(before, now, **more):
    return World("requests_received", {"2022": before, "2024": now}, **more)


# ---- Facts of the papers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "measure", "target", "told", "figures"),
    [
        # Kent says that requests fell by 7%; DfE's count rose by 13.
        ("Kent", "requests_received", "falls since 2023", NO_CHANGE, (3_988, 4_001)),
        ("Kent", "sen_support_pupils_pct", "rises since 2023", MET, (11.4, 13.1)),
        # West Northamptonshire's plan asks that inappropriate requests drop; refusals more than doubled.
        ("West Northamptonshire", "requests_refused", "falls since 2021", NOT_MET, (135, 296)),
        ("West Northamptonshire", "high_needs_spend", "<= high_needs_block_after_deductions", NOT_MET, (39.1, 39.6)),
        ("Leicestershire", "within_20_weeks_pct", "rises since 2022", NO_CHANGE, (3.8, 4.3)),
    ],
)
def test_criteria_of_the_papers_against_published_figures(facts_on, name, measure, target, told, figures):
    """The verdict, and the two figures behind it as published."""
    made = judge(facts_on(name), measure, read_target(target), start=NONE, due=NONE)
    scale = 1e6 if made.now.unit == "GBP" else 1

    assert told == made.verdict
    assert figures == tuple(round(each.value / scale, 1) for each in (made.against, made.now))


def test_spend_cannot_yet_be_judged_before_its_deadline(facts_on):
    """West Northamptonshire set March 2023; the newest outturn held is of 2021-22."""
    target, due = read_target("<= high_needs_block_after_deductions"), read_deadline("Mar 2023")
    made = judge(facts_on("West Northamptonshire"), "high_needs_spend", target, start=NONE, due=due)

    assert (UNKNOWN, "2021-22") == (made.verdict, made.now.period)
    assert "the date set is later" in made.why


def test_a_balance_that_is_to_come_is_not_judged(facts_on):
    """Kent's deficit is to be paid off by 31 March 2028; that of March 2024 says nothing of it."""
    made = judge(facts_on("Kent"), "dsg_balance", read_target("<= 0 at 2028-03-31"), start=NONE, due=NONE)

    assert (UNKNOWN, "31 March 2028 is not over yet.") == (made.verdict, made.why)


# ---- Laws ------------------------------------------------------------------------------------------------------------


def test_a_success_must_be_clear_and_a_failure_more_than_chance():
    """Neighbours' growth spreads by about 7% either way, so a clear change is beyond some 15%."""
    told = {now: verdict(requests(1000.0, float(now)), "falls since 2022").verdict for now in (700, 950, 1050, 1300)}

    assert {700: MET, 950: NO_CHANGE, 1050: NO_CHANGE, 1300: NOT_MET} == told
    assert NO_CHANGE == verdict(requests(1000.0, 1100.0), "does not rise since 2022").verdict
    assert MET == verdict(requests(1000.0, 850.0), "does not rise since 2022").verdict


def test_a_small_count_needs_a_larger_change():
    """From 20 to 26 is chance; from 2,000 to 2,600 is not."""
    assert NO_CHANGE == verdict(requests(20.0, 26.0), "falls since 2022").verdict
    assert NOT_MET == verdict(requests(2000.0, 2600.0), "falls since 2022").verdict


@given(before=st.integers(10, 20_000), now=st.integers(10, 20_000), verb=st.sampled_from(sorted(OPPOSITE)))
@settings(deadline=None, max_examples=150)
def test_opposite_targets_are_never_both_met(before, now, verb):
    """What falls does not rise; a clear fall is at once a fall and no rise."""
    world = requests(float(before), float(now))
    one, other = (verdict(world, f"{each} since 2022").verdict for each in (verb, OPPOSITE[verb]))

    assert not one == other == MET
    assert {one, other} <= {MET, NOT_MET, NO_CHANGE}
    if verdict(world, "falls since 2022").verdict == MET:
        assert MET == verdict(world, "does not rise since 2022").verdict


@given(before=st.integers(50, 5_000), now=st.integers(50, 5_000), less=st.integers(0, 4_900))
@settings(deadline=None, max_examples=100)
def test_a_larger_fall_is_never_judged_worse(before, now, less):
    """Not met, no clear change, met: in this order as the newest count goes down."""
    order = [NOT_MET, NO_CHANGE, MET]
    high, low = (
        verdict(requests(float(before), float(each)), "falls since 2022") for each in (now, max(now - less, 10))
    )

    assert order.index(high.verdict) <= order.index(low.verdict)


@given(value=st.floats(-1e6, 1e6), number=st.integers(-1_000_000, 1_000_000))
@settings(deadline=None)
def test_a_level_against_a_number_is_a_fact(value, number):
    """At most and above are one the other's opposite, to the last digit."""
    world = World("dsg_balance", {"2024-03-31": value})
    at_most, above = (verdict(world, f"{sign} {number}").verdict for sign in ("<=", ">"))

    assert {MET, NOT_MET} == {at_most, above}
    assert (MET if value <= number else NOT_MET) == at_most


@pytest.mark.parametrize(
    ("world", "text", "why"),
    [
        (requests(1000.0, 700.0, spread=SPREAD[:7]), "falls since 2022", "Fewer than 8 neighbours"),
        (requests(1000.0, 700.0), "falls since 2021", "No figure is held for 2021"),
        (requests(1000.0, 700.0), "falls since 2024", "any time after 2024"),
        (requests(1000.0, 700.0), "falls since 2022 in 2026", "2026 is not over yet"),
        (requests(1000.0, 700.0), "falls since 2022 in 2023", "No figure is held for 2023"),
        (World("requests_received", {}), "<= 5", "No figure is held."),
    ],
)
def test_what_cannot_be_told_says_why(world, text, why):
    """Never a verdict without its figures."""
    made = verdict(world, text) if world.own else judge(world, world.measure, read_target(text), start=NONE, due=NONE)

    assert UNKNOWN == made.verdict and why in made.why


def test_a_figure_from_before_the_start_proves_nothing():
    """An action that began in 2025 has not moved the count of 2024; one with time left is not yet failed."""
    world = requests(1000.0, 700.0)

    assert UNKNOWN == verdict(world, "falls since 2022", start=read_deadline("March 2025")).verdict
    assert UNKNOWN == verdict(requests(1000.0, 1300.0), "falls since 2022", due=read_deadline("March 2025")).verdict
    assert MET == verdict(world, "falls since 2022", due=read_deadline("March 2025")).verdict


def test_rates_are_compared_with_their_chance_variation(facts_on):
    """A rate whose own range takes in the other's is no clear difference; one far above is."""
    facts = facts_on("West Northamptonshire")
    near = judge(facts, "refused_of_decided_pct", read_target("<= neighbours"), start=NONE, due=NONE)
    far = judge(facts_on("Kent"), "ehc_plans_per_1000", read_target("<= england"), start=NONE, due=NONE)

    assert (NO_DIFFERENCE, NOT_MET) == (near.verdict, far.verdict)
    assert isnan(near.change)


def test_the_range_of_a_share_is_wilsons(facts_on):
    """20 of 100: 13.3% to 28.9%."""
    facts = facts_on("Kent")
    real = facts.get("refused_of_decided_pct", facts.authority, "2024")
    refused, decided = real.inputs[0], real.inputs[1:]
    parts = (replace(refused, value=20.0), replace(decided[0], value=80.0), replace(decided[1], value=20.0))

    low, high = counting_range(replace(real, value=20.0, inputs=parts))

    assert (13.3, 28.9) == (round(low, 1), round(high, 1))


def test_nearer_means_towards_where_the_others_were():
    """Above them, a smaller growth closes the gap; the neighbours' own mean is taken off."""
    world = World("sen_support_pupils_pct", {"2023": 2000.0, "2025": 1000.0})

    assert MET == verdict(world, "nearer england since 2023").verdict
    assert NOT_MET == verdict(replace(world, own={"2023": 2000.0, "2025": 3000.0}), "nearer england since 2023").verdict


@pytest.mark.parametrize("against", ["neighbours", "region", "england"])
def test_a_target_that_is_read_gets_a_verdict_on_every_measure(facts_on, against):
    """Also on a share that is published without its counts, which no authorities together have."""
    facts = facts_on("Kent")
    for name, measure in MEASURES.items():
        periods_held = facts.periods(name)
        text = f"nearer {against} since {periods_held[0]}" if periods_held else ""
        if not periods_held or target_faults(name, text):
            continue
        made = judge(facts, name, read_target(text), start=NONE, due=NONE)
        assert (made.verdict == UNKNOWN) == bool(made.why), measure.name


@pytest.mark.parametrize("as_at", ["2012-06-01", "2023-06-01", "2025-12-31", "2026-04-08"])
def test_every_linked_criterion_gets_a_verdict_on_any_day(facts_on, as_at):
    """All four registers: one of the verdicts, and a reason where and only where it cannot be told."""
    for name in ("Kent", "Leicestershire", "West Northamptonshire", "Leeds"):
        facts = facts_on(name, as_at)
        held = entries(read_papers(ROOT / "data" / "raw" / facts.authority.slug).programme, as_at=DAY)
        linked = [entry for entry in held if entry.target is not None]
        made = [judge(facts, e.measure, e.target, start=e.begins, due=e.due) for e in linked]

        assert linked and {each.verdict for each in made} <= set(VERDICTS)
        assert all((each.verdict == UNKNOWN) == bool(each.why) for each in made)
