from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup

from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.mark.parametrize(("view", "number"), [("week", 7), ("month", 35)])
def test_the_days_shown(desk, nurse, view, number):  # noqa: F811
    assert len(desk.get("/diary/", {"view": view}).context["days"]) == number


def test_a_visit_of_the_week_is_one_tap_away(desk, nurse, treatment):  # noqa: F811
    visit = AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(10))

    assert f"/diary/visits/{visit.reference}/" in desk.get("/diary/", {"view": "week"}).content.decode()
    assert f"/diary/visits/{visit.reference}/" not in desk.get("/diary/", {"view": "month"}).content.decode()


@pytest.mark.parametrize(
    ("view", "before", "after"), [("week", "2027-02-22", "2027-03-08"), ("month", "2027-02-01", "2027-04-01")]
)
def test_its_neighbours_keep_the_filters(desk, nurse, view, before, after):  # noqa: F811
    links = desk.get("/diary/", {"view": view, "with": nurse.slug, "status": "booked"}).context["links"]

    for day, link in ((before, links["before"]), (after, links["after"])):
        assert f"day={day}" in link
        assert f"with={nurse.slug}" in link
        assert "status=booked" in link


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"location": "mars"}, "location “mars”"),
        ({"treatment": "x\x00y"}, "treatment “xy”"),
        ({"status": "held"}, "status “held”"),
        ({"colour": "red"}, "“colour”"),
    ],
)
def test_what_is_not_known_is_said(desk, nurse, asked, said):  # noqa: F811
    page = desk.get("/diary/", {"view": "week"} | asked)

    assert said in page.content.decode()


def test_a_location_is_offered_where_there_are_two(desk, nurse):  # noqa: F811
    assert 'name="location"' not in desk.get("/diary/", {"view": "week"}).content.decode()
    LocationFactory()
    assert 'name="location"' in desk.get("/diary/", {"view": "week"}).content.decode()


@pytest.mark.parametrize(("lasts", "said"), [(8, "On leave"), (3, "on leave")])
def test_leave_is_said_and_not_closed(desk, nurse, lasts, said):  # noqa: F811
    TimeOff.objects.create(practitioner=nurse, during=span(at(9), at(9) + timedelta(hours=lasts)))

    page = BeautifulSoup(desk.get("/diary/", {"view": "week"}).content, "html.parser")

    tuesday = page.select(".overview__day")[1].get_text(" ", strip=True)
    assert said in tuesday
    assert "closed" not in tuesday.lower()
    assert "Closed" in page.select(".overview__day")[6].get_text()


def test_nobody_works(desk):
    assert "No hours and no visits" in desk.get("/diary/", {"view": "month"}).content.decode()


@pytest.mark.parametrize("day", ["", "soon", "9999-99-99", "1999-01-01", "2100-01-01"])
def test_a_day_that_makes_no_sense_is_today(desk, nurse, day):  # noqa: F811
    assert desk.get("/diary/", {"view": "month", "day": day}).context["shown"].isoformat() == "2027-03-01"


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
@pytest.mark.parametrize("view", ["week", "month"])
def test_the_first_and_the_last_day(desk, nurse, view, day):  # noqa: F811
    assert desk.get("/diary/", {"view": view, "day": day}).status_code == 200


def test_patients_see_nothing_of_it(client):
    client.force_login(UserFactory())
    assert client.get("/diary/", {"view": "week"}).status_code == 403


@pytest.mark.parametrize("view", ["week", "month"])
def test_a_visit_of_somebody_who_takes_no_more_bookings_is_shown_as_the_day_shows_it(desk, nurse, treatment, view):  # noqa: F811
    nurse.is_bookable = False
    nurse.save()
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(10))

    days = desk.get("/diary/", {"view": view}).context["days"]

    assert sum(day.count for day in days) == 1
    assert not any(day.is_open for day in days)
