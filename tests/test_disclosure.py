"""Disclosure control: the policy, suppression, rounding, shares and the register of released tables."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.disclosure.linked import system_of
from highneeds.disclosure.policy import Policy, make_policy
from highneeds.disclosure.register import (
    as_text,
    blocked,
    carried,
    empty_register,
    from_text,
    hide_keys,
    register_of,
    with_release,
)
from highneeds.disclosure.relations import CountTable
from highneeds.disclosure.release import prepare
from highneeds.disclosure.rounding import mixed, rounded
from highneeds.disclosure.shares import protected_durations, protected_shares, protected_unit_costs, share_leaks
from highneeds.disclosure.spans import months_of, time_sums
from highneeds.disclosure.suppress import protect, published, worked_out
from highneeds.errors import ParamsError, SchemaError, SourceError

POLICY = Policy()


def crossed(rows, columns, counts, *, row="area", column="period"):
    """Long frame of a small printed table: rows down, columns across."""
    return pd.DataFrame(
        [
            {row: down, column: across, "count": count}
            for down, line in zip(rows, counts, strict=True)
            for across, count in zip(columns, line, strict=True)
        ]
    )


def printed(protected, name="t", *, row="area", column="period"):
    """A protected table as its reader sees it: a line for each row, [c] where a count is hidden."""
    frame = protected.tables[name]
    text = frame["value"].astype("str").where(frame["status"].eq(""), "[" + frame["status"] + "]")
    wide = frame.assign(text=text).pivot_table(index=row, columns=column, values="text", aggfunc="first", sort=False)
    return {label: " ".join(line) for label, line in zip(wide.index, wide.to_numpy(), strict=True)}


# --- policy ----------------------------------------------------------------------------------------------------------


def test_the_policy_says_in_one_sentence_what_was_done():
    """The sentence and the policy's name stand under every table."""
    says = Policy().says
    strict = Policy().says_for(["school"])

    assert says == (
        "Counts of 1 to 4 are not shown [c], and others are hidden so that they cannot be worked out. "
        "Disclosure policy: standard."
    )
    assert strict.startswith("Counts of 1 to 9 are not shown [c]")
    assert "nearest 5" in Policy(method="round").says
    assert "exact" in Policy(method="none").says


def test_one_school_or_two_attributes_crossed_are_held_to_the_stricter_threshold():
    """A school's boys with one need are a handful that classmates can name."""
    faces = [("area", "period"), ("school",), ("need",), ("need", "sex"), ()]

    assert [5, 10, 5, 10, 5] == [POLICY.threshold_for(face) for face in faces]


def test_every_fault_of_a_policy_is_told_with_what_to_do():
    """Unknown keys are refused, because a misspelt threshold would silently be the default."""
    with pytest.raises(ParamsError) as found:
        make_policy({"treshold": 3, "method": "hide", "rounding_base": 1})

    assert 3 == len(found.value.faults)
    assert "Did you mean 'threshold'?" in str(found.value)
    assert "found 'hide'. Expected: suppress, round or none" in str(found.value)


def test_thresholds_out_of_order_are_refused():
    """A school's threshold below an area's would be a slip."""
    with pytest.raises(ParamsError, match="school_threshold is below threshold"):
        make_policy({"threshold": 12})


# --- suppression -----------------------------------------------------------------------------------------------------


def test_a_lone_small_count_takes_the_next_smallest_of_its_row_and_column_with_it():
    """One [c] in a row is the row's total less the rest."""
    table = crossed(
        ["Dover", "Thanet", "Swale", "Total"],
        ["a", "b", "c", "Total"],
        [[3, 20, 30, 53], [40, 10, 50, 100], [60, 70, 80, 210], [103, 100, 160, 363]],
        column="outcome",
    )
    shown = protect([CountTable("t", "requests", table, {"area": "Total", "outcome": "Total"})], policy=POLICY)

    assert printed(shown, column="outcome") == {
        "Dover": "[c] [c] 30 53",
        "Thanet": "[c] [c] 50 100",
        "Swale": "60 70 80 210",
        "Total": "103 100 160 363",
    }


