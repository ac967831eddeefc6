"""The connection is lost in the middle of the day: the device still has the day's sheet, until its user signs out."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Error, expect

from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, next_page, sign_in_by_form

KEPT = """async () => {
    while (!(await caches.match("/diary/sheet/offline/"))) await new Promise((done) => setTimeout(done, 50));
}"""


@pytest.fixture
def today(clinic):
    number, now = uuid4().hex[:8], clock.now()
    return AppointmentFactory(
        starts_at=max(clock.day_bounds(clock.today(now))[0], now.replace(minute=0, second=0, microsecond=0)),
        location=LocationFactory(slug=f"place-{number}"),
        treatment=TreatmentFactory(
            name=f"Peel {number}", slug=f"care-{number}", live=False, category=CategoryFactory(slug=f"c-{number}")
        ),
        practitioner=PractitionerFactory(slug=f"nurse-{number}", live=False, is_bookable=False),
        patient=PatientFactory(full_name=f"Demo Offline {number}", email=f"offline-{number}@example.com"),
    )


@pytest.mark.parametrize("width", [390, 1024])
def test_the_day_can_be_read_without_a_connection_until_sign_out(visit, today, width):
    visit.problems.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    page = visit(width=width)
    sign_in_by_form(page, "desk@example.com")
    page.evaluate(KEPT)

    page.context.set_offline(True)
    page.goto(f"/diary/visits/{today.reference}/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("No connection: sheet for")
    expect(page.get_by_text(today.treatment.name)).to_be_visible()
    expect(page.get_by_text(today.patient.full_name)).to_have_count(0)
    assert_sound(page)

    page.context.set_offline(False)
    page.get_by_role("link", name="Try the diary again").click()
    if width < 800:
        page.get_by_role("button", name="Menu").click()
    with next_page(page):
        page.get_by_role("button", name="Sign out").click()
    page.context.set_offline(True)

    with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto("/diary/")
