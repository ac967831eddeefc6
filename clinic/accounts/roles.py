"""The roles of staff, who holds which, and what each opens. A role is a group; a person may hold several."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models

from clinic.accounts.models import User


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    PRACTITIONER = "practitioner", "Practitioner"
    DESK = "desk", "Desk"
    EDITOR = "editor", "Editor"


DIARY_ROLES = frozenset({Role.OWNER, Role.PRACTITIONER, Role.DESK})
CMS_ROLES = frozenset({Role.OWNER, Role.EDITOR})


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """Names of the roles that an active member of staff holds; read once a request."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return frozenset()
    if user.is_superuser:
        return frozenset(Role)
    return user.group_names


def may_see_diary(user: User | AnonymousUser) -> bool:
    return bool(roles_of(user) & DIARY_ROLES)


def may_use_cms(user: User | AnonymousUser) -> bool:
    """Whether their role opens the CMS; its own permissions say what they may do there."""
    return bool(roles_of(user) & CMS_ROLES)


def is_practitioner(user: User | AnonymousUser) -> bool:
    return Role.PRACTITIONER in roles_of(user)


def is_owner(user: User | AnonymousUser) -> bool:
    return Role.OWNER in roles_of(user)
