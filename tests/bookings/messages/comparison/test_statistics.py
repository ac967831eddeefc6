"""The formulas against the examples their authors published, and against what must hold of any numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.messages.comparison.significance import chance_of
from bookings.messages.comparison.statistics import Share, newcombe, wilson
from tests.bookings.messages.comparison.shares import shares


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


@given(shares(most=60), st.integers(2, 20))
def test_more_of_the_same_narrows_the_interval(share, times):
    few, many = wilson(share), wilson(Share(share.hits * times, share.of * times))
    assert many.high - many.low < few.high - few.low
