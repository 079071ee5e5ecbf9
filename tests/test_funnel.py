"""Funnels separate chance from a real outlier: published numbers, laws, a slow reference, and what it leaves out."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import ParamsError, SchemaError
from highneeds.models import funnel as model
from highneeds.models.funnel import (
    FEW,
    HIGHER,
    LOWER,
    RATE,
    SHARE,
    WITHIN,
    adjusted,
    funnel,
    funnel_of_changes,
    tau_squared,
    two_sided,
    verdicts,
)
from highneeds.models.intervals import difference95, interval95

# Thirteen trials of a vaccine (Colditz and others 1994), a set that textbooks of meta-analysis print: cases and others
# of those given it, cases and others of those not.
TRIALS = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]


def rows(tops, bottoms) -> pd.DataFrame:
    codes = [f"E{at:08d}" for at in range(len(tops))]
    return pd.DataFrame({"area_code": codes, "numerator": tops, "denominator": bottoms}).astype(
        {"numerator": float, "denominator": float}
    )


def drawn(seed: int, *, kind: str, spread: float, count: int = 150, moved: float = 0.0) -> pd.DataFrame:
    """Authorities of many sizes whose true rates differ by `spread` on the scale of the scores."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.normal(7, 0.9, count)).round() + 60
    if kind == SHARE:
        true = np.sin(np.clip(math.asin(math.sqrt(0.4)) + rng.normal(0, spread, count), 0, math.pi / 2)) ** 2
        return rows(rng.binomial(sizes.astype(int), true), sizes)
    people = sizes * 60
    return rows(rng.poisson(people * 0.02 * np.exp(rng.normal(moved, spread, count))), people)


# ---- Published numbers -----------------------------------------------------------------------------------------------


def test_the_spread_is_the_one_that_textbooks_print():
    """Paule and Mandel's variance between the thirteen trials is printed as 0.318, about its own mean."""
    scores = np.array([math.log((a / (a + b)) / (c / (c + d))) for a, b, c, d in TRIALS])
    errors = np.sqrt([1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in TRIALS])
    mean, variance = float(scores.mean()), 0.0
    for _ in range(50):
        variance = tau_squared(scores, errors, mean, cut=0.0)
        weights = 1 / (errors**2 + variance)
        mean = float((scores * weights).sum() / weights.sum())

    assert (0.318, -0.715) == (round(variance, 3), round(mean, 3))


def test_adjusted_probabilities_are_those_of_the_paper_that_made_the_method():
    """Benjamini and Hochberg 1995, example: of 15 probabilities the four smallest are kept at 5%."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]

    kept = [name for name, value in adjusted({str(at): value for at, value in enumerate(p)}).items() if value <= 0.05]

    assert {"0", "1", "2", "3"} == set(kept)


@pytest.mark.parametrize(
    ("top", "bottom", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_ranges_of_shares_are_those_that_newcombe_printed(top, bottom, low, high):
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (Wilson)."""
    assert (low, high) == tuple(round(end, 4) for end in interval95(top, bottom, kind=SHARE))


def test_the_range_of_a_difference_is_the_one_that_newcombe_printed():
    """Newcombe 1998, Statistics in Medicine 17:873, table II (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339."""
    one, two = interval95(56, 70, kind=SHARE), interval95(48, 80, kind=SHARE)

    low, high = difference95(56 / 70, one, 48 / 80, two)

    assert (0.0524, 0.3339) == (round(low, 4), round(high, 4))


@pytest.mark.parametrize("count", [10, 25, 100, 4001])
def test_ranges_of_rates_are_next_to_the_exact_ones(count):
    """Byar's range of a count lies within one in two hundred of the exact one from ten cases on."""
    from scipy.stats import chi2

    exact = chi2.ppf(0.025, 2 * count) / 2, chi2.ppf(0.975, 2 * count + 2) / 2

    assert pytest.approx(exact, rel=0.005) == interval95(count, 1, kind=RATE)


# ---- Laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SHARE, RATE])
@pytest.mark.parametrize("spread", [0.0, 0.15])
def test_one_authority_in_twenty_lies_outside_where_none_is_an_outlier(kind, spread):
    """With and without a spread between authorities the 95% limits hold 95%, the 99.8% ones 99.8%."""
    made = [funnel(drawn(seed, kind=kind, spread=spread), kind=kind) for seed in range(40)]

    assert 0.04 < np.mean([each.outside(0.95) for each in made]) < 0.065
    assert np.mean([each.outside(0.998) for each in made]) < 0.006


def test_drawing_in_alone_would_leave_one_in_ten_outside(monkeypatch):
    """Why the spread is put right for the drawing in: without, twice as many would be called unlike."""
    monkeypatch.setattr(model, "_drawn_in", lambda cut: 1.0)

    made = [funnel(drawn(seed, kind=SHARE, spread=0.15), kind=SHARE).outside(0.95) for seed in range(40)]

    assert np.mean(made) > 0.09


