"""Let those wait for anyone who wished for somebody who leaves; with other names beside, for those."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.template.defaultfilters import pluralize

from bookings.waiting_list.models import WaitingEntry
from clinic.accounts.models import User
from clinic.staff.leaving import OpenDuty


class Wishes:
    """A wish is no work that has to be handed over. A time that was offered is a hold in the diary, which is."""

    def open_of(self, user: User, now: datetime) -> Sequence[OpenDuty]:
        return []

    def lock(self, user: User) -> None:
        """Do nothing: the diary's lock, which is taken first, keeps offers of their times waiting."""

    def end(self, user: User, now: datetime) -> Sequence[str]:
        named = WaitingEntry.practitioners.through.objects.filter(
            practitioner__user=user, waitingentry__state=WaitingEntry.State.WAITING
        )
        count, _ = named.delete()
        return [f"Taken out of {count} wish{pluralize(count, 'es')} on the waiting list."] if count else []
