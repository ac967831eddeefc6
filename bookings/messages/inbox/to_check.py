"""What failed or may not have arrived, until someone of the clinic marks it as dealt with, having telephoned, for example."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages.models import Message
from clinic.accounts.models import AccountNotice, User
from clinic.core.errors import DomainError


class NothingToSettle(DomainError):
    code = "nothing_to_settle"


def settle(message: Message, by: User, now: datetime) -> None:
    """Take it off the list, as dealt with by `by`. Twice keeps the first; the audit trail keeps every time.

    Raises:
        NothingToSettle: it went out, is still to go, or is not needed any more.
    """
    rows = Message.objects.filter(pk=message.pk)
    if rows.to_check().update(settled_at=now, settled_by=by):
        return
    if not rows.exclude(settled_at=None).exists():
        raise NothingToSettle("There is nothing to deal with: this message is not one to check.")


def settle_account(notice: AccountNotice, by: User, now: datetime, *, reopen: bool) -> None:
    """Mark what somebody disputed about an account as dealt with. Twice keeps the first.

    `reopen` lets an account that it closed sign in again; one of staff is reset by an owner instead.
    """
    with transaction.atomic():
        rows = AccountNotice.objects.filter(pk=notice.pk, disputed_at__isnull=False, settled_at=None)
        if rows.update(settled_at=now, settled_by=by) and reopen and notice.closed_account:
            User.objects.filter(pk=notice.user_id, is_staff=False).update(is_active=True)
            before = AccountNotice.objects.filter(user=notice.user_id, disputed_at=None, sent_at__lte=now)
            before.delete()  # whoever took the account over may have been told too, and is not to close it again


def put_back(message: Message) -> None:
    """Put it on the list again. Idempotent."""
    Message.objects.filter(pk=message.pk).exclude(settled_at=None).update(settled_at=None, settled_by=None)
