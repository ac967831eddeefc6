"""Answers that were sent, and that a practitioner has looked at them: what the database and the gates judge by."""

from __future__ import annotations

from django.db import models

from clinic.core.abstract import AddedToOnly
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.answering.models.request import FormRequest
from clinic.records.entries.models import Entry
from clinic.records.questions.models import QuestionnaireVersion


class Worst(models.TextChoices):
    """The gravest flag that the answers raised."""

    NONE = "none", "No flag"
    NOTE = "note", "To note"
    WARN = "warn", "To clear"
    BLOCK = "block", "In the way"


class QuestionnaireResponse(AddedToOnly):
    """The entry has the answers, each under its question's words, and the flags."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="response")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="responses")
    request = models.ForeignKey(FormRequest, on_delete=models.PROTECT, related_name="responses")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="responses")
    valid_until = models.DateField()
    worst = models.CharField(max_length=5, choices=Worst.choices)

    class Meta:
        indexes = [models.Index(fields=["patient", "-valid_until"], name="responses_of_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                name="questions_are_answered_once_a_request",
                violation_error_message="These answers were sent already.",
            ),
            models.UniqueConstraint(fields=["entry", "patient"], name="response_and_its_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.version}, valid until {self.valid_until}"


class ResponseReview(AddedToOnly):
    """`open_flags`: how many still stand in the way. The entry says of each flag why it was cleared, or that it stands."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="response_review")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="response_reviews")
    response = models.ForeignKey(QuestionnaireResponse, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField()
    open_flags = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-entry__recorded_at"]

    def __str__(self) -> str:
        return f"Review on {self.reviewed_on}, {self.open_flags} open"
