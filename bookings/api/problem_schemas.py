"""Refusals as the API tells them: RFC 9457."""

from __future__ import annotations

from ninja import Field, Schema

from bookings.api.field_types import (
    LocalTime,
)
from bookings.api.schemas import SlotOut
from bookings.visits.refusals import Reason


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
