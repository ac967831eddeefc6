"""Join an account to its patient's record by a claim: a proved address, the full name and the date of birth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from clinic.accounts.models import User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.core.errors import DomainError
from clinic.patients.joining import join
from clinic.patients.models import ClaimAttempt, Patient, PatientAccess, PatientQuerySet, folded

A_DAY = timedelta(days=1)
MOST_OF_ACCOUNT, MOST_FROM_ADDRESS = 5, 20
Outcome = ClaimAttempt.Outcome


class TooManyTries(DomainError):
    code = "too_many_tries"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who an account says that its patient is. `record` narrows it down to one, such as that of a visit they opened."""

    full_name: str
    date_of_birth: date
    record: int | None = None


def claim(said: Claim, *, user: User, address: str, now: datetime) -> PatientAccess | None:
    """Join the one record that fits; None where none or several do, or it is somebody else's: nobody learns which.

    `address` is where on the network the try comes from.

    Raises:
        TooManyTries: this account, or this address, has used up its tries of the last 24 hours.
    """
    digest = salted_hmac("claim", address, algorithm="sha256").digest()
    with transaction.atomic():
        _wait_for_turn(user, digest)
        if not _has_tries_left(user, digest, now):
            raise TooManyTries(
                "You have tried this as often as we allow in a day. Try again tomorrow, or ask the desk."
            )
        found = list(_fitting(said, user).select_for_update(no_key=True)[:2])
        access = _join(found[0], user, now) if len(found) == 1 else None
        outcome = Outcome.JOINED if access else Outcome.SEVERAL if len(found) > 1 else Outcome.NONE
        ClaimAttempt.objects.create(user=user, address_digest=digest, tried_at=now, outcome=outcome)
    return access


def _wait_for_turn(user: User, digest: bytes) -> None:
    """Lock the account, then the address: each has one try at a time, and no two tries deadlock."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _has_tries_left(user: User, digest: bytes, now: datetime) -> bool:
    tries = ClaimAttempt.objects.filter(tried_at__gt=now - A_DAY)
    of_account, from_address = tries.filter(user=user).count(), tries.filter(address_digest=digest).count()
    return of_account < MOST_OF_ACCOUNT and from_address < MOST_FROM_ADDRESS


def _fitting(said: Claim, user: User) -> PatientQuerySet:
    """Records of this name and birthday that carry one of their proved addresses and are nobody else's.

    Access that was ended comes back by the desk alone: whoever said "This wasn't me" is not to say it again each day. Nor
    is one account after the other to try it: what was disputed is nobody's until the desk has looked into it.
    """
    accesses = PatientAccess.objects.filter(patient=OuterRef("pk")).own()
    somebody_elses = accesses.filter(~Q(user=user), revoked_at=None)
    ended = accesses.filter(user=user, revoked_at__isnull=False)
    disputed = accesses.filter(notice__disputed_at__isnull=False, notice__settled_at=None)
    rows: PatientQuerySet = (
        Patient.objects.current()
        .alias(address=Lower("email"))
        .filter(
            ~Exists(somebody_elses),
            ~Exists(ended),
            ~Exists(disputed),
            name_key=folded(Value(said.full_name)),
            date_of_birth=said.date_of_birth,
            address__in=proved_addresses(user),
        )
        .order_by("pk")
    )
    return rows.filter(pk=said.record) if said.record else rows


def _join(patient: Patient, user: User, now: datetime) -> PatientAccess | None:
    known = PatientAccess.objects.filter(patient=patient, user=user).live(now).own().first()
    return known or join(patient, user.pk, source=PatientAccess.Source.CLAIM, now=now)
