"""The message loop: an idle look at a long history, many due at once against a bare SMTP loop, a minute with many due."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection, connections

from benchmarks import provider, records, replay
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import PROJECT, bare_connection
from bookings.messages.channels.email import render
from bookings.messages.delivery.loop import run_until_done
from bookings.messages.models import Message
from bookings.messages.sender import Sender
from bookings.tasks import send_due_messages
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.sending.mail import Letter

_STORED = """
INSERT INTO bookings_message (id, key, kind, channel, recipient, due_at, expires_at, state, attempts, subject, body,
    error, sent_at, created_at)
SELECT gen_random_uuid(), 'bench:stored:' || n, 'reminder', 'email', 'patient' || n || '@example.com',
    now() - n * interval '1 minute', now(), 'sent', 1, 'Your visit', repeat('Your visit is tomorrow. ', 20), '',
    now() - n * interval '1 minute', now() - n * interval '1 minute'
FROM generate_series(1, %s) n"""
_DUE = """
INSERT INTO bookings_message (id, key, kind, channel, recipient, due_at, expires_at, state, attempts, subject, body,
    error, created_at, appointment_id, appointment_version, patient_id)
SELECT gen_random_uuid(), 'bench:due:' || n, 'reminder', 'email', p.email, %(due)s, lower(a.during), 'planned', 0, '', '',
    '', now(), a.id, a.version, p.id
FROM generate_series(1, %(messages)s) n
JOIN bookings_appointment a ON a.id = (%(visits)s::bigint[])[1 + n %% array_length(%(visits)s::bigint[], 1)]
JOIN patients_patient p ON p.id = a.patient_id"""
_IN_A_MINUTE = """
INSERT INTO bookings_message (id, key, kind, channel, recipient, due_at, expires_at, state, attempts, subject, body,
    error, created_at, appointment_id, appointment_version, patient_id)
SELECT gen_random_uuid(), 'bench:minute:' || n, 'confirmation', 'email', p.email, %(begins)s + n * interval '6 milliseconds',
    lower(a.during), 'planned', 0, '', '', '', now(), a.id, a.version, p.id
FROM generate_series(1, %(messages)s) n
JOIN bookings_appointment a ON a.id = (%(visits)s::bigint[])[1 + n %% array_length(%(visits)s::bigint[], 1)]
JOIN patients_patient p ON p.id = a.patient_id"""
A_MINUTE, LOOPS, LOOPS_IN_PRODUCTION = 60, 2, 3


def idle(scale: Scale) -> Row:
    _withdraw_all()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_STORED, [scale.stored_messages])
        cursor.execute("RESET statement_timeout")
    records.settle()
    with replay.recorded() as job:
        send_due_messages()
    with bare_connection() as server:
        ours, bare = [], []
        for _ in range(60):
            bare.append(_milliseconds(lambda: replay.run(server, job)))
            ours.append(_milliseconds(send_due_messages))
    return Row(
        name="message-idle",
        figure=median(ours[10:]),
        unit="ms",
        floor=median(bare[10:]),
        goal=Goal(of="figure", sign="≤", limit=5),
        also={},
        note=f"the whole task with nothing due, {scale.stored_messages:,} stored; floor: its {len(job)} statements by psycopg",
    )


def rate(scale: Scale) -> Row:
    records.fill(scale.little_history)
    _withdraw_all()
    noon = clock.day_bounds(clock.today() + timedelta(days=1))[0].replace(hour=12)  # no quiet hours
    visits = _visits_with_links(noon)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"due": noon - timedelta(minutes=1), "visits": visits, "messages": scale.due_messages})
    records.settle()
    connection.close()
    with _mail_server():
        letter, words = _a_letter(noon)
        ready = _per_second(scale.due_messages, _sends_ready(letter.as_bytes(policy=SMTP)))
        bare = _per_second(scale.due_messages, _builds_and_sends(words))
        one = _messages_a_second(noon, scale.due_messages // 2, loops=1)
        ours = _messages_a_second(noon, scale.due_messages // 2, loops=LOOPS)
    sent = Message.objects.filter(key__startswith="bench:due:", state=Message.State.SENT).count()
    return Row(
        name="message-rate",
        figure=ours,
        unit="messages/s",
        floor=bare,
        goal=Goal(of="ratio", sign="≥", limit=0.8),
        also={"all are sent": sent == scale.due_messages},
        note=f"{scale.due_messages:,} due reminders by {LOOPS} loops ({one:.0f}/s by one); floor: a bare loop builds as many letters"
        f" of ready words and sends them over one line; sending one letter again and again, built before: {ready:.0f}/s",
    )


def minute(scale: Scale) -> Row:
    """What falls due in the course of a minute, by as many loops as docker-compose.yml starts."""
    records.fill(scale.little_history)
    _withdraw_all()
    visits = _visits_with_links(clock.now())
    begins = clock.now() + timedelta(seconds=15)
    with connection.cursor() as cursor:
        cursor.execute(_IN_A_MINUTE, {"begins": begins, "visits": visits, "messages": scale.minute_messages})
    records.settle()
    with _a_directory() as directory, provider.running(directory) as double:
        command = [sys.executable, "manage.py", "send_messages", "--forever"]
        environment = os.environ | double.environment
        loops = [
            subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL)
            for _ in range(LOOPS_IN_PRODUCTION)
        ]
        try:
            _wait_until_sent(scale.minute_messages)
        finally:
            for loop in loops:
                loop.terminate()
            for loop in loops:
                loop.wait()
        taken_at = double.first_accepted_at("email")
    due = Message.objects.filter(key__startswith="bench:minute:").values_list("pk", "due_at")
    late = sorted(taken_at[str(pk)] - due_at.timestamp() for pk, due_at in due)
    return Row(
        name="message-minute",
        figure=late[min(len(late) * 999 // 1000, len(late) - 1)],
        unit="s",
        floor=0,
        goal=Goal(of="figure", sign="≤", limit=30),
        also={},
        note=f"p99.9 from due to handed over, {scale.minute_messages:,} e-mails with calendar parts falling due over"
        f" {A_MINUTE * scale.minute_messages / 10_000:.0f} s, {LOOPS_IN_PRODUCTION} x `send_messages --forever`, a provider that takes"
        f" {provider.LATENCY * 1000:.0f} ms to answer; median {median(late):.1f} s, last {late[-1]:.1f} s",
    )


def _withdraw_all() -> None:
    Message.objects.unsent().update(state=Message.State.WITHDRAWN, lease_until=None)


def _visits_with_links(noon: datetime) -> list[int]:
    """Coming visits whose links this installation's key opens."""
    visits = list(Appointment.objects.upcoming(noon + timedelta(days=1)).order_by("pk")[:500])
    for visit in visits:
        visit.revoke_link()
    Appointment.objects.bulk_update(visits, ["link_salt", "link_digest"])
    return [visit.pk for visit in visits]


