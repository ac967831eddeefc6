"""Write a change of the rota, and take it back: rows go and rows come, kept as plain data in between."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.db.models import BooleanField, F, Func, QuerySet

from bookings.timetable.edits import Rewritten
from bookings.timetable.models import ExtraHours, TimeOff, WorkingHours
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.refusals import NotBookable
from clinic.core.errors import broken_constraint

OVERLAPS = {  # what each constraint that may refuse them says
    constraint.name: str(constraint.violation_error_message)
    for model in (WorkingHours, ExtraHours)
    for constraint in model._meta.constraints  # noqa: SLF001 -- Django's own
    if isinstance(constraint, ExclusionConstraint)
}
Data = list[dict[str, Any]]
Written = dict[str, Any]  # rows that went and came, and which change had blocked the time off among them
COVERED = Func(F("practitioner"), F("location"), F("during"), function="diary_hours_cover", output_field=BooleanField())


class RotaChanged(LookupError):
    """A row is not as it was left, or others have its time by now."""


class _HoursOverlap(Exception):
    """Its text is fit to show."""


def write(rewritten: Rewritten) -> Written:
    """Let the rows go and come, inside a transaction; gives both as data, to be kept and swapped back.

    Raises:
        NotBookable: two hours at one time, or extra hours at two locations at once.
    """
    gone, blocks = data_of(rewritten.gone), _blocks_of(rewritten.gone)
    kept = {_key(one) for one in rewritten.come}
    try:
        with _judged():
            for row in rewritten.gone:
                if _key(row) not in kept:
                    row.delete()
            for row in sorted(rewritten.come, key=lambda one: one.pk is None):
                row.save(force_insert=row.pk is None, force_update=row.pk is not None)
    except _HoursOverlap as overlap:
        raise NotBookable(str(overlap)) from overlap
    return {"gone": gone, "come": data_of(rewritten.come), "blocks": blocks}


def swap_back(hours: Written) -> None:
    """Undo `write`.

    Raises:
        RotaChanged: a row that came was changed or has gone since, or others have the time of one that went.
    """
    came, gone = _rows_of(hours["come"]), _rows_of(hours["gone"])
    for row, data in zip(came, hours["come"], strict=True):
        now = type(row)._base_manager.select_for_update(of=("self",)).order_by("pk").filter(pk=row.pk).first()  # noqa: SLF001 -- Django's own
        if now is None or data_of([now]) != [data]:
            raise RotaChanged
    returning, still_there = {_key(row) for row in gone}, {_key(row) for row in came}
    try:
        with _judged():
            for row in came:
                if _key(row) not in returning:
                    row.delete()
            for row in sorted(gone, key=lambda one: _key(one) not in still_there):
                row.save(force_insert=_key(row) not in still_there, force_update=_key(row) in still_there)
    except _HoursOverlap as overlap:
        raise RotaChanged from overlap
    for change, time_off in hours["blocks"]:
        DiaryChange.objects.filter(pk=change).update(time_off=time_off)


def data_of(rows: Iterable[models.Model]) -> Data:
    data: Data = json.loads(serializers.serialize("json", list(rows)))
    return data


def week_mark(practitioner_id: int) -> str:
    """Another whenever the weekly hours of this practitioner are others: a page that shows them carries it."""
    rows = data_of(WorkingHours.objects.filter(practitioner=practitioner_id).order_by("pk"))
    return sha256(json.dumps(rows).encode()).hexdigest()[:16]


def covered(visits: QuerySet[Appointment]) -> set[int]:
    """Those that lie in the hours of their practitioner at their location, and in no break, by key."""
    return set(visits.annotate(is_covered=COVERED).filter(is_covered=True).order_by().values_list("pk", flat=True))


@contextmanager
def _judged() -> Iterator[None]:
    """All or nothing, as PostgreSQL judges it.

    Raises:
        _HoursOverlap: see `OVERLAPS`.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = broken_constraint(error)
        if name not in OVERLAPS:
            raise
        raise _HoursOverlap(OVERLAPS[name]) from error


def _blocks_of(rows: Iterable[models.Model]) -> list[list[int]]:
    """The changes that had blocked this time off, each with its row: PostgreSQL forgets that when the row goes."""
    time_off = [row.pk for row in rows if isinstance(row, TimeOff)]
    return [list(pair) for pair in DiaryChange.objects.filter(time_off__in=time_off).values_list("pk", "time_off")]


def _rows_of(data: Data) -> list[models.Model]:
    return [found.object for found in serializers.deserialize("python", data)]


def _key(row: models.Model) -> tuple[type[models.Model], Any]:
    return type(row), row.pk
