"""The shapes of webhook deliveries."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from ninja import Schema

from bookings.api.field_types import LocalTime
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint


class DeliveryOut(Schema):
    id: UUID
    endpoint: str
    event: WebhookEndpoint.Event
    reference: str
    state: WebhookDelivery.State
    attempts: int
    due_at: LocalTime
    answered_status: int | None
    error: str
    created_at: LocalTime
    delivered_at: LocalTime | None

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        return cls(
            id=delivery.pk,
            endpoint=delivery.endpoint.name,
            event=WebhookEndpoint.Event(delivery.event),
            reference=delivery.appointment.reference,
            state=WebhookDelivery.State(delivery.state),
            attempts=delivery.attempts,
            due_at=delivery.due_at,
            answered_status=delivery.answered_status,
            error=delivery.error,
            created_at=delivery.created_at,
            delivered_at=delivery.delivered_at,
        )


class DeliveriesOut(Schema):
    deliveries: list[DeliveryOut]
