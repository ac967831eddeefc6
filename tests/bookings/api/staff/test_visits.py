from datetime import timedelta

import pytest
import time_machine

from bookings.visits.models import Appointment
from clinic.privacy.models import LimitedRecord
from tests.bookings.api.conftest import booking, staff_booking
from tests.bookings.moments import at
from tests.factories.bookings import HoldFactory
from tests.factories.clinic import OfferedTreatmentFactory, TreatmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]


def test_the_diary_of_a_day_names_patients_and_true_treatments(ask, clinic, key):
    toxin = TreatmentFactory(slug="toxin", name="Botulinum toxin", is_prescription_only=True, price=None)
    OfferedTreatmentFactory(practitioner=clinic, treatment=toxin)
    ask("POST", "staff/bookings", staff_booking(treatment="toxin", practitioner="nurse"), key=key)
    ask("POST", "staff/bookings", staff_booking(2, at(10, day=3)), key=key)
    HoldFactory(practitioner=clinic, starts_at=at(15))

    found = ask("GET", "diary?day=2027-03-02", key=key).json()

    [visit] = found["visits"]
    assert (found["day"], visit["patient"], visit["treatment_name"], visit["status"], visit["starts_at"]) == (
        "2027-03-02",
        "Sam Lee 1",
        "Botulinum toxin",
        "booked",
        "2027-03-02T10:00:00+00:00",
    )
    assert len(ask("GET", "diary?day=2027-03-02&practitioner=nurse", key=key).json()["visits"]) == 1
    assert ask("GET", "diary?day=2027-03-02&practitioner=nobody", key=key).status_code == 404
    assert ask("GET", "diary", key=key).status_code == 422


@pytest.mark.parametrize("number", [1, 4])
def test_the_diary_takes_the_same_statements_however_full(ask, key, number, django_assert_num_queries):
    for n in range(number):
        ask("POST", "staff/bookings", staff_booking(n, at(9 + n)), key=key)

    with django_assert_num_queries(3):  # the key with whoever made it, their roles, the visits
        assert len(ask("GET", "diary?day=2027-03-02", key=key).json()["visits"]) == number


def test_staff_book_at_any_hour_with_a_named_practitioner(ask, key):
    late = at(22, day=6)

    assert ask("POST", "staff/bookings", staff_booking(1, late), key=key).status_code == 409
    booked = ask("POST", "staff/bookings", staff_booking(1, late, practitioner="nurse"), key=key)
    assert booked.status_code == 201
    assert "visit_url" not in booked.json()
    again = ask("POST", "staff/bookings", staff_booking(2, late, practitioner="nurse"), key=key)
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")


def test_a_staff_booking_is_idempotent_and_no_public_one(ask, key):
    def post(path, body, key=key):
        return ask("POST", path, body, key=key, **{"Idempotency-Key": "k"})

    first, second = (post("staff/bookings", staff_booking()) for _ in range(2))

    assert (first.status_code, first.json()) == (201, second.json())
    assert Appointment.objects.count() == 1
    assert post("bookings", booking(), None).json()["code"] == "idempotency_key_reused"


def test_staff_move_note_and_cancel_a_visit(ask, key, reference):
    path = f"staff/bookings/{reference}"

    moved = ask("POST", f"{path}/move", {"starts_at": at(19).isoformat(), "version": 1}, key=key)
    assert (moved.status_code, moved.json()["starts_at"], moved.json()["version"]) == (
        200,
        "2027-03-02T19:00:00+00:00",
        2,
    )
    stale = ask("POST", f"{path}/move", {"starts_at": at(11).isoformat(), "version": 1}, key=key)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")

    early = ask("POST", f"{path}/status", {"status": "arrived"}, key=key)
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    with time_machine.travel(at(18), tick=False):
        arrived = ask("POST", f"{path}/status", {"status": "arrived"}, key=key)
    assert arrived.json()["status"] == "arrived"
    wrong = ask("POST", f"{path}/status", {"status": "completed"}, key=key)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "illegal_move")
    assert ask("POST", f"{path}/status", {"status": "cancelled"}, key=key).status_code == 422

    assert ask("DELETE", f"{path}?version=1", key=key).json()["code"] == "stale"
    cancelled = ask("DELETE", path, key=key)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


def test_a_record_of_limited_use_is_no_programs(ask, key):
    ask("POST", "staff/bookings", staff_booking(), key=key)
    visit = Appointment.objects.get()
    since = visit.created_at + timedelta(seconds=1)
    LimitedRecord.objects.create(patient=visit.patient, since=since, until=at(9, day=6).date())

    assert ask("GET", "diary?day=2027-03-02", key=key).json()["visits"] == []
    body = {"status": "arrived", "version": visit.version}
    assert ask("POST", f"staff/bookings/{visit.reference}/status", body, key=key).status_code == 404
