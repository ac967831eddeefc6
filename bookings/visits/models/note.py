"""What staff write down about a patient. Nothing is ever changed or taken away: a correction is a note of its own."""

from __future__ import annotations

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Count, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length

from bookings.visits.models.appointment import Appointment, AppointmentQuerySet
from clinic.core.abstract import OutsideCms
from clinic.core.sealing.fields import SealedField, for_pages
from clinic.patients.models import Patient

LONGEST = 2000
LONGEST_SEALED = 12_000  # letters that 2,000 take when sealed, of up to four bytes each
models.TextField.register_lookup(Length, "length")


class PatientNoteQuerySet(models.QuerySet["PatientNote"]):
    def of(self, patient: Patient) -> PatientNoteQuerySet:
        """All that was written of this patient, also on records that were merged into theirs; latest first."""
        whose = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values("pk")
        return self.filter(patient__in=whose).select_related("author", "visit", "corrected_by__author")

    def about(self, visit: Appointment) -> PatientNoteQuerySet:
        """What was written of one visit; latest first."""
        return self.filter(visit=visit).select_related("author", "corrected_by__author")


PatientNoteManager = models.Manager.from_queryset(PatientNoteQuerySet)


class PatientNote(OutsideCms):
    """A note as it was written. The trigger lets nobody change or delete it, this program included."""

    class Kind(models.TextChoices):
        DIARY = "diary", "Diary"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="notes")
    visit = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.DIARY)
    text = SealedField(max_length=LONGEST, about="staff note", bound_to="token")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    token = models.UUIDField(unique=True, default=uuid.uuid4, help_text="Of the form it was written in: sent once.")

    objects: ClassVar[PatientNoteManager] = PatientNoteManager()
    shown_text = for_pages("text", unreadable="This note cannot be read")

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="note_has_a_text_of_its_length",
                condition=Q(text__length__gte=1, text__length__lte=LONGEST_SEALED),
                violation_error_message="A note has between 1 and 2,000 letters.",
            ),
            models.CheckConstraint(
                name="note_does_not_correct_itself",
                condition=Q(corrects=None) | ~Q(corrects=models.F("id")),
                violation_error_message="A note cannot correct itself.",
            ),
        ]
        indexes = [models.Index(Func("text", function="sealing_key"), name="note_keys")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} note, {self.written_at:%Y-%m-%d %H:%M}"


def with_note_counts(visits: AppointmentQuerySet) -> AppointmentQuerySet:
    """Annotate `note_count`: how many notes there are about each of these visits, corrected ones not counted."""
    notes = PatientNote.objects.filter(visit=OuterRef("pk"), corrected_by=None).order_by()
    counted = notes.values("visit").annotate(number=Count("pk")).values("number")
    return visits.annotate(note_count=Coalesce(Subquery(counted), 0))
