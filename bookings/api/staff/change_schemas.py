"""What staff ask for: a booking, a move, a status."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from bookings.api.field_types import FIRST_DAY, LAST_DAY, Moment, Slug, Version
from bookings.api.schemas import StaffPatientIn, Wanted
from bookings.engine.status_changes import STAFF_STATUSES
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
