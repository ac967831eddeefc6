"""What editors have scheduled: published and taken down at its hour, and staff told of a text that may not go out."""

from __future__ import annotations

from datetime import datetime, timedelta

from wagtail.models import Revision

from bookings.messages.models import Message
from clinic.accounts.models import User
from clinic.advertising import schedule
from clinic.core.models import ClinicSettings
from clinic.staff.people import owners

_TEXT = "text:"
WORTH_TELLING = timedelta(days=7)


def publish_due(now: datetime) -> dict[str, int]:
    """Publish and take down what is due; gives how many of each."""
    return schedule.run_due(now, lambda revision, why: tell_of(revision, why, now)).counts


def tell_of(revision: Revision, why: str, now: datetime) -> list[Message]:
    """Tell whoever scheduled this text, and the owners, that it was not published: `schedule.REFUSED` or `FAILED`."""
    rows = [
        Message(
            key=f"{_TEXT}{revision.pk}:{why}:{address}"[:120],
            kind=Message.Kind.STAFF_NOTICE,
            channel=Message.Channel.EMAIL,
            recipient=address,
            due_at=now,
            expires_at=now + WORTH_TELLING,
        )
        for address in sorted(_addresses(revision))
    ]
    return Message.objects.bulk_create(rows, ignore_conflicts=True)


def is_of_text(notice: Message) -> bool:
    """Whether it tells of a scheduled text that was not published."""
    return notice.key.startswith(_TEXT)


def text_of(notice: Message) -> Revision | None:
    """The text it tells of, as it was scheduled; none once it is deleted."""
    return Revision.objects.filter(pk=int(notice.key.split(":")[1])).first()


def was_refused(notice: Message) -> bool:
    """Whether the text says what may not be advertised; else it could not be published for another reason."""
    return notice.key.split(":")[2] == schedule.REFUSED


def _addresses(revision: Revision) -> set[str]:
    writer = User.objects.filter(is_active=True, is_staff=True, pk=revision.user_id)
    told = {user.email.lower() for user in (*owners(), *writer)}
    return told or {address for address in [ClinicSettings.load().email] if address}
