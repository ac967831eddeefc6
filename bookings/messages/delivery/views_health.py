from __future__ import annotations

from datetime import timedelta

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.messages.delivery import queue_numbers
from clinic.core import clock
from clinic.running import health

LONGEST_OVERDUE = timedelta(seconds=120)
LONGEST_SILENCE = timedelta(seconds=60)
UNKNOWN: health.Part = {"state": "unknown", "why": "database"}


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the parts we lean on work: 200 if all do, else 503; each is named with its state."""
    database = health.database()
    works = database["state"] == "ok"
    parts = {
        "database": database,
        "broker": health.broker(),
        "messages": _message_loop() if works else UNKNOWN,
        "field_keys": health.field_keys() if works else UNKNOWN,
    }
    is_ready = all(part["state"] == "ok" for part in parts.values())
    state = "ok" if is_ready else "failing"
    return JsonResponse({"status": state, "parts": parts}, status=200 if is_ready else 503)


def _message_loop() -> health.Part:
    now = clock.now()
    try:
        found = queue_numbers.numbers(now)
    except Error as error:
        return {"state": "unknown", "why": type(error).__name__}
    facts = {
        "heartbeat_age_seconds": None if found.silence is None else round(found.silence.total_seconds()),
        "oldest_overdue_seconds": round(found.overdue.total_seconds()),
        "due": found.due,
        "failed_last_day": found.failed,
        "unknown_last_day": found.unknown,
        "to_check": found.to_check,
    }
    if found.silence is None or found.silence > LONGEST_SILENCE:
        return health.failing("the loop is silent", **facts)
    if found.overdue > LONGEST_OVERDUE:
        return health.failing("messages are late", **facts)
    return health.OK | facts
