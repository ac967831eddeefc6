"""Ask once more who it is before what lets somebody in or takes data out: whoever signed in long ago may have left.

`fresh_sign_in_required` guards a view; allauth's own views ask the same, by `AccountAdapter`. How somebody is asked is
theirs to choose (passkey, app, password, code); a form they had sent is kept meanwhile, and done when they have answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def is_fresh(request: HttpRequest) -> bool:
    """Whether they signed in, or said again who they are, in the last five minutes of this session."""
    if not request.user.is_authenticated:
        return False
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in get_authentication_records(request, request.user))


def fresh_sign_in_required(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Ask who it is unless they have said so in the last five minutes, then go on with what they asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not is_fresh(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded
