"""A clinic of five practitioners with as long a history as asked for, made inside the database.

Visits of half an hour fill every day from 09:00 to 17:00 back into the past; of the hundred days to come 60 in 100
are taken, the same ones whatever the history.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, time
from time import perf_counter

from django.db import connection
from django.db.backends.utils import CursorWrapper

from bookings.timetable.models import Location, Room, WorkingHours
from bookings.visits.models import BookingSettings
from clinic.catalogue.models import Category, Treatment
from clinic.practitioners.models import OfferedTreatment, Practitioner

PRACTITIONERS, VISITS_A_DAY, DAYS_AHEAD, PATIENTS = 5, 16, 100, 20_000
TREATMENT = "bench-visit"
SECOND_TREATMENT = "bench-later"

_PATIENTS = """
INSERT INTO patients_patient (full_name, email, phone, date_of_birth, contact_by, created_at)
SELECT 'Sam Lee ' || n, 'patient' || n || '@example.com', '+447700900123', '1988-03-27', 'both', now()
FROM generate_series(1, %(patients)s) n"""
_VISITS = """
INSERT INTO bookings_appointment (reference, status, during, occupied, note, source, version, created_at, cancelled_at,
    was_cancelled_late, link_salt, link_digest, patient_id, practitioner_id, treatment_id, location_id, room_id)
SELECT {letter} || n, CASE WHEN {is_past} THEN CASE WHEN n %% 20 = 0 THEN 'cancelled' ELSE 'completed' END ELSE 'booked' END,
    span, span, '', 'online', 1, now(), CASE WHEN {is_past} AND n %% 20 = 0 THEN now() END, false,
    decode(lpad(to_hex(n), 64, '0'), 'hex'), sha256(({letter} || n)::bytea),
    %(first_patient)s + n %% %(patients)s, %(first_practitioner)s + n %% %(practitioners)s, %(treatment)s, %(location)s,
    %(first_room)s + n %% %(practitioners)s
FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) n
CROSS JOIN LATERAL (
    SELECT (current_date {sign} (n / (%(practitioners)s * %(visits)s))::int
            + time '09:00' + (n / %(practitioners)s %% %(visits)s) * interval '30 minutes') AT TIME ZONE 'Europe/London' AS at
) AS visit
CROSS JOIN LATERAL tstzrange(at, at + interval '30 minutes') AS span
WHERE {is_past} OR hashint8(n) %% 10 NOT IN (0, 1, 2, 3, -1, -2, -3)"""
_PAST = _VISITS.format(letter="'P'", sign="- 1 -", is_past="true")
_COMING = _VISITS.format(letter="'C'", sign="+", is_past="false")
_filled = 0
seconds_to_fill = 0.0


def fill(visits: int) -> None:
    """Make the history at least `visits` long. It only ever grows."""
    global _filled, seconds_to_fill  # noqa: PLW0603 -- there is one database
    if _filled >= visits:
        return
    began = perf_counter()
    ids = open_clinic()
    with connection.cursor() as cursor, unchecked("bookings_appointment", "patients_patient"):
        if not _filled:
            cursor.execute(_PATIENTS, {"patients": PATIENTS})
            ids |= first_patient()
            coming = PRACTITIONERS * VISITS_A_DAY * DAYS_AHEAD
            cursor.execute(_COMING, ids | {"from": 0, "to": coming})
        cursor.execute(_PAST, ids | first_patient() | {"from": _filled, "to": visits})
    _filled = visits
    settle()
    seconds_to_fill += perf_counter() - began


def settle() -> None:
    """Let the planner know what is there, as autovacuum would within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def practitioners() -> list[Practitioner]:
    return list(Practitioner.objects.filter(slug__startswith="bench-").order_by("slug"))


def open_clinic() -> dict[str, int]:
    """The clinic without a visit; gives the numbers that the statements above ask for."""
    location, is_new = Location.objects.get_or_create(
        slug="bench", defaults={"name": "Bench", "address": "1 High Street"}
    )
    if is_new:
        settings = BookingSettings.load()
        settings.closes_on_public_holidays = False  # the same diary whenever it is measured
        settings.save()
        category = Category.objects.create(name="Bench", slug="bench")
        treatments = [
            Treatment.objects.create(name=f"Visit {slug}", slug=slug, category=category, price=60)
            for slug in (TREATMENT, SECOND_TREATMENT)
        ]
        for number in range(1, PRACTITIONERS + 1):
            person = Practitioner.objects.create(name=f"Nurse {number}", slug=f"bench-{number}", job_title="Nurse")
            Room.objects.create(location=location, name=f"Room {number}")
            OfferedTreatment.objects.bulk_create(
                OfferedTreatment(practitioner=person, treatment=treatment) for treatment in treatments
            )
            WorkingHours.objects.bulk_create(
                WorkingHours(
                    practitioner=person,
                    location=location,
                    weekday=day,
                    starts_at=time(9),
                    ends_at=time(17),
                    valid_from=date(1980, 1, 7),
                )
                for day in range(1, 8)
            )
    return {
        "location": location.pk,
        "treatment": Treatment.objects.get(slug=TREATMENT).pk,
        "first_practitioner": practitioners()[0].pk,
        "first_room": Room.objects.filter(location=location).order_by("pk")[0].pk,
        "practitioners": PRACTITIONERS,
        "visits": VISITS_A_DAY,
        "patients": PATIENTS,
    }


def first_patient() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM patients_patient WHERE full_name LIKE 'Sam Lee %%'")
        return {"first_patient": cursor.fetchone()[0]}


@contextlib.contextmanager
def unchecked(*tables: str) -> Iterator[None]:
    """Constraints are taken off and put on again, which checks every row at once; the audit's triggers rest."""
    with connection.cursor() as cursor, _unhindered(cursor, tables):
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = ANY(%s) AND conrelid = ANY(%s::regclass[]) AND conparentid = 0 ORDER BY contype",  # foreign keys before what they point to
            [["f", "u"] if _is_superuser(cursor) else ["x", "f", "u"], list(tables)],
        )
        constraints = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        with _indexed_later(cursor, tables):
            yield
        for table, name, definition in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


@contextlib.contextmanager
def _unhindered(cursor: CursorWrapper, tables: tuple[str, ...]) -> Iterator[None]:
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    cursor.execute("RESET maintenance_work_mem")
    cursor.execute("RESET statement_timeout")


@contextlib.contextmanager
def _indexed_later(cursor: CursorWrapper, tables: tuple[str, ...]) -> Iterator[None]:
    """The indexes of the exclusion constraints rest, and are made anew at the end, as a restored table's would be.

    Only a superuser may. To take them off and put them on again would look for an overlap once for each of ten
    million rows and constraints, in half an hour; there is none, as the visits are made.
    """
    if not _is_superuser(cursor):
        yield
        return
    flags = (
        "UPDATE pg_index SET indisready = {0}, indisvalid = {0} WHERE indisexclusion AND indrelid = ANY(%s::regclass[])"
    )
    cursor.execute(flags.format("false"), [list(tables)])
    yield
    for table in tables:
        cursor.execute(f"VACUUM FULL {table}")
    cursor.execute(flags.format("true"), [list(tables)])


def _is_superuser(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])
