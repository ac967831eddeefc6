"""A visit is dragged in the day's grid: what is free shows, the page of the move asks, and nothing slips."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.visits.models import Appointment
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.dragging import LONG_PRESS, SHORT_PRESS, Finger, card_of, lift, point
from tests.journeys.support.visitor import assert_sound, next_page, sign_in

SCROLLED = "[scrollY, document.querySelector('[data-scroll]').scrollTop]"
SETTLES = 500  # milliseconds
REFRESH = "htmx.trigger('#region', 'diary:refresh')"


@pytest.fixture
def day():
    return next(day for n in range(2, 9) if (day := clock.today() + timedelta(days=n)).isoweekday() <= 5)


@pytest.fixture
def visits(clinic, day):
    """Two of one nurse, at 10:00 and 11:00; another nurse gives the treatment too, and a third does not."""
    token = uuid4().hex[:8]
    place = LocationFactory(slug=f"place-{token}")
    care = TreatmentFactory(
        slug=f"care-{token}", category=CategoryFactory(slug=f"c-{token}"), duration_minutes=30, slot_step_minutes=15
    )
    nurses = [
        PractitionerFactory(slug=f"drag-{token}-{n}", name=f"Demo Drag {token} {n}", offers=[care] if n < 2 else [])
        for n in range(3)
    ]
    for nurse in nurses:
        working_week(nurse, place)
    return [
        AppointmentFactory(
            starts_at=clock.day_bounds(day)[0] + timedelta(hours=hour), minutes=30, location=place, treatment=care,
            practitioner=nurses[0], patient=PatientFactory(full_name="Demo Dragged", email=f"drag-{token}-{hour}@example.com"),
        )
        for hour in (10, 11)
    ]  # fmt: skip


@pytest.fixture
def diary(visit, visits, day):
    """`diary(alone=False, **how)`: the desk at that day, of that nurse alone or of everyone."""

    def opened(*, alone=True, **how):
        page = visit(**{"width": 1280, **how})
        sign_in(page, "desk@example.com")
        page.goto(f"/diary/?day={day}&view=grid" + (f"&with={visits[0].practitioner.slug}" if alone else ""))
        page.wait_for_load_state("networkidle")
        return page

    return opened


def held(page):
    return page.locator("[data-hold]")


def times(visits):
    return [Appointment.objects.get(pk=one.pk).starts_at for one in visits]


@pytest.mark.proof
def test_what_is_free_shows_while_a_card_is_held_and_the_move_asks_before_anything_moves(diary, visits):
    page, (first, _) = diary(), visits
    card, slug = card_of(page, first), first.practitioner.slug
    before = card.bounding_box()

    lift(page, card)
    expect(page.locator(".drop-free")).to_have_text(["Free 9:00 to 11:00", "Free 11:30 to 17:00"])
    page.mouse.move(*point(page, slug, 11, 44))

    expect(page.locator(".ghost")).to_have_text(f"11:45 with {first.practitioner.name}")
    assert card.bounding_box() == before
    with next_page(page):
        page.mouse.up()
    assert times([first]) == [first.starts_at]
    with next_page(page):
        page.get_by_role("button", name="Move to 11:45").click()
    assert times([first]) == [first.starts_at + timedelta(minutes=105)]


@pytest.mark.proof
def test_it_goes_to_someone_else_who_gives_the_treatment_and_to_nobody_who_does_not(diary, visits):
    page, (first, _) = diary(alone=False), visits
    slug, name = first.practitioner.slug[:-1], first.practitioner.name[:-1]

    page.locator(f".diary__col[data-slug='{slug}2']").scroll_into_view_if_needed()
    lift(page, card_of(page, first))
    page.mouse.move(*point(page, f"{slug}2", 10))
    expect(page.locator(".ghost")).to_have_text(f"10:00 with {name}2, not given")
    page.mouse.up()
    expect(page.locator("#notice")).to_contain_text(f"Not moved. {name}2 does not give this treatment.")

    lift(page, card_of(page, first))
    page.mouse.move(*point(page, f"{slug}1", 10))
    with next_page(page):
        page.mouse.up()
    expect(page.get_by_role("heading", name=f"10:00, with {name}1?")).to_be_visible()


@pytest.mark.proof
def test_a_card_dropped_on_a_taken_time_goes_back_and_the_page_says_why(diary, visits):
    page, (first, second) = diary(), visits

    lift(page, card_of(page, first))
    page.mouse.move(*point(page, first.practitioner.slug, 11))
    expect(page.locator(".ghost")).to_contain_text("not free")
    page.mouse.up()

    expect(page.locator("#notice")).to_contain_text(f"Not moved. {first.practitioner.name} is not free at 11:00.")
    expect(held(page)).to_have_count(0)
    assert times(visits) == [first.starts_at, second.starts_at]
    assert_sound(page)


@pytest.mark.proof
def test_escape_and_a_drop_elsewhere_put_it_back_and_a_click_still_opens_it(diary, visits):
    page, (first, _) = diary(), visits
    card, shown = card_of(page, first), page.url

    lift(page, card)
    page.mouse.move(*point(page, first.practitioner.slug, 13))
    page.keyboard.press("Escape")
    expect(held(page)).to_have_count(0)
    expect(page.locator("#drag-said")).to_have_text("Put back at 10:00.")
    page.mouse.up()
    lift(page, card)
    page.mouse.move(300, 20)
    page.mouse.up()
    expect(held(page)).to_have_count(0)
    expect(page.locator(".ghost, .drop-free")).to_have_count(0)
    assert page.url == shown

    with next_page(page):
        card.click()
    assert f"/diary/visits/{first.reference}/?next=" in page.url


@pytest.mark.proof
def test_the_page_is_not_put_in_anew_under_a_held_card(diary, visits):
    page, (first, second) = diary(), visits
    other = page.locator(f".appt:has(#g-{second.reference})")
    waiting = []
    page.route("**/diary/?day=*", lambda route: route.continue_() if waiting else waiting.append(route))
    Appointment.objects.filter(pk=second.pk).update(status="confirmed")
    page.evaluate(REFRESH)
    page.wait_for_timeout(100)

    lift(page, card_of(page, first))
    expect(page.locator(".drop-free").first).to_be_visible()
    with page.expect_response("**/diary/?day=*"):
        waiting[0].continue_()
    page.wait_for_timeout(100)
    expect(held(page)).to_have_count(1)
    expect(other).to_have_attribute("data-s", "booked")

    page.keyboard.press("Escape")
    page.mouse.up()
    expect(other).to_have_attribute("data-s", "confirmed")


@pytest.mark.proof
def test_the_lower_edge_makes_it_longer_on_the_page_of_the_plan(diary, visits):
    page, (first, _) = diary(), visits

    lift(page, card_of(page, first), by=-4)
    page.mouse.move(*point(page, first.practitioner.slug, 10, 45, grip=0))
    expect(page.locator(".ghost")).to_have_text("10:00 to 10:45, 45 min")
    with next_page(page):
        page.mouse.up()
    with next_page(page):
        page.get_by_role("button", name="Change the length").click()

    assert Appointment.objects.get(pk=first.pk).minutes == 45


@pytest.mark.proof
def test_it_scrolls_near_the_edge(diary, visits):
    page, (first, _) = diary(), visits
    page.locator("[data-scroll]").evaluate("(box) => box.scrollTo(0, 0)")
    box = page.locator("[data-scroll]").bounding_box()

    lift(page, card_of(page, first))
    page.mouse.move(box["x"] + 300, box["y"] + box["height"] - 4)
    page.wait_for_function("() => document.querySelector('[data-scroll]').scrollTop > 60")
    page.keyboard.press("Escape")
    page.mouse.up()


def test_a_long_press_lifts_and_a_shorter_one_opens_or_scrolls(diary, visits):
    page, (first, _) = diary(width=1024, has_touch=True), visits
    finger, card = Finger(page), card_of(page, first)
    x, y = card.bounding_box()["x"] + 100, card.bounding_box()["y"] + 12

    with finger.on(x, y, milliseconds=SHORT_PRESS):
        for step in range(1, 6):
            finger.move(x, y - 10 * step)
    expect(held(page)).to_have_count(0)
    page.wait_for_timeout(SETTLES)
    assert max(page.evaluate(SCROLLED)) > 20

    # However far the swipe went: near an edge of the grid a held card scrolls it.
    card.evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(SETTLES)
    y, before = card.bounding_box()["y"] + 12, page.evaluate(SCROLLED)
    with next_page(page), finger.on(x, y, milliseconds=LONG_PRESS):
        expect(held(page)).to_have_count(1)
        for minute in (15, 30, 45):
            finger.move(*point(page, first.practitioner.slug, 11, minute))
        expect(page.locator(".ghost")).to_contain_text("11:45")
        assert page.evaluate(SCROLLED) == before
    expect(page.get_by_role("button", name="Move to 11:45")).to_be_visible()

    page.go_back()
    expect(held(page)).to_have_count(0)
    with next_page(page), finger.on(x, card.bounding_box()["y"] + 12, milliseconds=SHORT_PRESS):
        pass
    assert f"/diary/visits/{first.reference}/?next=" in page.url
