"""Know a person again who was erased, without keeping who it was: keyed digests of their references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac

from clinic.accounts.models import User
from clinic.patients.models import Patient

SALT = "erasure"


def of(patients: Iterable[Patient], account: User | None) -> dict[str, str]:
    """The digests of an erasure's row, by the newest key. Of merged records the one that remained speaks for all."""
    remained = next((one for one in patients if one.merged_into_id is None), None)
    return {
        "patient_digest": _digest(name_of_patient(remained), settings.SECRET_KEY) if remained else "",
        "account_digest": _digest(name_of_account(account), settings.SECRET_KEY) if account else "",
    }


def all_of(name: str) -> Iterator[str]:
    """Its digest by each key that there is: the key may have been changed since."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield _digest(name, str(key))


def name_of_patient(patient: Patient) -> str:
    return f"patient:{patient.reference}"


def name_of_account(account: User) -> str:
    """With the moment of joining: after a restore a number may be given anew."""
    return f"account:{account.pk}:{account.date_joined.isoformat()}"


def _digest(name: str, key: str) -> str:
    return salted_hmac(SALT, name, secret=key, algorithm="sha256").hexdigest()
