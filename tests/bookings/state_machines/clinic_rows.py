"""The clinic of the state machine as rows, and one statement that tells all that became of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from types import SimpleNamespace

from django.db import connection

from bookings.integrations.models import WebhookEndpoint
from bookings.messages.models import MessageRule
from bookings.timetable.models import Device, WorkingHours
from bookings.visits.models import BookingSettings
from clinic.catalogue.models import DeviceKind, RoomKind
from clinic.core.models import ClinicSettings
from tests.bookings.state_machines.clinic_model import (
    CONSULTATION_COUNTS,
    LAST_START,
    LEGAL,
    MOST_VISITS,
    RULES,
    UTC,
    Care,
)
from tests.factories.bookings import LocationFactory, OfferedTreatmentFactory, RoomFactory, WorkingHoursFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

NURSES = ("Ada", "Bea", "Cleo")
OPEN = [(9, 16), (10, 13), (9, 11)]
MINUTE = timedelta(minutes=1)
ENDS = [("booked", "cancelled"), ("confirmed", "cancelled"), ("arrived", "cancelled"), ("cancelled", "booked")]
HOLDS = [("held", "booked"), ("held", "expired"), ("expired", "booked")]
BEGINS = [(None, "held"), (None, "booked")]
ALLOWED = {*BEGINS, *HOLDS, *ENDS, *((status, to) for status, more in LEGAL.items() for to in more)}
# ruff: noqa: S608 -- put together from constants


def _at(moment):
    return f"coalesce(extract(epoch FROM {moment})::bigint::text, 'None')"


def _text(column):
    return f"coalesce({column}::text, 'None')"


STANDS = "NOT IN ('cancelled', 'no_show', 'expired')"
CHECK = f"""
PREPARE clinic_check AS
SELECT concat_ws(' ', 'visit', a.id, a.status, a.practitioner_id, {_text("a.room_id")}, {_text("a.device_id")},
    {_at("lower(a.during)")}, {_at("upper(a.during)")}, {_at("lower(a.occupied)")}, {_at("upper(a.occupied)")},
    {_text("right(p.full_name, 1)")}, {_at("CASE a.status WHEN 'held' THEN a.hold_expires_at END")}, a.version,
    {_text("a.follows_id")})
FROM bookings_appointment a LEFT JOIN patients_patient p ON p.id = a.patient_id
UNION ALL
SELECT concat_ws(' ', 'message', key, kind, channel, {_at("due_at")}, {_at("expires_at")}, state) FROM bookings_message
UNION ALL
SELECT concat_ws(' ', 'post', event, appointment_id, appointment_version) FROM bookings_webhookdelivery
UNION ALL
SELECT concat_ws(' ', 'entry', e.id, e.state, e.first_day, e.last_day, right(p.full_name, 1))
FROM bookings_waitingentry e JOIN patients_patient p ON p.id = e.patient_id
UNION ALL
SELECT concat_ws(' ', 'offer', id, state, entry_id, appointment_id, practitioner_id, {_at("starts_at")}, {_at("expires_at")})
FROM bookings_offer
UNION ALL
SELECT concat_ws(' ', 'OPEN OFFER OF A CLOSED ENTRY', o.id)
FROM bookings_offer o JOIN bookings_waitingentry e ON e.id = o.entry_id
WHERE o.state = 'open' AND e.state <> 'waiting'
UNION ALL
SELECT concat_ws(' ', 'refused for age', count(*)) FROM bookings_agerefusal
UNION ALL
SELECT concat_ws(' ', 'IN TWO PLACES', a.id, b.id)
FROM bookings_appointment a JOIN bookings_appointment b ON a.id < b.id AND (
    a.occupied && b.occupied
    AND (a.practitioner_id = b.practitioner_id OR a.room_id = b.room_id OR a.device_id = b.device_id)
    OR a.patient_id = b.patient_id AND a.during && b.during)
