from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.core.abstract import OutsideCms
from clinic.core.sealing.secret_links import LinkQuerySet, WithLink

TABLET_LASTS = timedelta(days=90)
MOST_WRONG = 5


class TabletQuerySet(LinkQuerySet["Tablet"]):
    def live(self, now: datetime) -> TabletQuerySet:
        """Neither revoked nor run out."""
        return self.filter(revoked_at=None, ends_at__gt=now)


TabletManager = models.Manager.from_queryset(TabletQuerySet)


@pghistory.track(exclude=["link_salt", "link_digest"])
class Tablet(WithLink):
    """A browser that several people share: it locks soon, and opens by the PIN of the day. Its cookie is the link."""

    name = models.CharField(max_length=60)
    location = models.CharField("where it is", max_length=60, blank=True)
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    enrolled_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TabletManager[Tablet]] = TabletManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tablet_lasts_ninety_days_at_most",
                condition=Q(ends_at__gt=F("enrolled_at"), ends_at__lte=F("enrolled_at") + TABLET_LASTS),
                violation_error_message="A shared tablet is set up for 90 days at most.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TabletPinQuerySet(models.QuerySet["TabletPin"]):
    def live(self, now: datetime) -> TabletPinQuerySet:
        """Good for today, of people who work here."""
        return self.filter(ends_at__gt=now, wrong__lt=MOST_WRONG, user__is_active=True, user__is_staff=True)


TabletPinManager = models.Manager.from_queryset(TabletPinQuerySet)


class TabletPin(OutsideCms):
    """Six digits with which one person opens one tablet until the evening. After five wrong tries it is gone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pins")
    tablet = models.ForeignKey(Tablet, on_delete=models.CASCADE, related_name="pins")
    digest = models.CharField(max_length=200, editable=False, help_text="By scrypt.")
    set_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0, help_text="Tries since the last right one.")

    objects: ClassVar[TabletPinManager[TabletPin]] = TabletPinManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "tablet"],
                name="one_pin_for_each_person_and_tablet",
                violation_error_message="There is a PIN already.",
            ),
            models.CheckConstraint(
                name="pin_takes_five_wrong_tries_at_most",
                condition=Q(wrong__lte=MOST_WRONG),
                violation_error_message="A PIN is gone after five wrong tries.",
            ),
            models.CheckConstraint(
                name="pin_ends_the_same_day",
                condition=Q(ends_at__gt=F("set_at"), ends_at__lte=F("set_at") + timedelta(hours=25)),
                violation_error_message="A PIN is good until that evening.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.tablet}"
