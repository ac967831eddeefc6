import gzip
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_bytes

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils.html import strip_tags

from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core.clock import LONDON
from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory, HoldFactory, LocationFactory, RoomFactory, working_week
from tests.factories.clinic import (
    OfferedTreatmentFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
DIARY = "/diary/"


def at(hour, minute=0, day=TUESDAY):
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


@pytest.fixture(autouse=True)
def _ten_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def treatment():
    return TreatmentFactory(name="Botulinum toxin", is_prescription_only=True, price=None, duration_minutes=45)


@pytest.fixture
def nurse(treatment):
    nurse = PractitionerFactory(name="Demo Nurse Aisha", slug="aisha", offers=[treatment])
    working_week(nurse, LocationFactory())
    return nurse


@pytest.fixture
def visit(nurse, treatment):
    return AppointmentFactory(
        practitioner=nurse,
        treatment=treatment,
        starts_at=at(9, 30),
        minutes=45,
        patient=PatientFactory(full_name="Jo Whitfield", email="jo@example.com"),
        note="Uses a wheelchair",
    )


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def page_of(visit):
    return reverse("bookings:diary_visit", args=[visit.reference])


def post_status(client, visit, status, **more):
    visit.refresh_from_db()
    url = reverse("bookings:diary_status", args=[visit.reference])
    return client.post(url, {"status": status, "version": visit.version, **more})


# --- who may -----------------------------------------------------------------------------------------------------


def addresses(visit):
    names = ("diary_visit", "diary_move", "diary_cancel")
    return [DIARY, "/diary/book/", *(reverse(f"bookings:{name}", args=[visit.reference]) for name in names)]


def test_who_is_not_signed_in_is_asked_to(client, visit):
    for url in addresses(visit):
        response = client.get(url)
        assert (response.status_code, response.url) == (302, f"/accounts/login/?next={url}")


@pytest.mark.parametrize(
    "make",
    [
        UserFactory,
        lambda: StaffFactory(role="editor"),
        lambda: StaffFactory(role="owner", is_active=True, is_staff=False),
    ],
)
def test_patients_and_editors_are_refused(client, visit, make):
    client.force_login(make())

    assert {client.get(url).status_code for url in addresses(visit)} == {403}
    assert post_status(client, visit, "arrived").status_code == 403


@pytest.mark.parametrize("role", ["desk", "practitioner", "owner"])
def test_diary_staff_see_every_page(client, visit, role):
    visit.practitioner.user = StaffFactory(role=role)
    visit.practitioner.save()
    client.force_login(visit.practitioner.user)

    assert {client.get(url).status_code for url in addresses(visit)} == {200}


def test_a_status_is_never_changed_by_a_link(desk, visit):
    page = desk.get(reverse("bookings:diary_status", args=[visit.reference]), {"status": "arrived", "version": 1})

    assert page.url == reverse("bookings:diary_visit", args=[visit.reference])
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


# --- the day ---------------------------------------------------------------------------------------------------------


def test_the_day_shows_who_comes_and_what_for_under_its_true_name(desk, visit):
    page = desk.get(DIARY).content.decode()

    assert "<h1>Tuesday 24 November</h1>" in page
    assert "J. Whitfield" in page
    assert "Jo Whitfield" not in page
    assert "Botulinum toxin" in page
    assert "wheelchair" not in page


def test_a_practitioner_sees_her_own_diary_first(client, nurse):
    working_week(own := PractitionerFactory(name="Zora", position=9), LocationFactory())
    user = StaffFactory(role="practitioner")
    type(own).objects.filter(pk=own.pk).update(user=user)
    client.force_login(user)

    columns = client.get(DIARY).context["diary"].columns

    assert [column.practitioner for column in columns] == [own, nurse]


def test_one_practitioner_can_be_chosen(desk, nurse):
    working_week(PractitionerFactory(), LocationFactory())

    columns = desk.get(DIARY, {"with": "aisha"}).context["diary"].columns

    assert [column.practitioner for column in columns] == [nurse]


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31", "2028-02-29"])
def test_days_lead_to_their_neighbours_through_the_clock_changes(desk, nurse, day):
    page = desk.get(DIARY, {"day": day, "view": "list"})

    shown = date.fromisoformat(day)
    assert page.context["diary"].day == shown
    assert f'href="?day={shown - timedelta(days=1)}&amp;view=list" rel="prev"' in page.content.decode()
    assert f'href="?day={shown + timedelta(days=1)}&amp;view=list" rel="next"' in page.content.decode()


@pytest.mark.parametrize("day", ["", "yesterday", "9999-99-99", "0001-01-01", "9999-12-31", "2026-11-24\x00"])
def test_a_day_that_makes_no_sense_is_today(desk, nurse, day):
    assert desk.get(DIARY, {"day": day}).context["diary"].day == TUESDAY


def test_an_empty_day_says_so(desk, nurse):
    page = desk.get(DIARY, {"day": "2026-11-29"}).content.decode()

    assert "No visits on Sunday 29 November" in page


def test_a_held_time_says_until_when(desk, nurse):
    HoldFactory(practitioner=nurse, starts_at=at(14), hold_expires_at=at(9, 42))

    assert "Held to 9:42" in desk.get(DIARY).content.decode()


def test_htmx_gets_the_region_only(desk, visit):
    page = desk.get(DIARY, headers={"HX-Request": "true"})

    assert "J. Whitfield" in page.content.decode()
    assert "<html" not in page.content.decode()
    assert "HX-Request" in page["Vary"]


def test_personal_pages_are_not_stored(desk, visit):
    assert "no-store" in desk.get(page_of(visit))["Cache-Control"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_day_takes_eight_statements_however_full(desk, treatment, number, django_assert_num_queries):
    for _ in range(number):
        person = PractitionerFactory(offers=[treatment])
        working_week(person, LocationFactory())
        for hour in range(9, 9 + number):
            AppointmentFactory(practitioner=person, starts_at=at(hour))
    desk.get(DIARY)  # the content types and settings that a process reads once

    with django_assert_num_queries(8):
        desk.get(DIARY)


def test_a_visit_under_time_off_is_named_until_it_has_another_time(desk, visit):
    assert "1 needs another time" not in desk.get(DIARY).content.decode()
    TimeOff.objects.create(practitioner=visit.practitioner, during=visit.during)

    with time_machine.travel(visit.starts_at - timedelta(hours=1), tick=False):
        desk.force_login(StaffFactory(role="desk"))
        assert "1 needs another time" in desk.get(DIARY).content.decode()
        Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED, cancelled_at=visit.starts_at)
        assert "1 needs another time" not in desk.get(DIARY).content.decode()


def test_a_note_of_staff_marks_the_card_as_the_patients_own_does(desk, visit):
    Appointment.objects.update(note="")
    assert "sticky-note" not in desk.get(DIARY).content.decode()
    PatientNote.objects.create(patient=visit.patient, visit=visit, author=StaffFactory(), text="!", written_at=at(8))

    assert "sticky-note" in desk.get(DIARY).content.decode()


# --- a visit -----------------------------------------------------------------------------------------------------------


def test_the_visit_page_tells_all_that_staff_need(desk, visit):
    page = desk.get(page_of(visit)).content.decode()

    for text in (
        "Jo Whitfield",
        "jo@example.com",
        "07700 900123",
        "(38 years)",
        "Botulinum toxin",
        "Uses a wheelchair",
        "Booked online",
    ):
        assert text in page


def test_an_unknown_reference_is_not_found(desk, visit):
    assert desk.get("/diary/visits/ZZZZZZZZ/").status_code == 404


def test_a_visit_goes_through_its_day(desk, visit):
    for status in ("arrived", "in_progress", "completed"):
        response = post_status(desk, visit, status, next="/diary/?day=2026-11-24")
        visit.refresh_from_db()
        assert (response.status_code, response.url, visit.status) == (302, "/diary/?day=2026-11-24", status)
    assert visit.arrived_at == at(9, 10)


def test_the_notice_is_shown_once_and_undo_takes_the_step_back(desk, visit):
    post_status(desk, visit, "arrived", next=DIARY)

    notice = desk.get(DIARY).context["notice"]
    response = desk.post(notice["action"], notice["fields"])

    visit.refresh_from_db()
    assert (notice["text"], visit.status, response.url) == ("J. Whitfield: arrived.", Status.BOOKED, DIARY)
    desk.get(DIARY)
    assert desk.get(DIARY).context["notice"] is None


def test_a_refresh_of_the_grid_leaves_the_notice_for_the_page(desk, visit):
    post_status(desk, visit, "arrived")
    desk.get(DIARY, headers={"HX-Request": "true"})

    assert desk.get(page_of(visit)).context["notice"]


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled", "held", "nonsense", ""])
def test_a_step_that_is_not_next_is_refused_kindly(desk, visit, status):
    response = post_status(desk, visit, status)

    visit.refresh_from_db()
    assert (response.status_code, visit.status) == (409, Status.BOOKED)
    assert response.context["refusal"]
    assert "Jo Whitfield" in response.content.decode()


@pytest.mark.parametrize("version", ["1", "", "x", "9" * 30])
def test_a_page_that_is_out_of_date_changes_nothing_and_shows_how_it_stands(desk, visit, version):
    post_status(desk, visit, "arrived")

    response = post_status(desk, visit, "in_progress", version=version)

    visit.refresh_from_db()
    assert (response.status_code, visit.status) == (409, Status.ARRIVED)
    assert "was changed meanwhile" in response.content.decode()
    assert response.context["visit"].version == visit.version


def test_next_never_leads_away_from_the_diary(desk, visit):
    assert post_status(desk, visit, "arrived", next="https://example.com/diary/").url == page_of(visit)


def cards(client):
    page = BeautifulSoup(client.get(DIARY).content, "html.parser")
    return {card.a["id"][2:]: card for card in page.select(".diary__col .appt:has(a)")}


@pytest.mark.parametrize(
    ("status", "is_movable", "lasts"),
    [("booked", True, "45"), ("arrived", False, "45"), ("in_progress", False, "45"), ("completed", False, None)],
)
def test_a_card_says_whether_it_can_be_lifted_or_made_longer(desk, visit, status, is_movable, lasts):
    Appointment.objects.update(status=status)
    card = cards(desk)[visit.reference]

    assert ("data-lift" in card.attrs, card.get("data-lasts")) == (is_movable, lasts)


def test_a_card_of_anothers_visit_cannot_be_lifted(client, visit):
    client.force_login(StaffFactory(role="practitioner"))
    card = cards(client)[visit.reference]

    assert not {"data-lift", "data-lasts", "data-v"} & set(card.attrs)


# --- move, cancel --------------------------------------------------------------------------------------------------------


def move_url(visit):
    return reverse("bookings:diary_move", args=[visit.reference])


def test_a_visit_moves_to_a_free_time_and_back(desk, visit):
    visit.refresh_from_db()
    page = desk.get(move_url(visit), {"day": "2026-11-25"})
    value, starts_at = page.context["times"][0]

    response = desk.post(move_url(visit), {"slot": value, "version": 1})

    visit.refresh_from_db()
    assert (response.url, visit.starts_at, starts_at) == (
        page_of(visit),
        at(9, day=date(2026, 11, 25)),
        visit.starts_at,
    )
    notice = desk.get(page_of(visit)).context["notice"]
    desk.post(notice["action"], notice["fields"])
    visit.refresh_from_db()
    assert visit.starts_at == at(9, 30)


def test_staff_may_move_to_any_hour_with_another_practitioner(desk, visit, treatment):
    other = PractitionerFactory(slug="tom", offers=[treatment])

    desk.post(move_url(visit), {"day": "2026-11-28", "at": "19:05", "with": "tom", "version": 1})

    visit.refresh_from_db()
    assert (visit.starts_at, visit.practitioner) == (at(19, 5, date(2026, 11, 28)), other)


def test_d1_a_move_to_someone_who_stopped_giving_the_treatment_is_refused(desk, visit, treatment):
    """D1: not moved to the same time with someone else than the page said."""
    other = PractitionerFactory(slug="tom", offers=[treatment])
    other.offered.all().delete()

    response = desk.post(move_url(visit), {"slot": "2026-11-25T10:00:00+00:00|tom", "version": 1})

    visit.refresh_from_db()
    assert (response.status_code, visit.starts_at) == (409, at(9, 30))
    assert "Choose someone else" in response.content.decode()


def test_a_move_onto_another_visit_offers_the_nearest_times(desk, visit, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(11), minutes=60)

    response = desk.post(move_url(visit), {"day": "2026-11-24", "at": "11:15", "with": "aisha", "version": 1})

    visit.refresh_from_db()
    assert (response.status_code, visit.starts_at) == (409, at(9, 30))
    assert len(response.context["nearest"]) == 3


def test_staff_read_of_the_patient_not_of_themselves(desk, visit, nurse):
    other = AppointmentFactory(patient=visit.patient, starts_at=at(11), minutes=60, location=visit.location)
    assert other.practitioner != nurse

    response = desk.post(move_url(visit), {"day": "2026-11-24", "at": "11:15", "with": "aisha", "version": 1})

    assert response.status_code == 409
    assert "The patient has another visit at this time." in response.content.decode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"day": "", "at": "11:00"}, "Choose a day"),
        ({"day": "2026-11-24", "at": "eleven"}, "Enter a time, for example 14:30"),
        ({"day": "2027-03-28", "at": "01:30"}, "The clocks go forward then"),
        ({"day": "9999-12-31", "at": "10:00"}, "Enter a day of this century"),
    ],
)
def test_a_time_that_cannot_be_read_is_explained_beside_its_box(desk, visit, data, error):
    response = desk.post(move_url(visit), {**data, "version": 1})

    assert response.status_code == 422
    assert error in response.content.decode()


