from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models

from clinic.core.abstract import OutsideCms


@pghistory.track()
class Enrolment(OutsideCms):
    """What a member of staff did before their first working day. Source of the agreement: `uk-rules.md` DP-01."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="enrolment"
    )
    codes_kept_at = models.DateTimeField("recovery codes kept", null=True, blank=True)
    agreed_at = models.DateTimeField("confidentiality agreed", null=True, blank=True)

    def __str__(self) -> str:
        return str(self.user)
