"""F28: a greeting says a first name or none, never a title, an initial or what is no name."""

import pytest

from clinic.patients.names import first_name, short_name


@pytest.mark.parametrize(
    ("typed", "greeted"),
    [
        ("Anna Lee", "Anna"),
        ("Siobhán O’Brien", "Siobhán"),
        ("Anne-Marie Smith", "Anne-Marie"),
        ("D'Arcy Jones", "D'Arcy"),
        ("Cher", "Cher"),
        ("李明", "李明"),
        ("Mrs Anna Lee", "Anna"),
        ("Dr. Sam Lee", "Sam"),
        ("Prof Dr Sam Lee", "Sam"),
        ("Mrs", ""),
        ("Mrs Lee", ""),
        ("MR. SMITH", ""),
        ("Miss J. Lee", ""),
        ("J Lee", ""),
        ("J. R. Lee", ""),
        ("Lee, Anna", ""),
        ("anna@example.com", ""),
        ("www.example.com Lee", ""),
        ("07700 900123", ""),
        ("", ""),
        ("   ", ""),
    ],
)
def test_f28_the_word_to_greet_with(typed, greeted):
    assert first_name(typed) == greeted


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("Anna Lee", "A. Lee"), ("Mrs Anna Lee", "A. Lee"), ("Mrs Lee", "Mrs Lee"), ("Cher", "Cher"), ("", "")],
)
def test_f28_initial_and_surname(typed, shown):
    assert short_name(typed) == shown
