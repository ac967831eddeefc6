"""F6: who is one patient and who are two, as PostgreSQL judges it."""

# ruff: noqa: RUF001 -- letters that look alike are what is tested
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from clinic.patients.models import Patient, fold
from tests.factories.clinic import PatientFactory

BORN = date(1988, 3, 27)
SAME = [
    "Siobhán O'Brien",
    "Siobhán O’Brien",
    "siobhan o‘brien",
    "SIOBHÁN OʼBRIEN",
    "Siobha\u0301n O´Brien",
    "Siobhán  O Brien",
    "Siobhan O'Brien",
    "Ｓｉｏｂｈａｎ O′Brien",
    "Siobhán\u00a0O'\u200bBrien",
]


@pytest.mark.django_db
@pytest.mark.parametrize("written", SAME)
def test_f6_spellings_of_one_name_are_one(written):
    assert fold(written) == "siobhanobrien"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anne-Marie Weiß", "Anne Marie WEISS"),
        ("Anne\u2010Marie Weiß", "annemarie weiss"),
        ("Łukasz Jørgensen", "Lukasz Jorgensen"),
        ("İpek Æther", "ipek aether"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        ("张 伟", "张伟"),
    ],
)
def test_f6_folds_by_the_rules_of_unicode(one, other):
    assert fold(one) == fold(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"), [("Anna Lee", "Hanna Lee"), ("Kim Li", "Kim Le"), ("राम", "रम"), ("张伟", "张玮")]
)
def test_f6_different_names_stay_different(one, other):
    assert fold(one) != fold(other)


@pytest.mark.django_db
def test_f6_the_database_refuses_a_second_record_of_one_person():
    PatientFactory(full_name=SAME[0], email="Sam@example.com", date_of_birth=BORN)
    with pytest.raises(IntegrityError, match="one_record_for_each_patient"), transaction.atomic():
        PatientFactory(full_name=SAME[1], email="sam@Example.com", date_of_birth=BORN)


@pytest.mark.django_db
def test_f6_twins_who_share_an_address_are_two():
    PatientFactory(full_name="Ann Lee", email="lee@example.com", date_of_birth=BORN)
    PatientFactory(full_name="Bea Lee", email="lee@example.com", date_of_birth=BORN)
    assert Patient.objects.count() == 2


@pytest.mark.django_db
def test_f15_without_an_address_the_number_tells_two_of_one_name_apart():
    john = {"full_name": "John Smith", "email": "", "date_of_birth": BORN}
    first = PatientFactory(**john, phone="+447700900001")
    PatientFactory(**john, phone="+447700900002")
    for _ in range(2):  # nothing says that these are one
        PatientFactory(**john, phone="")
    with pytest.raises(IntegrityError, match="one_record_for_each_patient"), transaction.atomic():
        PatientFactory(**john, phone="+447700900001")
    assert Patient.objects.same_person(**john, phone="+447700900001").get() == first
    assert not Patient.objects.same_person(**john, phone="").exists()


@pytest.mark.django_db
def test_nobody_is_found_by_a_birthday_that_was_not_asked():
    """Two people of one name and number, both booked at the desk: neither is taken for the other, nor for a third."""
    known = {"full_name": "Sam Lee", "email": "", "phone": "+447700900123"}
    PatientFactory(**known, date_of_birth=None)
    PatientFactory(**known, date_of_birth=None)
    asked = PatientFactory(**known)

    assert not Patient.objects.same_person(**known, date_of_birth=None).exists()
    assert list(Patient.objects.same_person(**known, date_of_birth=BORN)) == [asked]


@pytest.mark.django_db
def test_a_birthday_that_is_known_stays_known():
    patient = PatientFactory()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(date_of_birth=None)

    assert refused.value.__cause__.diag.constraint_name == "patient_birthday_stays_known"
