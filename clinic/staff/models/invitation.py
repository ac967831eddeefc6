from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from clinic.accounts.rights import Role
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.practitioners.models import Practitioner

INVITATION_LASTS = timedelta(days=7)


class InvitationQuerySet(LinkQuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; its link may have run out."""
        return self.filter(accepted_at=None, revoked_at=None)


InvitationManager = models.Manager.from_queryset(InvitationQuerySet)


@pghistory.track(exclude=["link_salt", "link_digest"])
class Invitation(WithLink):
    """An owner asks someone to work here. Its roles are given when enrolment ends, not before."""

    email = models.EmailField("email address", max_length=254)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="profile"
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invitations",
        help_text="Who answered it.",
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Invitation]] = InvitationManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_pending_invitation_for_each_address",
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message="This address has been invited already.",
            ),
            models.UniqueConstraint(
                fields=["practitioner"],
                name="one_pending_invitation_for_each_profile",
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message="This profile is promised to somebody already.",
            ),
            models.CheckConstraint(
                name="invitation_lasts_seven_days_at_most",
                condition=Q(expires_at__gt=F("invited_at"), expires_at__lte=F("invited_at") + INVITATION_LASTS),
                violation_error_message="An invitation lasts seven days at most.",
            ),
            models.CheckConstraint(
                name="invitation_names_a_role",
                condition=Q(roles__len__gte=1, roles__contained_by=[role.value for role in Role]),
                violation_error_message="Choose at least one role.",
            ),
            models.CheckConstraint(
                name="invitation_ends_once",
                condition=Q(accepted_at=None) | Q(revoked_at=None, user__isnull=False),
                violation_error_message="An invitation is accepted by someone, or withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at

    @property
    def role_names(self) -> list[str]:
        return [Role(role).label for role in self.roles]
