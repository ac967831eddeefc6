"""The CMS in the clinic's colours, and why a record cannot be deleted, said before anything is asked or done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks

from clinic.core.deletion import why_kept
from clinic.core.web.cms_middleware import back_in_cms

MOST_REASONS = 5
SHEETS = ("css/tokens.css", "css/cms.css")


@hooks.register("insert_global_admin_css")  # type: ignore[untyped-decorator]
def wear_the_clinics_colours() -> SafeString:
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((static(sheet),) for sheet in SHEETS))


@hooks.register("before_delete_snippet")  # type: ignore[untyped-decorator]
def refuse_to_delete(request: HttpRequest, things: Iterable[Any]) -> HttpResponse | None:
    reasons = [why for thing in things if (why := why_kept(thing))]
    for why in reasons[:MOST_REASONS]:
        messages.error(request, why)
    return HttpResponseRedirect(back_in_cms(request)) if reasons else None


@hooks.register("before_bulk_action")  # type: ignore[untyped-decorator]
def refuse_to_delete_many(
    request: HttpRequest, action_type: str, things: Iterable[Any], _action: Any
) -> HttpResponse | None:
    refused: HttpResponse | None = refuse_to_delete(request, things) if action_type == "delete" else None
    return refused
