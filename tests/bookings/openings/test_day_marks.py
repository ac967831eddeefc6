"""Programs above mark the visits of a day in one statement, of those alone whom the reader may see."""

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection

from bookings.openings import day_marks
from bookings.openings.day_marks import DayMark
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory

pytestmark = pytest.mark.django_db
FORMS_IN = DayMark("check", "Forms in")


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def asked(monkeypatch):
    """Marks every visit by one statement, and keeps whom it was asked about."""
    asked = []

    def marker(visits):
        asked.append({visit.reference for visit in visits})
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {visit.pk: [FORMS_IN] for visit in visits}

    monkeypatch.setattr(day_marks, "_MARKERS", [marker])
    return asked


@pytest.fixture
def visits(nurse, treatment):
    return [AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(hour)) for hour in (9, 10, 11)]


def cards(client):
    page = client.get("/diary/?day=2027-03-02&view=list")
    return BeautifulSoup(page.content, "html.parser").select(".agenda__row[data-s]")


def test_all_visits_are_marked_by_one_statement(client, visits, asked, django_assert_num_queries, monkeypatch):
    client.force_login(StaffFactory(role="desk"))
    cards(client)

    with django_assert_num_queries(9):
        shown = cards(client)
    assert ["Forms in" in card.get_text() for card in shown] == [True, True, True]
    monkeypatch.setattr(day_marks, "_MARKERS", [])
    with django_assert_num_queries(8):
        assert not any("Forms in" in card.get_text() for card in cards(client))


def test_a_day_without_visits_is_not_asked_about(client, nurse, asked):
    client.force_login(StaffFactory(role="desk"))

    assert cards(client) == [] == asked


def test_of_a_colleagues_visits_nothing_is_asked_or_shown(client, visits, treatment, asked):
    mine = PractitionerFactory(user=StaffFactory(role="practitioner"))
    own = AppointmentFactory(practitioner=mine, treatment=treatment, starts_at=at(15))
    client.force_login(mine.user)

    assert ["Forms in" in card.get_text() for card in cards(client)].count(True) == 1
    assert asked == [{own.reference}]
