"""The waiting list over HTTP: from the form to the visit, and what staff see."""

from datetime import datetime, timedelta

import pytest

from bookings.engine import changes as visit_changes
from bookings.messages.channels.sms import sms_text
from bookings.messages.models import Message
from bookings.messages.sender import send_message
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list import offers
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.sending import sms_length
from tests.bookings.online.flow import BIRTHDAY, DETAILS, MONDAY, small_clinic, text
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
JOIN = "/waiting/join/?treatment=peel&with=any"
WISHES = {
    "first_day": "2026-11-23",
    "last_day": "2026-12-23",
    "weekdays": ["1", "2", "3", "4", "5"],
    "parts": ["morning", "afternoon"],
}


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    """Nobody has a free time but for one visit of Aisha's, on Wednesday at 10:15."""
    place = small_clinic()
    place.visit = AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
        patient=PatientFactory(),
    )
    start, end = clock.day_bounds(clock.today())[0], clock.now() + timedelta(days=100)
    TimeOff.objects.create(practitioner=place.tom, during=span(start, end))
    for around in (span(start, place.visit.starts_at), span(place.visit.ends_at, end)):
        TimeOff.objects.create(practitioner=place.aisha, during=around)
    return place


def join(client, **changes):
    return client.post(JOIN, {**DETAILS, **WISHES, **changes}, follow=True)


def offer_to(client, place):
    """Join, somebody cancels, the sweep offers the time."""
    join(client)
    visit_changes.cancel(appointment=place.visit, now=clock.now())
    (offer,) = offers.sweep(clock.now())
    return offer


def test_the_page_of_times_leads_to_the_list(client, place):
    page = client.get("/book/when/?treatment=peel&with=aisha").content.decode()
    assert 'href="/waiting/join/?treatment=peel&amp;with=aisha"' in page


def test_the_whole_way_from_joining_to_the_visit(client, place):
    answer = join(client)
    entry = WaitingEntry.objects.get()
    assert answer.redirect_chain[-1][0] == f"/waiting/{entry.reference}/"
    assert "You are on the waiting list" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]

    visit_changes.cancel(appointment=place.visit, now=clock.now())
    (offer,) = offers.sweep(clock.now())
    client.cookies.clear()

    link = f"/waiting/offers/{offer.link_token}/"
    opened = client.get(link)
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    page = client.get(opened.headers["Location"])
    assert "A time has come free for you" in text(page)
    assert "Kept for you until Monday 23 November, 10am" in text(page)  # from eight, when people may be written to
    assert "until <strong>Tuesday 24 November, 10:15am" in text(page)  # the terms, before she takes it
    assert Appointment.objects.get(pk=offer.appointment_id).status == Status.HELD  # reading takes nothing

    booked = client.post(opened.headers["Location"], {"do": "take", "offer": offer.pk}, follow=True)
    visit = Appointment.objects.get(pk=offer.appointment_id)
    assert (visit.status, visit.patient.email) == (Status.BOOKED, "sam@example.com")
    assert booked.redirect_chain[-1][0] == f"/visit/{visit.reference}/"
    assert "You have your time" in text(client.get(f"/waiting/{entry.reference}/"))


@pytest.mark.parametrize("do", ["take", "decline"])
def test_d1_an_old_page_neither_takes_nor_refuses_the_offer_made_since(client, place, do):
    """D1: the page showed one time, another is kept by now."""
    old = offer_to(client, place)
    Offer.objects.update(state=Offer.State.LAPSED)
    Appointment.objects.filter(pk=old.appointment_id).update(status=Status.EXPIRED)
    AppointmentFactory(practitioner=place.aisha, starts_at=old.starts_at)
    new = offer_another(old)

    client.post(f"/waiting/{old.entry.reference}/", {"do": do, "offer": old.pk})

    assert not Appointment.objects.filter(patient=old.entry.patient, status=Status.BOOKED).exists()
    assert Offer.objects.get(pk=new.pk).state == Offer.State.OPEN


def offer_another(old):
    held = HoldFactory(
        practitioner=old.practitioner,
        treatment=old.entry.treatment,
        starts_at=old.starts_at + timedelta(days=1),
        hold_expires_at=old.expires_at,
    )
    return Offer.objects.create(
        entry=old.entry,
        appointment=held,
        practitioner=old.practitioner,
        starts_at=held.starts_at,
        created_at=clock.now() + timedelta(seconds=1),
        expires_at=old.expires_at,
    )


def test_letting_it_go_keeps_the_place(client, place):
    offer = offer_to(client, place)
    answer = client.post(f"/waiting/{offer.entry.reference}/", {"do": "decline", "offer": offer.pk}, follow=True)
    assert "You are on the waiting list" in text(answer)
    assert Offer.objects.get().state == Offer.State.DECLINED