@pytest.mark.parametrize(("asked", "shown"), [("11:20", "11:20"), ("9", "09:30"), ("09:00Z", "09:30"), ("", "09:30")])
def test_the_move_page_opens_at_the_time_asked_for_and_writes_nothing(desk, visit, asked, shown):
    page = desk.get(move_url(visit), {"day": "2026-11-25", "at": asked})

    form = page.context["form"]
    assert (str(form["day"].value()), f"{form['at'].value():%H:%M}") == ("2026-11-25", shown)
    visit.refresh_from_db()
    assert visit.version == 1


def test_a_move_from_an_old_page_is_refused(desk, visit):
    post_status(desk, visit, "confirmed")

    response = desk.post(move_url(visit), {"day": "2026-11-25", "at": "10:00", "version": 1})

    assert response.status_code == 409


def test_a_visit_that_has_begun_cannot_be_moved(desk, visit):
    Appointment.objects.update(status=Status.IN_PROGRESS)

    assert "Only a coming visit can be moved" in desk.get(move_url(visit)).content.decode()


def test_a_cancelled_visit_frees_its_time(desk, visit):
    url = reverse("bookings:diary_cancel", args=[visit.reference])
    assert "Cancel this visit?" in desk.get(url).content.decode()

    response = desk.post(url, {"version": 1})

    visit.refresh_from_db()
    assert (response.url, visit.status) == ("/diary/?day=2026-11-24", Status.CANCELLED)
    assert desk.get(DIARY).context["diary"].total == 0
    assert "Book again" in desk.get(page_of(visit)).content.decode()


