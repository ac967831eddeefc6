"""Who may do what. A role is a group; a person may hold several."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

from clinic.accounts.models import User
from clinic.core.web import press_again

P = ParamSpec("P")


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


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The login page; where a form was sent after the session had ended, the form once more with what was typed."""
    if press_again.typed_in(request):
        return press_again.page(request, is_signed_out=True)
    return redirect_to_login(request.get_full_path())


def may_see_diary(user: User | AnonymousUser) -> bool:
    return bool(roles_of(user) & DIARY_ROLES)


def diary_users() -> models.QuerySet[User]:
    """The active members of staff whose role opens the diary."""
    roles = models.Q(is_superuser=True) | models.Q(groups__name__in=DIARY_ROLES)
    return User.objects.filter(roles, is_active=True, is_staff=True)


def may_use_cms(user: User | AnonymousUser) -> bool:
    """Whether their role opens the CMS; its own permissions say what they may do there."""
    return bool(roles_of(user) & CMS_ROLES)


def diary_staff_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let owner, practitioner and desk in; ask others to sign in, or refuse them (403)."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        if not may_see_diary(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def is_owner(user: User | AnonymousUser) -> bool:
    return Role.OWNER in roles_of(user)


def owner_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let the owner in; ask others to sign in, or refuse them (403)."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        if not is_owner(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
