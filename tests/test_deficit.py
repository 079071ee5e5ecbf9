"""The ledger and the projection of the deficit: exact to the penny, lawful on every path, and no bad input passes."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import ParamsError, SchemaError
from highneeds.models.deficit import ledger as kinds
from highneeds.models.deficit.assumptions import COUNCIL_LINE, Assumptions, Funding, Plans, Scheme, TopUp
from highneeds.models.deficit.inputs import grown, looks_like_millions, unit_costs
from highneeds.models.deficit.ledger import (
    KINDS,
    Ledger,
    Line,
    Turned,
    accumulated,
    contributions,
    nearest_pence,
    net,
    pence,
    roll_forward,
    total_of,
    total_spend,
    turned_signs,
)
from highneeds.models.deficit.outlook import ACCUMULATED, IN_YEAR, project
from highneeds.models.deficit.policy import (
    BUDGET_LINE,
    DFE_ENDS_LINE,
    STABILITY_LINE,
    DfeBudget,
    Policies,
    StabilityGrant,
    StatutoryOverride,
    apply,
    eligible_deficit,
    falls_on_reserves,
    on_reserves,
    stability_grant,
    timetable,
)
from highneeds.models.deficit.years import following, january_of, span
from highneeds.models.growth_error import growth_errors

YEARS = ("2025-26", "2026-27", "2027-28")
SMALL = Ledger(
    YEARS,
    (
        Line("Special schools", kinds.SPEND, (1_000, 1_100, 1_200), "plan"),
        Line("Annex", kinds.SAVING, (0, -50, -100), "plan"),
        Line("Grant", kinds.GRANT, (-900, -950, -1_000), "plan"),
        Line("Council", kinds.COUNCIL, (-20, -20, -20), "plan"),
    ),
)


# ---- Years and pence -------------------------------------------------------------------------------------------------


def test_years_follow_across_a_century():
    """A financial year carries two digits of the next: 2099-00."""
    assert ("2098-99", "2099-00", "2100-01") == span("2098-99", 3)
    assert "2027-28" == following("2030-31", -3)


def test_the_january_inside_the_year_stands_for_it():
    """Plans of January 2026 are priced as 2025-26."""
    assert "2026" == january_of("2025-26")


@pytest.mark.parametrize("year", ["2024-26", "2024/25", "2024", "24-25", 2024])
def test_what_is_no_financial_year_is_refused(year):
    """2024-26 is well formed and still no year."""
    with pytest.raises(SchemaError, match="no financial year"):
        following(year)


@pytest.mark.parametrize(
    ("pounds", "expected"),
    [(0.1, 10), ("1234.50", 123_450), (Decimal("-0.01"), -1), (81_960_000, 8_196_000_000), (81.96e6, 8_196_000_000)],
)
def test_pounds_become_pence_exactly(pounds, expected):
    """A float is taken as it prints: 0.1 is ten pence, not a fraction more."""
    assert expected == pence(pounds)


@pytest.mark.parametrize(
    "pounds",
    [0.1 + 0.2, "1,234", "£5", "1_000", "1e3", "", "１２", float("nan"), float("inf"), True, None, 10**13, "0.005"],
)
def test_an_amount_that_is_not_plain_pounds_and_pence_is_refused(pounds):
    """A third decimal, a separator or a truth value is somebody's mistake, not a rounding to be made in silence."""
    with pytest.raises(SchemaError, match="amount"):
        pence(pounds)


@given(st.integers(-(10**14), 10**14))
def test_every_penny_survives_as_a_float(cents):
    """Up to a million million pounds, pounds held as a float lose nothing."""
    assert cents == pence(cents / 100)


def test_a_computed_amount_rounds_halves_away_from_zero():
    """As a reader rounds, on either side of nothing."""
    assert (13, -13) == (nearest_pence(0.125), nearest_pence(-0.125))


# ---- The ledger ------------------------------------------------------------------------------------------------------


def test_totals_are_plain_sums_by_kind():
    """Spend less savings, then grant, then contributions: worked out by hand."""
    assert (1_000, 1_050, 1_100) == total_spend(SMALL)
    assert (100, 100, 100) == net(SMALL)
    assert (-20, -20, -20) == contributions(SMALL)
    assert (580, 660, 740) == accumulated(SMALL, opening=500)


