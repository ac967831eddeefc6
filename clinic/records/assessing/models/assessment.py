"""What a consultation came to, for each treatment that was talked about; signed with the entry that says why."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from bookings.timetable.models import Location
from clinic.catalogue.models import Treatment
from clinic.core.abstract import AddedToOnly
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.entries.models import Entry


class Mode(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    REMOTE = "remote", "By video or telephone"


class Outcome(models.TextChoices):
    SUITABLE = "suitable", "Suitable"
    NOT_SUITABLE = "not_suitable", "Not suitable"
    DEFER = "defer", "Not yet"
    REFER = "refer", "Refer to somebody else"


class Assessment(AddedToOnly):
    """One consultation. A trigger holds that its entry was signed by `assessor`, and happened at `assessed_at`."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="assessment")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="assessments")
    mode = models.CharField(max_length=9, choices=Mode.choices)
    assessed_at = models.DateTimeField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    information_given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # What the keys of prescriptions will point to: who saw whom, how and when. Source: RX-01.
            models.UniqueConstraint(
                name="assessment_of_whom_by_whom_and_how",
                fields=["entry", "patient", "assessor", "mode", "assessed_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"Consultation, {self.get_mode_display().lower()}"


class OutcomeQuerySet(models.QuerySet["AssessmentOutcome"]):
    def standing(self) -> OutcomeQuerySet:
        """Without those whose entry was struck, the earliest first."""
        struck = Entry.objects.filter(corrects=models.OuterRef("entry"), kind="strike")
        return self.filter(~models.Exists(struck)).order_by("entry__recorded_at", "entry__number")


OutcomeManager = models.Manager.from_queryset(OutcomeQuerySet)


class AssessmentOutcome(AddedToOnly):
    """What it came to for one treatment. Why, and to whom somebody is referred, says the entry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="outcomes")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessment_outcomes")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="assessment_outcomes")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    valid_until = models.DateField(null=True, blank=True)
    defer_until = models.DateField(null=True, blank=True)

    objects: ClassVar[OutcomeManager[AssessmentOutcome]] = OutcomeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assessment_settles_a_treatment_once",
                fields=["entry", "treatment"],
                violation_error_message="This treatment stands here twice.",
            ),
            # What the keys of prescriptions will point to.
            models.UniqueConstraint(
                name="outcome_of_an_assessment_for_a_treatment", fields=["entry", "treatment", "outcome"]
            ),
            models.CheckConstraint(
                name="suitable_says_until_when",
                condition=Q(outcome=Outcome.SUITABLE, valid_until__isnull=False)
                | ~Q(outcome=Outcome.SUITABLE) & Q(valid_until=None),
                violation_error_message="What is suitable is so until a day.",
            ),
            models.CheckConstraint(
                name="deferred_says_until_when",
                condition=Q(outcome=Outcome.DEFER, defer_until__isnull=False)
                | ~Q(outcome=Outcome.DEFER) & Q(defer_until=None),
                violation_error_message="What is put off is put off until a day.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "treatment"], name="outcome_for_patient")]

    def __str__(self) -> str:
        return f"{self.treatment}: {self.get_outcome_display().lower()}"
