"""The formulas against the examples their authors published, and against what must hold of any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.messages.comparison.statistics import Share, chance_of, fisher, needed, newcombe, wilson


@st.composite
def shares(draw, most=400):
    of = draw(st.integers(1, most))
    return Share(draw(st.integers(0, of)), of)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Stat Med 17:857-872, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_lies_where_wilson_says(hits, of, low, high):
    found = wilson(Share(hits, of))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),  # Newcombe 1998, Stat Med 17:873-890, table II, method 10
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), -0.1611, 0.2775),
        (Share(0, 10), Share(0, 10), -0.2775, 0.2775),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_lies_where_newcombe_says(one, other, low, high):
    found = newcombe(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "chance"),
    [
        (Share(3, 4), Share(1, 4), 0.485714),  # the lady tasting tea (Fisher 1935; Agresti 2002)
        (Share(2, 17), Share(10, 13), 0.000537),  # convictions of twins (Fisher 1962), as R's `fisher.test` prints it
        (Share(3, 3), Share(0, 3), 0.1),  # two of twenty tables
    ],
)
def test_few_are_compared_as_fisher_did(one, other, chance):
    assert round(fisher(one, other), 6) == chance


def test_few_are_compared_exactly_and_many_by_the_normal_curve():
    assert chance_of(Share(3, 4), Share(1, 4)) == fisher(Share(3, 4), Share(1, 4))
    assert chance_of(Share(2, 17), Share(10, 13)) != fisher(Share(2, 17), Share(10, 13))  # 5.2 expected


def test_shares_of_many():
    """Shares as in the NHS trial (Hallsworth 2015), 11.1 % against 8.4 %, of 2,500 each: far from chance."""
    one, other = Share(278, 2500), Share(210, 2500)
    pooled = 488 / 5000
    z = (278 - 210) / 2500 / math.sqrt(pooled * (1 - pooled) * 2 / 2500)
    assert chance_of(one, other) == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert 0.001 < chance_of(one, other) < 0.002
    assert chance_of(Share(10_000, 20_000), Share(1, 20_000)) > 0


def test_how_many_are_needed():
    """1,894 is (1.96 √(2·0.0975·0.9025) + 0.84 √(0.111·0.889 + 0.084·0.916))² / 0.027², by hand."""
    assert needed(0.111, 0.084) == needed(0.084, 0.111) == 1894
    assert needed(0.5, 0.75, power=0.9) == 77  # 76.7 in the examples of R's `power.prop.test`
    for shares_ in ((0.1, 0.1), (-0.1, 0.2), (0.2, 1.1)):
        with pytest.raises(ValueError, match="different shares"):
            needed(*shares_)


@pytest.mark.parametrize(("hits", "of"), [(2, 1), (-1, 3), (1, 0)])
def test_there_are_no_more_hits_than_there_were(hits, of):
    with pytest.raises(ValueError, match="is no share"):
        Share(hits, of)


def test_of_none_nothing_is_known():
    nobody = Share(0, 0)
    assert (wilson(nobody).low, wilson(nobody).high) == (0, 1)
    assert chance_of(nobody, Share(3, 4)) == 1


@given(shares())
def test_an_interval_holds_its_share_and_mirrors(share):
    found, mirrored = wilson(share), wilson(Share(share.of - share.hits, share.of))
    assert 0 <= found.low <= share.value <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


@given(shares(), shares())
def test_a_difference_holds_itself_and_turns_with_its_sides(one, other):
    found, turned = newcombe(one, other), newcombe(other, one)
    assert -1 <= found.low <= one.value - other.value <= found.high <= 1
    assert (found.low, found.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))


@given(shares(), shares())
def test_chance_is_a_share_of_its_own_and_the_same_from_either_side(one, other):
    chance = chance_of(one, other)
    assert 0 < chance <= 1
    assert chance == pytest.approx(chance_of(other, one))
    assert chance == pytest.approx(chance_of(Share(one.of - one.hits, one.of), Share(other.of - other.hits, other.of)))


@given(shares(most=60), shares(most=60))
def test_fisher_counts_every_table(one, other):
    assert 0 < fisher(one, other) <= 1
    if one.value == other.value:
        assert chance_of(one, other) == pytest.approx(1)


@given(shares(most=60), st.integers(2, 20))
def test_more_of_the_same_narrows_the_interval(share, times):
    few, many = wilson(share), wilson(Share(share.hits * times, share.of * times))
    assert many.high - many.low < few.high - few.low
