"""Who is signed in, read with their roles in one statement: every page of staff asks for both."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from clinic.accounts.models import User

_NAMES = ArraySubquery(Group.objects.filter(user=OuterRef("pk")).order_by().values("name"))


class _WithRoles(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.annotate(names=_NAMES).filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.group_names = frozenset(user.names)
        return user


class Passwords(_WithRoles):
    """The password of the account."""


class AllauthWithRoles(_WithRoles, AuthenticationBackend):  # type: ignore[misc]
    """What allauth signs people in with: e-mail and password, codes, passkeys."""
