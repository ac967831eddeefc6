"""The answer to a held card: ranges for staff, nothing for others, and what was wrong in the question."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine

from bookings.visits.models import Appointment
from clinic.core import clock
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory, TreatmentFactory, UserFactory

URL, TUESDAY = "/diary/drop/", "2026-11-24"


@pytest.fixture(autouse=True)
def _ten_past_eight_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 8, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def visit(db):
    treatment, place = TreatmentFactory(duration_minutes=30), LocationFactory()
    nurse = PractitionerFactory(offers=[treatment])
    working_week(nurse, place)
    starts_at = datetime.combine(date(2026, 11, 24), time(10), tzinfo=clock.LONDON)
    return AppointmentFactory(practitioner=nurse, treatment=treatment, location=place, starts_at=starts_at, minutes=30)


@pytest.fixture
def desk(client, db):
    client.force_login(StaffFactory(role="desk"))
    return client


def test_a_held_card_is_told_where_it_can_go_in_a_few_statements(desk, visit, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        answer = desk.get(URL, {"visit": visit.reference, "day": TUESDAY})

    assert answer.json()["version"] == visit.version
    column = answer.json()["columns"][visit.practitioner.slug]
    assert [9 * 60, 9 * 60 + 5] in column["free"]
    assert column["refused"] == []
    assert visit.patient.full_name not in answer.content.decode()
    assert Appointment.objects.get().during == visit.during


def test_only_those_who_see_the_diary_are_told(client, visit):
    question = {"visit": visit.reference, "day": TUESDAY}
    assert client.get(URL, question).status_code == 302
    for user in (UserFactory(), StaffFactory(role="editor")):
        client.force_login(user)
        assert client.get(URL, question).status_code == 403


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"day": "soon"}, 400),
        ({"day": ""}, 400),
        ({"with": "rowan"}, 400),
        ({"visit": "nobody"}, 404),
        ({"visit": ""}, 404),
    ],
)
def test_what_is_wrong_in_the_question_is_said(desk, visit, question, status):
    answer = desk.get(URL, {"visit": visit.reference, "day": TUESDAY} | question)

    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]


def test_a_visit_that_is_over_has_nowhere_to_go(desk, visit):
    Appointment.objects.update(status="completed")

    assert desk.get(URL, {"visit": visit.reference, "day": TUESDAY}).status_code == 409
    assert desk.post(URL).status_code == 405
