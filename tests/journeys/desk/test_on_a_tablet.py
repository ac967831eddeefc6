"""The day by touch on a tablet held sideways: what a tap brings lies in view, and nothing slides away."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.timetable.models import ExtraHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import next_page, sign_in

SIZE = {"width": 1024, "height": 768}
MENUS = {"More": "#day-more", "Clinic": "#app-more"}
LINES_OF_A_WORD = """heads => heads.map((head) => {
    const words = document.createRange();
    words.selectNodeContents(head);
    return new Set([...words.getClientRects()].map((line) => line.top)).size;
})"""
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # the line takes digits for a time or a telephone number


@pytest.fixture
def nurse(clinic):
    """With a day of hours in five days, a visit in its afternoon, one today at noon, and somebody who waits for the morning."""
    token = uuid4().hex[:8].translate(LETTERS)
    category, place = CategoryFactory(slug=f"c-{token}"), LocationFactory(slug=f"place-{token}")
    cares = [
        TreatmentFactory(name=f"{name} {token} of the face", slug=f"{name}-{token}".lower(), category=category)
        for name in ("Zealous", "Microneedling", "Rejuvenation")
    ]
    nurse = PractitionerFactory(slug=f"nurse-{token}", name=f"Demo Nurse {token}", offers=cares)
    nurse.care, nurse.place, nurse.day = token, place, clock.today() + timedelta(days=5)
    nine = clock.day_bounds(nurse.day)[0] + timedelta(hours=9)
    ExtraHours.objects.create(practitioner=nurse, location=place, during=span(nine, nine + timedelta(hours=9)))
    noon = clock.day_bounds(clock.today())[0] + timedelta(hours=12)
    for starts_at in (noon, nine + timedelta(hours=5)):
        AppointmentFactory(practitioner=nurse, treatment=cares[0], location=place, room=None, starts_at=starts_at)
    WaitingEntry.objects.create(
        patient=PatientFactory(full_name="Rowan Hale", email=f"{token}@example.com"),
        treatment=cares[0],
        first_day=nurse.day,
        last_day=nurse.day,
        created_at=clock.now(),
    )
    yield nurse
    WaitingEntry.objects.filter(treatment__in=cares).delete()


@pytest.fixture
def tablet(visit):
    page = visit(width=1024, has_touch=True)
    page.set_viewport_size(SIZE)
    sign_in(page, "desk@example.com")
    return page


def test_the_plan_of_a_block_lies_in_view(tablet, nurse):
    tablet.goto(f"/diary/plan/?day={nurse.day}&who={nurse.slug}")
    with next_page(tablet):
        tablet.get_by_role("button", name="Afternoon").tap()
    expect(tablet.get_by_role("heading", name="1 visit in the way")).to_be_in_viewport()

    with next_page(tablet):
        tablet.get_by_role("button", name="See which visits are in the way").tap()
    expect(tablet.get_by_role("heading", name="1 visit in the way")).to_be_in_viewport()


def test_a_touch_beside_a_menu_puts_it_away(tablet, nurse):
    tablet.goto(f"/diary/?day={nurse.day}&with={nurse.slug}")
    for name, menu in MENUS.items():
        tablet.get_by_role("button", name=name, exact=True).tap()
        expect(tablet.locator(menu)).to_be_visible()
        tablet.get_by_role("heading", level=1).tap()
        expect(tablet.locator(menu)).to_be_hidden()


@pytest.mark.parametrize("has_script", [True, pytest.param(False, marks=pytest.mark.proof)])
def test_escape_puts_a_menu_away_and_gives_the_focus_back(visit, nurse, has_script):
    page = visit(width=1024, has_script=has_script)
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?day={nurse.day}&with={nurse.slug}")
    for name, menu in MENUS.items():
        page.get_by_role("button", name=name, exact=True).press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(f"{menu} a").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_hidden()
        expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()


def test_the_hours_of_a_week_are_copied_by_a_link_large_enough_for_a_finger(tablet, nurse):
    working_week(nurse, nurse.place)
    tablet.goto(f"/diary/time/?who={nurse.slug}")
    box = tablet.get_by_role("link", name="Copy").bounding_box()
    assert box["height"] >= 44
    assert box["width"] >= 44


def test_the_grid_does_not_slide_sideways_where_all_columns_fit(tablet, nurse):
    tablet.set_viewport_size({"width": 480, "height": 768})
    tablet.goto(f"/diary/?day={nurse.day}&with={nurse.slug}&view=grid")
    expect(tablet.locator(".gap--waits").first).to_be_visible()
    grid = tablet.locator("[data-scroll]")
    assert grid.evaluate("grid => grid.scrollWidth - grid.clientWidth") == 0


def test_the_answer_of_the_line_lies_in_view_with_the_way_to_put_it_away(tablet, nurse):
    tablet.goto(f"/diary/?with={nurse.slug}")
    expect(tablet.locator(".now-bar__row").first).to_be_visible()
    tablet.get_by_role("searchbox").fill(f"jo ash 07700 900555 zealous {nurse.care} {nurse.day:%d %b}".lower())
    tablet.get_by_role("button", name="Go", exact=True).first.tap()
    close = tablet.locator("[data-close-line]")
    close.wait_for()
    bar = tablet.locator(".now-bar").bounding_box()
    box = close.bounding_box()
    assert box["y"] + box["height"] <= bar["y"]


def test_a_name_in_the_list_of_patients_is_large_enough_for_a_finger(tablet, nurse):
    tablet.goto("/diary/patients/?q=rowan+hale")
    assert tablet.locator(".patients th a").first.bounding_box()["height"] >= 44


@pytest.fixture
def three(clinic):
    """Three nurses of today, each with somebody next who was not noted as here."""
    token = uuid4().hex[:8]
    care = TreatmentFactory(slug=f"care-{token}", live=False, category=CategoryFactory(slug=f"c-{token}"))
    place, end = LocationFactory(slug=f"place-{token}"), clock.day_bounds(clock.today())[1]
    return [
        AppointmentFactory(
            practitioner=PractitionerFactory(slug=f"three-{token}-{n}", live=False, is_bookable=False),
            treatment=care,
            location=place,
            starts_at=end - timedelta(minutes=30),
            minutes=30,
            patient=PatientFactory(full_name="Siobhan Featherstone", email=f"three-{token}-{n}@example.com"),
        )
        for n in range(3)
    ]


@pytest.mark.proof
@pytest.mark.parametrize("size", [(390, 844), (820, 1180), (1024, 768)])
def test_no_name_in_the_bar_is_cut(visit, three, size):
    page = visit(width=size[0])
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    sign_in(page, "desk@example.com")
    for one in three:
        page.goto(f"/diary/?with={one.practitioner.slug}")
        name = page.locator(".now-bar__row[data-s] a")
        expect(name).to_have_text("S. Featherstone")
        assert page.locator(".now-bar__row[data-s] button").count() == 2
        assert name.evaluate(
            "name => name.scrollWidth <= name.clientWidth && name.scrollHeight <= name.clientHeight + 2"
        )


@pytest.mark.proof
def test_three_people_stand_in_the_bar_of_a_tablet_held_upright(visit, three):
    page = visit(width=820)
    page.set_viewport_size({"width": 820, "height": 1180})
    sign_in(page, "desk@example.com")
    page.goto("/diary/")
    widths = page.locator(".now-bar__one").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert all(3 * width <= 820 for width in widths)


@pytest.fixture
def between(clinic):
    """Somebody in for a quarter of an hour more, whose nurse has two to come; and a second nurse."""
    now = clock.now().replace(second=0, microsecond=0)
    midnight, end = clock.day_bounds(clock.today())
    if not midnight + timedelta(minutes=40) < now < end - timedelta(hours=2):
        pytest.skip("From 22:00 to 0:40 the visits would lie on two days, and the server's clock is the machine's.")
    token = uuid4().hex[:8]
    shared = {
        "treatment": TreatmentFactory(slug=f"care-{token}", live=False, category=CategoryFactory(slug=f"c-{token}")),
        "location": LocationFactory(slug=f"place-{token}"),
        "minutes": 30,
    }
    nurse, other = (PractitionerFactory(slug=f"two-{token}-{n}", live=False, is_bookable=False) for n in range(2))
    AppointmentFactory(practitioner=other, starts_at=now + timedelta(hours=1), **shared)
    return [
        AppointmentFactory(
            practitioner=nurse,
            starts_at=now + timedelta(minutes=30 * n - 14),
            status=Status.BOOKED if n else Status.IN_PROGRESS,
            arrived_at=None if n else now - timedelta(minutes=14),
            patient=PatientFactory(full_name="Siobhan Featherstone", email=f"between-{token}-{n}@example.com"),
            **shared,
        )
        for n in range(3)
    ]


@pytest.mark.proof
@pytest.mark.parametrize("is_alone", [False, True])
def test_the_bar_is_low_and_nothing_in_it_moves_once_someone_runs_late(tablet, between, is_alone):
    tablet.goto("/diary/" + (f"?with={between[0].practitioner.slug}" if is_alone else ""))
    bar = tablet.locator(".now-bar")
    mine = bar.locator("li").filter(has=tablet.locator(f"a[href*='{between[0].reference}']"))
    places = "all => all.map(one => one.getBoundingClientRect().top)"
    before = bar.bounding_box(), mine.locator(".now-bar__row").evaluate_all(places)
    assert before[0]["height"] <= (64 if is_alone else 124)

    begun = between[0].arrived_at + timedelta(minutes=12)
    Appointment.objects.filter(pk=between[0].pk).update(arrived_at=begun)
    tablet.reload()

    tell = mine.get_by_role("link", name="Tell the two")
    assert (bar.bounding_box(), mine.locator(".now-bar__row").evaluate_all(places)) == before
    boxes = [tell.bounding_box(), *(one.bounding_box() for one in mine.get_by_role("button").all())]
    assert len(boxes) == 3
    assert all(min(box["height"], box["width"]) >= 44 for box in boxes)
    for one, other in combinations(boxes, 2):
        assert (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or abs(one["y"] - other["y"]) >= 44
        )
    left_of_tell = mine.locator(".now-bar__row").last.locator("a")
    assert left_of_tell.evaluate("name => name.scrollWidth <= name.clientWidth")
    expect(mine.locator(".mark").first).to_contain_text("12 min late")

    with next_page(tablet):
        tell.tap()
    expect(tablet.get_by_role("button", name="Tell the two")).to_be_in_viewport()


def test_the_bar_says_how_late_a_patient_is_beside_two_buttons(tablet, between):
    late = AppointmentFactory(
        practitioner=PractitionerFactory(slug=f"late-{uuid4().hex[:8]}", live=False, is_bookable=False),
        treatment=between[0].treatment,
        location=between[0].location,
        starts_at=clock.now() - timedelta(minutes=12),
        minutes=30,
    )
    tablet.goto("/diary/")
    row = tablet.locator(f".now-bar__row:has(a[href*='{late.reference}'])")
    expect(row.get_by_role("button")).to_have_count(2)
    room, mark = row.locator(".facts").bounding_box(), row.locator(".mark").bounding_box()
    assert mark["x"] + mark["width"] <= room["x"] + room["width"] + 1
    assert abs(mark["y"] + mark["height"] / 2 - room["y"] - room["height"] / 2) < 4


def test_a_touch_beside_the_name_in_the_bar_opens_the_visit(tablet, between):
    tablet.goto(f"/diary/?with={between[0].practitioner.slug}")
    row = tablet.locator(f".now-bar__row:has(a[href*='{between[0].reference}'])")
    box, text = row.bounding_box(), row.locator("p").bounding_box()
    with next_page(tablet):
        tablet.touchscreen.tap(text["x"] + text["width"] - 4, box["y"] + 4)
    expect(tablet).to_have_url(re.compile(between[0].reference))


def test_more_than_three_hours_of_the_day_lie_above_the_bar(tablet, between):
    tablet.goto(f"/diary/?view=grid&with={between[0].practitioner.slug}")
    hour = tablet.locator(".diary__times li").first.bounding_box()["height"]
    head, bar = (tablet.locator(one).first.bounding_box() for one in (".diary__head", ".now-bar"))
    shown = bar["y"] - head["y"] - head["height"]
    assert shown >= 3.5 * hour


@pytest.mark.proof
def test_no_fact_in_the_bar_is_cut(visit, three):
    page = visit(width=820)
    page.set_viewport_size({"width": 820, "height": 1180})
    sign_in(page, "desk@example.com")
    page.goto("/diary/")
    edges = """all => all.flatMap(facts => [...facts.children].map(one => [facts, one].map(
        box => box.getBoundingClientRect())).filter(([box, one]) => one.top < box.bottom - 1).map(
        ([box, one]) => one.right - box.right))"""
    assert all(over <= 1 for over in page.locator(".now-bar__row .facts").evaluate_all(edges))


@pytest.mark.proof
def test_no_fact_of_a_short_card_is_cut(visit, three):
    """Beside the name stands only what has room; the treatment alone may be shortened, by three dots.

    On a day of its own: short visits of other tests would make its rows so tall that no card is short.
    """
    nurse, kept = three[0].practitioner, {"treatment": three[0].treatment, "location": three[0].location}
    day = clock.today() + timedelta(days=200)
    start = clock.day_bounds(day)[0] + timedelta(hours=8)
    for practitioner in (one.practitioner for one in three):
        for hour in range(4):
            AppointmentFactory(practitioner=practitioner, starts_at=start + timedelta(hours=hour), minutes=40, **kept)
    short = AppointmentFactory(
        practitioner=nurse,
        starts_at=start + timedelta(hours=5),
        minutes=20,
        note="Prefers mornings",
        patient=PatientFactory(
            full_name="Siobhan Featherstone", access_needs="Step-free", email=f"{nurse.slug}@a.test"
        ),
        **kept,
    )
    page = visit(width=820)
    page.set_viewport_size({"width": 820, "height": 1180})
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/?day={day}&view=grid")
    card = page.locator(f".appt--short:has(#g-{short.reference})")
    cut = card.locator(".appt__line").evaluate("""line => {
        const box = line.getBoundingClientRect();
        const all = line.querySelectorAll(":scope > :not(.facts), .facts > *");
        return [...all].map(one => one.getBoundingClientRect()).filter(
            one => one.top < box.bottom - 1 && one.right > box.right + 1).length;
    }""")
    assert cut == 0


@pytest.mark.proof
def test_what_was_booked_makes_room_for_the_next_answer_of_the_line(tablet, nurse):
    tablet.goto(f"/diary/?with={nurse.slug}")
    line, go = tablet.get_by_role("searchbox"), tablet.get_by_role("button", name="Go", exact=True).first
    asked = f"zealous {nurse.care} {nurse.day:%d %b}".lower()
    line.fill(f"jo ash 07700 900556 {asked}")
    go.tap()
    tablet.get_by_label("They say they are 18 or over").check()
    with next_page(tablet):
        tablet.locator("#line-result button").first.tap()
    notice = tablet.locator(".day-notice")
    expect(notice).to_contain_text("booked for")
    assert notice.get_by_role("link", name="Open the visit").bounding_box()["height"] >= 44

    line.fill(f"jo ash 07700 900557 {asked}")
    go.tap()
    tablet.locator("[data-close-line]").wait_for()
    expect(notice).to_be_hidden()
    tablet.locator("[data-close-line]").tap()
    expect(notice).to_be_visible()


@pytest.mark.parametrize("width", [820, 1024])
def test_no_head_of_the_sheet_is_broken(visit, three, width):
    page = visit(width=width)
    sign_in(page, "desk@example.com")
    page.goto("/diary/sheet/")
    heights = page.locator(".sheet__table thead th").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert max(heights) < 40


def test_a_visit_with_nothing_to_type_in_takes_one_line(tablet, between):
    Appointment.objects.filter(pk=between[0].pk).update(status=Status.COMPLETED)
    tablet.goto(f"/diary/sheet/type/?with={between[0].practitioner.slug}")
    row = tablet.locator(f"#v-{between[0].reference}")
    expect(row).to_contain_text("Nothing to type in")
    assert row.bounding_box()["height"] < 60


def test_lists_of_several_people_stand_beside_each_other(tablet, three):
    tablet.goto("/diary/?view=list")
    tops = tablet.locator(".day-list__one").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert tops[0] == tops[1]
    assert tablet.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.proof
def test_nobody_is_asked_to_tick_an_age_that_is_on_record(visit, nurse):
    page = visit()
    sign_in(page, "desk@example.com")
    known = PatientFactory(full_name=f"Known {nurse.care}", email=f"known-{nurse.care}@example.com")
    page.goto(f"/diary/book/?treatment=zealous-{nurse.care}&search={nurse.care}&do=find")
    tick = page.get_by_label("They say they are 18 or over")
    expect(page.get_by_label(known.full_name)).to_be_checked()
    expect(tick).to_be_hidden()
    expect(page.get_by_role("button", name="Book the visit")).to_be_in_viewport()

    page.get_by_label("Someone new").check()
    expect(tick).to_be_visible()


@pytest.mark.parametrize("media", ["screen", "print"])
def test_no_heading_of_the_sheet_is_broken_within_a_word(visit, nurse, media):
    page = visit(width=1024)
    page.set_viewport_size(SIZE if media == "screen" else {"width": 718, "height": 1047})  # A4 without its margins
    sign_in(page, "desk@example.com")
    page.goto(f"/diary/sheet/?day={nurse.day}&with={nurse.slug}")
    page.emulate_media(media=media)

    assert page.locator("thead th").evaluate_all(LINES_OF_A_WORD) == [1] * page.locator("thead th").count()
