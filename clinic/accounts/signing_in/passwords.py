"""Staff set no password: it would be one more thing that opens the account. The demo's accounts have theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from clinic.accounts.models import User
from clinic.accounts.permissions import user_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def may_have_password(user: User) -> bool:
    return not (settings.STAFF_SECOND_FACTOR and user.is_staff)


def not_for_staff(view: View[P]) -> View[P]:
    """Lead staff back to where they see how they sign in. Stands behind `login_required`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if may_have_password(user_of(request)):
            return view(request, *args, **kwargs)
        messages.info(request, "Who works here signs in without a password: by passkey, or by code and app.")
        return redirect("accounts:security")

    return guarded
