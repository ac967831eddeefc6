"""Bookings as a patient makes and changes them, version 1."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status

from bookings.api.field_types import AskedVersion
from bookings.api.finding import (
    IdempotencyHeader,
    find_asked,
    find_practitioner,
    find_treatment,
    find_visit_by_link,
    idempotency_of,
)
from bookings.api.limits import BOOKINGS, Throttle, count_contact
from bookings.api.problem_schemas import InvalidProblem, Problem, TakenProblem
from bookings.api.schemas import BookingIn, BookingOut, MoveIn, SeriesIn, SeriesOut
from bookings.engine import booking as engine
from bookings.engine import changes
from bookings.engine.series.together import book_series
from bookings.visits.models import Appointment
from clinic.core import clock

router = Router(tags=["Bookings"])
NOT_FOUND: dict[int, type[Problem]] = {404: Problem, 422: InvalidProblem}
REFUSALS: dict[int, type[Problem]] = {
    400: Problem,
    404: Problem,
    409: TakenProblem,
    422: InvalidProblem,
}
Token = Annotated[str, Path(min_length=1, max_length=100)]


@router.post(
    "/bookings",
    response={201: BookingOut, **REFUSALS},
    throttle=[Throttle(BOOKINGS)],
    summary="Book a visit",
    description="The same `Idempotency-Key` with the same body gives the same answer for 7 days.",
)
def create(request: HttpRequest, booking: BookingIn, idempotency_key: IdempotencyHeader = None) -> Status[BookingOut]:
    count_contact(request, booking.details())
    treatment, practitioner, _anywhere = find_asked(booking.treatment, booking.practitioner, None)
    visit = engine.book(
        treatment=treatment,
        practitioner=practitioner,
        starts_at=booking.starts_at,
        details=booking.details(),
        now=clock.now(),
        source=Appointment.Source.API,
        idempotency=idempotency_of(idempotency_key, booking),
    )
    return Status(201, BookingOut.of(visit))


@router.post(
    "/bookings/series",
    response={201: SeriesOut, **REFUSALS},
    throttle=[Throttle(BOOKINGS)],
    summary="Book several visits of one treatment, all or none",
    description="A refusal (409) names the time that is not free and gives what is near it. "
    "The same `Idempotency-Key` with the same body gives the same answer for 7 days.",
)
def create_series(
    request: HttpRequest, wanted: SeriesIn, idempotency_key: IdempotencyHeader = None
) -> Status[SeriesOut]:
    count_contact(request, wanted.details())
    visits = book_series(
        treatment=find_treatment(wanted.treatment),
        practitioner=find_practitioner(wanted.practitioner),
        starts=wanted.starts_at,
        details=wanted.details(),
        now=clock.now(),
        source=Appointment.Source.API,
        idempotency=idempotency_of(idempotency_key, wanted, "series"),
    )
    booked = Appointment.objects.with_details().filter(pk__in=[visit.pk for visit in visits]).order_by("during")
    return Status(201, SeriesOut.of(list(booked)))


@router.get("/bookings/{token}", response={200: BookingOut, **NOT_FOUND}, summary="See a visit")
def read(request: HttpRequest, token: Token) -> BookingOut:
    return BookingOut.of(find_visit_by_link(token, clock.now()))


@router.delete(
    "/bookings/{token}",
    response={200: BookingOut, **REFUSALS},
    summary="Cancel a visit",
    description="Until it begins. After `changes_until` it counts as cancelled late. Idempotent.",
)
def cancel(request: HttpRequest, token: Token, version: AskedVersion = None) -> BookingOut:
    now = clock.now()
    return BookingOut.of(changes.cancel(appointment=find_visit_by_link(token, now), now=now, version=version))


@router.post("/bookings/{token}/move", response={200: BookingOut, **REFUSALS}, summary="Move a visit")
def move(request: HttpRequest, token: Token, change: MoveIn) -> BookingOut:
    now = clock.now()
    visit = changes.move(
        appointment=find_visit_by_link(token, now), starts_at=change.starts_at, now=now, version=change.version
    )
    return BookingOut.of(visit)
