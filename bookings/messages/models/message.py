from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from bookings.messages.models.kinds_and_channels import Channel, Kind, channels, kinds
from bookings.messages.models.wording import Wording
from bookings.visits.access import Reader, known_to, sees_all, visits_of, without_limited
from bookings.visits.models.appointment import Appointment
from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> MessageQuerySet:
        """What the loop may take now."""
        return self.filter(Q(retry_at=None) | Q(retry_at__lte=now), state=Message.State.PLANNED, due_at__lte=now)

    def unsent(self) -> MessageQuerySet:
        """What can still be withdrawn: planned, or taken by a loop that has not begun to send it."""
        return self.filter(Q(state=Message.State.PLANNED) | Q(state=Message.State.LEASED, started_at=None))

    def to_check(self) -> MessageQuerySet:
        """What failed or may not have arrived, until someone of the clinic has dealt with it."""
        rows = self.filter(state__in=(Message.State.FAILED, Message.State.UNKNOWN), settled_at=None)
        return rows.exclude(kind=Kind.ACCOUNT)  # whoever still waits for it has asked for another

    def visible_to(self, reader: Reader) -> MessageQuerySet:
        """Those about visits that they may open; about no visit, to their own patients or to themselves.

        Letters of accounts are nobody else's business, not even that there was one.
        """
        rows = without_limited(self.exclude(kind=Kind.ACCOUNT), reader)
        if sees_all(reader):
            return rows
        visits, patients = visits_of(reader).order_by().values("pk"), known_to(reader, Patient.objects.all())
        to_themselves = Q(patient=None, recipient__iexact=getattr(reader, "email", ""))
        about_none = Q(patient__in=patients.values("pk")) | to_themselves
        return rows.filter(Q(appointment__in=visits) | Q(about_none, appointment=None))

    def overdue(self, since: datetime) -> MessageQuerySet:
        return self.filter(state__in=(Message.State.PLANNED, Message.State.LEASED), due_at__lte=since)


MessageManager = models.Manager.from_queryset(MessageQuerySet)


@pghistory.track(
    pghistory.UpdateEvent("settled", condition=pghistory.AnyChange("settled_at")),
    fields=["settled_at", "settled_by"],
    model_name="MessageSettlement",
    obj_field=pghistory.ObjForeignKey(related_name="settlements"),
)
class Message(OutsideCms):
    """One message to one person by one channel: the row is the queue.

    `id` is the provider's idempotency key and the e-mail's Message-ID; `key` says what the message is, once.
    """

    Kind = Kind
    Channel = Channel

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        LEASED = "leased", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Unknown"
        EXPIRED = "expired", "Too late"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=kinds)
    channel = models.CharField(max_length=10, choices=channels)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    appointment_version = models.PositiveIntegerField(null=True, blank=True)
    asks_to_confirm = models.BooleanField(
        default=False, db_default=False, help_text="A reminder that asks whether the patient is coming."
    )
    offer = models.ForeignKey(
        "bookings.Offer", null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    entry = models.ForeignKey(
        "bookings.WaitingEntry",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,  # on every message, for the few about the waiting list
    )
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    wording = models.ForeignKey(
        Wording,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="messages",
        help_text="The owner's own words it went out with, if it did.",
    )
    recipient = models.CharField(max_length=254, help_text="The address or number it went or will go to.")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When sending began under this lease.")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Not tried again before, while a provider is down."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(
        blank=True, help_text="The text as it was sent; of an account's letter that waits, all of it, sealed."
    )
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="What the provider calls it."
    )
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When the provider says it arrived.")
    report = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="What the provider last said became of it."
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When someone of the clinic dealt with what failed or may not have arrived."
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # on every message, for the few that are settled
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MessageManager] = MessageManager()

    class Meta:
        ordering = ["-due_at"]
        indexes = [
            models.Index(fields=["due_at"], name="message_due", condition=Q(state="planned")),
            models.Index(fields=["lease_until"], name="message_leased", condition=Q(state="leased")),
            models.Index(fields=["-due_at"], name="message_by_day"),
            models.Index(fields=["entry"], name="message_entry", condition=Q(entry__isnull=False)),
            models.Index(fields=["wording"], name="message_wording", condition=Q(wording__isnull=False)),
            models.Index(fields=["provider_id"], name="message_provider_id", condition=~Q(provider_id="")),
            models.Index(
                fields=["-due_at"],
                name="message_to_check",
                condition=Q(state__in=["failed", "unknown"], settled_at=None),
            ),
            models.Index(fields=["due_at"], name="message_sealed", condition=Q(kind="account", body__gt="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_of_an_account_keeps_no_words",
                condition=~Q(kind="account") | Q(state__in=["planned", "leased"]) | Q(body=""),
                violation_error_message="A letter of an account keeps its words only while it waits.",
            ),
            models.CheckConstraint(
                name="message_expires_after_it_is_due",
                condition=Q(expires_at__gt=F("due_at")),
                violation_error_message="A message must expire after it is due.",
            ),
            models.CheckConstraint(
                name="message_being_sent_has_a_lease",
                condition=~Q(state="leased") | Q(lease_until__isnull=False),
                violation_error_message="A message that is being sent has a lease.",
            ),
            models.CheckConstraint(
                name="message_sent_has_a_time",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                violation_error_message="A sent message says when it was sent.",
            ),
        ]

    def __str__(self) -> str:
        return self.key


def forgetting() -> dict[str, Any]:
    """Give an update that ends messages what clears the words of letters of accounts."""
    return {"body": Case(When(kind=Kind.ACCOUNT, then=Value("")), default=F("body"), output_field=models.TextField())}


class LoopHeartbeat(OutsideCms):
    """When a loop last ran, so that its silence is noticed."""

    name = models.CharField(primary_key=True, max_length=40)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.beat_at:%Y-%m-%d %H:%M:%S}"
