"""One act of staff that may change several visits at once, kept so that it can be undone as one."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from bookings.timetable.models import TimeOff
from bookings.visits.models.appointment import Appointment
from clinic.core.abstract import OutsideCms
from clinic.practitioners.models import Practitioner


class DiaryChangeQuerySet(models.QuerySet["DiaryChange"]):
    def with_details(self) -> DiaryChangeQuerySet:
        return self.select_related("made_by", "undone_by", "practitioner", "time_off").prefetch_related(
            "visits__appointment__patient", "visits__appointment__practitioner"
        )

    def made_since(self, moment: datetime) -> DiaryChangeQuerySet:
        return self.filter(made_at__gte=moment).order_by("-made_at", "-pk")


DiaryChangeManager = models.Manager.from_queryset(DiaryChangeQuerySet)


class DiaryChange(OutsideCms):
    """What staff did from a plan: time blocked, a visit made longer, hours changed; and what became of the visits in the way.

    `key` is of the page that was sent: sent twice, it is one change. From `starts_at` to `ends_at` is what was blocked,
    what the visit takes now, or when the hours are others; of hours that stay so, `ends_at` is None. With no
    `practitioner` it was the whole clinic. `hours` has the rows of the rota that went and those that came.
    """

    class Kind(models.TextChoices):
        BLOCK = "block", "Time blocked"
        EXTENSION = "extension", "Visit made longer or shorter"
        HOURS = "hours", "Hours changed"

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    practitioner = models.ForeignKey(Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    hours = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    time_off = models.OneToOneField(
        TimeOff, null=True, blank=True, on_delete=models.SET_NULL, related_name="made_by_change"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[DiaryChangeManager] = DiaryChangeManager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                name="diary_change_ends_after_it_starts",
                condition=Q(ends_at__gt=models.F("starts_at")),
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                name="diary_change_ends_unless_it_is_of_hours",
                condition=Q(kind="hours") | Q(ends_at__isnull=False),
                violation_error_message="Only a change of hours has no end.",
            ),
            models.CheckConstraint(
                name="diary_change_of_hours_keeps_their_rows",
                condition=Q(kind="hours", hours__isnull=False) | ~Q(kind="hours") & Q(hours__isnull=True),
                violation_error_message="A change of hours keeps the rows that went and came.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.practitioner or 'everyone'}, {self.starts_at} to {self.ends_at}"


class ChangedVisit(OutsideCms):
    """What a change of the diary did to one visit. The visit as it was is in its audit trail, at `version_before`."""

    class Action(models.TextChoices):
        MOVED = "moved", "Moved"
        CANCELLED = "cancelled", "Cancelled"
        RESIZED = "resized", "Made longer or shorter"
        KEPT = "kept", "Left where it is"

    change = models.ForeignKey(DiaryChange, on_delete=models.CASCADE, related_name="visits")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="diary_changes")
    action = models.CharField(max_length=12, choices=Action.choices)
    position = models.PositiveSmallIntegerField(help_text="In which order they were done; undone the other way round.")
    version_before = models.PositiveIntegerField()
    version_after = models.PositiveIntegerField()

    class Meta:
        ordering = ["change", "position"]
        constraints = [
            models.UniqueConstraint(name="change_has_each_visit_once", fields=["change", "appointment"]),
            models.CheckConstraint(
                name="changed_visit_has_a_new_version_unless_kept",
                condition=Q(action="kept", version_after=models.F("version_before"))
                | Q(version_after__gt=models.F("version_before")) & ~Q(action="kept"),
                violation_error_message="A changed visit has a later version.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment.reference}: {self.get_action_display()}"
