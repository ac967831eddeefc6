"""D6: the list of patients, page by page, with the next and the last visit of each."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.desk.patients import listing
from bookings.visits.models.statuses import Status
from clinic.patients.models import Patient
from tests.bookings.readers import ALL_SEEING
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def names(page):
    return [row.patient.full_name for row in page.rows]


def test_the_list_is_alphabetical_whatever_case_and_accents():
    for name in ("zoe Ash", "Émile Bay", "Adam Fir", "emma Elm"):
        PatientFactory(full_name=name)

    assert names(listing.page(text="", now=NOW, reader=ALL_SEEING)) == ["Adam Fir", "Émile Bay", "emma Elm", "zoe Ash"]


def test_pages_by_key_show_each_patient_once_whoever_joins_meanwhile():
    for number in range(60):
        PatientFactory(full_name=f"Sam Lee {number:03}")
    PatientFactory(full_name="Sam Lee 024", email="other@example.com")  # two of one name, around the page's end

    first = listing.page(text="", now=NOW, reader=ALL_SEEING)
    PatientFactory(full_name="Aaron Early")
    second = listing.page(text="", now=NOW, reader=ALL_SEEING, after=first.after)
    third = listing.page(text="", now=NOW, reader=ALL_SEEING, after=second.after)

    seen = names(first) + names(second) + names(third)
    assert seen == sorted(seen)
    assert len(seen) == 61
    assert third.after == ""


def test_the_thousandth_page_reads_no_more_rows_than_the_first():
    many = [
        Patient(full_name=f"Sam Lee {n:05}", email=f"p{n}@example.com", date_of_birth="1988-03-27") for n in range(5000)
    ]
    Patient.objects.bulk_create(many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_patient")
    late = Patient.objects.get(full_name="Sam Lee 04900")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = listing.page(text="", now=NOW, reader=ALL_SEEING, after=late.reference)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor)

    assert names(page)[0] == "Sam Lee 04901"
    assert "patient_by_name" in plan
    assert "Seq Scan on patients_patient" not in plan


def test_an_unknown_key_or_letter_shows_the_start(desk):
    PatientFactory(full_name="Sam Lee")

    for query in ({"after": "BBBBBBBB"}, {"after": "\x00"}, {"letter": "?"}, {"letter": "AB"}, {"q": "\x00"}):
        assert "Sam Lee" in desk.get("/diary/patients/", query).content.decode()


def test_a_letter_opens_the_list_there():
    for name in ("Adam Fir", "Mia Elm", "Zoe Ash"):
        PatientFactory(full_name=name)

    assert names(listing.page(text="", now=NOW, reader=ALL_SEEING, letter="M")) == ["Mia Elm", "Zoe Ash"]


def test_next_and_last_visit_leave_out_what_does_not_take_place():
    patient = PatientFactory()
    visit = {"patient": patient}
    last = AppointmentFactory(**visit, starts_at=NOW - 2 * DAY, status=Status.COMPLETED)
    AppointmentFactory(**visit, starts_at=NOW - 9 * DAY, status=Status.COMPLETED)
    AppointmentFactory(**visit, starts_at=NOW - DAY, status=Status.NO_SHOW)
    AppointmentFactory(**visit, starts_at=NOW + DAY, status=Status.CANCELLED, cancelled_at=NOW)
    AppointmentFactory(**visit, starts_at=NOW + 5 * DAY)
    coming = AppointmentFactory(**visit, starts_at=NOW + 3 * DAY)

    row = listing.page(text="", now=NOW, reader=ALL_SEEING).rows[0]

    assert (row.next_visit.reference, row.next_visit.starts_at) == (coming.reference, NOW + 3 * DAY)
    assert (row.last_visit.reference, row.last_visit.starts_at) == (last.reference, NOW - 2 * DAY)
    assert row.last_visit.treatment == last.treatment.name


def test_a_page_of_results_is_one_statement(django_assert_num_queries):
    for number in range(30):
        AppointmentFactory(patient=PatientFactory(full_name=f"Sam Lee {number}"))

    with django_assert_num_queries(1):
        assert len(listing.page(text="lee", now=NOW, reader=ALL_SEEING).rows) == 25
    with django_assert_num_queries(1):
        listing.page(text="", now=NOW, reader=ALL_SEEING)
