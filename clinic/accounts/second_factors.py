"""The secrets of second factors, sealed: the seed of an authenticator app, and that of recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from clinic.core.sealing import keyring

ABOUT = "second factor"
SECRETS = ("secret", "seed")  # of allauth's rows
CODES = "migrated_codes"  # beside them: those that came from elsewhere
_SAMPLES = """
SELECT DISTINCT ON (split_part(value, '.', 2)) value
FROM mfa_authenticator, LATERAL (
    SELECT data->>'secret' UNION ALL SELECT data->>'seed' UNION ALL
    SELECT jsonb_array_elements_text(
        CASE jsonb_typeof(data->'migrated_codes') WHEN 'array' THEN data->'migrated_codes' ELSE '[]' END
    )
) AS found(value)
WHERE type <> 'webauthn' AND value IS NOT NULL"""


def seal(secret: str) -> str:
    return keyring.seal(secret, about=ABOUT)


def unseal(sealed: str) -> str:
    """Raises what `keyring.unseal` does."""
    return keyring.unseal(sealed, about=ABOUT)


class SecondFactors:
    """allauth's rows, as a place of sealed values."""

    name = "second factors"

    def samples(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_SAMPLES)
            return [(value, ABOUT) for (value,) in cursor.fetchall()]

    def seal_anew(self) -> int:
        """Row by row under its lock: a recovery code that is used meanwhile stays used."""
        changed = 0
        for pk in _rows().values_list("pk", flat=True):
            with transaction.atomic():
                row = Authenticator.objects.select_for_update().filter(pk=pk).first()
                if row and any(keyring.key_of(value) != keyring.newest_key() for value in secrets_in(row.data)):
                    row.data = with_secrets(row.data, _sealed_anew)
                    row.save(update_fields=["data"])
                    changed += 1
        return changed


def secrets_in(data: dict[str, Any]) -> list[str]:
    """The secrets in the data of a second factor; a passkey has none, its key is public."""
    return [*(data[name] for name in SECRETS if data.get(name)), *(data.get(CODES) or ())]


def with_secrets(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The same data with each secret changed."""
    changed: dict[str, Any] = {name: change(data[name]) for name in SECRETS if data.get(name)}
    if data.get(CODES):
        changed[CODES] = [change(code) for code in data[CODES]]
    return data | changed


def _sealed_anew(value: str) -> str:
    return seal(unseal(value) if keyring.key_of(value) else value)


def _rows() -> Any:
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
