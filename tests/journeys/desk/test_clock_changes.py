"""The two days on which the clocks change: each visit at its wall time, as long as it lasts, in the order it comes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.timetable.models import ExtraHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.formats import long_day
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import AT_A_DESK, assert_sound, next_page, sign_in

LETTERS = str.maketrans("0123456789", "ghijklmnop")  # the line takes digits for a time or a telephone number
WIDTHS = (390, 1024, 1440)
# Visits in minutes of UTC before and after the change at 01:00 UTC, how long they last, and from when to when on the wall.
VISITS = {
    3: [(-60, 30, "0:00", "0:30"), (-15, 30, "0:45", "2:15"), (40, 30, "2:40", "3:10"), (120, 60, "4:00", "5:00")],
    10: [
        (-105, 30, "0:15", "0:45"),
        (-30, 30, "1:30 BST", "1:00 GMT"),
        (20, 10, "1:20 GMT", "1:30 GMT"),
        (30, 30, "1:30 GMT", "2:00"),
        (90, 45, "2:30", "3:15"),
    ],
}
# Of each card that shows: its sides, cut to the grid's own.
BOXES = """(all) => all.map((one) => one.getBoundingClientRect())
    .map(({left, right, top, bottom}) => ({left, right, top, bottom}))"""
FOCUS = "document.activeElement.id"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def change_in(month: int) -> date:
    """The last Sunday of that month that lies ahead."""
    today = clock.today()
    sundays = (
        day for n in range(2, 380) if (day := today + timedelta(days=n)).isoweekday() == 7 and day.month == month
    )
    return next(day for day in sundays if (day + timedelta(days=7)).month != month)


@pytest.fixture(params=[3, 10], ids=["March", "October"])
def night(clinic, request):
    """The night of a nurse who works through it until six: her visits in the order in which they come."""
    token = uuid4().hex[:8].translate(LETTERS)
    place = LocationFactory(slug=f"night-{token}")
    care = TreatmentFactory(
        name=f"Zeal {token}", slug=f"care-{token}", category=CategoryFactory(slug=f"c-{token}"), slot_step_minutes=15
    )
    nurse = PractitionerFactory(slug=f"nurse-{token}", name=f"Demo Night {token}", offers=[care])
    nurse.day, nurse.care, nurse.said = change_in(request.param), care, VISITS[request.param]
    midnight, _ = clock.day_bounds(nurse.day)
    six = clock.day_bounds(nurse.day)[0].replace(hour=6)
    ExtraHours.objects.create(practitioner=nurse, location=place, during=span(midnight, six))
    nurse.change = datetime(nurse.day.year, nurse.day.month, nurse.day.day, 1, tzinfo=UTC)
    nurse.visits = [
        AppointmentFactory(
            practitioner=nurse, treatment=care, location=place, room=None,
            starts_at=nurse.change + timedelta(minutes=after), minutes=minutes,
            patient=PatientFactory(full_name=f"Rowan {token} {'ABCDE'[n]}ight", email=f"{token}-{n}@example.com"),
        )
        for n, (after, minutes, *_) in enumerate(nurse.said)
    ]  # fmt: skip
    return nurse


@pytest.fixture
def desk(visit):
    page = visit(width=1440)
    sign_in(page, "desk@example.com")
    return page


def address(nurse, view):
    return f"/diary/?day={nurse.day}&with={nurse.slug}&view={view}"


def texts(locator):
    return [" ".join(text.split()) for text in locator.all_inner_texts()]


@pytest.mark.proof
def test_the_list_has_each_visit_at_its_time_in_the_order_it_comes(desk, night):
    desk.goto(address(night, "list"))
    rows = desk.locator(".agenda__row")
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 900})
        ids = rows.locator("a.who").evaluate_all("(all) => all.map((one) => one.id)")
        assert ids == [f"l-{one.reference}" for one in night.visits]
        shown = [text.replace(" to ", " ") for text in texts(rows.locator("> time"))]
        assert shown == [f"{start} {end}" for _, _, start, end in night.said]
        lengths = texts(rows.locator(".agenda__what > small"))
        assert lengths == [f"{night.care.name}, {minutes} min" for _, minutes, *_ in night.said]
        assert desk.evaluate(TOO_WIDE) <= 0
    assert_sound(desk, AT_A_DESK)


def test_the_grid_hides_and_doubles_none_and_a_card_is_as_long_as_the_visit(desk, night):
    desk.goto(address(night, "grid"))
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 900})
        cards = [desk.locator(f".appt:has(#g-{one.reference})") for one in night.visits]
        expect(desk.locator(".appt:not(.appt--off)")).to_have_count(len(cards))
        for card, (_, minutes, start, _) in zip(cards, night.said, strict=True):
            assert texts(card.locator("a time")) == [start]
            assert texts(card.locator(".appt__what")) == [f"{night.care.name}, {minutes} min"]
        boxes = desk.locator(".appt:not(.appt--off)").evaluate_all(BOXES)
        assert not [
            (one, other)
            for n, one in enumerate(boxes)
            for other in boxes[:n]
            if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
            and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1
        ]
        hour = desk.locator(".diary__times li").first.bounding_box()["height"]
        for card, (_, minutes, start, end) in zip(cards, night.said, strict=True):
            if (start, end) != ("0:45", "2:15"):  # over the hour that is left out
                assert card.bounding_box()["height"] == pytest.approx(minutes * hour / 60, abs=6)
        assert desk.evaluate(TOO_WIDE) <= 0
    assert_sound(desk, AT_A_DESK)


@pytest.mark.parametrize(
    ("width", "view", "prefix"), [pytest.param(390, "list", "l", marks=pytest.mark.proof), (1440, "grid", "g")]
)
def test_arrows_go_through_the_night_as_it_passes(desk, night, width, view, prefix):
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(address(night, view))
    desk.wait_for_function("document.querySelector('[data-keys]:not([hidden])')")
    wanted = [f"{prefix}-{one.reference}" for one in night.visits]
    desk.locator(f"#{wanted[0]}").focus()
    met = [wanted[0]]
    for _ in range(20):
        desk.keyboard.press("ArrowDown")
        met.append(desk.evaluate(FOCUS))
    assert list(dict.fromkeys(one for one in met if one)) == wanted


@pytest.mark.proof
def test_a_visit_moves_and_grows_over_the_change(desk, night):
    over = night.visits[1]
    desk.goto(f"/diary/visits/{over.reference}/move/")
    offered = [text.partition(",")[0].strip() for text in texts(desk.locator("button.slot"))]
    at_one = [one for one in offered if one.startswith("1:")]
    assert at_one == ([] if night.day.month == 3 else ["1:00 BST", "1:15 BST", "1:30 BST", "1:45 BST"])
    for by in ("+20 min", "\N{MINUS SIGN}30 min"):
        desk.goto(f"/diary/visits/{over.reference}/move/")
        with next_page(desk):
            desk.get_by_role("button", name=by).click()
    desk.goto(f"/diary/visits/{over.reference}/")
    with next_page(desk):
        desk.locator("button[name=minutes][value='45']").click()

    moved = Appointment.objects.get(pk=over.pk)
    assert moved.starts_at == over.starts_at - timedelta(minutes=10)
    assert moved.ends_at == moved.starts_at + timedelta(minutes=45)


def test_a_block_over_the_change_lists_the_visits_of_both_hours(desk, night):
    """From 0:45 to 2:00: fifteen minutes in March, and in October two hours and a quarter."""
    desk.goto(f"/diary/plan/?look=1&day={night.day}&who={night.slug}&starts=00:45&ends=02:00")
    hit = night.visits[1:2] if night.day.month == 3 else night.visits[1:4]
    expect(desk.locator("#plan-h")).to_have_text(f"{len(hit)} visit{'s' if len(hit) > 1 else ''} in the way")
    assert [one for one in night.visits if desk.locator(f"[name=choice-{one.reference}]").count()] == hit


def test_the_line_books_no_hour_that_is_left_out_and_tells_apart_the_two_that_are_one(desk, night):
    words = f"{night.visits[0].patient.full_name} {night.care.name} {night.day:%d %b} 01:00".lower()
    desk.goto(f"/diary/line/?{urlencode({'q': words})}")
    offered = [
        text.partition(",")[2].partition(",")[0].strip()
        for text in texts(desk.get_by_role("button", name=re.compile("^Book ")))
    ]
    if night.day.month == 3:
        expect(desk.locator(".line-said")).to_contain_text(
            f"There is no 1:00 on {long_day(night.day)}: the clocks go forward"
        )
        assert offered == []
    else:
        assert offered[0] == "1:00 BST"


@pytest.mark.proof
def test_sheet_and_week_of_the_day_open_and_are_sound(desk, night):
    for path in (f"/diary/sheet/?day={night.day}", f"/diary/?view=week&day={night.day}&with={night.slug}"):
        answer = desk.goto(path)
        assert answer.status == 200
        said = desk.locator("main").inner_text()
        assert [
            one.reference
            for one in night.visits
            if (one.patient.full_name if "sheet" in path else one.whose) not in said
        ] == []
        assert_sound(desk, AT_A_DESK)
