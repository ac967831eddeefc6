"""The steps before the first working day: name, second factor, recovery codes kept, confidentiality agreed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest  # noqa: TID251 -- allauth's signal hands it over

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.staff.invitations import give_roles
from clinic.staff.models import Enrolment
from clinic.staff.people import lock_people

DEVICES = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class WrongCode(DomainError):
    """It is none of the person's recovery codes."""

    code = "wrong_code"


class StepMissing(DomainError):
    """A step before this one is not done."""

    code = "step_missing"


class Step(StrEnum):
    NAME = "name"
    FACTOR = "factor"
    CODES = "codes"
    AGREEMENT = "agreement"
    DONE = "done"


def next_step(user: User) -> Step:
    """The first step that is not done; two statements."""
    if not user.name:
        return Step.NAME
    if not has_device(user):
        return Step.FACTOR
    enrolment = Enrolment.objects.filter(user=user).first()
    if enrolment is None or enrolment.codes_kept_at is None:
        return Step.CODES
    return Step.DONE if enrolment.agreed_at else Step.AGREEMENT


def is_guarded(user: User) -> bool:
    """Whether a second factor is asked of them: marked as staff, or with rights in the CMS, which does not ask for that."""
    return user.is_staff or user.is_superuser or bool(user.group_names)


def has_device(user: User) -> bool:
    """Whether they have a passkey or an authenticator app; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=DEVICES).exists())


def recovery_codes(user: User) -> list[str]:
    """Give the unused recovery codes; the first call makes them."""
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def keep_codes(user: User, *, typed: str, now: datetime) -> None:
    """Note that the codes were kept: one of them was typed. It is not used up by this.

    Raises:
        StepMissing: there is no second factor yet.
        WrongCode: it is none of them.
    """
    if next_step(user) in {Step.NAME, Step.FACTOR}:
        raise StepMissing("Set up your passkey or app first.")
    digits = "".join(filter(str.isdigit, typed))
    if digits not in recovery_codes(user):
        raise WrongCode("This is none of the codes above. Type one as it is written there.")
    RecoveryCodes.activate(user).mark_as_viewed()
    Enrolment.objects.update_or_create(user=user, defaults={"codes_kept_at": now})


def agree(user: User, now: datetime) -> None:
    """Date the confidentiality agreement and end the enrolment: an invited person holds their roles from now on.

    Raises:
        StepMissing: a step before it is not done.
        InvitationOver: the invitation was withdrawn or ran out meanwhile.
    """
    with transaction.atomic():
        lock_people()  # before the person, as whoever changes their roles does: the other way round is a deadlock
        User.objects.select_for_update().get(pk=user.pk)
        if next_step(user) not in {Step.AGREEMENT, Step.DONE}:
            raise StepMissing("Do the steps before this one first.")
        give_roles(user, now)
        Enrolment.objects.filter(user=user, agreed_at=None).update(agreed_at=now)


@receiver(authenticator_added)
def _count_for_this_session(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Count a new passkey or app as used in this session: who has just proved to hold it is not asked for it at once."""
    if request is not None and authenticator.type in DEVICES:
        record_authentication(request, user, method="mfa", type=authenticator.type, id=authenticator.pk)