def cancelled(desk, visit):
    desk.post(reverse("bookings:diary_cancel", args=[visit.reference]), {"version": visit.version})
    return desk.get(DIARY).context["notice"]


def test_a_cancellation_is_undone_from_the_notice(desk, visit):
    notice = cancelled(desk, visit)

    response = desk.post(notice["action"], notice["fields"], follow=True)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_at, visit.starts_at) == (Status.BOOKED, None, at(9, 30))
    page = response.content.decode()
    assert "undone. The patient had not been told otherwise, and hears nothing." in page
    assert [happening.what for happening in response.context["history"]][-2:] == [
        "Cancelled late",
        "Not cancelled after all",
    ]
    assert set(visit.messages.filter(kind="cancelled").values_list("state", flat=True)) == {"withdrawn"}


def test_a_cancellation_is_undone_from_the_page_of_the_visit(desk, visit):
    cancelled(desk, visit)
    assert "Not cancelled after all" in desk.get(page_of(visit)).content.decode()

    desk.post(reverse("bookings:diary_restore", args=[visit.reference]), {"version": 2})

    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_a_cancelled_visit_stays_so_when_its_time_is_used_again(desk, visit):
    notice = cancelled(desk, visit)
    AppointmentFactory(practitioner=visit.practitioner, treatment=visit.treatment, starts_at=at(9, 45), minutes=45)

    response = desk.post(notice["action"], notice["fields"])

    visit.refresh_from_db()
    assert (response.status_code, visit.status) == (409, Status.CANCELLED)
    assert "this time is taken" in response.content.decode()
    assert "Book again" in response.content.decode()


