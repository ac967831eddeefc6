from __future__ import annotations

from django.conf import settings
from django.db import models

from clinic.core.abstract import OutsideCms


class ClaimAttempt(OutsideCms):
    """One try of an account to find its record: counted, and kept for whoever looks into a complaint. No name."""

    class Outcome(models.TextChoices):
        JOINED = "joined", "Joined"
        NONE = "none", "No such record"
        SEVERAL = "several", "Several such records"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claim_attempts", db_index=False
    )
    address_digest = models.BinaryField(max_length=32, editable=False, help_text="Of the network address, keyed.")
    tried_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)

    class Meta:
        ordering = ["-tried_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "tried_at"], name="claim_of_an_account"),
            models.Index(fields=["address_digest", "tried_at"], name="claim_from_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.tried_at:%Y-%m-%d %H:%M}: {self.get_outcome_display()}"