@pytest.mark.parametrize("kind", [SHARE, RATE])
def test_the_spread_that_was_put_in_is_found(kind):
    """The estimate is near the truth on average; where there is none it is near nought, and often nought."""
    found = [funnel(drawn(seed, kind=kind, spread=0.2), kind=kind).tau for seed in range(40)]
    none = [funnel(drawn(seed, kind=kind, spread=0.0), kind=kind).tau for seed in range(40)]

    assert pytest.approx(0.2, rel=0.06) == np.mean(found)
    assert np.mean(none) < 0.012 and 0.0 in none


def test_one_outlier_hardly_widens_the_yardstick_it_is_held_against():
    """An authority ten spreads away stays outside: the outermost are drawn in before the spread is taken."""
    table = drawn(1, kind=SHARE, spread=0.05)
    before = funnel(table, kind=SHARE)
    table.loc[7, "numerator"] = table.loc[7, "denominator"] * 0.95
    after = funnel(table, kind=SHARE)

    assert pytest.approx(before.tau, rel=0.07) == after.tau
    assert after.z_of("E00000007") > 5


COUNTS = st.lists(
    st.integers(20, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=20, max_size=40
).filter(lambda pairs: 0 < sum(top for top, _ in pairs) < sum(bottom for _, bottom in pairs))


@settings(deadline=None, max_examples=60)
@given(COUNTS, st.randoms())
def test_the_order_of_authorities_does_not_matter(pairs, random):
    """A list sorted by name gives what a list sorted by code gives."""
    table = rows(*zip(*pairs, strict=True))
    order = list(range(len(table)))
    random.shuffle(order)

    one, two = funnel(table, kind=SHARE), funnel(table.iloc[order], kind=SHARE)

    assert one.codes == two.codes and np.array_equal(one.z, two.z)


@settings(deadline=None, max_examples=60)
@given(COUNTS)
def test_a_share_and_what_is_left_of_it_are_mirror_images(pairs):
    """Whether met or not met is counted, the same authorities are unlike."""
    tops, bottoms = (np.array(side) for side in zip(*pairs, strict=True))

    one, two = funnel(rows(tops, bottoms), kind=SHARE), funnel(rows(bottoms - tops, bottoms), kind=SHARE)

    assert np.allclose(one.z, -two.z, atol=1e-6)
    assert pytest.approx(one.tau, abs=1e-9) == two.tau


@settings(deadline=None, max_examples=60)
@given(COUNTS)
def test_the_slow_and_obvious_way_gives_the_same(pairs):
    """Loops and sums written down from the papers, nothing shared with the model."""
    table = rows(*zip(*pairs, strict=True))
    target = table["numerator"].sum() / table["denominator"].sum()
    made = funnel(table, kind=SHARE)
    gaps, noise = [], []
    for top, bottom in zip(table["numerator"], table["denominator"], strict=True):
        gaps.append(math.asin(math.sqrt((top + 3 / 8) / (bottom + 3 / 4))) - math.asin(math.sqrt(target)))
        noise.append(1 / (4 * bottom + 2))

    def spread(variance):
        z = [gap / math.sqrt(chance + variance) for gap, chance in zip(gaps, noise, strict=True)]
        low, high = np.percentile(z, 10), np.percentile(z, 90)
        return sum(min(max(value, low), high) ** 2 for value in z) / 0.67867

    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if spread(middle) > len(gaps) - 1 else (low, middle)

    expected = [gap / math.sqrt(chance + low) for gap, chance in zip(gaps, noise, strict=True)]
    assert pytest.approx(math.sqrt(low), rel=1e-3, abs=1e-5) == made.tau
    assert np.allclose(expected, made.z, rtol=1e-3, atol=1e-4)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_probabilities_are_never_smaller_and_keep_their_order(p):
    """Asking more questions never makes a finding surer."""
    made = adjusted(p)

    assert all(made[name] >= value - 1e-12 and made[name] <= 1 for name, value in p.items())
    order = sorted(p, key=p.get)
    assert all(made[one] <= made[two] + 1e-12 for one, two in zip(order, order[1:], strict=False))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 4000), st.integers(4001, 90_000), st.sampled_from([SHARE, RATE]))
def test_a_rate_lies_in_its_own_range(top, bottom, kind):
    """And the range of a share stays between none and all."""
    low, high = interval95(top, bottom, kind=kind)

    assert 0 <= low < top / bottom < high
    assert kind == RATE or high <= 1


# ---- Verdicts --------------------------------------------------------------------------------------------------------


def test_verdicts_need_more_than_one_measure_in_twenty():
    """Of twenty measures one at 2.1 deviations is chance; alone it would be called higher."""
    many = {str(at): 0.1 for at in range(19)} | {"far": 2.1}

    assert (WITHIN, HIGHER) == (verdicts(many)["far"], verdicts({"far": 2.1})["far"])
    assert {"a": LOWER, "b": FEW} == verdicts({"a": -4.0, "b": float("nan")})


