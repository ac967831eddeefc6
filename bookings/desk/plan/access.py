"""Whose time a member of staff may plan: their own, and as desk or owner everyone's."""

from __future__ import annotations

from django.db.models import Q

from bookings.desk.team import may_see_everyone
from bookings.visits.models import DiaryChange
from clinic.accounts.models import User
from clinic.practitioners.models import Practitioner


def people_to_plan(user: User) -> list[Practitioner]:
    """Those whose diary it may be, the reader's own first."""
    people = Practitioner.objects.filter(Q(live=True) | Q(user=user.pk))
    if not may_see_everyone(user):
        people = people.filter(user=user.pk)
    return sorted(people.order_by("position", "name"), key=lambda person: person.user_id != user.pk)


def may_undo(user: User, change: DiaryChange) -> bool:
    """Whoever may make such a change: what closes the clinic, desk and owner alone."""
    return may_plan_for(user, change.practitioner) if change.practitioner else may_see_everyone(user)


def may_plan_for(user: User, practitioner: Practitioner) -> bool:
    return may_see_everyone(user) or practitioner.user_id == user.pk
