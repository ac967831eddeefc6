"""D7: two quick taps at one point of the diary are one step of one visit, and nothing moves under the finger."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import sign_in

SIZES = pytest.mark.parametrize(
    ("width", "prefix"), [(390, "ls"), pytest.param(1280, "gs", marks=pytest.mark.proof)], ids=["phone", "desk"]
)
LEAST = 44  # CSS pixels
AFTER_A_STEP = 800  # milliseconds: until the diary takes taps again


@pytest.fixture
def morning(clinic):
    """Four visits one after the other, which all could be noted as arrived, in a diary of their own."""
    number = uuid4().hex[:8]
    start = clock.day_bounds(clock.today())[0] + timedelta(hours=9)
    shared = {
        "minutes": 30,
        "location": LocationFactory(slug=f"place-{number}"),
        "treatment": TreatmentFactory(slug=f"care-{number}", live=False, category=CategoryFactory(slug=f"c-{number}")),
        "practitioner": PractitionerFactory(slug=f"nurse-{number}", live=False, is_bookable=False),
    }
    return [
        AppointmentFactory(
            starts_at=start + timedelta(minutes=30 * place),
            patient=PatientFactory(full_name=f"Demo Quick {place}", email=f"quick-{number}-{place}@example.com"),
            **shared,
        )
        for place in range(4)
    ]


def diary_of(page, visits, prefix):
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?with={visits[0].practitioner.slug}&view={'list' if prefix == 'ls' else 'grid'}")
    return [page.locator(f"#{prefix}-{one.reference}") for one in visits]


def statuses(visits):
    return [Appointment.objects.get(pk=one.pk).status for one in visits]


@SIZES
@pytest.mark.parametrize("pause", [150, *(pytest.param(one, marks=pytest.mark.proof) for one in (0, 40, 350))])
def test_d7_two_taps_at_one_point_are_one_step(visit, morning, width, prefix, pause):
    page = visit(width=width)
    _, second, *_ = diary_of(page, morning, prefix)
    second.evaluate("step => step.scrollIntoView({block: 'center'})")
    box = second.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    page.mouse.click(x, y)
    page.wait_for_timeout(pause)
    page.mouse.click(x, y)
    expect(page.get_by_role("status")).to_contain_text("arrived")
    page.wait_for_timeout(AFTER_A_STEP)

    assert statuses(morning) == [Status.BOOKED, Status.ARRIVED, Status.BOOKED, Status.BOOKED]
    expect(second).to_contain_text("Start")


@SIZES
@pytest.mark.parametrize("has_script", [True, False])
def test_d7_two_taps_without_script_or_after_the_answer_are_one_step(visit, morning, width, prefix, has_script):
    page = visit(width=width, has_script=has_script)
    _, second, *_ = diary_of(page, morning, prefix)
    second.evaluate("step => step.scrollIntoView({block: 'center'})")
    box = second.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    page.mouse.click(x, y)
    page.locator(".day-notice").wait_for()
    page.mouse.click(x, y)
    page.wait_for_timeout(AFTER_A_STEP)

    assert statuses(morning) == [Status.BOOKED, Status.ARRIVED, Status.BOOKED, Status.BOOKED]
    assert "/diary/?" in page.url


@SIZES
def test_d7_nothing_moves_when_the_notice_comes_and_goes(visit, morning, width, prefix):
    page = visit(width=width)
    buttons = diary_of(page, morning, prefix)
    before = [one.bounding_box() for one in buttons]
    assert all(box["height"] >= LEAST and box["width"] >= LEAST for box in before)

    buttons[0].click()
    notice = page.get_by_role("status")
    expect(notice).to_contain_text("arrived")
    assert [one.bounding_box()["y"] for one in buttons] == pytest.approx([box["y"] for box in before], abs=1)

    notice.get_by_role("link", name="Close this message").click()
    expect(notice).to_be_empty()
    assert [one.bounding_box()["y"] for one in buttons] == pytest.approx([box["y"] for box in before], abs=1)


@SIZES
def test_d7_the_notice_hides_nothing_that_has_the_focus(visit, morning, width, prefix):
    page = visit(width=width)
    diary_of(page, morning, prefix)[3].press("Enter")
    notice = page.locator(".day-notice")
    notice.wait_for()

    top = notice.bounding_box()["y"]
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "(() => { const one = document.activeElement, box = one.getBoundingClientRect();"
            " return one.closest('.now-bar') || one === document.body ? null : box.top })()"
        )
        assert focus is None or focus < top


def test_d7_a_step_that_was_refused_shows_how_the_visit_stands(visit, morning):
    page = visit(width=1280)
    visit.problems.expected = ("409",)
    first, *_ = diary_of(page, morning, "gs")
    Appointment.objects.filter(pk=morning[0].pk).update(version=4, status=Status.IN_PROGRESS)

    first.click()

    expect(page.get_by_role("alert")).to_contain_text("was changed meanwhile")
    expect(page.get_by_role("button", name="Complete")).to_be_visible()
