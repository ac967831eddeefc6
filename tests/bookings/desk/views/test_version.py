"""The poll of an open diary: nothing while the day stands, its new version once it changed, whoever changed it."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction

from bookings.desk.models import DayChange, forget_old_changes
from bookings.tasks import forget_old_keys
from bookings.timetable.models import ExtraHours, OpenedHoliday, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core import clock
from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory, UserFactory

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
URL = "/diary/version/"


def at(hour, day=TUESDAY):
    return datetime.combine(day, time(hour), tzinfo=clock.LONDON)


@pytest.fixture(autouse=True)
def _ten_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def nurse(db):
    return PractitionerFactory(offers=[TreatmentFactory()])


@pytest.fixture
def visit(nurse):
    return AppointmentFactory(practitioner=nurse, starts_at=at(10))


@pytest.fixture
def desk(client, db):
    client.force_login(StaffFactory(role="desk"))
    return client


def version(client, day=TUESDAY):
    return client.get(URL, {"day": str(day)}).content.decode()


def test_nothing_while_the_day_stands_in_one_statement_after_those_of_the_session(
    desk, visit, django_assert_num_queries
):
    shown = version(desk)

    with django_assert_num_queries(3):
        answer = desk.get(URL, {"day": "2026-11-24", "v": shown})

    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer["Cache-Control"]


def test_the_page_carries_the_version_that_the_poll_confirms(desk, visit, nurse):
    working_week(nurse, LocationFactory())
    desk.get("/diary/")  # the settings that the first page makes
    shown = desk.get("/diary/").context["version"]

    assert desk.get(URL, {"v": shown}).status_code == 204
    Appointment.objects.update(was_cancelled_late=True)
    assert desk.get(URL, {"v": shown}).status_code == 200
    assert version(desk) == desk.get("/diary/").context["version"]


def test_a_change_of_one_day_is_none_of_another_and_a_move_is_one_of_both(desk, visit):
    former = version(desk), version(desk, WEDNESDAY)

    Appointment.objects.update(was_cancelled_late=True)
    noted = version(desk), version(desk, WEDNESDAY)
    tomorrow = span(at(10, WEDNESDAY), at(11, WEDNESDAY))
    Appointment.objects.update(during=tomorrow, occupied=tomorrow)
    moved = version(desk), version(desk, WEDNESDAY)

    assert noted[0] != former[0]
    assert noted[1] == former[1]
    assert moved[0] != noted[0]
    assert moved[1] != noted[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda nurse, visit: visit.delete(),
        lambda nurse, visit: AppointmentFactory(practitioner=nurse, starts_at=at(14)),
        lambda nurse, visit: TimeOff.objects.create(practitioner=nurse, during=span(at(0, date(2026, 11, 20)), at(12))),
        lambda nurse, visit: ExtraHours.objects.create(
            practitioner=nurse, location=visit.location, during=span(at(18), at(19))
        ),
        lambda nurse, visit: working_week(nurse, visit.location),
        lambda nurse, visit: OpenedHoliday.objects.create(day=date(2026, 12, 25)),
        lambda nurse, visit: type(nurse).objects.update(is_bookable=False),
        lambda nurse, visit: Patient.objects.update(full_name="Jo New"),
    ],
)
def test_whatever_the_page_shows_makes_a_new_version(desk, nurse, visit, change):
    former = version(desk)

    change(nurse, visit)

    assert version(desk) != former


def test_what_changes_nothing_makes_none(desk, visit):
    former = version(desk)

    visit.save()
    PatientFactory()
    WorkingHours.objects.update(ends_at=time(18))

    assert version(desk) == former


@pytest.mark.parametrize("day", ["", "never", "0001-01-01", "9999-99-99", "2026-11-24\x00"])
def test_a_day_that_makes_no_sense_is_today(desk, visit, day):
    assert desk.get(URL, {"day": day}).content.decode() == version(desk)


def test_only_who_may_see_the_diary_may_ask(client, db):
    assert client.get(URL).status_code == 302
    for user in (UserFactory(), StaffFactory(role="editor"), StaffFactory(role="owner", is_staff=False)):
        client.force_login(user)
        assert client.get(URL).status_code == 403
    client.force_login(user := StaffFactory(role="practitioner"))
    assert client.get(URL).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(URL).status_code == 302


def test_old_changes_are_forgotten_and_new_ones_stay(desk, visit):
    DayChange.objects.update(at=clock.now() - timedelta(days=4))
    AppointmentFactory(practitioner=visit.practitioner, starts_at=at(15))
    kept = set(DayChange.objects.filter(at__gte=clock.now()).values_list("pk", flat=True))

    forget_old_keys()

    assert set(DayChange.objects.values_list("pk", flat=True)) == kept != set()
    assert forget_old_changes(clock.now()) == 0


# --- two connections ---------------------------------------------------------------------------------------------------


def in_another_transaction(work, may_commit):
    """Run `work` on a connection of its own, and commit once `may_commit` is set; give thread and "it has written"."""
    has_written = threading.Event()

    def run():
        try:
            with transaction.atomic():
                work()
                has_written.set()
                assert may_commit.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    assert has_written.wait(20)
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_began_first_and_commits_last_is_not_missed(client):
    """It took the lower id: `max(id)` of the changes would stay as it is when it commits."""
    client.force_login(StaffFactory(role="desk"))
    nurse = PractitionerFactory(offers=[TreatmentFactory()])
    first, second = (AppointmentFactory(practitioner=nurse, starts_at=at(hour)) for hour in (10, 12))
    may_commit = threading.Event()
    slow = in_another_transaction(
        lambda: Appointment.objects.filter(pk=first.pk).update(was_cancelled_late=True), may_commit
    )
    with connection.cursor() as cursor:  # neither waits for the other
        cursor.execute("SET lock_timeout = '2s'")

    Appointment.objects.filter(pk=second.pk).update(was_cancelled_late=True)
    between = version(client)
    newest = DayChange.objects.latest("pk").pk
    may_commit.set()
    slow.join(20)

    assert DayChange.objects.latest("pk").pk == newest
    assert version(client) != between