def test_a_false_outlier_is_as_rare_as_promised():
    """Authorities none of which is unlike, judged on 15 measures: one in twenty or fewer has any called."""
    z = np.random.default_rng(3).normal(size=(2000, 15))

    called = [any(word != WITHIN for word in verdicts(dict(enumerate(row))).values()) for row in z]

    assert 0.035 < np.mean(called) < 0.065


def test_beside_a_group_of_its_kind_an_authority_is_within():
    """The mean of others has an error of its own; an authority among its like lies outside one time in twenty."""
    z = []
    for seed in range(200):
        made = funnel(drawn(seed, kind=RATE, spread=0.15), kind=RATE)
        z.append(made.beside(made.codes[0], made.codes[1:11]))

    assert 0.025 < np.mean(np.abs(z) > 1.96) < 0.085


def test_a_group_of_one_is_no_group():
    """Nor does the authority itself count as one of them."""
    made = funnel(drawn(1, kind=SHARE, spread=0.1), kind=SHARE)

    assert math.isnan(made.beside(made.codes[0], [made.codes[0], made.codes[1]]))
    assert math.isnan(made.beside("E99999999", made.codes[:5]))


def test_a_move_of_all_is_no_move_of_one():
    """Every authority doubled: none moved unlike the others. One that did not stands out."""
    first = drawn(5, kind=RATE, spread=0.2)
    last = first.assign(numerator=first["numerator"] * 2)
    last.loc[11, "numerator"] = first.loc[11, "numerator"]

    made = funnel_of_changes(first, last, kind=RATE)

    assert 0.0 == made.tau
    assert HIGHER not in verdicts(dict(zip(made.codes, made.z, strict=True))).values()
    assert made.z_of("E00000011") == made.z.min() < -2


# ---- What is left out ------------------------------------------------------------------------------------------------


def test_few_cases_and_parts_above_their_whole_are_not_scored():
    """Nine of a share's whole, nine cases of a rate, eleven of ten: none has a score, and none bends the others'."""
    table = drawn(2, kind=SHARE, spread=0.1)
    bent = pd.concat([table, rows([4, 11, -1], [9, 10, 50]).assign(area_code=["few", "over", "under"])])

    made = funnel(bent, kind=SHARE)

    assert not {"few", "over", "under"} & set(made.codes) and math.isnan(made.z_of("over"))
    assert funnel(table, kind=SHARE).tau == made.tau
    rates = pd.concat([drawn(2, kind=RATE, spread=0.1), rows([9], [1000]).assign(area_code=["few"])])
    assert "few" not in funnel(rates, kind=RATE).codes


def test_too_few_authorities_or_nothing_to_tell_apart_give_no_funnel():
    """Nineteen authorities do not say how far authorities differ; nor do a hundred with none."""
    assert funnel(drawn(1, kind=SHARE, spread=0.1, count=19), kind=SHARE) is None
    assert funnel(rows([0] * 100, [50] * 100), kind=SHARE) is None
    assert funnel(rows([50] * 100, [50] * 100), kind=SHARE) is None


def test_limits_narrow_with_size_and_hold_the_target():
    """A funnel: and with no spread it closes on the target."""
    made = funnel(drawn(4, kind=SHARE, spread=0.1), kind=SHARE)
    low, high = made.limits(np.array([50.0, 500.0, 5e9]), 0.95)

    assert (np.diff(high - low) < 0).all() and (low < made.target).all() and (high > made.target).all()
    inside = np.abs(made.z) <= 1.959964
    ends = made.limits(made.bottoms, 0.95)
    rate = made.tops / made.bottoms
    assert (inside == ((ends[0] <= rate) & (rate <= ends[1]))).all()


@pytest.mark.parametrize(("top", "bottom"), [(0, 17), (1, 30), (10, 12), (2, 40)])
def test_few_cases_are_not_called_rarer_than_they_are_by_more_than_tenfold(top, bottom):
    """None of 17 where one in four is usual comes by chance once in 70; the plain angle says once in 60,000."""
    from scipy.stats import binom

    many = rows([250] * 200, [1000] * 200)
    made = funnel(pd.concat([many, rows([top], [bottom]).assign(area_code=["few"])]), kind=SHARE)
    side = binom.cdf(top, bottom, 0.25) if top / bottom < 0.25 else binom.sf(top - 1, bottom, 0.25)

    assert 0.0 == made.tau
    assert 0.1 < two_sided(made.z_of("few")) / (2 * side) < 2


def test_faults_are_told():
    """An unknown kind, and an authority that stands there twice."""
    with pytest.raises(ParamsError, match="Expected share or rate"):
        funnel(drawn(1, kind=SHARE, spread=0.1), kind="percentage")
    doubled = drawn(1, kind=SHARE, spread=0.1)
    with pytest.raises(SchemaError, match="stands there twice"):
        funnel(pd.concat([doubled, doubled.iloc[:1]]), kind=SHARE)


def test_a_distance_has_the_probability_of_the_normal_table():
    """1.96 is one in twenty, either way."""
    assert pytest.approx(0.05, abs=1e-4) == two_sided(1.96) == two_sided(-1.96)