def test_zeros_are_shown_unless_they_reveal_a_whole_group():
    """A zero says nobody; all but one zero says everybody, which is told of a person's attributes alone."""
    counts = [[20, 0, 0, 20], [15, 25, 35, 75], [35, 25, 35, 95]]
    plain = crossed(["Dover", "Thanet", "Total"], ["a", "b", "c", "Total"], counts, column="outcome")
    personal = plain.rename(columns={"outcome": "need"})

    first = protect([CountTable("t", "requests", plain, {"area": "Total", "outcome": "Total"})], policy=POLICY)
    second = protect([CountTable("t", "requests", personal, {"area": "Total", "need": "Total"})], policy=POLICY)

    assert "20 0 0 20" == printed(first, column="outcome")["Dover"]
    assert "[c] [c] 0 20" == printed(second, column="need")["Dover"]


def test_what_a_total_holds_beyond_its_listed_parts_is_protected_too():
    """Two areas of three listed: the third is the total less the two."""
    table = pd.DataFrame({"area": ["Dover", "Thanet", "Total"], "count": [40, 60, 103]})
    shown = protect([CountTable("t", "requests", table, {"area": "Total"})], policy=POLICY)

    assert ["c", "", ""] == shown.tables["t"]["status"].tolist()


def test_two_running_totals_protect_the_month_between_them():
    """To April 40, to May 42: two children in May."""
    labels = ["2025-01 to 2025-04", "2025-01 to 2025-05"]
    table = pd.DataFrame({"area": "Dover", "period": labels, "count": [40, 42]})
    sums = {"period": time_sums(labels)}
    shown = protect([CountTable("t", "requests", table, {"area": None, "period": None}, sums)], policy=POLICY)

    assert "c" in shown.tables["t"]["status"].tolist()


def test_measures_that_add_up_are_one_system():
    """33 of 35 on time: the two that were late are a small count though no table prints them."""
    frame = pd.DataFrame({"area": ["Dover", "Thanet", "Total"], "count": [35, 60, 95]})
    on_time = frame.assign(count=[33, 40, 73])
    tables = [
        CountTable("a", "issued", frame, {"area": "Total"}),
        CountTable("b", "on_time", on_time, {"area": "Total"}),
    ]
    shown = protect(tables, policy=POLICY, adds={"issued": ["on_time"]})

    assert ["c", "c", ""] == shown.tables["b"]["status"].tolist()
    assert ["", "", ""] == shown.tables["a"]["status"].tolist()


def test_linked_tables_hide_the_same_margins_and_stay_unsolvable():
    """A margin hidden in one table and shown in the other is not hidden."""
    rng = np.random.default_rng(5)
    cases = crossed([f"A{n}" for n in range(6)], list("abcde"), rng.poisson(4, (6, 5)), column="outcome")
    first = with_totals(cases, ["area", "outcome"])
    second = with_totals(cases.groupby("area", as_index=False)["count"].sum(), ["area"])
    tables = [
        CountTable("a", "requests", first, {"area": "Total", "outcome": "Total"}),
        CountTable("b", "requests", second, {"area": "Total"}),
    ]
    shown = protect(tables, policy=POLICY)
    margins = shown.tables["a"].query("outcome == 'Total'").sort_values("area")["value"].tolist()

    assert margins == shown.tables["b"].sort_values("area")["value"].tolist()
    assert [] == worked_out(system_of(tables, policy=POLICY), shown.cells["state"].to_numpy())


def with_totals(frame, dims):
    for dim in dims:
        rest = [name for name in frame.columns if name not in (dim, "count")]
        total = frame.groupby(rest, as_index=False)["count"].sum() if rest else frame[["count"]].sum().to_frame().T
        frame = pd.concat([frame, total.assign(**{dim: "Total"})], ignore_index=True)
    return frame


