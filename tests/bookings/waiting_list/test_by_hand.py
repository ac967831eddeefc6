"""A free time of the diary offered by staff to one person who waits, and taken back."""

from datetime import date, timedelta

import pytest

from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.planning.visit_messages import STAFF_DELAY
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove, NeedsConsultation, NotBookable, PatientBusy, SlotTaken
from bookings.waiting_list import answers, by_hand, offers
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.catalogue.models import Treatment
from clinic.patients.models import Patient
from clinic.sending.outcomes import Sent
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(treatment):
    return WaitingEntry.objects.create(
        patient=PatientFactory(full_name="Rowan Hale"),
        treatment=treatment,
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 31),
        created_at=NOW,
    )


def offer(entry, nurse, starts_at=None, now=NOW):
    return by_hand.offer_time(entry=entry, practitioner=nurse, starts_at=starts_at or at(10), now=now)


def test_the_time_is_held_and_told_after_a_moment(entry, nurse):
    made = offer(entry, nurse)

    told = NOW + STAFF_DELAY
    assert (made.entry, made.starts_at, made.expires_at) == (entry, at(10), told + timedelta(hours=2))
    assert (made.appointment.status, made.appointment.hold_expires_at) == (Status.HELD, made.expires_at)
    assert set(Message.objects.filter(offer=made).values_list("channel", "due_at")) == {("email", told), ("sms", told)}


def test_what_is_on_sale_to_everyone_may_be_offered_at_short_notice(entry, nurse, treatment):
    Treatment.objects.filter(pk=treatment.pk).update(minimum_notice_hours=24, is_bookable_online=False)
    now = at(9)

    made = offer(entry, nurse, at(11), now=now)

    assert made.expires_at == at(10, 30)
    assert answers.take(made, now + timedelta(minutes=20)).status == Status.BOOKED


def test_twice_is_the_same_offer(entry, nurse):
    assert offer(entry, nurse) == offer(entry, nurse, now=NOW + timedelta(seconds=1))
    assert Appointment.objects.count() == 1


def test_whoever_has_another_offer_by_now_is_not_offered_two(entry, nurse):
    offer(entry, nurse, at(14))

    with pytest.raises(IllegalMove, match=r"R. Hale has just been offered another time: Tue 2 Mar, 2pm"):
        offer(entry, nurse)


@pytest.mark.parametrize("state", [WaitingEntry.State.LEFT, WaitingEntry.State.BOOKED])
def test_whoever_has_left_meanwhile_is_not_offered_it(entry, nurse, state):
    WaitingEntry.objects.filter(pk=entry.pk).update(state=state)

    with pytest.raises(IllegalMove, match="not on the waiting list any more"):
        offer(entry, nurse)


def test_whoever_wishes_otherwise_by_now_is_not_offered_it(entry, nurse):
    WaitingEntry.objects.filter(pk=entry.pk).update(parts=["evening"])
    entry.refresh_from_db()

    with pytest.raises(IllegalMove, match=r"does not suit R. Hale any more"):
        offer(entry, nurse)


def test_a_time_taken_meanwhile_is_not_offered(entry, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(10))

    with pytest.raises(SlotTaken):
        offer(entry, nurse)
    assert not Offer.objects.exists()


def test_a_time_too_near_to_be_answered_is_not_offered(entry, nurse):
    with pytest.raises(NotBookable, match=r"too little time left for R. Hale"):
        offer(entry, nurse, at(10), now=at(9, 30))


def test_whoever_cannot_be_written_to_is_rung(entry, nurse):
    Patient.objects.update(email="", phone="01622 555 123")
    entry.patient.refresh_from_db()

    with pytest.raises(NotBookable, match="please ring them"):
        offer(entry, nurse)
    assert not Appointment.objects.exists()


def test_whoever_has_a_visit_then_or_no_consultation_is_named_to_staff(entry, nurse, treatment):
    other = AppointmentFactory(patient=entry.patient, starts_at=at(9, 45))
    with pytest.raises(PatientBusy, match=r"R. Hale has another visit at this time"):
        offer(entry, nurse)

    other.delete()
    Treatment.objects.filter(pk=treatment.pk).update(requires_consultation=True)
    entry.treatment.refresh_from_db()
    with pytest.raises(NeedsConsultation, match=r"R. Hale has had no consultation"):
        offer(entry, nurse)


def test_a_time_that_was_declined_is_not_offered_again(entry, nurse):
    answers.decline(offer(entry, nurse), NOW)

    with pytest.raises(IllegalMove, match="offered this time before"):
        offer(entry, nurse)


# --- taking it back --------------------------------------------------------------------------------------------------


def test_undone_before_it_was_told_it_is_as_if_it_had_not_been_made(entry, nurse):
    made = offer(entry, nurse)

    by_hand.take_back(made)
    by_hand.take_back(made)

    assert not Message.objects.exists()
    assert Appointment.objects.get().status == Status.EXPIRED
    assert offer(entry, nurse, now=NOW + timedelta(minutes=1)).starts_at == at(10)


def test_once_told_or_taken_it_stays(entry, nurse):
    made = offer(entry, nurse)
    run_once(now=NOW + STAFF_DELAY, send=lambda message, now: Sent(subject="", text="told"))

    with pytest.raises(IllegalMove, match=r"R. Hale has been told of this time already"):
        by_hand.take_back(made)

    answers.take(made, NOW + STAFF_DELAY)
    with pytest.raises(IllegalMove, match="told of this time already"):
        by_hand.take_back(made)
    assert Appointment.objects.get().status == Status.BOOKED


def test_the_sweep_leaves_an_offer_of_the_desk_alone(entry, nurse):
    made = offer(entry, nurse)

    assert offers.sweep(NOW + timedelta(minutes=1)) == []
    assert Offer.objects.get() == made
