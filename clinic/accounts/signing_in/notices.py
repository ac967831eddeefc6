"""Tell somebody of a change to how they sign in, where allauth does not."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from clinic.accounts.models import User


def tell_of_recovery_code(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Mail that a recovery code opened the account, and how many are left."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # allauth marks the code as used in another copy of the row
        left = len(authenticator.wrap().get_unused_codes())
        get_adapter(request).send_notification_mail("mfa/email/recovery_code_used", user, {"left": left})
