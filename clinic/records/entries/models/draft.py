"""What is being written and is not signed yet: it can be changed, and is no part of the record."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from bookings.visits.models import Appointment
from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient
from clinic.records.entries.fields import RecordText
from clinic.records.entries.models.entry import Kind


class Draft(OutsideCms):
    """One section of something to be signed. Deleted when it is signed, or seven days after its visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="record_drafts")
    visit = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="record_drafts"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    section = models.SlugField(max_length=40)
    body = RecordText(about="draft")
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="visit_has_a_section_once",
                fields=["visit", "kind", "section"],
                condition=Q(visit__isnull=False),
                violation_error_message="This section is being written already.",
            ),
            models.UniqueConstraint(
                name="patient_has_a_section_without_a_visit_once",
                fields=["patient", "kind", "section"],
                condition=Q(visit=None),
                violation_error_message="This section is being written already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Draft of a {self.get_kind_display()}, version {self.version}"


class DraftPast(OutsideCms):
    """What a section said before, so that a mistaken paste is undone. Its text is sealed as that of its draft."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="past")
    body = RecordText(about="draft", bound_to="draft_id")
    version = models.PositiveIntegerField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                name="former_version_of_a_draft_is_kept_once",
                fields=["draft", "version"],
                violation_error_message="This version is kept already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.version} of a draft"
