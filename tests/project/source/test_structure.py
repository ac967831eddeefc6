"""The structure stays readable: `structure.py` counts, and says what each number is."""

import pytest

from tests.project.source import structure


@pytest.mark.parametrize("number", structure.numbers(), ids=lambda number: number.name)
def test_a_number_is_within_its_goal(number):
    assert number.is_reached, str(number)
