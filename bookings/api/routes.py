"""The public interface, version 1."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Path, Query, Router, Status
from ninja.errors import ValidationError
from ninja.throttling import AnonRateThrottle

from bookings.api.schemas import (
    AvailabilityOut,
    BookingIn,
    BookingOut,
    Day,
    InvalidProblem,
    MoveIn,
    PractitionerOut,
    Problem,
    Slug,
    TakenProblem,
    TreatmentOut,
)
from bookings.domain import booking as engine
from bookings.domain.availability import MAX_DAYS, free_slots
from bookings.domain.idempotency import Idempotency
from bookings.models import Appointment, Location
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

router = Router()
ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PRINTABLE = r"^[ -~]+$"
LINK_LIVES_ON = timedelta(hours=24)
NOT_FOUND: dict[int, type[Problem]] = {404: Problem, 422: InvalidProblem}
REFUSALS: dict[int, type[Problem]] = {
    400: Problem,
    404: Problem,
    409: TakenProblem,
    422: InvalidProblem,
    429: Problem,
}
Token = Annotated[str, Path(min_length=1, max_length=100)]


class WriteThrottle(AnonRateThrottle):
    """Writes from one address; a room full of people behind one router still gets through."""

    scope = "bookings"

    def __init__(self) -> None:
        super().__init__("120/m")

    def allow_request(self, request: HttpRequest) -> bool:
        return not settings.RATE_LIMITS or super().allow_request(request)


@router.get("/treatments", response=list[TreatmentOut], summary="What can be booked")
def treatments(request: HttpRequest) -> list[dict[str, Any]]:
    fields = ("slug", "name", "kind", "duration_minutes", "price")
    return [
        row | {"bookable_online": row.pop("is_bookable_online")}
        for row in Treatment.objects.public().values(*fields, "is_bookable_online")
    ]


@router.get("/practitioners", response=list[PractitionerOut], summary="Who sees patients")
def practitioners(request: HttpRequest) -> list[dict[str, Any]]:
    public = set(Treatment.objects.public().values_list("slug", flat=True))
    return [
        {
            "slug": person.slug,
            "name": person.name,
            "job_title": person.job_title,
            "is_demo": person.is_demo,
            "treatments": [treatment.slug for treatment in person.treatments.all() if treatment.slug in public],
        }
        for person in Practitioner.objects.public().prefetch_related("treatments")
    ]


@router.get(
    "/availability",
    response={200: AvailabilityOut, 404: Problem, 422: InvalidProblem},
    summary="Free times of one treatment",
    description=f"Days are local and both included; at most {MAX_DAYS} days a call.",
)
def availability(  # noqa: PLR0917 -- the query's parameters, one each
    request: HttpRequest,
    treatment: Annotated[Slug, Query(examples=["first-consultation"])],
    first_day: Annotated[Day, Query(alias="from", examples=["2027-03-28"])],
    last_day: Annotated[Day, Query(alias="to", examples=["2027-04-03"])],
    practitioner: Annotated[Slug | None, Query()] = None,
    location: Annotated[Slug | None, Query()] = None,
) -> HttpResponse:
    if not 0 <= (last_day - first_day).days < MAX_DAYS:
        raise ValidationError([{"loc": ("query", "to"), "msg": f"Ask for 1 to {MAX_DAYS} days, the first one first."}])
    slots = free_slots(
        treatment=_treatment(treatment),
        practitioner=_practitioner(practitioner),
        location=_find(Location.objects.filter(is_active=True), location, "location"),
        first_day=first_day,
        last_day=last_day,
        now=clock.now(),
    )
    body = {
        "slots": [
            {
                "starts_at": _local_iso(slot.starts_at),
                "ends_at": _local_iso(slot.ends_at),
                "practitioner": slot.practitioner_slug,
            }
            for slot in slots
        ]
    }
    return HttpResponse(json.dumps(body, separators=(",", ":")), content_type="application/json")


@router.post(
    "/bookings",
    response={201: BookingOut, **REFUSALS},
    throttle=[WriteThrottle()],
    summary="Book a visit",
    description="The same `Idempotency-Key` with the same body gives the same answer for 7 days.",
)
def create(
    request: HttpRequest,
    booking: BookingIn,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=PRINTABLE)
    ] = None,
) -> Status[BookingOut]:
    visit = engine.book(
        treatment=_treatment(booking.treatment),
        practitioner=_practitioner(booking.practitioner),
        starts_at=booking.starts_at,
        details=booking.details(),
        now=clock.now(),
        source=Appointment.Source.API,
        idempotency=_idempotency(idempotency_key, booking),
    )
    return Status(201, BookingOut.of(visit))


@router.get("/bookings/{token}", response={200: BookingOut, **NOT_FOUND}, summary="See a visit")
def read(request: HttpRequest, token: Token) -> BookingOut:
    return BookingOut.of(_visit(token, clock.now()))


@router.delete(
    "/bookings/{token}",
    response={200: BookingOut, **REFUSALS},
    throttle=[WriteThrottle()],
    summary="Cancel a visit",
)
def cancel(request: HttpRequest, token: Token) -> BookingOut:
    now = clock.now()
    return BookingOut.of(engine.cancel(appointment=_visit(token, now), now=now))


@router.post(
    "/bookings/{token}/move",
    response={200: BookingOut, **REFUSALS},
    throttle=[WriteThrottle()],
    summary="Move a visit",
)
def move(request: HttpRequest, token: Token, change: MoveIn) -> BookingOut:
    now = clock.now()
    return BookingOut.of(engine.move(appointment=_visit(token, now), starts_at=change.starts_at, now=now))


@lru_cache(maxsize=20_000)
def _local_iso(moment: datetime) -> str:
    """Kept, for the same few thousand moments are written again and again."""
    return clock.local(moment).isoformat()


@router.api_operation(ANY_METHOD, "/{path:rest}", include_in_schema=False)
def nothing(request: HttpRequest, rest: str) -> None:
    raise Http404("There is nothing at this address.")


def _treatment(slug: str) -> Treatment:
    treatment: Treatment = _find(Treatment.objects.bookable_online(), slug, "treatment")
    return treatment


def _practitioner(slug: str | None) -> Practitioner | None:
    person: Practitioner | None = _find(Practitioner.objects.public(), slug, "practitioner")
    return person


def _find(rows: Any, slug: str | None, what: str) -> Any:
    if slug is None:
        return None
    found = rows.filter(slug=slug).first()
    if found is None:
        raise Http404(f"There is no such {what}.")
    return found


def _visit(token: str, now: datetime) -> Appointment:
    visit = Appointment.objects.visits().with_details().for_link(token).first()
    if visit is None or now > visit.ends_at + LINK_LIVES_ON:
        raise Http404("There is no such visit.")
    return visit


def _idempotency(key: str | None, booking: BookingIn) -> Idempotency | None:
    if key is None:
        return None
    return Idempotency(key, sha256(json.dumps(booking.model_dump(mode="json"), sort_keys=True).encode()).digest())
