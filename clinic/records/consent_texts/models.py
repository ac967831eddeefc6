"""What patients read before they consent: a document for each family of treatments, in versions that a clinician signs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from clinic.catalogue.models import Treatment
from clinic.core.abstract import OutsideCms
from clinic.patients.references import new_reference
from clinic.records.versions.models import State, Version, version_constraints


class ConsentDocument(OutsideCms):
    """Called by `reference` in addresses, which say no word of a treatment."""

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    name = models.CharField(max_length=80, unique=True, help_text="For the team: which family of treatments it is for.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def in_use(self) -> ConsentVersion | None:
        return self.versions.filter(state=State.APPROVED).first()

    @property
    def draft(self) -> ConsentVersion | None:
        return self.versions.filter(state=State.DRAFT).first()


class ConsentRule(OutsideCms):
    """Which treatment asks for which document; a treatment without one asks for no consent here."""

    treatment = models.OneToOneField(Treatment, primary_key=True, on_delete=models.CASCADE, related_name="consent_rule")
    document = models.ForeignKey(ConsentDocument, on_delete=models.CASCADE, related_name="rules")

    def __str__(self) -> str:
        return f"{self.treatment}: {self.document}"


class ConsentVersion(Version):
    """`is_material`: patients are to be asked again, since consents to the versions before lapse with its approval."""

    of = models.ForeignKey(ConsentDocument, on_delete=models.PROTECT, related_name="versions")
    is_material = models.BooleanField(default=True)

    objects: ClassVar[models.Manager[ConsentVersion]] = models.Manager()

    class Meta:
        ordering = ["of", "-number"]
        constraints = [
            *version_constraints("consent_text"),
            # What the key of a consent points to: this version, and what it said.
            models.UniqueConstraint(name="consent_text_and_its_digest", fields=["id", "content_digest"]),
        ]


def document_for(treatment: Treatment) -> ConsentDocument | None:
    """What this treatment asks consent by; None where it asks for none."""
    rule = ConsentRule.objects.filter(treatment=treatment).select_related("document").first()
    return rule.document if rule else None
