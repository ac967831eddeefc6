"""Make the copies of data that were asked for, in the background, and delete them after 72 hours.

A worker that is killed leaves a lease that passes and a file that nobody was told of; the next one begins anew.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from clinic.accounts.models import User
from clinic.core.errors import DomainError, broken_constraint
from clinic.core.sealing.files import SealedWriter
from clinic.patients.models import Patient
from clinic.privacy import archive, erasure, letters, requests
from clinic.privacy.models import DataCopy, DataRequest
from clinic.privacy.models.copy import GOOD_FOR
from clinic.privacy.people import own_account, person_of

logger = logging.getLogger(__name__)
ABOUT = "copy of data"
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
MOST_A_DAY = 5
State = DataCopy.State


class TooManyCopies(DomainError):
    """Enough for a day."""

    code = "too_many_copies"


def ask(*, account: User, patient: Patient | None, now: datetime) -> DataCopy:
    """Have a copy made, and tell the account's address. Asked twice while it is made is once.

    Raises:
        TooManyCopies: five were asked for within a day.
    """
    if DataCopy.objects.filter(account=account, asked_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooManyCopies("You have had enough copies made for today. The latest is below, or call us.")
    try:
        with transaction.atomic():
            copy = DataCopy.objects.create(account=account, patient=patient, asked_at=now)
            letters.tell_copy_asked(copy)
    except IntegrityError as error:
        if broken_constraint(error) != "one_copy_is_made_at_a_time":
            raise
        return DataCopy.objects.filter(account=account).latest("asked_at")
    return copy


def look(now: datetime) -> dict[str, int]:
    """Delete what has run out, note deletions that a killed process has not, then make what was asked for."""
    found = Counter(deleted=forget_old(now), noted=erasure.note_missing(now))
    while copy := _claim(now):
        found[_make(copy, now)] += 1
    return dict(+found)


def forget_old(now: datetime) -> int:
    """Delete files after their time, and what killed workers left behind."""
    gone = list(DataCopy.objects.filter(state=State.READY, expires_at__lte=now))
    for copy in gone:
        copy.path.unlink(missing_ok=True)
    DataCopy.objects.filter(pk__in=[copy.pk for copy in gone]).update(state=State.GONE)
    _sweep(Path(settings.COPIES_DIR), now)
    return len(gone)


def _sweep(directory: Path, now: datetime) -> None:
    """Delete what no row speaks of: half a file, or one whose person was erased while its worker was killed."""
    spoken_of = DataCopy.objects.filter(state__in=(State.ASKED, State.READY))
    known = {copy.path.name for copy in spoken_of.only("reference")}
    for file in directory.glob("*"):
        try:
            is_old = file.stat().st_mtime < (now - 2 * LEASE).timestamp()
        except FileNotFoundError:  # another worker was here
            continue
        if is_old and file.name not in known:
            file.unlink(missing_ok=True)


def _claim(now: datetime) -> DataCopy | None:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic():
        rows = DataCopy.objects.filter(free, state=State.ASKED).order_by("asked_at", "pk")
        copy = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if copy is None:
            return None
        if copy.attempts >= MOST_ATTEMPTS:
            copy.state = State.FAILED
        copy.attempts += 1
        copy.lease_until = now + LEASE
        copy.save(update_fields=["state", "attempts", "lease_until"])
    return copy if copy.state == State.ASKED else None


def is_theirs(copy: DataCopy) -> bool:
    """Whether the account opens the record of the copy still: it may have been "This wasn't me" meanwhile."""
    if copy.patient is None:
        return True
    return own_account(copy.patient) == copy.account


def _make(copy: DataCopy, now: datetime) -> str:
    if not is_theirs(copy):
        DataCopy.objects.filter(pk=copy.pk).update(state=State.GONE)
        return "given up"
    try:
        unfinished, held = _write(copy, now)
    except Exception:  # the next copy is somebody else's, and this one is tried again
        logger.exception("A copy of data could not be made: %s", copy.reference)
        return "failed"
    try:
        return _hand_over(copy, unfinished, held, now)
    finally:
        unfinished.unlink(missing_ok=True)


def _hand_over(copy: DataCopy, unfinished: Path, held: int, now: datetime) -> str:
    """Give the file its name while the row is ours: nobody erased it, and no later worker has taken it on."""
    with transaction.atomic():
        mine = DataCopy.objects.filter(pk=copy.pk, state=State.ASKED, lease_until=copy.lease_until)
        copy.ready_at, copy.expires_at = now, now + GOOD_FOR
        if not mine.update(state=State.READY, ready_at=now, expires_at=copy.expires_at, held_back=held):
            return "given up"
        if held:
            words = "Some of what we hold may name other people. Please look through it, and send the rest."
            requests.ask(DataRequest.Kind.ACCESS, account=copy.account, patient=copy.patient, words=words, now=now)
        letters.tell_copy(copy)
        unfinished.replace(copy.path)
    return "made"


def _write(copy: DataCopy, now: datetime) -> tuple[Path, int]:
    copy.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = copy.path.with_suffix(f".{secrets.token_hex(8)}.part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        sealed = SealedWriter(file, about=ABOUT)
        held = archive.write(sealed, person_of(patient=copy.patient, account=copy.account), now)  # type: ignore[arg-type]
        sealed.finish()
    return unfinished, held
