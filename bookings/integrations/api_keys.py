"""Keys of staff integrations: made, used, revoked. The secret leaves this module once and is kept nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q

from bookings.integrations.models import ApiKey
from clinic.accounts.models import User

SECRET_BEGINS = "jck_"  # noqa: S105 -- lets secret scanners and people tell what it is
SHOWN = 12
NOTED_EVERY = timedelta(minutes=1)


def make_key(*, name: str, scopes: Iterable[str], by: User | None, now: datetime) -> tuple[ApiKey, str]:
    """A new key, and its secret of 256 bits, which nobody can be shown again."""
    secret = SECRET_BEGINS + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:SHOWN],
        digest=sha256(secret.encode()).digest(),
        scopes=sorted(set(scopes)),
        created_by=by,
        created_at=now,
    )
    return key, secret


def find_key(secret: str, now: datetime) -> ApiKey | None:
    """The key that may be used with this secret. Found by digest, so no comparison takes longer for a near miss."""
    key = ApiKey.objects.valid(secret).first()
    if key:
        _note_use(key, now)
    return key


def revoke(key: ApiKey, now: datetime) -> None:
    """From now on the key opens nothing. Idempotent."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)


def _note_use(key: ApiKey, now: datetime) -> None:
    """At most once a minute, or each call would write."""
    is_old = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY:
        ApiKey.objects.filter(is_old, pk=key.pk).update(last_used_at=now)
