"""A diary that is locked for longer than is waited: "we are busy", never "this time is taken", and nothing is changed."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from bookings.engine import booking, changes, transactions
from bookings.engine.attendance import say_coming
from bookings.engine.idempotency import Idempotency
from bookings.engine.past_visits import record
from bookings.engine.series.together import book_series
from bookings.engine.status_changes import change_status
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import Busy, Reason, SlotTaken
from clinic.practitioners.models import Practitioner
from tests.bookings.moments import NOW, at, details

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def short_wait(monkeypatch):
    monkeypatch.setattr(transactions, "STATEMENT_TIMEOUT_MS", 50)
    monkeypatch.setattr(transactions, "ATTEMPTS", 2)


@pytest.fixture
def visit(treatment, nurses):
    return booking.book(treatment=treatment, practitioner=nurses[0], starts_at=at(10), details=details(), now=NOW)


@contextmanager
def locked():
    """Every diary, by another connection, as an import does."""
    holds, done = Event(), Event()

    def hold():
        with transaction.atomic():
            transactions.lock_practitioners(Practitioner.objects.values_list("pk", flat=True))
            holds.set()
            done.wait(20)
        connection.close()

    other = Thread(target=hold)
    other.start()
    try:
        assert holds.wait(5)
        yield
    finally:
        done.set()
        other.join()


def of(visit):
    return {"treatment": visit.treatment, "practitioner": visit.practitioner, "now": NOW}


WORK = {
    "hold": lambda visit: booking.hold(**of(visit), starts_at=at(14)),
    "book": lambda visit: booking.book(**of(visit), starts_at=at(14), details=details(2)),
    "book at the desk": lambda visit: booking.book(**of(visit), starts_at=at(20), details=details(2), by_staff=True),
    "series": lambda visit: book_series(**of(visit), starts=[at(14), at(15)], details=details(2)),
    "move": lambda visit: changes.move(appointment=visit, starts_at=at(14), now=NOW),
    "cancel": lambda visit: changes.cancel(appointment=visit, now=NOW),
    "step": lambda visit: change_status(appointment=visit, status=Status.CONFIRMED, now=NOW),
    "coming": lambda visit: say_coming(appointment=visit, now=NOW),
    "import": lambda visit: record(
        **of(visit), starts_at=at(10, day=1, month=2), status="completed", details=details(2),
        idempotency=Idempotency("import:1", b""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORK)
def test_what_waits_too_long_is_told_so(visit, name):
    with locked(), pytest.raises(Busy, match="We are busy for a moment"):
        WORK[name](visit)

    assert Appointment.objects.get() == visit
    visit.refresh_from_db()
    assert visit.version == 1


def test_a_confirmation_too(visit):
    held = booking.hold(**of(visit), starts_at=at(14))

    with locked(), pytest.raises(Busy):
        booking.confirm(hold=held, details=details(2), now=NOW)

    held.refresh_from_db()
    assert held.status == Status.HELD


def test_what_is_wrong_with_the_time_is_still_said(visit):
    with locked(), pytest.raises(SlotTaken) as refused:
        booking.book(**of(visit), starts_at=at(3), details=details(2))

    assert refused.value.reason == Reason.CLOSED


def test_the_interface_answers_503_and_when_to_ask_again(visit, client, monkeypatch):
    def busy(**_):
        raise Busy

    monkeypatch.setattr(changes, "cancel", busy)
    answer = client.delete(f"/api/v1/bookings/{visit.link_token}")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) > 0


def test_a_patient_who_comes_is_asked_to_try_again_on_the_same_page(visit, client, monkeypatch):
    def busy(**_):
        raise Busy

    monkeypatch.setattr("bookings.online.views.visit.attendance.say_coming", busy)
    client.get(f"/visit/{visit.link_token}/")
    answer = client.post(f"/visit/{visit.reference}/coming/", {"version": visit.version})

    assert answer.status_code == 409
    assert "We are busy for a moment" in answer.text
    assert "taken" not in answer.text