def test_a_cancelled_visit_stays_so_when_the_patient_has_another_then(desk, visit):
    notice = cancelled(desk, visit)
    AppointmentFactory(practitioner=PractitionerFactory(), starts_at=at(9, 30), patient=visit.patient)

    response = desk.post(notice["action"], notice["fields"])

    assert response.status_code == 409
    assert "The patient has another visit at this time." in response.content.decode()


def test_what_stands_cannot_be_put_back_and_an_old_page_puts_nothing_back(desk, visit):
    url = reverse("bookings:diary_restore", args=[visit.reference])
    assert desk.get(url).url == reverse("bookings:diary_visit", args=[visit.reference])
    assert desk.post(url, {"version": 7}).status_code == 409
    Appointment.objects.update(status=Status.COMPLETED)

    response = desk.post(url, {"version": 1})

    assert "Only a cancelled visit can be put back." in response.content.decode()


def test_an_imported_visit_has_a_page(desk, visit):
    imported = AppointmentFactory(source="import", starts_at=at(12))

    assert "Booked by import" in desk.get(page_of(imported)).content.decode()


def test_what_is_over_cannot_be_cancelled(desk, visit):
    Appointment.objects.update(status=Status.COMPLETED)

    response = desk.post(reverse("bookings:diary_cancel", args=[visit.reference]), {"version": 1})

    assert response.status_code == 409