def county(months=24, areas=30, mean=3.0):
    """A county's requests: months, quarters and years by area, with totals."""
    rng = np.random.default_rng(1)
    labels = [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(months)]
    counts = rng.poisson(mean * np.tile(rng.gamma(1.5, 1, areas), (months, 1)))
    frame = crossed(labels, [f"Area {n}" for n in range(areas)], counts, row="period", column="area")
    sums = time_sums([f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)] + ["2024", "2025"])
    spans = [
        frame[frame["period"].isin(parts)].groupby("area", as_index=False)["count"].sum().assign(period=span)
        for span, parts in sums.items()
    ]
    frame = with_totals(pd.concat([frame, *spans], ignore_index=True), ["area"])
    return CountTable("t", "requests", frame, {"area": "Total", "period": None}, {"period": sums})


def test_a_county_of_two_years_is_protected_and_loses_no_total_of_the_county():
    """24 months, 30 areas, quarters, years and totals: the whole county's counts are large and stay."""
    table = county()
    shown = protect([table], policy=POLICY)
    whole = shown.tables["t"].query("area == 'Total'")

    assert [] == worked_out(system_of([table], policy=POLICY), shown.cells["state"].to_numpy())
    assert whole["status"].eq("").all()
    assert shown.cells["state"].eq("secondary").sum() < 0.1 * len(shown.cells)


