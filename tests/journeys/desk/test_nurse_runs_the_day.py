"""The nurse signs in and notes what happens to a visit, on a phone and at the desk."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.accounts.seed import PASSWORD
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import (
    CategoryFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
)
from tests.journeys.support.visitor import sign_in_by_form


@pytest.fixture
def today(clinic):
    """A visit that begins about now, in a diary of its own."""
    number, now = uuid4().hex[:8], clock.now()
    nurse = StaffFactory(role="practitioner", email=f"nurse-{number}@example.com", password=PASSWORD)
    EmailAddress.objects.create(user=nurse, email=nurse.email, verified=True, primary=True)
    begins = max(clock.day_bounds(clock.today(now))[0], now.replace(minute=0, second=0, microsecond=0))
    return AppointmentFactory(
        starts_at=begins,
        minutes=45,
        location=LocationFactory(slug=f"place-{number}"),
        treatment=TreatmentFactory(slug=f"care-{number}", live=False, category=CategoryFactory(slug=f"c-{number}")),
        practitioner=PractitionerFactory(slug=f"nurse-{number}", live=False, is_bookable=False, user=nurse),
        patient=PatientFactory(full_name="Demo Patient Today", email=f"today-{number}@example.com"),
    )


@pytest.mark.proof
@pytest.mark.parametrize(
    ("width", "prefix"), [(390, "ls"), pytest.param(1280, "gs", marks=pytest.mark.proof)], ids=["phone", "desk"]
)
def test_marks_a_visit_arrived_started_completed_and_takes_a_step_back(visit, today, width, prefix):
    page = visit(width=width)
    sign_in_by_form(page, today.practitioner.user.email)
    expect(page).to_have_url(re.compile("/diary/"))
    step = page.locator(f"#{prefix}-{today.reference}")

    for label, status in (
        ("Arrived", Status.ARRIVED),
        ("Start", Status.IN_PROGRESS),
        ("Complete", Status.COMPLETED),
    ):
        expect(step).to_contain_text(label)
        step.click()
        expect(page.locator("#notice")).to_contain_text(status.label.lower())
        _then_it_is(today, status)

    page.get_by_role("button", name="Undo").click()
    expect(step).to_contain_text("Complete")
    _then_it_is(today, Status.IN_PROGRESS)


def test_opens_the_visit_and_puts_a_wrong_tap_right(visit, today):
    page = visit()
    sign_in_by_form(page, today.practitioner.user.email)
    page.locator(f"#l-{today.reference}").click()
    page.get_by_role("button", name="Arrived", exact=True).click()
    _then_it_is(today, Status.ARRIVED)

    page.get_by_text("Put right a mistake").click()
    page.get_by_role("button", name="Not here after all").click()

    expect(page.get_by_role("button", name="Arrived", exact=True)).to_be_visible()
    _then_it_is(today, Status.BOOKED)


@pytest.mark.parametrize("path", ["/diary/", "/diary/messages/", "/my/"])
def test_strangers_are_asked_to_sign_in(visit, path):
    page = visit()
    page.goto(path)

    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def _then_it_is(appointment, status):
    assert Appointment.objects.get(pk=appointment.pk).status == status