# --- booked at the desk ----------------------------------------------------------------------------------------------------

NEW_PATIENT = {
    "patient": "new",
    "full_name": "Sam Osei",
    "email": "sam@example.com",
    "phone": "07700 900456",
    "date_of_birth_day": "3",
    "date_of_birth_month": "5",
    "date_of_birth_year": "1990",
    "contact_by": "both",
}


def booked(desk, treatment, **data):
    return desk.post("/diary/book/", {"do": "book", "treatment": treatment.slug, "day": "2026-11-24", **data})


def test_a_walk_in_is_booked_at_no_notice(desk, nurse, treatment):
    page = desk.post("/diary/book/", {"do": "times", "treatment": treatment.slug, "day": "2026-11-24"})
    times = page.context["times"]
    value, slot = times.listed[0]
    assert slot.starts_at == at(9, 15)

    response = booked(desk, treatment, slot=value, times_for=times.shown_for, **NEW_PATIENT)

    visit = Appointment.objects.get()
    assert response.url == page_of(visit)
    assert (visit.patient.full_name, visit.starts_at, visit.source) == ("Sam Osei", at(9, 15), "desk")


def test_a_known_patient_is_found_and_booked(desk, nurse, treatment):
    amira = PatientFactory(full_name="Amira Khan")
    page = desk.post("/diary/book/", {"do": "find", "search": "amira", "note": "Kept", "treatment": treatment.slug})
    assert page.context["found"] == [amira]
    assert "Kept" in page.content.decode()

    booked(desk, treatment, at="18:30", practitioner="aisha", patient=amira.reference)

    assert Appointment.objects.get().patient == amira


