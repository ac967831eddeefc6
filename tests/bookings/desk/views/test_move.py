"""The page of a move that was asked for with its time, as after a drop in the diary: a question, and one button."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from bs4 import BeautifulSoup

from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


def at(hour, minute=0):
    return datetime.combine(date(2026, 11, 24), time(hour, minute), tzinfo=clock.LONDON)


@pytest.fixture(autouse=True)
def _ten_past_eight_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 8, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def visit():
    treatment, place = TreatmentFactory(duration_minutes=30, slot_step_minutes=15), LocationFactory()
    nurse, _ = (PractitionerFactory(slug=slug, offers=[treatment]) for slug in ("aisha", "tom"))
    working_week(nurse, place)
    return AppointmentFactory(practitioner=nurse, treatment=treatment, location=place, starts_at=at(10), minutes=30)


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def asked(client, visit, **question):
    """The form that asks about a time, or None."""
    page = client.get(f"/diary/visits/{visit.reference}/move/", {"with": "aisha", "day": "2026-11-24"} | question)
    return BeautifulSoup(page.content, "html.parser").select_one("form[aria-labelledby=asked-h]")


def test_one_button_moves_the_visit_to_the_time_asked_for(desk, visit):
    form = asked(desk, visit, at="11:15")
    fields = {one["name"]: one["value"] for one in form.select("input[name]")}

    assert form.h2.get_text() == f"To Tuesday 24 November, 11:15, with {visit.practitioner.name}?"
    assert form.select_one("p") is None
    desk.post(f"/diary/visits/{visit.reference}/move/", fields)
    visit.refresh_from_db()
    assert visit.starts_at == at(11, 15)


@pytest.mark.parametrize("question", [{"at": "11:20"}, {"at": "18:00"}, {"at": "11:15", "with": "tom"}])
def test_it_says_that_a_time_goes_by_hand(desk, visit, question):
    assert "not one of the free times" in asked(desk, visit, **question).p.get_text()


@pytest.mark.parametrize("question", [{}, {"at": "soon"}, {"at": "11:15", "day": "soon"}])
def test_nothing_is_asked_without_a_day_and_a_time(desk, visit, question):
    assert asked(desk, visit, **question) is None


def test_nothing_is_asked_about_a_visit_that_is_over(desk, visit):
    type(visit).objects.update(status="completed")
    assert asked(desk, visit, at="11:15") is None


def a_little(page):
    return [one.get_text() for one in BeautifulSoup(page.content, "html.parser").select("form[aria-label^=By] button")]


def test_by_some_minutes_it_goes_only_where_it_can(desk, visit):
    address = f"/diary/visits/{visit.reference}/move/"
    assert a_little(desk.get(address)) == [
        "\N{MINUS SIGN}30 min",
        "\N{MINUS SIGN}15 min",
        "+10 min",
        "+15 min",
        "+20 min",
        "+30 min",
    ]

    neighbour = {"treatment": visit.treatment, "practitioner": visit.practitioner, "location": visit.location}
    AppointmentFactory(starts_at=at(10, 45), minutes=30, **neighbour)
    assert a_little(desk.get(address)) == ["\N{MINUS SIGN}30 min", "\N{MINUS SIGN}15 min", "+10 min", "+15 min"]

    AppointmentFactory(starts_at=at(9, 30), minutes=30, **neighbour)
    assert a_little(desk.get(address)) == ["+10 min", "+15 min"]


def test_a_time_that_was_refused_leaves_the_boxes_as_they_were(desk, visit):
    AppointmentFactory(
        starts_at=at(10, 30),
        minutes=30,
        treatment=visit.treatment,
        practitioner=visit.practitioner,
        location=visit.location,
    )
    sent = {"slot": f"{at(10, 20).isoformat()}|{visit.practitioner.slug}", "version": visit.version}

    page = desk.post(f"/diary/visits/{visit.reference}/move/", sent)

    assert page.status_code == 409
    soup = BeautifulSoup(page.content, "html.parser")
    assert [soup.select_one(f"input[name={name}]:not([type=hidden])")["value"] for name in ("day", "at")] == [
        "2026-11-24",
        "10:00",
    ]


def free_times(client, visit):
    page = client.get(f"/diary/visits/{visit.reference}/move/", {"day": "2026-11-24"})
    times = BeautifulSoup(page.content, "html.parser").select("button[name=slot][value]")
    return [time["value"].split("T")[1][:5] for time in times]


def test_a_visit_that_was_made_longer_is_offered_only_times_that_hold_all_of_it(desk, visit):
    alike = {"practitioner": visit.practitioner, "treatment": visit.treatment, "location": visit.location}
    AppointmentFactory(**alike, starts_at=at(12), minutes=30)
    longer = AppointmentFactory(**alike, starts_at=at(15), minutes=60)

    times = free_times(desk, longer)

    assert "11:00" in times
    assert not {"09:15", "09:30", "11:15", "11:30"} & set(times)  # half an hour alone would fit there


def move_page(client, visit, **question):
    page = client.get(f"/diary/visits/{visit.reference}/move/", question)
    return BeautifulSoup(page.content, "html.parser")


def test_only_the_minutes_that_can_be_had_are_offered(desk, visit):
    known = {"practitioner": visit.practitioner, "treatment": visit.treatment, "location": visit.location}
    AppointmentFactory(**known, starts_at=at(10, 45), minutes=30)
    shown = [button.get_text() for button in move_page(desk, visit).select("form[aria-label='By some minutes'] button")]

    assert shown == ["\N{MINUS SIGN}30 min", "\N{MINUS SIGN}15 min", "+10 min", "+15 min"]


def test_without_any_minutes_that_can_be_had_the_heading_has_the_focus(desk, visit):
    known = {"practitioner": visit.practitioner, "treatment": visit.treatment, "location": visit.location}
    for begins in (at(9, 30), at(10, 30)):
        AppointmentFactory(**known, starts_at=begins, minutes=30)
    page = move_page(desk, visit)

    assert page.select_one("form[aria-label='By some minutes']") is None
    assert page.select_one("[autofocus]").name == "h1"


def test_the_time_that_it_has_is_not_among_the_nearest(desk, visit):
    known = {"practitioner": visit.practitioner, "treatment": visit.treatment, "location": visit.location}
    AppointmentFactory(**known, starts_at=at(10, 30), minutes=30)
    sent = {"version": visit.version, "with": "aisha", "day": "2026-11-24", "at": "10:20"}

    page = BeautifulSoup(desk.post(f"/diary/visits/{visit.reference}/move/", sent).content, "html.parser")
    nearest = [button.get_text() for button in page.select("[role=alert] button")]

    assert nearest
    assert "Tue 24 Nov, 10:00" not in nearest


@pytest.mark.parametrize(("day", "name"), [("2026-11-25", "h3"), ("2026-11-29", "p")])
def test_once_a_day_is_chosen_its_times_have_the_focus(desk, visit, day, name):
    focused = move_page(desk, visit, **{"with": "aisha", "day": day}).select("[autofocus]")

    assert [one.name for one in focused] == [name]
