"""Require a fresh sign-in before what lets people in or takes data out: the screen may have been left unlocked.

`fresh_sign_in_required` guards a view; allauth's own views ask the same, by `AccountAdapter`. People
choose how to answer (passkey, app, password, code). A form that was sent is kept meanwhile, and done afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from clinic.accounts.signing_in.proofs import stronger_proofs

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def is_fresh(request: HttpRequest, *, within: timedelta | None = None) -> bool:
    """Whether they signed in, or said again who they are, lately in this session; by PIN is not enough.

    Args:
        within: how lately; five minutes if nothing else is said.
    """
    if not request.user.is_authenticated:
        return False
    since = time.time() - (within.total_seconds() if within else settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    return any(record["at"] > since for record in stronger_proofs(request))


def require_fresh_sign_in(request: HttpRequest, *, within: timedelta | None = None) -> None:
    """Guard what only some of a view's answers do.

    Raises:
        ReauthenticationRequired: they signed in too long ago. allauth's middleware asks them how they wish to.
    """
    if not is_fresh(request, within=within):
        raise ReauthenticationRequired


def fresh_sign_in_required(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Let a view run only within five minutes of a sign-in; ask for one otherwise, then go on with the request."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        require_fresh_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded
