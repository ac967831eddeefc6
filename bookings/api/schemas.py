"""The shapes of the interface. Times carry the offset of Europe/London."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Annotated, Self, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from ninja import Field, Query, Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    field_validator,
)

from bookings.engine.eligibility import PatientDetails
from bookings.engine.series.together import MOST_VISITS
from bookings.visits import addresses
from bookings.visits.models import Appointment
from bookings.visits.policy import moves_until
from bookings.visits.refusals import Reason
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients import validation

T = TypeVar("T")


def _no_control_characters(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t\r" for character in text):
        raise ValueError("Use ordinary characters only.")
    return text


def _judged_by(rule: Callable[[T], T]) -> Callable[[T], T]:
    """The page's own judgement of a person, as pydantic wants it told."""

    @wraps(rule)
    def judge(value: T) -> T:
        try:
            return rule(value)
        except ValidationError as error:
            raise ValueError(f"{error.message}.") from error

    return judge


def _if_any(rule: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: rule(text) if text else ""


def _birthday(born: date) -> date:
    return validation.birthday(born, clock.today())


def _iso_text(value: object) -> object:
    """Pydantic would also take the seconds since 1970."""
    if isinstance(value, str) and not value.strip().lstrip("+-").replace(".", "").isdigit():
        return value
    raise ValueError("Write it as in ISO 8601, like 2027-03-28 or 2027-03-28T09:00:00+01:00.")


def _near_day(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"Days go from {FIRST_DAY} to {LAST_DAY}.")
    return day


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Day = Annotated[date, BeforeValidator(_iso_text), AfterValidator(_near_day)]


def _in_utc(moment: datetime) -> datetime:
    """An offset may be written that no clock on earth shows, and PostgreSQL takes none beyond 16 hours."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Give a time of this century.") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_iso_text), AfterValidator(_in_utc)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_no_control_characters)]
Name = Annotated[
    str,
    StringConstraints(min_length=validation.SHORTEST_NAME, max_length=validation.LONGEST_NAME),
    AfterValidator(_judged_by(validation.name)),
]
Email = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_EMAIL), AfterValidator(_judged_by(validation.email))
]
Phone = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_PHONE), AfterValidator(_judged_by(validation.phone))
]
MaybeEmail = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_EMAIL), AfterValidator(_if_any(_judged_by(validation.email)))
]
MaybePhone = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_PHONE), AfterValidator(_if_any(_judged_by(validation.phone)))
]
Birthday = Annotated[date, BeforeValidator(_iso_text), AfterValidator(_judged_by(_birthday))]


def _local_iso(moment: datetime) -> str:
    return clock.local(moment).isoformat()


LocalTime = Annotated[
    datetime, PlainSerializer(_local_iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


REFUSE_IF_CHANGED = "Refuse (409) if the visit was changed since."
Version = Annotated[int | None, Field(ge=1, le=2**31 - 1, description=REFUSE_IF_CHANGED)]
AskedVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1, description=REFUSE_IF_CHANGED, examples=[1])]


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
            description="True only if the patient ticked herself that she may be e-mailed invitations to come again. "
            "False changes nothing of what she said before.",
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
    def of(cls, visit: Appointment, clinic: ClinicSettings | None = None) -> Self:
        """`clinic` if the caller has read it already."""
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
            changes_until=moves_until(visit, clock.now(), clinic) if visit.is_upcoming else None,
            visit_url=addresses.of_visit(visit),
        )


class SeriesOut(Schema):
    series: UUID
    bookings: list[BookingOut]

    @classmethod
    def of(cls, visits: list[Appointment]) -> Self:
        series = next(visit.series for visit in visits if visit.series)
        clinic = ClinicSettings.load()
        return cls(series=series, bookings=[BookingOut.of(visit, clinic) for visit in visits])


class Problem(Schema):
    type: str
    title: str
    status: int
    code: str
    detail: str
    reason: Reason | None = Field(None, description="Why a time cannot be had, where the refusal is about one.")


class FieldError(Schema):
    field: str
    message: str


class InvalidProblem(Problem):
    errors: list[FieldError] | None = None


class TakenProblem(Problem):
    starts_at: LocalTime | None = Field(None, description="Which time of a series is not free.")
    alternatives: list[SlotOut] | None = None
