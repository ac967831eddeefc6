"""The desk's jobs, counted: taps, typed keys and page loads. docs/diary.md has the table; this fails beyond it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.dragging import card_of, lift, point
from tests.journeys.support.visitor import assert_sound, next_page, sign_in

SURNAMES = {10: "Ash", 13: "Bay", 14: "Elm", 15: "Oak"}


class Counted:
    """A page whose taps, typed keys and loads are counted from now on."""

    def __init__(self, page):
        self.page, self.taps, self.keys, self.loads = page, 0, 0, 0
        page.on("framenavigated", self._loaded)

    def _loaded(self, frame):
        self.loads += frame == self.page.main_frame

    def tap(self, what, *, leads_on=False):
        self.taps += 1
        if not leads_on:
            what.click()
            return
        with next_page(self.page):
            what.click()

    def drag(self, card, who, hour, minute):
        """One tap; it leads on to the page of the move."""
        self.taps += 1
        lift(self.page, card)
        self.page.mouse.move(*point(self.page, who, hour, minute))
        with next_page(self.page):
            self.page.mouse.up()

    def press(self, key, *, leads_on=False):
        """A key that acts, such as Enter: as good as a tap."""
        self.taps += 1
        if not leads_on:
            self.page.keyboard.press(key)
            return
        with next_page(self.page):
            self.page.keyboard.press(key)

    def write(self, text):
        self.keys += len(text)
        self.page.keyboard.type(text)


@pytest.fixture
def world(clinic):
    """A nurse with a working week and four visits on one coming working day, in a diary of their own."""
    token = "".join(chr(ord("a") + int(one, 16)) for one in uuid4().hex[:7])  # letters, as a name has
    day = next(day for n in range(2, 9) if (day := clock.today() + timedelta(days=n)).isoweekday() <= 5)
    place = LocationFactory(slug=f"place-{token}")
    care = TreatmentFactory(
        name=f"Zeal {token[::-1]}x",
        slug=f"care-{token}",
        category=CategoryFactory(slug=f"c-{token}"),
        duration_minutes=30,
    )
    nurse = PractitionerFactory(slug=f"nurse-{token}", name=f"Demo Nurse Counted {token[::-1]}", offers=[care])
    working_week(nurse, place)
    visits = [
        AppointmentFactory(
            starts_at=at(day, hour), minutes=30, location=place, treatment=care, practitioner=nurse,
            patient=PatientFactory(full_name=f"Quill {token} {SURNAMES[hour]}", email=f"quill-{token}-{hour}@example.com"),
        )
        for hour in (10, 13, 14, 15)
    ]  # fmt: skip
    return day, nurse, care, visits


def at(day: date, hour: int):
    return clock.day_bounds(day)[0] + timedelta(hours=hour)


@pytest.fixture
def diary(visit, world):
    """The desk at that day of that nurse; nothing is counted before."""
    day, nurse, _care, _visits = world
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?day={day}&with={nurse.slug}")
    page.wait_for_load_state("networkidle")
    return Counted(page)


def test_a_known_caller_is_booked(diary, world):
    day, _nurse, _care, visits = world
    token = visits[0].patient.full_name.split()[1][:4]
    page = diary.page
    page.locator("#main a").first.focus()

    diary.press("/")
    diary.write(f"{token} zeal {day:%a} 9".lower())
    diary.press("Enter")
    book = page.get_by_role("button", name=re.compile("^Book .* 9:00")).first
    expect(book).to_be_focused()
    diary.press("Enter", leads_on=True)

    booked = Appointment.objects.latest("pk")
    assert (booked.starts_at, booked.patient) == (at(day, 9), visits[0].patient)
    assert (diary.taps, diary.loads) == (3, 1)
    assert diary.keys <= 16


@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.proof), 1280])
def test_a_walk_in_is_booked_by_name_and_number_only(visit, world, width):
    day, nurse, care, _visits = world
    number = f"07700900{int(uuid4().hex[:4], 16) % 1000:03}"
    page = visit(width=width)
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?day={day}&with={nurse.slug}")
    page.wait_for_load_state("networkidle")
    diary = Counted(page)

    diary.tap(page.get_by_label("Find a patient, or book in one line"))
    diary.write(f"ivo ash {number} {care.name.split()[1][:4]}")
    diary.press("Enter")
    word = page.get_by_label("They say they are 18 or over").first
    expect(word).to_be_focused()
    assert_sound(page)
    diary.tap(word)
    diary.tap(page.get_by_role("button", name=re.compile("^Book ")).first, leads_on=True)

    booked = Appointment.objects.latest("pk")
    assert (booked.patient.full_name, str(booked.patient.phone)) == ("Ivo Ash", f"+44{number[1:]}")
    assert (booked.treatment, booked.age_said, booked.patient.date_of_birth) == (care, 18, None)
    assert (diary.taps, diary.loads) == (4, 1)
    assert diary.keys <= 25
    assert_sound(page)


@pytest.mark.proof
def test_a_patient_and_all_their_visits_are_found_by_name(diary, world):
    visits = world[3]
    diary.tap(diary.page.get_by_label("Find a patient, or book in one line"))
    diary.write(visits[2].patient.full_name)
    diary.press("Enter", leads_on=True)

    expect(diary.page.get_by_role("heading", level=1)).to_contain_text("Quill")
    expect(diary.page.locator(f"a[href^='/diary/visits/{visits[2].reference}/']").first).to_be_visible()
    assert (diary.taps, diary.loads) == (2, 1)


def test_an_afternoon_is_blocked_and_three_visits_are_moved(diary, world):
    day, nurse, _care, visits = world
    page = diary.page

    diary.tap(page.get_by_role("link", name="Block time"), leads_on=True)
    diary.tap(page.get_by_role("button", name="Afternoon"), leads_on=True)
    expect(page.get_by_role("heading", name="3 visits in the way")).to_be_visible()
    diary.tap(page.get_by_role("button", name="Block the time, and do all this"), leads_on=True)

    expect(page.locator("#notice")).to_contain_text("Visits: 3 moved.")
    assert TimeOff.objects.filter(practitioner=nurse).exists()
    assert not Appointment.objects.filter(practitioner=nurse).in_span(at(day, 12), at(day, 17)).exists()
    assert (diary.taps, diary.keys, diary.loads) == (3, 0, 3)

    with next_page(page):
        page.locator("#notice").get_by_role("button", name="Undo").click()
    assert Appointment.objects.get(pk=visits[1].pk).starts_at == visits[1].starts_at


@pytest.mark.proof
def test_a_visit_is_made_a_quarter_of_an_hour_longer(diary, world):
    visit = world[3][0]
    diary.tap(diary.page.locator(f"#g-{visit.reference}"), leads_on=True)
    diary.tap(diary.page.get_by_role("button", name=re.compile(r"^\+15 min")), leads_on=True)

    assert Appointment.objects.get(pk=visit.pk).minutes == 45
    assert (diary.taps, diary.keys) == (2, 0)


@pytest.mark.proof
def test_a_visit_is_moved_by_twenty_minutes(diary, world):
    visit = world[3][0]
    page = diary.page
    diary.tap(page.locator(f"#g-{visit.reference}"), leads_on=True)
    diary.tap(page.get_by_role("link", name="Move", exact=True), leads_on=True)
    diary.tap(page.get_by_role("button", name="+20 min"), leads_on=True)

    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at + timedelta(minutes=20)
    assert (diary.taps, diary.keys) == (3, 0)


def test_a_visit_is_dragged_to_another_time(diary, world):
    visit = world[3][0]
    diary.drag(card_of(diary.page, visit), visit.practitioner.slug, 11, 30)
    diary.tap(diary.page.get_by_role("button", name="Move to 11:30"), leads_on=True)

    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at + timedelta(minutes=90)
    assert (diary.taps, diary.keys, diary.loads) == (2, 0, 2)


@pytest.mark.proof
def test_it_is_undone_from_another_page_until_the_patient_has_been_told(diary, world):
    visit = world[3][0]
    page = diary.page
    page.goto(f"/diary/visits/{visit.reference}/move/")
    with next_page(page):
        page.get_by_role("button", name="+20 min").click()
    page.goto("/diary/messages/")

    page.goto("/diary/lately/")
    with next_page(page):
        page.get_by_role("button", name=re.compile(rf"Undo ?: {visit.whose}")).first.click()

    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at


@pytest.mark.proof
@pytest.mark.parametrize(
    "address",
    ["/diary/?view=week", "/diary/?view=month", "/diary/plan/", "/diary/lately/", "/diary/line/?q=oak peel fri"],
)
def test_the_new_pages_are_sound(visit, address):
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    page.goto(address)

    assert_sound(page)


@pytest.mark.proof
def test_a_plan_is_sound_and_works_without_script(visit, world):
    day, nurse, _care, visits = world
    page = visit(width=390)
    sign_in(page, "desk@example.com")
    asked = f"/diary/plan/?look=1&who={nurse.slug}&day={day}&starts=12:00&ends=17:00"
    page.goto(asked)
    assert_sound(page)

    plain = visit(width=390, has_script=False)
    sign_in(plain, "desk@example.com")
    plain.goto(asked)
    plain.get_by_label(re.compile(f"What becomes of {visits[1].whose}")).select_option("cancel")
    with next_page(plain):
        plain.get_by_role("button", name="Block the time, and do all this").click()

    assert Appointment.objects.get(pk=visits[1].pk).status == "cancelled"