def test_all_faults_of_a_ledger_are_told_together():
    """Someone who types a plan should not have to run it five times."""
    lines = (
        Line("A", kinds.SPEND, (1, 2), "plan"),
        Line("A", kinds.SPEND, (1, True), "plan"),
        Line("B", "gift", (1.0, 2, 3), ""),
    )
    with pytest.raises(SchemaError) as found:
        Ledger(("2024-25", "2026-27"), lines)

    text = "\n".join(found.value.faults)
    for part in (
        "2025-26 is missing after 2024-25",
        "2 lines are named 'A' (spend)",
        "line 'A' (spend): 2026-27: found True",
        "line 'B' (gift): the kind is unknown",
        "name or source is empty",
        "found 3 amounts for 2 years",
        "2024-25: found 1.0",
    ):
        assert part in text
    assert 7 == len(found.value.faults)


@pytest.mark.parametrize("years", [(), ("2025-26", "2024-25"), ("2025-26", "2025-26")])
def test_years_none_or_out_of_order_are_refused(years):
    """A balance rolls forward, never back."""
    with pytest.raises(SchemaError, match="ledger"):
        Ledger(years, ())


@pytest.mark.parametrize("amount", [float("nan"), 1.0, False, np.int64(1), "1", None])
def test_only_whole_pence_are_amounts(amount):
    """A numpy integer overflows in silence, a float rounds; neither belongs in a ledger."""
    with pytest.raises(SchemaError, match="whole pence"):
        Ledger(("2025-26",), (Line("A", kinds.SPEND, (amount,), "plan"),))
    with pytest.raises(SchemaError, match="no whole pence"):
        roll_forward(0, [amount], [0])


def test_a_kind_that_is_none_has_no_total():
    """A misspelt kind must not come to nothing."""
    with pytest.raises(SchemaError, match="grants"):
        total_of(SMALL, ["grants"])


def test_a_contribution_that_raises_the_deficit_is_pointed_at_and_kept():
    """A sign is never turned for the author; other blocks may have either."""
    lines = (Line("Council", kinds.COUNCIL, (-1, 0, 5), "plan"), Line("Others", kinds.OTHER_BLOCK, (1, -1, 0), "plan"))
    ledger = Ledger(YEARS, lines)

    assert (Turned("Council", kinds.COUNCIL, "2027-28", 5),) == turned_signs(ledger)
    assert (-1, 0, 5) == contributions(ledger)


# ---- Laws of the ledger ----------------------------------------------------------------------------------------------


@st.composite
def ledgers(draw) -> Ledger:
    """Any kinds, signs and sizes over one to five years."""
    years = span("2024-25", draw(st.integers(1, 5)))
    amounts = st.tuples(*[st.integers(-(10**13), 10**13)] * len(years))
    drawn = draw(st.lists(st.tuples(st.sampled_from(KINDS), amounts), max_size=8))
    return Ledger(years, tuple(Line(f"line {at}", kind, row, "drawn") for at, (kind, row) in enumerate(drawn)))


@given(ledgers(), st.integers(-(10**13), 10**13))
def test_a_balance_is_what_was_brought_forward_and_every_line_since(ledger, opening):
    """Nothing else moves it, and no line is counted twice or left out: exact in pence."""
    found = accumulated(ledger, opening=opening)

    assert [opening + sum(sum(line.pence[: at + 1]) for line in ledger.lines) for at in range(len(found))] == [*found]


@given(ledgers(), st.integers(-(10**13), 10**13))
def test_a_balance_moves_by_net_and_contributions(ledger, opening):
    """The law a councillor can check with a pencil."""
    found = accumulated(ledger, opening=opening)

    moves = [after - before for before, after in zip((opening, *found), found, strict=False)]

    assert [a + b for a, b in zip(net(ledger), contributions(ledger), strict=True)] == moves


@given(ledgers(), st.integers(-(10**13), 10**13), st.integers(-50, 50))
def test_scaling_all_amounts_scales_the_balance(ledger, opening, factor):
    """Pounds or thousands, the plan is the same plan."""
    scaled = tuple(replace(line, pence=tuple(factor * amount for amount in line.pence)) for line in ledger.lines)

    found = accumulated(Ledger(ledger.years, scaled), opening=factor * opening)

    assert tuple(factor * balance for balance in accumulated(ledger, opening=opening)) == found


