from __future__ import annotations

from django.conf import settings
from django.db import models

from clinic.core.abstract import AddedToOnly


class ConfidentialityPromise(AddedToOnly):
    """That a member of staff agreed to keep confidential what they read. Source: DP-01."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="confidentiality_promise"
    )
    agreed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Agreed on {self.agreed_at:%Y-%m-%d}"
