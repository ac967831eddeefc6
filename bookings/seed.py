"""The demo's rooms, hours, days off, and a diary with five weeks behind it and two ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.demo import waiting as seed_waiting
from bookings.demo import wordings as seed_wordings
from bookings.demo.days_off import add_times_off
from bookings.demo.record import record
from bookings.demo.rota import ROTA_BEGAN, ROTAS, add_rota, open_at_the_weekend
from bookings.demo.visits import plan_visits
from bookings.timetable.models import Location, Room, WorkingHours
from bookings.visits.models import Appointment
from clinic.catalogue.models import RoomKind
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.practitioners.models import Practitioner

ROOMS = (
    ("Treatment room 1", RoomKind.TREATMENT_ROOM),
    ("Treatment room 2", RoomKind.TREATMENT_ROOM),
    ("Consulting room", RoomKind.CONSULTING_ROOM),
)


def load(now: datetime) -> None:
    """Add what is missing; the diary is filled once, and never again over visits that are there."""
    place = _location()
    today = clock.today(now)
    monday = today - timedelta(days=today.weekday())
    people = {person.slug: person for person in Practitioner.objects.filter(slug__in=ROTAS)}
    for person in people.values():
        if not person.working_hours.exists():
            add_rota(person, place, monday - ROTA_BEGAN)
    if Appointment.objects.exists():
        return
    add_times_off(people, monday)
    if people and not WorkingHours.objects.filter(weekday=today.isoweekday(), every_weeks=1).exists():
        open_at_the_weekend(list(people.values()), place, today)
    seed_wordings.load(now - ROTA_BEGAN)
    record(plan_visits(list(people.values()), place, now), now)
    seed_waiting.load(now)


def _location() -> Location:
    place = Location.objects.filter(slug="maidstone").first()
    if place is None:
        address = ClinicSettings.load().address or "Example Street\nMaidstone\nKent"
        place = Location.objects.create(name="Juvenology Clinic, Maidstone", slug="maidstone", address=address)
        Room.objects.bulk_create(Room(location=place, name=name, kind=kind) for name, kind in ROOMS)
    return place
