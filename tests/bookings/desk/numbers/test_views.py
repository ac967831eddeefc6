from __future__ import annotations

import csv
import io
import re

import pytest
import time_machine
from bs4 import BeautifulSoup

from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/diary/numbers/"


@pytest.fixture(autouse=True)
def _wednesday_noon():
    with time_machine.travel(at(12, day=3), tick=False):
        yield


def practitioner(name, slug):
    person = PractitionerFactory(name=name, slug=slug, user=StaffFactory(role="practitioner"))
    working_week(person, LocationFactory())
    return person


@pytest.fixture
def nurse(db):
    return practitioner("Demo Nurse", "nurse")


@pytest.fixture
def colleague(db):
    return practitioner("Demo Colleague", "colleague")


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def soup(response):
    return BeautifulSoup(response.content, "html.parser")


def test_only_diary_staff_come_here_and_find_the_way(client, nurse):
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    for user, status in (
        (UserFactory(), 403),
        (StaffFactory(role="editor"), 403),
        (StaffFactory(role="desk"), 200),
        (nurse.user, 200),
        (StaffFactory(role="owner"), 200),
    ):
        client.force_login(user)
        answer = client.get(PAGE)
        assert answer.status_code == status
        assert "no-store" in answer.headers["Cache-Control"]
        if status == 200:
            assert f'href="{PAGE}"' in client.get("/diary/").content.decode()


def test_a_practitioner_sees_their_own_numbers_and_desk_and_owner_all(client, nurse, colleague):
    for user, sees_other in (
        (StaffFactory(role="desk"), True),
        (StaffFactory(role="owner"), True),
        (nurse.user, False),
    ):
        client.force_login(user)
        for query in ("", "?with=colleague", "?format=csv", "?format=csv&with=colleague"):
            assert ("Demo Colleague" in client.get(PAGE + query).content.decode()) is sees_other
    client.force_login(StaffFactory(role="practitioner"))
    assert "You have no diary of your own" in words(client.get(PAGE))


def test_the_bar_is_as_long_as_its_number(desk, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(9), minutes=120)

    page = soup(desk.get(f"{PAGE}?period=week&with=nurse"))

    rows = {row.th.get_text(strip=True): row for row in page.select("[aria-labelledby=bars-h] tbody tr")}
    assert rows["Tue 2 Mar"].select_one(".bar__used")["width"] == "25"
    assert "25 %" in rows["Tue 2 Mar"].get_text()
    assert "2:00 of 8:00" in rows["Tue 2 Mar"].get_text()
    assert "closed" in rows["Sun 7 Mar"].get_text()
    assert not rows["Sun 7 Mar"].select("rect")
    assert "style=" not in str(page)


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("", "1 to 7 March 2027"),
        ("?period=day", "Wednesday 3 March"),
        ("?period=month&day=2027-02-10", "February 2027"),
        ("?period=week&day=2027-03-28", "22 to 28 March 2027"),
        ("?period=year&day=tomorrow&with=nobody", "1 to 7 March 2027"),
        ("?period=%00&day=%00&with=%00", "1 to 7 March 2027"),
        ("?period=month&day=2000-01-01", "January 2000"),
        ("?period=week&day=2099-12-31", "28 December 2099 to 3 January 2100"),
    ],
)
def test_periods_and_what_makes_no_sense(desk, nurse, query, heading):
    answer = desk.get(PAGE + query)

    assert answer.status_code == 200
    assert heading in soup(answer).h1.get_text()


def test_a_period_to_come_says_that_it_is_not_over(desk, nurse):
    assert "is not over" in words(desk.get(PAGE))
    assert "is not over" not in words(desk.get(f"{PAGE}?day=2027-02-20"))


def test_where_there_is_nothing_it_says_so(desk, nurse):
    page = desk.get(f"{PAGE}?day=2025-01-10")

    assert "Nothing to count" in words(page)
    assert "format=csv" not in page.content.decode()


def test_the_numbers_are_downloaded(desk, nurse, colleague):
    AppointmentFactory(practitioner=nurse, starts_at=at(9), minutes=120)

    answer = desk.get(f"{PAGE}?period=month&format=csv&with=nurse")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="numbers-month-2027-03-01.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["Practitioner"], row["From"], row["Visits"]) for row in rows] == [
        ("Demo Nurse", "2027-03-01", "1"),
        ("All", "2027-03-01", "1"),
        ("Demo Nurse", "2027-02-01", "0"),
        ("All", "2027-02-01", "0"),
    ]


def test_the_page_asks_as_much_of_the_database_for_many_as_for_one(desk, nurse, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        desk.get(PAGE)
    for n in range(5):
        person = practitioner(f"Demo Nurse {n}", f"nurse-{n}")
        for hour in range(9, 17):
            AppointmentFactory(practitioner=person, starts_at=at(hour))
    with django_assert_max_num_queries(10):
        desk.get(f"{PAGE}?period=month")
