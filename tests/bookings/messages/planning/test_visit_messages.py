from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.messages.models import Message
from bookings.messages.planning import links, visit_messages
from bookings.timetable.ranges import span
from bookings.visits.models.statuses import Status
from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory, PractitionerFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def book(contact_by=Patient.Channel.BOTH, starts_at=VISIT, now=NOW):
    visit = AppointmentFactory(starts_at=starts_at, patient=PatientFactory(contact_by=contact_by))
    visit_messages.plan_booked(visit, now)
    return visit


def move(visit, starts_at, *, now=NOW, by_staff=False, practitioner=None):
    visit.during = visit.occupied = span(starts_at, starts_at + timedelta(minutes=30))
    visit.practitioner = practitioner or visit.practitioner
    visit.version += 1
    visit.save()
    return visit_messages.plan_moved(visit, now, by_staff=by_staff)


def cancel(visit, *, now=NOW, by_staff=False):
    visit.status, visit.cancelled_at, visit.version = Status.CANCELLED, now, visit.version + 1
    visit.save()
    return visit_messages.plan_cancelled(visit, now, by_staff=by_staff)


def planned(visit):
    return {(row.kind, row.channel, row.due_at) for row in visit.messages.filter(state=Message.State.PLANNED)}


def sent(visit, **which):
    visit.messages.filter(**which).update(state=Message.State.SENT, sent_at=NOW, started_at=NOW)


def test_booking_plans_a_confirmation_and_two_reminders_in_two_statements(django_assert_num_queries):
    visit = AppointmentFactory(starts_at=VISIT)

    with django_assert_num_queries(2):  # the rules, and the rows
        visit_messages.plan_booked(visit, NOW)

    assert planned(visit) == {
        ("confirmation", "email", NOW),
        ("reminder", "email", VISIT - timedelta(hours=48)),
        ("reminder", "sms", VISIT - timedelta(hours=24)),
    }
    assert set(visit.messages.values_list("expires_at", flat=True)) == {VISIT}
    assert visit.messages.filter(key=f"visit:{visit.pk}:v1:reminder-48h:email").exists()


def test_who_has_read_the_rules_hands_them_on(django_assert_num_queries):
    visit = AppointmentFactory(starts_at=VISIT)
    rules = visit_messages.active_rules()

    with django_assert_num_queries(1):
        visit_messages.plan_booked(visit, NOW, rules=rules)

    assert visit.messages.count() == 3


@pytest.mark.parametrize(
    ("contact_by", "expected"),
    [
        ("email", {("confirmation", "email"), ("reminder", "email")}),
        ("sms", {("confirmation", "email"), ("reminder", "sms")}),
    ],
)
def test_reminders_come_the_way_the_patient_chose(contact_by, expected):
    visit = book(contact_by)

    assert {(kind, channel) for kind, channel, _due in planned(visit)} == expected


def test_moving_withdraws_what_told_of_the_old_time_and_plans_anew():
    visit = book()
    sent(visit, kind="confirmation")

    move(visit, VISIT + timedelta(days=1))

    assert planned(visit) == {
        ("moved", "email", NOW),
        ("reminder", "email", VISIT - timedelta(hours=24)),
        ("reminder", "sms", VISIT),
    }
    assert visit.messages.filter(state="withdrawn", appointment_version=1).count() == 2


def test_moving_before_the_confirmation_went_out_confirms_the_new_time():
    visit = book()

    move(visit, VISIT + timedelta(days=1))

    assert {kind for kind, _channel, _due in planned(visit)} == {"confirmation", "reminder"}


def test_a_move_by_staff_waits_three_minutes_and_replaces_the_one_before():
    visit = book()
    sent(visit, kind="confirmation")

    move(visit, VISIT + timedelta(days=1), by_staff=True)
    move(visit, VISIT + timedelta(days=2), by_staff=True, now=NOW + timedelta(minutes=1))

    notices = {row for row in planned(visit) if row[0] == "moved"}
    due = NOW + timedelta(minutes=4)
    assert notices == {("moved", "email", due), ("moved", "sms", due)}