def test_the_same_tables_hide_the_same_cells():
    """A second run that hid others would give away both."""
    tables = [county(months=6, areas=8)]

    assert protect(tables, policy=POLICY).tables["t"].equals(protect(tables, policy=POLICY).tables["t"])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"count": [1, 2, 4]}, "do not add"),
        ({"count": [1, 2, -3]}, "row 3, are no whole number"),
        ({"area": ["Dover", "Dover", "Total"]}, "stand twice, first at row 2"),
        ({"area": ["Dover", None, "Total"]}, "blank label"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(change, fault):
    """Protection of a wrong sum protects nothing."""
    frame = pd.DataFrame({"area": ["Dover", "Thanet", "Total"], "count": [10, 20, 25]}).assign(**change)
    frame = frame.assign(count=[3, 4, 5]) if "area" in change or fault == "do not add" else frame
    with pytest.raises(SchemaError, match=fault):
        system_of([CountTable("t", "requests", frame, {"area": "Total"})], policy=POLICY)


def test_tables_that_disagree_on_a_cell_are_refused():
    """One measure and one place is one count."""
    frame = pd.DataFrame({"area": ["Dover"], "count": [10]})
    with pytest.raises(SchemaError, match="tables a, b print different counts"):
        system_of(
            [
                CountTable("a", "requests", frame, {"area": None}),
                CountTable("b", "requests", frame.assign(count=11), {"area": None}),
            ],
            policy=POLICY,
        )


# --- rounding --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30), st.integers(2, 12))
def test_rounded_counts_are_multiples_within_half_a_base_and_small_ones_are_low(counts, base):
    """Four laws: multiple, near, order kept, and a case is never printed as nobody."""
    frame = pd.DataFrame({"count": counts})
    out = rounded(frame, policy=Policy(rounding_base=base))
    value = out["value"].fillna(0).astype("int64")

    assert value.mod(base).eq(0).all()
    assert (value - frame["count"]).abs().le(base / 2).all()
    assert value[frame["count"].sort_values().index].is_monotonic_increasing
    assert (out["status"].eq("low") == (frame["count"].gt(0) & value.eq(0))).all()


def test_counts_are_rounded_each_by_itself():
    """2 + 2 + 3 = 7 prints as [low] + [low] + 5 = 5."""
    out = rounded(pd.DataFrame({"count": [2, 2, 3, 7, 0]}), policy=POLICY)

    assert [pd.NA, pd.NA, 5, 5, 0] == out["value"].tolist()
    assert ["low", "low", "", "", ""] == out["status"].tolist()


def test_rounded_tables_are_not_printed_beside_exact_ones():
    """Exact parts give back what a rounded total hides."""
    tables = {"a": pd.DataFrame({"value": [5, 10]}), "b": pd.DataFrame({"value": [7]})}

    assert [] == mixed(tables, policy=POLICY, rounded_names=[])
    assert "b: exact counts beside rounded ones (a)" in mixed(tables, policy=POLICY, rounded_names=["a"])[0]
    assert "b: said to be rounded, but 1 values" in mixed(tables, policy=POLICY, rounded_names=["a", "b"])[0]


@pytest.mark.parametrize(("method", "values"), [("round", [5, 25, 25]), ("none", [3, 23, 26])])
def test_a_policy_that_does_not_suppress_rounds_or_prints_exactly(method, values):
    """The policy is the caller's choice, told under the table."""
    frame = pd.DataFrame({"area": ["Dover", "Thanet", "Total"], "count": [3, 23, 26]})
    out = published([CountTable("t", "requests", frame, {"area": "Total"})], policy=Policy(method=method))

    assert values == out.tables["t"]["value"].tolist()


# --- shares, durations, money ----------------------------------------------------------------------------------------


def test_shares_on_few_cases_are_hidden_and_on_some_are_flagged():
    """Numerator 1-4, what it leaves 1-4, under 10, none at all, 10-29, and enough."""
    frame = pd.DataFrame({"numerator": [3, 38, 0, 0, 8, 20], "denominator": [40, 40, 9, 0, 20, 40]})
    out = protected_shares(frame, policy=POLICY)

    assert ["c", "c", "u", "z", "", ""] == out["status"].tolist()
    assert ["", "", "", "", "unreliable", ""] == out["flag"].tolist()
    assert [40.0, 50.0] == out["share_pct"].dropna().tolist()


def test_a_share_never_gives_a_hidden_count_back():
    """50% of 40 is the 20 that was hidden; so is 20 over 50% the hidden 40."""
    frame = pd.DataFrame(
        {
            "numerator": [20, 20, 20],
            "denominator": [40, 40, 40],
            "numerator_status": ["c", "", ""],
            "denominator_status": ["", "c", ""],
        }
    )
    naive = frame.assign(share_pct=100 * frame["numerator"] / frame["denominator"])
    out = protected_shares(frame, policy=POLICY)

    assert [0, 1] == share_leaks(naive)
    assert [] == share_leaks(out.assign(numerator_status=frame["numerator_status"]))
    assert ["c", "c", ""] == out["status"].tolist()


def test_no_count_comes_back_from_percentages_and_totals_of_random_tables():
    """The attack: percentage times printed denominator, then every row's total less what is known."""
    rng = np.random.default_rng(3)
    recovered = naive = 0
    for _ in range(20):
        issued = pd.DataFrame({"area": [f"A{n}" for n in range(8)], "count": rng.integers(12, 60, 8)})
        on_time = issued.assign(count=rng.binomial(issued["count"], rng.choice([0.05, 0.5, 0.95], 8)))
        tables = [
            CountTable("a", "issued", with_totals(issued, ["area"]), {"area": "Total"}),
            CountTable("b", "on_time", with_totals(on_time, ["area"]), {"area": "Total"}),
        ]
        shown = protect(tables, policy=POLICY, adds={"issued": ["on_time"]}).tables
        rows = pd.DataFrame(
            {
                "numerator": tables[1].counts["count"],
                "denominator": tables[0].counts["count"],
                "numerator_status": shown["b"]["status"],
                "denominator_status": shown["a"]["status"],
            }
        )
        shares = protected_shares(rows, policy=POLICY)["share_pct"].round(1)
        small = rows["numerator"].between(1, 4) | (rows["denominator"] - rows["numerator"]).between(1, 4)
        back = (shares * shown["a"]["value"].astype("Float64") / 100).round()
        recovered += int((small & back.eq(rows["numerator"]).fillna(False)).sum())
        recovered += int((small & shown["b"]["status"].eq("") & shown["a"]["status"].eq("")).sum())
        exact = (100 * rows["numerator"] / rows["denominator"]).round(1)
        naive += int((small & (exact * rows["denominator"] / 100).round().eq(rows["numerator"])).sum())

    assert naive > 20
    assert 0 == recovered


def test_durations_need_cases_and_are_never_one_childs():
    """A maximum is one child; a ninetieth percentile of twelve cases nearly is."""
    frame = pd.DataFrame({"cases": [9, 12, 60], "mean_days": [100.0, 110.0, 120.0], "p90_days": [200.0, 210.0, 220.0]})
    out = protected_durations(frame, policy=POLICY)

    assert ["u", "c", ""] == out["status"].tolist()
    assert [110.0, 120.0] == out["mean_days"].dropna().tolist()
    assert [220.0] == out["p90_days"].dropna().tolist()
    with pytest.raises(SchemaError, match="'max_days' is one child's"):
        protected_durations(frame.assign(max_days=1), policy=POLICY)


def test_unit_costs_of_few_placements_are_hidden_with_their_totals():
    """Four placements and their total is a price."""
    frame = pd.DataFrame({"cases": [4, 5], "unit_cost_gbp": [60_000.0, 61_000.0], "total_gbp": [240_000.0, 305_000.0]})
    out = protected_unit_costs(frame, policy=POLICY)

    assert ["c", ""] == out["status"].tolist()
    assert [[61_000.0], [305_000.0]] == [out[name].dropna().tolist() for name in ("unit_cost_gbp", "total_gbp")]


# --- register --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "months"),
    [
        ("2025-Q1", 3),
        ("2025", 12),
        ("2024-25", 12),
        ("2025-01 to 2025-04", 4),
        ("2025-03", 0),
        ("2024-27", 0),
        ("all", 0),
    ],
)
def test_spans_of_time_are_known_by_their_labels(label, months):
    """A quarter is its months whoever prints it."""
    assert months == len(months_of(label))


