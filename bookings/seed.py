"""The demo's rooms, hours, days off, and a diary with five weeks behind it and two ahead."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bookings.demo import waiting as seed_waiting
from bookings.demo import wordings as seed_wordings
from bookings.demo.record import record
from bookings.demo.visits import plan_visits
from bookings.timetable.models import ExtraHours, Location, Room, TimeOff, WorkingHours
from bookings.timetable.ranges import span
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
MON, TUE, WED, THU, FRI, SAT = range(1, 7)
MORNING, AFTERNOON = (time(9), time(13)), (time(14), time(17))
# weekdays, hours, every how many weeks
ROTAS: dict[str, tuple[tuple[tuple[int, ...], tuple[time, time], int], ...]] = {
    "nurse-marina": (
        ((MON, TUE, WED, THU, FRI), MORNING, 1),
        ((MON, TUE, WED, FRI), AFTERNOON, 1),
        ((THU,), (time(14), time(20)), 1),
        ((SAT,), MORNING, 2),
    ),
    "demo-nurse-aisha": (
        ((MON, TUE, WED, THU), (time(9), time(12, 30)), 1),
        ((MON, TUE, WED, THU), (time(13, 30), time(17)), 1),
    ),
    "demo-prescriber-tom": (
        ((TUE, THU), (time(10), time(13)), 1),
        ((TUE, THU), (time(14), time(18)), 1),
    ),
}
ROTA_BEGAN = timedelta(weeks=12)
# practitioner (none: everyone), days from this week's Monday, hours (none: all day), reason
TIMES_OFF: tuple[tuple[str | None, int, tuple[time, time] | None, str], ...] = (
    ("demo-nurse-aisha", -12, None, "Annual leave"),
    ("demo-nurse-aisha", -11, None, "Annual leave"),
    ("nurse-marina", 9, AFTERNOON, "Training"),
    ("demo-prescriber-tom", 17, None, "Conference"),
    (None, 32, None, "Clinic closed: new floor"),
)
OPEN_DAY = (time(10), time(18))


def load(now: datetime) -> None:
    """Add what is missing; the diary is filled once, and never again over visits that are there."""
    place = _location()
    today = clock.today(now)
    monday = today - timedelta(days=today.weekday())
    people = {person.slug: person for person in Practitioner.objects.filter(slug__in=ROTAS)}
    for person in people.values():
        if not person.working_hours.exists():
            _add_rota(person, place, monday - ROTA_BEGAN)
    if Appointment.objects.exists():
        return
    _add_times_off(people, monday)
    if people and not WorkingHours.objects.filter(weekday=today.isoweekday(), every_weeks=1).exists():
        _open_at_the_weekend(list(people.values()), place, today)
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


def _add_rota(person: Practitioner, place: Location, first_day: date) -> None:
    for weekdays, (starts_at, ends_at), every_weeks in ROTAS[person.slug]:
        for weekday in weekdays:
            WorkingHours.objects.create(
                practitioner=person,
                location=place,
                weekday=weekday,
                starts_at=starts_at,
                ends_at=ends_at,
                valid_from=first_day,
                every_weeks=every_weeks,
            )


def _add_times_off(people: dict[str, Practitioner], monday: date) -> None:
    for who, offset, hours, reason in TIMES_OFF:
        day = monday + timedelta(days=offset)
        starts_at, ends_at = _moments(day, hours) if hours else clock.day_bounds(day)
        TimeOff.objects.create(
            practitioner=people.get(who) if who else None, during=span(starts_at, ends_at), reason=reason
        )


def _open_at_the_weekend(people: list[Practitioner], place: Location, today: date) -> None:
    """Whoever first opens the demo on a Saturday or Sunday finds a day at work, not an empty diary."""
    on_the_rota = WorkingHours.objects.filter(weekday=today.isoweekday()).values("practitioner")
    for person in Practitioner.objects.filter(pk__in=[person.pk for person in people]).exclude(pk__in=on_the_rota):
        ExtraHours.objects.create(practitioner=person, location=place, during=span(*_moments(today, OPEN_DAY)))


def _moments(day: date, hours: tuple[time, time]) -> tuple[datetime, datetime]:
    starts_at, ends_at = (datetime.combine(day, at, tzinfo=clock.LONDON) for at in hours)
    return starts_at, ends_at
