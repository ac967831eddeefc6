"""Visits and a day of the diary, as staff see them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from ninja import Field, Schema

from bookings.api.field_types import LocalTime
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status


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