def release(name, day, *tables, policy=POLICY, **more):
    return register_of(tables, published(tables, policy=policy, **more), release=name, as_at=day)


def by_area(counts, period, *, areas=("Dover", "Thanet", "Swale"), total=True):
    """One period's requests by area."""
    frame = pd.DataFrame({"area": list(areas), "count": list(counts)})
    frame = with_totals(frame, ["area"]) if total else frame
    return CountTable(
        "areas", "requests", frame.assign(period=period), {"area": "Total" if total else None, "period": None}
    )


APRIL, MAY = date(2025, 5, 1), date(2025, 6, 1)


def test_the_register_survives_its_own_text():
    """It is kept as a file between releases."""
    made = release("april", APRIL, by_area([3, 20, 30], "2025-04", areas=("Dover|Deal", "a=b", "100%")))

    assert from_text(as_text(made)).rows.to_dict("list") == made.rows.to_dict("list")
    assert as_text(empty_register()) == "release,as_at,table,measure,coordinates,adds_over,value,status\n"


def test_a_damaged_register_is_refused_row_by_row():
    """A register that lost a line would let a release through."""
    text = as_text(release("april", APRIL, by_area([13, 20, 30], "2025-04")))
    with pytest.raises(SourceError, match="register.csv, row 2: not a cell of a release"):
        from_text(text.replace(",13,", ",,"))
    with pytest.raises(SourceError, match="row 1: the headings differ"):
        from_text("a,b\n1,2\n")


def test_an_unchanged_release_is_not_blocked():
    """The same table printed twice teaches nothing."""
    first = release("april", APRIL, by_area([3, 20, 30], "2025-04"))
    again = release("may", MAY, by_area([3, 20, 30], "2025-04"))

    assert [] == blocked(first, again, policy=POLICY)
    assert [] == blocked(empty_register(), first, policy=POLICY)


