"""The desk by keyboard alone: where a page puts the focus, and the keys that each job takes from there."""

from __future__ import annotations

import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.formats import long_day
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, next_page, sign_in

WORDS = "document.activeElement.innerText.trim()"
IN_MAIN = "document.querySelector('#main').contains(document.activeElement)"
NOTICE = "document.activeElement.matches('#notice .day-notice')"


@pytest.fixture
def make_visits(clinic):
    """`make_visits(*starts)`: visits of one nurse, who works all day on every day."""
    token = uuid4().hex[:8]
    place = LocationFactory(slug=f"place-{token}")
    care = TreatmentFactory(slug=f"care-{token}", category=CategoryFactory(slug=f"c-{token}"), duration_minutes=30)
    nurse = PractitionerFactory(slug=f"keys-{token}", name=f"Demo Keys {token}", offers=[care])
    working_week(nurse, place, days=range(1, 8), starts_at=time(0), ends_at=time(23, 45))

    def make(*starts):
        return [
            AppointmentFactory(
                starts_at=starts_at, minutes=30, location=place, treatment=care, practitioner=nurse,
                patient=PatientFactory(full_name=f"Demo Key {n}", email=f"keys-{token}-{n}@example.com"),
            )
            for n, starts_at in enumerate(starts)
        ]  # fmt: skip

    return make


@pytest.fixture
def day():
    return next(day for n in range(2, 9) if (day := clock.today() + timedelta(days=n)).isoweekday() <= 5)


@pytest.fixture
def visits(make_visits, day):
    return make_visits(*(clock.day_bounds(day)[0] + timedelta(hours=hour) for hour in (10, 13, 15)))


@pytest.fixture
def desk(visit):
    page = visit(width=1024)
    sign_in(page, "desk@example.com")
    return page


def open_day(page, visits, view="grid"):
    of = clock.today(visits[0].starts_at)
    page.goto(f"/diary/?day={of}&with={visits[0].practitioner.slug}&view={view}")
    page.wait_for_load_state("networkidle")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def press_on(page, *keys):
    """The last of them leads to another page."""
    press(page, *keys[:-1])
    with next_page(page):
        page.keyboard.press(keys[-1])
    page.wait_for_function("document.activeElement !== document.body")


def tab_to(page, words, *, within):
    """Press Tab until what says so has the focus, so many times at most."""
    for _ in range(within):
        press(page, "Tab")
        if page.evaluate(WORDS) == words:
            return
    pytest.fail(f"{within} Tabs do not reach {words}")


@pytest.mark.proof
def test_the_first_tab_of_a_page_for_a_job_is_past_its_heading(desk, visits):
    visit = visits[0]
    pages = {
        "plan/": "select", "book/": "select", f"visits/{visit.reference}/move/": "button", "lately/": "a",
        f"visits/{visit.reference}/cancel/": "button", f"patients/{visit.patient.reference}/": "a", "patients/": "input",
        "sheet/type/": "a", "time/": "a", "?view=week": "a", "?view=month": "a", "?by=room": "a", "numbers/": "a",
        "holidays/": "a",
    }  # fmt: skip
    for path, first in pages.items():
        desk.goto(f"/diary/{path}")
        desk.wait_for_function("document.activeElement !== document.body")
        press(desk, "Tab")
        assert desk.evaluate(IN_MAIN), path
        assert desk.evaluate("document.activeElement.localName") == first, path


def test_a_visit_is_moved_and_the_focus_is_on_its_card_again(desk, visits):
    open_day(desk, visits)
    press_on(desk, "Tab", "Enter", "Tab", "ArrowDown", "m")
    tab_to(desk, "+20 min", within=6)
    press_on(desk, "Enter")

    assert Appointment.objects.get(pk=visits[0].pk).starts_at == visits[0].starts_at + timedelta(minutes=20)
    assert desk.evaluate("document.activeElement.id") == f"g-{visits[0].reference}"


@pytest.mark.parametrize("view", ["grid", pytest.param("list", marks=pytest.mark.proof)])
def test_an_afternoon_is_blocked_by_keys_and_taken_back(desk, visits, view):
    open_day(desk, visits, view)
    nurse = visits[0].practitioner
    press_on(desk, "Tab", "Enter", "Tab", "k")
    assert desk.get_by_label("Whose diary").input_value() == nurse.slug
    tab_to(desk, "Afternoon", within=3)
    press_on(desk, "Enter")
    assert desk.evaluate(WORDS) == "2 visits in the way"
    assert_sound(desk)
    press_on(desk, *["Tab"] * 5, "Enter")

    assert desk.evaluate(NOTICE)
    assert TimeOff.objects.filter(practitioner=nurse).exists()
    press(desk, "ArrowDown")
    assert desk.evaluate("document.activeElement.matches('[data-column] a')")
    press_on(desk, "u")
    assert desk.evaluate(NOTICE)
    assert not TimeOff.objects.filter(practitioner=nurse).exists()


def test_a_refusal_has_the_focus_and_the_tab_after_it_what_can_be_done(visit, desk, visits):
    visit.problems.expected = ("status of 409",)
    desk.goto(f"/diary/visits/{visits[0].reference}/move/")
    desk.get_by_label("Time", exact=True).fill("13:00")
    press_on(desk, "Enter")

    assert desk.evaluate("document.activeElement.getAttribute('role')") == "alert"
    press(desk, "Tab")
    assert desk.evaluate("document.activeElement.closest('[role=alert]') !== null")


