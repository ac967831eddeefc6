"""Bookings of different times, one after the other: how near to the bare statements."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import connection
from django.db.models import Model

from benchmarks import records, replay
from benchmarks.engine.racing import details
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from bookings.engine.availability.free_times import free_slots
from bookings.engine.booking import book
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

PATIENTS_FROM = 5_000_000
MODELS = (Message, Appointment, Patient)


def rate(scale: Scale) -> Row:
    records.fill(scale.little_history)
    slots = _free_slots(scale.bookings + 10)
    people = {person.pk: person for person in records.practitioners()}
    for number, slot in enumerate(slots[:10]):
        _book(slot, people[slot.practitioner_id], PATIENTS_FROM + number)
    marks = _marks()
    jobs, began = [], time.perf_counter()
    for number, slot in enumerate(slots[10:], start=10):
        with replay.recorded() as job:
            _book(slot, people[slot.practitioner_id], PATIENTS_FROM + number)
        jobs.append(job)
    ours = len(jobs) / (time.perf_counter() - began)
    _undo(marks)
    with bare_connection() as server:
        began = time.perf_counter()
        for job in jobs:
            replay.run(server, job)
        bare = len(jobs) / (time.perf_counter() - began)
    booked = Appointment.objects.filter(patient__full_name__startswith="Kim Day", status="booked")
    return Row(
        name="booking-rate",
        figure=ours,
        unit="bookings/s",
        floor=bare,
        goal=Goal(of="ratio", sign="≥", limit=0.3),
        also={"the replay booked as many": booked.filter(pk__gt=marks[Appointment]).count() == len(jobs)},
        note=f"{len(jobs)} different slots by domain.book, {len(jobs[0])} statements each; floor: the same statements by psycopg",
    )


def _book(slot: Slot, practitioner: Practitioner, number: int) -> None:
    treatment = Treatment.objects.get(slug=records.TREATMENT)
    book(
        treatment=treatment,
        practitioner=practitioner,
        starts_at=slot.starts_at,
        details=details(number),
        now=clock.now(),
    )


def _free_slots(count: int) -> list[Slot]:
    """Half-hours that do not touch each other, furthest first: the races take the near ones."""
    today = clock.today()
    treatment = Treatment.objects.get(slug=records.TREATMENT)
    found = free_slots(
        treatment=treatment, first_day=today + timedelta(days=28), last_day=today + timedelta(days=89), now=clock.now()
    )
    return [slot for slot in reversed(found) if slot.starts_at.minute in {0, 30}][:count]


def _marks() -> dict[type[Model], int]:
    return {model: model.objects.order_by("-pk").values_list("pk", flat=True)[0] for model in (Appointment, Patient)}


def _undo(marks: dict[type[Model], int]) -> None:
    """Take the bookings back and let ids begin where they did, so that the replay's foreign keys fit."""
    Message.objects.filter(appointment__pk__gt=marks[Appointment]).delete()
    with connection.cursor() as cursor:
        for model, mark in marks.items():
            table = model._meta.db_table  # noqa: SLF001 -- the documented way to a table's name
            cursor.execute(f"DELETE FROM {table} WHERE id > %s", [mark])
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, mark])
    records.settle()
