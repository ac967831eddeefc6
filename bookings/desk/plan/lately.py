"""The changes of one day by anyone, newest first, each with what its patient knows of it and whether it can be undone.

Read from the audit trail; four statements, whatever the number of changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from bookings.desk.plan.rows import stays_blocked, time_span
from bookings.engine.plans.hours_undo import have_begun
from bookings.engine.plans.undo import is_all_past
from bookings.messages.models import Message
from bookings.messages.planning.what_was_told import TELLS_THE_TIME, TOLD
from bookings.visits.access import Reader, sees_all, withhold
from bookings.visits.history import changes_between
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.accounts.audit import user_id_of
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.formats import short_desk_time
from clinic.practitioners.models import Practitioner

TELLING = (*TELLS_THE_TIME, Message.Kind.CANCELLED)
TAKEN_STEPS = {Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED}
DAY_STEPS = {Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED, Status.HELD, Status.EXPIRED}


@dataclass(slots=True, kw_only=True)
class Change:
    """One change of one visit; `place` is its place in the trail. `group` is the act of staff that it was a part of, if it was.

    Attributes:
        was_at: when the visit started before it.
        told_at: when the patient was told; `due_at`: when they will be, if not yet. Both None: nothing is sent.
        is_new: it made a version of the visit; a message tells of a version.
        stood_at: when the visit was to be then, where `what` says no time.
        may_undo: it is the visit's last change, staff made it, and the patient has not been told.
        is_way_back: the undo of a plan did it.
    """

    at: datetime
    place: int
    who: str
    visit: Appointment
    what: list[str]
    version: int
    was_at: datetime
    stood_at: datetime | None = None
    told_at: datetime | None = None
    due_at: datetime | None = None
    is_new: bool = True
    may_undo: bool = False
    group: DiaryChange | None = None
    is_way_back: bool = False


@dataclass(slots=True, kw_only=True)
class Act:
    """What was done at once: a single change, or a plan with all its visits, or the undo of one: then without them.

    `is_readers`: theirs to take back; `is_over`: nothing of it is left to take back.
    """

    at: datetime
    who: str
    changes: list[Change] = field(default_factory=list)
    group: DiaryChange | None = None
    is_readers: bool = True
    is_over: bool = False

    @property
    def said(self) -> str:
        """What the plan was; nothing of a single change."""
        if self.group is None:
            return ""
        whose = self.group.practitioner.name if self.group.practitioner else "everyone"
        reason = f", {self.group.reason}" if self.group.reason else ""
        time = time_span(self.group.starts_at, self.group.ends_at)
        return f"{self.group.get_kind_display()}: {whose}, {time}{reason}"

    @property
    def undone(self) -> str:
        """That it was taken back; who did, and when, where its line does not say so already. Nothing if nobody did."""
        if self.group is None or self.group.undone_at is None:
            return ""
        if self.at == self.group.undone_at:
            return "Undone:"
        return f"Undone by {self.group.undone_by or 'Automatic'}, {short_desk_time(self.group.undone_at)}:"

    @property
    def stays_blocked(self) -> str:
        return stays_blocked(self.group) if self.group else ""

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, max((change.place for change in self.changes), default=0)

    @property
    def may_undo(self) -> bool:
        """As one. A plan that has been undone, or of which one patient knows, cannot be."""
        if not self.is_readers or self.is_over or (self.group and self.group.undone_at):
            return False
        return all(change.may_undo for change in self.changes) and bool(self.group or self.changes)


def lately(day: date, now: datetime, *, reader: Reader) -> list[Act]:
    """What was changed on the local `day`. A plan that was undone is one line: on the day of its undo, at that hour.

    Only of visits that are or were the reader's, and of plans of theirs or of everyone.
    """
    starts_at, ends_at = clock.day_bounds(day)
    changes = _changes(starts_at, ends_at, reader)
    then = Q(made_at__gte=starts_at, made_at__lt=ends_at) | Q(undone_at__gte=starts_at, undone_at__lt=ends_at)
    if not sees_all(reader):
        then &= Q(practitioner=None) | Q(practitioner__user=reader.pk)
    groups = DiaryChange.objects.filter(then).select_related("made_by", "undone_by", "practitioner", "time_off")
    acts = {group.pk: _act(group, now, until=ends_at) for group in groups}
    alone = []
    for change in changes:
        if change.is_way_back:
            continue
        if change.group is None or change.group.pk not in acts:
            alone.append(Act(at=change.at, who=change.who, changes=[change]))
        elif change.group.undone_at is None:
            acts[change.group.pk].changes.append(change)
    for act in acts.values():
        act.changes.sort(key=lambda change: change.was_at)
    return sorted([*acts.values(), *alone], key=lambda act: act.order, reverse=True)


def _act(group: DiaryChange, now: datetime, *, until: datetime) -> Act:
    if group.undone_at and group.undone_at < until:
        return Act(at=group.undone_at, who=str(group.undone_by or "Automatic"), group=group)
    is_over = is_all_past(group, now) or have_begun(group, now)
    return Act(at=group.made_at, who=str(group.made_by or "Automatic"), group=group, is_over=is_over)


def _changes(starts_at: datetime, ends_at: datetime, reader: Reader) -> list[Change]:
    trail = Appointment.pgh_event_model.objects  # type: ignore[attr-defined]  # made by pghistory
    changed = trail.filter(pgh_created_at__gte=starts_at, pgh_created_at__lt=ends_at).values("pgh_obj_id")
    events = trail.filter(pgh_obj_id__in=changed, pgh_created_at__lt=ends_at).select_related("pgh_context")
    rows = list(events.order_by("pgh_obj_id", "pgh_id"))
    rows = _theirs(rows, reader)
    people = User.objects.in_bulk({user for row in rows if (user := user_id_of(row))})
    visits = Appointment.objects.with_details().in_bulk({row.pgh_obj_id for row in rows})
    withhold(visits.values(), reader)
    found = []
    for pk, of_one in groupby(rows, key=lambda row: row.pgh_obj_id):
        found += _of_visit(visits[pk], list(of_one), starts_at, people)
    _say_what_is_known(found)
    return found


def _theirs(rows: list[Any], reader: Reader) -> list[Any]:
    """The events of visits that are theirs, or were."""
    if sees_all(reader):
        return rows
    own = set(Practitioner.objects.filter(user=reader.pk).values_list("pk", flat=True))
    kept = {row.pgh_obj_id for row in rows if row.practitioner_id in own}
    return [row for row in rows if row.pgh_obj_id in kept]


def _of_visit(visit: Appointment, rows: list[Any], starts_at: datetime, people: dict[int, User]) -> list[Change]:
    """Holds that came to nothing, and the steps of the day and their undoing, are left out: the grid shows those."""
    found = []
    for before, row in zip([None, *rows], rows, strict=False):
        is_step = row.status in DAY_STEPS and (before is None or before.during == row.during)
        was_taken = before is not None and before.status in TAKEN_STEPS and before.during == row.during
        is_step_back = was_taken and row.status in UPCOMING
        if row.pgh_created_at < starts_at or is_step or is_step_back:
            continue
        if what := list(changes_between(before, row)):
            by = people.get(user_id_of(row) or 0)
            is_new = before is None or before.version < row.version
            found.append(
                Change(
                    at=row.pgh_created_at,
                    place=row.pgh_id,
                    who=str(by) if by else ("Patient" if row.pgh_context else "Automatic"),
                    visit=visit,
                    what=what,
                    version=row.version,
                    was_at=(before or row).during.lower,
                    stood_at=row.during.lower if before is None or before.during == row.during else None,
                    is_new=is_new or before.status == Status.HELD,
                    may_undo=bool(by and by.is_staff and before) and is_new and row.version == visit.version,
                )
            )
    return found


def _say_what_is_known(changes: Iterable[Change]) -> None:
    by_version = {(change.visit.pk, change.version): change for change in changes if change.is_new}
    pks = {pk for pk, _version in by_version}
    for row in Message.objects.filter(appointment__in=pks, kind__in=TELLING).order_by("due_at"):
        change = by_version.get((row.appointment_id or 0, row.appointment_version or 0))
        if change and row.state in TOLD:
            change.told_at, change.may_undo = change.told_at or row.sent_at or row.due_at, False
        elif change and row.state == Message.State.PLANNED:
            change.due_at = change.due_at or row.due_at
    changed = ChangedVisit.objects.filter(appointment__in=pks).exclude(action=ChangedVisit.Action.KEPT)
    for part in changed.select_related("change"):
        if change := by_version.get((part.appointment_id, part.version_after)):
            change.group = part.change
        way_back = by_version.get((part.appointment_id, part.version_after + 1))
        if way_back and part.change.undone_at:
            way_back.is_way_back = True
