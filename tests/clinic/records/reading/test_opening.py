"""Nobody reads a record without a line in the log that stays; and whose record it is decides who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.privacy.models import LimitedRecord
from clinic.records.reading import opening
from clinic.records.reading.models import AccessLog, Purpose
from clinic.records.reading.opening import CannotLog, NotYours, open_own_record, open_record
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory
from tests.factories.records import clinician, make_entry, make_glass, visit_of

pytestmark = pytest.mark.django_db


def opened(patient, user):
    return open_record(patient=patient, reader=user, page="record", now=clock.now())


def test_a_line_is_written_before_anything_is_read():
    visit = visit_of(clinician())
    make_entry(visit, body={"text": "Calm"})

    record = opened(visit.patient, visit.practitioner.user)

    line = AccessLog.objects.get()
    assert (line.user, line.patient, line.purpose, line.role) == (
        visit.practitioner.user, visit.patient, Purpose.CARE, "practitioner",
    )  # fmt: skip
    assert record.body(record.entries()[0])["text"] == "Calm"


def test_without_the_line_there_is_no_text():
    visit = visit_of(clinician())
    make_entry(visit)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_accesslog ADD CONSTRAINT shut CHECK (false) NOT VALID")

    with pytest.raises(CannotLog):
        opened(visit.patient, visit.practitioner.user)


def test_it_is_never_opened_inside_a_transaction_that_could_take_the_line_back(transactional_db):
    visit = visit_of(clinician())

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        opened(visit.patient, visit.practitioner.user)


@pytest.mark.parametrize(
    ("days", "values", "may"),
    [
        (-400, {"status": Status.COMPLETED}, True),
        (29, {}, True),
        (31, {}, False),
        (-1, {"status": Status.CANCELLED, "cancelled_at": clock.now()}, True),
    ],
)
def test_own_is_a_visit_in_the_past_or_within_thirty_days(days, values, may):
    nurse = clinician()
    visit = AppointmentFactory(practitioner=nurse, starts_at=clock.now() + timedelta(days=days), **values)

    if may:
        assert opened(visit.patient, nurse.user).purpose == Purpose.CARE
    else:
        with pytest.raises(NotYours):
            opened(visit.patient, nurse.user)


@pytest.mark.parametrize("role", ["owner", "desk", "editor", "practitioner", None])
def test_nobody_else_opens_it(role):
    visit = visit_of(clinician())
    user = StaffFactory(role=role, is_superuser=role is None)

    with pytest.raises(NotYours):
        opened(visit.patient, user)
    assert not AccessLog.objects.exists()


def test_practitioners_share_where_the_owner_lets_them():
    visit, other = visit_of(clinician()), clinician()
    settings = BookingSettings.load()
    settings.practitioners_share_visits = True
    settings.save()

    assert opened(visit.patient, other.user).purpose == Purpose.CARE
    LimitedRecord.objects.create(patient=visit.patient, since=clock.now())
    with pytest.raises(NotYours):
        opened(visit.patient, other.user)


def test_a_limited_record_opens_for_a_reason_alone():
    visit = visit_of(clinician())
    LimitedRecord.objects.create(patient=visit.patient, since=clock.now() + timedelta(days=1))
    nurse = visit.practitioner.user

    with pytest.raises(NotYours):
        opened(visit.patient, nurse)
    make_glass(nurse, visit.patient)
    assert opened(visit.patient, nurse).purpose == Purpose.BREAK_GLASS


@pytest.mark.parametrize("role", ["owner", "practitioner"])
def test_a_reason_opens_it_for_half_an_hour(role):
    patient, user = PatientFactory(), StaffFactory(role=role)
    glass = make_glass(user, patient)

    assert opened(patient, user).purpose == Purpose.BREAK_GLASS
    with pytest.raises(NotYours):
        open_record(patient=patient, reader=user, page="record", now=glass.until)
    with pytest.raises(NotYours):
        opened(patient, StaffFactory(role=role))
    with pytest.raises(NotYours):
        opened(PatientFactory(), user)


def test_a_record_that_was_merged_is_read_with_the_one_that_remained():
    nurse = clinician()
    kept, gone = visit_of(nurse), AppointmentFactory()
    old = make_entry(patient=gone.patient, body={"text": "From before"})
    Patient.objects.filter(pk=gone.patient.pk).update(merged_into=kept.patient)

    record = opened(kept.patient, nurse.user)

    assert [record.body(entry)["text"] for entry in record.entries()] == ["From before"]
    assert old.patient_id == gone.patient.pk


def test_a_row_of_somebody_else_is_not_opened_by_the_way():
    visit = visit_of(clinician())
    other = make_entry()

    with pytest.raises(NotYours):
        opened(visit.patient, visit.practitioner.user).text(other, "body")


def test_the_patients_own_reading_is_a_line_too():
    entry = make_entry(body={"text": "Calm"})

    record = open_own_record(patient=entry.patient, page="record")

    assert record.body(entry)["text"] == "Calm"
    line = AccessLog.objects.get()
    assert (line.user, line.role, line.purpose) == (None, "patient", Purpose.PATIENT)
    assert opening.Where() == opening.Where("", "")
