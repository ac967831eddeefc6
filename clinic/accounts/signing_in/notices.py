"""Tell somebody of a change to their account, with a link that says "This wasn't me"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from clinic.accounts.models import NOTICE_LASTS, AccountNotice, User
from clinic.accounts.signing_in import letters
from clinic.core.web.flash import leave_notice

CODE_USED = "You used a recovery code; {left} left. Is your phone lost? Set up another passkey: Clinic, Security."


def tell(user: User, template: str, context: dict[str, Any], *, to: str, now: datetime) -> AccountNotice:
    """Post the letter to one address; the link in it (`not_me`) is of that letter alone.

    The page behind it is named by its path, as this layer knows no bookings.
    """
    notice = AccountNotice(user=user, email=to, sent_at=now)
    notice.seal_link()
    link = f"{settings.SITE_URL}/not-me/{notice.link_token}/"
    notice.what = letters.send(template, to, {"timestamp": now, **context, "not_me": link})
    notice.save()
    return notice


def tell_of_recovery_code(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Mail that a recovery code opened the account, and how many are left; say to staff what to do next."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # allauth marks the code as used in another copy of the row
        left = len(authenticator.wrap().get_unused_codes())
        get_adapter(request).send_notification_mail("mfa/email/recovery_code_used", user, {"left": left})
        if user.is_staff:
            leave_notice(request, CODE_USED.format(left=left))


def forget_old(now: datetime) -> int:
    """Delete what nobody disputed while its link was good, and what was dealt with that long ago."""
    old = AccountNotice.objects.filter(sent_at__lte=now - NOTICE_LASTS)
    settled = old.filter(settled_at__lte=now - NOTICE_LASTS)
    return int(old.filter(disputed_at=None).delete()[0] + settled.delete()[0])
