"""Erase a person as far as the law allows, at once, and say what stays and until when (ADR 17)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, models, transaction

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.database import trail
from clinic.core.errors import DomainError
from clinic.core.formats import written_date
from clinic.core.personal import registry
from clinic.core.personal.emptying import emptied
from clinic.core.personal.vocabulary import OpenMatter, Person, Personal
from clinic.patients.models import Patient
from clinic.privacy import digests, letters
from clinic.privacy.deadlines import end_of_keeping
from clinic.privacy.models import DataCopy, DataRequest, ErasureLog, LimitedRecord

NOTED_WITHIN = timedelta(days=7)


class StillOpen(DomainError):
    """Something has to end first: `matters`."""

    code = "still_open"

    def __init__(self, matters: list[OpenMatter]) -> None:
        super().__init__(f"First cancel {', '.join(one.text for one in matters)}. Then we can delete your data.")
        self.matters = matters


class NobodyThere(DomainError):
    """There is nothing left of this person."""

    code = "nobody_there"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do now. `until` is None where nothing has to be kept."""

    goes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    until: date | None = None
    matters: list[OpenMatter] = field(default_factory=list)


def plan(person: Person, now: datetime) -> Plan:
    """Say what would go and what would stay."""
    until = _kept_until(person, now)
    goes: list[str] = []
    kept: list[str] = []
    for one in reversed(registry.personal()):
        if not one.is_listed or one.is_trail or not one.rows(person).exists():
            continue
        if until and not one.goes:
            kept.append(one.kept_as or one.title.lower())
        else:
            goes.append(one.title.lower())
    return Plan(goes, kept, until, [one for keeper in registry.keepers() for one in keeper.open_matters(person, now)])


def erase(person: Person, *, now: datetime, by: User | None, is_replay: bool = False) -> ErasureLog:
    """Erase in one transaction, tell the person, and note it beside the database for a restored backup.

    Raises:
        StillOpen: a visit is to come. NobodyThere: they were erased already.
    """
    with transaction.atomic():
        patients, account = _locked(person)
        if not patients and account is None:
            raise NobodyThere("This was deleted already.")
        planned = plan(person, now)
        if planned.matters:
            raise StillOpen(planned.matters)
        told = _whom_to_tell(patients, account)
        digest = digests.of(patients, account)
        requests = _open_requests(person, account, is_all=planned.until is None)
        copies = [copy.path for copy in DataCopy.objects.filter(account=person.account)]
        _change(replace(person, keeps_open=planned.until is not None), planned, now)
        log = ErasureLog.objects.create(
            **digest,
            registry_version=registry.version(),
            at=now,
            what=planned.goes,
            kept=planned.kept,
            until=planned.until,
        )
        _answer(requests, log, by, now)
        if person.account:
            trail.forget_who_did(person.account)
        if told and not is_replay:
            letters.tell_erased(told[0], name=told[1], gone=planned.goes, kept=planned.kept, until=planned.until)
        if not is_replay:
            transaction.on_commit(lambda: note_missing(now), robust=True)
        transaction.on_commit(lambda: _remove(copies))
    return log


def in_words(log: ErasureLog) -> str:
    gone = f"Deleted: {', '.join(log.what)}." if log.what else "Nothing was there to delete."
    if log.until is None:
        return f"{gone} Nothing is kept."
    return f"{gone} The treatment record is kept until {written_date(log.until)}, with limited access."


def _kept_until(person: Person, now: datetime) -> date | None:
    """The last day of keeping; None where there was no contact, or that day has passed."""
    contacts = [day for keeper in registry.keepers() if (day := keeper.last_contact(person))]
    until = end_of_keeping(max(contacts)) if contacts else None
    return until if until and until >= clock.today(now) else None


