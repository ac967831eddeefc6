"""The diary as plain forms and page loads: what only a script shows is not there, and an answer is in view."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.timetable.models import ExtraHours, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import sign_in


@pytest.fixture
def page(visit):
    """The desk on a tablet held sideways."""
    page = visit(width=1024, has_script=False)
    sign_in(page, "desk@example.com")
    return page


def test_no_button_needs_a_script(page):
    page.goto("/diary/?view=grid")
    expect(page.locator("[data-keys]")).to_be_hidden()

    page.goto("/diary/sheet/")
    expect(page.locator("[data-print]")).to_be_hidden()


def test_the_plan_of_blocked_time_is_in_view(page):
    """Of tomorrow: of today nothing may be left to block."""
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"/diary/plan/?day={clock.today() + timedelta(days=1)}")
    person = page.get_by_label("Whose diary").locator("option").nth(1)
    page.get_by_label("Whose diary").select_option(label=person.inner_text())
    page.get_by_label("Reason").fill("Training")

    page.get_by_label("Reason").press("Enter")
    expect(page.locator("#plan-h")).to_be_in_viewport()
    expect(page.get_by_label("From")).to_have_value("")  # no preset was pressed

    page.get_by_role("button", name="Morning").click()
    expect(page.locator("#plan-h")).to_be_in_viewport()
    expect(page.locator("form.plan")).to_contain_text(person.inner_text())
    expect(page.get_by_label("From")).not_to_have_value("")


@pytest.fixture
def late_visit(clinic):
    """The only visit in progress, in the last hour of a day that begins at midnight."""
    place, care = LocationFactory(slug=f"place-{uuid4().hex[:8]}"), TreatmentFactory(slug=f"care-{uuid4().hex[:8]}")
    nurse = PractitionerFactory(slug=f"nurse-{uuid4().hex[:8]}", offers=[care])
    start, end = clock.day_bounds(clock.today())
    ExtraHours.objects.create(practitioner=nurse, location=place, during=span(start, end))
    alike = {"practitioner": nurse, "treatment": care, "location": place, "room": None, "minutes": 15}
    for hour in range(20):
        AppointmentFactory(**alike, starts_at=start + timedelta(hours=hour), status=Status.COMPLETED)
    return AppointmentFactory(**alike, starts_at=end - timedelta(hours=1), status=Status.IN_PROGRESS)


def test_the_day_opens_at_the_present(page, late_visit):
    page.set_viewport_size({"width": 1024, "height": 768})
    own = f"/diary/?with={late_visit.practitioner.slug}"

    page.goto(f"{own}&view=list")
    expect(page.locator(f"#l-{late_visit.reference}")).to_be_in_viewport()

    page.goto(f"{own}&view=grid")
    expect(page.locator(".diary .now")).to_be_in_viewport()


def test_no_word_is_broken_on_the_sheet_or_under_lately(page, late_visit):
    page.set_viewport_size({"width": 1024, "height": 768})
    TimeOff.objects.create(practitioner=late_visit.practitioner, during=late_visit.during)
    Appointment.objects.filter(pk=late_visit.pk).update(status=Status.BOOKED)
    one_line, for_a_finger = 40, 48

    page.goto(f"/diary/sheet/?with={late_visit.practitioner.slug}")
    assert page.get_by_role("columnheader", name="Completed").first.bounding_box()["height"] < one_line

    page.goto("/diary/lately/")
    row = page.locator("li", has=page.locator(f"a[href*='{late_visit.reference}']")).first
    assert row.bounding_box()["height"] < for_a_finger + one_line  # the visit, and beneath it what is wrong with it


def test_more_opens_beside_its_button_where_the_browser_knows_no_anchors(page):
    page.set_viewport_size({"width": 1024, "height": 768})

    def without_anchors(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("anchor(", "unknown("))

    page.route("**/staff*.css", without_anchors)
    page.goto("/diary/")
    button = page.get_by_role("button", name="More", exact=True)
    button.click()

    opened, beside = page.locator("#day-more").bounding_box(), button.bounding_box()
    assert abs(opened["x"] + opened["width"] - beside["x"] - beside["width"]) < 10
    assert 0 <= opened["y"] - beside["y"] - beside["height"] < 48
