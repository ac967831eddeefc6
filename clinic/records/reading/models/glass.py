"""That somebody opened a record that is not of a patient of theirs, for a reason; and what came of looking into it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.core.abstract import OutsideCms
from clinic.core.sealing.fields import SealedField, for_pages, index_of_keys
from clinic.patients.models import Patient

LASTS = timedelta(minutes=30)
REVIEWED_WITHIN = timedelta(days=7)
LEAST_REASON, LONGEST = 10, 1000
# Not of `append_only`: what the clinic's keys seal is sealed anew when they change, by the owner of the database.
ADDED_TO_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def to_review(self) -> BreakGlassQuerySet:
        """Those that nobody has looked into, the first first."""
        return self.filter(review=None).order_by("at", "pk")


BreakGlassManager = models.Manager.from_queryset(BreakGlassQuerySet)


class BreakGlass(OutsideCms):
    """Half an hour with one patient's record. The owner is told at once, and the patient sees it."""

    token = models.UUIDField(unique=True, default=uuid.uuid4, help_text="Of the form that was sent: sent once.")
    patient = models.ForeignKey(Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="broken_glass")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = SealedField(about="break glass", bound_to="token")
    at = models.DateTimeField()
    until = models.DateTimeField()

    objects: ClassVar[BreakGlassManager[BreakGlass]] = BreakGlassManager()
    shown_reason = for_pages("reason")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "opening for a reason"
        verbose_name_plural = "openings for a reason"
        triggers: ClassVar = [ADDED_TO_ONLY]
        indexes = [
            models.Index(fields=["user", "patient", "until"], name="broken_glass_of_user"),
            index_of_keys("reason", "broken_glass_keys"),
        ]
        constraints = [
            models.CheckConstraint(
                name="broken_glass_lasts_half_an_hour",
                condition=Q(until__gt=F("at")) & Q(until__lte=F("at") + LASTS),
                violation_error_message="A record is opened for half an hour at most.",
            ),
            models.CheckConstraint(
                name="broken_glass_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why the record has to be opened.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}, until {self.until:%H:%M}"


class BreakGlassReview(OutsideCms):
    """That somebody else looked into it, and what they found."""

    grant = models.OneToOneField(BreakGlass, on_delete=models.PROTECT, primary_key=True, related_name="review")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    was_right = models.BooleanField()
    finding = SealedField(about="review of break glass", bound_to="token", blank=True)

    shown_finding = for_pages("finding")

    class Meta:
        triggers: ClassVar = [ADDED_TO_ONLY]
        indexes = [index_of_keys("finding", "broken_glass_review_keys")]
        constraints = [
            models.CheckConstraint(
                name="wrong_opening_is_explained",
                condition=Q(was_right=True) | ~Q(finding=""),
                violation_error_message="Say what was wrong with it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {'in order' if self.was_right else 'not in order'}"
