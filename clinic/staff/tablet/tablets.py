"""Make the browser in an owner's hands a shared tablet for 90 days; end that again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinic.accounts.models import User
from clinic.staff.models import TABLET_LASTS, Tablet, TabletPin


def enrol(*, name: str, location: str, by: User, now: datetime) -> Tablet:
    return Tablet.objects.create(
        name=name, location=location, enrolled_by=by, enrolled_at=now, ends_at=now + TABLET_LASTS
    )


def revoke(pk: int, now: datetime) -> Tablet | None:
    """End a tablet: its PINs go, and whatever is open on it locks. None if it has ended already."""
    with transaction.atomic():
        tablet = Tablet.objects.live(now).select_for_update().filter(pk=pk).first()
        if tablet:
            tablet.revoked_at = now
            tablet.save(update_fields=["revoked_at"])
            TabletPin.objects.filter(tablet=tablet).delete()
    return tablet
