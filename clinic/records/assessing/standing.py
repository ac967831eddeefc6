"""What assessments say of a patient today: for which treatments they are suitable, from when, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from bookings.openings.gates import Window
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.records.assessing.models import AssessmentOutcome, Mode, Outcome
from clinic.records.entries.models import Entry


def windows_for(patient: Patient, treatment: Treatment) -> list[Window]:
    """When this patient may have this treatment, by the assessments that stand; the earliest first.

    A prescription-only medicine needs an assessment in person. Source: NMC and RX-01.
    """
    rows = AssessmentOutcome.objects.standing().filter(_of(patient), treatment=treatment)
    if treatment.is_prescription_only:
        rows = rows.filter(~Q(outcome=Outcome.SUITABLE) | Q(entry__assessment__mode=Mode.IN_PERSON))
    return windows(rows.select_related("entry__assessment"), time_to_think(treatment))


def windows(outcomes: Iterable[AssessmentOutcome], thinks: timedelta) -> list[Window]:
    """One for each that found the treatment suitable, since the last that did not: that one closes all before it."""
    found: list[Window] = []
    for one in outcomes:
        if one.outcome != Outcome.SUITABLE:
            found = []
        elif one.valid_until:
            found.append(Window(earliest_start(one, thinks), clock.day_bounds(one.valid_until)[1]))
    return found


def earliest_start(outcome: AssessmentOutcome, thinks: timedelta) -> datetime:
    """When the time to think is over: it runs from the signature, or from when the information was given if that was later."""
    given = outcome.entry.assessment.information_given_at
    signed = outcome.entry.recorded_at
    return max(signed, given or signed) + thinks


def time_to_think(treatment: Treatment) -> timedelta:
    """None is asked before a treatment that needs no consultation first: it is assessed on the day."""
    return timedelta(hours=treatment.reflection_hours if treatment.requires_consultation else 0)


def assessment_entry_of(visit_id: int) -> Entry | None:
    """The signed consultation of a visit, unless it was struck."""
    entries = Entry.objects.standing().filter(visit=visit_id, assessment__isnull=False)
    return entries.in_order().select_related("assessment", "practitioner", "author").first()


def _of(patient: Patient) -> Q:
    """Theirs, and those of records that were merged into theirs."""
    return Q(patient=patient) | Q(patient__merged_into=patient)
