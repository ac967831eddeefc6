"""The accounts that sign in to a record, as the desk sees and ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bookings.messages.planning.records import access_notices
from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.patients.joining import join
from clinic.patients.models import AccessInvitation, JoinNotice, Patient, PatientAccess


class NotGivenBack(DomainError):
    code = "not_given_back"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accesses of a record: those that open it, those that do not any more, the latest first, and who was invited."""

    live: list[PatientAccess]
    ended: list[PatientAccess]
    invited: list[AccessInvitation]

    @property
    def to_check(self) -> list[PatientAccess]:
        """Those that a patient says they do not know, until someone has looked into it."""
        told = [access for access in (*self.live, *self.ended) if hasattr(access, "notice")]
        return [access for access in told if access.notice.needs_look]


def accounts_of(patient: Patient, now: datetime) -> Accounts:
    rows = list(PatientAccess.objects.filter(patient=patient).select_related("user", "revoked_by", "notice"))
    live = [access for access in rows if access.is_live(now)]
    invited = AccessInvitation.objects.pending().filter(patient=patient, expires_at__gt=now).order_by("invited_at")
    return Accounts(live, [access for access in reversed(rows) if access not in live], list(invited))


@transaction.atomic
def give_back(access: PatientAccess, now: datetime) -> PatientAccess:
    """Let an account open the record again after its access was ended, and tell the record's address as of a claim.

    Raises:
        NotGivenBack: it is someone who helps, or the record or the account belongs to another by now.
    """
    if access.kind != PatientAccess.Kind.SELF:
        raise NotGivenBack("Access of someone who helps is not given back: it is given anew, with its evidence.")
    given = join(access.patient, access.user_id, source=PatientAccess.Source.STAFF, now=now)
    if given is None:
        raise NotGivenBack("This record has another account by now, or the account another record.")
    access_notices.plan_joined(given, now)
    return given


def settle(access: PatientAccess, *, by: User, now: datetime) -> None:
    """Mark what a patient disputed as dealt with. Twice keeps the first."""
    disputed = JoinNotice.objects.filter(access=access, disputed_at__isnull=False, settled_at=None)
    disputed.update(settled_at=now, settled_by=by)
