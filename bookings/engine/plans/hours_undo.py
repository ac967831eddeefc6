"""Give the former hours back, as a part of `undo`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bookings.engine.plans import rota_rows
from bookings.engine.plans.block import STANDS
from bookings.engine.plans.cannot_be_undone import CannotBeUndone
from bookings.visits.models import Appointment, DiaryChange
from clinic.core import clock
from clinic.practitioners.models import Practitioner

HAVE_BEGUN = "These hours have been in use since an earlier day. Please change them from today on."
CHANGED_AGAIN = "The hours were changed again since. Please change them by hand."


def diaries_of(change: DiaryChange) -> set[int]:
    """Those that the hours are in; none of another kind of change."""
    if change.hours is None:
        return set()
    people = Practitioner.objects.values_list("pk", flat=True)
    return {change.practitioner_id} if change.practitioner_id else set(people)


def check_time(change: DiaryChange, now: datetime) -> None:
    """
    Raises:
        CannotBeUndone: a day has passed by these hours, and its numbers shall stay as they were.
    """
    if have_begun(change, now):
        raise CannotBeUndone(HAVE_BEGUN)


def have_begun(change: DiaryChange, now: datetime) -> bool:
    """Whether they were in use on a day that has passed."""
    return change.hours is not None and clock.today(change.starts_at) < clock.today(now)


def put_hours_back(change: DiaryChange, own: Iterable[int], now: datetime) -> None:
    """Swap the rows of the rota back, if the change was one of hours. `own` visits have been put back already.

    Raises:
        CannotBeUndone: the hours were changed since, or a visit was booked since that lies in the new ones alone.
    """
    if change.hours is None:
        return
    coming = Appointment.objects.filter(practitioner__in=diaries_of(change), status__in=STANDS)
    coming = coming.filter(during__endswith__gt=now).exclude(pk__in=list(own))
    before = rota_rows.covered(coming)
    try:
        rota_rows.swap_back(change.hours)
    except rota_rows.RotaChanged as changed:
        raise CannotBeUndone(CHANGED_AGAIN) from changed
    if lost := len(before - rota_rows.covered(coming.filter(pk__in=before))):
        visits = "A visit lies" if lost == 1 else f"{lost} visits lie"
        raise CannotBeUndone(f"{visits} in these hours by now. Please change them by hand, to see what is in the way.")
