"""Make the demo's five accounts: one for each role, and a patient's."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from clinic.accounts.models import User
from clinic.accounts.rights import Role

PASSWORD = "demo-clinic"  # noqa: S105 -- the README prints it
ACCOUNTS: tuple[tuple[str, str, Role | None], ...] = (
    ("owner@example.com", "Demo Owner", Role.OWNER),
    ("nurse@example.com", "Nurse Marina", Role.PRACTITIONER),
    ("desk@example.com", "Demo Desk", Role.DESK),
    ("editor@example.com", "Demo Editor", Role.EDITOR),
    ("patient@example.com", "Demo Patient Willow", None),
)


def load(now: datetime) -> None:
    """Make the roles, and each account that is missing, with its address proved so that it works at once."""
    roles = {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}
    for email, name, role in ACCOUNTS:
        if User.objects.filter(email__iexact=email).exists():
            continue
        user = User.objects.create_user(email, PASSWORD, name=name, is_staff=role is not None, date_joined=now)
        if role is not None:
            user.groups.add(roles[role])
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
