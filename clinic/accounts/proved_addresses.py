from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models.functions import Lower

from clinic.accounts.models import User


def proved_addresses(user: User) -> frozenset[str]:
    """The email addresses that this account has shown to be theirs, in small letters. They prove a mailbox, no person."""
    proved = EmailAddress.objects.filter(user=user, verified=True)
    return frozenset(proved.values_list(Lower("email"), flat=True))