@given(ledgers(), st.randoms())
def test_the_order_of_lines_does_not_matter(ledger, random):
    """A plan sorted otherwise says the same."""
    shuffled = list(ledger.lines)
    random.shuffle(shuffled)

    assert accumulated(ledger, opening=1) == accumulated(Ledger(ledger.years, tuple(shuffled)), opening=1)


# ---- The projection --------------------------------------------------------------------------------------------------

PLACEMENTS = ("mainstream", "independent")
POINT = np.array([[1_000, 100], [1_100, 110], [1_200, 120]], dtype=float)


def funding(**changes) -> Funding:
    """Grant of £9m a year, transfer of £0.5m, contributions of £0.1m from each side."""
    lines = {"grant": -9e6, "transfer": -5e5, "other_blocks": 0, "dfe": -1e5, "council": -1e5}
    return Funding(**{name: [value] * 3 for name, value in lines.items()} | changes)


def plans(*, count: int = 200, sd: float = 0.05, **changes) -> Plans:
    """Plans about the point, symmetric on the log scale."""
    errors = sd * np.random.default_rng(3).standard_normal((*POINT.shape, count))
    return replace(Plans(YEARS, PLACEMENTS, POINT, POINT[:, :, None] * np.exp(errors)), **changes)


def assumed(**changes) -> Assumptions:
    """£5,000 and £40,000 a plan, 2% inflation, £1m brought forward, no savings."""
    inflation = np.array([[0, 0.02, 0.02]] * 2)
    return replace(Assumptions(YEARS, PLACEMENTS, np.array([5e3, 4e4]), inflation, funding(), 1e6), **changes)


def scheme(name: str = "New school", **changes) -> Scheme:
    """£1m in a full year from 2026-27, half of it in the first, seven in ten."""
    return replace(Scheme(name, 1e6, "2026-27", (0.5, 1.0), 0.7, "cabinet paper"), **changes)


def test_the_point_is_as_worked_out_by_hand():
    """1,100 x £5,000 x 1.02 + 110 x £40,000 x 1.02 = £10,098,000 in 2026-27, and so on."""
    found = project(plans(), assumed()).unmitigated

    assert (900_000_000, 1_009_800_000, 1_123_632_000) == total_spend(found.ledger)
    assert (-50_000_000, 59_800_000, 173_632_000) == found.in_year
    assert (30_000_000, 69_800_000, 223_432_000) == found.accumulated


def test_savings_come_by_ramp_and_probability():
    """£1m x .5 x .7 in the first year, £1m x 1 x .7 after: £350,000 and £700,000, negative as money not spent."""
    found = project(plans(), assumed(schemes=(scheme(),)))

    assert (0, -35_000_000, -70_000_000) == total_of(found.mitigated.ledger, [kinds.SAVING])
    assert (30_000_000, 34_800_000, 118_432_000) == found.mitigated.accumulated
    assert (30_000_000, 69_800_000, 223_432_000) == found.unmitigated.accumulated


def test_a_scheme_already_under_way_is_on_its_ramp():
    """Started a year before the base year, it stands at its second step in the base year."""
    assert [2.0, 3.0, 3.0] == [*scheme(full_year_gbp=4, starts="2024-25", ramp=(0.25, 0.5, 0.75)).planned_gbp(YEARS)]


def test_a_top_up_grows_at_its_own_rate():
    """£7.5m growing by a third and then by two fifths is £10m and £14m; plans do not move it."""
    top_up = TopUp("Exceptional need", 7.5e6, (0.0, 1 / 3, 0.4), "paper")

    found = project(plans(), assumed(top_ups=(top_up,))).unmitigated.ledger

    assert [(750_000_000, 1_000_000_000, 1_400_000_000)] == [
        line.pence for line in found.lines if line.source == "paper"
    ]


def test_a_grant_grows_from_its_base():
    """Growth of a grant keeps its sign."""
    assert [-100.0, -102.0, -103.02] == np.round(grown(-100, [0, 0.02, 0.01]), 6).tolist()


def test_unit_costs_are_spend_over_the_plans_of_that_january():
    """By name, so that the order of two tables does not matter; a placement without plans or spend costs nothing."""
    spend, held = {"special": 1e6, "hospital": 0}, {"hospital": 0, "special": 50}

    assert {"special": 20_000.0, "hospital": 0.0} == unit_costs(spend, held)


