"""Erase once more whom a restored backup has brought back, by the file that is kept beside the backups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.formats import written_date
from clinic.core.personal.vocabulary import Person
from clinic.patients.models import Patient
from clinic.privacy import digests, erasure
from clinic.privacy.models import ErasureLog
from clinic.privacy.people import person_of


@dataclass(slots=True)
class Replayed:
    """How many were erased again, how many are gone or were logged already, and whom somebody has to look at."""

    erased: int = 0
    gone: int = 0
    refused: list[str] = field(default_factory=list)


def replay(lines: Iterable[str]) -> Replayed:
    """Go through the file line by line; each erasure is a transaction of its own, and a second run finds nothing."""
    done = Replayed()
    to_do = [line for line in map(_read, lines) if line and not _is_logged(line)]
    if not to_do:
        return done
    patients = {digest: patient for patient in Patient.objects.current() for digest in _digests_of(patient)}
    accounts = {digest: user for user in User.objects.filter(is_staff=False) for digest in _digests_of(user)}
    for line in to_do:
        patient, account = patients.get(line["patient"]), accounts.get(line["account"])
        if patient is None and account is None:
            done.gone += 1
            continue
        _erase(person_of(patient=patient, account=account), line, done)
    return done


def _erase(person: Person, line: dict[str, str], done: Replayed) -> None:
    at = datetime.fromisoformat(line["at"])
    try:
        erasure.erase(person, now=at, by=None, is_replay=True)
    except erasure.NobodyThere:
        done.gone += 1
    except erasure.StillOpen as refusal:
        done.refused.append(f"Erased on {written_date(clock.today(at))}: {refusal}")
    else:
        done.erased += 1


def _read(line: str) -> dict[str, str] | None:
    found: dict[str, str] | None = json.loads(line) if line.strip() else None
    return found


def _is_logged(line: dict[str, str]) -> bool:
    return ErasureLog.objects.filter(
        at=line["at"], patient_digest=line["patient"], account_digest=line["account"]
    ).exists()


def _digests_of(one: Patient | User) -> Iterator[str]:
    name = digests.name_of_patient(one) if isinstance(one, Patient) else digests.name_of_account(one)
    return digests.all_of(name)
