"""Book at the desk: the time on the page is the time that is booked, whichever way it was chosen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.engine import changes
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner
from tests.bookings.desk.views.desk_page import Page
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
BOOK = "/diary/book/"
PATIENT = {
    "patient": "new",
    "full_name": "Sam Osei",
    "email": "sam@example.com",
    "phone": "07700 900456",
    "date_of_birth_day": "3",
    "date_of_birth_month": "5",
    "date_of_birth_year": "1990",
    "contact_by": "both",
}


@pytest.fixture(autouse=True)
def _ten_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def clinic():
    location = LocationFactory()
    peel = TreatmentFactory(slug="peel", duration_minutes=30)
    long = TreatmentFactory(slug="long", duration_minutes=90)
    for slug in ("aisha", "tom"):
        working_week(PractitionerFactory(slug=slug, offers=[peel, long]), location)


@pytest.fixture
def desk(client, clinic):
    client.force_login(StaffFactory(role="desk"))
    return client


def from_gap(desk, at="14:00", **more):
    """The page behind “Free 14:00–…” in the diary."""
    query = {"day": "2026-11-24", "practitioner": "aisha", **({"at": at} if at else {}), **more}
    return Page.of(desk, desk.get(BOOK, query))


def booked_at():
    visit = Appointment.objects.get(status=Status.BOOKED, patient__full_name="Sam Osei")
    return f"{clock.local(visit.starts_at):%Y-%m-%d %H:%M}", visit.practitioner.slug


def said_by(value):
    written, _, slug = value.partition("|")
    return f"{clock.local(datetime.fromisoformat(written)):%Y-%m-%d %H:%M}", slug


def test_d1_a_time_chosen_after_a_gap_of_the_diary_is_the_one_booked(desk):
    page = from_gap(desk).press("times", treatment="peel")
    assert said_by(page.ticked("slot"))[0] == "2026-11-24 14:00"

    page.press("book", **PATIENT, slot=page.value_of("slot", "16:30"))

    assert booked_at() == ("2026-11-24 16:30", "aisha")


@pytest.mark.parametrize("chosen", ["", "aisha"])
def test_whoever_was_free_is_named(desk, chosen):
    page = from_gap(desk, treatment="peel", practitioner=chosen, next="/diary/").press("times")

    page.press("book", **PATIENT, slot=page.value_of("slot", "16:30"))

    who = f" with {Appointment.objects.get().practitioner.name}"
    notice = desk.get("/diary/").context["notice"]["text"]
    assert notice.startswith(f"S. Osei: booked for Tuesday 24 November, 16:30{'' if chosen else who}. ")


def test_a_visit_in_the_night_of_the_clock_change_lasts_its_minutes(desk):
    """31 October 2027, 01:30: the hour from one to two comes twice."""
    page = from_gap(desk, treatment="peel", day="2027-10-31", at="01:30")
    page.press("book", **PATIENT)

    visit = Appointment.objects.get()
    assert (visit.minutes, f"{visit.starts_at:%d %H:%M}") == (30, "31 00:30")


def test_an_old_page_whose_visit_was_cancelled_does_not_say_booked(desk):
    """F1: book, cancel, Back, book again."""
    page = from_gap(desk, treatment="peel")
    back = Page.of(desk, page.response)
    page.press("book", **PATIENT)
    visit = Appointment.objects.get()
    changes.cancel(appointment=visit, now=clock.now(), by_staff=True)

    answer = back.press("book", **PATIENT)
    assert "is cancelled. To book it anew" in answer.response.content.decode()
    answer.press("book")

    assert [one.status for one in Appointment.objects.order_by("pk")] == [Status.CANCELLED, Status.BOOKED]


def test_a_follow_up_given_to_someone_else_follows_no_visit_of_another(desk, client):
    """C1: whoever opens a visit by its link is let into what follows it."""
    peel, nurse = Treatment.objects.get(slug="peel"), Practitioner.objects.get(slug="aisha")
    at_ten = datetime(2026, 11, 23, 10, tzinfo=UTC)
    ann = AppointmentFactory(treatment=peel, practitioner=nurse, starts_at=at_ten, patient=PatientFactory())
    page = from_gap(desk, treatment="peel", follows=ann.reference, patient=ann.patient.reference)

    page.press("book", **PATIENT)

    booked = Appointment.objects.get(patient__full_name="Sam Osei")
    assert (booked.follows, ann.follow_ups.count()) == (None, 0)


def test_a_follow_up_given_to_the_same_patient_follows_their_visit(desk, client):
    peel, nurse = Treatment.objects.get(slug="peel"), Practitioner.objects.get(slug="aisha")
    at_ten = datetime(2026, 11, 23, 10, tzinfo=UTC)
    ann = AppointmentFactory(treatment=peel, practitioner=nurse, starts_at=at_ten, patient=PatientFactory())

    from_gap(desk, treatment="peel", follows=ann.reference, patient=ann.patient.reference).press("book")

    assert ann.follow_ups.get().patient == ann.patient


def test_the_database_lets_no_visit_follow_that_of_another_patient(clinic):
    """follow_up_is_of_the_same_patient"""
    first, other = AppointmentFactory(patient=PatientFactory()), AppointmentFactory(patient=PatientFactory())

    with pytest.raises(IntegrityError, match="follow_up_is_of_the_same_patient"), transaction.atomic():
        Appointment.objects.filter(pk=other.pk).update(follows=first)


def test_d1_the_gap_itself_is_booked_when_nothing_else_is_chosen(desk):
    from_gap(desk).press("times", treatment="peel").press("book", **PATIENT)

    assert booked_at() == ("2026-11-24 14:00", "aisha")


def test_d1_the_gap_is_booked_at_once_without_looking_at_the_times(desk):
    from_gap(desk).press("book", treatment="peel", **PATIENT)

    assert booked_at() == ("2026-11-24 14:00", "aisha")


def test_d1_after_a_refusal_a_nearest_time_can_be_booked(desk):
    page = from_gap(desk).press("times", treatment="peel")
    taken(at=14)
    page = page.press("book", **PATIENT)
    assert page.response.status_code == 409

    nearest = page.values("slot")[0]
    page.press("book", slot=nearest)

    assert booked_at() == said_by(nearest)


def test_d1_a_tick_and_another_time_typed_are_asked_about(desk):
    page = from_gap(desk).press("times", treatment="peel")

    page = page.press("book", **PATIENT, at="16:45")
    again = page.press("book")

    assert (page.response.status_code, again.response.status_code) == (422, 422)
    assert "You ticked a free time and typed another" in again.text
    again.press("book", slot="other")
    assert booked_at() == ("2026-11-24 16:45", "aisha")


@pytest.mark.parametrize("change", [{"treatment": "long"}, {"practitioner": "tom"}, {"day": "2026-11-25"}])
def test_d1_times_that_were_shown_for_another_choice_are_asked_for_again(desk, change):
    page = from_gap(desk, at="").press("times", treatment="peel")

    page = page.press("book", **PATIENT, slot=page.value_of("slot", "10:00"), **change)

    assert page.response.status_code == 422
    assert "were for another choice" in page.text
    assert not Appointment.objects.exists()
    page.press("book", slot=page.value_of("slot", "11:00"))
    day, who = booked_at()
    assert (day, who) == (f"{change.get('day', '2026-11-24')} 11:00", change.get("practitioner", "aisha"))


def test_two_taps_on_book_are_one_visit_and_another_visit_is_asked_about(desk):
    page = from_gap(desk).press("times", treatment="peel")

    first, second = page.press("book", **PATIENT), page.press("book", **PATIENT)

    assert first.response.url == second.response.url
    page = page.press("book", **PATIENT, slot=page.value_of("slot", "16:30"))
    assert "A visit was booked from this page already" in page.text
    assert Appointment.objects.count() == 1
    page.press("book")
    assert Appointment.objects.count() == 2


def taken(*, at, who="aisha", day=24):
    nurse = PractitionerFactory._meta.model.objects.get(slug=who)
    starts_at = datetime(2026, 11, day, at, tzinfo=clock.LONDON)
    AppointmentFactory(practitioner=nurse, starts_at=starts_at, minutes=60)


paths = st.fixed_dictionaries(
    {
        "at": st.sampled_from(["", "14:00", "12:10", "18:30"]),
        "who": st.sampled_from(["", "aisha"]),
        "looks": st.integers(0, 2),
        "picks": st.none() | st.integers(0, 40),
        "types": st.sampled_from(["", "", "15:05"]),
        "loses": st.booleans(),
        "forgets_name": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths)
def test_d1_the_time_on_the_page_is_the_time_that_is_booked(desk, path):
    """Whatever was carried, typed, ticked, forgotten or lost before: what the last page showed, or nothing."""
    with transaction.atomic():
        walk(desk, path)
        transaction.set_rollback(True)


def walk(desk, path):
    page = from_gap(desk, at=path["at"], practitioner=path["who"])
    for _ in range(path["looks"]):
        page = page.press("times", treatment="peel")
    answers = {"treatment": "peel", **PATIENT}
    listed = page.values("slot")
    if path["picks"] is not None and listed:
        answers["slot"] = listed[path["picks"] % len(listed)]
    if path["types"]:
        answers["at"] = path["types"]
    if path["forgets_name"]:
        page = page.press("book", **{**answers, "full_name": ""})
        answers = {"full_name": "Sam Osei"}
    if path["loses"]:
        taken(at=14)
        taken(at=15)
    for _ in range(6):
        shown, page = page.shown(**answers), page.press("book", **answers)
        if page.response.status_code == 302:
            when, who = booked_at()
            assert when == shown.when
            assert shown.who in {"", who}
            return
        assert page.errors
        assert not Appointment.objects.filter(patient__full_name="Sam Osei").exists()
        listed = page.values("slot")
        place = 0 if page.response.status_code == 409 else len(listed) // 2
        answers = {"slot": listed[place], "at": ""} if listed else {"practitioner": "aisha"}
    pytest.fail("The page never took an answer")


def test_f15_someone_without_an_email_address_is_booked_by_name_number_and_birthday(desk):
    page = from_gap(desk).press("times", treatment="peel").press("book", **{**PATIENT, "email": ""})

    visit = Appointment.objects.get()
    assert (visit.patient.full_name, visit.patient.email, str(visit.patient.phone)) == ("Sam Osei", "", "+447700900456")
    told = desk.get(page.response.url).content.decode()
    assert "There is no email address: the confirmation and reminders go by text message" in told
    assert {message.channel for message in visit.messages.all()} == {"sms"}


def test_f15_without_address_and_number_nothing_can_be_sent_and_staff_are_told(desk):
    page = from_gap(desk).press("times", treatment="peel").press("book", **{**PATIENT, "email": "", "phone": ""})

    assert "Nothing can be sent" in desk.get(page.response.url).content.decode()
    assert not Appointment.objects.get().messages.exists()


@pytest.mark.parametrize("text", ["obrien siobhan", "12 3 89", "0456", "siobhán"])
def test_f16_the_booking_page_finds_as_the_list_of_patients_does(desk, text):
    patient = PatientFactory(full_name="Siobhán O’Brien", phone="+447700900456", date_of_birth="1989-03-12")

    page = from_gap(desk, treatment="peel").press("find", search=text)

    assert f'value="{patient.reference}"' in page.text
    page.press("book", patient=patient.reference)
    assert Appointment.objects.get().patient == patient


def test_a_visit_for_a_record_that_was_merged_is_booked_for_the_one_that_remained(desk):
    kept = PatientFactory()
    gone = PatientFactory(merged_into=kept)

    from_gap(desk, treatment="peel", patient=gone.reference).press("book")

    assert Appointment.objects.get().patient == kept


def test_the_only_one_found_is_chosen(desk):
    rowan = PatientFactory(full_name="Rowan Hale")
    PatientFactory(full_name="Sam Osei", email="sam@example.com")

    page = from_gap(desk, treatment="peel").press("find", search="rowan")
    assert page.ticked("patient") == rowan.reference

    again = page.press("times", patient="new")
    assert again.ticked("patient") == "new"


def test_of_several_who_were_found_nobody_is_chosen(desk):
    for number in "12":
        PatientFactory(full_name="Rowan Hale", email=f"rowan{number}@example.com")

    assert from_gap(desk, treatment="peel").press("find", search="rowan").ticked("patient") == "new"


KNOWN = {"treatment": "peel", "practitioner": "aisha", "day": "2026-11-24", "at": "20:00", "do": "times"}
NEWCOMER = {"patient": "new", "full_name": "Jo Ash", "phone": "07700 900123"}


def focused(desk, **asked):
    page = BeautifulSoup(desk.get(BOOK, asked).content, "html.parser")
    return [one.get("name") or one.name for one in page.select("[autofocus]")]


def test_filled_in_by_the_line_the_page_has_its_focus_on_what_is_still_to_do(desk):
    born, unborn = PatientFactory(), PatientFactory(date_of_birth=None)

    assert focused(desk, **KNOWN, **NEWCOMER) == ["is_adult"]
    assert focused(desk, **KNOWN, patient=unborn.reference) == ["is_adult"]
    assert focused(desk, **KNOWN, patient=born.reference) == ["do"]


@pytest.mark.parametrize("without", ["treatment", "practitioner", "day", "at", "do", "phone"])
def test_a_page_that_lacks_more_than_the_age_begins_at_its_heading(desk, without):
    asked = KNOWN | NEWCOMER
    del asked[without]

    assert focused(desk, **asked) == ["h1"]