@pytest.mark.parametrize(
    ("spend", "held", "says"),
    [
        ({"special": 1e6}, {"special": 0}, "special: found 0"),
        ({"special": 1e6}, {"independent": 5}, "independent: found in one"),
        ({"special": -1}, {"special": 5}, "special: found -1"),
    ],
)
def test_spend_without_plans_has_no_unit_cost(spend, held, says):
    """Dividing by nobody is no cost."""
    with pytest.raises(SchemaError, match=says):
        unit_costs(spend, held)


def test_lines_name_their_sources():
    """An auditor follows each line; what is only assumed says so."""
    found = project(plans(), assumed(sources={"mainstream": "outturn"}, schemes=(scheme(),))).mitigated.ledger

    sources = {line.name: line.source for line in found.lines}

    expected = ("outturn", "assumption of this projection", "cabinet paper")
    assert expected == (sources["mainstream"], sources["independent"], sources["New school"])


def test_an_unusual_sign_is_told_and_kept():
    """Kent's council contribution of +10: the projection adds it, and says so."""
    found = project(plans(), assumed(funding=funding(council=[0, 0, 1e5])))

    assert (Turned(COUNCIL_LINE, kinds.COUNCIL, "2027-28", 10_000_000),) == found.turned
    assert 263_432_000 == found.unmitigated.accumulated[-1]


# ---- Laws of the projection ------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    saving=st.floats(20_000, 5e6),
    probability=st.floats(0, 1),
    ramp=st.lists(st.floats(0, 1), min_size=1, max_size=4),
    seed=st.integers(0, 10**6),
)
def test_savings_never_raise_the_deficit(saving, probability, ramp, seed):
    """Mitigated is at most unmitigated, at the point, on every path and at every quantile."""
    one = scheme(full_year_gbp=saving, probability=probability, ramp=tuple(ramp))
    found = project(plans(), assumed(schemes=(one,)), seed=seed)

    for of in (IN_YEAR, ACCUMULATED):
        assert (found.mitigated.paths[of] <= found.unmitigated.paths[of] + 1e-6).all()
        assert (found.mitigated.quantiles[of] <= found.unmitigated.quantiles[of] + 1e-6).all()
    pairs = zip(found.mitigated.accumulated, found.unmitigated.accumulated, strict=True)
    assert all(with_savings <= without for with_savings, without in pairs)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(-0.2, 0.3))
def test_without_any_error_every_path_is_the_point(seed, rate):
    """Plans without error, prices without error, savings certain: paths and point are one, to a penny a line."""
    inflation = np.array([[0, rate, rate]] * 2)
    certain = assumed(inflation=inflation, price_sd=0.0, schemes=(scheme(probability=1),))
    found = project(plans(sd=0), certain, seed=seed).mitigated

    points = np.array([found.in_year, found.accumulated])[:, :, None] / 100

    assert np.allclose(points, [found.paths[IN_YEAR], found.paths[ACCUMULATED]], rtol=0, atol=0.1)
    assert np.allclose(points, [found.quantiles[IN_YEAR], found.quantiles[ACCUMULATED]], rtol=0, atol=0.1)


@pytest.mark.parametrize("paths", [50, 333])
def test_a_longer_run_begins_with_the_shorter_one(paths):
    """How many paths are drawn, and in what pieces plans were, changes no path."""
    whole, some = plans(count=1_000), assumed(schemes=(scheme(), scheme("Annex")))
    part = replace(whole, paths=whole.paths[:, :, :paths])

    found = project(part, some, seed=7).mitigated.paths[ACCUMULATED]

    assert found.tobytes() == project(whole, some, seed=7).mitigated.paths[ACCUMULATED][:, :paths].tobytes()


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_schemes():
    """A scheme's draws hang on its name and the seed, not on where it stands."""
    schemes = tuple(scheme(f"Scheme {at}", full_year_gbp=1e6 / at) for at in (3, 7, 11, 13))
    found = project(plans(), assumed(schemes=schemes), seed=1).mitigated
    again = project(plans(), assumed(schemes=schemes[::-1]), seed=1).mitigated

    assert found.paths[ACCUMULATED].tobytes() == again.paths[ACCUMULATED].tobytes()
    assert found.quantiles[ACCUMULATED].tobytes() == again.quantiles[ACCUMULATED].tobytes()