@pytest.fixture
def begun(make_visits):
    """The visit of five minutes ago, in a day that is free but for it."""
    start = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    return make_visits(max(start, clock.day_bounds(clock.today())[0]))


@pytest.mark.parametrize("view", ["grid", pytest.param("list", marks=pytest.mark.proof)])
def test_one_tab_leads_past_free_times_to_the_current_visit(desk, begun, view):
    open_day(desk, begun, view)
    press(desk, "Tab", "Enter", "Tab")

    assert desk.evaluate("document.activeElement.id") == f"{view[0]}-{begun[0].reference}"


@pytest.mark.proof
def test_the_focus_is_not_lost_when_undo_is_pressed(desk, begun):
    visits = begun
    open_day(desk, visits)
    press(desk, "Tab", "Enter", "Tab", "n")
    expect(desk.locator("#notice")).to_contain_text("missed")
    assert Appointment.objects.get(pk=visits[0].pk).status == Status.NO_SHOW
    press(desk, "a")  # no way back by a slip of a key
    desk.locator("[data-undo]").focus()
    press(desk, "Enter")

    expect(desk.locator("#notice")).to_contain_text("booked")
    assert desk.evaluate(NOTICE)
    assert Appointment.objects.get(pk=visits[0].pk).status == Status.BOOKED


@pytest.mark.proof
@pytest.mark.parametrize("view", ["grid", pytest.param("list", marks=pytest.mark.proof)])
def test_keys_that_could_only_be_refused_say_so_and_stay(desk, begun, view):
    Appointment.objects.filter(pk=begun[0].pk).update(status=Status.COMPLETED, arrived_at=begun[0].starts_at)
    open_day(desk, begun, view)
    desk.locator(f"#{view[0]}-{begun[0].reference}").focus()
    for key, word in (("m", "move"), ("x", "cancel")):
        press(desk, key)
        expect(desk.locator("#notice")).to_contain_text(f"you cannot {word} this visit")
    assert desk.evaluate("document.activeElement.id") == f"{view[0]}-{begun[0].reference}"


@pytest.mark.proof
@pytest.mark.parametrize("view", ["grid", pytest.param("list", marks=pytest.mark.proof)])
def test_the_key_of_start_asks_for_a_birthday_and_leads_back_to_the_card(desk, begun, view):
    visit = begun[0]
    Treatment.objects.filter(pk=visit.treatment_id).update(minimum_age=0)
    unasked = PatientFactory(full_name="Demo Unasked", email="", phone="", date_of_birth=None)
    Appointment.objects.filter(pk=visit.pk).update(patient=unasked, source="desk")
    open_day(desk, begun, view)
    press(desk, "Tab", "Enter", "Tab")
    with next_page(desk):
        press(desk, "s")
    expect(desk.locator("[name=date_of_birth_day]")).to_be_focused()
    for part in ("27", "3", "1988"):
        desk.keyboard.type(part)
        press(desk, "Tab")
    with next_page(desk):
        press(desk, "Enter")
    expect(desk.locator("#notice")).to_contain_text("The date of birth is kept.")
    desk.locator(f"#{view[0]}-{visit.reference}").focus()
    press(desk, "s")
    expect(desk.locator("#notice")).to_contain_text("in progress")
    assert Appointment.objects.get(pk=visit.pk).status == Status.IN_PROGRESS


@pytest.mark.proof
@pytest.mark.parametrize("view", ["grid", "list"])
def test_from_a_key_that_was_refused_the_way_back_is_to_the_card(visit, desk, visits, view):
    visit.problems.expected = ("status of 409", "Status Error Code 409")
    card = f"{view[0]}-{visits[0].reference}"
    open_day(desk, visits, view)
    desk.locator(f"#{card}").focus()
    press_on(desk, "n")
    expect(desk.get_by_role("alert")).to_have_text("A visit cannot be “Missed” before it begins.")
    tab_to(desk, long_day(visits[0].starts_at), within=1)
    press_on(desk, "Enter")

    assert desk.evaluate("document.activeElement.id") == card


@pytest.mark.proof
def test_slash_has_the_former_words_selected(desk, visits):
    open_day(desk, visits)
    press(desk, "/")
    desk.keyboard.type("nobody 25:00")
    press(desk, "Enter")
    expect(desk.locator("#line-result")).to_contain_text(re.compile("25:00"))
    press(desk, "Escape")
    desk.keyboard.type("ash 25:00")
    assert desk.get_by_label("Find a patient, or book in one line").input_value() == "ash 25:00"
    desk.locator("#region").focus()
    press(desk, "/")
    desk.keyboard.type("ash")

    assert desk.get_by_label("Find a patient, or book in one line").input_value() == "ash"


@pytest.mark.proof
def test_brackets_lead_from_day_to_day_wherever_the_focus_is(desk, visits, day):
    open_day(desk, visits)
    for key, by in (("]", 1), ("]", 2), ("[", 1)):
        with next_page(desk):
            press(desk, key)
        expect(desk.get_by_role("heading", level=1)).to_have_text(long_day(day + timedelta(days=by)))
    press(desk, "/")
    desk.keyboard.type("[")
    assert desk.get_by_label("Find a patient, or book in one line").input_value() == "["
    assert f"with={visits[0].practitioner.slug}" in desk.url
