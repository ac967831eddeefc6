"""Whose time a member of staff may plan: their own, and as desk or owner everyone's."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from clinic.accounts.models import User
from clinic.accounts.roles import Role, roles_of
from clinic.practitioners.models import Practitioner


def may_plan_for_all(user: User | AnonymousUser) -> bool:
    return bool(roles_of(user) & {Role.DESK, Role.OWNER})


def people_to_plan(user: User | AnonymousUser) -> list[Practitioner]:
    """Those whose diary it may be, the reader's own first."""
    people = Practitioner.objects.filter(Q(live=True) | Q(user=user.pk))
    if not may_plan_for_all(user):
        people = people.filter(user=user.pk)
    return sorted(people.order_by("position", "name"), key=lambda person: person.user_id != user.pk)


def may_plan_for(user: User | AnonymousUser, practitioner: Practitioner) -> bool:
    return may_plan_for_all(user) or practitioner.user_id == user.pk
