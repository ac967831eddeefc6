from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from clinic.accounts.rights import Role
from clinic.core.abstract import OutsideCms


@pghistory.track()
class Leaver(OutsideCms):
    """Someone stopped working here, and what was ended with it. Their name stays on what they wrote."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="departures")
    left_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), help_text="Held until then.")
    ended = models.JSONField("what was ended", default=list, help_text="A sentence for each thing.")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_ends_their_own_work",
                condition=~Q(ended_by=F("user")),
                violation_error_message="Ask another owner: nobody ends their own access.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="nobody_leaves_twice",
                condition=Q(undone_at=None),
                violation_error_message="This person has left already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
