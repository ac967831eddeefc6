"""A calendar that a practitioner's own calendar program fetches by a secret address."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.core.sealing.secret_links import WithLink
from clinic.practitioners.models import Practitioner


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: User) -> CalendarFeedQuerySet:
        """Everyone's, or a practitioner's own."""
        return self.all() if may(user, Right.REVOKE_ANY_FEED) else self.filter(practitioner__user=user)

    def live(self) -> CalendarFeedQuerySet:
        return self.filter(revoked_at=None)


class CalendarFeed(WithLink):
    """One address of one practitioner's visits. Its secret is shown once, when it is made."""

    class Detail(models.TextChoices):
        TIMES = "times", "Times only"
        INITIALS = "initials", "Times and patients’ initials"
        NAMES = "names", "Times and patients’ names"

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="calendar_feeds")
    name = models.CharField(max_length=60)
    detail = models.CharField(max_length=10, choices=Detail.choices, default=Detail.TIMES)
    past_days = models.PositiveSmallIntegerField(default=30)
    ahead_days = models.PositiveSmallIntegerField(default=180)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_agent = models.CharField("last read by", max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[CalendarFeed]] = models.Manager.from_queryset(CalendarFeedQuerySet)()

    class Meta:
        ordering = ["revoked_at", "-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="calendar_feed_covers_two_years_at_most",
                condition=Q(past_days__lte=365, ahead_days__range=(1, 365)),
                violation_error_message="A feed goes back a year at most, and a day to a year ahead.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.practitioner}"
