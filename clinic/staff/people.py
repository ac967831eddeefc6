"""Who works here, what they may do and how they sign in, as the owner's page shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, Max, OuterRef, QuerySet
from django.template.defaultfilters import pluralize

from clinic.accounts.models import User
from clinic.accounts.rights import Role, roles_of
from clinic.core.errors import DomainError
from clinic.staff.models import Enrolment, Leaver, Recovery

_NAMES = ArraySubquery(Group.objects.filter(user=OuterRef("pk")).order_by("name").values("name"))


class NotStaff(DomainError):
    """They do not work here, or no longer."""

    code = "not_staff"


class LastOwner(DomainError):
    """They are the only owner: without them nobody could invite or recover anyone."""

    code = "last_owner"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How someone signs in."""

    passkeys: int
    has_app: bool
    codes_left: int

    @property
    def is_set_up(self) -> bool:
        return bool(self.passkeys or self.has_app)

    def __str__(self) -> str:
        if not self.passkeys:
            return "App" if self.has_app else ""
        return f"{self.passkeys} passkey{pluralize(self.passkeys)}{', app' if self.has_app else ''}"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, or somebody who was one."""

    user: User
    roles: tuple[str, ...]
    profile: str
    sign_in: SignIn
    last_seen: datetime | None
    agreed_at: datetime | None

    @property
    def role_names(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]

    @property
    def is_owner(self) -> bool:
        return Role.OWNER in self.roles


def people() -> list[Person]:
    """Everyone who works here, owners first, then by name; four statements whatever their number."""
    users = User.objects.filter(is_staff=True, is_active=True)
    return sorted(_persons(users), key=lambda one: (not one.is_owner, str(one.user).casefold(), one.user.pk))


def person(pk: int) -> Person | None:
    return next(iter(_persons(User.objects.filter(pk=pk, is_staff=True, is_active=True))), None)


def leavers() -> Iterable[Leaver]:
    """Who left, the last one first; those who came back are not among them."""
    return Leaver.objects.filter(undone_at=None, user__is_active=False).select_related("user").order_by("-left_at")


def set_roles(pk: int, roles: Iterable[str]) -> User:
    """Give someone exactly these roles, from their next request on.

    Raises:
        NotStaff: they left meanwhile.
        LastOwner: nobody would be left to run the clinic.
    """
    wanted = set(roles)
    with transaction.atomic():
        lock_people()
        groups = {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}
        user = lock_staff(pk)[pk]
        if Role.OWNER not in wanted and is_last_owner(user):
            raise LastOwner(f"{user} is the only owner who can sign in. Make somebody else an owner first.")
        user.groups.set([groups[Role(role)] for role in wanted])
    return user


def lock_people() -> None:
    """Let one change of staff wait for another: two that are each allowed could together leave no owner."""
    group, _ = Group.objects.get_or_create(name=Role.OWNER)
    Group.objects.select_for_update().get(pk=group.pk)


def lock_staff(*pks: int) -> dict[int, User]:
    """Members of staff by their numbers, whom nobody else changes until the transaction ends. In one order everywhere.

    Raises:
        NotStaff: one of them does not work here, or no longer.
    """
    rows = User.objects.select_for_update().filter(pk__in=pks, is_staff=True, is_active=True)
    found = {user.pk: user for user in rows.order_by("pk")}
    if len(found) < len(set(pks)):
        raise NotStaff("This person does not work here.")
    return found


def check_owns(by: User) -> None:
    """Ask of a locked row what the page's guard asked before the lock: two owners may end each other's work at once.

    Raises:
        NotStaff: `by` does not run the clinic any more.
    """
    if Role.OWNER not in roles_of(by):
        raise NotStaff("You do not run the clinic any more.")


def owners() -> QuerySet[User]:
    """Those who work here and hold the role; a superuser without it is none."""
    return User.objects.filter(is_staff=True, is_active=True, groups__name=Role.OWNER)


def is_last_owner(user: User) -> bool:
    """Whether `user` owns the clinic, and nobody else does who has not to be let back in first."""
    others = owners().exclude(pk=user.pk).exclude(pk__in=Recovery.objects.pending().values("user"))
    return owners().filter(pk=user.pk).exists() and not others.exists()


def _persons(users: Iterable[User]) -> list[Person]:
    rows = users.annotate(role_list=_NAMES, profile_name=F("practitioner__name"))  # type: ignore[attr-defined]
    found = list(rows)
    pks = [user.pk for user in found]
    factors = defaultdict(list)
    for factor in Authenticator.objects.filter(user_id__in=pks):
        factors[factor.user_id].append(factor)
    seen = dict(UserSession.objects.filter(user__in=pks).values_list("user").annotate(Max("last_seen_at")))
    agreed = dict(Enrolment.objects.filter(user__in=pks).values_list("user", "agreed_at"))
    return [
        Person(
            user,
            tuple(user.role_list),
            user.profile_name or "",
            _sign_in(factors[user.pk]),
            seen.get(user.pk) or user.last_login,
            agreed.get(user.pk),
        )
        for user in found
    ]


def _sign_in(factors: Iterable[Authenticator]) -> SignIn:
    passkeys, has_app, left = 0, False, 0
    for factor in factors:
        passkeys += factor.type == Authenticator.Type.WEBAUTHN
        has_app = has_app or factor.type == Authenticator.Type.TOTP
        if factor.type == Authenticator.Type.RECOVERY_CODES:
            left = mfa_settings.RECOVERY_CODE_COUNT - int(factor.data.get("used_mask", 0)).bit_count()
    return SignIn(passkeys, has_app, left)
