"""Write a note of a patient, once however often its form is sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bookings.visits.models import Appointment, PatientNote
from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.patients.models import Patient, PatientMerge


class NoteRefused(DomainError):
    code = "note_refused"


def add_note(
    *,
    patient: Patient,
    author: User,
    text: str,
    now: datetime,
    token: UUID,
    visit: Appointment | None = None,
    corrects: int | None = None,
) -> PatientNote:
    """Keep `text` as a note of this patient; `corrects` is the note that it takes the place of.

    Raises:
        NoteRefused: the note to correct is no note of this patient, or has been corrected meanwhile.
    """
    if written := PatientNote.objects.filter(token=token, author=author).first():
        return written
    former = _former(patient, corrects) if corrects else None
    note = PatientNote(
        patient=former.patient if former else _whose(patient, visit),
        visit=former.visit if former else visit,
        text=text,
        author=author,
        written_at=now,
        corrects=former,
        token=token,
    )
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError:
        if written := PatientNote.objects.filter(token=token, author=author).first():
            return written
        raise NoteRefused("This note has been corrected meanwhile. Please look at it again.") from None
    return note


def _whose(patient: Patient, visit: Appointment | None) -> Patient:
    """The record that `visit` came from, if a merge brought it: should that be undone, what was noted goes with it."""
    merges = PatientMerge.objects.filter(undone_at=None, gone__merged_into=patient)
    brought = merges.filter(moved__appointments__contains=[visit.pk]) if visit else merges.none()
    first = brought.select_related("gone").order_by("merged_at", "pk").first()
    return first.gone if first else patient


def _former(patient: Patient, pk: int) -> PatientNote:
    former = PatientNote.objects.of(patient).select_related("patient").filter(pk=pk).first()
    if former is None:
        raise NoteRefused("This is not a note of this patient.")
    if hasattr(former, "corrected_by"):
        raise NoteRefused("This note has been corrected meanwhile. Please look at it again.")
    return former
