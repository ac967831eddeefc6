"""How far a visitor in a frame has come. No cookie reaches us there, so the pages hand it on themselves, signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.core import signing

from bookings.domain.refusals import SlotTaken
from bookings.forms.booking import ChosenTime
from bookings.models import Appointment, IdempotencyKey
from bookings.models.appointment import Status
from bookings.views.book import hold_time
from bookings.views.flow import Choice, Flow
from clinic.catalogue.models import Treatment
from clinic.core import clock

SALT = "bookings.embed.1"  # another number when the shape changes: older tokens then count as lost
LIVES = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is chosen, and what `Flow` keeps in the session of the pages that are not in a frame."""

    choice: Choice
    flow: Flow = field(default_factory=Flow)

    @classmethod
    def read(cls, token: str) -> Progress | None:
        """None where the token is forged, broken, or older than two hours."""
        try:
            said = signing.loads(token, salt=SALT, max_age=LIVES)
        except signing.BadSignature:
            return None
        born = said["date_of_birth"]
        flow = Flow(date.fromisoformat(born) if born else None, said["hold_id"], said["details"])
        return cls(Choice.read(said["choice"]), flow)

    @property
    def token(self) -> str:
        """Signed, not encrypted: it goes to nobody but the visitor whose answers it holds."""
        said = {
            "choice": self.choice.params,
            "date_of_birth": self.flow.date_of_birth.isoformat() if self.flow.date_of_birth else None,
            "hold_id": self.flow.hold_id,
            "details": self.flow.details,
        }
        return signing.dumps(said, salt=SALT, compress=True)

    @property
    def is_personal(self) -> bool:
        return bool(self.flow.date_of_birth or self.flow.details)


def hold_once(progress: Progress, treatment: Treatment, time: ChosenTime, token: str) -> Appointment:
    """`hold_time`, but a second tap on the same page's button gives the first tap's hold instead of "taken".

    Raises:
        TooYoung, SlotTaken, NotBookable: as for `hold_time`.
    """
    tap = f"{token}|{time.starts_at.isoformat()}|{time.practitioner}".encode()
    key, digest, now = f"embed:{sha256(tap).hexdigest()}", sha256(tap).digest(), clock.now()
    held = _held_by(key, now)
    if held:
        return held
    try:
        hold = hold_time(progress.flow, progress.choice, treatment, time)
    except SlotTaken:
        held = _held_by(key, now)  # both taps were on their way at once
        if held:
            return held
        raise
    known = {"body_digest": digest, "appointment": hold, "created_at": now}
    IdempotencyKey.objects.update_or_create(key=key, defaults=known)
    return hold


def _held_by(key: str, now: datetime) -> Appointment | None:
    known = IdempotencyKey.objects.filter(
        key=key, appointment__status=Status.HELD, appointment__hold_expires_at__gt=now
    ).first()
    return Appointment.objects.with_details().get(pk=known.appointment_id) if known else None
