"""The message loop: an idle look at a long history, and many due at once against a bare SMTP loop."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median

from django.conf import settings
from django.db import connection

from benchmarks import records, replay
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from bookings import emails
from bookings.domain.delivery import Outcome, run_until_done
from bookings.models import Appointment, Message
from bookings.tasks import send_due_messages
from clinic.core import clock
from clinic.core.models import ClinicSettings

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
    with _mail_server():
        letter = _a_letter(noon)
        bare = _sent_by_smtplib(letter, scale.due_messages)
        began = time.perf_counter()
        with emails.Sender() as send:
            counts = run_until_done(clock=lambda: noon, send=send)
        ours = scale.due_messages / (time.perf_counter() - began)
    return Row(
        name="message-rate",
        figure=ours,
        unit="messages/s",
        floor=bare,
        goal=Goal(of="ratio", sign="≥", limit=0.8),
        also={"all are sent": counts[Outcome.SENT] == scale.due_messages},
        note=f"{scale.due_messages:,} due reminders by one loop; floor: smtplib sends one ready letter as often, same server",
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


def _a_letter(now: datetime) -> bytes:
    message = Message.objects.filter(state=Message.State.PLANNED).select_related("appointment__patient").first()
    assert message
    letter = emails.render(message, ClinicSettings.load(), now)
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = letter.subject, "clinic@example.com", message.recipient
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail.as_bytes(policy=SMTP)


def _sent_by_smtplib(letter: bytes, times: int) -> float:
    began = time.perf_counter()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:
        for _ in range(times):
            line.sendmail("clinic@example.com", ["patient@example.com"], letter)
    return times / (time.perf_counter() - began)


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
