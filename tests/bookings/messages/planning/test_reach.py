"""F15, F18: who cannot be written to is booked all the same, and nothing is planned that cannot arrive."""

from datetime import timedelta

import pytest

from bookings.messages.channels.sms import sms_text
from bookings.messages.delivery import loop as delivery
from bookings.messages.models import Message, MessageRule
from bookings.messages.planning.aftercare import plan_completed
from bookings.messages.planning.invitations import token_of
from bookings.messages.planning.visit_messages import plan_booked, plan_cancelled
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients import validation
from clinic.patients.models import Patient
from clinic.sending import sms_length
from clinic.sending.outcomes import Sent
from tests.bookings.online.flow import DETAILS, MONDAY, hold, send, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
LANDLINE, MOBILE = "+441632960130", "+447700900123"
DESK = {
    "do": "book",
    "treatment": "peel",
    "day": "2026-11-24",
    "at": "10:15",
    "practitioner": "aisha",
    "patient": "new",
}


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    MessageRule.objects.all().delete()
    for channel in ("email", "sms"):
        MessageRule.objects.create(kind="reminder", channel=channel, hours=24)
        MessageRule.objects.create(kind="follow_up", channel=channel, hours=24)
    return small_clinic()


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def planned(visit):
    return sorted(visit.messages.filter(state="planned").values_list("kind", "channel"))


@pytest.mark.parametrize(
    ("number", "takes"),
    [
        (MOBILE, True),
        ("+447911123456", True),
        ("+33612345678", True),
        ("+12025550123", True),
        (LANDLINE, False),
        ("+442079460000", False),
        ("+33142685300", False),
        ("+448081570000", False),
        ("", False),
    ],
)
def test_f18_which_numbers_take_texts(number, takes):
    assert validation.takes_texts(number) is takes


def test_f18_no_text_is_planned_to_a_landline():
    visit = AppointmentFactory(patient=PatientFactory(phone=LANDLINE, contact_by="both"))
    plan_booked(visit, clock.now())
    visit.status = Status.COMPLETED
    plan_completed(visit, clock.now())
    assert {channel for _, channel in planned(visit)} == {"email"}


def test_f18_who_wanted_texts_alone_is_reminded_by_email():
    visit = AppointmentFactory(
        starts_at=clock.now() + timedelta(days=3), patient=PatientFactory(phone=LANDLINE, contact_by="sms")
    )
    plan_booked(visit, clock.now())
    assert planned(visit) == [("confirmation", "email"), ("reminder", "email")]


def test_f18_when_the_number_changes_later_the_planned_text_becomes_an_email():
    visit = AppointmentFactory(
        starts_at=clock.now() + timedelta(days=3), patient=PatientFactory(phone=MOBILE, contact_by="sms")
    )
    plan_booked(visit, clock.now())
    Patient.objects.update(phone=LANDLINE)
    due = visit.starts_at - timedelta(hours=24)
    sent = []

    def send(message, now):
        sent.append((message.kind, message.channel))
        return Sent(subject="", text="")

    for hours in (1, 2):  # after the quiet hours; what is planned instead is sent in the next round
        delivery.run_once(now=due + timedelta(hours=hours), send=send)
    assert sent[-1] == ("reminder", "email")
    assert ("reminder", "sms") not in sent
    assert visit.messages.get(channel="sms").error == "This number cannot take text messages."


def test_f18_the_patient_is_told_why_where_texts_are_chosen(client):
    hold(client)
    page = text(send(client, "details", DETAILS | {"phone": "01632 960130", "contact_by": "sms"}))
    assert "We cannot send text messages to" in page
    assert "because it is not a mobile number. Choose email, or give a mobile number" in page
    page = text(send(client, "details", DETAILS | {"phone": "01632 960130", "contact_by": "both"}, follow=True))
    assert "Email. We cannot send text messages to 01632 960130, because it is not a mobile number." in page


def test_f18_the_patient_is_told_why_on_the_page_of_preferences(client):
    patient = PatientFactory(phone=LANDLINE, contact_by="email")
    page = client.post(f"/preferences/{token_of(patient)}/", {"contact_by": "sms"})
    assert "We cannot send text messages to 01632 960130" in text(page)
    assert Patient.objects.get().contact_by == "email"


def test_f15_the_desk_books_by_number_and_the_patient_hears_by_text(desk):
    page = text(desk.post("/diary/book/", DETAILS | DESK | {"email": ""}, follow=True))
    visit = Appointment.objects.get()
    assert "There is no email address: the confirmation and reminders go by text message" in page
    assert planned(visit) == [("confirmation", "sms"), ("reminder", "sms")]
    told = sms_text(visit.messages.get(kind="confirmation"), ClinicSettings.load())
    assert f"/visit/{visit.link_token}/" in told
    assert sms_length.fits_one(told)


@pytest.mark.parametrize("phone", ["", "01632 960130"])
def test_f15_the_desk_books_whom_nothing_reaches_and_is_told(desk, phone):
    page = text(desk.post("/diary/book/", DETAILS | DESK | {"email": "", "phone": phone}, follow=True))
    visit = Appointment.objects.get()
    assert "Nothing can be sent: there is no email address and no mobile number." in page
    assert planned(visit) == []
    plan_cancelled(visit, clock.now(), by_staff=True)
    assert planned(visit) == []


def test_f15_who_has_no_address_and_no_number_is_booked_again_by_choosing_them(desk):
    nobody = PatientFactory(email="", phone="")
    desk.post("/diary/book/", DESK | {"patient": nobody.reference})
    assert Appointment.objects.get().patient == nobody
    assert Patient.objects.count() == 1


def test_f15_two_of_one_name_and_birthday_stay_two_without_an_address(desk):
    for at, phone in (("10:15", "07700 900123"), ("11:15", "07700 900124"), ("12:15", "")):
        desk.post("/diary/book/", DETAILS | DESK | {"email": "", "phone": phone, "at": at})
    assert (Appointment.objects.count(), Patient.objects.count()) == (3, 3)


def test_f15_an_address_that_is_gone_stops_what_was_planned_to_it():
    visit = AppointmentFactory(starts_at=clock.now() + timedelta(days=3), patient=PatientFactory(contact_by="email"))
    plan_booked(visit, clock.now())
    Patient.objects.update(email="")
    sent = []

    def send(message, now):
        sent.append((message.kind, message.channel, message.recipient))
        return Sent(subject="", text="")

    for minutes in (0, 1):
        delivery.run_once(now=clock.now() + timedelta(minutes=minutes), send=send)
    assert sent == [("confirmation", "sms", MOBILE)]
    assert not Message.objects.filter(state="sent", channel="email").exists()