WHERE a.status {STANDS} AND b.status {STANDS}
UNION ALL
SELECT concat_ws(' ', 'ORPHAN', m.key)
FROM bookings_message m
LEFT JOIN bookings_appointment a ON a.id = m.appointment_id
LEFT JOIN (bookings_offer o JOIN bookings_waitingentry e ON e.id = o.entry_id) ON o.id = m.offer_id
WHERE (m.kind <> 'staff_notice' AND coalesce(a.patient_id, e.patient_id) IS DISTINCT FROM m.patient_id)
    OR m.state = 'planned' AND m.offer_id IS NOT NULL AND (
        o.state <> 'open' OR m.due_at >= m.expires_at OR m.expires_at <> o.expires_at)
    OR m.state = 'planned' AND m.appointment_id IS NOT NULL AND (
        (m.kind = 'cancelled' OR m.key LIKE '%:staff-cancelled:%') <> (a.status = 'cancelled')
        OR m.due_at >= m.expires_at
        OR (m.kind IN ('follow_up', 'review', 'recall')) <> (m.expires_at <> lower(a.during))
        OR m.kind IN ('follow_up', 'review', 'recall') AND a.status <> 'completed')
"""
CHANGES_OF_STATUS = """
SELECT DISTINCT before, status
FROM (
    SELECT status, lag(status) OVER (PARTITION BY pgh_obj_id ORDER BY pgh_id) AS before FROM bookings_appointmentevent
) AS change
WHERE before IS DISTINCT FROM status
"""


def build_clinic():
    """The rows every walk starts from, and the same as the model knows them."""
    BookingSettings.objects.update_or_create(
        defaults={
            "slot_step_minutes": 15,
            "minimum_notice_hours": 2,
            "horizon_days": 5,
            "change_window_hours": 24,
            "hold_minutes": 10,
            "max_future_visits": MOST_VISITS,
            "consultation_valid_days": CONSULTATION_COUNTS.days,
            "last_start_at": LAST_START,
        }
    )
    ClinicSettings.objects.update_or_create(defaults={"email": "desk@example.com"})  # told what patients do
    MessageRule.objects.all().delete()
    MessageRule.objects.bulk_create(
        MessageRule(kind=rule.kind, channel=rule.channel, hours=rule.hours, asks_to_confirm=rule.asks_to_confirm)
        for rule in RULES
    )
    location = LocationFactory()
    kind = DeviceKind.objects.create(name="Laser")
    nurses = [PractitionerFactory(name=name) for name in NURSES]
    rows = _treatments(kind)
    cares = _cares(rows)
    for name, care in cares.items():
        for nurse, minutes in care.minutes.items():
            own = None if minutes == rows[name].duration_minutes else minutes
            OfferedTreatmentFactory(practitioner=nurses[nurse], treatment=rows[name], duration_minutes=own)
    _rota(location, nurses)
    WebhookEndpoint.objects.create(
        name="Records",
        url="https://records.example.com/",
        events=WebhookEndpoint.Event.values,
        created_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    return SimpleNamespace(
        location=location,
        rooms=[RoomFactory(location=location, kind=RoomKind.TREATMENT_ROOM) for _ in range(2)],
        devices=[Device.objects.create(location=location, name=name, kind=kind) for name in ("One", "Two")],
        nurses=nurses,
        numbers={nurse.pk: index for index, nurse in enumerate(nurses)},
        treatments=rows,
        cares=cares,
        by_pk={row.pk: row for row in rows.values()},
        hours=list(WorkingHours.objects.all()),
    )


def _treatments(kind):
    room = {"room_kind": RoomKind.TREATMENT_ROOM}
    review = TreatmentFactory(kind="review", duration_minutes=15)
    return {
        "consultation": TreatmentFactory(kind="consultation", buffer_after_minutes=10, change_window_hours=3),
        "facial": TreatmentFactory(
            duration_minutes=45, buffer_before_minutes=5, buffer_after_minutes=5, follow_up=review,
            follow_up_after_days=3, **room,
        ),
        "peel": TreatmentFactory(requires_consultation=True, reflection_hours=3, minimum_notice_hours=0),
        "telephone": TreatmentFactory(is_bookable_online=False),
        "laser": TreatmentFactory(device_kind=kind, buffer_after_minutes=5, last_start_at=time(12)),
        "review": review,
        "welcome": TreatmentFactory(open_to="new"),
        "top-up": TreatmentFactory(open_to="returning", **room),
    }  # fmt: skip


def _cares(rows):
    def care(name, minutes, **rules):
        return Care(rows[name].pk, minutes, **rules)

    cares = {
        "consultation": care(
            "consultation", {0: 30, 1: 30}, after=10 * MINUTE, is_consultation=True, changes=180 * MINUTE
        ),
        "facial": care(
            "facial", {0: 45, 1: 60, 2: 45}, usual=45, before=5 * MINUTE, after=5 * MINUTE, needs_room=True,
            follow_up="review",
        ),
        "peel": care("peel", {0: 30, 1: 30}, reflection=180 * MINUTE, notice=0 * MINUTE),
        "telephone": care("telephone", {0: 30}, is_online=False),
        "laser": care("laser", {0: 30, 1: 30}, after=5 * MINUTE, needs_device=True, last_start=time(12)),
        "review": care("review", {0: 15, 1: 15, 2: 20}, usual=15),
        "welcome": care("welcome", {0: 30, 2: 30}, open_to="new"),
        "top-up": care("top-up", {0: 30, 1: 30}, open_to="returning", needs_room=True),
    }  # fmt: skip
    assert all(care.usual == rows[name].duration_minutes for name, care in cares.items())
    return cares


def _rota(location, nurses):
    for nurse, (opens, closes) in zip(nurses, OPEN, strict=True):
        for weekday in range(1, 8):
            WorkingHoursFactory(
                practitioner=nurse, location=location, weekday=weekday, starts_at=time(opens), ends_at=time(closes)
            )
    WorkingHoursFactory(
        practitioner=nurses[0], location=location, weekday=7, starts_at=time(0, 30), ends_at=time(4)
    )  # through both clock changes


def prepare_check():
    """Have the statement planned once a connection; and joins of rows found by their keys need no planning at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'clinic_check'")
        if cursor.fetchone() == (0,):
            cursor.execute(CHECK)
        cursor.execute("SET LOCAL join_collapse_limit TO 1")


