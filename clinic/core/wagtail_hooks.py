"""Say before anything is asked, and before anything is done, why a record cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from wagtail import hooks

from clinic.core.deletion import why_kept
from clinic.core.web.cms_middleware import back_in_cms

MOST_REASONS = 5


@hooks.register("before_delete_snippet")  # type: ignore[untyped-decorator]
def refuse_to_delete(request: HttpRequest, things: Iterable[Any]) -> HttpResponse | None:
    reasons = [why for thing in things if (why := why_kept(thing))]
    for why in reasons[:MOST_REASONS]:
        messages.error(request, why)
    return HttpResponseRedirect(back_in_cms(request)) if reasons else None


@hooks.register("before_delete_user")  # type: ignore[untyped-decorator]
def refuse_to_delete_person(request: HttpRequest, user: Any) -> HttpResponse | None:
    refused: HttpResponse | None = refuse_to_delete(request, [user])
    return refused


@hooks.register("before_bulk_action")  # type: ignore[untyped-decorator]
def refuse_to_delete_many(
    request: HttpRequest, action_type: str, things: Iterable[Any], _action: Any
) -> HttpResponse | None:
    refused: HttpResponse | None = refuse_to_delete(request, things) if action_type == "delete" else None
    return refused
