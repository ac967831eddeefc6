"""One request, one booking, however often it is sent: the key is written in the booking's own transaction."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.refusals import KeyReused
from clinic.catalogue.models import Treatment

KEPT = timedelta(days=7)
IMPORTED = "import:"  # how the keys of imported visits begin; those are kept, as the same file may come again any time


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The client's key, and the SHA-256 digest of the request it stands for."""

    key: str
    body_digest: bytes


def answer_to(idempotency: Idempotency) -> Appointment | None:
    """What this request led to before, if it was here before.

    Raises:
        KeyReused: the key came with another request.
    """
    known = IdempotencyKey.objects.filter(key=idempotency.key).first()
    if known is None:
        return None
    if not hmac.compare_digest(bytes(known.body_digest), idempotency.body_digest):
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Appointment.objects.with_details().get(pk=known.appointment_id)


def remember(idempotency: Idempotency, appointment: Appointment, now: datetime) -> None:
    IdempotencyKey.objects.create(
        key=idempotency.key, body_digest=idempotency.body_digest, appointment=appointment, created_at=now
    )


def lock_key(idempotency: Idempotency) -> IdempotencyKey | None:
    """Let no one else use this key until the transaction ends, also if it is new; what it stands for until now.

    Take it before every other lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [idempotency.key])
    return IdempotencyKey.objects.filter(key=idempotency.key).first()


def point(idempotency: Idempotency, appointment: Appointment, now: datetime) -> None:
    """Let the key stand for this from now on, whatever it stood for."""
    known = {"body_digest": idempotency.body_digest, "appointment": appointment, "created_at": now}
    IdempotencyKey.objects.update_or_create(key=idempotency.key, defaults=known)


def own_key(kind: str, name: str) -> str:
    """A key of this program's own; no client of the API can know it or make it up."""
    return f"{kind}:{salted_hmac('bookings.drafts', f'{kind}:{name}', algorithm='sha256').hexdigest()}"


def forget_old_idempotency_keys(now: datetime) -> int:
    """Delete the keys older than 7 days, but those of imports; gives how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=now - KEPT)
    return old.exclude(key__startswith=IMPORTED).delete()[0]


def once_after(visit: Appointment, treatment: Treatment) -> Idempotency:
    """Two tabs that book what follows a visit at once book it once; after a cancellation it can be booked again.

    Ask for it before looking whether it is booked: whoever saw nothing booked then has the key of the first.
    """
    former = visit.follow_ups.filter(treatment=treatment).count()
    return Idempotency(own_key("after-visit", f"{visit.pk}:{treatment.pk}:{former}"), b"")
