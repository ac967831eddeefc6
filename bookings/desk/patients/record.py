"""One patient's record as the desk reads it: visits, messages, wishes, notes and what was put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from bookings.desk.patients.accounts import Accounts, accounts_of
from bookings.messages.models import Message
from bookings.visits.access import Reader, withhold
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core import clock
from clinic.patients.history import Correction, corrections
from clinic.patients.models import Patient, PatientMerge

FIRST, MOST = 10, 500
HERE = (Status.ARRIVED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Shown:
    """The latest rows, and whether there are more."""

    rows: list[Any]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Record:
    """`here` are visits of today whose patient is in the clinic; `withdrawn` are messages that were never sent."""

    here: list[Appointment]
    coming: list[Appointment]
    past: Shown
    counts: dict[str, int]
    too_young_for: list[Appointment]
    messages: Shown
    withdrawn: list[Message]
    wishes: list[Any]
    notes: Shown
    corrections: list[Correction]
    merges: list[PatientMerge]
    accounts: Accounts


def record(patient: Patient, now: datetime, *, reader: Reader, shows_all: bool = False) -> Record:
    """Everything of this patient; of past visits and messages the latest, unless all are asked for.

    Of visits that are not the `reader`'s: what everyone may read, and no messages.
    """
    visits = Appointment.objects.visits().filter(patient=patient)
    since, until = clock.day_bounds(clock.today(now))
    is_coming = Q(status__in=UPCOMING, during__endswith__gt=now)  # also who is late
    is_here = Q(status__in=HERE, during__startswith__gte=since, during__startswith__lt=until)
    now_or_later = list(visits.filter(is_here | is_coming).with_details().order_by("during"))
    coming = [visit for visit in now_or_later if visit.status in UPCOMING]
    messages = Message.objects.visible_to(reader).filter(patient=patient).order_by("-due_at", "pk")
    most = MOST if shows_all else FIRST
    past = _shown(visits.exclude(is_here | is_coming).with_details().order_by("-during"), most)
    withhold([*now_or_later, *past.rows], reader)
    age = clock.age_on(patient.date_of_birth, clock.today(now)) if patient.date_of_birth else None
    return Record(
        here=[visit for visit in now_or_later if visit.status in HERE],
        coming=coming,
        past=past,
        counts=visits.aggregate(
            taken=Count("pk", filter=Q(status=Status.COMPLETED)),
            missed=Count("pk", filter=Q(status=Status.NO_SHOW)),
            late=Count("pk", filter=Q(status=Status.CANCELLED, was_cancelled_late=True)),
        ),
        too_young_for=[visit for visit in coming if age is not None and age < visit.treatment.minimum_age],
        messages=_shown(messages.exclude(state=Message.State.WITHDRAWN), most),
        withdrawn=list(messages.filter(state=Message.State.WITHDRAWN)[:most]),
        wishes=_wishes(patient),
        notes=_shown(PatientNote.objects.of(patient), most),
        corrections=corrections(patient),
        merges=list(patient.merges.select_related("gone", "merged_by", "undone_by")),
        accounts=accounts_of(patient, now),
    )


def _shown(rows: Any, most: int) -> Shown:
    found = list(rows[: most + 1])
    return Shown(found[:most], len(found) > most)


def _wishes(patient: Patient) -> list[Any]:
    """What they wait for, then what became of earlier wishes. The waiting list stands above the desk."""
    wishes = patient.waiting_entries.select_related("treatment")  # type: ignore[attr-defined]
    return sorted(wishes.order_by("-created_at")[:FIRST], key=lambda wish: wish.state != "waiting")
