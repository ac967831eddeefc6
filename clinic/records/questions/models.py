"""Questionnaires, and the versions of them that a practitioner approves."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from clinic.core.abstract import OutsideCms
from clinic.records.questions.content import reading
from clinic.records.questions.content.shapes import Content
from clinic.records.versions.models import Version, version_constraints


class Questionnaire(OutsideCms):
    """What is asked before a visit. `slug` names it in files and addresses of staff, never to a patient."""

    class Audience(models.TextChoices):
        PATIENT = "patient", "The patient, before the visit"
        STAFF = "staff", "Staff, with the patient"

    slug = models.SlugField(unique=True, max_length=60)
    title = models.CharField(max_length=120)
    audience = models.CharField(max_length=7, choices=Audience.choices, default=Audience.PATIENT)
    valid_months = models.PositiveSmallIntegerField(default=6)
    instrument = models.CharField(max_length=120, blank=True)
    licence_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                name="questionnaire_holds_for_1_to_24_months",
                condition=Q(valid_months__range=(1, 24)),
                violation_error_message="Answers hold for between 1 and 24 months.",
            ),
            models.CheckConstraint(
                name="instrument_has_a_licence_note",
                condition=Q(instrument="") | ~Q(licence_note=""),
                violation_error_message="Say by which licence you use this instrument.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class QuestionnaireVersion(Version):
    of = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")

    class Meta:
        ordering = ["of", "number"]
        constraints: ClassVar[list[Any]] = version_constraints("questionnaire")

    def read(self) -> Content:
        return reading.content_of(self.content)
