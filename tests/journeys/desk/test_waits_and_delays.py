"""A gap offered to who waits for it, those who wait told of a delay, and the answer of the line put away."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.messages.models import Message
from bookings.timetable.models import ExtraHours
from bookings.timetable.ranges import span
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, next_page, sign_in

WIDTHS = pytest.mark.parametrize(
    ("width", "view"), [pytest.param(390, "list", marks=pytest.mark.proof), (1280, "grid")]
)


@pytest.fixture
def nurse(clinic):
    token = uuid4().hex[:8]
    care = TreatmentFactory(slug=f"care-{token}", category=CategoryFactory(slug=f"c-{token}"), duration_minutes=30)
    nurse = PractitionerFactory(slug=f"nurse-{token}", name=f"Demo Nurse Waits {token}", offers=[care])
    nurse.care, nurse.place = care, LocationFactory(slug=f"place-{token}")
    yield nurse
    Offer.objects.filter(practitioner=nurse).delete()
    WaitingEntry.objects.filter(treatment=care).delete()


@pytest.fixture
def gap(nurse):
    """Half an hour in five days that Rowan Hale and Ada Lane wait for."""
    day = clock.today() + timedelta(days=5)
    starts_at = clock.day_bounds(day)[0] + timedelta(hours=10)
    ExtraHours.objects.create(
        practitioner=nurse, location=nurse.place, during=span(starts_at, starts_at + timedelta(minutes=30))
    )
    for number, name in enumerate(("Rowan Hale", "Ada Lane")):
        WaitingEntry.objects.create(
            patient=PatientFactory(full_name=name, email=f"{name[0]}-{nurse.slug}@example.com".lower()),
            treatment=nurse.care,
            first_day=day,
            last_day=day,
            created_at=clock.now() + timedelta(seconds=number),
        )
    return f"/diary/?day={day}&with={nurse.slug}"


@pytest.mark.proof
@WIDTHS
def test_a_gap_is_offered_in_one_tap_and_taken_back(visit, nurse, gap, width, view):
    page = visit(width=width)
    sign_in(page, "desk@example.com")
    page.goto(f"{gap}&view={view}")
    assert_sound(page)
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    offer = page.get_by_role("button", name="Offer 10:00 to R. Hale")
    assert min(offer.bounding_box()[side] for side in ("width", "height")) >= 44

    offer.click()

    expect(page.locator("#notice")).to_contain_text("Offered to R. Hale: 10:00.")
    expect(page.locator("#region")).to_contain_text("Offered to R. Hale, to ")
    assert loads == []
    assert Offer.objects.get(practitioner=nurse).entry.patient.full_name == "Rowan Hale"

    with next_page(page):
        page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("not offered after all")
    expect(page.get_by_role("button", name="Offer 10:00 to R. Hale")).to_be_visible()


@pytest.mark.proof
def test_without_a_script_it_is_a_form_and_the_others_are_behind_a_link(visit, nurse, gap):
    page = visit(has_script=False)
    sign_in(page, "desk@example.com")
    page.goto(f"{gap}&view=list")

    page.get_by_role("link", name="+1 more").click()
    page.get_by_role("button", name="Offer this time to Ada Lane").click()

    expect(page.locator("#notice")).to_contain_text("Offered to A. Lane: 10:00.")
    assert Offer.objects.get(practitioner=nurse).entry.patient.full_name == "Ada Lane"


@WIDTHS
@pytest.mark.parametrize("has_script", [True, False])
def test_those_who_wait_are_told_in_two_taps(visit, nurse, width, view, has_script):
    now = clock.now().replace(second=0, microsecond=0)
    midnight, end = clock.day_bounds(clock.today())
    if not midnight + timedelta(minutes=20) < now < end - timedelta(hours=2):
        pytest.skip("From 22:00 to 0:20 the visits would lie on two days, and the server's clock is the machine's.")
    shared = {"practitioner": nurse, "treatment": nurse.care, "location": nurse.place}
    begun = {"status": Status.IN_PROGRESS, "arrived_at": now - timedelta(minutes=2)}
    AppointmentFactory(starts_at=now - timedelta(minutes=14), minutes=30, **shared, **begun)
    for number, name in enumerate(("Rowan Hale", "Ada Lane"), start=1):
        patient = PatientFactory(full_name=name, email=f"{name[0]}-{nurse.slug}@example.com".lower())
        starts_at = now + timedelta(minutes=number * 30 - 14)
        AppointmentFactory(starts_at=starts_at, minutes=30, patient=patient, **shared)
    page = visit(width=width, has_script=has_script)
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?with={nurse.slug}&view={view}")

    with next_page(page):
        page.get_by_role("link", name="Tell the two").click()
    if has_script:  # axe is one
        assert_sound(page)
    expect(page.locator("main")).to_contain_text("we are running about 12 minutes late")
    with next_page(page):
        page.get_by_role("button", name="Tell the two").click()

    expect(page.locator("#notice")).to_contain_text("R. Hale and A. Lane are told at")
    assert Message.objects.filter(kind="late", appointment__practitioner=nurse, state="planned").count() == 2
    with next_page(page):
        page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("Nobody is told: nothing was sent.")


def test_the_answer_of_the_line_is_put_away_by_escape_and_by_its_link(visit, nurse):
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?with={nurse.slug}")
    answer = page.locator("#line-result")

    for put_away in (lambda: page.keyboard.press("Escape"), lambda: answer.get_by_role("link", name="Close").click()):
        page.locator("#line").fill("quill review 31 feb")
        page.keyboard.press("Enter")
        expect(answer).to_contain_text("There is no 31 February.")

        put_away()

        expect(answer).to_be_empty()
        assert page.evaluate("document.activeElement.id") == "line"


def test_without_a_script_the_answer_of_the_line_is_left_by_its_link(visit):
    page = visit(has_script=False)
    sign_in(page, "desk@example.com")
    page.goto("/diary/line/?q=quill+review+31+feb")

    with next_page(page):
        page.get_by_role("link", name="Close").click()

    assert page.url.endswith("/diary/")