def test_what_was_typed_is_kept_and_each_error_stands_beside_its_box(desk, nurse, treatment):
    data = {**NEW_PATIENT, "full_name": "Sam Osei", "email": "sam@"}

    page = booked(desk, treatment, **data)

    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="Sam Osei"' in text
    assert "Enter an email address in the correct format" in text
    assert "Choose a free time, or enter another" in text


def test_a_taken_time_offers_the_nearest_three(desk, nurse, treatment, visit):
    page = booked(desk, treatment, at="09:45", practitioner="aisha", **NEW_PATIENT)

    assert page.status_code == 409
    assert "this time is taken" in page.content.decode()
    assert len(page.context["nearest"]) == 3
    assert Appointment.objects.count() == 1


def test_nobody_under_eighteen_is_booked(desk, nurse, treatment):
    page = booked(desk, treatment, at="12:00", practitioner="aisha", **{**NEW_PATIENT, "date_of_birth_year": "2010"})

    assert page.status_code == 409
    assert "anyone under 18" in page.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"slot": "x|y", "patient": "9" * 30},
        {"slot": "2026-11-24T10:00:00+00:00|\x00", "patient": "-1"},
        {"day": "0000-00-00", "at": "99:99", "treatment": "nope\x00", "practitioner": "nobody"},
        {"search": "\x00", "do": "find", "patient": "\x00"},
    ],
)
def test_nonsense_is_answered_kindly(desk, nurse, treatment, data):
    response = desk.post("/diary/book/", {"do": "book", "treatment": treatment.slug, **data})

    assert response.status_code in {200, 422}


def test_the_room_is_shown_to_staff(desk, visit):
    Appointment.objects.update(room=RoomFactory(name="Room Two"), occupied=span(at(9, 30), at(10, 15)))

    assert "Room Two" in desk.get(page_of(visit)).content.decode()


# --- the day page: now and next, cards, gaps, the address ----------------------------------------------------------


def put(visit, start, end, **more):
    Appointment.objects.filter(pk=visit.pk).update(during=span(start, end), occupied=span(start, end), **more)


def test_the_bar_says_who_is_in_and_who_is_next(desk, visit, nurse, treatment):
    put(visit, at(8, 15), at(9), status=Status.IN_PROGRESS)
    room = RoomFactory(location=visit.location, name="Room 2")
    coming = PatientFactory(full_name="Rowan Bay", email="rowan@example.com", date_of_birth=date(1990, 1, 1))
    AppointmentFactory(
        practitioner=nurse, treatment=treatment, patient=coming, starts_at=at(9, 15), room=room, note="x"
    )

    page = desk.get(DIARY)
    bar = page.content.decode().partition('id="now-rows"')[2]

    state = page.context["diary"].columns[0].state
    assert state.inside == visit
    assert state.next.patient == coming
    for words in ("over by 10 min", "Complete", "R. Bay", "36 y", "First visit", "Room 2", "Note", "Arrived"):
        assert words in bar


def test_keys_scroll_the_bar_that_has_no_link_left(desk, visit):
    """A phone shows one person of several: axe's scrollable-region-focusable."""
    focusable = 'class="now-bar__people" role="list" tabindex="0"'
    assert focusable not in desk.get(DIARY).content.decode()

    Appointment.objects.update(status=Status.COMPLETED)

    assert focusable in desk.get(DIARY).content.decode()


def test_the_bar_is_of_today_only(desk, visit):
    assert "now-bar__one" in desk.get(DIARY).content.decode()
    assert "now-bar__one" not in desk.get(DIARY, {"day": "2026-11-23"}).content.decode()
    assert "now-bar__one" not in desk.get(DIARY, {"day": "2026-11-25"}).content.decode()


