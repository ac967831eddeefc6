"""Letters to staff, put in the outbox with the change that they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from clinic.accounts.models import User
from clinic.accounts.signing_in import letters
from clinic.core.sealing.secret_links import WithLink
from clinic.staff.models import Invitation, PlannedLeave, Recovery


def send_invitation(invitation: Invitation) -> None:
    context = {"invitation": invitation, "link": link_of(invitation), "roles": invitation.role_names}
    _send("staff/email/invitation", [invitation.email], context)


def send_recovery(recovery: Recovery) -> None:
    context = {"recovery": recovery, "link": link_of(recovery)}
    _send("staff/email/recovery", [recovery.user.email], context)


def tell_owners_of_recovery(recovery: Recovery, owners: Iterable[User]) -> None:
    _send("staff/email/recovery_told", [owner.email for owner in owners], {"recovery": recovery})


def tell_leaver(user: User) -> None:
    _send("staff/email/left", [user.email], {"person": user})


def tell_owners_of_planned_leave(
    planned: PlannedLeave, still_theirs: Sequence[str], owners: Iterable[User], *, why: str
) -> None:
    """Say what is still theirs; `why` if the moment has come."""
    person = urljoin(settings.SITE_URL + "/", reverse("staff:person", args=[planned.user_id]))
    context = {"planned": planned, "still_theirs": still_theirs, "why": why, "person": person}
    _send("staff/email/planned_leave", [owner.email for owner in owners], context)


def link_of(row: WithLink) -> str:
    """The address in the letter, with its secret."""
    kind = "recovery" if isinstance(row, Recovery) else "invitation"
    return urljoin(settings.SITE_URL + "/", reverse(f"staff:{kind}", args=[row.link_token]))


def _send(template: str, addresses: Iterable[str], context: dict[str, object]) -> None:
    for address in addresses:
        letters.send(template, address, context)
