"""A record as it is read: visits, the newest first, each with its entries, what was added to them and the diary's notes.

Which days there are is asked first, so that nothing is opened but what is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from bookings.visits.models import Appointment, PatientNote
from clinic.core import clock
from clinic.records.entries.models.entry import CORRECTING
from clinic.records.reading.opening import OpenRecord
from clinic.records.reading.whose import records_of
from clinic.records.sheet.opened_entries import Read, read_all

OPEN_VISITS = 20  # shown at once; older ones by year


@dataclass(slots=True)
class VisitRead:
    """A visit, or None for what belongs to none."""

    visit: Appointment | None
    entries: list[Read]
    notes: list[PatientNote]

    @property
    def day(self) -> date:
        if self.visit:
            return clock.today(self.visit.starts_at)
        return clock.today(self.entries[0].entry.occurred_at if self.entries else self.notes[0].written_at)


@dataclass(slots=True)
class Timeline:
    """`older` says how many visits there are of each year that is not shown."""

    visits: list[VisitRead]
    older: list[tuple[int, int]]


def timeline(opened: OpenRecord, *, year: int | None = None, words: str = "") -> Timeline:
    """The newest visits of a record, or those of one year; with `words`, whatever says them. Four statements."""
    parts = _Parts(opened)
    days = parts.days()
    if words:
        return Timeline(_found(parts.read(days), words.casefold()), [])
    shown = [day for day in days if (day.year == year if year else day >= days[:OPEN_VISITS][-1])]
    older = Counter(day.year for day in days) - Counter(day.year for day in shown)
    return Timeline(parts.read(shown), sorted(older.items(), reverse=True))


def of_visit(opened: OpenRecord, visit: Appointment) -> list[Read]:
    """The entries of one visit, the newest first, with what was added to them."""
    return read_all(opened, opened.entries(visit=visit) | opened.entries(corrects__visit=visit))


class _Parts:
    """What a record is made of."""

    def __init__(self, opened: OpenRecord) -> None:
        self.opened = opened
        self.visits = Appointment.objects.visits().filter(patient__in=records_of(opened.patient).values("pk"))
        self.notes = PatientNote.objects.of(opened.patient).filter(corrected_by=None)

    def days(self) -> list[date]:
        """One for each visit, and one for each day on which something was written that belongs to none; newest first."""
        apart = self.opened.entries(visit=None).exclude(kind__in=CORRECTING).order_by()
        rows = _moments(self.visits, "during__startswith", of_visit=True).union(
            _moments(apart, "occurred_at", of_visit=False),
            _moments(self.notes.filter(visit=None), "written_at", of_visit=False),
            all=True,
        )
        found = [(clock.today(at), of_visit) for at, of_visit in rows]
        visits = [day for day, of_visit in found if of_visit]
        return sorted([*visits, *{day for day, of_visit in found if not of_visit}], reverse=True)

    def read(self, days: Sequence[date]) -> list[VisitRead]:
        """All from the first to the last of these days."""
        if not days:
            return []
        span = clock.day_bounds(min(days))[0], clock.day_bounds(max(days))[1]
        visits = list(self.visits.filter(**_within(span, "during__startswith")).with_details().order_by("-during"))
        entries = self._of(visits, span, "visit", "occurred_at") | self._of(
            visits, span, "corrects__visit", "corrects__occurred_at"
        )
        notes = self.notes.filter(Q(visit__in=visits) | Q(visit=None, **_within(span, "written_at")))
        return _grouped(visits, read_all(self.opened, self.opened.entries().filter(entries)), list(notes))

    def _of(self, visits: list[Appointment], span: tuple[datetime, datetime], visit: str, at: str) -> Q:
        return Q(**{f"{visit}__in": visits}) | Q(**{visit: None}, **_within(span, at))


def _moments(rows: QuerySet[Any], at: str, *, of_visit: bool) -> QuerySet[Any]:
    return rows.order_by().values_list(F(at), Value(of_visit))


def _within(span: tuple[datetime, datetime], at: str) -> dict[str, datetime]:
    return {f"{at}__gte": span[0], f"{at}__lt": span[1]}


def _grouped(visits: list[Appointment], entries: list[Read], notes: list[PatientNote]) -> list[VisitRead]:
    of_visit_: dict[Any, VisitRead] = {visit.pk: VisitRead(visit, [], []) for visit in visits}
    apart: dict[date, VisitRead] = {}
    for read in entries:
        _place(of_visit_, apart, read.entry.visit_id, clock.today(read.entry.occurred_at)).entries.append(read)
    for note in notes:
        _place(of_visit_, apart, note.visit_id, clock.today(note.written_at)).notes.append(note)
    return sorted([*of_visit_.values(), *apart.values()], key=lambda one: one.day, reverse=True)


def _place(of_visit_: dict[Any, VisitRead], apart: dict[date, VisitRead], visit: int | None, day: date) -> VisitRead:
    return of_visit_[visit] if visit in of_visit_ else apart.setdefault(day, VisitRead(None, [], []))


def _found(visits: list[VisitRead], words: str) -> list[VisitRead]:
    found = []
    for one in visits:
        entries = [read for read in one.entries if read.says(words)]
        notes = [note for note in one.notes if words in note.shown_text.casefold()]
        if entries or notes:
            found.append(VisitRead(one.visit, entries, notes))
    return found
