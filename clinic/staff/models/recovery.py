from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.accounts.models import User
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink

RECOVERY_LASTS = timedelta(hours=1)


class RecoveryQuerySet(LinkQuerySet["Recovery"]):
    def pending(self) -> RecoveryQuerySet:
        """Neither used nor replaced; its link may have run out."""
        return self.filter(used_at=None, ended_at=None)

    def waits_for(self, user: User) -> bool:
        """Whether `user` was reset and has not come back by the link."""
        return self.pending().filter(user=user).exists()


RecoveryManager = models.Manager.from_queryset(RecoveryQuerySet)


@pghistory.track(exclude=["link_salt", "link_digest"])
class Recovery(WithLink):
    """Someone lost what they sign in with: an owner takes their second factors away and sends one link."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recoveries")
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: from the host, by `manage.py recover_owner`.",
    )
    allowed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Another took its place.")

    objects: ClassVar[RecoveryManager[Recovery]] = RecoveryManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="recovery_takes_a_second_person",
                condition=~Q(allowed_by=F("user")),
                violation_error_message="Nobody resets their own sign-in.",
            ),
            models.CheckConstraint(
                name="recovery_lasts_an_hour_at_most",
                condition=Q(expires_at__gt=F("allowed_at"), expires_at__lte=F("allowed_at") + RECOVERY_LASTS),
                violation_error_message="A recovery link lasts an hour at most.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="one_live_recovery_for_each_person",
                condition=Q(used_at=None, ended_at=None),
                violation_error_message="A recovery link has been sent already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and self.ended_at is None and now < self.expires_at
