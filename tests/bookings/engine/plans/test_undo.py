from datetime import timedelta

import pytest

from bookings.engine import booking, changes
from bookings.engine.plans.choices import CANCEL, Choice
from bookings.engine.plans.undo import CannotBeUndone, undo, undo_visit, why_not
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import SlotTaken
from tests.bookings.moments import NOW, at, details
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=2)
PLACED = ("practitioner_id", "location_id", "room_id", "device_id", "during", "occupied", "status", "cancelled_at")


def placed():
    return list(Appointment.objects.order_by("pk").values_list("pk", *PLACED))


def planned(visit):
    rows = visit.messages.exclude(state=Message.State.WITHDRAWN)
    return sorted((row.kind, row.channel, row.state, row.due_at, row.expires_at) for row in rows)


def test_every_visit_stands_again_as_it_did(visit_at, afternoon, do_block):
    visit_at(13)
    confirmed = visit_at(14, status=Status.CONFIRMED)
    off = visit_at(15)
    before, messages = placed(), planned(confirmed)

    change = do_block(afternoon, choices={off.reference: CANCEL})
    assert placed() != before
    undo(change=change, now=LATER, by=StaffFactory())

    assert placed() == before
    assert planned(confirmed) == messages
    assert not TimeOff.objects.exists()


def test_nobody_is_told_of_what_was_undone(visit_at, afternoon, do_block):
    visit = visit_at(13)

    undo(change=do_block(afternoon), now=LATER, by=None)

    assert not visit.messages.unsent().filter(kind__in=("moved", "cancelled", "confirmation")).exists()


def test_twice_is_once(visit_at, afternoon, do_block):
    visit = visit_at(13)
    change = do_block(afternoon)

    undo(change=change, now=LATER, by=None)
    version = Appointment.objects.get(pk=visit.pk).version
    undo(change=change, now=LATER, by=None)

    assert Appointment.objects.get(pk=visit.pk).version == version
    change.refresh_from_db()
    assert why_not(change, LATER) == "Undone already."


@pytest.mark.parametrize("state", ["sent", "leased", "unknown"])
def test_not_once_the_first_patient_has_been_told(visit_at, afternoon, do_block, state):
    visit_at(13)
    told = visit_at(14)
    change = do_block(afternoon)
    told.messages.filter(kind="moved").update(
        state=state,
        sent_at=LATER if state == "sent" else None,
        lease_until=LATER if state == "leased" else None,
    )
    before = placed()

    with pytest.raises(CannotBeUndone, match="was told of it on Mon 1 Mar"):
        undo(change=change, now=LATER, by=None)

    assert placed() == before
    assert TimeOff.objects.count() == 1
    assert "was told of it" in why_not(change, LATER)


def test_not_if_a_visit_was_changed_again(visit_at, afternoon, do_block):
    visit = visit_at(13)
    change = do_block(afternoon)
    changes.cancel(appointment=Appointment.objects.get(pk=visit.pk), now=LATER, by_staff=True)

    with pytest.raises(CannotBeUndone, match="was changed again since"):
        undo(change=change, now=LATER, by=None)


def test_not_if_a_former_time_is_taken(visit_at, afternoon, do_block, nurse, treatment):
    visit_at(13)
    change = do_block(afternoon)
    booking.book(
        treatment=treatment, practitioner=nurse, starts_at=at(13), details=details(7), now=LATER, by_staff=True
    )
    before = placed()

    with pytest.raises(SlotTaken):
        undo(change=change, now=LATER, by=None)

    assert placed() == before


def test_who_undid_it_is_kept(visit_at, afternoon, do_block):
    staff = StaffFactory()

    undone = undo(change=do_block(afternoon), now=LATER, by=staff)

    assert (undone.undone_at, undone.undone_by, undone.time_off) == (LATER, staff, None)


def test_who_is_to_hear_of_a_cancellation_hears_of_it_when_its_undo_is_undone(visit_at):
    visit = changes.cancel(appointment=visit_at(13), now=NOW, by_staff=True)
    back = undo_visit(appointment=visit, version=visit.version, now=LATER)
    off = undo_visit(appointment=back, version=back.version, now=LATER)

    assert off.status == Status.CANCELLED
    assert {row.kind for row in off.messages.unsent()} == {"cancelled"}


def test_who_heard_of_the_cancellation_is_not_told_twice(visit_at):
    visit = changes.cancel(appointment=visit_at(13), now=NOW, by_staff=True)
    visit.messages.filter(kind="cancelled").update(state="sent", sent_at=NOW)
    back = changes.restore(appointment=visit, now=LATER)
    off = undo_visit(appointment=back, version=back.version, now=LATER)

    assert off.status == Status.CANCELLED
    assert not off.messages.unsent().exists()


def test_a_coming_visit_is_not_put_back_to_a_time_that_has_passed(visit_at):
    """Of whoever cannot be written to nobody has told the patient, so that alone would leave the way back open for ever."""
    visit = visit_at(13, patient=PatientFactory(email="", phone=""))
    moved = changes.move(appointment=visit, starts_at=at(13, day=9), now=NOW, by_staff=True)

    with pytest.raises(CannotBeUndone, match="has passed"):
        undo_visit(appointment=moved, version=moved.version, now=NOW + timedelta(days=3))

    visit.refresh_from_db()
    assert visit.starts_at == at(13, day=9)


def test_nor_by_undoing_a_whole_plan(visit_at, afternoon, do_block):
    visit = visit_at(13, patient=PatientFactory(email="", phone=""))
    change = do_block(afternoon, choices={visit.reference: Choice(action="moved", starts_at=at(13, day=9))})

    with pytest.raises(CannotBeUndone, match="has passed"):
        undo(change=change, now=NOW + timedelta(days=3), by=None)


@pytest.mark.parametrize("version", [0, 1])
def test_there_is_nothing_before_the_first_version(visit_at, version):
    visit = visit_at(13)
    visit.messages.all().delete()

    with pytest.raises(CannotBeUndone):
        undo_visit(appointment=visit, version=version, now=LATER)

    visit.refresh_from_db()
    assert visit.version == 1


class TestOfABlockThatHasBegun:
    """What has passed was blocked: past utilisation must not change because somebody takes the rest back."""

    def test_what_has_passed_of_it_stays_blocked(self, afternoon, do_block):
        undone = undo(change=do_block(afternoon), now=at(13, 32), by=None)

        assert TimeOff.objects.get().during == span(at(12), at(13, 30))
        assert undone.time_off == TimeOff.objects.get()

    def test_twice_is_once(self, afternoon, do_block):
        change = do_block(afternoon)
        for minute in (32, 50):
            undo(change=change, now=at(13, minute), by=None)

        assert TimeOff.objects.get().during.upper == at(13, 30)

    def test_its_first_minutes_leave_nothing(self, afternoon, do_block):
        undo(change=do_block(afternoon), now=at(12, 4), by=None)

        assert not TimeOff.objects.exists()

    def test_once_all_of_it_has_passed_nothing_is_left_to_undo(self, afternoon, do_block):
        change = do_block(afternoon)

        with pytest.raises(CannotBeUndone, match="has passed"):
            undo(change=change, now=at(17), by=None)

        assert TimeOff.objects.get().during == span(at(12), at(17))
        assert why_not(change, at(17)) == "All that was blocked has passed."