def test_another_seed_gives_other_paths_and_the_same_point():
    """Chance moves the range and never the point."""
    one, other = (project(plans(), assumed(schemes=(scheme(),)), seed=seed).mitigated for seed in (1, 2))

    assert one.accumulated == other.accumulated
    assert not np.array_equal(one.paths[ACCUMULATED], other.paths[ACCUMULATED])


def test_placements_in_another_order_give_the_same_sums():
    """Plans are matched to prices by name, never by place."""
    turned = replace(plans(), placements=PLACEMENTS[::-1], point=POINT[:, ::-1], paths=plans().paths[:, ::-1])

    found = project(turned, assumed()).unmitigated

    assert project(plans(), assumed()).unmitigated.accumulated == found.accumulated
    assert np.array_equal(project(plans(), assumed()).unmitigated.paths[ACCUMULATED], found.paths[ACCUMULATED])


def test_a_lone_scheme_comes_as_often_as_its_probability_says():
    """With nothing else uncertain, the chance of the balance with the saving is that of the scheme."""
    found = project(plans(count=10_000, sd=0), assumed(price_sd=0.0, schemes=(scheme(),))).mitigated

    assert 0.7 == pytest.approx(found.chance_at_most(2_234_320 - 1_500_000 + 1, "2027-28"), abs=0.02)
    assert 0.0 == found.chance_at_most(2_234_320 - 1_500_001, "2027-28")
    assert 1.0 == found.chance_at_most(2_234_321, "2027-28")
    assert 1.0 == found.chance_at_most(found.paths[ACCUMULATED][-1].max(), "2027-28")
    assert {734_320, 2_234_320} == set(found.paths[ACCUMULATED][-1].round().astype(int).tolist())


def test_schemes_are_drawn_apart_from_each_other_and_from_growth():
    """The streams of this room and of `growth_error` share a seed and no numbers."""
    found = project(plans(count=10_000, sd=0), assumed(price_sd=0.0, schemes=(scheme("A"),)), seed=5)
    other = project(plans(count=10_000, sd=0), assumed(price_sd=0.0, schemes=(scheme("B"),)), seed=5)
    rows = [found.mitigated.paths[IN_YEAR][-1], other.mitigated.paths[IN_YEAR][-1], growth_errors(1, 1, seed=5)[0, 0]]

    assert np.abs(np.corrcoef(rows) - np.eye(3)).max() < 0.04


def test_errors_of_prices_last_and_grow():
    """The base year has none; two years on, the log error is twice that of one year on, on every path."""
    free = assumed(funding=Funding(*[[0] * 3] * 5), opening_gbp=0)
    found = project(plans(count=1_000, sd=0), free).unmitigated

    errors = np.log(found.paths[IN_YEAR] * 100 / np.array(found.in_year)[:, None])

    assert np.allclose(0, errors[0]) and np.allclose(2 * errors[1], errors[2])
    assert 0.01 == pytest.approx(errors[1].std(), rel=0.1)


def test_rows_hold_both_sides_and_both_positions():
    """Twelve rows for three years, ends of the ranges about the middle."""
    rows = project(plans(), assumed(schemes=(scheme(),))).rows()

    assert 12 == len(rows)
    assert {"side": "mitigated", "measure": "accumulated", "period": "2027-28", "point_gbp": 1_184_320.0}.items() <= (
        rows[-1].items()
    )
    assert all(row["lower95"] <= row["lower80"] <= row["upper80"] <= row["upper95"] for row in rows)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda side: side.chance_at_most(0, "2030-31"), "2030-31"),
        (lambda side: side.chance_at_most(0, "2027-28", of="balance"), "balance"),
        (lambda side: side.quantile(0.33, "2027-28"), "0.33"),
    ],
)
def test_asking_for_what_is_not_projected_is_refused(call, says):
    """A year or level that was not worked out has no chance."""
    with pytest.raises(ParamsError, match=says):
        call(project(plans(), assumed()).unmitigated)


