from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from bookings.messages.delivery import queue
from bookings.messages.delivery.loop import run_once
from bookings.messages.delivery.outcomes import Outcome
from bookings.messages.delivery.queue import claim, oldest_overdue
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.patients.models import Patient
from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused, Sent
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


class Outbox:
    """Takes what is sent, or raises what it is told to."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.keys = []

    def __call__(self, message, now):
        if self.errors and (error := self.errors.pop(0)):
            raise error
        self.keys.append(message.key)
        return Sent(subject="Subject", text="Text")


def due_message(channel="email", *, visit=None, **values):
    visit = visit or AppointmentFactory(starts_at=VISIT)
    return Message.objects.create(
        **{
            "key": f"test:{Message.objects.count()}",
            "kind": "moved",
            "channel": channel,
            "appointment": visit,
            "appointment_version": visit.version,
            "patient": visit.patient,
            "recipient": "old@example.com",
            "due_at": NOW,
            "expires_at": VISIT,
        }
        | values
    )


def test_a_due_message_is_sent_once_and_kept():
    message = due_message()
    outbox = Outbox()

    assert run_once(now=NOW, send=outbox) == Counter({Outcome.SENT: 1})
    assert run_once(now=NOW, send=outbox).total() == 0

    message.refresh_from_db()
    assert (message.state, message.subject, message.body, message.attempts) == ("sent", "Subject", "Text", 1)
    assert message.recipient == message.patient.email


def test_what_the_provider_calls_it_is_kept():
    message = due_message("sms")

    run_once(now=NOW, send=lambda *_: Sent("", "Text", provider_id="SM123"))

    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("sent", "SM123")


def test_nothing_goes_out_before_it_is_due():
    due_message(due_at=NOW + timedelta(seconds=1))

    assert run_once(now=NOW, send=Outbox()).total() == 0


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.NO_SHOW])
def test_a_visit_no_longer_to_come_is_not_written_about(status):
    message = due_message()
    message.appointment.status = status
    message.appointment.save()

    assert run_once(now=NOW, send=Outbox()) == Counter({Outcome.WITHDRAWN: 1})


def test_a_visit_that_staff_confirmed_keeps_its_reminders():
    message = due_message(kind="reminder")
    message.appointment.status, message.appointment.version = Status.CONFIRMED, 2
    message.appointment.save()

    assert run_once(now=NOW, send=Outbox()) == Counter({Outcome.SENT: 1})


def test_a_message_never_tells_of_a_time_that_the_visit_no_longer_has():
    message = due_message()
    visit = message.appointment
    visit.during = visit.occupied = span(VISIT + timedelta(hours=1), VISIT + timedelta(hours=2))
    visit.save()

    assert run_once(now=NOW, send=Outbox()) == Counter({Outcome.WITHDRAWN: 1})


def test_a_move_wins_against_a_loop_that_took_the_message_but_has_not_begun():
    due_message(due_at=NOW - timedelta(minutes=1))
    second = due_message()
    keys = []

    def send(message, now):
        keys.append(message.key)
        visit_messages.withdraw(second.appointment)
        return Sent("Subject", "Text")

    assert run_once(now=NOW, send=send) == Counter({Outcome.SENT: 1, Outcome.OVERTAKEN: 1})
    assert second.key not in keys


def test_nothing_goes_out_once_the_visit_has_begun():
    message = due_message()

    run_once(now=VISIT, send=(outbox := Outbox()))

    message.refresh_from_db()
    assert (message.state, outbox.keys) == ("expired", [])


def test_a_failure_is_retried_with_growing_pauses_until_the_visit():
    message = due_message(expires_at=VISIT)
    now, pauses = NOW, []
    while (message.refresh_from_db() or message.state) == "planned" and len(pauses) < 400:
        run_once(now=now, send=Outbox(ValueError("poison")))
        message.refresh_from_db()
        pauses.append((message.due_at - now).total_seconds())
        now = message.due_at

    assert [round(pause) for pause in pauses[:6]] == [30, 120, 600, 1800, 3600, 3600]
    assert message.state == "failed"
    assert now < VISIT
    assert "poison" in message.error


def test_a_poison_message_stops_nobody_else():
    due_message(due_at=NOW - timedelta(minutes=1))
    due_message()

    assert run_once(now=NOW, send=Outbox(ZeroDivisionError())) == Counter({Outcome.AGAIN: 1, Outcome.SENT: 1})


def test_a_refusal_is_final():
    message = due_message()

    assert run_once(now=NOW, send=Outbox(Refused("550 no such person"))) == Counter({Outcome.FAILED: 1})
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "550 no such person")


def test_an_outage_stops_one_channel_for_the_round_and_shows_as_overdue():
    for _ in range(3):
        due_message()
    due_message("sms")
    outbox = Outbox(ProviderDown("away"))

    counts = run_once(now=NOW, send=outbox)

    assert counts == Counter({Outcome.DOWN: 1, Outcome.PUT_BACK: 2, Outcome.SENT: 1})
    later = NOW + timedelta(seconds=31)
    assert oldest_overdue(later) == timedelta(seconds=31)
    assert run_once(now=later, send=outbox) == Counter({Outcome.SENT: 3})


def expiring_in(span):
    return due_message(visit=AppointmentFactory(starts_at=NOW + span), expires_at=NOW + span)


def away(wait):
    return ProviderDown("429 Too Many Requests", retry_after=wait)


def test_a_provider_that_says_when_to_come_back_is_left_alone_until_then():
    for _ in range(3):
        due_message()
    outbox = Outbox(away(timedelta(minutes=20)))

    counts = run_once(now=NOW, send=outbox, limit=2)

    assert counts == Counter({Outcome.DOWN: 1, Outcome.PUT_BACK: 1})
    assert run_once(now=NOW + timedelta(minutes=19), send=outbox).total() == 0  # nor for the third, not taken yet
    assert run_once(now=NOW + timedelta(minutes=20, seconds=1), send=outbox) == Counter({Outcome.SENT: 3})


def test_a_message_is_tried_once_more_before_it_expires_however_long_the_provider_asks_for():
    urgent, other = (expiring_in(timedelta(minutes=minutes)) for minutes in (10, 12))
    run_once(now=NOW, send=Outbox(away(timedelta(days=1))))

    for message, minutes in ((urgent, 9), (other, 11)):
        message.refresh_from_db()
        assert (message.state, message.retry_at) == ("planned", NOW + timedelta(minutes=minutes))
    assert run_once(now=NOW + timedelta(minutes=9, seconds=1), send=Outbox())[Outcome.SENT] == 1


def test_an_outage_that_outlasts_a_message_fails_it():
    message = expiring_in(timedelta(seconds=30))

    assert run_once(now=NOW, send=Outbox(away(timedelta(hours=1)))) == Counter({Outcome.FAILED: 1})
    message.refresh_from_db()
    assert message.state == "failed"


def test_one_full_mailbox_is_not_an_outage():
    due_message()

    run_once(now=NOW, send=Outbox(RuntimeError("452 mailbox full")))

    assert oldest_overdue(NOW + timedelta(seconds=29)) == timedelta()


def test_a_text_message_perhaps_sent_is_never_sent_again():
    message = due_message("sms")

    run_once(now=NOW, send=Outbox(PerhapsSent("timeout")))
    run_once(now=NOW + timedelta(days=1), send=(outbox := Outbox()))

    message.refresh_from_db()
    assert (message.state, outbox.keys) == ("unknown", [])


@pytest.mark.parametrize(("channel", "state", "sent_again"), [("email", "sent", 1), ("sms", "unknown", 0)])
def test_a_crash_between_sending_and_marking(channel, state, sent_again):
    message = due_message(channel)
    with pytest.raises(KeyboardInterrupt):
        run_once(now=NOW, send=Outbox(KeyboardInterrupt()))

    outbox = Outbox()
    for minutes in range(1, 10):
        run_once(now=NOW + timedelta(minutes=minutes), send=outbox)

    message.refresh_from_db()
    assert (message.state, len(outbox.keys)) == (state, sent_again)


def test_a_crash_before_sending_loses_no_text_message():
    message = due_message("sms")
    claim(now=NOW)

    run_once(now=NOW + timedelta(minutes=2), send=Outbox())

    message.refresh_from_db()
    assert message.state == "sent"


def test_a_slow_provider_that_succeeds_after_all_ends_the_doubt():
    message = due_message("sms")

    def slow(message, now):
        queue.settle(now + timedelta(minutes=10))
        return Sent("", "Text")

    run_once(now=NOW, send=slow)

    message.refresh_from_db()
    assert (message.state, message.body) == ("sent", "Text")


def test_what_the_provider_reported_as_delivered_is_sent_though_the_loop_died():
    message = due_message("sms")
    with pytest.raises(KeyboardInterrupt):
        run_once(now=NOW, send=Outbox(KeyboardInterrupt()))
    Message.objects.update(delivered_at=NOW + timedelta(seconds=9))

    run_once(now=NOW + timedelta(minutes=10), send=(outbox := Outbox()))

    message.refresh_from_db()
    assert (message.state, message.sent_at, outbox.keys) == ("sent", message.started_at, [])


@pytest.mark.parametrize("what", ["visit", "patient"])
def test_what_changes_while_the_batch_goes_out_is_seen(what):
    due_message(due_at=NOW - timedelta(minutes=1))
    second = due_message()
    recipients = []

    def send(message, now):
        recipients.append(message.recipient)
        if what == "visit":
            Appointment.objects.filter(pk=second.appointment_id).update(status=Status.NO_SHOW)
        else:
            Patient.objects.filter(pk=second.patient_id).update(email="new@example.com")
        return Sent("Subject", "Text")

    counts = run_once(now=NOW, send=send)

    if what == "visit":
        assert counts == Counter({Outcome.SENT: 1, Outcome.WITHDRAWN: 1})
    else:
        assert recipients[1] == "new@example.com"


def test_stopping_puts_back_what_was_taken():
    message = due_message()

    assert run_once(now=NOW, send=Outbox(), should_stop=lambda: True) == Counter({Outcome.PUT_BACK: 1})
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("planned", 0)


def test_a_change_of_preference_turns_the_reminder_over_to_the_other_channel():
    visit = AppointmentFactory(starts_at=VISIT, patient__contact_by=Patient.Channel.EMAIL)
    visit_messages.plan_booked(visit, NOW)
    visit.patient.contact_by = Patient.Channel.SMS
    visit.patient.save()
    outbox = Outbox()

    for hours in range(7 * 24):
        run_once(now=NOW + timedelta(hours=hours), send=outbox)

    prefix = f"visit:{visit.pk}:v1"
    assert outbox.keys == [f"{prefix}:confirmation:email", f"{prefix}:reminder-24h-instead:sms"]


def test_a_preference_that_changes_to_and_fro_loses_no_reminder():
    visit = AppointmentFactory(starts_at=VISIT, patient__contact_by=Patient.Channel.EMAIL)
    visit_messages.plan_booked(visit, NOW)
    outbox = Outbox()
    run_once(now=NOW, send=outbox)
    due = VISIT - timedelta(hours=24)
    for channel in (Patient.Channel.SMS, Patient.Channel.EMAIL, Patient.Channel.SMS, Patient.Channel.EMAIL):
        Message.objects.filter(state="planned").update(due_at=due)
        visit.patient.contact_by = channel
        visit.patient.save()
        down = Outbox(ProviderDown("away"))
        run_once(now=due, send=down)
        due += timedelta(minutes=2)

    run_once(now=due + timedelta(minutes=5), send=outbox)

    reminders = Message.objects.filter(kind="reminder")
    assert reminders.filter(state="sent", channel="email").count() == 1
    assert not reminders.filter(state="planned").exists()


def test_a_late_reminder_waits_for_the_morning():
    message = due_message(kind="reminder", due_at=datetime(2026, 11, 22, 20, 30, tzinfo=UTC))

    counts = run_once(now=datetime(2026, 11, 22, 23, tzinfo=UTC), send=Outbox())

    assert counts == Counter({Outcome.POSTPONED: 1})
    message.refresh_from_db()
    assert message.due_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_the_loop_leaves_a_heartbeat():
    assert queue.heartbeat_age(NOW) is None

    run_once(now=NOW, send=Outbox())

    assert queue.heartbeat_age(NOW + timedelta(seconds=5)) == timedelta(seconds=5)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_four_loops_at_once_send_each_message_once():
    visit = AppointmentFactory(starts_at=VISIT)
    rows = [
        Message(
            key=f"race:{number}", kind="moved", channel="email", appointment=visit, patient=visit.patient,
            recipient="x@example.com", due_at=NOW, expires_at=VISIT,
        )
        for number in range(200)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)
    outbox, start, counts = Outbox(), threading.Barrier(4), []

    def loop():
        start.wait()
        try:
            while total := run_once(now=NOW, send=outbox, limit=10):
                counts.append(total)
        finally:
            connection.close()

    threads = [threading.Thread(target=loop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(outbox.keys) == {row.key: 1 for row in rows}
    assert sum(counts, Counter()) == Counter({Outcome.SENT: 200})
    assert Message.objects.filter(state="sent", attempts=1).count() == 200


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_marked_though_the_next_is_held_by_someone_who_takes_long():
    first, second = due_message(due_at=NOW - timedelta(minutes=1)), due_message()
    is_held, may_go = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Message.objects.select_for_update().get(pk=second.pk)
                is_held.set()
                may_go.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=hold)

    def send(message, now):
        other.start()
        is_held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
        return Sent("Subject", "Text")

    try:
        with pytest.raises(OperationalError):
            run_once(now=NOW, send=send)
    finally:
        may_go.set()
        other.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    first.refresh_from_db()
    assert (first.state, first.body) == ("sent", "Text")


def test_words_that_are_too_long_to_keep_do_not_go_out_again():
    message = due_message()

    run_once(now=NOW, send=lambda *_: Sent("S" * 300, "a\0b", provider_id="P" * 300))
    run_once(now=NOW + timedelta(hours=1), send=(outbox := Outbox()))

    message.refresh_from_db()
    assert (message.state, len(message.subject), message.body, outbox.keys) == ("sent", 200, "ab", [])


@pytest.mark.parametrize("rows", [0, 1, 1000])
@pytest.mark.parametrize(
    "turned_off", ["hashjoin", "hashjoin, mergejoin, material", "hashjoin, mergejoin, indexscan, bitmapscan"]
)
def test_no_plan_takes_more_than_asked_for(rows, turned_off):
    """A subquery that locks may be run again for each row of a nested loop, and takes other rows then."""
    for _ in range(5):
        due_message()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = %s, relpages = 1 WHERE oid = 'bookings_message'::regclass", [rows]
        )
        for plan in turned_off.split(", "):
            cursor.execute(f"SET LOCAL enable_{plan} = off")

    assert len(claim(now=NOW, limit=2)) == 2
