"""Let in whoever may, and ask the others to sign in. Who may: `roles`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from clinic.accounts.roles import is_owner, may_see_diary
from clinic.core.web import press_again

P = ParamSpec("P")


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The login page; where a form was sent after the session had ended, the form once more with what was typed."""
    if press_again.typed_in(request):
        return press_again.page(request, is_signed_out=True)
    return redirect_to_login(request.get_full_path())


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
