from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from clinic.core import clock
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.patients.models.access import PatientAccess, a_year_after, may_choices
from clinic.patients.models.patient import Patient

INVITATION_LASTS = timedelta(days=7)
Kind = PatientAccess.Kind


class AccessInvitationQuerySet(LinkQuerySet["AccessInvitation"]):
    def pending(self) -> AccessInvitationQuerySet:
        """Neither accepted nor withdrawn; its link may have run out."""
        return self.filter(accepted_at=None, revoked_at=None)


AccessInvitationManager = models.Manager.from_queryset(AccessInvitationQuerySet)


@pghistory.track(exclude=["link_salt", "link_digest"])
class AccessInvitation(WithLink):
    """Asks whoever proves an address to open a record: as its patient, given by the desk, or as someone who helps."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="access_invitations")
    email = models.EmailField("email address", max_length=254)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.CARER)
    may = ArrayField(models.CharField(max_length=10, choices=may_choices))
    by_staff = models.BooleanField(default=False, help_text="The desk gives it; otherwise the patient.")
    evidence = models.CharField(max_length=200, blank=True, default="", help_text="What staff saw.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When the access ends that it gives.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    access = models.OneToOneField(
        PatientAccess, null=True, blank=True, on_delete=models.CASCADE, related_name="invitation"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AccessInvitationManager[AccessInvitation]] = AccessInvitationManager()

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "patient",
                Lower("email"),
                name="one_pending_invitation_to_a_record_for_each_address",
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message="This address has been invited already.",
            ),
            models.CheckConstraint(
                name="access_invitation_lasts_seven_days_at_most",
                condition=Q(expires_at__gt=F("invited_at"), expires_at__lte=F("invited_at") + INVITATION_LASTS),
                violation_error_message="An invitation lasts seven days at most.",
            ),
            models.CheckConstraint(
                name="access_invitation_of_a_carer_ends_within_a_year",
                condition=~Q(kind="carer")
                | Q(
                    may__len__gte=1,
                    may__contained_by=["visits", "messages", "forms"],
                    ends_at__isnull=False,
                    ends_at__gt=F("invited_at"),
                    ends_at__lte=a_year_after("invited_at"),
                ),
                violation_error_message="Someone who helps may see visits, messages and forms, for a year at most.",
            ),
            models.CheckConstraint(
                name="access_invitation_by_staff_says_what_they_saw",
                condition=Q(by_staff=False, kind="carer") | Q(by_staff=True, evidence__regex=r"\S"),
                violation_error_message="Say what you have seen.",
            ),
            models.CheckConstraint(
                name="access_invitation_is_answered_once",
                condition=Q(accepted_at=None, access=None) | Q(accepted_at__isnull=False, revoked_at=None),
                violation_error_message="An invitation is accepted, or withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.patient.reference}"

    @property
    def last_day(self) -> date | None:
        """As `PatientAccess.last_day`, of the access that it gives."""
        return clock.today(self.ends_at - timedelta(microseconds=1)) if self.ends_at else None

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at
