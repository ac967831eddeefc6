"""The shapes of what a staff key opens."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from bookings.api.field_types import FIRST_DAY, LAST_DAY, LocalTime, Moment, Slug, Version
from bookings.api.schemas import StaffPatientIn, Wanted
from bookings.engine.status_changes import STAFF_STATUSES
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status


def _near(moment: datetime) -> datetime:
    if not FIRST_DAY < moment.date() < LAST_DAY:
        raise ValueError(f"Days go from {FIRST_DAY} to {LAST_DAY}.")
    return moment


NearMoment = Annotated[Moment, AfterValidator(_near)]
StaffStatus = StrEnum("StaffStatus", {status.name: status.value for status in Status if status in STAFF_STATUSES})  # type: ignore[misc]  # the table decides


class StaffBookingIn(Wanted):
    """`practitioner` is needed outside the free times."""

    patient: StaffPatientIn
    starts_at: NearMoment = Field(examples=["2027-03-28T09:00:00+01:00"])


class StaffMoveIn(Schema):
    model_config = ConfigDict(extra="forbid")

    starts_at: NearMoment = Field(examples=["2027-03-28T09:00:00+01:00"])
    practitioner: Slug | None = Field(None, description="Null to stay with the same one.")
    version: Version = None


class StatusIn(Schema):
    model_config = ConfigDict(extra="forbid")

    status: StaffStatus
    version: Version = None


class VisitOut(Schema):
    """A visit as staff see it: with the patient's name and the treatment's true name."""

    reference: str
    version: int
    status: Status
    starts_at: LocalTime
    ends_at: LocalTime
    patient: str
    reached_by: list[str] = Field(
        description="The channels by which anything can be sent to the patient: `email`, `sms`, both or none."
    )
    treatment: str = Field(description="Slug.")
    treatment_name: str
    practitioner: str
    location: str
    room: str | None
    price: Decimal | None = Field(description="Agreed when it was booked.")
    price_is_from: bool

    @classmethod
    def of(cls, visit: Appointment) -> Self:
        return cls(
            reference=visit.reference,
            version=visit.version,
            status=Status(visit.status),
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            patient=visit.patient.full_name if visit.patient else "",
            reached_by=visit.patient.reached_by if visit.patient else [],
            treatment=visit.treatment.slug,
            treatment_name=visit.treatment.name,
            practitioner=visit.practitioner.slug,
            location=visit.location.slug,
            room=visit.room.name if visit.room else None,
            price=visit.price,
            price_is_from=visit.price_is_from,
        )


class DiaryOut(Schema):
    day: date
    visits: list[VisitOut]


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
