"""Loops that send are killed at random, again and again: nothing is lost, and doubled only what the design says.

`run` works on the database that the environment names, so that tests kill in small what the benchmark kills in large.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from benchmarks import provider as providers
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import PROJECT
from bookings.domain import messages
from bookings.models import Appointment, Message
from bookings.models.appointment import Status
from bookings.models.ranges import span
from clinic.core import clock
from clinic.patients.models import Patient

LOOPS, LINE_CUTS, PATIENCE = 2, 0.25, 120.0
A_LONG_TIME = timedelta(days=1000)  # each run has years of its own, after all that the clinic has
WITHDRAWN_SHARE = 20  # one visit in so many is moved or cancelled before its messages are due
State, Kind, Channel = Message.State, Message.Kind, Message.Channel


@dataclass(slots=True)
class Outcome:
    """What became of the messages; `interruptions` counts the loops that a kill or a cut line hit."""

    messages: int = 0
    kills: int = 0
    cuts: int = 0
    interruptions: int = 0
    lost: list[str] = field(default_factory=list)
    doubled_mails: int = 0
    doubled_texts: int = 0
    untrue: list[str] = field(default_factory=list)
    unknown: int = 0
    seconds: float = 0.0


class Loop:
    """One `send_messages --forever`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self.start()

    def start(self) -> None:
        command = [sys.executable, "manage.py", "send_messages", "--forever", "--interval", "0.1"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=PROJECT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def kills(scale: Scale) -> Row:
    from benchmarks import records  # noqa: PLC0415 -- a test has a clinic of its own

    records.open_clinic()
    Message.objects.unsent().update(state=State.WITHDRAWN, lease_until=None)
    directory = Path(os.environ["DATA_DIR"])
    halves = {"messages": scale.crash_messages // 2, "kills": scale.message_kills // 2}
    with (
        _files(directory / "doubtful") as place,
        providers.running(place, (*providers.CLEAN, *providers.DOUBTFUL), of=100, is_idempotent=True) as good,
    ):
        able = run(good, place, **halves)
    with _files(directory / "plain") as place, providers.running(place, providers.CLEAN, of=100) as plain:
        unable = run(plain, place, seed=2, **halves)
    both = (able, unable)
    killed, seconds = sum(one.kills for one in both), sum(one.seconds for one in both)
    return Row(
        name="message-crash",
        figure=sum(len(one.lost) for one in both),
        unit="lost",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={
            "no e-mail doubled at a provider that knows repeats": able.doubled_mails == 0,
            "at most one e-mail doubled a kill at one that does not": unable.doubled_mails <= unable.interruptions,
            "no text message doubled": not any(one.doubled_texts for one in both),
            "nothing told of a visit moved or cancelled": not any(one.untrue for one in both),
        },
        note=f"of {sum(one.messages for one in both):,} messages, {killed} x kill -9 of a loop and {sum(one.cuts for one in both)} x all database lines"
        f" cut while they fell due, in {seconds:.0f} s (SCALE=full: 100,000); doubled e-mails {able.doubled_mails} with an idempotent"
        f" provider that also hangs and breaks off, {unable.doubled_mails} without; doubled texts 0 wanted,"
        f" {sum(one.doubled_texts for one in both)} found; {sum(one.unknown for one in both)} texts left to a person",
    )


def run(provider: providers.Provider, directory: Path, *, messages: int, kills: int, seed: int = 1) -> Outcome:
    """Two loops send what falls due; they are killed `kills` times, and started again."""
    began, chance, outcome = time.monotonic(), random.Random(seed), Outcome(messages=messages)
    rows = _plan(messages, clock.now(), seed)
    withdrawn = _change_some(rows)
    environment = {**os.environ, **_database(), **provider.environment, "DATA_DIR": str(directory)}
    environment["DJANGO_SETTINGS_MODULE"] = "benchmarks.crash_settings"
    loops = [Loop(environment, directory / f"loop-{number}.log") for number in range(LOOPS)]
    try:
        rounds = max(kills // LOOPS, 1)
        for number in range(1, rounds + 1):
            _release(rows, number / (rounds + 1))
            _wait_until_busy(provider)
            time.sleep(chance.random() * 0.5)
            _interrupt(loops, chance, outcome)
        _release(rows, 1.0)
        _wait_until_done(rows)
    finally:
        for loop in loops:
            loop.kill()
    _judge(outcome, rows, withdrawn, provider)
    outcome.seconds = time.monotonic() - began
    return outcome


def _plan(number: int, now: datetime, seed: int) -> list[Message]:
    """A confirmation by e-mail and a new time by text for each of half as many visits; not due before released.

    Both kinds go out at any hour, so that the run is the same by night.
    """
    people = Patient.objects.bulk_create(
        Patient(
            full_name="Kim Day",
            email=f"kim{seed}-{index}@example.com",
            phone="+447700900123",
            date_of_birth=now.date() - timedelta(days=12_000),
            contact_by=Patient.Channel.BOTH,
        )
        for index in range(number // 2)
    )
    place = _place()
    first, five = now + seed * A_LONG_TIME, timedelta(minutes=5)
    visits = []
    for index, patient in enumerate(people):
        during = span(first + index * five, first + (index + 1) * five)
        visit = Appointment(patient=patient, status=Status.BOOKED, during=during, occupied=during, **place)
        visit.revoke_link()
        visits.append(visit)
    visits = Appointment.objects.bulk_create(visits)
    far = now + timedelta(days=1)
    return Message.objects.bulk_create(
        messages.row_of(visit, kind, channel, f"crash-{kind}", far)
        for visit in visits
        for kind, channel in ((Kind.CONFIRMATION, Channel.EMAIL), (Kind.MOVED, Channel.SMS))
    )


def _place() -> dict[str, int]:
    """Whom and where an existing visit or offer names."""
    from bookings.models import Location  # noqa: PLC0415 -- beside its only use
    from clinic.practitioners.models import OfferedTreatment  # noqa: PLC0415

    offered = OfferedTreatment.objects.order_by("pk").first()
    location = Location.objects.order_by("pk").first()
    assert offered
    assert location
    return {
        "practitioner_id": offered.practitioner_id,
        "treatment_id": offered.treatment_id,
        "location_id": location.pk,
    }


def _change_some(rows: list[Message]) -> set[str]:
    """Cancel or move one visit in twenty behind the queue's back: what was to tell of it must not go out."""
    changed = set()
    for index, message in enumerate(rows[:: WITHDRAWN_SHARE * 2]):
        visit = Appointment.objects.get(pk=message.appointment_id)
        if index % 2:
            visit.status, visit.cancelled_at = Status.CANCELLED, clock.now()
        else:
            later = visit.starts_at + A_LONG_TIME / 2
            visit.during = visit.occupied = span(later, later + timedelta(minutes=5))
        visit.version += 1
        visit.save()
        changed |= {str(row.pk) for row in rows if row.appointment_id == visit.pk}
    return changed


def _release(rows: list[Message], share: float) -> None:
    """Let this share of the messages be due."""
    chosen = [row.pk for row in rows[: int(len(rows) * min(share, 1.0))]]
    soon = clock.now() + timedelta(hours=12)
    Message.objects.filter(pk__in=chosen, state=State.PLANNED, due_at__gt=soon).update(due_at=clock.now())


def _wait_until_busy(provider: providers.Provider) -> None:
    start, ends = provider.size(), time.monotonic() + PATIENCE
    while provider.size() == start:
        if time.monotonic() > ends:
            raise TimeoutError("No message goes out any more.")
        time.sleep(0.05)
        _end_pauses()


def _interrupt(loops: list[Loop], chance: random.Random, outcome: Outcome) -> None:
    """Kill one loop, a moment later the other, at times after cutting their lines to the database; start both again.

    While no loop lives, the time that their leases would have run is let pass at once.
    """
    if chance.random() < LINE_CUTS:
        _cut_lines()
        outcome.cuts += 1
        outcome.interruptions += LOOPS
        time.sleep(chance.random() * 0.1)
    for loop in chance.sample(loops, LOOPS):
        loop.kill()
        outcome.kills += 1
        outcome.interruptions += 1
        time.sleep(chance.random() * 0.3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_message SET lease_until = now() - interval '1 second' WHERE state = 'leased'")
    for loop in loops:
        loop.start()


def _cut_lines() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def _end_pauses() -> None:
    """What an hour would do: what waits after a failure may be tried again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_message SET retry_at = NULL, due_at = least(due_at, now())"
            " WHERE state = 'planned' AND attempts > 0 AND (retry_at > now() OR due_at > now())"
        )


def _wait_until_done(rows: list[Message]) -> None:
    ours, ends = [row.pk for row in rows], time.monotonic() + PATIENCE + len(rows) / 20
    waiting = Message.objects.filter(pk__in=ours, state__in=(State.PLANNED, State.LEASED))
    while left := waiting.count():
        if time.monotonic() > ends:
            raise TimeoutError(f"{left} messages are not done: {Counter(waiting.values_list('state', 'error'))}")
        _end_pauses()
        time.sleep(0.5)


def _judge(outcome: Outcome, rows: list[Message], withdrawn: set[str], provider: providers.Provider) -> None:
    mails, texts = provider.accepted("email"), provider.accepted("sms")
    outcome.doubled_mails = sum(times - 1 for times in mails.values())
    outcome.doubled_texts = sum(times - 1 for times in texts.values())
    accepted = mails.keys() | texts.keys()
    outcome.untrue = sorted(withdrawn & accepted)
    fates = {
        str(pk): state
        for pk, state in Message.objects.values_list("pk", "state").filter(pk__in=[row.pk for row in rows])
    }
    for row in rows:
        key, state = str(row.pk), fates[str(row.pk)]
        outcome.unknown += state == State.UNKNOWN
        is_well = (
            state == State.WITHDRAWN
            if key in withdrawn
            else _is_told(state, is_accepted=key in accepted, channel=row.channel)
        )
        if not is_well:
            outcome.lost.append(f"{key} {state} {'accepted' if key in accepted else 'never accepted'}")


def _is_told(state: str, *, is_accepted: bool, channel: str) -> bool:
    """Sent and so accepted; a text may instead be in doubt, where a person looks at it."""
    return (state == State.SENT and is_accepted) or (state == State.UNKNOWN and channel == Channel.SMS)


def _database() -> dict[str, str]:
    at = connection.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return {"DATABASE_URL": f"postgres://{at['USER']}{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}"}


@contextlib.contextmanager
def _files(directory: Path) -> Iterator[Path]:
    directory.mkdir(parents=True)
    yield directory
