"""Votes, survey shares, risks and actions: facts of the papers first, then what must hold of any."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.models.governance.registers import open_actions, overdue, scored
from highneeds.models.governance.survey import FEW, LIKELY, NOT_CLEAR, OF_ALL, Share, rounded, wilson_pct
from highneeds.models.governance.votes import CARRIED, LOST, TIED, Vote

COUNTS = st.integers(0, 200)


# ---- What the papers say ---------------------------------------------------------------------------------------------


def test_f1_seven_of_sixty_one_rounds_to_eleven():
    """Leicestershire's forum prints 12%."""
    share = Share(7, 61, 73)

    assert (11, "11.5") == (rounded(share.pct), f"{share.pct:.1f}")


@pytest.mark.parametrize(("count", "least", "most"), [(37, 50.7, 67.1), (50, 68.5, 84.9), (1, 1.4, 17.8)])
def test_f1_shares_of_all_73_schools_lie_between_none_and_all_of_the_twelve_that_were_silent(count, least, most):
    """61 of 73 answered: 37 agreed on value for money, which is just over half of all asked."""
    low, high = Share(count, 61, 73).of_all

    assert (least, most) == (round(low, 1), round(high, 1))


def test_f1_both_majorities_hold_whatever_the_others_think():
    """37 and 50 of 73 are more than half; 7 of 61 is no majority by any count."""
    assert (OF_ALL, OF_ALL) == (Share(37, 61, 73).majority, Share(50, 61, 73).majority)
    assert NOT_CLEAR == Share(7, 61, 73).majority


def test_f2_the_closest_vote_could_not_be_turned():
    """13 for, 2 against, 1 abstained, 17 listed as present: two more votes against change nothing."""
    vote = Vote(13, 2, 1, present=17)

    assert (CARRIED, 15, 16, 1) == (vote.outcome, vote.cast, vote.voted, vote.silent)
    assert not vote.could_turn(vote.abstained + vote.silent)


def test_wilson_agrees_with_its_published_formula():
    """81 of 263: 25.5% to 36.6% (Newcombe 1998, table I, method 3)."""
    low, high = wilson_pct(81, 263)

    assert (25.5, 36.6) == (round(low, 1), round(high, 1))


# ---- Laws ------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(base=st.integers(10, 300), part=st.floats(0, 1), silent=st.integers(0, 300))
def test_a_share_lies_in_its_interval_and_in_its_range(base, part, silent):
    """Neither leaves 0 to 100, the range holds the share, and knowing how many were asked never widens the interval."""
    count = round(part * base)
    share = Share(count, base, base + silent)
    low, high = share.interval
    wide_low, wide_high = wilson_pct(count, base)
    least, most = share.of_all

    assert 0 <= low <= share.pct + 1e-9 and share.pct - 1e-9 <= high <= 100
    assert high - low <= wide_high - wide_low + 1e-9
    assert 0 <= least <= share.pct + 1e-9 and share.pct - 1e-9 <= most <= 100 + 1e-9


@given(base=st.integers(10, 300), part=st.floats(0, 1))
def test_where_all_who_were_asked_answered_nothing_is_uncertain(base, part):
    """A census has no interval and no range."""
    share = Share(round(part * base), base, base)

    assert share.interval == share.of_all == (share.pct, share.pct)


@settings(deadline=None)
@given(base=st.integers(10, 300), part=st.floats(0, 1))
def test_turning_every_answer_round_turns_the_interval_round(base, part):
    """Those who did not say so have the rest of the share."""
    count = round(part * base)
    (low, high), (other_low, other_high) = wilson_pct(count, base), wilson_pct(base - count, base)

    assert (low, high) == pytest.approx((100 - other_high, 100 - other_low), abs=1e-9)


@pytest.mark.parametrize("base", [1, 9])
def test_under_ten_answers_give_no_share(base):
    """Nor an interval, nor a majority."""
    share = Share(base, base, 40)

    assert (None, None, FEW) == (share.pct, share.interval, share.majority)


def test_a_majority_is_likely_only_where_its_interval_is_above_half():
    """60 of 100 of 10,000 is; 55 of 100 is not, though both are above half."""
    assert (LIKELY, NOT_CLEAR) == (Share(60, 100, 10_000).majority, Share(55, 100, 10_000).majority)


@given(approved=COUNTS, rejected=COUNTS, abstained=COUNTS)
def test_for_and_against_mirror_each_other(approved, rejected, abstained):
    """Exactly one outcome, and swapping the sides swaps it."""
    mirrored = {CARRIED: LOST, LOST: CARRIED, TIED: TIED}
    vote = Vote(approved, rejected, abstained)

    assert mirrored[vote.outcome] == Vote(rejected, approved, abstained).outcome
    assert vote.voted == approved + rejected + abstained


@given(approved=COUNTS, rejected=COUNTS, others=COUNTS)
def test_a_vote_can_be_turned_only_by_as_many_as_its_majority(approved, rejected, others):
    """What could_turn says is what happens when all others join the losing side."""
    vote = Vote(approved, rejected, 0)
    losing = (approved, rejected + others) if approved >= rejected else (approved + others, rejected)
    after = Vote(*losing, 0).outcome

    assert vote.could_turn(others) == (others > 0 and after != vote.outcome)


# ---- Registers -------------------------------------------------------------------------------------------------------


def test_risks_are_scored_only_where_both_numbers_are_given():
    """The highest first; the others keep the register's order, without a score."""
    risks = pd.DataFrame(
        {"id": ["a", "b", "c", "d"], "likelihood": [2.0, None, 5.0, 4.0], "impact": [3.0, 5.0, 4.0, None]}
    )

    made = scored(risks)

    assert ["c", "a", "b", "d"] == made["id"].tolist()
    assert [20, 6] == made["score"].dropna().tolist()


def test_an_action_is_overdue_only_when_open_dated_and_past():
    """Due on the day itself is not overdue; done is not; without a day it never is."""
    actions = pd.DataFrame(
        {
            "id": ["late", "today", "done", "undated"],
            "state": ["open", "open", "done", "open"],
            "agreed_on": pd.to_datetime(["2025-02-01", "2025-01-01", "2025-01-01", "2025-01-02"]),
            "due_by": pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-01", None]),
        }
    )

    assert ["late"] == overdue(actions, date(2025, 3, 2))["id"].tolist()
    assert ["today", "undated", "late"] == open_actions(actions)["id"].tolist()
