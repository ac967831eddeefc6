"""A copy of somebody's data that a worker makes: asked for, made, taken, gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient
from clinic.patients.references import new_reference

GOOD_FOR = timedelta(hours=72)


class DataCopy(OutsideCms):
    """The file is `reference`.zip, sealed, below DATA_DIR; the row says whose it is and until when it can be taken."""

    class State(models.TextChoices):
        ASKED = "asked", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"
        GONE = "gone", "Deleted"

    reference = models.CharField(max_length=12, unique=True, editable=False, default=new_reference)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_copies")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="data_copies")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    held_back = models.PositiveIntegerField(default=0, help_text="Items that somebody has to look through first.")
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When it was first downloaded.")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state="asked"),
                name="one_copy_is_made_at_a_time",
                violation_error_message="Your copy is being made already.",
            ),
            models.CheckConstraint(
                name="data_copy_ready_says_until_when",
                condition=~Q(state="ready") | Q(ready_at__isnull=False, expires_at__gt=models.F("ready_at")),
                violation_error_message="A copy that is ready says until when.",
            ),
        ]

    def __str__(self) -> str:
        return f"Copy {self.reference}"

    @property
    def path(self) -> Path:
        return Path(settings.COPIES_DIR) / f"{self.reference}.zip.sealed"

    def is_there(self, now: datetime) -> bool:
        return self.state == self.State.READY and self.expires_at is not None and self.expires_at > now
