from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.messages.comparison.statistics import Share
from bookings.messages.comparison.verdict import ENOUGH, TO_SEE_IT, Kind, judge, odds


def test_below_thirty_it_is_too_early():
    said = judge(Share(9, 29), Share(0, 30))
    assert (said.kind, said.title) == (Kind.EARLY, "Too early to say")
    assert "Fewer than 30 visits with a known end for “A” (29)." in said.text
    assert "“A” (29) and “B” (0)" in judge(Share(9, 29), Share(0, 0)).text


def test_a_small_difference_may_be_chance():
    said = judge(Share(6, 100), Share(4, 100))
    assert (said.kind, said.title) == (Kind.CHANCE, "The difference may be only chance")
    assert "6.0 in 100 with “A”, 4.0 in 100 with “B”" in said.text
    assert "differ this much about 1 time in 2." in said.text
    assert "between 8.9 fewer and 4.7 more missed in 100 with “B”" in said.text


def test_no_difference_is_called_none():
    said = judge(Share(5, 100), Share(10, 200))
    assert (said.kind, said.title) == (Kind.CHANCE, "No difference so far")
    assert "5.0 in 100 were missed with either wording" in said.text


@pytest.mark.parametrize(
    ("a", "b", "better"), [(Share(30, 320), Share(10, 320), "B"), (Share(10, 320), Share(30, 320), "A")]
)
def test_a_large_difference_names_the_better(a, b, better):
    said = judge(a, b)
    assert (said.kind, said.title) == (Kind.DIFFERENCE, f"Fewer visits were missed with “{better}”")
    assert said.text.startswith(
        "3.1 in 100 against 9.4. A difference this large would come by chance about 1 time in 900."
    )
    assert f"between 2.5 and 10.2 {'fewer' if better == 'B' else 'more'} missed in 100 with “B”" in said.text
    assert "tends to look larger than it is" in said.text


def test_the_nhs_trial_would_have_needed_about_1900_of_each():
    assert TO_SEE_IT == 1894
    hundredths = [Share(round(share * TO_SEE_IT), TO_SEE_IT) for share in (0.111, 0.084)]
    said = judge(*hundredths)
    assert said.kind == Kind.DIFFERENCE
    assert "tends to look larger" not in said.text


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (1.0, "more often than not"),
        (0.5, "about 1 time in 2"),
        (0.0499, "about 1 time in 20"),
        (0.026, "about 1 time in 40"),
        (0.011, "about 1 time in 90"),
        (0.0041, "about 1 time in 250"),
        (0.001, "about 1 time in 1,000"),
        (0.0009, "less than 1 time in 1,000"),
    ],
)
def test_odds_are_said_in_whole_rounded_numbers(chance, words):
    assert odds(chance) == words


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_there_is_always_something_to_say_and_swapping_swaps_it(missed_a, came_a, missed_b, came_b):
    a, b = Share(missed_a, missed_a + came_a), Share(missed_b, missed_b + came_b)
    said, swapped = judge(a, b), judge(b, a)
    assert said.kind == swapped.kind
    assert (said.kind == Kind.EARLY) == (min(a.of, b.of) < ENOUGH)
    if said.kind == Kind.DIFFERENCE:
        assert said.title.endswith("“B”") == swapped.title.endswith("“A”") == (b.value < a.value)