def _locked(person: Person) -> tuple[list[Patient], User | None]:
    """Two who ask at once wait for one another here; the second finds nobody."""
    accounts = User.objects.select_for_update().filter(is_staff=False)
    account = accounts.filter(pk=person.account).first() if person.account else None
    rows = Patient.objects.select_for_update().filter(pk__in=person.patients).order_by("pk")
    patients = [
        row for row in rows if account or not LimitedRecord.objects.filter(patient=row, until__isnull=False).exists()
    ]
    return patients, account


def _change(person: Person, planned: Plan, now: datetime) -> None:
    for keeper in registry.keepers():
        keeper.stop(person, now)
    for one in registry.personal():
        if trail.is_log(one.model):
            continue  # it stays: whose it was is a number that leads nowhere then
        if trail.is_added_to_only(one.model):
            _forget(one, person, is_all=planned.until is None or one.goes)
        elif planned.until is None or one.goes:
            _remove_rows(one, person)
        else:
            _blank_rows(one, person)
    if planned.until:
        for pk in person.patients:
            LimitedRecord.objects.update_or_create(patient_id=pk, defaults={"since": now, "until": planned.until})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _forget(one: Personal, person: Person, *, is_all: bool) -> None:
    """Have the database change what is added to only, in the one way that the registry says."""
    if not is_all and not emptied(one):
        return
    whole = "cut" if one.cut else "erase"
    trail.forget(one.model, one.rows(person).values_list("pk", flat=True), whole if is_all else "blank")


def _remove_rows(one: Personal, person: Person) -> None:
    rows = one.rows(person)
    if one.cut:
        _blank_rows(one, person)
        rows.update(**{one.cut: None})
    elif one.label == "accounts.User" or one.goes:
        rows.delete()
    else:
        rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))._raw_delete(rows.db)  # noqa: SLF001 -- every row that leads to these goes too, and the constraints are checked at the end


def _blank_rows(one: Personal, person: Person) -> None:
    if changes := emptied(one):
        keys = list(one.rows(person).values_list("pk", flat=True))
        one.model._base_manager.filter(pk__in=keys).update(**changes)  # noqa: SLF001


def _open_requests(person: Person, account: User | None, *, is_all: bool) -> list[int]:
    """Those that the erasure answers: all of them where nobody is left to whom anything else could be answered."""
    rows = DataRequest.objects.open()
    if not is_all:
        rows = rows.filter(kind=DataRequest.Kind.ERASE)
    theirs = models.Q(patient__in=person.patients)
    if account:
        theirs |= models.Q(account=account)
    return list(rows.filter(theirs).select_for_update(of=("self",)).values_list("pk", flat=True))


def _answer(requests: list[int], log: ErasureLog, by: User | None, now: datetime) -> None:
    """Those who do it by themselves have a request too: it is the proof that it was done."""
    answered = {
        "state": "answered",
        "answered_at": now,
        "acknowledged_at": now,
        "handled_by": by,
        "outcome": in_words(log),
    }
    DataRequest.objects.filter(pk__in=requests).update(**answered)


def _whom_to_tell(patients: Iterable[Patient], account: User | None) -> tuple[str, str] | None:
    if account:
        return account.email, letters.name_of(patients, account)
    return next(((one.email, letters.name_of([one], None)) for one in patients if one.email), None)


def note_missing(now: datetime) -> int:
    """Write down beside the database what is not there yet; gives how many. A line twice does no harm.

    Only what was committed is written down: a line too many would have a restore delete somebody who was never deleted.
    Whoever is killed between the two leaves it to the loop.
    """
    path = Path(settings.ERASURES_FILE)
    logs = [_line(log) for log in ErasureLog.objects.filter(at__gt=now - NOTED_WITHIN).order_by("at", "pk")]
    known = set(path.read_text(encoding="utf-8").splitlines()) if logs and path.exists() else set()
    missing = [line for line in logs if line not in known]
    if missing:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in missing))
            file.flush()
            os.fsync(file.fileno())
    return len(missing)


def _line(log: ErasureLog) -> str:
    return json.dumps(
        {
            "at": log.at.isoformat(),
            "patient": log.patient_digest,
            "account": log.account_digest,
            "version": log.registry_version,
        }
    )


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
