"""What any way of sending can say about one message: it went, it never will, or the provider is away.

And what a provider says of it afterwards, when it reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT = timedelta(hours=1)  # a provider that asks for more is asked again all the same


@dataclass(frozen=True, slots=True)
class Sent:
    """The words as they went out, fit to keep: no secret of a link in them. `provider_id` may be empty.

    `wording` is the id of the owner's own words, if it was those.
    """

    subject: str
    text: str
    provider_id: str = ""
    wording: int | None = None


class Refused(Exception):
    """This message can never reach this recipient; trying again is useless."""


class ProviderDown(Exception):
    """Nothing can be sent this way at the moment, whoever it is for; `retry_after` if the provider said how long."""

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PerhapsSent(Exception):
    """The provider may have taken it before the line broke: never repeat what would disturb someone twice."""


class Fate(StrEnum):
    """What became of a message that a provider took."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    OTHER = "other"
    UNWANTED = "unwanted"  # it arrived, and its reader wants no more of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`key` is the one we sent the message with, if the provider gives it back; `at` is by the provider's clock."""

    fate: Fate
    words: str
    provider_id: str = ""
    key: str = ""
    at: datetime | None = None


class Forged(Exception):
    """A report whose signature is missing or wrong."""


def wait(header: str | None, now: datetime) -> timedelta | None:
    """How long the value of a Retry-After header (RFC 9110 §10.2.3) asks us to wait, at most an hour."""
    if not header:
        return None
    if header.strip().isdecimal():
        return timedelta(seconds=min(int(header.strip()[:9]), LONGEST_WAIT.total_seconds()))
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), LONGEST_WAIT)
