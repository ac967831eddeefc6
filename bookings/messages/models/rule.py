"""What the clinic sends around a visit, and when: rows that the owner edits."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from bookings.messages.models.kinds_and_channels import Channel, Kind, channels
from clinic.catalogue.models import Treatment
from clinic.core.abstract import OutsideCms

A_DAY, A_WEEK, A_YEAR = 24, 7 * 24, 365 * 24  # in hours

BY_RULE = [
    (Kind.REMINDER.value, "Reminder, before the visit"),
    (Kind.FOLLOW_UP.value, "Follow-up, after the visit"),
    (Kind.REVIEW.value, "How was it, after the visit"),
    (Kind.RECALL.value, "Come again, after the visit (marketing)"),
]


class MessageRuleQuerySet(models.QuerySet["MessageRule"]):
    def active(self) -> MessageRuleQuerySet:
        return self.filter(is_active=True)


MessageRuleManager = models.Manager.from_queryset(MessageRuleQuerySet)


class MessageRule(OutsideCms):
    """A message that goes out so many hours before a visit starts (a reminder) or after it has ended (the others)."""

    Kind = Kind
    Channel = Channel

    kind = models.CharField(
        max_length=20,
        choices=BY_RULE,
        help_text="“Come again” is marketing: only patients who asked for it get it.",
    )
    channel = models.CharField(max_length=10, choices=channels, default=Channel.EMAIL)
    hours = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(A_YEAR)],
        help_text="Before the visit starts, or after it has ended. 24 is a day, 168 a week, 4032 twenty-four weeks.",
    )
    treatments = models.ManyToManyField(
        Treatment, blank=True, related_name="+", help_text="Only for visits for these. None ticked: for every visit."
    )
    asks_to_confirm = models.BooleanField(
        "asks the patient to confirm", default=False, help_text="A reminder with a “Yes, I’m coming” link."
    )
    is_active = models.BooleanField("in use", default=True)

    objects: ClassVar[MessageRuleManager] = MessageRuleManager()

    class Meta:
        ordering = ["kind", "-hours", "channel"]
        constraints = [
            models.CheckConstraint(
                name="message_rule_within_a_year",
                condition=Q(hours__gte=1, hours__lte=A_YEAR),
                violation_error_message="Choose between 1 hour and 365 days (8760 hours).",
            ),
            models.CheckConstraint(
                name="message_rule_only_reminders_ask",
                condition=Q(asks_to_confirm=False) | Q(kind="reminder"),
                violation_error_message="Only a reminder can ask the patient to confirm.",
            ),
            models.CheckConstraint(
                name="message_rule_marketing_by_email",
                condition=~Q(kind="recall") | Q(channel="email"),
                violation_error_message="“Come again” goes out by email only, where every message has a way to stop them.",
            ),
            models.UniqueConstraint(
                fields=["kind", "channel", "hours"],
                name="message_rule_once",
                violation_error_message="There is a rule like this already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.lead}, {self.get_channel_display().lower()}"

    @property
    def lead(self) -> str:
        """`48 hours before`, `2 weeks after`."""
        side = "before" if self.kind == self.Kind.REMINDER else "after"
        return f"{_length(self.hours)} {side}"


def _length(hours: int) -> str:
    for unit, name, least in ((A_WEEK, "week", 1), (A_DAY, "day", 3)):
        if hours % unit == 0 and hours >= least * unit:
            return _counted(hours // unit, name)
    return _counted(hours, "hour")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
