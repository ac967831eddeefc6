"""The connection is lost in the middle of the day: the device still has the day's sheet, while its user is signed in."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, expect

from clinic.accounts.models import User
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, next_page, sign_in_by_form

KEPT = """async () => {
    while (!(await caches.match("/diary/sheet/offline/"))) await new Promise((done) => setTimeout(done, 50));
}"""
GONE = """async () => {
    for (let tries = 0; tries < 200; tries += 1) {
        if (!(await caches.match("/diary/sheet/offline/"))) return;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("The sheet is still kept");
}"""
OUTLIVED = """async () => {
    const shelf = await caches.open("todays-sheet");
    const kept = await shelf.match("/diary/sheet/offline/");
    const headers = new Headers(kept.headers);
    headers.set("X-Sheet-Until", new Date(Date.now() - 1000).toISOString());
    await shelf.put("/diary/sheet/offline/", new Response(await kept.text(), { headers }));
}"""
NO_CONNECTION = r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"


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


@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.proof), 1024])
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

    with pytest.raises(Error, match=NO_CONNECTION):
        page.goto("/diary/")


@pytest.fixture
def at_the_diary(visit, today):
    """A page at the diary of the desk, with the day's sheet kept."""
    visit.problems.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 403")
    page = visit(width=1024)
    sign_in_by_form(page, "desk@example.com")
    page.evaluate(KEPT)
    return page


def test_a_session_that_is_over_takes_the_sheet_with_it(at_the_diary):
    page = at_the_diary
    Session.objects.filter(session_key__in=[cookie["value"] for cookie in page.context.cookies()]).delete()

    page.goto("/diary/")

    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.evaluate(GONE)
    page.context.set_offline(True)
    with pytest.raises(Error, match=NO_CONNECTION):
        page.goto("/diary/")


@pytest.mark.proof
def test_who_may_not_see_the_diary_any_more_loses_the_sheet(at_the_diary):
    page, desk = at_the_diary, User.objects.get(email="desk@example.com")
    groups = list(desk.groups.all())
    desk.groups.clear()
    try:
        assert page.goto("/diary/").status == 403
        page.evaluate(GONE)
    finally:
        desk.groups.set(groups)


@pytest.mark.proof
def test_a_redirect_within_the_diary_leaves_the_sheet(at_the_diary):
    page = at_the_diary

    page.goto("/diary/sheet")

    expect(page).to_have_url(re.compile("/diary/sheet/$"))
    page.context.set_offline(True)
    page.goto("/diary/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No connection: sheet for")


@pytest.mark.proof
def test_a_sheet_that_has_outlived_its_time_is_shown_to_nobody(at_the_diary):
    page = at_the_diary
    page.evaluate(OUTLIVED)

    page.context.set_offline(True)

    with pytest.raises(Error, match=NO_CONNECTION):
        page.goto("/diary/")
