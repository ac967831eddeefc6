"""The secrets of second factors, sealed: the seed of an authenticator app, and that of recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from clinic.core.sealing import keyring

ABOUT = "second factor"
SECRETS = ("secret", "seed")  # of allauth's rows; codes that came from elsewhere are a list beside them
LIST = "migrated_codes"


def seal(secret: str) -> str:
    return keyring.seal(secret, about=ABOUT)


def unseal(sealed: str) -> str:
    """Raises what `keyring.unseal` does."""
    return keyring.unseal(sealed, about=ABOUT)


class SecondFactors:
    """allauth's rows, as a place of sealed values."""

    name = "second factors"

    def key_names(self) -> set[str | None]:
        return {keyring.key_of(value) for data in _rows().values_list("data", flat=True) for value in secrets_in(data)}

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
    return [*(data[name] for name in SECRETS if name in data), *(data.get(LIST) or ())]


def with_secrets(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The same data with each secret changed."""
    changed: dict[str, Any] = {name: change(data[name]) for name in SECRETS if name in data}
    if data.get(LIST):
        changed[LIST] = [change(code) for code in data[LIST]]
    return data | changed


def _sealed_anew(value: str) -> str:
    return seal(unseal(value) if keyring.key_of(value) else value)


def _rows() -> Any:
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
