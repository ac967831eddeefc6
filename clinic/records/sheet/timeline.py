"""A record as it is read: visits, the newest first, each with its entries, what was added to them and the diary's notes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookings.visits.models import Appointment, PatientNote
from clinic.core import clock
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
    entries = read_all(opened, opened.entries())
    notes = PatientNote.objects.of(opened.patient).filter(corrected_by=None)
    visits = Appointment.objects.visits().filter(patient__in=records_of(opened.patient).values("pk"))
    found = _grouped(list(visits.with_details().order_by("-during")), entries, list(notes))
    if words:
        return Timeline(_found(found, words.casefold()), [])
    shown = [one for one in found if one.day.year == year] if year else found[:OPEN_VISITS]
    counts: dict[int, int] = defaultdict(int)
    for one in found:
        counts[one.day.year] += one not in shown
    return Timeline(shown, sorted(((y, n) for y, n in counts.items() if n), reverse=True))


def of_visit(opened: OpenRecord, visit: Appointment) -> list[Read]:
    """The entries of one visit, the newest first, with what was added to them."""
    return read_all(opened, opened.entries(visit=visit) | opened.entries(corrects__visit=visit))


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
