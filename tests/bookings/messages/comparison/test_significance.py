from __future__ import annotations

import math

import pytest
from hypothesis import given

from bookings.messages.comparison.significance import chance_of, fisher, needed
from bookings.messages.comparison.statistics import Share
from tests.bookings.messages.comparison.shares import shares


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
