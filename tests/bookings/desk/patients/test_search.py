"""F16: whom the desk finds, by what it is told over the telephone."""

from datetime import date

import pytest

from bookings.desk.patients.search import found
from tests.bookings.readers import ALL_SEEING
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def siobhan():
    PatientFactory(full_name="Shirley O’Malley", email="shirley@example.com", phone="+447700900999")
    return PatientFactory(
        full_name="Siobhán O’Brien",
        email="s.obrien@example.com",
        phone="+447700900123",
        date_of_birth=date(1989, 3, 12),
    )


@pytest.mark.parametrize(
    "text",
    [
        "siobhan", "SIOBHÁN", "o'brien", "O’Brien", "obrien siobhan", "bri sio",
        "12 3 89", "12/03/1989", "12 March 1989", "12th mar 89", "12.3.1989", "1989-03-12", "12031989", "120389",
        "0123", "900123", "07700 900123", "+44 7700 900123", "0044 7700 900123", "(07700) 900-123",
        "s.obrien@example.com", "S.OBRIEN@", "brien 12 3 89", "siobhan 0123",
    ],
)  # fmt: skip
def test_f16_each_spelling_finds_one(siobhan, text):
    assert list(found(text, ALL_SEEING)) == [siobhan]


@pytest.mark.parametrize("text", ["siobhan omalley", "13 3 89", "0124", "32 13 1989", "'", "  "])
def test_f16_what_fits_nobody_finds_nobody(siobhan, text):
    assert list(found(text, ALL_SEEING)) == []


def test_f16_a_visit_or_a_record_is_found_by_its_reference(siobhan):
    visit = AppointmentFactory(patient=siobhan)
    hold = HoldFactory()

    for text in (visit.reference, f" {visit.reference.lower()} ", siobhan.reference, siobhan.reference.lower()):
        assert list(found(text, ALL_SEEING)) == [siobhan]
    assert list(found(hold.reference, ALL_SEEING)) == []


def test_f16_one_letter_is_an_initial_and_two_are_a_part(siobhan):
    wei = PatientFactory(full_name="Wei Li", email="", phone="")

    assert [list(found(text, ALL_SEEING)) for text in ("li", "wei li", "s obrien", "w", "e")] == [
        [wei],
        [wei],
        [siobhan],
        [wei],
        [],
    ]


def test_an_address_is_looked_for_by_what_no_name_has(siobhan):
    PatientFactory(full_name="Someone Else", email="siobhan.fan@example.com", phone="")

    assert list(found("siobhan", ALL_SEEING)) == [siobhan]
    assert [patient.full_name for patient in found("siobhan.fan", ALL_SEEING)] == ["Someone Else"]


def test_a_merged_record_is_not_found(siobhan):
    PatientFactory(full_name="Siobhan Old", merged_into=siobhan)

    assert list(found("siobhan", ALL_SEEING)) == [siobhan]
