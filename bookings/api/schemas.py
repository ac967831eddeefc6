"""The shapes of the interface. Times carry the offset of Europe/London."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import (
    ConfigDict,
    StringConstraints,
    field_validator,
)

from bookings.api.field_types import (
    Birthday,
    Email,
    LocalTime,
    MaybeEmail,
    MaybePhone,
    Moment,
    Name,
    Phone,
    Slug,
    Text,
    Version,
)
from bookings.engine.eligibility import PatientDetails
from bookings.engine.series.together import MOST_VISITS
from bookings.visits import addresses
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.policy import moves_until
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock


class TreatmentOut(Schema):
    slug: str
    name: str
    kind: Treatment.Kind
    duration_minutes: int
    price: Decimal | None
    bookable_online: bool


class PractitionerOut(Schema):
    slug: str
    name: str
    job_title: str
    is_demo: bool
    treatments: list[str]


class SlotOut(Schema):
    starts_at: LocalTime
    ends_at: LocalTime
    practitioner: str

    @classmethod
    def of(cls, slot: Slot) -> Self:
        return cls(
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            practitioner=slot.practitioner_slug,
        )


class AvailabilityOut(Schema):
    slots: list[SlotOut]


class OpenDay(Schema):
    day: date
    slots: int = Field(description="How many different start times the local day has.")


class OpenDaysOut(Schema):
    days: list[OpenDay]


class PatientIn(Schema):
    model_config = ConfigDict(extra="forbid")

    full_name: Name = Field(examples=["Sam Lee"])
    email: Email = Field(examples=["sam@example.com"])
    phone: Phone = Field(examples=["07700 900123"])
    date_of_birth: Birthday = Field(examples=["1984-03-27"])


class StaffPatientIn(PatientIn):
    """Staff may book someone who gives no address or no number."""

    email: MaybeEmail = Field("", examples=["sam@example.com"], description="Empty: none.")
    phone: MaybePhone = Field("", examples=["07700 900123"], description="Empty: none.")


class Wanted(Schema):
    """What and for whom; when is said by those that extend it."""

    model_config = ConfigDict(extra="forbid")

    treatment: Slug = Field(examples=["first-consultation"])
    practitioner: Slug | None = Field(None, description="Null for whoever is free.")
    patient: PatientIn
    note: Annotated[Text, StringConstraints(max_length=1000)] = ""

    def details(self) -> PatientDetails:
        return PatientDetails(**self.patient.model_dump(), note=self.note)


class AcceptedTerms(Wanted):
    accept_terms: Annotated[bool, Field(strict=True)]
    marketing_opt_in: Annotated[
        bool,
        Field(
            strict=True,
            description="True only if the patients themselves ticked that they may be e-mailed invitations to come again. "
            "False changes nothing of what they said before.",
        ),
    ] = False

    def details(self) -> PatientDetails:
        return replace(super().details(), marketing_opt_in=self.marketing_opt_in)

    @field_validator("accept_terms")
    @classmethod
    def accepted(cls, accept_terms: bool) -> bool:  # noqa: FBT001 -- pydantic's signature
        if not accept_terms:
            raise ValueError("Accept the booking terms to book.")
        return accept_terms


class BookingIn(AcceptedTerms):
    starts_at: Moment = Field(examples=["2027-03-28T09:00:00+01:00"])


class SeriesIn(AcceptedTerms):
    starts_at: Annotated[list[Moment], Field(min_length=1, max_length=MOST_VISITS)] = Field(
        examples=[["2027-03-28T09:00:00+01:00", "2027-04-25T09:00:00+01:00"]]
    )


class MoveIn(Schema):
    model_config = ConfigDict(extra="forbid")

    starts_at: Moment = Field(examples=["2027-03-28T09:00:00+01:00"])
    version: Version = None


class BookingOut(Schema):
    reference: str
    version: int
    status: str
    treatment: str
    starts_at: LocalTime
    ends_at: LocalTime
    practitioner: str
    location: str
    price: Decimal | None = Field(
        description="Agreed when it was booked; what the catalogue says later changes nothing."
    )
    price_is_from: bool
    changes_until: LocalTime | None = Field(
        description="Until when the patient can move it; null once that has passed. To cancel goes until it begins."
    )
    visit_url: str

    @classmethod
    def of(cls, visit: Appointment, settings: BookingSettings | None = None) -> Self:
        """`settings` if the caller has read it already."""
        return cls(
            reference=visit.reference,
            version=visit.version,
            status=visit.status,
            treatment=visit.treatment.slug,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            practitioner=visit.practitioner.slug,
            location=visit.location.slug,
            price=visit.price,
            price_is_from=visit.price_is_from,
            changes_until=moves_until(visit, clock.now(), settings) if visit.is_upcoming else None,
            visit_url=addresses.of_visit(visit),
        )


class SeriesOut(Schema):
    series: UUID
    bookings: list[BookingOut]

    @classmethod
    def of(cls, visits: list[Appointment]) -> Self:
        series = next(visit.series for visit in visits if visit.series)
        settings = BookingSettings.load()
        return cls(series=series, bookings=[BookingOut.of(visit, settings) for visit in visits])