def test_a_lapsed_offer_that_someone_took_says_so(client, place):
    offer = offer_to(client, place)
    Offer.objects.update(state=Offer.State.LAPSED)
    Appointment.objects.filter(pk=offer.appointment_id).update(status=Status.EXPIRED)
    AppointmentFactory(practitioner=place.aisha, starts_at=offer.starts_at)
    answer = client.post(f"/waiting/{offer.entry.reference}/", {"do": "take", "offer": offer.pk})
    assert answer.status_code == 409
    assert "this time is taken" in text(answer)


def test_leaving_is_one_button(client, place):
    join(client)
    entry = WaitingEntry.objects.get()
    answer = client.post(f"/waiting/{entry.reference}/", {"do": "leave"}, follow=True)
    assert "You are not on the list any more" in text(answer)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"weekdays": []}, "Choose at least one day of the week"),
        ({"parts": ["night"]}, "Choose from these times of day"),
        ({"last_day": "2026-11-01"}, "The last day must not be before the first"),
        ({"first_day": "soon"}, "Enter a day"),
        ({"practitioners": ["nobody"]}, "Choose one of these people"),
        (dict.fromkeys(BIRTHDAY, ""), "Enter your date of birth"),
        ({"email": "sam"}, "Enter an email address in the correct format"),
        ({"first_day": "2027-12-01", "last_day": "2027-12-02"}, "too far ahead"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client, place, changes, told):
    answer = join(client, **changes)
    assert told in text(answer)
    assert 'value="Sam Lee"' in answer.content.decode()
    assert not WaitingEntry.objects.exists()


def test_nobody_too_young_waits(client, place):
    answer = join(client, date_of_birth_year="2012")
    assert answer.redirect_chain[-1][0].startswith("/book/cannot-book/")
    assert (WaitingEntry.objects.count(), AgeRefusal.objects.count()) == (0, 1)


def test_joining_again_changes_the_wishes_and_says_so(client, place, time_machine):
    join(client)
    time_machine.shift(timedelta(hours=1))
    answer = join(client, parts=["morning"])
    assert "You were on the list already" in text(answer)
    assert WaitingEntry.objects.get().parts == ["morning"]


def test_who_only_knows_her_name_and_birthday_does_not_get_at_what_is_kept_for_her(client, place, time_machine):
    offer = offer_to(client, place)
    client.cookies.clear()
    time_machine.shift(timedelta(minutes=5))
    answer = join(client)
    assert "You are on the list already" in text(answer)
    assert answer.status_code == 200
    stranger = client.post(f"/waiting/{offer.entry.reference}/", {"do": "take", "offer": offer.pk})
    assert stranger.status_code == 404
    assert Offer.objects.get().state == Offer.State.OPEN


def test_a_stranger_who_joins_in_the_same_minute_does_not_either(client, place, time_machine):
    offer = offer_to(client, place)
    client.cookies.clear()
    time_machine.shift(timedelta(seconds=5))
    assert "You are on the list already" in text(join(client))
    assert client.get(f"/waiting/{offer.entry.reference}/").status_code == 404


@pytest.mark.parametrize(("act", "untrue"), [("decline", "let that time go"), ("leave", "You have left")])
def test_an_old_page_says_nothing_untrue_of_a_time_that_was_taken(client, place, act, untrue):
    """F1: two tabs show the offer, one takes it."""
    offer = offer_to(client, place)
    page = f"/waiting/{offer.entry.reference}/"
    client.post(page, {"do": "take", "offer": offer.pk})

    answer = client.post(page, {"do": act, "offer": offer.pk}, follow=True)

    assert "You have your time" in text(answer)
    assert untrue not in text(answer)
    assert Appointment.objects.filter(status=Status.BOOKED, patient=offer.entry.patient).count() == 1


def test_the_page_has_a_link_that_opens_it_on_another_device(client, place):
    page = join(client).content.decode()
    client.cookies.clear()
    link = f"/waiting/{WaitingEntry.objects.get().link_token}/"
    assert f'{link}"' in page
    assert "You are on the waiting list" in text(client.get(link, follow=True))


def test_the_link_of_an_offer_she_took_leads_to_her_visit(client, place):
    offer = offer_to(client, place)
    client.post(f"/waiting/{offer.entry.reference}/", {"do": "take", "offer": offer.pk})
    client.cookies.clear()
    page = text(client.get(f"/waiting/offers/{offer.link_token}/", follow=True))
    assert "See your visit" in page
    visit = client.post(f"/waiting/{offer.entry.reference}/", {"do": "take", "offer": offer.pk}, follow=True)
    assert visit.redirect_chain[-1][0] == f"/visit/{offer.appointment.reference}/"
    assert Appointment.objects.filter(status=Status.BOOKED, patient=offer.entry.patient).count() == 1


def test_a_day_named_twice_is_one_day(client, place):
    join(client, weekdays=["5", "1", "1", "5", "1", "1", "1"])
    assert WaitingEntry.objects.get().weekdays == [1, 5]


