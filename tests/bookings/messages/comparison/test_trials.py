from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.messages.comparison.trials import reminders
from bookings.messages.comparison.verdict import TO_SEE_IT, Kind
from bookings.messages.delivery.loop import run_until_done
from bookings.messages.models import Message, Wording
from bookings.messages.sender import Sender
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from tests.factories.bookings import AppointmentFactory, WordingFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SINCE = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def pair():
    return wordings()


def wordings(**fields):
    return [WordingFactory(variant=variant, text_since=SINCE, **fields) for variant in "AB"]


def visit(status=Status.COMPLETED, starts_at=NOW - 2 * DAY, **fields):
    if status == Status.CANCELLED:
        fields["cancelled_at"] = starts_at - HOUR
    return AppointmentFactory(status=status, starts_at=starts_at, **fields)


def reminded(wording, appointment=None, **fields):
    appointment = appointment or visit()
    sent_at = fields.pop("sent_at", appointment.starts_at - DAY)
    given = {
        "kind": "reminder",
        "channel": wording.channel,
        "state": "sent",
        "recipient": "jo@example.com",
        "expires_at": appointment.starts_at,
        **fields,
    }
    return Message.objects.create(
        key=f"{appointment.pk}:{Message.objects.count()}",
        wording=wording,
        appointment=appointment,
        patient=appointment.patient,
        sent_at=sent_at,
        due_at=min(sent_at or NOW, given["expires_at"] - HOUR),
        **given,
    )


def the_trial(now=NOW):
    (trial,), alone = reminders(now)
    assert not alone
    return trial


def ends(arm):
    found = {name: getattr(arm, name) for name in ("ahead", "called_off", "unrecorded", "attended", "missed")}
    return {name: number for name, number in found.items() if number}


def test_every_end_is_counted_as_what_it_is(pair):
    a, b = pair
    for status in (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED):
        reminded(a, visit(status))
    reminded(a, visit(Status.NO_SHOW))
    reminded(b, visit(Status.NO_SHOW))
    reminded(b, visit(Status.CANCELLED))
    for status in (Status.BOOKED, Status.CONFIRMED):
        reminded(b, visit(status))
        reminded(b, visit(status, NOW + HOUR), sent_at=NOW - HOUR)

    trial = the_trial()

    assert ends(trial.a) == {"attended": 3, "missed": 1}
    assert ends(trial.b) == {"missed": 1, "called_off": 1, "unrecorded": 2, "ahead": 2}
    assert (trial.a.reminded, trial.b.reminded) == (4, 6)
    assert (trial.a.share_missed.hits, trial.a.share_missed.of, trial.known) == (1, 4, 1)
    assert (trial.since, trial.is_running, trial.verdict.kind) == (SINCE, True, Kind.EARLY)


def test_a_visit_that_goes_on_right_now_is_still_to_come(pair):
    reminded(pair[0], visit(Status.BOOKED, NOW - timedelta(minutes=10)))
    assert ends(the_trial().a) == {"ahead": 1}


def test_a_visit_moved_after_its_reminder_was_not_missed_then(pair):
    moved = visit(Status.NO_SHOW)
    reminded(pair[0], moved)
    later = span(NOW - DAY, NOW - DAY + HOUR)
    Appointment.objects.filter(pk=moved.pk).update(during=later, occupied=later)
    assert ends(the_trial().a) == {"called_off": 1}

    moved.refresh_from_db()
    reminded(pair[0], moved)
    assert ends(the_trial().a) == {"missed": 1}


def test_a_visit_counts_once_where_its_last_reminder_was(pair):
    a, b = pair
    both = visit(Status.NO_SHOW)
    reminded(a, both, sent_at=both.starts_at - 7 * DAY)
    reminded(b, both, sent_at=both.starts_at - 2 * DAY)
    reminded(b, both, sent_at=both.starts_at - 1 * DAY)

    trial = the_trial()

    assert (ends(trial.a), ends(trial.b)) == ({}, {"missed": 1})


def test_only_what_was_sent_counts_and_only_since_both_read_as_they_do(pair):
    a, b = pair
    for state in ("planned", "failed", "unknown", "expired", "withdrawn"):
        reminded(a, state=state, sent_at=None)
    reminded(a, sent_at=SINCE - HOUR)
    reminded(a, sent_at=SINCE)
    reminded(a, kind="follow_up", expires_at=NOW)

    assert ends(the_trial().a) == {"attended": 1}

    Wording.objects.filter(pk=b.pk).update(text_since=SINCE + HOUR)
    trial = the_trial()
    assert (ends(trial.a), trial.since) == ({}, SINCE + HOUR)


def test_a_trial_looks_at_its_own_reminder_only():
    text, email, asking = wordings(channel="sms", subject=""), wordings(), wordings(asks_to_confirm=True)
    alone = WordingFactory(variant="A", channel="sms", subject="", asks_to_confirm=True, text_since=SINCE)
    one = visit(Status.NO_SHOW)
    reminded(text[0], one)
    reminded(email[1], one)
    reminded(alone)

    trials, others = reminders(NOW)

    assert [trial.a.wording for trial in trials] == [email[0], asking[0], text[0]]
    assert [(ends(trial.a), ends(trial.b)) for trial in trials] == [({}, {"missed": 1}), ({}, {}), ({"missed": 1}, {})]
    assert others == [alone]


def test_once_one_wording_is_put_away_the_other_counts_no_further(pair):
    a, b = pair
    reminded(a, sent_at=NOW - 9 * DAY)
    reminded(b, sent_at=NOW - 8 * DAY)
    reminded(a, sent_at=NOW - 7 * DAY)
    assert ends(the_trial().a) == {"attended": 2}

    Wording.objects.filter(pk=b.pk).update(is_active=False)
    trial = the_trial()

    assert not trial.is_running
    assert (ends(trial.a), ends(trial.b)) == ({"attended": 1}, {"attended": 1})


def test_how_long_it_still_takes_goes_by_the_pace_so_far(pair):
    a, b = pair
    assert the_trial().still_takes(NOW) is None
    for _ in range(2):
        reminded(a)
    reminded(b)

    trial = the_trial()

    assert trial.still_takes(NOW) == (NOW - SINCE) * (TO_SEE_IT - 1)
    assert trial.still_takes(SINCE + HOUR) is None
    Wording.objects.filter(pk=b.pk).update(is_active=False)
    assert the_trial().still_takes(NOW) is None


def test_the_statements_are_two_however_many_visits(pair, django_assert_num_queries):
    for number in (1, 15):
        for _ in range(number):
            reminded(pair[0])
            reminded(pair[1])
        with django_assert_num_queries(2):
            reminders(NOW)
    Wording.objects.all().delete()
    with django_assert_num_queries(1):
        assert reminders(NOW) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_what_the_loop_sends_is_counted_with_the_wording_it_bore(pair):
    for number in range(16):
        coming = visit(Status.BOOKED, NOW + DAY)
        Message.objects.create(
            key=f"due:{number}",
            kind="reminder",
            channel="email",
            appointment=coming,
            appointment_version=coming.version,
            patient=coming.patient,
            recipient=coming.patient.email,
            due_at=NOW,
            expires_at=coming.starts_at,
        )

    with Sender() as send:
        run_until_done(clock=lambda: NOW, send=send)

    trial = the_trial(NOW + HOUR)
    assert trial.a.ahead == Message.objects.filter(wording=pair[0], state="sent").count() > 0
    assert trial.b.ahead == Message.objects.filter(wording=pair[1], state="sent").count() > 0
    assert trial.a.reminded + trial.b.reminded == 16
