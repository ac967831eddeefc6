"""What becomes of a message that was taken and did not go out: ended, tried again, put off or put back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from bookings.messages.models import Message
from bookings.messages.models.message import forgetting
from bookings.messages.planning.due_times import next_morning
from clinic.sending.leases import still_ours
from clinic.sending.outcomes import PerhapsSent, ProviderDown

logger = logging.getLogger(__name__)
Channel, State = Message.Channel, Message.State
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600))


LAST_TRY = timedelta(minutes=1)


class Outcome(StrEnum):
    SENT = "sent"
    AGAIN = "again"
    DOWN = "provider down"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    POSTPONED = "postponed"
    OVERTAKEN = "overtaken"
    PUT_BACK = "put back"


def end(message: Message, state: str, **values: object) -> Outcome:
    rows = still_ours(Message.objects.all(), [message])
    ended = {"error": "", "lease_until": None, "retry_at": None, "state": state, **forgetting(), **values}
    changed = rows.update(**ended)
    return Outcome(state) if changed else Outcome.OVERTAKEN


def try_again_if_safe(message: Message, now: datetime, error: Exception) -> Outcome:
    """A text message that may have gone is never repeated; an e-mail that comes twice bears the same Message-ID."""
    if not isinstance(error, PerhapsSent):
        logger.error("Message %s could not be sent", message.pk, exc_info=error)
        return _again(message, now, error=f"{type(error).__name__}: {error}")
    if not Channel(message.channel).may_repeat:
        return end(message, State.UNKNOWN, error=str(error))
    return _again(message, now, error=str(error))


def _again(message: Message, now: datetime, *, error: str, keeps_due: bool = False) -> Outcome:
    """Plan another try after a growing pause, halving what is left until the message is of no use any more."""
    left = message.expires_at - now
    if left < LAST_TRY:
        return end(message, State.FAILED, error=error)
    at = now + min(PAUSES[min(message.attempts, len(PAUSES)) - 1], left / 2)
    values: dict[str, datetime | None] = {"retry_at": at} if keeps_due else {"due_at": at, "retry_at": None}
    changed = still_ours(Message.objects.all(), [message]).update(
        state=State.PLANNED, lease_until=None, started_at=None, error=error, **values
    )
    outcome = Outcome.DOWN if keeps_due else Outcome.AGAIN
    return outcome if changed else Outcome.OVERTAKEN


def wait_for_provider(message: Message, now: datetime, error: ProviderDown) -> Outcome:
    """Plan another try for when the provider said, and hold back whatever else is due by its channel until then."""
    message.retry_at = (
        now + error.retry_after if error.retry_after else None
    )  # read by `run_once`: when the provider may be asked again
    if message.retry_at is None or message.expires_at - now < LAST_TRY:
        return _again(message, now, error=str(error), keeps_due=True)
    due = Message.objects.due(now).filter(channel=message.channel).select_for_update(skip_locked=True)
    held = Least(Value(message.retry_at), F("expires_at") - Value(LAST_TRY))
    with transaction.atomic():
        Message.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(retry_at=held)
    at = in_time(message, message.retry_at, now)
    changed = still_ours(Message.objects.all(), [message]).update(
        state=State.PLANNED, lease_until=None, started_at=None, error=str(error), retry_at=at
    )
    return Outcome.DOWN if changed else Outcome.OVERTAKEN


def in_time(message: Message, retry_at: datetime, now: datetime) -> datetime:
    """`retry_at`, or the last moment before then at which the message is still of use."""
    return max(now, min(retry_at, message.expires_at - LAST_TRY))


def postpone(message: Message, now: datetime) -> Outcome:
    morning = next_morning(now)
    if morning >= message.expires_at:
        return end(message, State.EXPIRED, error="It would have come in the night.")
    changed = still_ours(Message.objects.all(), [message]).update(
        state=State.PLANNED, lease_until=None, due_at=morning, attempts=F("attempts") - 1
    )
    return Outcome.POSTPONED if changed else Outcome.OVERTAKEN


def put_back(messages: list[Message], retry_at: datetime | None = None) -> int:
    rows = still_ours(Message.objects.all(), messages).filter(started_at=None)
    rows.update(state=State.PLANNED, lease_until=None, retry_at=retry_at, attempts=F("attempts") - 1)
    return len(messages)