def test_a_late_visit_tells_those_after_when_they_start(desk, visit, nurse, treatment):
    put(visit, at(8, 15), at(9), status=Status.IN_PROGRESS)
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9), minutes=30)
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9, 30), minutes=45)

    page = strip_tags(desk.get(DIARY).content.decode())

    assert "10 min late: the 9:00 and 9:30 start later" in page
    assert "starts ~9:40" in page
    assert Appointment.objects.filter(during__startswith=at(9, 30)).exists()


def test_the_card_names_the_minute_that_the_patient_is_told_of(desk, visit, nurse, treatment):
    put(visit, at(8, 15), at(9), status=Status.IN_PROGRESS)
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9), minutes=30)
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9, 30), minutes=45)

    with time_machine.travel(at(9, 10) + timedelta(seconds=20), tick=False):
        day = strip_tags(desk.get(DIARY).content.decode())
        told = strip_tags(desk.get("/diary/late/", {"with": nurse.slug}).content.decode())

    assert "starts ~9:41" in day
    assert "about 9:41" in " ".join(told.split())


def test_who_was_seen_before_is_no_first_visit(desk, visit):
    assert "First visit" in desk.get(DIARY).content.decode()

    AppointmentFactory(
        practitioner=visit.practitioner,
        patient=visit.patient,
        starts_at=at(9, day=date(2026, 10, 6)),
        status="completed",
    )

    assert "First visit" not in desk.get(DIARY).content.decode()


@pytest.mark.parametrize("minutes", [10, 15, 30, 45, 90])
def test_a_card_of_any_length_says_what_and_how_long(desk, visit, minutes):
    put(visit, at(10), at(10) + timedelta(minutes=minutes))

    page = desk.get(DIARY).content.decode()

    assert page.count(f"Botulinum toxin, {minutes} min") == 2  # in the grid and in the list


def test_a_gap_says_how_long_and_what_fits(desk, visit, nurse):
    for name, minutes in (("Peel", 45), ("Review", 30), ("Skin boosters", 45), ("A long course of treatment", 30)):
        OfferedTreatmentFactory(practitioner=nurse, treatment=TreatmentFactory(name=name, duration_minutes=minutes))
    AppointmentFactory(practitioner=nurse, starts_at=at(11), minutes=360)

    page = desk.get(DIARY).content.decode()

    assert "Free 45 min: Peel, Review, Skin boosters" in page


def test_what_is_too_short_for_anything_is_hatched_and_no_link(desk, visit, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(10, 45), minutes=375)

    page = desk.get(DIARY)

    column = page.context["diary"].columns[0]
    assert column.free == []
    assert [(block.start, block.end) for block in column.slivers] == [(550, 570), (615, 645)]
    assert "/diary/book/?day=2026-11-24&amp;practitioner=aisha&amp;at=" not in page.content.decode()


def test_a_time_offered_from_the_waiting_list_says_to_whom(desk, nurse, treatment):
    hold = HoldFactory(practitioner=nurse, starts_at=at(14), hold_expires_at=at(9, 42))
    entry = WaitingEntry.objects.create(
        patient=PatientFactory(full_name="Rowan Bay"),
        treatment=treatment,
        first_day=TUESDAY,
        last_day=TUESDAY,
        created_at=at(8),
    )
    Offer.objects.create(
        entry=entry, appointment=hold, practitioner=nurse, starts_at=at(14), created_at=at(9), expires_at=at(9, 42)
    )

    assert "Offered to R. Bay, to 9:42" in desk.get(DIARY).content.decode()


