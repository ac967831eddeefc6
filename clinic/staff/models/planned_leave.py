from __future__ import annotations

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.core.abstract import OutsideCms


class PlannedLeaveQuerySet(models.QuerySet["PlannedLeave"]):
    def open(self) -> PlannedLeaveQuerySet:
        """Neither carried out nor called off."""
        return self.filter(done_at=None, withdrawn_at=None)


PlannedLeaveManager = models.Manager.from_queryset(PlannedLeaveQuerySet)


@pghistory.track()
class PlannedLeave(OutsideCms):
    """Someone stops working here at a set moment: what an owner would do then by hand is done by the clock."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="planned_leaves")
    leaves_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    planned_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, help_text="Owners were told that work will still be theirs.")
    refused_at = models.DateTimeField(null=True, help_text="Owners were told that it could not be carried out.")
    done_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects: ClassVar[PlannedLeaveManager[PlannedLeave]] = PlannedLeaveManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                name="one_planned_leave_for_each_person",
                condition=Q(done_at=None, withdrawn_at=None),
                violation_error_message="It is planned already when this person leaves.",
            ),
            models.CheckConstraint(
                name="leave_is_planned_ahead",
                condition=Q(leaves_at__gt=F("planned_at")),
                violation_error_message="Choose a moment that is still to come.",
            ),
            models.CheckConstraint(
                name="nobody_plans_their_own_leave",
                condition=~Q(planned_by=F("user")),
                violation_error_message="Ask another owner: nobody ends their own access.",
            ),
            models.CheckConstraint(
                name="planned_leave_ends_once",
                condition=Q(done_at=None) | Q(withdrawn_at=None),
                violation_error_message="It was carried out or called off.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.leaves_at:%Y-%m-%d %H:%M}"
