"""Other programs: the keys with which they ask, and the addresses that are told what happened."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from bookings.visits.models.appointment import Appointment
from clinic.accounts.rights import Right, may
from clinic.core.abstract import OutsideCms


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def valid(self, secret: str) -> ApiKeyQuerySet:
        """The key that is not revoked and has this secret: one or none."""
        return self.select_related("created_by").filter(digest=sha256(secret.encode()).digest(), revoked_at=None)


class ApiKey(OutsideCms):
    """A key for a staff integration. The secret is shown once, when the key is made; only its digest is kept."""

    class Scope(models.TextChoices):
        READ_DIARY = "diary:read", "Read the diary"
        WRITE_BOOKINGS = "bookings:write", "Book, move and cancel as staff"
        REPLAY_WEBHOOKS = "webhooks:replay", "Replay webhook deliveries"

        @property
        def right(self) -> Right:
            """What whoever gives it to a key must hold."""
            return RIGHT_OF_SCOPE[self]

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, help_text="The beginning of the secret, to tell keys apart.")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[ApiKey]] = models.Manager.from_queryset(ApiKeyQuerySet)()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="api_key_has_a_scope",
                condition=Q(scopes__len__gt=0),
                violation_error_message="Choose at least one thing that this key may do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def lost(self) -> list[str]:
        """Those of its scopes that whoever made it may not give any more: it may do no more than they."""
        by = self.created_by
        return [] if by is None else [scope for scope in self.scopes if not may(by, ApiKey.Scope(scope).right)]


RIGHT_OF_SCOPE = {
    ApiKey.Scope.READ_DIARY: Right.CHANGE_ANY_DIARY,
    ApiKey.Scope.WRITE_BOOKINGS: Right.CHANGE_ANY_DIARY,
    ApiKey.Scope.REPLAY_WEBHOOKS: Right.MANAGE_INTEGRATIONS,
}


def new_secret_salt() -> bytes:
    return secrets.token_bytes(32)


class WebhookEndpoint(OutsideCms):
    """An address that is told when a visit is booked, moved or cancelled."""

    class Event(models.TextChoices):
        BOOKED = "booking.booked", "Booked"
        MOVED = "booking.moved", "Moved"
        CANCELLED = "booking.cancelled", "Cancelled"

    name = models.CharField(max_length=80)
    url = models.URLField("address", max_length=500)
    events = ArrayField(models.CharField(max_length=30, choices=Event.choices))
    secret_salt = models.BinaryField(default=new_secret_salt, max_length=32, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="webhook_endpoint_has_an_event",
                condition=Q(events__len__gt=0),
                violation_error_message="Choose at least one event.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What deliveries are signed with: made from a salt and SECRET_KEY, never stored itself."""
        salt = bytes(self.secret_salt)
        key = salted_hmac("webhook", salt, secret=settings.SECRET_KEY, algorithm="sha256").digest()
        return "whsec_" + b64encode(key).decode()


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def due(self, now: datetime) -> WebhookDeliveryQuerySet:
        return self.filter(state=WebhookDelivery.State.PLANNED, due_at__lte=now)


class WebhookDelivery(OutsideCms):
    """One event for one endpoint: the row is the queue, written in the booking's own transaction."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        LEASED = "leased", "Sending"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=30, choices=WebhookEndpoint.Event.choices)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="webhook_deliveries")
    appointment_version = models.PositiveIntegerField()
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[WebhookDelivery]] = models.Manager.from_queryset(WebhookDeliveryQuerySet)()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["due_at"], name="webhook_due", condition=Q(state="planned")),
            models.Index(fields=["lease_until"], name="webhook_leased", condition=Q(state="leased")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event", "appointment", "appointment_version"],
                name="webhook_tells_of_an_event_once",
                violation_error_message="This has been told already.",
            ),
            models.CheckConstraint(
                name="webhook_expires_after_it_is_due",
                condition=Q(expires_at__gt=F("due_at")),
                violation_error_message="A delivery must expire after it is due.",
            ),
            models.CheckConstraint(
                name="webhook_being_sent_has_a_lease",
                condition=~Q(state="leased") | Q(lease_until__isnull=False),
                violation_error_message="A delivery that is being sent has a lease.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"
