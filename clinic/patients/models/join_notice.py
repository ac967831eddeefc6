from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.patients.models.access import PatientAccess


class JoinNoticeQuerySet(LinkQuerySet["JoinNotice"]):
    def to_check(self) -> JoinNoticeQuerySet:
        """Those that someone disputed, until the desk has looked into them; the first to be disputed first."""
        return self.filter(disputed_at__isnull=False, settled_at=None).order_by("disputed_at", "pk")


JoinNoticeManager = models.Manager.from_queryset(JoinNoticeQuerySet)


class JoinNotice(WithLink):
    """What tells a record's address that an account was joined to it. Its link ends that, and puts it before the desk."""

    access = models.OneToOneField(PatientAccess, on_delete=models.CASCADE, related_name="notice")
    disputed_at = models.DateTimeField(null=True, blank=True, help_text="When someone said that it was not them.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When the desk had looked into it.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[JoinNoticeManager[JoinNotice]] = JoinNoticeManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_what_is_disputed_is_settled",
                condition=Q(settled_at=None, settled_by=None) | Q(disputed_at__isnull=False, settled_at__isnull=False),
                violation_error_message="Only what a patient has disputed can be dealt with.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.access}: told"

    @property
    def needs_look(self) -> bool:
        return self.disputed_at is not None and self.settled_at is None
