"""That somebody was erased, without saying who; and which records are kept under lock until their day."""

from __future__ import annotations

from django.db import models

from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient


class ErasureLog(OutsideCms):
    """What went, what stays and until when. The digests find the person again in a restored backup, and nobody else."""

    patient_digest = models.CharField(max_length=64, blank=True, default="")
    account_digest = models.CharField(max_length=64, blank=True, default="")
    registry_version = models.CharField(max_length=12)
    at = models.DateTimeField()
    what: models.JSONField[list[str]] = models.JSONField(default=list, help_text="A sentence part for each thing.")
    kept: models.JSONField[list[str]] = models.JSONField(default=list)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient_digest", "account_digest", "at"],
                name="an_erasure_is_logged_once",
                violation_error_message="This erasure is logged already.",
            ),
            models.CheckConstraint(
                name="erasure_that_keeps_says_until_when",
                condition=models.Q(kept=[], until=None) | ~models.Q(kept=[]) & models.Q(until__isnull=False),
                violation_error_message="What is kept is kept until a day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {', '.join(self.what)}"


class LimitedRecord(OutsideCms):
    """A record that nobody but an owner opens: its patient wanted it erased, and it has to be kept until a day; or they
    asked that it be used for less, which an owner did, and ends."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="limited", primary_key=True)
    since = models.DateTimeField()
    until = models.DateField(null=True, blank=True, help_text="Empty where the patient asked for less use of it.")

    def __str__(self) -> str:
        return f"{self.patient.reference}: until {self.until or 'an owner ends it'}"
