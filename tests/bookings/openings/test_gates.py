"""What a program above asks for is asked before the change, under its lock; all that is missing is said at once."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection

from bookings.engine.booking import book
from bookings.engine.consultations import may_start, opened_for
from bookings.engine.status_changes import change_status
from bookings.openings import gates
from bookings.openings.gates import Gate, Missing, NotReady, ToBook, Window
from bookings.visits.models.statuses import Status
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NeedsConsultation, NeedsRecord
from bookings.visits.slot import Slot
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
IDENTITY = Missing("identity", "Identity has not been seen.", "bookings:diary_move")
CONSENT = Missing("consent", "Consent is not given today.")


class Asking(Gate):
    """A gate that says what it was made to say."""

    def __init__(self, *, start=(), complete=(), book=None):
        self.start, self.complete, self.book = list(start), list(complete), book
        self.was_locked = []

    def to_book(self, patient, treatment):
        return self.book

    def to_start(self, visit, now):
        self.was_locked.append((connection.in_atomic_block, visit.status, now))
        return self.start

    def to_complete(self, visit, now):
        return self.complete


@pytest.fixture
def asking(monkeypatch):
    gate = Asking()
    monkeypatch.setattr(gates, "_GATES", [gate])
    return gate


@pytest.fixture
def visit(nurse, treatment):
    return AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9), status=Status.ARRIVED)


def slot_at(starts_at):
    return Slot(starts_at, starts_at + timedelta(minutes=30), 1, "nurse", "Nurse", 1)


def change(visit, status):
    return change_status(appointment=visit, status=status, now=at(9))


def test_a_visit_starts_once_nothing_is_missing(asking, visit):
    asking.start = [IDENTITY, CONSENT]

    with pytest.raises(NotReady) as refusal:
        change(visit, Status.IN_PROGRESS)
    assert str(refusal.value) == (
        "This visit cannot start yet. 2 things come first: Identity has not been seen. Consent is not given today."
    )
    visit.refresh_from_db()
    assert (visit.status, visit.version) == (Status.ARRIVED, 1)
    assert asking.was_locked == [(True, Status.ARRIVED, at(9))]

    asking.start = []
    assert change(visit, Status.IN_PROGRESS).status == Status.IN_PROGRESS


def test_it_is_completed_once_nothing_is_missing_and_the_way_back_asks_nothing(asking, visit):
    begun = change(visit, Status.IN_PROGRESS)
    asking.start, asking.complete = [IDENTITY], [CONSENT]

    with pytest.raises(
        NotReady, match=r"cannot be completed yet\. One thing comes first: Consent is not given today\."
    ):
        change(begun, Status.COMPLETED)
    asking.complete = []
    done = change(begun, Status.COMPLETED)
    asking.complete = [CONSENT]
    assert change(done, Status.IN_PROGRESS).status == Status.IN_PROGRESS


def test_the_diary_shows_all_that_is_missing_each_with_the_page_that_mends_it(asking, visit, client):
    asking.start = [IDENTITY, CONSENT]
    address = f"/diary/visits/{visit.reference}/"

    with time_machine.travel(at(9), tick=False):
        client.force_login(StaffFactory(role="desk"))
        refused = client.post(f"{address}status/", {"status": "in_progress", "version": visit.version})

    alert = BeautifulSoup(refused.content, "html.parser").select_one("[role=alert]")
    assert refused.status_code == 409
    assert alert.p.get_text() == "This visit cannot start yet. 2 things come first:"
    assert [" ".join(item.get_text().split()) for item in alert.select("li")] == [IDENTITY.sentence, CONSENT.sentence]
    assert [link["href"] for link in alert.select("a")] == [f"{address}move/"]


def test_a_refusal_by_the_database_is_said_in_a_sentence(visit):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION no_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_completes_with_its_record';
            END $$;
            CREATE TRIGGER no_record BEFORE UPDATE ON bookings_appointment
                FOR EACH ROW WHEN (NEW.status = 'completed') EXECUTE FUNCTION no_record();
            """
        )

    with pytest.raises(NeedsRecord, match=r"^This visit is completed once its record is signed\.$"):
        change(change(visit, Status.IN_PROGRESS), Status.COMPLETED)


class TestToBook:
    @pytest.fixture
    def asked(self, nurse, treatment, asking):
        """A treatment that a gate opens from 10 to 12 of 4 March, for the consultation that it has heard of."""
        treatment.requires_consultation = True
        treatment.save()
        asking.book = ToBook([Window(at(10, day=4), at(12, day=4))], timedelta(days=90))
        return treatment

    def test_the_gates_word_stands_in_place_of_a_completed_consultation(self, asked, nurse):
        booked = {"treatment": asked, "practitioner": nurse, "details": details(), "now": NOW}

        with pytest.raises(NeedsConsultation) as refusal:
            book(starts_at=at(9, day=4), **booked)
        assert "24 hours to 90 days before the visit" in str(refusal.value)
        assert book(starts_at=at(10, day=4), **booked).status == Status.BOOKED

    def test_pages_offer_the_same_times(self, asked):
        patient = PatientFactory()
        AppointmentFactory(patient=patient, status=Status.COMPLETED, starts_at=at(9, day=1))
        may = may_start(patient, asked, policy_for(asked))

        assert [may(slot_at(at(hour, day=4))) for hour in (9, 10, 12, 13)] == [False, True, True, False]
        assert opened_for([patient.pk], [asked], NOW) == {asked.pk}
        assert opened_for([patient.pk], [asked], at(13, day=4)) == frozenset()

    def test_a_treatment_that_needs_no_consultation_is_not_asked_about(self, asking, treatment):
        asking.book = ToBook([], timedelta(days=90))

        assert may_start(None, TreatmentFactory(), policy_for(treatment))(slot_at(at(9)))

    def test_a_gate_without_a_word_leaves_the_booking_rules(self, asking, asked, nurse):
        asking.book = None

        with pytest.raises(NeedsConsultation, match="24 hours to 180 days"):
            book(treatment=asked, practitioner=nurse, starts_at=at(10, day=4), details=details(), now=NOW)
