"""What the next page says about what was just done, with a way back: shown once, kept in the session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

KEY = "diary_notice"


def leave_notice(
    request: HttpRequest, text: str, *, action: str = "", fields: dict[str, Any] | None = None, page: str = ""
) -> None:
    """`action` and `fields` make the Undo button; without fields there is none. `page` is where the text links to."""
    request.session[KEY] = {"text": text, "action": action, "fields": fields or {}, "page": page}


def take_notice(request: HttpRequest) -> dict[str, Any] | None:
    notice: dict[str, Any] | None = request.session.pop(KEY, None)
    return notice
