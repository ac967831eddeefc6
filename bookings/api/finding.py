"""What a request names by slug, reference or token, found or answered with 404."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Subquery
from django.http import Http404
from ninja import Header, Schema

from bookings.engine.idempotency import Idempotency, own_key
from bookings.timetable.models import Location
from bookings.visits.access import without_limited
from bookings.visits.links import link_is_live
from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner

PRINTABLE = r"^[ -~]+$"
IdempotencyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=PRINTABLE, examples=["7f1c0a52-web-form-1"]),
]


def find_treatment(slug: str) -> Treatment:
    treatment: Treatment = _find(Treatment.objects.bookable_online(), slug, "treatment")
    return treatment


def find_practitioner(slug: str | None) -> Practitioner | None:
    person: Practitioner | None = _find(Practitioner.objects.public(), slug, "practitioner")
    return person


def find_location(slug: str | None) -> Location | None:
    place: Location | None = _find(Location.objects.filter(is_active=True), slug, "location")
    return place


def find_asked(
    treatment: str, practitioner: str | None, location: str | None
) -> tuple[Treatment, Practitioner | None, Location | None]:
    """All three by one statement; of the practitioner and the location only who and which."""
    asked = {"practitioner": practitioner, "location": location}
    named = {
        "practitioner": Practitioner.objects.public().filter(slug=practitioner),
        "location": Location.objects.filter(is_active=True, slug=location),
    }
    ids = {
        f"{what}_asked": Subquery(named[what].order_by().values("pk"))
        for what, slug in asked.items()
        if slug is not None
    }
    found = _find(Treatment.objects.bookable_online().annotate(**ids), treatment, "treatment")
    person, place = (getattr(found, f"{what}_asked", None) for what in asked)
    for what, pk in (("practitioner", person), ("location", place)):
        if asked[what] is not None and pk is None:
            raise Http404(f"There is no such {what}.")
    return found, Practitioner(pk=person) if person else None, Location(pk=place) if place else None


def find_any_treatment(slug: str) -> Treatment:
    """As staff: by whatever name, bookable online or not."""
    treatment: Treatment = _find(Treatment.objects.filter(live=True), slug, "treatment")
    return treatment


def find_visit_by_link(token: str, now: datetime) -> Appointment:
    visit = Appointment.objects.visits().with_details().for_link(token).first()
    if visit is None or not link_is_live(visit, now):
        raise Http404("There is no such visit.")
    return visit


def staff_visits() -> AppointmentQuerySet:
    """Visits that programs of the clinic may read and change: none of a record of limited use."""
    rows: AppointmentQuerySet = Appointment.objects.visits().with_details()
    return without_limited(rows, AnonymousUser())


def find_visit(reference: str) -> Appointment:
    visit = staff_visits().filter(reference=reference).first()
    if visit is None:
        raise Http404("There is no such visit.")
    return visit


def idempotency_of(key: str | None, wanted: Schema, kind: str = "") -> Idempotency | None:
    """`kind` tells apart what the same body would mean to another operation."""
    if key is None:
        return None
    text = kind + json.dumps(
        wanted.model_dump(mode="json", exclude_defaults=True), sort_keys=True
    )  # a later field changes nothing
    return Idempotency(own_key("api", key), sha256(text.encode()).digest())


def _find(rows: Any, slug: str | None, what: str) -> Any:
    if slug is None:
        return None
    found = rows.filter(slug=slug).order_by("pk").first()
    if found is None:
        raise Http404(f"There is no such {what}.")
    return found
