"""Make, open and revoke the address of a calendar feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bookings.desk.feeds.models import CalendarFeed
from bookings.visits import addresses
from bookings.visits.models import BookingSettings
from clinic.accounts.models import User
from clinic.accounts.rights import HOLDERS, Right
from clinic.core.errors import DomainError
from clinic.core.sealing.secret_links import link_digest
from clinic.practitioners.models import Practitioner

MOST_FEEDS = 10
AGENT_LENGTH = 200
# One statement finds the feed and notes the reading. An unknown secret, a revoked one and that of someone who has left, is
# not published or has no diary any more, find no row by the same index, so none of them takes longer than another. Whoever
# is back has the same feeds again: nothing is lost by a profile that is taken down for an hour.
_OPEN = """
UPDATE bookings_calendarfeed feed SET last_read_at = %(now)s, last_agent = %(agent)s
FROM practitioners_practitioner person
JOIN accounts_user account ON account.id = person.user_id AND account.is_active AND account.is_staff AND (
    account.is_superuser OR EXISTS (
        SELECT FROM accounts_user_groups held JOIN auth_group role ON role.id = held.group_id
        WHERE held.user_id = account.id AND role.name = ANY(%(roles)s)
    )
)
WHERE feed.link_digest = %(digest)s AND feed.revoked_at IS NULL AND person.id = feed.practitioner_id AND person.live
RETURNING feed.id, feed.practitioner_id, person.name, feed.past_days, feed.ahead_days,
          CASE WHEN EXISTS (SELECT FROM bookings_bookingsettings WHERE feeds_may_name_patients)
               THEN feed.detail ELSE 'times' END"""


class FeedRefused(DomainError):
    code = "feed_refused"


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """What one reading may see; `detail` as the owner allows it now."""

    pk: int
    practitioner_id: int
    practitioner_name: str
    past_days: int
    ahead_days: int
    detail: str


def make(*, practitioner: Practitioner, name: str, detail: str, by: User, now: datetime) -> CalendarFeed:
    """
    Raises:
        FeedRefused: there are ten already, or the owner lets no feed name patients.
    """
    if practitioner.calendar_feeds.filter(revoked_at=None).count() >= MOST_FEEDS:
        raise FeedRefused(f"There are {MOST_FEEDS} feeds already. Revoke one that is no longer read.")
    if detail != CalendarFeed.Detail.TIMES and not BookingSettings.load().feeds_may_name_patients:
        raise FeedRefused("The owner does not let calendar feeds name patients.")
    return CalendarFeed.objects.create(practitioner=practitioner, name=name, detail=detail, made_by=by, made_at=now)


def address_of(feed: CalendarFeed) -> str:
    """With its secret."""
    return addresses.of_page("calendar_feed", feed.link_token)


def revoke(feed: CalendarFeed, now: datetime) -> None:
    """From now on the address opens nothing. Idempotent."""
    CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now)


def open_feed(token: str, *, agent: str, now: datetime) -> OpenFeed | None:
    """The feed that this secret opens, its reading noted: when, and by what program."""
    known: dict[str, Any] = {
        "digest": link_digest(token),
        "agent": agent.replace("\x00", "")[:AGENT_LENGTH],
        "now": now,
        "roles": sorted(HOLDERS[Right.SEE_DIARY]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, known)
        row = cursor.fetchone()
    return OpenFeed(*row) if row else None