# ---- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inflation": np.array([[0, 3, 0.02], [0, 0, 0]])}, "inflation: mainstream, 2026-27: found 3"),
        ({"inflation": np.full((2, 3), 0.02)}, "inflation: mainstream, 2025-26: found 0.02 .* 0 in the base year"),
        ({"inflation": np.zeros((2, 2))}, r"inflation: found shape \(2, 2\)"),
        ({"unit_costs": np.array([5e3, -1])}, "unit costs: independent: found -1"),
        ({"unit_costs": np.array([5e3, np.nan])}, "unit costs: found a gap"),
        ({"placements": ("mainstream", "hospital")}, "placement 'independent' is unknown"),
        ({"years": ("2025-26", "2027-28", "2028-29")}, "2026-27 is missing after 2025-26"),
        ({"years": ("2025-26", "2026-27")}, "assumptions: 2027-28 is missing"),
        ({"years": span("2025-26", 4)}, "no January for 2028-29"),
        ({"funding": funding(grant=[-9e6, 9e6, -9e6])}, "High needs grant: 2026-27: found 9e"),
        ({"funding": funding(grant=[-9e6, -9e6])}, "High needs grant: found shape"),
        ({"funding": funding(dfe=[-9, -14, -28])}, "DfE contribution: all amounts are below 10,000"),
        ({"opening_gbp": 67}, "opening_gbp: all amounts are below 10,000"),
        ({"opening_gbp": float("nan")}, "opening_gbp: found nan"),
        ({"price_sd": 3}, "price_sd: found 3"),
        ({"other_spend": {"mainstream": [1e6] * 3}}, "'mainstream' stands more than once"),
        ({"other_spend": {"Services": [1e6, 1e6]}}, "Services: found shape"),
        ({"other_spend": {"Services": [True] * 3}}, "Services: found a gap, or True"),
        ({"inflation": np.array([[0, 0, 0], [0, 0, 1.0]])}, "inflation: independent, 2027-28: found 1 "),
        ({"top_ups": (TopUp("Need", 1e6, (0, 1.87, 0), "x"),)}, "growth: year 2: found 1.87"),
        ({"schemes": (scheme(probability=70),)}, "scheme 'New school': found probability 70"),
        ({"schemes": (scheme(ramp=(0.5, 1.2)),)}, "found ramp 2 1.2"),
        ({"schemes": (scheme(ramp=()),)}, "found no ramp"),
        ({"schemes": (scheme(starts="2026"),)}, "starts '2026'"),
        ({"schemes": (scheme(full_year_gbp=2),)}, "scheme 'New school': all amounts are below 10,000"),
        ({"schemes": (scheme(source=" "),)}, "source is empty"),
        ({"schemes": (scheme(), scheme())}, "'New school' stands more than once"),
    ],
)
def test_bad_assumptions_are_refused_by_name(change, says):
    """Each message says which line, placement or year is meant."""
    with pytest.raises(SchemaError, match=says):
        project(plans(), assumed(**change))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"point": -POINT}, "plans, point: 2025-26, mainstream: found -1000"),
        ({"paths": -plans().paths}, "plans, paths: 2025-26, mainstream, 0: found -"),
        ({"paths": plans().paths[:, :, :1]}, "plans, paths: found 1"),
        ({"paths": plans().paths[:2]}, "plans, paths: found shape"),
        ({"years": YEARS[::-1]}, "years are in another order"),
        ({"placements": ("mainstream", "mainstream")}, "placement 'independent' is missing"),
    ],
)
def test_bad_plans_are_refused_by_name(change, says):
    """Fewer than no plans, a lost year or a lost placement stops here."""
    with pytest.raises(SchemaError, match=says):
        project(plans(**change), assumed())


def test_faults_of_a_projection_are_told_together():
    """Names and numbers in one go."""
    with pytest.raises(SchemaError) as found:
        project(plans(), assumed(schemes=(scheme(probability=70),), price_sd=-1, years=YEARS[:2]))

    assert 3 == len(found.value.faults)


@pytest.mark.parametrize("seed", [-1, 1.0, True, "1"])
def test_a_seed_that_is_none_is_refused(seed):
    """A seed is printed in the report: it must be one."""
    with pytest.raises(ParamsError, match="seed"):
        project(plans(), assumed(), seed=seed)