@pytest.mark.parametrize("field", ["first_day", "weekdays", "parts", "practitioners", "full_name", "note"])
def test_a_null_character_is_no_fault(client, place, field):
    assert join(client, **{field: "\0"}).status_code == 200
    assert client.get("/waiting/join/?treatment=%00&with=%00").status_code == 302


def test_strangers_and_wrong_links_learn_nothing(client, place):
    join(client)
    entry = WaitingEntry.objects.get()
    client.cookies.clear()
    for address in (f"/waiting/{entry.reference}/", "/waiting/" + "x" * 43 + "/", "/waiting/offers/" + "x" * 43 + "/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/waiting/{entry.reference}/", {"do": "leave"}).status_code == 404
    assert client.get(f"/waiting/{entry.link_token}/").status_code == 302


def test_a_treatment_that_is_not_booked_online_is_chosen_again(client, place):
    assert client.get("/waiting/join/?treatment=nothing").headers["Location"] == "/book/?gone=yes"


def test_the_text_message_is_one_and_says_until_when(client, place):
    offer = offer_to(client, place)
    words = sms_text(Message.objects.get(offer=offer, channel="sms"), ClinicSettings.load())
    assert sms_length.fits_one(words)
    assert "Wed 25 Nov, 10:15am" in words
    assert "until 10am" in words or "till 10am" in words
    assert f"/waiting/offers/{offer.link_token}/" in words


def test_the_letter_says_when_and_until_and_nothing_of_the_treatment(client, place, mailoutbox):
    offer = offer_to(client, place)
    send_message(Message.objects.get(offer=offer, channel="email"), clock.now())
    letter = mailoutbox[0]
    assert "Wednesday 25 November" in letter.subject
    assert f"/waiting/offers/{offer.link_token}/" in letter.body
    assert "until Monday 23 November 2026, 10am" in letter.body
    assert "peel" not in (letter.subject + letter.body).lower()


class TestAtTheDesk:
    @pytest.fixture
    def desk(self, client):
        client.force_login(StaffFactory(role="desk"))
        return client

    def test_staff_see_who_waits_and_offer_or_remove(self, desk, place):
        join(desk)
        page = text(desk.get("/diary/waiting/"))
        assert "Sam Lee" in page
        assert "Anyone" in page
        assert "No free time suits anyone" in text(desk.post("/diary/waiting/", {"do": "offer"}, follow=True))

        visit_changes.cancel(appointment=place.visit, now=clock.now(), by_staff=True)
        assert "1 time offered" in text(desk.post("/diary/waiting/", {"do": "offer"}, follow=True))
        entry = WaitingEntry.objects.get()
        page = text(desk.get("/diary/waiting/"))
        assert "kept until Mon 10:00 (2 hours, 30 minutes left)" in page
        assert entry.reference in page
        assert "off the list" in text(
            desk.post("/diary/waiting/", {"do": "remove", "entry": entry.reference}, follow=True)
        )
        assert "Nobody is waiting" in text(desk.get("/diary/waiting/"))
        assert desk.post("/diary/waiting/", {"do": "remove", "entry": "nothing\0"}).status_code == 404

    def test_others_do_not(self, client):
        assert client.get("/diary/waiting/").status_code == 302


class TestFreeTimesFirst:
    """P-B10: what is free now is shown before anyone waits for it."""

    @pytest.fixture
    def open_clinic(self, place):
        TimeOff.objects.all().delete()
        return place

    def test_the_form_says_that_there_are_free_times_and_links_to_them(self, client, open_clinic):
        page = client.get(JOIN).content.decode()

        assert "There are free times" in page
        assert 'href="/book/when/?treatment=peel&amp;with=aisha&amp;day=2026-11-23"' in page

    def test_not_where_there_are_none(self, client, place):
        assert "There are free times" not in text(client.get(JOIN))

    def test_what_suits_is_shown_with_the_answers_kept_before_anyone_joins(self, client, open_clinic):
        answer = join(client)
        assert "These times suit you and are free now" in text(answer)
        assert 'value="Sam Lee"' in answer.content.decode()
        assert not WaitingEntry.objects.exists()
        assert not Message.objects.exists()

        joined = join(client, anyway="yes")
        assert "You are on the waiting list" in text(joined)
        assert "These times suit you and are free now" in text(joined)
        assert offers.sweep(clock.now()) == []

    def test_free_times_that_do_not_suit_stop_nobody(self, client, open_clinic):
        assert "You are on the waiting list" in text(join(client, weekdays=["7"]))

    def test_the_link_in_the_email_opens_and_leaves_the_list(self, client, place, mailoutbox):
        join(client)
        entry = WaitingEntry.objects.get()
        send_message(Message.objects.get(kind="waiting"), clock.now())
        link = f"/waiting/{entry.link_token}/"

        assert link in mailoutbox[0].body
        client.cookies.clear()
        opened = client.get(link, follow=True)
        assert "You are on the waiting list" in text(opened)
        left = client.post(opened.redirect_chain[-1][0], {"do": "leave"}, follow=True)
        assert "You are not on the list any more" in text(left)
