"""What is said of a delay, and that it is said only while it is so."""

import pytest

from bookings.desk.late.telling import tell
from bookings.messages.channels.sms import sms_text
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message, Wording
from bookings.messages.planning.lateness import HELD
from bookings.messages.sender import Sender
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core.models import ClinicSettings
from clinic.sending import sms_length
from tests.bookings.desk.late.conftest import NOW
from tests.bookings.moments import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell_ada(nurse, over, come):
    def ask(**contact):
        _, ada = come("Rowan Hale", "Ada Lane", **contact)
        return tell(practitioner=nurse.pk, wanted={ada.reference: at(17, 12)}, now=NOW)[0]

    return ask


def send(now=NOW + HELD):
    with Sender() as sender:
        run_once(now=now, send=sender)


def test_the_text_says_about_when_and_never_what_for(tell_ada, treatment):
    message = tell_ada()

    words = sms_text(message, ClinicSettings.load())

    assert "sorry, we are running about 12 minutes late. Your visit starts at about 5:12pm." in words
    assert treatment.name not in words
    assert sms_length.fits_one(words)


def test_the_email_says_the_same(tell_ada, treatment, mailoutbox):
    tell_ada(contact_by="email")

    send()

    (letter,) = mailoutbox
    html = letter.alternatives[0][0]
    assert letter.subject == "Your visit starts at about 5:12pm"
    for part in (letter.body, html):
        assert "we are running about 12 minutes late" in part
        assert "5:12pm" in part
        assert treatment.name not in part


def test_the_owners_own_words_are_filled(tell_ada, mailoutbox):
    Wording.objects.create(
        kind="late", channel="email", name="Ours", subject="Late", body="{{minutes}} minutes, so {{late_time}}."
    )
    tell_ada(contact_by="email")

    send()

    assert "12 minutes, so 5:12pm." in mailoutbox[0].body


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": Status.COMPLETED}, "The delay is gone."),
        ({"during": None}, "The delay is shorter by now."),
    ],
)
def test_it_is_withdrawn_where_the_delay_has_gone_before_it_went(tell_ada, over, change, why):
    message = tell_ada()
    if "status" in change:  # both before Ada were quick
        Appointment.objects.exclude(pk=message.appointment_id).update(status=Status.COMPLETED)
    else:
        Appointment.objects.filter(pk=over.pk).update(status=Status.COMPLETED)
        first = Appointment.objects.get(patient__full_name="Rowan Hale")
        Appointment.objects.filter(pk=first.pk).update(status=Status.IN_PROGRESS, arrived_at=at(16, 35))

    send()

    message.refresh_from_db()
    assert (message.state, message.error) == (Message.State.WITHDRAWN, why)


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.CANCELLED])
def test_it_is_withdrawn_for_who_is_here_or_does_not_come(tell_ada, status):
    message = tell_ada()
    cancelled_at = NOW if status == Status.CANCELLED else None
    Appointment.objects.filter(pk=message.appointment_id).update(status=status, cancelled_at=cancelled_at)

    send()

    message.refresh_from_db()
    assert (message.state, message.error) == (
        Message.State.WITHDRAWN,
        "The patient is here, or the visit is no longer to come.",
    )
