"""The diary at 1440 px: nothing for axe to find, nothing too wide, no text of a card cut, and a full day in view."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from bookings.timetable.models import ExtraHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import AT_A_DESK, assert_sound, sign_in

pytestmark = pytest.mark.proof

PEOPLE, VISITS = 6, 10
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What its box cuts off, but for what is there to be heard alone.
CUT = """() => [...document.querySelectorAll("main *")]
    .filter((one) => one.offsetParent && one.clientWidth > 2 && ["hidden", "clip"].includes(getComputedStyle(one).overflowX))
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.textContent.trim().slice(0, 60))"""


@pytest.fixture
def day(clinic):
    """Sixty visits, ten each of six people, on a Sunday on which nobody else works; made once for all of these tests."""
    token = uuid4().hex[:8]
    day = clock.today() + timedelta(days=70 - clock.today().weekday() - 1)
    if Appointment.objects.in_span(*clock.day_bounds(day)).exists():
        return day
    nine = clock.day_bounds(day)[0] + timedelta(hours=9)
    place, care = (
        LocationFactory(slug=f"wide-{token}"),
        TreatmentFactory(
            name="Skin boosters", slug=f"wide-{token}", live=False, category=CategoryFactory(slug=f"w-{token}")
        ),
    )
    for number in range(PEOPLE):
        nurse = PractitionerFactory(slug=f"wide-{token}-{number}", name=f"Demo Nurse Wide {number}", offers=[care])
        ExtraHours.objects.create(practitioner=nurse, location=place, during=span(nine, nine + timedelta(hours=9)))
        for place_in_day in range(VISITS):
            AppointmentFactory(
                starts_at=nine + timedelta(minutes=50 * place_in_day), minutes=45, practitioner=nurse, treatment=care,
                location=place, room=None,
                patient=PatientFactory(full_name="Demo Patient Hornbeam", email=f"wide-{token}-{number}-{place_in_day}@example.com"),
            )  # fmt: skip
    return day


@pytest.fixture
def desk(visit):
    page = visit(width=1440)
    sign_in(page, "desk@example.com")
    return page


def assert_fits(page):
    assert page.evaluate(CUT) == []
    assert page.evaluate(TOO_WIDE) <= 0
    assert_sound(page, AT_A_DESK)


def test_sixty_visits_in_six_columns_fit_without_a_slide_to_the_side(desk, day):
    desk.goto(f"/diary/?day={day}&view=grid")

    grid = desk.locator("[data-scroll]")
    assert grid.locator(".appt").count() == PEOPLE * VISITS
    assert grid.evaluate("grid => grid.scrollWidth - grid.clientWidth") == 0
    assert_fits(desk)


@pytest.mark.parametrize("view", ["view=week", "view=month", "by=room"])
def test_no_name_is_cut_where_there_is_room_for_it(desk, day, view):
    desk.goto(f"/diary/?day={day}&{view}")

    assert_fits(desk)


def test_the_other_pages_fit_too(desk):
    today = clock.today()
    patient = Patient.objects.current().filter(full_name="Demo Patient Ash").first()
    for path in (
        f"plan/?look=1&day={today}&who=nurse-marina",
        f"patients/{patient.reference}/",
        "lately/",
        "sheet/",
        "numbers/?period=month",
        "time/?who=nurse-marina",
    ):
        desk.goto(f"/diary/{path}")
        assert_fits(desk)


def test_the_columns_of_rooms_fill_the_page(desk, day):
    desk.goto(f"/diary/?day={day}&by=room")

    right = desk.locator(".overview__day").last.bounding_box()
    whole = desk.locator(".overview").bounding_box()
    assert right["x"] + right["width"] == pytest.approx(whole["x"] + whole["width"], abs=1)
