"""That two records were of one person: which remained, and what was moved to it, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.core.abstract import OutsideCms
from clinic.patients.models.patient import Patient

UNDO_WITHIN = timedelta(days=30)


class PatientMerge(OutsideCms):
    """`moved` lists the moved rows by the name of their relation; `filled` holds what was empty on the kept record.

    Of what is sealed it has the name alone.
    """

    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="was_merged")
    moved: models.JSONField[dict[str, list[Any]]] = models.JSONField(default=dict)
    filled: models.JSONField[dict[str, str]] = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"],
                condition=Q(undone_at=None),
                name="a_record_is_merged_once",
                violation_error_message="This record has been merged already.",
            ),
            models.CheckConstraint(
                name="merge_is_of_two_records",
                condition=~Q(kept=F("gone")),
                violation_error_message="A record cannot be merged into itself.",
            ),
            models.CheckConstraint(
                name="merge_undone_says_by_whom",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                violation_error_message="An undone merge says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone.reference} into {self.kept.reference}"

    @property
    def undo_until(self) -> datetime:
        return self.merged_at + UNDO_WITHIN

    def can_be_undone(self, now: datetime) -> bool:
        return self.undone_at is None and now < self.undo_until
