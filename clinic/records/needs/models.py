"""What a treatment needs of the record: the owner sets it. A treatment without a row needs nothing, and is not held up."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic.catalogue.models import Treatment
from clinic.core.abstract import OutsideCms
from clinic.records.questions.content.families import Family
from clinic.records.questions.models import Questionnaire


class RecordKind(models.TextChoices):
    """What must be signed before a visit is completed."""

    NONE = "none", "Nothing is recorded here"
    CONSULTATION = "consultation", "A consultation: its assessment"
    PROCEDURE = "procedure", "A procedure without injections: what was done"
    INJECTABLE = "injectable", "An injectable: what was given"


class Cosign(models.TextChoices):
    NEVER = "never", "Never"
    ALWAYS = "always", "Always"
    NEW_AUTHORS = "new", "Of those who are new here"


class TreatmentRules(OutsideCms):
    """The record of one treatment. How long to think is the treatment's own `reflection_hours`."""

    treatment = models.OneToOneField(Treatment, primary_key=True, on_delete=models.CASCADE, related_name="record_rules")
    record_kind = models.CharField(max_length=12, choices=RecordKind.choices, default=RecordKind.NONE)
    families = ArrayField(models.CharField(max_length=12, choices=Family.choices), default=list, blank=True)
    questionnaires = models.ManyToManyField(Questionnaire, blank=True, related_name="needed_by")
    assessment_valid_days = models.PositiveSmallIntegerField(default=180)
    needs_identity_check = models.BooleanField(default=False)
    cosign = models.CharField(max_length=6, choices=Cosign.choices, default=Cosign.NEVER)

    class Meta:
        verbose_name_plural = "treatment rules"
        constraints = [
            models.CheckConstraint(
                name="assessment_counts_for_1_to_730_days",
                condition=Q(assessment_valid_days__range=(1, 730)),
                violation_error_message="An assessment counts for between 1 and 730 days.",
            ),
            models.CheckConstraint(
                name="treatment_rules_name_known_families",
                condition=Q(families__contained_by=Family.values),
                violation_error_message="Choose families from the list.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treatment}: {self.get_record_kind_display()}"

    @property
    def is_treated(self) -> bool:
        """Whether something is done to the patient, so that an assessment comes before it."""
        return self.record_kind in TREATS

    @property
    def asks_for(self) -> list[str]:
        """What the list of treatments says of it, shortly."""
        asked = [str(RecordKind(self.record_kind).label)] if self.record_kind != RecordKind.NONE else []
        if self.is_treated:
            asked.append(f"an assessment, good for {self.assessment_valid_days} days")
        if number := len(self.questionnaires.all()):
            asked.append(f"{number} questionnaire{'s' if number > 1 else ''}")
        if self.needs_identity_check:
            asked.append("identity seen")
        return asked


TREATS = frozenset({RecordKind.PROCEDURE, RecordKind.INJECTABLE})


def rules_of(treatment: Treatment) -> TreatmentRules | None:
    """The rules of this treatment; None where the clinic keeps no record of it here."""
    rules = TreatmentRules.objects.filter(treatment=treatment).first()
    if rules:
        rules.treatment = treatment
    return rules
