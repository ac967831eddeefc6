"""The diary, and bookings as the desk makes them, for programs with a staff key."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from bookings.api.auth import StaffKey
from bookings.api.field_types import AskedVersion, Day, Slug
from bookings.api.finding import (
    IdempotencyHeader,
    find_any_treatment,
    find_practitioner,
    find_visit,
    idempotency_of,
    staff_visits,
)
from bookings.api.routes import NOT_FOUND, REFUSALS
from bookings.api.staff.change_schemas import StaffBookingIn, StaffMoveIn, StatusIn
from bookings.api.staff.visit_schemas import DiaryOut, VisitOut
from bookings.engine import booking as engine
from bookings.engine import changes, status_changes
from bookings.integrations.models import ApiKey
from bookings.visits.models import Appointment
from clinic.core import clock

router = Router(tags=["Staff"])
Scope = ApiKey.Scope
Reference = Annotated[str, Path(min_length=1, max_length=12, examples=["4F7K2MXQ"])]


@router.get(
    "/diary",
    response={200: DiaryOut, **NOT_FOUND},
    auth=StaffKey(Scope.READ_DIARY),
    summary="The visits of a day",
    description="Scope `diary:read`. The day is local; cancelled visits are in it too.",
)
def diary(
    request: HttpRequest,
    day: Annotated[Day, Query(examples=["2027-03-28"])],
    practitioner: Annotated[Slug | None, Query()] = None,
) -> DiaryOut:
    visits = staff_visits().in_span(*clock.day_bounds(day)).order_by("during", "pk")
    if person := find_practitioner(practitioner):
        visits = visits.filter(practitioner=person)
    return DiaryOut(day=day, visits=[VisitOut.of(visit) for visit in visits])


@router.post(
    "/staff/bookings",
    response={201: VisitOut, **REFUSALS},
    auth=StaffKey(Scope.WRITE_BOOKINGS),
    summary="Book a visit as staff",
    description="Scope `bookings:write`. At any hour if a practitioner is named, and any published treatment; never two "
    "visits at once. The same `Idempotency-Key` with the same body gives the same answer for 7 days.",
)
def staff_create(
    request: HttpRequest, booking: StaffBookingIn, idempotency_key: IdempotencyHeader = None
) -> Status[VisitOut]:
    visit = engine.book(
        treatment=find_any_treatment(booking.treatment),
        practitioner=find_practitioner(booking.practitioner),
        starts_at=booking.starts_at,
        details=booking.details(),
        now=clock.now(),
        source=Appointment.Source.API,
        by_staff=True,
        idempotency=idempotency_of(idempotency_key, booking, "staff"),
    )
    return Status(201, VisitOut.of(visit))


@router.post(
    "/staff/bookings/{reference}/move",
    response={200: VisitOut, **REFUSALS},
    auth=StaffKey(Scope.WRITE_BOOKINGS),
    summary="Move a visit as staff",
    description="Scope `bookings:write`. The patient is told in three minutes.",
)
def staff_move(request: HttpRequest, reference: Reference, change: StaffMoveIn) -> VisitOut:
    visit = changes.move(
        appointment=find_visit(reference),
        starts_at=change.starts_at,
        practitioner=find_practitioner(change.practitioner),
        now=clock.now(),
        by_staff=True,
        version=change.version,
    )
    return VisitOut.of(visit)


@router.delete(
    "/staff/bookings/{reference}",
    response={200: VisitOut, **REFUSALS},
    auth=StaffKey(Scope.WRITE_BOOKINGS),
    summary="Cancel a visit as staff",
    description="Scope `bookings:write`. The patient is told in three minutes. Idempotent.",
)
def staff_cancel(request: HttpRequest, reference: Reference, version: AskedVersion = None) -> VisitOut:
    cancelled = changes.cancel(appointment=find_visit(reference), now=clock.now(), by_staff=True, version=version)
    return VisitOut.of(cancelled)


@router.post(
    "/staff/bookings/{reference}/status",
    response={200: VisitOut, **REFUSALS},
    auth=StaffKey(Scope.WRITE_BOOKINGS),
    summary="Note what happened to a visit",
    description="Scope `bookings:write`.",
)
def staff_status(request: HttpRequest, reference: Reference, change: StatusIn) -> VisitOut:
    visit = status_changes.change_status(
        appointment=find_visit(reference), status=change.status.value, now=clock.now(), version=change.version
    )
    return VisitOut.of(visit)
