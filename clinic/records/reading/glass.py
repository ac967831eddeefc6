"""Open a record for a reason: granted for half an hour, told to the owners at once, looked into by somebody else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.records.reading.models import BreakGlass, BreakGlassReview
from clinic.records.reading.models.glass import LASTS, LEAST_REASON


class ReasonNeeded(DomainError):
    code = "reason_needed"


class NotYourOwn(DomainError):
    """Nobody looks into what they did themselves, unless there is nobody else."""

    code = "not_your_own"


def break_glass(*, patient: Patient, user: User, reason: str, token: UUID, now: datetime) -> BreakGlass:
    """Let `user` open this record for half an hour; the same form sent twice is one opening.

    Raises:
        ReasonNeeded: it says too little.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonNeeded(f"Say in {LEAST_REASON} letters or more why you have to open this record.")
    try:
        with transaction.atomic():
            return BreakGlass.objects.create(
                patient=patient, user=user, reason=reason.strip(), token=token, at=now, until=now + LASTS
            )
    except IntegrityError:
        return BreakGlass.objects.get(token=token, user=user)


def review(
    *, grant: BreakGlass, by: User, was_right: bool, finding: str, is_alone: bool, now: datetime
) -> BreakGlassReview:
    """Note that somebody looked into an opening. `is_alone` where no other owner could.

    Raises:
        NotYourOwn: it was theirs. ReasonNeeded: what was wrong is not said.
    """
    if grant.user_id == by.pk and not is_alone:
        raise NotYourOwn("Somebody else has to look into this.")
    if not was_right and not finding.strip():
        raise ReasonNeeded("Say what was wrong with it.")
    try:
        with transaction.atomic():
            return BreakGlassReview.objects.create(
                grant=grant, by=by, at=now, was_right=was_right, finding=finding.strip()
            )
    except IntegrityError:
        return BreakGlassReview.objects.get(grant=grant)
