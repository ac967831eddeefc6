"""Take back a change of the diary as a whole, until the first patient has been told of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bookings.engine.locks import lock_visit, was_done_from_that_page
from bookings.engine.placement import release_overlapping_holds
from bookings.engine.plans import hours_undo
from bookings.engine.plans.cannot_be_undone import CannotBeUndone
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.integrations import webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.planning import visit_messages
from bookings.messages.planning.what_was_told import told_at
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.history import as_of
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.accounts.models import User
from clinic.core.formats import short_desk_time

Action, Event = ChangedVisit.Action, WebhookEndpoint.Event
FIRST_VERSION = 1
STEP = 5  # minutes, a row of the diary
ALL_PAST = "All that was blocked has passed."
AS_IT_WAS = (
    "practitioner_id",
    "location_id",
    "room_id",
    "device_id",
    "during",
    "occupied",
    "status",
    "cancelled_at",
    "was_cancelled_late",
    "arrived_at",
)


def undo(*, change: DiaryChange, now: datetime, by: User | None) -> DiaryChange:
    """Put every visit back as it was, with its status, and open the time again, or the former hours. All or nothing; idempotent.

    What has passed of a blocked time stays blocked, so that the numbers of past days stay as they were: `time_off` is
    then that part.

    Raises:
        CannotBeUndone: a patient has been told, a visit was changed since, or its former time or all that was blocked has passed; of hours, see `hours_undo`. SlotTaken: a former time is used again.
        PatientBusy: a patient has another visit at their former time.
    """

    def work() -> DiaryChange:
        rows = list(change.visits.select_related("appointment").order_by("-position"))
        before = {row.pk: as_of(row.appointment, row.version_before) for row in rows}
        lock_practitioners(
            {row.appointment.practitioner_id for row in rows}
            | {was.practitioner_id for was in before.values()}
            | hours_undo.diaries_of(change)
        )
        current = DiaryChange.objects.select_for_update().get(pk=change.pk)
        if current.undone_at:
            return current
        if is_all_past(current, now):
            raise CannotBeUndone(ALL_PAST)
        hours_undo.check_time(current, now)
        changed = [(lock_visit(row.appointment, None), row) for row in rows if row.action != Action.KEPT]
        for visit, row in changed:
            _check(visit, row.version_after)
            _check_time(visit, before[row.pk], now)
        current.time_off = _open_again(current.time_off, now)
        for visit, row in changed:
            put_back(visit, before[row.pk], row.action, now)
        hours_undo.put_hours_back(current, [visit.pk for visit, _row in changed], now)
        current.undone_at, current.undone_by = now, by
        current.save(update_fields=["time_off", "undone_at", "undone_by"])
        return current

    return in_transaction(work, alternatives=list)


def is_all_past(change: DiaryChange, now: datetime) -> bool:
    """Whether nothing that was blocked is left to open."""
    return change.kind == DiaryChange.Kind.BLOCK and change.ends_at is not None and change.ends_at <= now


def _open_again(blocked: TimeOff | None, now: datetime) -> TimeOff | None:
    """Take away what is still to come of it; the part that has passed, in whole steps of the diary, if there is one."""
    if blocked is None:
        return None
    starts_at, ends_at = blocked.during.lower, blocked.during.upper
    passed_until = now - timedelta(minutes=now.minute % STEP, seconds=now.second, microseconds=now.microsecond)
    if passed_until <= starts_at:
        blocked.delete()
        return None
    blocked.during = span(starts_at, min(passed_until, ends_at))
    blocked.save(update_fields=["during"])
    return blocked


def why_not(change: DiaryChange, now: datetime) -> str:
    """Why it cannot be taken back (any more); nothing if it can, as things stand."""
    if change.undone_at:
        return "Undone already."
    if is_all_past(change, now):
        return ALL_PAST
    try:
        hours_undo.check_time(change, now)
        for row in change.visits.exclude(action=Action.KEPT).select_related("appointment__patient"):
            _check(row.appointment, row.version_after)
    except CannotBeUndone as refusal:
        return str(refusal)
    return ""


def undo_visit(*, appointment: Appointment, version: int, now: datetime) -> Appointment:
    """Put one visit back as it was before its `version`, if that is its last change. Staff only; idempotent.

    Raises:
        CannotBeUndone: the patient has been told, it was changed since, or its former time has passed. SlotTaken, PatientBusy: see `undo`.
    """
    if version <= FIRST_VERSION:
        raise CannotBeUndone("There is no change to undo: it was booked so.")
    before = as_of(appointment, version - 1)

    def work() -> Appointment:
        lock_practitioners({appointment.practitioner_id, before.practitioner_id})
        visit = lock_visit(appointment, None)
        if was_done_from_that_page(visit, version) and all(
            getattr(visit, name) == getattr(before, name) for name in AS_IT_WAS
        ):
            return visit
        _check(visit, version)
        _check_time(visit, before, now)
        return put_back(visit, before, _action(visit, before), now)

    return in_transaction(work, alternatives=list)


def why_visit_not(visit: Appointment) -> str:
    """Why its last change cannot be taken back (any more); nothing if it can, as things stand."""
    try:
        _check(visit, visit.version)
    except CannotBeUndone as refusal:
        return str(refusal)
    return ""


def _action(visit: Appointment, before: Any) -> str:
    if visit.status == Status.CANCELLED:
        return Action.CANCELLED
    is_where_it_was = before.during.lower == visit.starts_at and before.practitioner_id == visit.practitioner_id
    return Action.RESIZED if is_where_it_was else Action.MOVED


def _check(visit: Appointment, version: int) -> None:
    if visit.version != version:
        raise CannotBeUndone(f"{visit.whose} was changed again since. Please make the change by hand.")
    if at := told_at(visit, version):
        raise CannotBeUndone(f"{visit.whose} was told of it on {short_desk_time(at)}. Please make the change by hand.")


def _check_time(visit: Appointment, was: Any, now: datetime) -> None:
    if visit.status in UPCOMING and was.during.upper <= now < visit.ends_at:
        raise CannotBeUndone(f"The former time of {visit.whose} has passed. Please move the visit by hand.")


def put_back(visit: Appointment, was: Any, action: str, now: datetime) -> Appointment:
    """Give a locked visit what it had as its trail has it at `was`, and its patient the messages that belong to that."""
    for name in AS_IT_WAS:
        setattr(visit, name, getattr(was, name))
    visit.version += 1
    release_overlapping_holds(visit, now)
    visit.save(update_fields=[*AS_IT_WAS, "version"])
    visit = Appointment.objects.with_details().get(pk=visit.pk)  # with the practitioner and the room that it had
    if visit.status == Status.CANCELLED:
        visit_messages.plan_cancelled_again(visit, now)
        webhooks.plan(visit, Event.CANCELLED, now)
        return visit
    if action == Action.MOVED:
        visit_messages.plan_moved(visit, now, by_staff=True)
    elif action == Action.CANCELLED:
        visit_messages.plan_restored(visit, now)
    webhooks.plan(visit, Event.BOOKED if action == Action.CANCELLED else Event.MOVED, now)
    return visit