def test_cancelled_visits_stand_behind_a_link(desk, visit, nurse):
    assert "cancelled</a>" not in desk.get(DIARY).content.decode()
    Appointment.objects.update(status=Status.CANCELLED, cancelled_at=at(8))

    hidden = desk.get(DIARY, {"view": "grid"}).content.decode()
    shown = desk.get(DIARY, {"view": "grid", "cancelled": "1"}).content.decode()

    assert "J. Whitfield" not in hidden
    assert 'href="?view=grid&amp;cancelled=1"' in hidden
    assert "J. Whitfield" in shown
    assert 'href="?view=grid"' in shown


def test_names_are_hidden_by_a_link_and_the_link_stays(desk, visit):
    assert 'href="?names=hidden"' in desk.get(DIARY).content.decode()

    page = desk.get(DIARY, {"names": "hidden"}).content.decode()

    assert '<body id="top" class="staff hides-names">' in page
    assert "?day=2026-11-25&amp;names=hidden" in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?vieww=grid", "“vieww=grid”"),
        ("?day=yesterday", "“day=yesterday”"),
        ("?with=nobody&view=list", "“with=nobody”"),
        ("?view=<b>", "“view=&lt;b&gt;”"),
        ("?day=2026-11-25&view=list&cancelled=1&names=hidden", None),
        ("?day=&with=", None),
    ],
)
def test_what_the_address_says_in_vain_is_told(desk, nurse, query, told):
    page = desk.get(DIARY + query).content.decode()

    assert ("The diary does not understand" in page) == (told is not None)
    assert told is None or told in page


def test_someone_is_taken_straight_in_and_back_again(desk, visit):
    post_status(desk, visit, "in_progress")
    visit.refresh_from_db()
    assert (visit.status, visit.arrived_at) == (Status.IN_PROGRESS, at(9, 10))

    notice = desk.session["diary_notice"]
    desk.post(notice["action"], notice["fields"])

    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_the_move_page_opens_on_the_day_of_the_visit(desk, visit):
    put(visit, at(9, day=date(2026, 12, 8)), at(10, day=date(2026, 12, 8)))

    page = desk.get(reverse("bookings:diary_move", args=[visit.reference]))

    assert page.context["chosen"] == date(2026, 12, 8)


def test_a_full_day_of_six_people_is_light(desk, treatment, django_assert_max_num_queries):
    location = LocationFactory()
    patients = Patient.objects.bulk_create(PatientFactory.build_batch(360))
    for place in range(6):
        person = PractitionerFactory(offers=[treatment])
        working_week(person, location)
        of_one = {"practitioner": person, "treatment": treatment, "location": location, "minutes": 8}
        Appointment.objects.bulk_create(
            AppointmentFactory.build(
                patient=patient, starts_at=at(9) + timedelta(minutes=8 * number), link_digest=token_bytes(32), **of_one
            )
            for number, patient in enumerate(patients[place::6])
        )

    desk.get(DIARY)  # the clinic's settings are made when they are first read
    with django_assert_max_num_queries(8):
        page = desk.get(DIARY)

    assert sum(len(column.visits) for column in page.context["diary"].columns) == 360
    assert len(gzip.compress(page.content)) <= 40_000


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("", {"wide-only": "Grid", "narrow-only": "List"}),
        ("?view=grid", {"": "Grid"}),
        ("?view=list", {"": "List"}),
    ],
)
def test_what_is_shown_is_marked_before_it_is_chosen_too(desk, visit, query, marked):
    """Without a choice the width decides, and each width has its own pair of links."""
    page = BeautifulSoup(desk.get(DIARY + query).content, "html.parser")

    found = {}
    for pair in page.select(".day-views__kind"):
        width = next((name for name in pair["class"] if name.endswith("-only")), "")
        found[width] = pair.select_one("[aria-current]").get_text()
    assert found == marked


@pytest.mark.parametrize(("view", "has"), [("grid", ["g"]), ("list", ["l"]), ("", ["g", "l"])])
def test_a_view_that_was_asked_for_comes_alone(desk, visit, view, has):
    page = desk.get(DIARY, {"view": view} if view else {}).content.decode()

    assert [one for one in ("g", "l") if f'id="{one}-{visit.reference}"' in page] == has