def test_a_move_by_staff_that_is_undone_in_time_tells_nothing():
    visit = book()
    sent(visit, kind="confirmation")

    move(visit, VISIT + timedelta(days=1), by_staff=True)
    move(visit, VISIT, by_staff=True, now=NOW + timedelta(minutes=1))

    assert {kind for kind, _channel, _due in planned(visit)} == {"reminder"}


def test_a_move_back_with_another_practitioner_is_told():
    visit = book()
    sent(visit, kind="confirmation")

    move(visit, VISIT + timedelta(days=1), by_staff=True)
    move(visit, VISIT, by_staff=True, practitioner=PractitionerFactory())

    assert "moved" in {kind for kind, _channel, _due in planned(visit)}


def test_an_undo_is_seen_for_a_visit_that_no_message_ever_told_of():
    visit = AppointmentFactory(starts_at=VISIT)

    move(visit, VISIT + timedelta(days=1), by_staff=True)
    move(visit, VISIT, by_staff=True)

    assert {kind for kind, _channel, _due in planned(visit)} == {"reminder"}


def test_cancelling_withdraws_everything_and_says_so():
    visit = book()
    sent(visit, kind="confirmation")

    cancel(visit)

    assert planned(visit) == {("cancelled", "email", NOW)}


def test_a_visit_that_has_begun_is_not_written_about():
    visit = book()

    cancel(visit, now=VISIT + timedelta(minutes=1), by_staff=True)

    assert planned(visit) == set()


def restore(visit):
    visit.status, visit.cancelled_at, visit.version = Status.BOOKED, None, visit.version + 1
    visit.save()
    return visit_messages.plan_restored(visit, NOW)


def kinds(rows):
    return {row.kind for row in rows}


def test_a_cancellation_by_staff_that_is_undone_in_time_tells_nothing():
    visit = book()
    sent(visit, kind="confirmation")
    cancel(visit, by_staff=True)

    assert kinds(restore(visit)) == {"reminder"}
    assert {kind for kind, _channel, _due in planned(visit)} == {"reminder"}


def test_a_restored_visit_is_confirmed_anew_if_its_cancellation_went_out():
    visit = book()
    sent(visit, kind="confirmation")
    cancel(visit)
    sent(visit, kind="cancelled")

    restore(visit)

    assert ("confirmation", "email", NOW) in planned(visit)


def test_a_restored_visit_is_confirmed_if_its_confirmation_was_taken_back_unsent():
    visit = book()
    cancel(visit, by_staff=True)

    assert kinds(restore(visit)) == {"confirmation", "reminder"}


def test_a_restored_visit_is_confirmed_if_its_new_time_was_not_told_yet():
    visit = book()
    sent(visit, kind="confirmation")
    move(visit, VISIT + timedelta(hours=1), by_staff=True)
    cancel(visit, by_staff=True)

    assert kinds(restore(visit)) == {"confirmation", "reminder"}


def test_a_visit_that_was_never_to_be_confirmed_is_not_when_it_is_restored():
    visit = AppointmentFactory(starts_at=VISIT)
    cancel(visit, by_staff=True)

    assert kinds(restore(visit)) == {"reminder"}


def test_a_restored_visit_that_is_moved_and_moved_back_is_told_if_its_cancellation_went_out():
    visit = book()
    sent(visit, kind="confirmation")
    cancel(visit)
    sent(visit, kind="cancelled")
    restore(visit)
    move(visit, VISIT + timedelta(hours=1), by_staff=True)

    assert kinds(move(visit, VISIT, by_staff=True)) == {"confirmation", "reminder"}


def test_links_go_to_an_address_that_has_a_coming_visit_once_in_five_minutes():
    visit = book()

    first = links.plan_links(visit.patient.email.upper(), NOW)
    second = links.plan_links(visit.patient.email, NOW)

    assert first is not None
    assert first.recipient == visit.patient.email
    assert second is None


def test_links_of_a_stranger_are_nothing():
    assert links.plan_links("stranger@example.com", NOW) is None
    assert Message.objects.count() == 0