def test_millions_among_pounds_are_noticed():
    """67 beside 9,000,000 is 67 million; nothing, and a table all in millions, are left alone."""
    assert ("opening",) == looks_like_millions({"opening": [67], "grant": [-9e6, -9e6], "others": [0, 0]})
    assert () == looks_like_millions({"opening": [67], "grant": [-323, -351]})
    assert () == looks_like_millions({"opening": [67_000], "grant": [-9e6], "mixed": [5, 2e6]})


# ---- Dated rules -----------------------------------------------------------------------------------------------------

LONG = span("2024-25", 5)
DEFICIT = Ledger(
    LONG,
    (
        Line("Spend", kinds.SPEND, (1_000, 1_000, 1_000, 1_000, 1_000), "plan"),
        Line("Grant", kinds.GRANT, (-900, -900, -900, -900, -900), "plan"),
        Line("DfE", kinds.DFE, (-10, -10, -10, -10, -10), "plan"),
    ),
)
PAID = StabilityGrant(plan_approved=True, paid_in="2026-27")


def amounts_of(ledger: Ledger, name: str) -> list[tuple[int, ...]]:
    """Amounts of the lines of this name."""
    return [line.pence for line in ledger.lines if line.name == name]


def test_deficits_fall_on_reserves_once_the_override_is_over():
    """To 31 March 2028 they do not; the year after, all of a deficit does, and a surplus never."""
    assert [False, True] == [falls_on_reserves(Policies(), year) for year in ("2027-28", "2028-29")]
    assert (0, 0, 7) == on_reserves(Policies(), ("2026-27", "2027-28", "2028-29"), (5, 6, 7))
    assert (0,) == on_reserves(Policies(), ("2028-29",), (-7,))


def test_an_override_switched_off_protects_no_year():
    """The setting answers what would be without it."""
    assert falls_on_reserves(Policies(StatutoryOverride(on=False)), "2024-25")


def test_an_override_extended_protects_longer():
    """It has been extended before; the date is a setting."""
    assert not falls_on_reserves(Policies(StatutoryOverride(last_year="2029-30")), "2029-30")


def test_the_stability_grant_is_nine_tenths_of_the_lowest_deficit():
    """Section 251 £96m, notes £95m, accounts £97m; £5m of it is no high needs: .9 x 90 = £81m."""
    settings = replace(PAID, s251_gbp=96e6, notes_gbp=95e6, accounts_gbp=97e6, not_high_needs_gbp=5e6)

    assert pence(90_000_000) == eligible_deficit(settings, balance=0)
    assert -pence(81_000_000) == stability_grant(settings, balance=0)


@pytest.mark.parametrize("change", [{"on": False}, {"plan_approved": False}])
def test_without_an_approved_plan_or_switched_off_nothing_is_paid(change):
    """The grant asks for an approved Local SEND Reform Plan."""
    settings = replace(PAID, **change)

    assert 0 == stability_grant(settings, balance=100)
    assert DEFICIT == apply(Policies(stability=settings), DEFICIT, opening=100)


def test_the_grant_is_rounded_to_the_nearest_penny():
    """Nine tenths of five pence are four and a half: five."""
    assert -5 == stability_grant(PAID, balance=5)


def test_a_surplus_has_no_grant():
    """Nothing is taken back either."""
    assert 0 == stability_grant(PAID, balance=-100)


def test_the_grant_is_a_line_of_its_own_in_the_year_it_is_paid():
    """Balance at the end of 2025-26: 100 + 2 x 90 = 280; nine tenths are 252."""
    found = apply(Policies(stability=PAID), DEFICIT, opening=100)

    assert [(0, 0, -252, 0, 0)] == amounts_of(found, STABILITY_LINE)
    assert DEFICIT.lines == found.lines[:3]
    assert (190, 280, 118, 208, 298) == accumulated(found, opening=100)


def test_the_grant_is_worked_out_on_what_is_brought_forward_where_the_plan_starts_after():
    """A plan from 2026-27 brings the balance of 31 March 2026 forward."""
    later = Ledger(LONG[2:], tuple(replace(line, pence=line.pence[2:]) for line in DEFICIT.lines))

    assert [(-90, 0, 0)] == amounts_of(apply(Policies(stability=PAID), later, opening=100), STABILITY_LINE)


