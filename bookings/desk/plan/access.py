"""Whose time a member of staff may plan: their own, or everyone's."""

from __future__ import annotations

from django.db.models import Q

from bookings.visits.models import DiaryChange
from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.practitioners.models import Practitioner


def may_plan_for_all(user: User) -> bool:
    return may(user, Right.CHANGE_ANY_HOURS)


def people_to_plan(user: User) -> list[Practitioner]:
    """Those whose diary it may be, the reader's own first."""
    people = Practitioner.objects.filter(Q(live=True) | Q(user=user.pk))
    if not may_plan_for_all(user):
        people = people.filter(user=user.pk)
    return sorted(people.order_by("position", "name"), key=lambda person: person.user_id != user.pk)


def may_undo(user: User, change: DiaryChange) -> bool:
    """Whoever may make such a change; what closes the clinic, whoever may plan for all."""
    return may_plan_for(user, change.practitioner) if change.practitioner else may_plan_for_all(user)


def may_plan_for(user: User, practitioner: Practitioner) -> bool:
    return may_plan_for_all(user) or practitioner.user_id == user.pk
