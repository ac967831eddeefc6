"""Limit how many times and places on the waiting list one visitor keeps at once.

Counted in the database under a lock, so that 64 requests at once keep as many as one after the other, and a cache that
is away changes nothing. Addresses of people and sessions are kept as keyed digests, only while what they keep lasts.

- A browser keeps four times, one for each tab. The fifth is not refused: it gives the oldest back, and its draft goes
  from the session (`stores`).
- A network address keeps 20, five browsers with every tab in use: a family, a ward or the clinic's own waiting room
  behind one router does not reach it within the ten minutes of a hold, and a program without cookies gets no further.
- One browser, mailbox or telephone number waits for ten treatments (a family of four with two wishes each, and two
  more), an address for 40.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from bookings.visits.models import Appointment, VisitorTally
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NotBookable, Reason

logger = logging.getLogger("clinic.security")
HOLDS_OF_SESSION, HOLDS_FROM_ADDRESS = 4, 20
PLACES_OF_PERSON, PLACES_FROM_ADDRESS = 10, 40
# One sentence for each of the four limits: it tells no stranger who waits under an address that they typed.
WAITS_ENOUGH = (
    "We cannot add another place on the waiting list from here, or for this email address or telephone number, at the "
    "moment. If you wait for something already, you can change or leave that by the link in our email; or please call us."
)


class TooManyKept(NotBookable):
    code = "too_many_kept"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from: its network address, and the key of its session where it has one."""

    address: str
    session: str = ""

    @property
    def digests(self) -> dict[str, bytes]:
        """By field of `VisitorTally`."""
        return _digests(address=self.address, session=self.session)


def lock_visitor(visitor: Visitor, *, email: str = "", phone: str = "") -> None:
    """Let one request of a visitor count at a time; taken after the key of a draft and before every other lock."""
    _lock([*visitor.digests.values(), *_digests(email=email, phone=phone).values()])


def make_room_for_hold(visitor: Visitor, now: datetime) -> None:
    """Give the oldest times of this browser back, as far as one more would be too many.

    Raises:
        TooManyKept: from this address as many times are kept as may be.
    """
    kept = _kept_times(now)
    if session := visitor.digests.get("session"):
        oldest_first = list(kept.filter(session=session).order_by("pk").values_list("hold", flat=True))
        given_up = oldest_first[: max(len(oldest_first) - HOLDS_OF_SESSION + 1, 0)]
        Appointment.objects.filter(pk__in=given_up, status=Status.HELD, patient=None).update(status=Status.EXPIRED)
    if kept.filter(address=visitor.digests["address"]).count() >= HOLDS_FROM_ADDRESS:
        logger.warning("too many times kept")
        raise TooManyKept(Reason.TOO_MANY_KEPT)


def note_hold(visitor: Visitor, hold: Appointment) -> None:
    VisitorTally.objects.create(hold=hold, **visitor.digests)


def check_may_wait(visitor: Visitor, *, email: str = "", phone: str = "") -> None:
    """
    Raises:
        TooManyKept: this browser, address, mailbox or telephone number waits for as much as may be.
    """
    waiting = VisitorTally.objects.filter(entry__state="waiting")
    limits = dict.fromkeys(("session", "email", "phone"), PLACES_OF_PERSON) | {"address": PLACES_FROM_ADDRESS}
    for name, digest in (visitor.digests | _digests(email=email, phone=phone)).items():
        if waiting.filter(**{name: digest}).count() >= limits[name]:
            raise TooManyKept(WAITS_ENOUGH)


def note_place(visitor: Visitor, entry: int, *, email: str, phone: str) -> None:
    VisitorTally.objects.create(entry_id=entry, **visitor.digests, **_digests(email=email, phone=phone))


def forget_what_is_over(now: datetime) -> int:
    """Delete the digests of times that are not kept any more, and of places on the list that are left."""
    over = ~Q(hold__status=Status.HELD, hold__hold_expires_at__gt=now) & ~Q(entry__state="waiting")
    return VisitorTally.objects.filter(over).delete()[0]


def _kept_times(now: datetime) -> QuerySet[VisitorTally]:
    return VisitorTally.objects.filter(
        hold__status=Status.HELD, hold__hold_expires_at__gt=now, hold__patient__isnull=True
    )


def _digests(**named: str) -> dict[str, bytes]:
    if named.get("email"):
        named["email"] = one_mailbox(named["email"])
    return {
        name: salted_hmac("bookings.visitors", f"{name}:{value}", algorithm="sha256").digest()
        for name, value in named.items()
        if value
    }


def one_mailbox(written: str) -> str:
    """One mailbox, one form: without case, and without the `+tag` that anyone can add."""
    name, _, host = written.strip().casefold().rpartition("@")
    return f"{name.split('+', 1)[0]}@{host}"


def _lock(digests: Iterable[bytes]) -> None:
    """In one order, so that no two requests wait for each other."""
    with connection.cursor() as cursor:
        for number in sorted({int.from_bytes(digest[:8], signed=True) for digest in digests}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