def test_a_month_that_comes_back_changed_by_a_few_is_blocked_below_the_authority():
    """13 became 15: two children were entered late in Dover. The authority's own total may move."""
    first = release("april", APRIL, by_area([13, 20, 30], "2025-04"))
    later = release("may", MAY, by_area([15, 20, 40], "2025-04"))
    found = blocked(first, later, policy=POLICY)
    strict = blocked(
        first, release("may", MAY, by_area([15, 20, 30], "2025-04")), policy=Policy(revision_levels={"authority"})
    )

    assert [("revision", "areas", "april", "area=Dover|period=2025-04")] == [
        (block.kind, block.table, block.release, block.coordinates) for block in found
    ]
    assert "area Dover, period 2025-04, differs from release april by fewer than the threshold" in found[0].says
    assert "hide the cell, or round" in found[0].says
    assert ["period=2025-04"] == [block.coordinates for block in strict]


def test_the_year_to_date_of_two_months_gives_the_month():
    """40 to April, 43 to May: three in May."""
    first = release("april", APRIL, by_area([40, 50, 60], "2025-01 to 2025-04"))
    later = release("may", MAY, by_area([43, 65, 80], "2025-01 to 2025-05"))
    found = blocked(first, later, policy=POLICY)

    assert [("difference", "area=Dover|period=2025-05")] == [(block.kind, block.coordinates) for block in found]
    assert ("requests|area=Dover|period=2025-01 to 2025-05",) == found[0].hide
    assert "hide requests, area Dover, period 2025-01 to 2025-05" in found[0].says


def test_a_quarter_after_two_of_its_months_gives_the_third():
    """Quarter less January and February."""
    months = [by_area([10, 20, 30], month) for month in ("2025-01", "2025-02")]
    first = release(
        "feb", APRIL, CountTable("areas", "requests", pd.concat([t.counts for t in months]), months[0].totals)
    )
    later = release("march", MAY, by_area([22, 60, 90], "2025-Q1"))

    assert ["area=Dover|period=2025-03"] == [block.coordinates for block in blocked(first, later, policy=POLICY)]


def test_all_minus_the_areas_shown_is_blocked():
    """The total last month, all areas but one this month."""
    first = release("april", APRIL, by_area([53], "2025-04", areas=("Total",), total=False))
    frame = pd.DataFrame({"area": ["Dover", "Thanet", "Swale"], "count": [3, 20, 30], "period": "2025-04"})
    table = CountTable("areas", "requests", frame, {"area": "Total", "period": None})
    whole = CountTable("whole", "requests", pd.DataFrame({"period": ["2025-04"], "count": [53]}), {"period": None})
    first = release("april", APRIL, whole)
    found = blocked(first, release("may", MAY, table), policy=POLICY)

    assert [("difference", "april", "area=Dover|period=2025-04")] == [
        (block.kind, block.release, block.coordinates) for block in found
    ]


def test_a_cell_shown_before_and_hidden_now_opens_the_small_one_beside_it():
    """Thanet was printed in April; hiding it in May no longer hides Dover."""
    whole = pd.DataFrame({"area": ["Dover", "Thanet", "Swale"], "count": [3, 20, 30], "period": "2025-04"})
    partly = CountTable("some", "requests", whole.iloc[1:2], {"area": None, "period": None})
    first = release("april", APRIL, partly)
    later = release("may", MAY, by_area([3, 20, 30], "2025-04"))
    found = blocked(first, later, policy=POLICY)

    assert ["area=Dover|period=2025-04"] == [block.coordinates for block in found]
    assert found[0].hide == ("requests|area=Swale|period=2025-04",)


def test_what_earlier_releases_hid_and_showed_is_carried_into_the_next():
    """With it the next release is protected so that the two agree."""
    whole = pd.DataFrame({"area": ["Thanet"], "count": [20], "period": "2025-04"})
    register = release("april", APRIL, CountTable("some", "requests", whole, {"area": None, "period": None}))
    hide, seen = carried(register)
    table = by_area([3, 20, 30], "2025-04")
    later = release("may", MAY, table, also_hide=hide, seen=seen)
    third = release("june", date(2025, 7, 1), table, also_hide=carried(later)[0], seen=carried(later)[1])

    assert [] == blocked(register, later, policy=POLICY)
    assert [] == blocked(with_release(register, later), third, policy=POLICY)


