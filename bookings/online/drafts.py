"""Which time is kept for which booking on its way: one time for one booking, whoever taps how often and in which tab.

The name of a draft is known to its visitor alone; what is kept under it is a row of `IdempotencyKey`, for seven days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from bookings.engine import booking
from bookings.engine.eligibility import PatientDetails
from bookings.engine.idempotency import Idempotency, own_key
from bookings.online import first_visit
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.refusals import SlotTaken
from bookings.visits.visitors import Visitor
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner

OURS = (Status.HELD, Status.EXPIRED, *UPCOMING)


def latest_hold(draft: str) -> Appointment | None:
    """The time kept last for this draft; also when its minutes are over, or it is a visit already."""
    mine = IdempotencyKey.objects.filter(key=own_key("draft", draft)).values("appointment")
    return Appointment.objects.with_details().filter(pk__in=mine, status__in=OURS).first()


def hold_for(
    draft: str,
    *,
    tap: str,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    now: datetime,
    visitor: Visitor | None = None,
) -> Appointment:
    """Keep a time for this draft in place of the one kept before. The same tap again gives the same hold.

    Raises:
        SlotTaken, NotBookable, TooManyKept: as for `booking.hold`.
    """
    claim = Idempotency(own_key("draft", draft), sha256(f"{tap}|{starts_at.isoformat()}".encode()).digest())
    former = latest_hold(draft)
    if repeated := _by_the_same_tap(claim, now):
        return repeated
    try:
        return booking.hold(
            treatment=treatment,
            practitioner=practitioner,
            starts_at=starts_at,
            now=now,
            instead_of=former,
            claim=claim,
            visitor=visitor,
        )
    except SlotTaken:
        if repeated := _by_the_same_tap(claim, now):  # both taps were on their way at once
            return repeated
        raise


def keep(draft: str, hold: Appointment, now: datetime, visitor: Visitor | None = None) -> Appointment:
    """Keep the time for another while, also when its minutes are over and nobody took it.

    Raises:
        SlotTaken, NotBookable, TooManyKept: as for `booking.hold`.
    """
    booking.renew(hold=hold, now=now)
    hold.refresh_from_db(fields=["status"])
    if hold.status != Status.EXPIRED:
        return hold
    return booking.hold(
        treatment=hold.treatment,
        practitioner=hold.practitioner,
        starts_at=hold.starts_at,
        now=now,
        instead_of=hold,
        claim=Idempotency(own_key("draft", draft), b""),
        visitor=visitor,
    )


def hold_consultation(
    draft: str, held: Appointment, consultation: Treatment, now: datetime, visitor: Visitor | None = None
) -> Appointment:
    """As `first_visit.hold_consultation`, for this draft."""
    claim = Idempotency(own_key("draft", draft), b"")
    return first_visit.hold_consultation(held=held, consultation=consultation, now=now, claim=claim, visitor=visitor)


def confirm(hold: Appointment, details: PatientDetails, now: datetime) -> Appointment:
    """Make the hold a visit of this person: once, however often it is asked.

    Raises:
        KeyReused: it is a visit already, made with other details. Else as for `booking.confirm`.
    """
    # what this person may change, and whose record it is, grows with the booking itself
    said = asdict(details) | {"proved": None, "record": None, "joins": None}
    body = sha256(json.dumps(said, sort_keys=True, default=str).encode()).digest()
    once = Idempotency(own_key("hold", str(hold.pk)), body)
    return booking.confirm(hold=hold, details=details, now=now, idempotency=once)


def let_go(holds: Iterable[int]) -> None:
    """Give these times back, as far as they are only kept."""
    Appointment.objects.filter(pk__in=holds, status=Status.HELD, patient=None).update(status=Status.EXPIRED)


def _by_the_same_tap(claim: Idempotency, now: datetime) -> Appointment | None:
    known = IdempotencyKey.objects.filter(key=claim.key, body_digest=claim.body_digest).values("appointment")
    live = Appointment.objects.with_details().filter(pk__in=known, status=Status.HELD, hold_expires_at__gt=now)
    return live.first()
