"""What can be booked, with whom, and when."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.errors import ValidationError

from bookings.api.field_types import Day, Slug
from bookings.api.finding import find_asked
from bookings.api.problem_schemas import InvalidProblem, Problem
from bookings.api.schemas import AvailabilityOut, OpenDaysOut, PractitionerOut, TreatmentOut
from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.nearest import next_slots
from bookings.engine.availability.open_days import DayCount, open_days
from bookings.engine.availability.question import MAX_DAYS
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

router = Router(tags=["Times"])
MOST_NEXT, MOST_OPEN_DAYS = 20, 62
MISSING: dict[int, type[Problem]] = {404: Problem, 422: InvalidProblem}
TreatmentSlug = Annotated[Slug, Query(examples=["first-consultation"])]
OptionalSlug = Annotated[Slug | None, Query()]


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
    response={200: AvailabilityOut, **MISSING},
    summary="Free times of one treatment",
    description=f"Days are local and both included; at most {MAX_DAYS} days a call.",
)
def availability(  # noqa: PLR0917 -- the query's parameters, one each
    request: HttpRequest,
    treatment: TreatmentSlug,
    first_day: Annotated[Day, Query(alias="from", examples=["2027-03-28"])],
    last_day: Annotated[Day, Query(alias="to", examples=["2027-04-03"])],
    practitioner: OptionalSlug = None,
    location: OptionalSlug = None,
) -> HttpResponse:
    if not 0 <= (last_day - first_day).days < MAX_DAYS:
        raise ValidationError([{"loc": ("query", "to"), "msg": f"Ask for 1 to {MAX_DAYS} days, the first one first."}])
    asked, person, place = find_asked(treatment, practitioner, location)
    slots = free_slots(
        treatment=asked,
        practitioner=person,
        location=place,
        first_day=first_day,
        last_day=last_day,
        now=clock.now(),
    )
    return _answer(slots)


@router.get(
    "/availability/next",
    response={200: AvailabilityOut, **MISSING},
    summary="The next free times of one treatment",
)
def next_times(
    request: HttpRequest,
    treatment: TreatmentSlug,
    practitioner: OptionalSlug = None,
    location: OptionalSlug = None,
    limit: Annotated[int, Query(ge=1, le=MOST_NEXT)] = 3,
) -> HttpResponse:
    asked, person, place = find_asked(treatment, practitioner, location)
    slots = next_slots(treatment=asked, practitioner=person, location=place, now=clock.now(), limit=limit)
    return _answer(slots)


@router.get(
    "/availability/days",
    response={200: OpenDaysOut, **MISSING},
    summary="The next days with a free time, and how many",
)
def days_with_times(  # noqa: PLR0917 -- the query's parameters, one each
    request: HttpRequest,
    treatment: TreatmentSlug,
    first_day: Annotated[Day | None, Query(alias="from", examples=["2027-03-28"])] = None,
    practitioner: OptionalSlug = None,
    location: OptionalSlug = None,
    limit: Annotated[int, Query(ge=1, le=MOST_OPEN_DAYS)] = 10,
) -> dict[str, list[DayCount]]:
    asked, person, place = find_asked(treatment, practitioner, location)
    days = open_days(
        treatment=asked,
        practitioner=person,
        location=place,
        from_day=first_day,
        limit=limit,
        now=clock.now(),
    )
    return {"days": days}


def _answer(slots: list[Slot]) -> HttpResponse:
    """Written by hand, for a month of five people's times is thousands of rows."""
    rows = [
        {
            "starts_at": _local_iso(slot.starts_at),
            "ends_at": _local_iso(slot.ends_at),
            "practitioner": slot.practitioner_slug,
        }
        for slot in slots
    ]
    return HttpResponse(json.dumps({"slots": rows}, separators=(",", ":")), content_type="application/json")


@lru_cache(maxsize=20_000)
def _local_iso(moment: datetime) -> str:
    """Kept, for the same few thousand moments are written again and again."""
    return clock.local(moment).isoformat()
