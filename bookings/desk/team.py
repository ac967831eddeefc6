"""Whose visits a member of staff reads on paper and in numbers: everyone's, or a practitioner their own."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core import clock
from clinic.practitioners.models import Practitioner


def team_of(user: User, first_day: date, last_day: date, *, is_everyone: bool) -> list[Practitioner]:
    """Whoever takes bookings or has a visit on these local days, the reader first; as far as the reader may see.

    Args:
        is_everyone: whether that is everyone.
    """
    start, end = clock.day_bounds(first_day)[0], clock.day_bounds(last_day)[1]
    then = Appointment.objects.visits().in_span(start, end).values("practitioner")
    people = Practitioner.objects.filter(Q(live=True, is_bookable=True) | Q(pk__in=then))
    if not is_everyone:
        people = people.filter(user=user)
    return sorted(people, key=lambda person: person.user_id != user.pk)


def chosen_of(team: list[Practitioner], slug: str | None) -> list[Practitioner]:
    """The one of this address, or else all."""
    return [person for person in team if person.slug == slug] or team
