"""Who takes a visit, where, and with which room and device: asked and decided under the diary's lock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from bookings.engine.availability.free_times import free_at
from bookings.engine.availability.lengths import usual_minutes
from bookings.timetable.models import Device, ExtraHours, Location, Room, WorkingHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import NotBookable, Reason, SlotTaken
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

# Written out, because whoever loses a race asks just this: building it anew took longer than the answer.
_TAKEN = f"""
SELECT during @> %(at)s FROM {Appointment._meta.db_table}
WHERE practitioner_id = %(practitioner)s AND status IN ({", ".join(f"'{status}'" for status in ACTIVE)})
    AND occupied @> %(at)s AND id IS DISTINCT FROM %(ignoring)s
    AND NOT (status = '{Status.HELD}' AND hold_expires_at <= %(now)s)
LIMIT 1"""  # noqa: S608, SLF001 -- our own names


def look_first(
    practitioner: Practitioner | None,
    starts_at: datetime,
    now: datetime,
    *,
    ignoring: Appointment | None = None,
    skip: bool = False,
) -> None:
    """Before queueing for the diary's lock: where many want one time, whoever comes late need not wait to lose.

    It decides nothing else: what looks free here is judged under the lock.

    Raises:
        SlotTaken
    """
    if practitioner and not skip and (reason := _taken(practitioner, starts_at, now, ignoring)):
        raise SlotTaken(reason=reason)


def choose_slot(
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    now: datetime,
    *,
    policy: Policy | None = None,
    by_staff: bool = False,
    ignoring: Appointment | None = None,
) -> Slot:
    """The slot at `starts_at`; of several practitioners the one with the least booked that day, ties by name.

    Staff get a slot with a named practitioner at any hour: overlaps are left for the constraint to judge.

    Raises:
        SlotTaken: nobody is free then. NotBookable: staff named nobody.
    """
    look_first(practitioner, starts_at, now, ignoring=ignoring, skip=by_staff)  # those who queued end here, cheaply
    if by_staff:
        policy = (policy or policy_for(treatment)).at_the_desk().however_far()
    slots = free_at(
        treatment=treatment, practitioner=practitioner, starts_at=starts_at, now=now, ignoring=ignoring, policy=policy
    )
    if len(slots) > 1:
        return _with_the_least_booked(slots, now)
    if slots:
        return slots[0]
    if by_staff and practitioner:
        return usual_slot(treatment, practitioner, starts_at)
    raise SlotTaken


def at_its_price(treatment: Treatment, **values: Any) -> Appointment:
    """A visit not placed yet, at what the treatment costs now: that stays agreed, whatever the catalogue says later."""
    is_from = treatment.is_price_from and treatment.price is not None
    return Appointment(treatment=treatment, price=treatment.price, price_is_from=is_from, **values)


def place(appointment: Appointment, slot: Slot, now: datetime) -> None:
    """Put the visit at `slot`, with a free room and device if it needs them; lets go of dead holds that lie there.

    Raises:
        SlotTaken: no room or no device is free.
    """
    treatment = appointment.treatment
    before = timedelta(minutes=treatment.buffer_before_minutes)
    after = timedelta(minutes=treatment.buffer_after_minutes)
    appointment.practitioner_id = slot.practitioner_id
    appointment.location_id = slot.location_id
    appointment.during = span(slot.starts_at, slot.ends_at)
    appointment.occupied = span(slot.starts_at - before, slot.ends_at + after)
    here = {"location_id": slot.location_id, "is_active": True}
    appointment.room = appointment.device = None
    if treatment.room_kind:
        appointment.room = _free_one(Room.objects.filter(kind=treatment.room_kind, **here), appointment, now)
    if treatment.device_kind_id:
        appointment.device = _free_one(Device.objects.filter(kind=treatment.device_kind_id, **here), appointment, now)
    release_overlapping_holds(appointment, now)


def slot_of(visit: Appointment) -> Slot:
    """The time that a visit has, or had."""
    practitioner = visit.practitioner
    return Slot(
        visit.starts_at, visit.ends_at, practitioner.pk, practitioner.slug, practitioner.name, visit.location_id
    )


def release_overlapping_holds(appointment: Appointment, now: datetime) -> None:
    """Let go of holds that ran out and lie where `appointment` goes; the constraints would still see them.

    One that is being confirmed at this moment is left to the constraints: it may be another practitioner's, whose
    diary is not locked here, and to wait for it with a room in hand would be a deadlock.
    """
    dead = Appointment.objects.dead_holds(now).filter(
        Q(practitioner_id=appointment.practitioner_id)
        | Q(room_id=appointment.room_id, room__isnull=False)
        | Q(device_id=appointment.device_id, device__isnull=False),
        occupied__overlap=appointment.occupied,
    )
    release(dead.exclude(pk=appointment.pk))


def release(holds: AppointmentQuerySet) -> int:
    """Expire these holds, passing over those that someone else has in hand; gives how many."""
    nobody_elses = holds.order_by().select_for_update(skip_locked=True, no_key=True).values("pk")
    with transaction.atomic():  # a lock needs one, and the clock's own sweep comes without
        return Appointment.objects.filter(pk__in=nobody_elses).update(status=Status.EXPIRED)


def _taken(practitioner: Practitioner, at: datetime, now: datetime, ignoring: Appointment | None) -> Reason | None:
    """What the practitioner is occupied with at that moment."""
    asked: Any = {"practitioner": practitioner.pk, "at": at, "now": now, "ignoring": ignoring.pk if ignoring else None}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, asked)
        row = cursor.fetchone()
    return None if row is None else Reason.TAKEN if row[0] else Reason.CLEANING_TIME


def _is_dead(now: datetime) -> Q:
    return Q(status=Status.HELD, hold_expires_at__lte=now)


def _with_the_least_booked(slots: list[Slot], now: datetime) -> Slot:
    day = clock.day_bounds(clock.today(slots[0].starts_at))
    booked = dict(
        Appointment.objects.filter(
            practitioner_id__in=[slot.practitioner_id for slot in slots],
            status__in=ACTIVE,
            occupied__overlap=span(*day),
        )
        .exclude(_is_dead(now))
        .order_by()
        .values_list("practitioner_id")
        .annotate(Count("pk"))
    )
    return min(slots, key=lambda slot: (booked.get(slot.practitioner_id, 0), slot.practitioner_name))


def usual_slot(treatment: Treatment, practitioner: Practitioner, starts_at: datetime) -> Slot:
    """The time that this visit takes with this practitioner, where they usually are; free or not."""
    length = timedelta(minutes=usual_minutes(treatment, practitioner.pk))
    starts_at = starts_at.astimezone(UTC)  # minutes on a wall clock are no minutes in the night that it is changed
    return Slot(
        starts_at,
        starts_at + length,
        practitioner.pk,
        practitioner.slug,
        practitioner.name,
        usual_location(practitioner, starts_at),
    )


def usual_location(practitioner: Practitioner, starts_at: datetime) -> int:
    """Where the practitioner works at that moment, else on that day of the week, else at all."""
    extra = ExtraHours.objects.filter(practitioner=practitioner, during__contains=starts_at)
    hours = WorkingHours.objects.filter(practitioner=practitioner)
    local = clock.local(starts_at)
    that_day = hours.filter(weekday=local.isoweekday())
    at_that_hour = that_day.filter(starts_at__lte=local.time(), ends_at__gt=local.time())
    others: list[QuerySet[Any]] = [extra, at_that_hour, that_day, hours]
    found = next(filter(None, (rows.values_list("location_id", flat=True).first() for rows in others)), None)
    found = found or Location.objects.filter(is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise NotBookable("There is no location to book at yet.")
    return int(found)


R = TypeVar("R", Room, Device)


def _free_one(of_its_kind: QuerySet[R], appointment: Appointment, now: datetime) -> R:
    """A free room or device, locked: the first that nobody else is taking just now, else the first once they are done."""
    field = "room" if of_its_kind.model is Room else "device"
    taken = Appointment.objects.filter(
        **{field: OuterRef("pk")}, status__in=ACTIVE, occupied__overlap=appointment.occupied
    ).exclude(_is_dead(now) | Q(pk=appointment.pk))
    ordered = of_its_kind.order_by("pk")
    free = ordered.filter(~Exists(taken))
    found = free.select_for_update(skip_locked=True, no_key=True).first()
    if found is None and free.exists():
        list(ordered.select_for_update(no_key=True))
        found = free.first()
    if found is None:
        raise SlotTaken(reason=Reason.NO_ROOM if field == "room" else Reason.NO_DEVICE)
    return found