def found():
    """Every visit, message and post, how many were refused for their age, and whatever must never be."""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE clinic_check")
        return sorted(line for (line,) in cursor.fetchall())


def foreseen(model, nurses):
    """The same, as the model has it."""
    lines = [f"refused for age {model.refused_for_age}"]
    for one in model.visits:
        times = (one.starts, one.ends, *one.occupied)
        hold_until = _epoch(one.hold_until) if one.status == "held" else None
        lines.append(
            f"visit {one.pk} {one.status} {nurses[one.nurse].pk} {one.room} {one.device} "
            f"{' '.join(map(_epoch, times))} {one.person} {hold_until} {one.version} {one.follows}"
        )
    lines += [
        f"message {key} {note.kind} {note.channel} {_epoch(note.due)} {_epoch(note.expires)} {note.state}"
        for key, note in model.notes.items()
    ]
    for one in model.entries:
        lines.append(f"entry {one.pk} {one.state} {one.first} {one.last} {one.person}")
        lines += [
            f"offer {offer.pk} {offer.state} {one.pk} {offer.visit.pk} {nurses[offer.nurse].pk} "
            f"{_epoch(offer.starts)} {_epoch(offer.expires)}"
            for offer in one.offers
        ]
    return sorted(lines + [f"post {event} {pk} {version}" for event, pk, version in model.posts])


def _epoch(moment):
    return str(int(moment.timestamp()))


def illegal_changes():
    """From the history that the database itself keeps: how visits changed that never may."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES_OF_STATUS)
        return set(cursor.fetchall()) - ALLOWED
