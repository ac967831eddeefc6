"""A day at the diary: seen on the other screen, noted in few taps, reached in few keys, and nothing moves meanwhile."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, sign_in

SEEN_WITHIN = 5.0  # seconds
TAPS, KEYS = 2, 3  # a visit; to the visit at this time
POLL, SETTLED = 4000, 800  # milliseconds: between two questions for news, and until the diary takes taps again
# What moved without a tap just before it, which the browser would forgive.
WATCH_SHIFTS = """() => {
    window.shift = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
        .observe({type: "layout-shift", buffered: false});
}"""
FOCUS = "document.activeElement.id"
# Nothing while a poll puts the day in anew.
HEIGHT = "(id) => document.getElementById(id)?.getBoundingClientRect().height"


@pytest.fixture
def make_day(clinic):
    """`make_day(number, minutes, before)`: visits of today, the first that many minutes ago, in a diary of their own."""

    def make(number, minutes=30, before=0):
        token, (midnight, end) = uuid4().hex[:8], clock.day_bounds(clock.today())
        quarter = clock.now() - timedelta(minutes=before + clock.now().minute % 15)
        start = quarter.replace(second=0, microsecond=0)
        start = max(midnight, min(start, end - timedelta(minutes=number * minutes)))
        shared = {
            "minutes": minutes,
            "location": LocationFactory(slug=f"place-{token}"),
            "treatment": TreatmentFactory(
                slug=f"care-{token}", live=False, category=CategoryFactory(slug=f"c-{token}")
            ),
            "practitioner": PractitionerFactory(slug=f"nurse-{token}", live=False, is_bookable=False),
        }
        return [
            AppointmentFactory(
                starts_at=start + timedelta(minutes=minutes * place),
                patient=PatientFactory(full_name=f"Demo Busy {place}", email=f"busy-{token}-{place}@example.com"),
                **shared,
            )
            for place in range(number)
        ]

    return make


def open_diary(page, visits, view):
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?with={visits[0].practitioner.slug}&view={view}")
    page.wait_for_load_state("networkidle")


VIEWS = pytest.mark.parametrize(
    ("width", "view", "prefix"), [pytest.param(390, "list", "l", marks=pytest.mark.proof), (1024, "grid", "g")]
)


@VIEWS
def test_a_change_is_seen_on_the_other_screen_at_once_and_nothing_moves(visit, make_day, width, view, prefix):
    day = make_day(6)
    here, there = visit(width=width), visit(width=1280)
    open_diary(here, day, view)
    open_diary(there, day, "grid")
    here.locator(f"#{prefix}-{day[3].reference}").focus()
    here.wait_for_timeout(300)
    here.evaluate(WATCH_SHIFTS)
    before = here.locator(f"#{prefix}-{day[3].reference}").bounding_box()

    there.locator(f"#gs-{day[0].reference}").click()
    expect(there.locator("#notice")).to_contain_text("arrived")
    began = time.monotonic()
    expect(here.locator(f"li:has(#{prefix}-{day[0].reference})")).to_have_attribute("data-s", "arrived")

    assert time.monotonic() - began <= SEEN_WITHIN
    assert here.evaluate(FOCUS) == f"{prefix}-{day[3].reference}"
    assert here.locator(f"#{prefix}-{day[3].reference}").bounding_box() == pytest.approx(before, abs=0.5)
    assert here.evaluate("window.shift") == 0


@pytest.mark.timeout(600)  # 24 steps, each until the diary takes taps again
@pytest.mark.parametrize(
    ("number", "width", "view"), [(4, 390, "list"), pytest.param(12, 1024, "grid", marks=pytest.mark.proof)]
)
def test_visits_are_noted_in_two_taps_each_without_a_load_or_a_shift(visit, make_day, number, width, view):
    day = make_day(number, minutes=15)
    page = visit(width=width)
    open_diary(page, day, view)
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.evaluate(WATCH_SHIFTS)
    bar, taps = page.get_by_role("region", name="Now and next"), 0
    for one in day:
        for label, status in (("Start", Status.IN_PROGRESS), ("Complete", Status.COMPLETED)):
            button = bar.get_by_role("button", name=re.compile(rf"{label} ?: {one.whose}$"))
            box = button.bounding_box()
            assert box["height"] >= 44
            assert box["width"] >= 44
            button.click()  # waits until the diary takes taps again (D7)
            taps += 1
            expect(page.locator("#notice")).to_contain_text(f"{one.whose}: {status.label.lower()}")

    assert set(Appointment.objects.filter(practitioner=day[0].practitioner).values_list("status", flat=True)) == {
        Status.COMPLETED
    }
    assert taps <= TAPS * number
    assert loads == []
    assert page.evaluate("window.shift") == 0


@VIEWS
def test_the_card_has_its_next_step_at_every_height_and_rows_keep_their_place(visit, make_day, width, view, prefix):
    day = [*make_day(1, minutes=15), *make_day(1, minutes=20)]
    Appointment.objects.filter(pk=day[1].pk).update(
        practitioner=day[0].practitioner,
        during=(day[0].ends_at, day[0].ends_at + timedelta(minutes=20)),
        occupied=(day[0].ends_at, day[0].ends_at + timedelta(minutes=20)),
    )
    page = visit(width=width)
    open_diary(page, day, view)
    buttons = [page.locator(f"#{prefix}s-{one.reference}") for one in day]
    for button in buttons:
        box = button.bounding_box()
        assert min(box["height"], box["width"]) >= 44
    places = [button.bounding_box()["y"] for button in buttons]

    buttons[0].click()
    expect(buttons[0]).to_contain_text("Start")

    assert [button.bounding_box()["y"] for button in buttons] == pytest.approx(places, abs=1)


@pytest.mark.proof
@pytest.mark.parametrize("columns", [1, 6])
def test_the_step_covers_no_fact_of_a_half_hour_card(visit, make_day, columns):
    """Half an hour is two rows: first visit, access need and note stay to be seen beside the button."""
    day = make_day(1)[0]
    day.patient.access_needs = "Step-free"
    day.patient.save()
    day.note = "Prefers mornings"
    day.save()
    for _ in range(columns - 1):
        make_day(1)
    page = visit(width=1024)
    sign_in(page, "desk@example.com")
    page.goto("/diary/?view=grid" + (f"&with={day.practitioner.slug}" if columns == 1 else ""))
    page.wait_for_load_state("networkidle")

    card = page.locator(f".appt:has(#g-{day.reference})")
    card.scroll_into_view_if_needed()
    line, button = card.locator(".appt__line").bounding_box(), card.locator("button").bounding_box()
    facts = [one.bounding_box() for one in card.locator(".fact .icon").all()]

    assert len(facts) == 3
    assert all(one["x"] + one["width"] <= min(button["x"], line["x"] + line["width"]) + 0.5 for one in facts)
    assert button["height"] >= 44


@VIEWS
def test_the_keyboard_reaches_the_current_visit_and_notes_it_through(visit, make_day, width, view, prefix):
    day = make_day(4, before=30)
    Appointment.objects.filter(pk=day[0].pk).update(status=Status.COMPLETED)
    page = visit(width=width)
    open_diary(page, day, view)

    keys = ["Tab", "Enter", "Tab"]  # the skip link, and one Tab more
    for key in keys:
        page.keyboard.press(key)

    assert len(keys) <= KEYS
    assert page.evaluate(FOCUS) == f"{prefix}-{day[1].reference}"
    for key, status in (("a", Status.ARRIVED), ("s", Status.IN_PROGRESS), ("d", Status.COMPLETED)):
        page.keyboard.press(key)
        expect(page.locator("#notice")).to_contain_text(status.label.lower())
        assert page.evaluate(FOCUS) == f"{prefix}-{day[1].reference}"
        assert Appointment.objects.get(pk=day[1].pk).status == status
    page.keyboard.press("u")
    expect(page.locator(f"li:has(#{prefix}-{day[1].reference})").last).to_have_attribute("data-s", "in_progress")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUS) == f"{prefix}-{day[2].reference}"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Arrived")
    assert_sound(page)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile(f"{day[2].reference}/move/"))


def test_each_of_many_columns_stands_under_its_head(visit, make_day):
    for _ in range(9):
        make_day(1)
    page = visit(width=1024)
    sign_in(page, "desk@example.com")
    page.goto("/diary/?view=grid")

    left_edges = "(all) => all.map((one) => Math.round(one.getBoundingClientRect().left))"
    heads = page.locator("h2.diary__head").evaluate_all(left_edges)

    assert len(heads) >= 9
    assert heads == sorted(set(heads)) == page.locator(".diary__col").evaluate_all(left_edges)


@pytest.mark.proof
def test_no_card_that_has_the_focus_lies_under_the_heads_of_the_grid(visit, make_day):
    """WCAG 2.4.11: heads and times stay in view, and what is scrolled to stops beside them."""
    day, others = make_day(12, minutes=45, before=200), [make_day(1) for _ in range(4)]
    page = visit(width=1024)
    sign_in(page, "desk@example.com")
    page.goto("/diary/?view=grid")
    page.wait_for_load_state("networkidle")
    covered = """(id) => {
        const box = document.querySelector("[data-scroll]"), card = document.getElementById(id).closest(".appt");
        const [head, times] = [".diary__head", ".diary__times"].map((one) => box.querySelector(one));
        const [mine, top, left] = [card, head, times].map((one) => one.getBoundingClientRect());
        return [mine.top < top.bottom - 1, mine.left < left.right - 1];
    }"""

    for one in [*others[-1], *day[::-1], *others[0]]:
        page.locator("[data-scroll]").evaluate("(box) => box.scrollTo(box.scrollWidth, box.scrollHeight)")
        page.locator(f"#g-{one.reference}").evaluate(
            "(link) => { link.focus(); link.scrollIntoView({block: 'nearest', inline: 'nearest'}); }"
        )
        assert page.evaluate(covered, f"g-{one.reference}") == [False, False]


@pytest.mark.proof
def test_keys_do_nothing_while_the_focus_is_elsewhere(visit, make_day):
    day = make_day(2)
    page = visit(width=1280)
    open_diary(page, day, "grid")

    page.locator(".app-bar a").first.focus()
    page.keyboard.press("a")
    page.get_by_label("Another day").focus()
    page.keyboard.press("a")
    page.wait_for_timeout(500)

    assert {one.status for one in Appointment.objects.filter(practitioner=day[0].practitioner)} == {Status.BOOKED}


def test_names_go_when_nobody_is_there_and_come_back_at_a_touch(visit, make_day):
    day = make_day(2)
    page = visit(width=390)
    page.clock.install()
    open_diary(page, day, "list")
    name = f"l-{day[0].reference}"
    shown = page.evaluate(HEIGHT, name)

    page.clock.fast_forward(62_000)
    page.clock.run_for(2_000)
    page.wait_for_function(f"([id, shown]) => ({HEIGHT})(id) < shown", arg=[name, shown], polling=50)
    page.mouse.move(30, 300)

    page.wait_for_function(f"([id, shown]) => ({HEIGHT})(id) === shown", arg=[name, shown], polling=50)


@pytest.mark.proof
def test_the_list_of_a_phone_starts_at_the_present_visit(visit, make_day):
    day = make_day(14, minutes=5, before=60)
    Appointment.objects.filter(pk__in=[one.pk for one in day[:12]]).update(status=Status.COMPLETED)
    page = visit(width=390)
    open_diary(page, day, "list")

    top = page.locator(f"#l-{day[12].reference}").bounding_box()["y"]
    bar = page.get_by_role("region", name="Now and next").bounding_box()["y"]

    assert 0 < top < bar


def test_slash_leads_to_the_line_from_anywhere_and_is_a_letter_in_a_box(visit, make_day):
    day = make_day(2)
    page = visit(width=1024)
    open_diary(page, day, "grid")

    page.keyboard.press("/")  # nothing has the focus yet
    assert page.evaluate(FOCUS) == "line"
    assert page.locator("#line").input_value() == ""
    page.keyboard.type("27/3")
    assert page.locator("#line").input_value() == "27/3"

    page.locator(f"#g-{day[1].reference}").focus()
    page.keyboard.press("/")
    assert page.evaluate(FOCUS) == "line"


@pytest.mark.proof
def test_while_a_step_is_on_its_way_no_other_begins_and_nothing_is_swapped(visit, make_day):
    day = make_day(3)
    page = visit(width=1024)
    open_diary(page, day, "grid")
    held, sent = [], []
    page.route("**/status/", lambda route: held.append(route))  # noqa: PLW0108 -- it marks its handler
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    polls = []
    page.on("request", lambda request: polls.append(request.url) if "/diary/version/" in request.url else None)

    page.locator(f"#gs-{day[0].reference}").click()
    page.wait_for_timeout(100)
    polls.clear()
    page.locator(f"#gs-{day[1].reference}").click()
    page.locator(f"#g-{day[2].reference}").focus()
    page.keyboard.press("a")
    page.wait_for_timeout(2 * POLL)
    assert (len(sent), polls) == (1, [])
    held.pop().continue_()
    expect(page.locator(f"li:has(#g-{day[0].reference})").last).to_have_attribute("data-s", "arrived")

    assert len(sent) == 1
    page.unroute("**/status/")
    page.wait_for_timeout(SETTLED)
    page.locator(f"#gs-{day[1].reference}").click()
    expect(page.locator(f"li:has(#g-{day[1].reference})").last).to_have_attribute("data-s", "arrived")
    assert Appointment.objects.get(pk=day[2].pk).status == Status.BOOKED
