from datetime import date

import pytest

from clinic.patients.corrections import DETAILS, ChangedMeanwhile, KnownAlready, correct, digest
from clinic.patients.history import corrections
from clinic.patients.models import Patient
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return PatientFactory(full_name="Ann Smith", email="ann@example.com", date_of_birth=date(1980, 5, 6))


def details(patient, **changed):
    return {name: getattr(patient, name) for name in DETAILS} | changed


def test_what_is_corrected_stands_in_the_trail(ann):
    correct(patient=ann, seen=digest(ann), details=details(ann, full_name="Ann Jones", email="", phone=""))
    ann.refresh_from_db()

    assert (ann.full_name, ann.email) == ("Ann Jones", "")
    told = [(change.what, change.before, change.after) for change in corrections(ann)[0].changes]
    assert told == [
        ("Name", "Ann Smith", "Ann Jones"),
        ("Email", "ann@example.com", "none"),
        ("Telephone", "07700 900123", "none"),
    ]


def test_the_second_of_two_people_is_told_and_writes_nothing(ann):
    seen = digest(ann)
    correct(patient=ann, seen=seen, details=details(ann, access_needs="Step-free"))

    with pytest.raises(ChangedMeanwhile):
        correct(patient=ann, seen=seen, details=details(ann, full_name="Ann Jones"))

    ann.refresh_from_db()
    assert (ann.full_name, ann.access_needs) == ("Ann Smith", "Step-free")


def test_the_same_form_sent_twice_is_one_correction(ann):
    asked = {"patient": ann, "seen": digest(ann), "details": details(ann, full_name="Ann Jones")}

    correct(**asked)
    correct(**asked)

    assert len(corrections(ann)) == 1


def test_a_correction_that_makes_two_records_alike_names_the_other(ann):
    other = PatientFactory(full_name="Ann Jones", email="ann@example.com", date_of_birth=date(1980, 5, 6))

    with pytest.raises(KnownAlready) as refused:
        correct(patient=ann, seen=digest(ann), details=details(ann, full_name="ann jones"))

    assert refused.value.other == other


def test_a_merged_record_is_not_corrected(ann):
    seen = digest(ann)
    Patient.objects.filter(pk=ann.pk).update(merged_into=PatientFactory())

    with pytest.raises(ChangedMeanwhile, match="merged"):
        correct(patient=ann, seen=seen, details=details(ann, full_name="Ann Jones"))
