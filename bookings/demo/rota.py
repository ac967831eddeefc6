"""When the demo's people work."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bookings.timetable.models import ExtraHours, Location, WorkingHours
from bookings.timetable.ranges import span
from clinic.core import clock
from clinic.practitioners.models import Practitioner

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
OPEN_DAY = (time(10), time(18))


def add_rota(person: Practitioner, place: Location, first_day: date) -> None:
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


def open_at_the_weekend(people: list[Practitioner], place: Location, today: date) -> None:
    """Whoever first opens the demo on a Saturday or Sunday finds a day at work, not an empty diary."""
    on_the_rota = WorkingHours.objects.filter(weekday=today.isoweekday()).values("practitioner")
    for person in Practitioner.objects.filter(pk__in=[person.pk for person in people]).exclude(pk__in=on_the_rota):
        ExtraHours.objects.create(practitioner=person, location=place, during=span(*moments_of(today, OPEN_DAY)))


def moments_of(day: date, hours: tuple[time, time]) -> tuple[datetime, datetime]:
    starts_at, ends_at = (datetime.combine(day, at, tzinfo=clock.LONDON) for at in hours)
    return starts_at, ends_at