def test_what_a_block_says_to_hide_does_stop_it():
    """The way out of a block is given with it."""
    first = release("april", APRIL, by_area([40, 50, 60], "2025-01 to 2025-04"))
    table = by_area([43, 65, 80], "2025-01 to 2025-05")
    keys = hide_keys(blocked(first, release("may", MAY, table), policy=POLICY))

    assert [] == blocked(first, release("may", MAY, table, also_hide=keys, seen=carried(first)[1]), policy=POLICY)


def test_rounded_releases_cannot_be_subtracted():
    """A difference of two rounded counts is no count."""
    rounding = Policy(method="round")
    first = release("april", APRIL, by_area([40, 50, 60], "2025-01 to 2025-04"), policy=rounding)
    later = release("may", MAY, by_area([43, 65, 80], "2025-01 to 2025-05"), policy=rounding)

    assert [] == blocked(first, later, policy=rounding)


def test_no_block_tells_a_count():
    """What is said is printed by the command and kept in its log."""
    first = release("april", APRIL, by_area([1013, 1020, 1030], "2025-04"))
    found = blocked(first, release("may", MAY, by_area([1015, 1020, 1037], "2025-04")), policy=POLICY)

    assert 1 == len(found)
    assert not any(number in found[0].says for number in ("1013", "1015", " 2 "))


def months_by_area(true, lag, upto):
    """What a month's report would print: every month so far by area, cases entered late left out."""
    rows = [
        {"period": f"2025-{month + 1:02d}", "area": f"Area {area}", "count": int((delays <= upto - month).sum())}
        for month in range(upto + 1)
        for area, delays in enumerate(lag[month])
    ]
    sums = time_sums(["2025-Q1"]) if upto >= 2 else {}
    frame = pd.DataFrame(rows)
    quarters = [
        frame[frame["period"].isin(parts)].groupby("area", as_index=False)["count"].sum().assign(period=span)
        for span, parts in sums.items()
    ]
    frame = with_totals(pd.concat([frame, *quarters], ignore_index=True), ["area"])
    return CountTable("months", "requests", frame, {"area": "Total", "period": None}, {"period": sums})


@pytest.mark.parametrize("late", [0.0, 0.1])
def test_monthly_reports_can_be_released_one_after_another(late):
    """The practical case: a report each month, old months mended by late entries, a quarter closed in March."""
    rng = np.random.default_rng(4)
    true = rng.poisson(9, (4, 6))
    lag = [[rng.geometric(1 - late, count) - 1 for count in month] for month in true]
    register, revised = empty_register(), 0
    for month in range(4):
        table = months_by_area(true, lag, month)
        made = prepare([table], register, policy=POLICY, release=f"r{month}", as_at=date(2025, month + 2, 5))
        assert () == made.blocks
        assert [] == blocked(register, made.rows, policy=POLICY)
        register, revised = with_release(register, made.rows), revised + len(made.revised)

    assert bool(revised) == bool(late)
    assert 4 == register.rows["release"].nunique()


def test_releases_made_apart_do_give_a_count_away():
    """Without the register the same reports are not safe: the test above could fail."""
    whole = pd.DataFrame({"area": ["Dover", "Thanet", "Swale"], "count": [3, 20, 30], "period": "2025-04"})
    partly = CountTable("some", "requests", whole.iloc[1:2], {"area": None, "period": None})
    register = release("april", APRIL, partly)
    table = by_area([3, 20, 30], "2025-04")

    assert [] != blocked(register, release("may", MAY, table), policy=POLICY)
    assert () == prepare([table], register, policy=POLICY, release="may", as_at=MAY).blocks
