"""What the pages of a consultation show: its sections as they are typed so far, or the entry that was signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bookings.visits.models import Appointment
from clinic.records.assessing.checking import problems_of
from clinic.records.assessing.models import AssessmentOutcome, Outcome
from clinic.records.assessing.outcome_lines import Line, lines_of
from clinic.records.assessing.sections import LINES, SECTIONS, Section, Values
from clinic.records.assessing.standing import earliest_start, time_to_think
from clinic.records.entries.models import Draft, Entry, Kind
from clinic.records.reading.opening import OpenRecord


@dataclass(frozen=True, slots=True)
class Written:
    """A section as it stands. `version` is 0 where nothing was saved yet."""

    section: Section
    values: Values
    version: int
    problems: list[str]
    draft: Draft | None

    @property
    def is_begun(self) -> bool:
        return bool(self.values)

    @property
    def is_done(self) -> bool:
        return not self.problems

    @property
    def lines(self) -> list[Line]:
        """The outcomes, with two more to fill in."""
        found = lines_of(self.values)
        free = (number for number in range(LINES) if number not in {line.number for line in found})
        blank = [Line(number, "", "", "", "") for number in list(free)[:2]]
        return sorted([*found, *blank], key=lambda line: line.number)


@dataclass(frozen=True, slots=True)
class Came:
    """What a signed consultation came to for one treatment; `opens` is the earliest start, where there is one."""

    row: AssessmentOutcome
    opens: datetime | None


def written(opened: OpenRecord, visit: Appointment, treatments: Mapping[int, str], today: date) -> list[Written]:
    """All sections, in their order."""
    drafts = {draft.section: draft for draft in Draft.objects.filter(visit=visit, kind=Kind.ASSESSMENT)}
    found = []
    for section in SECTIONS:
        draft = drafts.get(section.key)
        values = opened.values(draft) if draft else {}
        version = draft.version if draft else 0
        found.append(Written(section, values, version, problems_of(section, values, treatments, today), draft))
    return found


def came_to(entry: Entry) -> list[Came]:
    """Each outcome of a signed consultation, with the date from which the treatment can begin."""
    rows = entry.outcomes.select_related("treatment", "entry__assessment").order_by("treatment__name")
    return [
        Came(row, earliest_start(row, time_to_think(row.treatment)) if row.outcome == Outcome.SUITABLE else None)
        for row in rows
    ]


def earlier(opened: OpenRecord, draft: Draft | None) -> list[tuple[Any, str]]:
    """Former versions of a section, the newest first, each with its text."""
    pasts = draft.past.all() if draft else ()
    return [(past, opened.values(past).get("text", "")) for past in pasts]