def _a_letter(now: datetime) -> tuple[EmailMessage, Letter]:
    """One of those that are due, ready to be sent, and its words."""
    message = Message.objects.filter(state=Message.State.PLANNED).select_related("appointment__patient").first()
    assert message
    words = render(message, ClinicSettings.load(), now)
    return _built(words), words


def _built(words: Letter) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = words.subject, "clinic@example.com", "patient@example.com"
    letter.set_content(words.text)
    letter.add_alternative(words.html, subtype="html")
    return letter


def _sends_ready(letter: bytes) -> Callable[[smtplib.SMTP], object]:
    return lambda line: line.sendmail("clinic@example.com", ["patient@example.com"], letter)


def _builds_and_sends(words: Letter) -> Callable[[smtplib.SMTP], object]:
    return lambda line: line.send_message(_built(words))


def _per_second(times: int, send: Callable[[smtplib.SMTP], object]) -> float:
    began = time.perf_counter()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:
        for _ in range(times):
            send(line)
    return times / (time.perf_counter() - began)


def _messages_a_second(noon: datetime, messages: int, *, loops: int) -> float:
    """Of so many of those that are due, by loops in processes of their own."""
    due = Message.objects.filter(key__startswith="bench:due:", state=Message.State.PLANNED)
    later = due.exclude(pk__in=list(due.values_list("pk", flat=True)[:messages]))
    held = list(later.values_list("pk", flat=True))
    Message.objects.filter(pk__in=held).update(retry_at=noon + timedelta(days=1))
    connection.close()
    connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    processes = [multiprocessing.get_context("fork").Process(target=_send_due, args=(noon,)) for _ in range(loops)]
    began = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - began
    Message.objects.filter(pk__in=held).update(retry_at=None)
    return messages / seconds


def _send_due(noon: datetime) -> None:
    with Sender() as send:
        run_until_done(clock=lambda: noon, send=send)


def _wait_until_sent(messages: int) -> None:
    ends = time.monotonic() + 240
    while Message.objects.filter(key__startswith="bench:minute:", state=Message.State.SENT).count() < messages:
        if time.monotonic() > ends:
            raise TimeoutError("Not all messages were sent.")
        time.sleep(1)


@contextlib.contextmanager
def _a_directory() -> Iterator[Path]:
    directory = Path(os.environ["DATA_DIR"]) / "minute"
    directory.mkdir()
    yield directory


@contextlib.contextmanager
def _mail_server() -> Iterator[None]:
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    sink = ["-c", "aiosmtpd.handlers.Sink", "-l", address]
    process = subprocess.Popen([sys.executable, "-m", "aiosmtpd", "-n", *sink])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT)):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
