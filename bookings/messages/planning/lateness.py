"""What patients are told while the clinic runs late: about when their visit starts. Only when staff ask for it.

`expires_at` says which time such a message tells of, as for every message about a coming visit.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from bookings.messages.models import Message
from bookings.messages.planning.rows import row_of
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.patients.models import Patient

State, Channel = Message.State, Message.Channel
HELD = timedelta(minutes=1)  # time in which an undo costs nothing: three minutes would make late news later
SAME = timedelta(minutes=5)  # a time that differs by less from the one told needs no second message


def last_told() -> Subquery:
    """About when each visit starts by what its patient was last told, or is to be told; as an expression."""
    told = Message.objects.filter(
        appointment=OuterRef("pk"),
        kind=Message.Kind.LATE,
        state__in=(State.PLANNED, State.LEASED, State.SENT, State.UNKNOWN),
    )
    return Subquery(told.order_by("-created_at").values("expires_at")[:1])


def is_told(visit: Appointment, about: datetime) -> bool:
    """Whether the patient knows of about this time; `visit` was read with `last_told` as `told_about`."""
    told: datetime | None = getattr(visit, "told_about", None)
    return told is not None and abs(told - about) < SAME


def way_to_tell(patient: Patient) -> str:
    """The one channel that such news goes by: a text where the patient takes texts, since minutes count."""
    ways = patient.told_by
    return Channel.SMS if Channel.SMS in ways else next(iter(ways), "")


def late_row(visit: Appointment, about: datetime, now: datetime) -> Message | None:
    """The message to the patient of this visit, not yet written down; None where no channel reaches them."""
    channel = way_to_tell(visit.patient) if visit.patient else ""
    if not channel or about <= now + HELD:
        return None
    row = row_of(visit, Message.Kind.LATE, channel, f"late-{clock.local(about):%H%M}", now + HELD, expires_at=about)
    row.key = f"{row.key}:{row.pk.hex[:8]}"  # undone, it may be sent again
    return row
