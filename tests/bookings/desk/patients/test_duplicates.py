from datetime import date

import pytest

from bookings.desk.patients.duplicates import candidates
from tests.bookings.readers import ALL_SEEING
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return PatientFactory(
        full_name="Ann Smith", email="ann@example.com", phone="+447700900111", date_of_birth=date(1980, 5, 6)
    )


def other(**values):
    known = {"email": "", "phone": "", "date_of_birth": date(1971, 1, 1), "full_name": "Quite Else"}
    return PatientFactory(**known | values)


def test_the_likeliest_come_first_with_their_reasons(ann):
    married = other(full_name="ANN Featherstonehaugh", date_of_birth=date(1980, 5, 6), phone="+447700900111")
    twin = other(full_name="Anne Smith", date_of_birth=date(1980, 5, 6))
    mother = other(full_name="Beth Walker", email="ANN@example.com")
    namesake = other(full_name="ann smith")
    other(date_of_birth=date(1980, 5, 6), full_name="Zebedee Quorn")
    other(full_name="Ann Smith", email="merged@example.com", merged_into=married)

    found = {one.patient: one.reasons for one in candidates(ann, ALL_SEEING)}

    assert list(found) == [married, twin, namesake, mother]
    assert found[twin] == ["same first name", "same date of birth"]
    assert found[married] == ["same first name", "same date of birth", "same telephone number"]
    assert found[namesake] == ["same name"]
    assert found[mother] == ["same email address"]


def test_who_has_neither_number_nor_address_is_like_nobody_for_that(ann):
    bare = other()
    other(full_name="Someone More", date_of_birth=date(1950, 1, 1))

    assert candidates(bare, ALL_SEEING) == []


def test_candidates_are_one_statement(ann, django_assert_num_queries):
    for number in range(20):
        other(full_name=f"Ann Smith {number}", date_of_birth=ann.date_of_birth)

    ann.refresh_from_db()
    with django_assert_num_queries(1):
        assert len(candidates(ann, ALL_SEEING)) == 8
