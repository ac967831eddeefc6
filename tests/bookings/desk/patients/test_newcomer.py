import pytest

from bookings.desk.patients.newcomer import newcomer_in, who_has_the_number
from tests.factories.clinic import PatientFactory, StaffFactory


@pytest.mark.parametrize(
    ("text", "name", "phone", "written"),
    [
        ("jo ash 07700900456", "Jo Ash", "+447700900456", "07700 900456"),
        ("07700 900 456 Jo McAsh", "Jo McAsh", "+447700900456", "07700 900456"),
        ("jo o'brien-ash +44 7700 900456", "Jo O'Brien-Ash", "+447700900456", "07700 900456"),
        ("josé ash +33 6 12 34 56 78", "José Ash", "+33612345678", "+33 6 12 34 56 78"),
    ],
)
def test_a_name_and_a_number_are_someone(text, name, phone, written):
    newcomer = newcomer_in(text.split())

    assert (newcomer.full_name, newcomer.phone, newcomer.written_phone) == (name, phone, written)


@pytest.mark.parametrize(
    "text", ["", "jo ash", "07700900456", "jo ash 0770090", "jo 2nd 07700900456", "jo 07700900456 07700900457"]
)
def test_less_or_else_is_nobody(text):
    assert newcomer_in(text.split()) is None


@pytest.mark.django_db
def test_who_has_the_number_is_told_to_those_alone_who_may_open_the_record():
    known = PatientFactory(phone="+447700900456")
    newcomer = newcomer_in(["jo", "ash", "07700900456"])

    assert who_has_the_number(newcomer, StaffFactory(role="desk")) == [known]
    assert who_has_the_number(newcomer, StaffFactory(role="practitioner")) == []
