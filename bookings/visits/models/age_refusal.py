from __future__ import annotations

from django.db import models

from clinic.catalogue.models import Treatment
from clinic.core.abstract import OutsideCms


class AgeRefusal(OutsideCms):
    """That someone too young was refused: proof of due diligence, without who it was.

    Source: Botulinum Toxin and Cosmetic Fillers (Children) Act 2021 s.2(4).
    """

    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="+")
    age = models.PositiveSmallIntegerField("age in years")
    refused_at = models.DateTimeField()

    class Meta:
        ordering = ["-refused_at"]

    def __str__(self) -> str:
        return f"{self.treatment}: refused at {self.age} years"