def test_a_balance_nobody_gave_is_not_guessed():
    """A plan from 2027-28 does not hold March 2026; the returns do."""
    later = Ledger(LONG[3:], tuple(replace(line, pence=line.pence[3:]) for line in DEFICIT.lines))
    settings = replace(PAID, paid_in="2027-28")

    with pytest.raises(ParamsError, match="s251_gbp"):
        apply(Policies(stability=settings), later, opening=100)
    given = apply(Policies(stability=replace(settings, s251_gbp=2)), later, opening=100)
    assert [(-180, 0)] == amounts_of(given, STABILITY_LINE)


def test_contributions_that_end_are_shown_as_their_opposite():
    """Whether DfE's contributions go on after the grant is unknown: a setting, and a line, never a lost line."""
    settings = replace(PAID, last_dfe_contribution="2025-26")

    found = apply(Policies(stability=settings), DEFICIT, opening=100)

    assert [(0, 0, 10, 10, 10)] == amounts_of(found, DFE_ENDS_LINE)
    assert [(-10,) * 5] == amounts_of(found, "DfE")
    assert (190, 280, 128, 228, 328) == accumulated(found, opening=100)


def test_costs_in_dfes_budget_leave_the_past_deficit_where_it_is():
    """From 2028-29 the year costs the council nothing more; what had built up before stays."""
    found = apply(Policies(dfe_budget=DfeBudget(on=True)), DEFICIT, opening=100)

    assert [(0, 0, 0, 0, -100)] == amounts_of(found, BUDGET_LINE)
    assert (100, 100, 100, 100, 0) == net(found)


@pytest.mark.parametrize("budget", [False, True])
@pytest.mark.parametrize(
    "paid",
    [
        {"plan_approved": False},
        {},
        {"last_dfe_contribution": "2025-26"},
        {"notes_gbp": 5e5},
        {"not_high_needs_gbp": 1e5},
    ],
)
def test_rules_do_the_same_on_paths_as_in_the_ledger(budget, paid):
    """Every path without error is the point, whatever is switched on."""
    rules = Policies(stability=replace(PAID, **paid), dfe_budget=DfeBudget(on=budget, first_year="2025-26"))
    found = project(plans(sd=0), assumed(price_sd=0.0, policies=rules)).unmitigated

    assert np.allclose(np.array(found.in_year) / 100, found.paths[IN_YEAR].T, atol=0.1)
    assert np.allclose(np.array(found.accumulated) / 100, found.paths[ACCUMULATED].T, atol=0.1)


def test_a_grant_paid_beyond_the_plan_is_told():
    """No line stands for it, so the outlook says that it is left out."""
    rules = Policies(stability=replace(PAID, paid_in="2031-32"))

    assert project(plans(), assumed(policies=rules)).grant_paid_outside
    assert not project(plans(), assumed()).grant_paid_outside


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: StabilityGrant(plan_approved=True), "paid_in is not given"),
        (lambda: StabilityGrant(paid_in="2025-26"), "expected after 2025-26"),
        (lambda: StabilityGrant(share=90), "share 90"),
        (lambda: StabilityGrant(s251_gbp=float("nan")), "s251_gbp nan"),
        (lambda: StabilityGrant(notes_gbp=0.001), "notes_gbp 0.001"),
        (lambda: StabilityGrant(not_high_needs_gbp=-1), "not_high_needs_gbp -1"),
        (lambda: StabilityGrant(deficit_year="2026"), "deficit_year '2026'"),
        (lambda: StatutoryOverride(last_year="2028-03-31"), "last_year"),
        (lambda: DfeBudget(first_year=2028), "first_year 2028"),
        (lambda: falls_on_reserves(Policies(), "2028"), "year '2028'"),
    ],
)
def test_bad_settings_of_a_rule_are_refused(made, says):
    """A date that is no year, or a share in per cent, stops before any sum."""
    with pytest.raises(ParamsError, match=says):
        made()


def test_the_timetable_says_what_is_applied_and_until_when():
    """For the page: names, dates in words, and where each rule is from."""
    found = timetable(Policies())

    assert [False, True, False] == [rule.applied for rule in found]
    assert ["until 31 March 2028", "after 31 March 2028"] == [rule.dates for rule in found[1:]]
    assert "deficit on 31 March 2026; year of payment not known" == found[0].dates
    assert all(rule.source for rule in found)
